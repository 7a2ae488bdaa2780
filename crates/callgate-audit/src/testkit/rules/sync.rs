//! Rules about durability, as far as it can be seen from above.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::super::broken::Finding;
use super::super::chain::Chain;
use super::super::kit::Kit;
use super::{append, expect_all, no_error};
use crate::{AuditSink, Head};

pub(super) fn what_is_stored<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    let (sink, mut chain) = (kit.openings.fresh()?, Chain::new());
    no_error("syncing an empty chain", sink.sync(Head::EMPTY))?;
    for records in [1, 3] {
        append(&sink, &chain.records(records))?;
    }
    let heads = (0..=chain.head().records).filter_map(|records| chain.head_at(records));
    // An earlier place after a later one, too.
    let mut upto: Vec<Head> = heads.collect();
    upto.extend(upto.clone());
    for head in upto {
        let when = format!(
            "syncing {} of {} records",
            head.records,
            chain.head().records
        );
        no_error(&when, sink.sync(head))?;
    }
    expect_all("reading what was synced", &sink, &chain)
}

pub(super) fn nothing_else<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    let (sink, mut chain) = (kit.openings.fresh()?, Chain::new());
    append(&sink, &chain.records(2))?;
    let batch = chain.branch(["not stored"]);
    let when = "syncing three records where two are stored";
    match sink.sync(batch.end()) {
        Ok(()) => Err(Finding::new(when, "an error", "success")),
        Err(_) => expect_all("reading after a sync was refused", &sink, &chain),
    }
}

pub(super) fn beside_append<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    let (sink, mut chain) = (kit.openings.fresh()?, Chain::new());
    let (stored, done) = (Mutex::new(Head::EMPTY), AtomicBool::new(false));
    let head = || *stored.lock().unwrap_or_else(PoisonError::into_inner);
    let beside = || {
        while !done.load(Ordering::Acquire) {
            let upto = head();
            no_error("syncing beside appends", sink.sync(upto))?;
            let found = no_error("asking for the head beside appends", sink.head())?;
            if found.records < upto.records {
                let expected = format!("{} records at least", upto.records);
                let when = "asking for the head beside appends";
                return Err(Finding::new(when, expected, found.records));
            }
            let read = no_error("reading beside appends", sink.read(upto.records / 2, 10))?;
            if upto.records > 0 && read.records() == 0 {
                return Err(Finding::new("reading beside appends", "a record", "none"));
            }
        }
        Ok(())
    };
    let results = thread::scope(|scope| {
        let threads = [scope.spawn(beside), scope.spawn(beside)];
        let mut appended = Ok(());
        for _ in 0..100 {
            let batch = chain.records(3);
            appended = append(&sink, &batch);
            if appended.is_err() {
                break;
            }
            *stored.lock().unwrap_or_else(PoisonError::into_inner) = batch.end();
        }
        done.store(true, Ordering::Release);
        let [one, other] = threads.map(|thread| {
            let panic = |_| Err(Finding::new("beside appends", "no panic", "one"));
            thread.join().unwrap_or_else(panic)
        });
        [appended, one, other]
    });
    for result in results {
        result?;
    }
    no_error("syncing all", sink.sync(chain.head()))?;
    expect_all("reading after calls beside each other", &sink, &chain)
}
