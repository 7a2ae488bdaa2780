//! Several at once.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use callgate::Decision;

use crate::support::{Desk, POLICY, allowed, bob, caller, denied, large, run};

#[test]
fn two_answers_at_once() {
    let policy = POLICY.replace(
        r#"from = ["role:lead"]"#,
        r#"from = ["role:lead"], count = 4"#,
    );
    let desk = Desk::with(&policy, |builder| builder);
    for _ in 0..20 {
        let parked = desk.ask(large());
        let people = ["user:b", "user:c", "user:d", "user:e"];
        thread::scope(|scope| {
            for name in people {
                let (desk, id) = (&desk, parked.approval());
                scope.spawn(move || desk.answer(id, &caller(name, &["lead"])).unwrap());
            }
        });
        assert_eq!(desk.state(parked.approval()), "approved");
        run(allowed(desk.resume(&parked))).unwrap();
    }
}

#[test]
fn many_resume_and_one_runs() {
    let desk = Desk::new();
    let ran = AtomicU32::new(0);
    for round in 1..=20 {
        let parked = desk.approved();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    if let Decision::Allow(permit) = desk.resume(&parked) {
                        run(permit).unwrap();
                        ran.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(ran.load(Ordering::SeqCst), round);
    }
    let consumed = desk
        .story()
        .iter()
        .filter(|told| *told == "approval_consumed")
        .count();
    assert_eq!(consumed, 20);
}

#[test]
fn held_by_one_permit() {
    let desk = Desk::new();
    let parked = desk.approved();
    let permit = allowed(desk.resume(&parked));
    denied(desk.resume(&parked), "approval_in_use");
    drop(permit);
    // Dropping does not wait for the store: the hold lapses with the permit.
    denied(desk.resume(&parked), "approval_in_use");
    desk.hands.forward(Duration::from_secs(60));
    run(allowed(desk.resume(&parked))).unwrap();
}

#[test]
fn lapsed_hold_does_not_begin() {
    let desk = Desk::new();
    let parked = desk.approved();
    let late = allowed(desk.resume(&parked));
    desk.hands.forward(Duration::from_secs(60));
    let permit = allowed(desk.resume(&parked));
    // By the store's clock it is over, whatever the gate's own says.
    let error = run(late).unwrap_err();
    assert_eq!(error.code().unwrap().as_str(), "approval_in_use");
    run(permit).unwrap();
}

#[test]
fn asked_at_once_is_one_question() {
    let desk = Desk::new();
    let ids: Vec<_> = thread::scope(|scope| {
        let asking: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| desk.ask(large()).approval()))
            .collect();
        asking
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    desk.answer(ids[0], &bob()).unwrap();
}
