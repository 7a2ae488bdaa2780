//! Rules about the head, and about what is appended where.

use super::super::broken::{Finding, told};
use super::super::chain::Chain;
use super::super::kit::Kit;
use super::{append, expect_all, expect_head, no_error, same_head};
use crate::{AuditSink, Batch, Head, SinkError};

pub(super) fn opens<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    // Two at once: each has a store of its own.
    let (_one, _other) = (kit.openings.fresh()?, kit.openings.fresh()?);
    Ok(())
}

pub(super) fn begins_empty<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    expect_head(
        "asking a new store for its head",
        &kit.openings.fresh()?,
        &Chain::new(),
    )
}

pub(super) fn head_follows<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    let (sink, mut chain) = (kit.openings.fresh()?, Chain::new());
    for records in [1, 3, 1] {
        append(&sink, &chain.records(records))?;
        expect_head("asking for the head after an append", &sink, &chain)?;
    }
    let other = kit.openings.fresh()?;
    expect_head("asking another store for its head", &other, &Chain::new())
}

pub(super) fn refuses_elsewhere<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    elsewhere(kit, |when, refused, sink, chain| {
        if refused.is_ok() {
            return Err(Finding::new(when, "a conflict", "success"));
        }
        expect_all("reading after a batch was refused", sink, chain)
    })
}

pub(super) fn conflict_names_head<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    elsewhere(kit, |when, refused, _, chain| match refused {
        Err(SinkError::Conflict(head)) => same_head(when, head, chain.head()),
        Err(error) => Err(Finding::new(when, "a conflict", told(&error))),
        Ok(()) => Err(Finding::new(when, "a conflict", "success")),
    })
}

/// What must become of a batch that was refused.
type Refused<S> = fn(&str, Result<(), SinkError>, &S, &Chain) -> Result<(), Finding>;

/// Appends batches where they do not belong.
fn elsewhere<S: AuditSink + 'static>(kit: &Kit<S>, then: Refused<S>) -> Result<(), Finding> {
    let (sink, mut chain) = (kit.openings.fresh()?, Chain::new());
    // On an empty chain, behind records that are not there.
    let mut other = Chain::new();
    other.records(2);
    let ahead = other.records(1);
    let when = "appending to an empty chain what follows other records";
    then(when, sink.append(ahead.start(), &ahead), &sink, &chain)?;

    let first = chain.records(2);
    append(&sink, &first)?;
    let mut early = Chain::new();
    let (early_one, early_two) = (early.branch(["other"]), early.branch(["o", "ther", "s"]));
    append(&sink, &chain.records(1))?;
    let missing = chain.branch(["missing"]);
    let mut longer = Chain::new();
    longer.take(&first);
    let beside = longer.branch(["beside"]);
    let mut far = Chain::new();
    far.records(7);
    let ahead = far.records(1);
    let digest = Head::new(chain.head().records, Head::EMPTY.digest);
    let wrong = Batch::of(missing.bytes().to_vec().into(), digest, missing.end());
    let cases: [(&str, &Batch<'_>); 5] = [
        ("appending other first records", &early_one),
        ("appending as many other records as there are", &early_two),
        ("appending behind a record that is not the last", &beside),
        ("appending behind records that are not there", &ahead),
        (
            "appending behind as many records with another digest",
            &wrong,
        ),
    ];
    for (when, batch) in cases {
        then(when, sink.append(batch.start(), batch), &sink, &chain)?;
    }
    Ok(())
}

pub(super) fn stores_once<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    let (sink, mut chain) = (kit.openings.fresh()?, Chain::new());
    for records in [1, 3] {
        let batch = chain.records(records);
        append(&sink, &batch)?;
        for _ in 0..2 {
            let when = "appending a batch that is there already";
            no_error(when, sink.append(batch.start(), &batch))?;
            expect_all(when, &sink, &chain)?;
        }
    }
    append(&sink, &chain.records(1))?;
    expect_all("appending behind a batch that came twice", &sink, &chain)
}

pub(super) fn big_batches<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    let (sink, mut chain) = (kit.openings.fresh()?, Chain::new());
    let batches: [fn(&mut Chain) -> Batch<'static>; 2] =
        [|chain| chain.records(1024), Chain::longest];
    for make in batches {
        let batch = make(&mut chain);
        let when = format!(
            "appending {} records of {} bytes",
            batch.records(),
            batch.bytes().len()
        );
        no_error(&when, sink.append(batch.start(), &batch))?;
        expect_head(&when, &sink, &chain)?;
    }
    expect_all("reading big batches", &sink, &chain)
}
