//! Rules about what is read.

use super::super::broken::Finding;
use super::super::chain::{Chain, TEXTS};
use super::super::kit::Kit;
use super::{append, expect_range, no_error};
use crate::AuditSink;

pub(super) fn keeps_bytes<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    let (sink, mut chain) = (kit.openings.fresh()?, Chain::new());
    for (what, text) in TEXTS {
        let batch = chain.batch([text]);
        append(&sink, &batch)?;
        let when = format!("reading a record with {what}");
        let read = no_error(&when, sink.read(batch.start().records, 1))?;
        expect_range(&when, &read, batch.start().records, &chain)?;
        if read.records() != 1 {
            let found = format!("{} records", read.records());
            return Err(Finding::new(when, "the record", found));
        }
    }
    Ok(())
}

pub(super) fn ranges<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    let (sink, mut chain) = (kit.openings.fresh()?, Chain::new());
    for records in [1, 4, 5, 1] {
        append(&sink, &chain.records(records))?;
    }
    for from in 0..chain.head().records {
        for max in [0, 1, 2, 6, 100, usize::MAX] {
            let when = format!("reading {max} records from record {from} on");
            let read = no_error(&when, sink.read(from, max))?;
            let (most, found) = (u64::try_from(max).unwrap_or(u64::MAX), read.records());
            if found > most || (found == 0 && max > 0) {
                let expected = format!("{} records at most, one at least", max.min(11));
                return Err(Finding::new(
                    when,
                    expected,
                    format_args!("{found} records"),
                ));
            }
            if found > 0 {
                expect_range(&when, &read, from, &chain)?;
            }
        }
    }
    Ok(())
}

pub(super) fn behind_the_end<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    let (sink, mut chain) = (kit.openings.fresh()?, Chain::new());
    for records in [0, 3] {
        if records > 0 {
            append(&sink, &chain.records(records))?;
        }
        let end = chain.head().records;
        for from in [end, end.saturating_add(1), u64::MAX] {
            let when = format!("reading from record {from} on where {end} are stored");
            let read = no_error(&when, sink.read(from, 5))?;
            if read.records() > 0 || !read.bytes().is_empty() {
                let found = format!("{} records", read.records());
                return Err(Finding::new(when, "an empty batch", found));
            }
        }
    }
    Ok(())
}
