//! One record, as it stands in its line.

use std::borrow::Cow;

use callgate_types::{DecisionKind, Digest};
use chrono::{DateTime, NaiveDateTime, Utc};

use super::{KeptView, NameView, PrincipalView, ValueView};
use crate::{LineFault, line};

/// A record that was read: where it stands, what kind it is, and its fields.
///
/// # Examples
///
/// ```
/// use callgate_audit::read::RecordView;
///
/// let zeros = "0".repeat(64);
/// let line = format!(
///     r#"{{"v":1,"kind":"gap","time":"2026-11-20T12:00:00.000000Z","durable":0,"lost":3,"seq":0,"prev":"{zeros}"}}"#
/// );
/// let record = RecordView::parse(line.as_bytes())?;
/// assert_eq!((record.kind(), record.seq()), ("gap", 0));
/// assert_eq!(record.field("lost").and_then(|lost| lost.as_u64()), Some(3));
/// # Ok::<(), callgate_audit::LineFault>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RecordView<'a> {
    text: &'a str,
    kind: &'a str,
    seq: u64,
    durable: u64,
    prev: Digest,
}

impl<'a> RecordView<'a> {
    /// Reads a line without its line feed.
    ///
    /// # Errors
    ///
    /// Says why the line is no record, whatever its bytes are.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, LineFault> {
        let read = line::read(bytes)?;
        let text = |bytes| {
            str::from_utf8(bytes).map_err(|error: std::str::Utf8Error| LineFault::NotUtf8 {
                at: error.valid_up_to(),
            })
        };
        Ok(Self {
            text: text(bytes)?,
            kind: text(read.kind)?,
            seq: read.seq,
            durable: read.durable,
            prev: read.prev.digest(),
        })
    }

    /// The whole line, without its line feed.
    pub const fn line(&self) -> &'a str {
        self.text
    }

    /// The word for its kind; it may be one that this version does not know.
    pub const fn kind(&self) -> &'a str {
        self.kind
    }

    /// Its sequence number, as the line says.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// How many records were durable when it was encoded, as the line says.
    pub const fn durable(&self) -> u64 {
        self.durable
    }

    /// The digest of the record before it, as the line says.
    pub const fn prev(&self) -> Digest {
        self.prev
    }

    /// When it happened; `None` where the line names no such time.
    pub fn time(&self) -> Option<DateTime<Utc>> {
        time_of(self.field("time")?)
    }

    /// The whole record, as one value.
    pub const fn whole(&self) -> ValueView<'a> {
        ValueView::new(self.text)
    }

    /// A member of the record.
    pub fn field(&self, key: &str) -> Option<ValueView<'a>> {
        ValueView::new(self.text).get(key)
    }

    /// A member that is a name; `None` where it is null or absent.
    pub fn name(&self, key: &str) -> Option<NameView<'a>> {
        self.field(key).and_then(NameView::of)
    }

    /// A member that is a word.
    pub fn word(&self, key: &str) -> Option<Cow<'a, str>> {
        self.field(key)?.as_text()
    }

    /// A member that is a number.
    pub fn number(&self, key: &str) -> Option<u64> {
        self.field(key)?.as_u64()
    }

    /// A member that is a time.
    pub fn moment(&self, key: &str) -> Option<DateTime<Utc>> {
        time_of(self.field(key)?)
    }

    /// A member that is a principal.
    pub fn principal(&self, key: &str) -> Option<PrincipalView<'a>> {
        self.field(key).and_then(PrincipalView::of)
    }

    /// What is kept of a text.
    pub fn kept(&self, key: &str) -> Option<KeptView<'a>> {
        self.field(key).and_then(KeptView::of)
    }

    /// Those who act, where the record names a chain: nearest to the subject first.
    pub fn actors(&self) -> impl Iterator<Item = PrincipalView<'a>> {
        let actors = self.field("actors").map(ValueView::items);
        actors.into_iter().flatten().filter_map(PrincipalView::of)
    }

    /// The decision that this record follows: `decision_seq`, or what a decision judges again.
    pub fn decision_seq(&self) -> Option<u64> {
        self.number("decision_seq")
            .or_else(|| self.number("rejudges"))
    }

    /// The record as that of a decision, where it is one.
    pub fn decision(&self) -> Option<DecisionView<'a>> {
        let word = self.word("decision")?;
        let decision = match (self.kind, &*word) {
            ("decision", "allow") => DecisionKind::Allow,
            ("decision", "ask") => DecisionKind::Ask,
            ("decision", "deny") => DecisionKind::Deny,
            _ => return None,
        };
        Some(DecisionView {
            record: *self,
            decision,
        })
    }
}

/// A decision that was read.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DecisionView<'a> {
    /// The record.
    pub record: RecordView<'a>,
    /// What was decided; where the call was observed, it ran all the same.
    pub decision: DecisionKind,
}

impl<'a> DecisionView<'a> {
    /// What decided.
    pub fn code(&self) -> Option<Cow<'a, str>> {
        self.record.word("code")
    }

    /// The rule that decided.
    pub fn rule(&self) -> Option<NameView<'a>> {
        self.record.name("rule")
    }

    /// Why, for people.
    pub fn message(&self) -> Option<NameView<'a>> {
        self.record.name("message")
    }

    /// The tool that was called.
    pub fn tool(&self) -> Option<NameView<'a>> {
        self.record.name("tool")
    }

    /// On whose behalf.
    pub fn subject(&self) -> Option<PrincipalView<'a>> {
        self.record.principal("subject")
    }

    /// In which tenant.
    pub fn tenant(&self) -> Option<NameView<'a>> {
        self.record.name("tenant")
    }

    /// In which session.
    pub fn session(&self) -> Option<NameView<'a>> {
        self.record.name("session")
    }

    /// What is kept of the arguments.
    pub fn arguments(&self) -> Option<KeptView<'a>> {
        self.record.kept("arguments")
    }

    /// Whether the call was let through although this is the decision.
    pub fn is_observed(&self) -> bool {
        let observed = self.record.field("observed").and_then(ValueView::as_bool);
        observed.unwrap_or(false)
    }

    /// Whether the call may run.
    pub fn runs(&self) -> bool {
        self.decision == DecisionKind::Allow || self.is_observed()
    }

    /// The decision that this one judges again.
    pub fn rejudges(&self) -> Option<u64> {
        self.record.number("rejudges")
    }
}

fn time_of(value: ValueView<'_>) -> Option<DateTime<Utc>> {
    let text = value.as_text()?;
    let time = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.6fZ");
    time.ok().map(|time| time.and_utc())
}
