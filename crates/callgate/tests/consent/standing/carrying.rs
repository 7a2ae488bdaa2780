//! Calls that a standing approval carries.

use std::time::Duration;

use callgate::approval::standing::StandingBounds;
use callgate::{ApprovalAnswer, Authorized, Context};

use super::support::{Ahead, HOUR, SMALL, small, two_small};
use crate::support::{alice, allowed, bob, context, denied, large, pending, run};

#[test]
fn carries_calls_to_come_and_is_named_in_each() {
    let ahead = Ahead::new();
    let standing = ahead.given();
    let id = standing.approval.id;
    for left in [1, 0] {
        let permit = allowed(ahead.call(90));
        assert_eq!(permit.code().as_str(), "standing_approved");
        assert_eq!(permit.approval(), Some(id));
        assert_eq!(permit.message(), "approved ahead by a standing approval");
        run(permit).unwrap();
        let records = ahead.desk.records();
        let [.., decision, consumed, outcome] = &records[..] else {
            panic!("{records:?}")
        };
        assert_eq!(decision["code"], "standing_approved");
        assert_eq!(decision["decision"], "allow");
        assert_eq!(decision["approvals"], serde_json::json!([id.to_string()]));
        assert_eq!(consumed["kind"], "approval_consumed");
        assert_eq!(consumed["approval"], id.to_string());
        assert_eq!(consumed["left"], left);
        assert_eq!(consumed["decision_seq"], outcome["decision_seq"]);
    }
    // It is used up: the next one is asked about.
    pending(ahead.call(90));
}

#[test]
fn how_it_was_given_is_recorded() {
    let ahead = Ahead::new();
    let asked = ahead.desk.ask(large()).approval();
    let bounds = two_small().because("the parcel strike");
    let standing = ahead.gate().give_standing(asked, &bob(), &bounds).unwrap();
    let records = ahead.desk.records();
    let given = records.last().unwrap();
    assert_eq!(given["kind"], "approval_answered");
    assert_eq!(given["approval"], asked.to_string());
    assert_eq!(given["verdict"], "approved");
    assert_eq!(given["approver"]["id"], "user:bob");
    assert_eq!(given["settled"], true);
    assert_eq!(given["reason"], "the parcel strike");
    let named = &given["standing"];
    assert_eq!(named["id"], standing.approval.id.to_string());
    assert_eq!(named["uses"], 2);
    assert_eq!(named["until"], "2026-11-20T13:00:00.000000Z");
    let shown = standing.approval.question.preview_digest().to_string();
    assert_eq!(named["bounds"], shown);
    assert_eq!(given["preview"], shown);
}

#[test]
fn what_approvers_are_shown() {
    let ahead = Ahead::new();
    let bounds = two_small().in_any_session();
    let standing = ahead.give(&bounds).unwrap();
    let shown = "\
standing approval of: refund
for: user:alice
by: agent:bot
tenant: acme
environment: prod
session: (any)
task: `t1`
with arguments such that: {\"arguments/amount\": {\"integer\": {\"at_most\": 100}}}
times: 2
until: 2026-11-20T13:00:00+00:00
";
    assert_eq!(&*standing.approval.question.preview, shown);
}

#[test]
fn the_question_that_it_was_given_on_stays_open() {
    let ahead = Ahead::new();
    let parked = ahead.desk.ask(large());
    let asked = parked.approval();
    ahead
        .gate()
        .give_standing(asked, &bob(), &two_small())
        .unwrap();
    assert_eq!(ahead.desk.state(asked), "asked");
    pending(ahead.desk.resume(&parked));
    // A refusal of one call is not overruled by what was approved ahead, and concerns that call alone.
    let no = ApprovalAnswer::refuse();
    ahead.gate().answer(asked, &bob(), no).unwrap();
    denied(
        ahead.gate().authorize(&alice(), large(), &context()),
        "approval_refused",
    );
    run(allowed(ahead.call(90))).unwrap();
}

#[test]
fn call_that_is_not_begun_spends_nothing() {
    let ahead = Ahead::new();
    let id = ahead.given().approval.id;
    for _ in 0..5 {
        drop(allowed(ahead.call(90)));
    }
    assert_eq!(ahead.used(id), 0);
    ahead.desk.hands.forward(Duration::from_secs(60));
    let permits = [90, 91, 92].map(|amount| allowed(ahead.call(amount)));
    let [first, second, third] = permits;
    run(first).unwrap();
    run(second).unwrap();
    // More permits than uses: the last one does not begin.
    let error = run(third).unwrap_err();
    assert_eq!(error.code().unwrap().as_str(), "approval_used");
    assert_eq!(ahead.used(id), 2);
}

#[test]
fn tool_that_fails_has_spent_its_use() {
    let ahead = Ahead::new();
    let id = ahead.given().approval.id;
    let permit = allowed(ahead.call(90));
    let ran = permit
        .run(|_: &Authorized<'_>| Err::<(), _>("no such order"))
        .unwrap();
    assert!(ran.released().contains("no such order"));
    assert_eq!(ahead.used(id), 1);
}

#[test]
fn of_several_the_one_that_ends_first() {
    let ahead = Ahead::new();
    let long = ahead
        .give(&StandingBounds::new(1, 2 * HOUR).matching(SMALL))
        .unwrap();
    let short = ahead
        .give(&StandingBounds::new(1, HOUR).matching(SMALL))
        .unwrap();
    for expected in [&short, &long] {
        let permit = allowed(ahead.call(90));
        assert_eq!(permit.approval(), Some(expected.approval.id));
        run(permit).unwrap();
    }
    pending(ahead.call(90));
}

#[test]
fn ends_by_the_clock_of_the_store() {
    let ahead = Ahead::new();
    ahead.given();
    let late = allowed(ahead.call(90));
    ahead.desk.hands.forward(HOUR);
    let error = run(late).unwrap_err();
    assert_eq!(error.code().unwrap().as_str(), "approval_expired");
    pending(ahead.call(91));
}

#[test]
fn revoked_at_once_in_all_processes() {
    let ahead = Ahead::new();
    let id = ahead.given().approval.id;
    let permit = allowed(ahead.call(90));
    let other = ahead.under(&super::support::policy());
    other
        .gate()
        .revoke_standing(id, &bob(), Some("enough"))
        .unwrap();
    let error = run(permit).unwrap_err();
    assert_eq!(error.code().unwrap().as_str(), "approval_cancelled");
    pending(other.call(91));
    let records = ahead.desk.records();
    let revoked = records
        .iter()
        .find(|record| record["kind"] == "revoked")
        .unwrap();
    assert_eq!(revoked["of"], "approval");
    assert_eq!(revoked["id"], id.to_string());
    assert_eq!(revoked["by"]["id"], "user:bob");
    assert_eq!(revoked["tenant"], "acme");
    assert_eq!(revoked["reason"], "enough");
    let again = other.gate().revoke_standing(id, &bob(), None);
    assert_eq!(again.unwrap_err().to_string(), "the approval is cancelled");
}

#[test]
fn listed_for_those_whom_it_concerns() {
    let ahead = Ahead::new();
    let one = ahead.given();
    let two = ahead.given();
    let ids = |who: &callgate::Caller| -> Vec<_> {
        let listed = ahead.gate().standing_approvals(who, None).unwrap();
        listed.iter().map(|one| one.approval.id).collect()
    };
    let both = [one.approval.id, two.approval.id];
    let mut expected = both.to_vec();
    expected.sort_unstable();
    for who in [bob(), crate::support::caller("user:alice", &[])] {
        let mut listed = ids(&who);
        listed.sort_unstable();
        assert_eq!(listed, expected);
    }
    assert!(ids(&crate::support::caller("user:eve", &[])).is_empty());
    ahead.gate().revoke_standing(both[0], &bob(), None).unwrap();
    assert_eq!(ids(&bob()), [both[1]]);
}

#[test]
fn call_that_is_simply_allowed_spends_nothing() {
    let ahead = Ahead::new();
    let id = ahead
        .give(&StandingBounds::new(3, HOUR).matching(SMALL))
        .unwrap()
        .approval
        .id;
    let permit = allowed(ahead.call(50));
    assert_eq!(permit.code().as_str(), "permitted");
    assert_eq!(permit.approval(), None);
    run(permit).unwrap();
    assert_eq!(ahead.used(id), 0);
    // Nor does it look at any store.
    ahead.store.trouble.fail_after(0, false, false);
    ahead.desk.store.trouble.fail_after(0, false, false);
    run(allowed(ahead.call(50))).unwrap();
}

#[test]
fn never_more_uses_than_there_are_by_many_threads() {
    let ahead = Ahead::with(&super::support::policy().replace("uses = 3", "uses = 50"));
    let bounds = StandingBounds::new(50, HOUR).matching(SMALL);
    let id = ahead.give(&bounds).unwrap().approval.id;
    let ran = std::sync::atomic::AtomicU32::new(0);
    std::thread::scope(|scope| {
        for thread in 0..16 {
            let (ahead, ran) = (&ahead, &ran);
            scope.spawn(move || {
                let context = context();
                for _ in 0..8 {
                    let call = small(60 + thread);
                    let decision = ahead.gate().authorize(&alice(), call, &context);
                    if let callgate::Decision::Allow(permit) = decision
                        && run(permit).is_ok()
                    {
                        ran.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    }
                }
            });
        }
    });
    assert_eq!(ran.into_inner(), 50);
    assert_eq!(ahead.used(id), 50);
    let mut left: Vec<u64> = ahead
        .desk
        .records()
        .iter()
        .filter(|record| record["kind"] == "approval_consumed")
        .map(|record| record["left"].as_u64().unwrap())
        .collect();
    left.sort_unstable();
    assert_eq!(left, (0..50).collect::<Vec<u64>>());
}

#[test]
fn other_sessions_and_tasks_only_where_it_says_so() {
    let at = |session: &str, task: Option<&str>| {
        let context = Context::new().session(session).environment("prod");
        match task {
            Some(task) => context.task(task),
            None => context,
        }
    };
    let three = StandingBounds::new(3, HOUR).matching(SMALL);
    let (here, there, other, none) = (
        at("s1", Some("t1")),
        at("s2", Some("t1")),
        at("s1", Some("t2")),
        at("s1", None),
    );
    for (bounds, carried) in [
        (three, [true, false, false, false]),
        (three.in_any_session(), [true, true, false, false]),
        (three.for_any_task(), [true, false, true, true]),
    ] {
        let ahead = Ahead::new();
        ahead.give(&bounds).unwrap();
        for (context, carried) in [&here, &there, &other, &none].into_iter().zip(carried) {
            let decision = ahead.call_in(90, context);
            let allows = matches!(decision, callgate::Decision::Allow(_));
            assert_eq!(allows, carried, "{bounds:?} {context:?}");
        }
    }
}
