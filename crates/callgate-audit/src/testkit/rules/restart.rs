//! Rules about what is there later, and about others who write.

use super::super::broken::Finding;
use super::super::chain::Chain;
use super::super::kit::Kit;
use super::{append, expect_all, expect_head, no_error};
use crate::AuditSink;

pub(super) fn reopening<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    let (mut sink, mut chain) = (kit.openings.fresh()?, Chain::new());
    for records in [0, 1, 3, 20] {
        if records > 0 {
            append(&sink, &chain.records(records))?;
        }
        no_error("syncing all", sink.sync(chain.head()))?;
        sink = match kit.openings.reopened(sink) {
            None => return Ok(()),
            Some(sink) => sink?,
        };
        expect_all("reading a store that was opened again", &sink, &chain)?;
    }
    let batch = chain.branch(["early"]);
    append(&sink, &chain.records(1))?;
    let when = "appending behind a record that is not the last, to a store that was opened again";
    match sink.append(batch.start(), &batch) {
        Ok(()) => Err(Finding::new(when, "a conflict", "success")),
        Err(_) => expect_all("reading a store that was opened again", &sink, &chain),
    }
}

pub(super) fn crash<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    let (mut sink, mut chain) = (kit.openings.fresh()?, Chain::new());
    for round in 0..5 {
        append(&sink, &chain.records(2))?;
        no_error("syncing all", sink.sync(chain.head()))?;
        let synced = chain.head();
        for _ in 0..round {
            append(&sink, &chain.records(2))?;
        }
        sink = match kit.openings.crashed(sink) {
            None => return Ok(()),
            Some(sink) => sink?,
        };
        let when = "asking for the head after a crash";
        let head = no_error(when, sink.head())?;
        if head.records < synced.records || chain.head_at(head.records) != Some(head) {
            let expected = format!(
                "the head behind {} to {} records",
                synced.records,
                chain.head().records
            );
            return Err(Finding::new(
                when,
                expected,
                format_args!("the head {head}"),
            ));
        }
        let mut left = Chain::new();
        if head.records > 0 {
            let bytes = chain.bytes(0, head.records);
            let batch = crate::Batch::parse(bytes)
                .map_err(|error| Finding::new(when, "records of the kit", error))?;
            left.take(&batch);
        }
        left.go_on_from(&chain);
        chain = left;
        expect_all("reading after a crash", &sink, &chain)?;
    }
    Ok(())
}

pub(super) fn rivals<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    let (sink, mut chain) = (kit.openings.fresh()?, Chain::new());
    append(&sink, &chain.records(2))?;
    // One that is refused does no harm.
    let Some(rival) = kit.openings.rival_of(&sink) else {
        return expect_all("reading beside a rival that was refused", &sink, &chain);
    };
    expect_head("asking a rival for the head", &rival, &chain)?;
    let late = chain.branch(["late"]);
    append(&rival, &chain.records(1))?;
    let when = "appending behind a record that a rival's one has followed";
    if sink.append(late.start(), &late).is_ok() {
        return Err(Finding::new(when, "a conflict", "success"));
    }
    expect_all("reading what a rival has stored", &rival, &chain)
}
