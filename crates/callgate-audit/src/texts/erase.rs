//! Erasing: a record first, the texts second.

use std::collections::HashSet;
use std::time::Duration;

use callgate_types::{Digest, Principal};
use chrono::{DateTime, Utc};

use super::{MAX_TEXTS, TextError, TextStore};
use crate::read::{CommittedText, LogReader, ReadError, ReadItem};
use crate::{AppendError, Ask, Durability, ErasedRecord, ErasedText, Journal, Record};

/// What is to be erased, on whose authority, and why.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Erasure<'a> {
    /// Which texts.
    pub scope: ErasureScope<'a>,
    /// On whose authority.
    pub by: &'a Principal,
    /// Why; it stands in the log, and is not erased.
    pub reason: Option<&'a str>,
}

impl<'a> Erasure<'a> {
    /// Erases what is in `scope`, on the authority of `by`.
    pub const fn new(scope: ErasureScope<'a>, by: &'a Principal) -> Self {
        Self {
            scope,
            by,
            reason: None,
        }
    }

    /// Why.
    #[must_use]
    pub const fn reason(mut self, reason: &'a str) -> Self {
        self.reason = Some(reason);
        self
    }
}

/// Which texts are to be erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErasureScope<'a> {
    /// Those of one record; of a decision, those of the records that follow it, too: its outcome.
    Record(u64),
    /// Those of all calls and tasks on behalf of this principal: `user:alice`.
    Subject(&'a str),
    /// These.
    Commitments(&'a [Digest]),
}

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Erased {
    /// How many texts, those among them that were not there any more.
    pub texts: u64,
    /// How many records say so. Where all of it was recorded before, none.
    pub records: u64,
    /// How many lines of the log are no records: texts that they named were not found.
    pub unreadable: u64,
}

/// Why texts were not erased, or not all of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EraseError {
    /// There is no store from which anything could be erased.
    #[error("there is no store of clear texts")]
    NoStore,
    /// The log could not be read.
    #[error("cannot look for the texts to be erased")]
    Read(#[from] ReadError),
    /// The log did not take the record; none of the texts that it names was erased.
    #[error("the erasure cannot be recorded")]
    Record(#[from] AppendError),
    /// The record says that they are erased, and the store failed: [`complete_erasures`] does what
    /// was left undone.
    #[error("the erasure is recorded, and the store of clear texts failed")]
    Store(#[from] TextError),
}

/// Erases what `erasure` says out of `store`, and records it in `journal`, whose records `log`
/// reads from the first on. `time` is the time of the records, `deadline` how long to wait for
/// others who write.
///
/// The record is durable before any text is deleted. Texts of calls that come meanwhile are not
/// erased. What other copies there are of the store, backups say, is not reached.
///
/// # Errors
///
/// Says how far it came.
pub fn erase(
    journal: &Journal,
    store: &dyn TextStore,
    log: &mut LogReader<'_>,
    erasure: &Erasure<'_>,
    time: DateTime<Utc>,
    deadline: Duration,
) -> Result<Erased, EraseError> {
    let scope = Scope::look_for(log, erasure.scope)?;
    let mut erased = Erased {
        unreadable: scope.unreadable,
        ..Erased::default()
    };
    let placed = scope.found.iter().map(|text| {
        let place = ErasedText::new(text.commitment);
        place.at(text.record, &text.field)
    });
    let unplaced = scope.unplaced.iter().copied().map(ErasedText::new);
    let texts: Vec<ErasedText<'_>> = placed.chain(unplaced).collect();
    for few in texts.chunks(ErasedRecord::MAX_TEXTS) {
        let Some(mut record) = ErasedRecord::new(time, few, erasure.by) else {
            continue;
        };
        if let ErasureScope::Subject(subject) = erasure.scope {
            record.subject = Some(subject);
        }
        record.reason = erasure.reason;
        let ask = Ask::new(Durability::Durable, deadline);
        journal.append(&Record::Erased(&record), ask)?;
        erased.records = erased.records.saturating_add(1);
        let commitments: Vec<Digest> = few.iter().map(|text| text.commitment).collect();
        store.erase(&commitments)?;
        erased.count(few.len());
    }
    // What is recorded already may have been left behind.
    for few in scope.recorded.chunks(MAX_TEXTS) {
        store.erase(few)?;
        erased.count(few.len());
    }
    Ok(erased)
}

/// Erases out of `store` what any record of `log` says was erased: a crash may have come between
/// the record and the store. Gives how many texts were still there.
///
/// It reads the whole log: a host does this when it starts after a crash, or when a verifier
/// says that something is not erased.
///
/// # Errors
///
/// Where log or store fail; it can be called again.
pub fn complete_erasures(
    log: &mut LogReader<'_>,
    store: &dyn TextStore,
) -> Result<u64, EraseError> {
    let mut left = 0_u64;
    while let Some(item) = log.next_item()? {
        let ReadItem::Record(record) = item else {
            continue;
        };
        let mut there = Vec::new();
        for commitment in record.erased() {
            if store.find(commitment)?.is_some() {
                there.push(commitment);
            }
        }
        for few in there.chunks(MAX_TEXTS) {
            store.erase(few)?;
            left = left.saturating_add(u64::try_from(few.len()).unwrap_or(u64::MAX));
        }
    }
    Ok(left)
}

impl Erased {
    fn count(&mut self, texts: usize) {
        let texts = u64::try_from(texts).unwrap_or(u64::MAX);
        self.texts = self.texts.saturating_add(texts);
    }
}

/// The texts that are to be erased.
#[derive(Debug, Default)]
struct Scope {
    /// Those that no record says are erased, and where they stand.
    found: Vec<CommittedText>,
    /// Those that were named, and of which no record keeps a commitment.
    unplaced: Vec<Digest>,
    /// Those of which a record says so already.
    recorded: Vec<Digest>,
    unreadable: u64,
}

impl Scope {
    fn look_for(log: &mut LogReader<'_>, scope: ErasureScope<'_>) -> Result<Self, ReadError> {
        let mut looked = Self::default();
        let (mut calls, mut erased) = (HashSet::new(), HashSet::new());
        let mut named: HashSet<Digest> = match scope {
            ErasureScope::Commitments(these) => these.iter().copied().collect(),
            _ => HashSet::new(),
        };
        while let Some(item) = log.next_item()? {
            let ReadItem::Record(record) = item else {
                looked.unreadable = looked.unreadable.saturating_add(1);
                continue;
            };
            erased.extend(record.erased());
            let mut committed = record.committed();
            let follows = record.decision_seq();
            let wanted = match scope {
                ErasureScope::Commitments(_) => {
                    committed.retain(|text| named.remove(&text.commitment));
                    true
                }
                _ if follows.is_some_and(|seq| calls.contains(&seq)) => true,
                ErasureScope::Record(seq) => record.seq() == seq,
                ErasureScope::Subject(subject) => {
                    let principal = record.principal("subject");
                    principal.is_some_and(|principal| principal.id.is(subject))
                }
            };
            if wanted {
                calls.insert(record.seq());
                looked.found.append(&mut committed);
            }
        }
        looked.unplaced = named.difference(&erased).copied().collect();
        looked.recorded = named.intersection(&erased).copied().collect();
        looked.unplaced.sort_unstable();
        let recorded = looked
            .found
            .extract_if(.., |text| erased.contains(&text.commitment));
        let recorded: Vec<Digest> = recorded.map(|text| text.commitment).collect();
        looked.recorded.extend(recorded);
        Ok(looked)
    }
}
