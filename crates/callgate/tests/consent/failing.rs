//! A store, or a log, that fails.

use callgate::Decision;

use crate::support::{Desk, alice, allowed, bob, context, denied, large, run};

#[test]
fn store_that_fails_when_asking() {
    let desk = Desk::new();
    for operation in 0..2 {
        desk.store.trouble.fail_after(operation, false, false);
        let decision = desk.gate.authorize(&alice(), large(), &context());
        denied(decision, "approvals_unavailable");
    }
    let records = desk.records();
    let last = records.last().unwrap();
    // The question was recorded before it failed; that it is denied is recorded behind it.
    assert_eq!(last["decision"], "deny");
    assert_eq!(last["rejudges"], 2);
}

#[test]
fn store_that_fails_when_resuming() {
    let desk = Desk::new();
    let parked = desk.approved();
    for operation in 0..2 {
        desk.store.trouble.fail_after(operation, false, false);
        denied(desk.resume(&parked), "approvals_unavailable");
    }
    assert_eq!(desk.state(parked.approval()), "approved");
}

#[test]
fn store_that_fails_when_beginning() {
    let desk = Desk::new();
    let parked = desk.approved();
    let permit = allowed(desk.resume(&parked));
    desk.store.trouble.fail_after(0, false, false);
    let error = run(permit).unwrap_err();
    assert_eq!(error.code().unwrap().as_str(), "approvals_unavailable");
    assert_eq!(desk.state(parked.approval()), "claimed");
}

#[test]
fn answer_of_the_store_that_is_lost() {
    // The commit happened, and its answer did not come.
    let desk = Desk::new();
    desk.store.trouble.fail_after(1, true, true);
    let parked = desk.ask(large());
    desk.store.trouble.fail_after(2, true, true);
    assert_eq!(
        desk.answer(parked.approval(), &bob()).unwrap().as_str(),
        "approved"
    );
    desk.store.trouble.fail_after(1, true, true);
    let permit = allowed(desk.resume(&parked));
    desk.store.trouble.fail_after(0, true, true);
    run(permit).unwrap();
    assert_eq!(desk.state(parked.approval()), "consumed");
}

#[test]
fn log_that_fails_when_asking() {
    let desk = Desk::new();
    // The decision, then the question.
    for operation in 0..2 {
        desk.log.trouble.fail_after(operation, false, true);
        let decision = desk.gate.authorize(&alice(), large(), &context());
        let Decision::Deny(denial) = decision else {
            panic!("{decision:?}")
        };
        assert!(denial.code().as_str().starts_with("audit_"), "{denial:?}");
    }
    assert!(desk.gate.approvals(&bob(), None).unwrap().is_empty());
    desk.ask(large());
}

#[test]
fn answer_that_could_not_be_recorded_is_recorded_before_the_call_runs() {
    let desk = Desk::new();
    let parked = desk.ask(large());
    desk.log.trouble.fail_after(0, false, true);
    let error = desk.answer(parked.approval(), &bob()).unwrap_err();
    assert!(
        error.to_string().starts_with("the answer counts"),
        "{error}"
    );
    assert_eq!(desk.state(parked.approval()), "approved");
    let next = desk.restarted();
    run(allowed(next.resume(&parked))).unwrap();
    assert_eq!(
        next.story(),
        [
            "decision asked",
            "approval_asked",
            "approval_answered approved",
            "decision approved",
            "approval_consumed",
            "outcome ok",
        ]
    );
}

#[test]
fn log_that_fails_when_resuming_gives_the_approval_back() {
    let desk = Desk::new();
    let parked = desk.approved();
    desk.log.trouble.fail_after(0, false, true);
    let decision = desk.resume(&parked);
    let Decision::Deny(denial) = decision else {
        panic!("{decision:?}")
    };
    assert!(denial.code().as_str().starts_with("audit_"), "{denial:?}");
    assert_eq!(desk.state(parked.approval()), "approved");
    run(allowed(desk.resume(&parked))).unwrap();
}

#[test]
fn append_that_times_out_after_it_was_stored() {
    let desk = Desk::new();
    let parked = desk.approved();
    desk.log.trouble.fail_after(0, true, true);
    let decision = desk.resume(&parked);
    // Either the log settled it, or it is a denial; never a permit without its record.
    match decision {
        Decision::Allow(permit) => run(permit).unwrap(),
        Decision::Deny(_) => run(allowed(desk.resume(&parked))).unwrap(),
        Decision::Ask(_) => panic!("asked again"),
    }
    let consumed = desk
        .story()
        .iter()
        .filter(|told| *told == "approval_consumed")
        .count();
    assert_eq!(consumed, 1);
}

#[test]
fn consumption_that_cannot_be_recorded_begins_nothing() {
    let desk = Desk::new();
    let parked = desk.approved();
    let permit = allowed(desk.resume(&parked));
    desk.log.trouble.fail_after(0, false, true);
    let error = run(permit).unwrap_err();
    assert!(error.code().unwrap().as_str().starts_with("audit_"));
    // Nobody can tell afterwards whether the call ran: it is used up.
    denied(desk.resume(&parked), "approval_used");
}
