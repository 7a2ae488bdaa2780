//! Who may give a standing approval, and how many must.

use callgate::approval::standing::StandingBounds;
use callgate::{ApprovalAnswer, AssertedBy, Caller};

use super::support::{Ahead, HOUR, SMALL, policy, two_small};
use crate::support::{alice, allowed, bob, caller, large, pending, principal, run};

#[track_caller]
fn refused(who: &Caller, expected: &str) {
    let ahead = Ahead::new();
    let error = ahead.give_by(who, &two_small()).unwrap_err();
    assert_eq!(error.to_string(), expected);
    pending(ahead.call(90));
}

#[test]
fn nobody_of_the_chain_nor_behind_it() {
    let own = "nobody approves a call of their own, or of what they own";
    refused(&caller("user:alice", &["lead"]), own);
    // The person behind the agent.
    refused(&caller("user:carol", &["lead"]), own);
}

#[test]
fn nobody_through_actors_and_no_program() {
    refused(&alice(), "there is no such approval");
    let service = Caller::of(principal("service:cron", &["lead"])).in_tenant("acme");
    refused(&service.unwrap(), "there is no such approval");
}

#[test]
fn nobody_of_another_tenant() {
    let mallory = callgate::Principal::asserted("user:mallory".parse().unwrap());
    let mallory = mallory.member_of("globex", ["lead"]);
    let mallory = Caller::of(mallory).in_tenant("globex").unwrap();
    refused(&mallory, "there is no such approval");
}

#[test]
fn nobody_who_is_not_asked() {
    refused(
        &caller("user:eve", &["support"]),
        "there is no such approval",
    );
}

#[test]
fn as_many_people_as_one_call_needs() {
    let policy = policy().replace(r#"["role:lead"]"#, r#"["role:lead"], count = 2"#);
    let ahead = Ahead::with(&policy);
    let standing = ahead.given();
    let id = standing.approval.id;
    assert_eq!(standing.approval.state.as_str(), "asked");
    pending(ahead.call(90));
    let yes = ApprovalAnswer::approve(standing.approval.question.preview_digest());
    let again = ahead.gate().answer_standing(id, &bob(), yes);
    assert_eq!(
        again.unwrap_err().to_string(),
        "this approver has answered already"
    );
    let eve = caller("user:eve", &["lead"]);
    let other = ApprovalAnswer::approve(callgate::Digest::of(b"something else"));
    let error = ahead.gate().answer_standing(id, &eve, other).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the approver was shown something else than what is asked"
    );
    let state = ahead.gate().answer_standing(id, &eve, yes).unwrap();
    assert_eq!(state.as_str(), "approved");
    run(allowed(ahead.call(90))).unwrap();
}

#[test]
fn one_refusal_ends_it() {
    let policy = policy().replace(r#"["role:lead"]"#, r#"["role:lead"], count = 2"#);
    let ahead = Ahead::with(&policy);
    let id = ahead.given().approval.id;
    let eve = caller("user:eve", &["lead"]);
    let no = ApprovalAnswer::refuse().because("too wide");
    let state = ahead.gate().answer_standing(id, &eve, no).unwrap();
    assert_eq!(state.as_str(), "refused");
    let records = ahead.desk.records();
    let refused = records.last().unwrap();
    assert_eq!(refused["verdict"], "refused");
    assert_eq!(refused["standing"]["id"], id.to_string());
    pending(ahead.call(90));
}

#[test]
fn the_subject_may_always_end_it() {
    let ahead = Ahead::new();
    let id = ahead.given().approval.id;
    let alice = caller("user:alice", &[]);
    ahead.gate().revoke_standing(id, &alice, None).unwrap();
    pending(ahead.call(90));
}

#[test]
fn strangers_neither_see_nor_end_it() {
    let ahead = Ahead::new();
    let id = ahead.given().approval.id;
    for who in [caller("user:eve", &["support"]), alice()] {
        let error = ahead.gate().revoke_standing(id, &who, None).unwrap_err();
        assert_eq!(error.to_string(), "there is no such approval");
        assert!(ahead.gate().standing_approval(id, &who).is_err());
    }
    run(allowed(ahead.call(90))).unwrap();
}

#[test]
fn step_up_asks_for_a_fresh_proof() {
    let policy = policy().replace("standing =", r#"step_up = { max_age = "5m" }, standing ="#);
    let ahead = Ahead::with(&policy);
    let error = ahead.give(&two_small()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the approver must prove anew who they are"
    );
    let saml = AssertedBy::saml("idp.example").at(ahead.desk.hands.now());
    let fresh = Caller::of(principal("user:bob", &["lead"]).by(saml));
    let fresh = fresh.in_tenant("acme").unwrap();
    ahead.give_by(&fresh, &two_small()).unwrap();
    run(allowed(ahead.call(90))).unwrap();
}

#[test]
fn only_on_a_question_that_stands() {
    let ahead = Ahead::new();
    let give = |id| ahead.gate().give_standing(id, &bob(), &two_small());
    let unknown = give(callgate::ApprovalId::from_bytes([9; 16])).unwrap_err();
    assert_eq!(unknown.to_string(), "there is no such approval");
    let asked = ahead.desk.ask(large()).approval();
    let no = ApprovalAnswer::refuse();
    ahead.gate().answer(asked, &bob(), no).unwrap();
    let refused = give(asked).unwrap_err();
    assert_eq!(refused.to_string(), "the approval is refused");
    ahead.desk.hands.forward(HOUR);
    let expired = give(asked).unwrap_err();
    assert_eq!(expired.to_string(), "the approval has expired");
}

#[test]
fn no_more_than_there_may_be() {
    let ahead = Ahead::new();
    let asked = ahead.desk.ask(large()).approval();
    let bounds = StandingBounds::new(1, HOUR).matching(SMALL);
    for _ in 0..callgate::approval::standing::MOST {
        ahead.gate().give_standing(asked, &bob(), &bounds).unwrap();
    }
    let error = ahead.gate().give_standing(asked, &bob(), &bounds);
    assert_eq!(
        error.unwrap_err().to_string(),
        "there are too many standing approvals of these calls"
    );
}
