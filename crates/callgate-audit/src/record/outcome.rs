//! What became of a call that ran.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Kept;
use super::extent::Extent;
use super::keep::{number, write_kept_text};
use crate::encode::Object;

/// How a call that ran has ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OutcomeRecord<'a> {
    /// When it ended.
    pub time: DateTime<Utc>,
    /// The record of its decision.
    pub decision_seq: u64,
    /// Whether the tool failed.
    pub status: OutcomeStatus,
    /// What the tool says that it did; `None` where nothing is known of it.
    pub effects: Option<&'a [&'a str]>,
    /// How many effects were said beside these.
    pub effects_omitted: u64,
    /// What the tool gave back; `None` where nothing of it is kept.
    pub result: Option<Kept<'a>>,
    /// What the model was not shown; `None` where no rule of masking was for this result.
    pub masked: Option<&'a [Masked<'a>]>,
    /// How long it ran.
    pub duration: Duration,
}

impl OutcomeRecord<'_> {
    /// The end at `time` of the call decided in record `decision_seq`, which ran for `duration`.
    pub const fn new(
        time: DateTime<Utc>,
        decision_seq: u64,
        status: OutcomeStatus,
        duration: Duration,
    ) -> Self {
        Self {
            time,
            decision_seq,
            status,
            effects: None,
            effects_omitted: 0,
            result: None,
            masked: None,
            duration,
        }
    }

    pub(super) fn write(&self, extent: Extent, object: &mut Object<'_>) {
        object.number("decision_seq", self.decision_seq);
        object.word("status", self.status.as_str());
        write_kept_text(object, "result", self.result, extent);
        let micros = u64::try_from(self.duration.as_micros()).unwrap_or(u64::MAX);
        object.number("duration_us", micros);
        if let Some(effects) = self.effects {
            let (effects, more) = effects
                .split_at_checked(extent.items())
                .unwrap_or((effects, &[]));
            object.names("effects", effects.len(), effects);
            match self.effects_omitted.saturating_add(number(more.len())) {
                0 => {}
                omitted => object.number("effects_omitted", omitted),
            }
        }
        if let Some(masked) = self.masked {
            object.list("masked", extent.items(), masked.iter(), |out, masked| {
                let mut inner = Object::begin(out);
                inner.name("rule", Some(masked.rule));
                inner.number("count", masked.count);
                inner.end();
            });
        }
    }
}

/// Whether a tool failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutcomeStatus {
    /// It gave a result.
    Ok,
    /// It gave an error of its own.
    Error,
}

impl OutcomeStatus {
    /// The word for it in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }
}

/// How often one rule of masking found something in a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Masked<'a> {
    /// The name of the rule.
    pub rule: &'a str,
    /// How many places the model was not shown.
    pub count: u64,
}

impl<'a> Masked<'a> {
    /// The rule `rule` masked `count` places.
    pub const fn new(rule: &'a str, count: u64) -> Self {
        Self { rule, count }
    }
}
