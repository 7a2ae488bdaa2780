//! Whether the texts to which a log is committed are there, and are the right ones.

use std::collections::HashSet;

use callgate_types::Digest;

use crate::read::{CommittedText, LogReader, ReadError, ReadItem};
use crate::texts::{TextError, TextStore};

/// What became of the texts of which the records of a log keep commitments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextReport {
    /// How many the store has, and they belong to their commitments.
    pub present: u64,
    /// How many the store has no more, and a record says that they were erased.
    pub erased: u64,
    /// How many the store has not, and no record says why.
    pub missing: u64,
    /// In the place of how many the store has something else.
    pub mismatching: u64,
    /// How many the store still has though a record says that they were erased.
    pub not_erased: u64,
    /// How many the store has of which no record keeps a commitment: their records never came to
    /// the log, or are in another one. That is no fault.
    pub unnamed: u64,
    /// The first that is missing, mismatching or not erased.
    pub first_fault: Option<TextFault>,
}

impl TextReport {
    /// Whether nothing is missing, mismatching or left behind.
    pub const fn is_good(&self) -> bool {
        self.missing == 0 && self.mismatching == 0 && self.not_erased == 0
    }
}

/// A text that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextFault {
    /// Which text.
    pub text: CommittedText,
    /// What is wrong with it.
    pub kind: TextFaultKind,
}

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum TextFaultKind {
    /// The store has none, and no record says why.
    #[error("the store has no such text, and no record says that it was erased")]
    Missing,
    /// The store has something else.
    #[error("what the store has does not belong to the commitment")]
    Mismatching,
    /// The store has it, though a record says otherwise.
    #[error("the store has the text, though a record says that it was erased")]
    NotErased,
}

/// Why texts could not be checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyTextsError {
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] ReadError),
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] TextError),
}

/// Checks the texts in `store` against the log that `log` opens, from its first record on.
///
/// It takes the records as they are: whether they are as they were written is for
/// [`verify_folder`](crate::verify_folder) to say. What is written or erased meanwhile is no
/// fault. It takes 32 bytes of memory for every text in the store, and for every commitment about
/// 50.
///
/// # Errors
///
/// Where log or store cannot be read.
pub fn verify_texts<'r>(
    log: impl Fn() -> LogReader<'r>,
    store: &dyn TextStore,
) -> Result<TextReport, VerifyTextsError> {
    let mut unnamed = all(store)?;
    let erased = erased(&mut log())?;
    let mut report = TextReport::default();
    // In the order of the log.
    let mut faults: Vec<TextFault> = Vec::new();
    let mut seen = HashSet::new();
    let mut reader = log();
    while let Some(item) = reader.next_item()? {
        let ReadItem::Record(record) = item else {
            continue;
        };
        for text in record.committed() {
            if !seen.insert(text.commitment) {
                continue;
            }
            let kind = match store.find(text.commitment)? {
                Some(_) if erased.contains(&text.commitment) => TextFaultKind::NotErased,
                Some(found) if found.matches(text.commitment) => {
                    report.present = report.present.saturating_add(1);
                    continue;
                }
                Some(_) => TextFaultKind::Mismatching,
                None if erased.contains(&text.commitment) => {
                    report.erased = report.erased.saturating_add(1);
                    continue;
                }
                None => TextFaultKind::Missing,
            };
            faults.push(TextFault { text, kind });
        }
    }
    if !faults.is_empty() {
        settle(&mut faults, &mut log(), store, &mut report)?;
    }
    unnamed.retain(|commitment| !seen.contains(commitment));
    report.unnamed = u64::try_from(unnamed.len()).unwrap_or(u64::MAX);
    Ok(report)
}

/// Looks once more at what seemed to be wrong: it may have been erased meanwhile.
fn settle(
    faults: &mut Vec<TextFault>,
    log: &mut LogReader<'_>,
    store: &dyn TextStore,
    report: &mut TextReport,
) -> Result<(), VerifyTextsError> {
    let erased = erased(log)?;
    let mut real = Vec::new();
    for fault in faults.drain(..) {
        let commitment = fault.text.commitment;
        if erased.contains(&commitment) && store.find(commitment)?.is_none() {
            report.erased = report.erased.saturating_add(1);
        } else {
            real.push(fault);
        }
    }
    for fault in &real {
        let count = match fault.kind {
            TextFaultKind::Missing => &mut report.missing,
            TextFaultKind::Mismatching => &mut report.mismatching,
            TextFaultKind::NotErased => &mut report.not_erased,
        };
        *count = count.saturating_add(1);
    }
    report.first_fault = real.into_iter().next();
    Ok(())
}

/// What the records say was erased.
fn erased(log: &mut LogReader<'_>) -> Result<HashSet<Digest>, ReadError> {
    let mut erased = HashSet::new();
    while let Some(item) = log.next_item()? {
        if let ReadItem::Record(record) = item {
            erased.extend(record.erased());
        }
    }
    Ok(erased)
}

/// What the store has now.
fn all(store: &dyn TextStore) -> Result<Vec<Digest>, TextError> {
    let mut all = Vec::new();
    loop {
        let few = store.list(all.last().copied(), 4096)?;
        if few.is_empty() {
            return Ok(all);
        }
        all.extend(few);
    }
}
