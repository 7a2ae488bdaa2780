//! Texts to try a store with.

use std::time::Duration;

use callgate_types::Digest;

use super::super::broken::{Finding, told};
use super::super::chain::TEXTS;
use crate::Durability;
use crate::texts::{ClearText, MAX_TEXTS, Salt, StoredText, TextError, TextStore, string_text};

/// Long enough for a store that is slow.
const DEADLINE: Duration = Duration::from_secs(30);

/// A text that can be told from others, and its salt.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    salt: [u8; 32],
    text: String,
}

impl Sample {
    /// The same for the same `number`.
    pub(super) fn new(number: u64) -> Self {
        Self::of(number, string_text(&format!("text number {number}")))
    }

    pub(super) fn of(number: u64, text: String) -> Self {
        let salt = *Digest::of(format!("salt {number}").as_bytes()).as_bytes();
        Self { salt, text }
    }

    /// Samples with these numbers.
    pub(super) fn some(numbers: impl IntoIterator<Item = u64>) -> Vec<Self> {
        numbers.into_iter().map(Self::new).collect()
    }

    /// Texts that a store may change unasked, each with what it is about.
    pub(super) fn odd() -> Vec<(&'static str, Self)> {
        let strings = TEXTS
            .iter()
            .map(|(what, text)| (*what, format!("\"{text}\"")));
        let others = [
            ("nothing at all", String::new()),
            (
                "an object",
                r#"{"b":1.0,"a":[null,true],"a ":-0e5}"#.to_owned(),
            ),
            ("a number", "1e-400".to_owned()),
            ("a backslash at the end", r#""\\""#.to_owned()),
        ];
        let all = strings.chain(others).zip(1000..);
        all.map(|((what, text), number)| (what, Self::of(number, text)))
            .collect()
    }

    /// The longest text there is.
    pub(super) fn longest(number: u64) -> Self {
        let room = ClearText::MAX_BYTES.saturating_sub(2);
        let start = number.to_string();
        let rest = "x".repeat(room.saturating_sub(start.len()));
        Self::of(number, format!("\"{start}{rest}\""))
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) const fn salt(&self) -> &[u8; 32] {
        &self.salt
    }

    pub(super) fn commitment(&self) -> Digest {
        Salt::from_bytes(self.salt).commit_to(&self.text)
    }

    fn clear(&self) -> Result<ClearText<'_>, Finding> {
        let clear = ClearText::new(Salt::from_bytes(self.salt), &self.text);
        clear.ok_or_else(|| Finding::new("making a text", "a text of the kit", "none"))
    }
}

pub(super) fn put_as(
    store: &impl TextStore,
    samples: &[Sample],
    durability: Durability,
) -> Result<Result<(), TextError>, Finding> {
    let clear: Result<Vec<_>, Finding> = samples.iter().map(Sample::clear).collect();
    Ok(store.put(&clear?, durability, DEADLINE))
}

pub(super) fn put(when: &str, store: &impl TextStore, samples: &[Sample]) -> Result<(), Finding> {
    for few in samples.chunks(MAX_TEXTS) {
        no_error(when, put_as(store, few, Durability::Durable)?)?;
    }
    Ok(())
}

pub(super) fn erase(when: &str, store: &impl TextStore, samples: &[Sample]) -> Result<(), Finding> {
    for few in samples.chunks(MAX_TEXTS) {
        let commitments: Vec<Digest> = few.iter().map(Sample::commitment).collect();
        no_error(when, store.erase(&commitments))?;
    }
    Ok(())
}

/// What a call should not have failed with.
pub(super) fn no_error<T>(when: &str, result: Result<T, TextError>) -> Result<T, Finding> {
    result.map_err(|error| Finding::new(when, "success", told(&error)))
}

/// The store must have this very text.
pub(super) fn expect_found(
    when: &str,
    store: &impl TextStore,
    sample: &Sample,
) -> Result<(), Finding> {
    let expected = || format!("the {} bytes that were put", sample.text.len());
    let found: Option<StoredText> = no_error(when, store.find(sample.commitment()))?;
    let Some(found) = found else {
        return Err(Finding::new(when, expected(), "nothing"));
    };
    if found.text() != sample.text {
        let differs = found.text().bytes().zip(sample.text.bytes());
        let at = differs.take_while(|(found, put)| found == put).count();
        let found = format!("{} bytes that differ from byte {at} on", found.text().len());
        return Err(Finding::new(when, expected(), found));
    }
    if found.matches(sample.commitment()) {
        return Ok(());
    }
    Err(Finding::new(when, "the salt that was put", "another one"))
}

pub(super) fn expect_none(
    when: &str,
    store: &impl TextStore,
    sample: &Sample,
) -> Result<(), Finding> {
    match no_error(when, store.find(sample.commitment()))? {
        None => Ok(()),
        Some(_) => Err(Finding::new(when, "nothing", "a text")),
    }
}

/// The store must have these texts, and no others.
pub(super) fn expect_all(
    when: &str,
    store: &impl TextStore,
    samples: &[Sample],
) -> Result<(), Finding> {
    for sample in samples {
        expect_found(when, store, sample)?;
    }
    let mut expected: Vec<Digest> = samples.iter().map(Sample::commitment).collect();
    expected.sort_unstable();
    let mut listed: Vec<Digest> = Vec::new();
    loop {
        let few = no_error(when, store.list(listed.last().copied(), 100))?;
        // One that begins anew each time would never end.
        if few.is_empty() || listed.len() > expected.len() {
            break;
        }
        listed.extend(few);
    }
    if listed == expected {
        return Ok(());
    }
    let texts = |all: &[Digest]| format!("a list of {} texts", all.len());
    let found = if listed.len() == expected.len() {
        "a list of others".to_owned()
    } else {
        texts(&listed)
    };
    Err(Finding::new(when, texts(&expected), found))
}
