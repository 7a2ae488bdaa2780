//! Which calls may run, and of which the log says what became.

use std::collections::BTreeMap;

use crate::read::ValueView;
use crate::{chain, json};

/// What a record says about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// The call decided in this record may run.
    Runs(u64),
    /// The call decided in that record has ended, or was not begun.
    Ended(u64),
}

/// What record `seq` says, of which `rest` is what follows `durable`.
pub(super) fn of(kind: &[u8], seq: u64, rest: &[u8]) -> Option<Call> {
    match kind {
        b"decision" => runs(rest).then_some(Call::Runs(seq)),
        b"outcome" | b"not_begun" | b"abandoned" => {
            let of = json::member(rest, b"decision_seq")?;
            chain::number(of).map(Call::Ended)
        }
        _ => None,
    }
}

/// Whether a decision lets its call run: an allow does, and one that is only observed.
fn runs(rest: &[u8]) -> bool {
    const ALLOW: &[u8] = b"\"allow\"";
    let Some(decision) = json::member(rest, b"decision") else {
        return false;
    };
    let is = |word: &str| {
        let text = str::from_utf8(decision).ok().map(ValueView::new);
        text.and_then(ValueView::as_text)
            .is_some_and(|text| text == word)
    };
    if decision == ALLOW || is("allow") {
        return true;
    }
    let observed = json::member(rest, b"observed");
    observed == Some(b"true") && (is("ask") || is("deny"))
}

/// Calls that may run, and of which no record says yet what became.
///
/// A bit for each, in words for 64 records; words without a bit are not kept. So it takes at most
/// some 25 bytes for 64 records, however many calls were left.
#[derive(Debug, Default)]
pub(super) struct Calls {
    words: BTreeMap<u64, u64>,
}

impl Calls {
    pub(super) fn note(&mut self, call: Call) {
        match call {
            Call::Runs(seq) => {
                let word = self.words.entry(seq / 64).or_default();
                *word |= bit(seq);
            }
            Call::Ended(seq) => {
                if let Some(word) = self.words.get_mut(&(seq / 64)) {
                    *word &= !bit(seq);
                    if *word == 0 {
                        self.words.remove(&(seq / 64));
                    }
                }
            }
        }
    }

    pub(super) fn count(&self) -> u64 {
        let ones = self.words.values().map(|word| u64::from(word.count_ones()));
        ones.fold(0, u64::saturating_add)
    }
}

const fn bit(seq: u64) -> u64 {
    1_u64.rotate_left((seq % 64) as u32)
}
