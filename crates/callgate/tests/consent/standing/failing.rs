//! A store of standing approvals, or a log, that fails.

use callgate::Decision;

use super::support::{Ahead, two_small};
use crate::support::{allowed, bob, denied, large, pending, run};

#[test]
fn store_that_fails_when_asked_denies() {
    let ahead = Ahead::new();
    ahead.given();
    ahead.store.trouble.fail_after(0, false, true);
    denied(ahead.call(90), "approvals_unavailable");
    run(allowed(ahead.call(90))).unwrap();
}

#[test]
fn store_that_fails_when_a_use_is_spent_begins_nothing() {
    for done in [false, true] {
        let ahead = Ahead::new();
        let id = ahead.given().approval.id;
        let permit = allowed(ahead.call(90));
        ahead.store.trouble.fail_after(0, done, true);
        let error = run(permit).unwrap_err();
        assert_eq!(error.code().unwrap().as_str(), "approvals_unavailable");
        // Of a use that was spent nobody learns whether its call ran: it is not given back.
        assert_eq!(ahead.used(id), u64::from(done));
    }
}

#[test]
fn store_whose_answer_is_lost_when_giving() {
    let ahead = Ahead::new();
    let asked = ahead.desk.ask(large()).approval();
    let give = || ahead.gate().give_standing(asked, &bob(), &two_small());
    ahead.store.trouble.fail_after(0, false, true);
    assert!(give().is_err());
    pending(ahead.call(90));
    ahead.store.trouble.fail_after(0, true, true);
    give().unwrap();
    run(allowed(ahead.call(90))).unwrap();
}

#[test]
fn store_that_fails_when_revoking_says_so() {
    let ahead = Ahead::new();
    let id = ahead.given().approval.id;
    for operation in 0..2 {
        ahead.store.trouble.fail_after(operation, false, false);
        let revoked = ahead.gate().revoke_standing(id, &bob(), None);
        assert!(revoked.is_err());
    }
    *ahead.store.trouble.after.lock().unwrap() = None;
    run(allowed(ahead.call(90))).unwrap();
    // The revocation was stored, and its answer lost.
    ahead.store.trouble.fail_after(1, true, true);
    ahead.gate().revoke_standing(id, &bob(), None).unwrap();
    pending(ahead.call(90));
}

#[test]
fn given_without_its_record_is_recorded_before_any_call_runs_by_it() {
    let ahead = Ahead::new();
    let asked = ahead.desk.ask(large()).approval();
    ahead.desk.log.trouble.fail_after(0, false, true);
    let error = ahead.gate().give_standing(asked, &bob(), &two_small());
    let error = error.unwrap_err().to_string();
    assert!(error.starts_with("the answer counts"), "{error}");
    let next = ahead.under(&super::support::policy());
    next.desk.log.trouble.fail_after(0, false, true);
    let Decision::Deny(denial) = next.call(90) else {
        panic!("not denied")
    };
    assert!(denial.code().as_str().starts_with("audit_"), "{denial:?}");
    let next = ahead.under(&super::support::policy());
    run(allowed(next.call(90))).unwrap();
    let story = next.desk.story();
    let given = story
        .iter()
        .position(|told| told == "approval_answered approved");
    let carried = story
        .iter()
        .position(|told| told == "decision standing_approved");
    assert!(given.unwrap() < carried.unwrap(), "{story:?}");
}

#[test]
fn revoked_without_its_record_is_recorded_later() {
    let ahead = Ahead::new();
    let id = ahead.given().approval.id;
    ahead.desk.log.trouble.fail_after(0, false, true);
    let error = ahead.gate().revoke_standing(id, &bob(), Some("enough"));
    assert!(
        error
            .unwrap_err()
            .to_string()
            .starts_with("the answer counts")
    );
    let next = ahead.under(&super::support::policy());
    pending(next.call(90));
    let records = next.desk.records();
    let revoked: Vec<_> = records
        .iter()
        .filter(|record| record["kind"] == "revoked")
        .collect();
    assert_eq!(revoked.len(), 1);
    assert_eq!(revoked[0]["by"]["id"], "user:bob");
    pending(next.call(90));
    assert_eq!(
        next.desk
            .story()
            .iter()
            .filter(|told| told.starts_with("revoked"))
            .count(),
        1
    );
}

#[test]
fn use_that_cannot_be_recorded_begins_nothing() {
    let ahead = Ahead::new();
    let id = ahead.given().approval.id;
    let permit = allowed(ahead.call(90));
    ahead.desk.log.trouble.fail_after(0, false, true);
    let error = run(permit).unwrap_err();
    assert!(error.code().unwrap().as_str().starts_with("audit_"));
    assert_eq!(ahead.used(id), 1);
}

#[test]
fn gate_without_a_store_carries_nothing() {
    let ahead = Ahead::new();
    ahead.given();
    pending(ahead.desk.under(&super::support::policy()).gate.authorize(
        &crate::support::alice(),
        super::support::small(90),
        &crate::support::context(),
    ));
}
