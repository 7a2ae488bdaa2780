//! The process dies at each step of the order, and another one goes on.

use callgate::{Decision, Parked};

use crate::support::{Desk, alice, bob, context, large, run};

/// Asks, answers, resumes and runs, as far as it gets. Says what it knows of the question, and
/// how often the call ran.
fn whole_life(desk: &Desk) -> (Option<Parked>, u32) {
    let Decision::Ask(pending) = desk.gate.authorize(&alice(), large(), &context()) else {
        return (None, 0);
    };
    let parked = pending.park().unwrap();
    // Whoever is asked may not learn whether it counted.
    desk.answer(parked.approval(), &bob()).ok();
    let ran = match desk.resume(&parked) {
        Decision::Allow(permit) => u32::from(run(permit).is_ok()),
        _ => 0,
    };
    (Some(parked), ran)
}

/// How many operations of store and log a whole life takes.
const STEPS: u32 = 20;

#[track_caller]
fn dies(store: Option<u32>, log: Option<u32>, done: bool) {
    let desk = Desk::new();
    if let Some(step) = store {
        desk.store.trouble.fail_after(step, done, false);
    }
    if let Some(step) = log {
        desk.log.trouble.fail_after(step, done, false);
    }
    let (parked, mut ran) = whole_life(&desk);
    let what = format!("store {store:?} log {log:?} done {done}");
    let next = desk.restarted();
    // The host kept what it had parked, if it had; then the agent tries the same call again.
    if let Some(parked) = parked {
        next.answer(parked.approval(), &bob()).ok();
        // What a dead process held lapses.
        next.hands.forward(std::time::Duration::from_secs(60));
        if let Decision::Allow(permit) = next.resume(&parked) {
            ran += u32::from(run(permit).is_ok());
        }
        assert!(ran <= 1, "{what}: ran {ran} times by one approval");
        if let Decision::Allow(permit) = next.resume(&parked) {
            drop(permit);
            panic!("{what}: used twice");
        }
    }
    honest(&next, &what);
    // Whatever happened, a person can still agree to a call.
    let (parked, ran) = whole_life(&next);
    assert!(parked.is_some() && ran == 1, "{what}");
    honest(&next, &what);
}

/// Every approval that was used was asked, answered and decided upon before, in this order.
#[track_caller]
fn honest(desk: &Desk, what: &str) {
    let records = desk.records();
    for (place, record) in records.iter().enumerate() {
        if record["kind"] != "approval_consumed" {
            continue;
        }
        let id = &record["approval"];
        let before = |kind: &str| {
            let found = records[..place].iter().position(|one| {
                one["kind"] == kind && (one["approval"] == *id || one["approvals"][0] == *id)
            });
            found.unwrap_or_else(|| panic!("{what}: no {kind} before {record}"))
        };
        let asked = before("approval_asked");
        assert!(asked < before("approval_answered"), "{what}");
        let allowed = record["decision_seq"].as_u64().unwrap();
        let allowed = &records[usize::try_from(allowed).unwrap()];
        assert_eq!(allowed["code"], "approved", "{what}");
        let twice = records
            .iter()
            .filter(|one| one["kind"] == "approval_consumed" && one["approval"] == *id);
        assert_eq!(twice.count(), 1, "{what}");
    }
}

#[test]
fn store_goes_away_at_each_step() {
    for step in 0..STEPS {
        dies(Some(step), None, false);
        dies(Some(step), None, true);
    }
}

#[test]
fn log_goes_away_at_each_step() {
    for step in 0..STEPS {
        dies(None, Some(step), false);
        dies(None, Some(step), true);
    }
}

#[test]
fn process_dies_at_each_step() {
    for step in 0..STEPS {
        for log in 0..STEPS {
            dies(Some(step), Some(log), false);
        }
    }
}

#[test]
fn a_whole_life_takes_fewer_steps_than_are_tried() {
    let desk = Desk::new();
    desk.store.trouble.fail_after(STEPS, false, false);
    desk.log.trouble.fail_after(STEPS, false, false);
    assert_eq!(whole_life(&desk).1, 1);
}
