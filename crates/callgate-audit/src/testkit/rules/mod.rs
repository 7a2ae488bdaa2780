//! The rules, each as a function that tries it on stores of its own.

mod append;
mod journal;
mod read;
mod restart;
mod sync;

use super::attempt::Test;
use super::broken::{Finding, Rule, told};
use super::chain::Chain;
use super::kit::Kit;
use crate::{AuditSink, Batch, Head, SinkError};

/// All rules, in the order in which they are tried.
pub(super) fn all<S: AuditSink + 'static>() -> [(Rule, Test<Kit<S>>); 18] {
    [
        (Rule::Opens, append::opens),
        (Rule::BeginsEmpty, append::begins_empty),
        (Rule::HeadFollowsAppend, append::head_follows),
        (Rule::KeepsBytes, read::keeps_bytes),
        (Rule::ReadsRanges, read::ranges),
        (Rule::ReadsNothingBehindTheEnd, read::behind_the_end),
        (Rule::RefusesElsewhere, append::refuses_elsewhere),
        (Rule::ConflictNamesTheHead, append::conflict_names_head),
        (Rule::StoresOnce, append::stores_once),
        (Rule::TakesBigBatches, append::big_batches),
        (Rule::SyncsWhatIsStored, sync::what_is_stored),
        (Rule::SyncsNothingElse, sync::nothing_else),
        (Rule::WorksBesideAppend, sync::beside_append),
        (Rule::SurvivesReopening, restart::reopening),
        (Rule::SurvivesCrash, restart::crash),
        (Rule::KeepsRivalsApart, restart::rivals),
        (Rule::SettlesDoubt, journal::settles_doubt),
        (Rule::ServesAJournal, journal::many_threads),
    ]
}

/// What a call should not have failed with.
fn no_error<T>(when: &str, result: Result<T, SinkError>) -> Result<T, Finding> {
    result.map_err(|error| Finding::new(when, "success", told(&error)))
}

fn append(sink: &impl AuditSink, batch: &Batch<'_>) -> Result<(), Finding> {
    no_error("appending a batch", sink.append(batch.start(), batch))
}

/// The head must be that of `chain`.
fn expect_head(when: &str, sink: &impl AuditSink, chain: &Chain) -> Result<(), Finding> {
    same_head(when, no_error(when, sink.head())?, chain.head())
}

fn same_head(when: &str, found: Head, expected: Head) -> Result<(), Finding> {
    if found == expected {
        return Ok(());
    }
    let head = |head: Head| format!("the head {head}");
    Err(Finding::new(when, head(expected), head(found)))
}

/// The store must hold all of `chain`, and nothing else.
fn expect_all(when: &str, sink: &impl AuditSink, chain: &Chain) -> Result<(), Finding> {
    expect_head(when, sink, chain)?;
    let mut from = 0;
    while from < chain.head().records {
        let batch = no_error(when, sink.read(from, 1000))?;
        expect_range(when, &batch, from, chain)?;
        if batch.records() == 0 {
            return Err(Finding::new(when, format_args!("record {from}"), "nothing"));
        }
        from = batch.end().records;
    }
    Ok(())
}

/// `batch` must be what `chain` holds from record `from` on.
fn expect_range(when: &str, batch: &Batch<'_>, from: u64, chain: &Chain) -> Result<(), Finding> {
    if batch.start().records != from {
        let found = format!("record {}", batch.start().records);
        return Err(Finding::new(
            when,
            format_args!("record {from} first"),
            found,
        ));
    }
    let expected = chain.bytes(from, batch.records());
    if batch.bytes() == expected {
        return Ok(());
    }
    let differs = batch.bytes().iter().zip(&expected);
    let at = differs.take_while(|(found, expected)| found == expected);
    let expected = format!("the {} bytes that were appended", expected.len());
    let found = format!(
        "{} bytes that differ from byte {} on",
        batch.bytes().len(),
        at.count()
    );
    Err(Finding::new(when, expected, found))
}
