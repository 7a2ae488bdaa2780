//! Rules about what is there later, and about others who use the store.

use std::thread;

use super::super::super::broken::Finding;
use super::super::kit::TextKit;
use super::super::sample::{self, Sample, erase, expect_all, expect_found, expect_none, put};
use crate::Durability;
use crate::texts::TextStore;

pub(super) fn threads<S: TextStore + 'static>(kit: &TextKit<S>) -> Result<(), Finding> {
    const THREADS: u64 = 8;
    const ROUNDS: u64 = 20;
    let store = kit.openings.fresh()?;
    let work = |own: u64| {
        let mut kept = Vec::new();
        for round in 0..ROUNDS {
            let number = own
                .saturating_mul(1000)
                .saturating_add(round.saturating_mul(2));
            let two = Sample::some([number, number.saturating_add(1)]);
            put("putting beside others", &store, &two)?;
            for one in &two {
                expect_found("finding beside others", &store, one)?;
            }
            let (first, second) = two.split_at(1);
            erase("erasing beside others", &store, first)?;
            for one in first {
                expect_none("finding beside others what was erased", &store, one)?;
            }
            kept.extend_from_slice(second);
        }
        Ok(kept)
    };
    let results: Vec<Result<Vec<Sample>, Finding>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|own| scope.spawn(move || work(own)))
            .collect();
        let panic = |_| Err(Finding::new("beside others", "no panic", "one"));
        let joined = threads
            .into_iter()
            .map(|it| it.join().unwrap_or_else(panic));
        joined.collect()
    });
    let mut all = Vec::new();
    for kept in results {
        all.extend(kept?);
    }
    expect_all("finding what many threads have put", &store, &all)
}

pub(super) fn reopening<S: TextStore + 'static>(kit: &TextKit<S>) -> Result<(), Finding> {
    let mut store = kit.openings.fresh()?;
    let mut all: Vec<Sample> = Vec::new();
    for round in 0..4_u64 {
        let from = round.saturating_mul(10);
        let more = Sample::some(from..from.saturating_add(round));
        put("putting texts", &store, &more)?;
        all.extend(more);
        if round > 1 {
            let gone = all.remove(0);
            erase("erasing a text", &store, &[gone])?;
        }
        store = match kit.openings.reopened(store) {
            None => return Ok(()),
            Some(store) => store?,
        };
        expect_all("looking into a store that was opened again", &store, &all)?;
    }
    Ok(())
}

pub(super) fn crash<S: TextStore + 'static>(kit: &TextKit<S>) -> Result<(), Finding> {
    let mut store = kit.openings.fresh()?;
    let mut all: Vec<Sample> = Vec::new();
    let mut gone: Vec<Sample> = Vec::new();
    for round in 0..5_u64 {
        let from = round.saturating_mul(10);
        let more = Sample::some(from..from.saturating_add(3));
        put("putting texts", &store, &more)?;
        all.extend(more);
        let first = all.remove(0);
        erase("erasing a text", &store, std::slice::from_ref(&first))?;
        gone.push(first);
        // These may be there afterwards, or not.
        let doubtful = Sample::some(from.saturating_add(500)..from.saturating_add(502));
        let told = sample::put_as(&store, &doubtful, Durability::Accepted)?;
        sample::no_error("putting texts that need not be durable", told)?;
        store = match kit.openings.crashed(store) {
            None => return Ok(()),
            Some(store) => store?,
        };
        for one in &all {
            expect_found("looking for a text after a crash", &store, one)?;
        }
        for one in &gone {
            expect_none("looking for an erased text after a crash", &store, one)?;
        }
    }
    Ok(())
}

pub(super) fn rivals<S: TextStore + 'static>(kit: &TextKit<S>) -> Result<(), Finding> {
    let store = kit.openings.fresh()?;
    let mut all = Sample::some(0..3);
    put(
        "putting texts before somebody else opens the store",
        &store,
        &all,
    )?;
    // One that is refused does no harm.
    let Some(rival) = kit.openings.rival_of(&store) else {
        return expect_all(
            "looking into a store beside one that was refused",
            &store,
            &all,
        );
    };
    expect_all("looking into a store from beside", &rival, &all)?;
    let (ours, theirs) = (Sample::some(10..13), Sample::some(20..23));
    put("putting texts beside others", &store, &ours)?;
    put("putting texts from beside", &rival, &theirs)?;
    all.extend(ours);
    all.extend(theirs);
    let gone = [all.remove(0), all.remove(0)];
    let (mine, other) = gone.split_at(1);
    erase("erasing a text beside others", &store, mine)?;
    erase("erasing a text from beside", &rival, other)?;
    for one in &gone {
        expect_none("looking for a text that one of two has erased", &store, one)?;
        let when = "looking from beside for a text that one of two has erased";
        expect_none(when, &rival, one)?;
    }
    expect_all("looking for what both have put", &store, &all)?;
    expect_all("looking from beside for what both have put", &rival, &all)
}
