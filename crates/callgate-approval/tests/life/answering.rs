//! Who may answer, and what it does.

use std::time::Duration;

use callgate_approval::{Answer, State, Stopped, Unfit};
use callgate_types::{AssertedBy, Caller, Friction, Method, Principal, Rung, StepUp};

use crate::support::{
    alice, answered, approvals, asked, at, caller, group, one_lead, principal, question_of, unfit,
    yes,
};

const OWN: &str = "nobody approves a call of their own, or of what they own";
const NOT_ASKED: &str = "this approver is not asked";

#[test]
fn approved_by_one_who_is_asked() {
    let approval = one_lead();
    let next = answered(&approval, &caller("user:bob", &["lead"])).unwrap();
    assert_eq!(next.state, State::Approved);
    assert!(next.is_complete());
    assert_eq!(next.revision, 1);
    assert_eq!(next.answers[0].by.as_str(), "user:bob");
    assert_eq!(next.answers[0].seen, approval.question.preview_digest());
}

#[test]
fn approver_is_not_the_subject() {
    // She is a lead as well.
    unfit(&one_lead(), &caller("user:alice", &["lead"]), OWN);
}

#[test]
fn approver_is_not_in_the_chain() {
    let staff = Principal::asserted("user:dave".parse().unwrap()).member_of("acme", ["lead"]);
    let chain = Caller::of(principal("user:alice", &[]))
        .acting(staff)
        .in_tenant("acme")
        .unwrap();
    let question = question_of(&chain, &approvals(vec![group(&["role:lead"], 1)]));
    let mut approval = one_lead();
    approval.question = question.into();
    unfit(&approval, &caller("user:dave", &["lead"]), OWN);
}

#[test]
fn approver_is_not_the_person_behind_an_actor() {
    unfit(&one_lead(), &caller("user:carol", &["lead"]), OWN);
}

#[test]
fn approver_is_not_the_person_behind_the_subject() {
    let service = Principal::asserted("service:nightly".parse().unwrap());
    let service = service.owned_by("user:erin".parse().unwrap());
    let who = Caller::of(service.member_of("acme", ["support"]))
        .in_tenant("acme")
        .unwrap();
    let mut approval = one_lead();
    approval.question = question_of(&who, &approvals(vec![group(&["role:lead"], 1)])).into();
    unfit(&approval, &caller("user:erin", &["lead"]), OWN);
    assert!(answered(&approval, &caller("user:bob", &["lead"])).is_ok());
}

#[test]
fn approver_answers_in_person() {
    let bot = Principal::asserted("agent:helper".parse().unwrap());
    let through = Caller::of(principal("user:bob", &["lead"])).acting(bot);
    unfit(
        &one_lead(),
        &through.in_tenant("acme").unwrap(),
        "an approver answers in person, and nobody on their behalf",
    );
    unfit(
        &one_lead(),
        &caller("service:ci", &["lead"]),
        "an approver is a person",
    );
    unfit(
        &one_lead(),
        &caller("agent:llm", &["lead"]),
        "an approver is a person",
    );
    unfit(
        &one_lead(),
        &Caller::unknown(),
        "it is not known who answers",
    );
}

#[test]
fn approver_is_of_the_same_tenant() {
    let other = "the approver is of another tenant";
    let bob = Principal::asserted("user:bob".parse().unwrap()).crossing_tenants(["lead"]);
    unfit(
        &one_lead(),
        &Caller::of(bob.clone()).in_tenant("globex").unwrap(),
        other,
    );
    unfit(
        &one_lead(),
        &Caller::of(bob.clone()).without_tenant().unwrap(),
        other,
    );
    // Staff that crosses tenants answers where the call is made.
    assert!(answered(&one_lead(), &Caller::of(bob).in_tenant("acme").unwrap()).is_ok());
}

#[test]
fn credential_that_has_ended_answers_nothing() {
    let bob = principal("user:bob", &["lead"]).by(AssertedBy::host().until(at(60)));
    let bob = Caller::of(bob).in_tenant("acme").unwrap();
    unfit(&one_lead(), &bob, "the approver's credential has ended");
}

#[test]
fn approver_is_asked_by_role_scope_or_name() {
    let asks = |from: &str| asked(&approvals(vec![group(&[from], 1)]));
    unfit(
        &asks("role:lead"),
        &caller("user:bob", &["support"]),
        NOT_ASKED,
    );
    unfit(&asks("user:eve"), &caller("user:bob", &["lead"]), NOT_ASKED);
    assert!(answered(&asks("user:bob"), &caller("user:bob", &[])).is_ok());
    let by_scope = asks("scope:billing:approve");
    let bob = caller("user:bob", &[]);
    let holds = |scope: &str| scope == "billing:approve";
    let step = by_scope.answer(at(1), &bob, &holds, yes(&by_scope));
    assert_eq!(step.unwrap().next.state, State::Approved);
    unfit(&by_scope, &bob, NOT_ASKED);
}

#[test]
fn groups_take_different_people() {
    let two = asked(&approvals(vec![
        group(&["role:lead"], 1),
        group(&["role:legal"], 1),
    ]));
    let both = caller("user:bob", &["lead", "legal"]);
    let once = answered(&two, &both).unwrap();
    assert_eq!(once.state, State::Asked);
    unfit(&once, &both, "this approver has answered already");
    // Bob counts wherever that leaves room for the other.
    for role in ["lead", "legal"] {
        let next = answered(&once, &caller("user:eve", &[role])).unwrap();
        assert_eq!(next.state, State::Approved);
    }
    let twice = asked(&approvals(vec![group(&["role:lead"], 2)]));
    let once = answered(&twice, &caller("user:bob", &["lead"])).unwrap();
    assert_eq!(once.state, State::Asked);
}

#[test]
fn confirmed_by_the_subject_alone() {
    let approval = asked(&Friction::CONFIRM);
    unfit(&approval, &caller("user:bob", &["lead"]), NOT_ASKED);
    unfit(
        &approval,
        &alice(),
        "an approver answers in person, and nobody on their behalf",
    );
    let next = answered(&approval, &caller("user:alice", &[])).unwrap();
    assert_eq!(next.state, State::Approved);

    let mut both = approvals(vec![group(&["role:lead"], 1)]);
    both.confirm = true;
    let approval = asked(&both);
    let once = answered(&approval, &caller("user:alice", &["lead"])).unwrap();
    assert_eq!(once.state, State::Asked);
    let next = answered(&once, &caller("user:bob", &["lead"])).unwrap();
    assert_eq!(next.state, State::Approved);
}

#[test]
fn one_refusal_ends_it() {
    let two = asked(&approvals(vec![group(&["role:lead"], 2)]));
    let once = answered(&two, &caller("user:bob", &["lead"])).unwrap();
    let eve = caller("user:eve", &["lead"]);
    let no = Answer::refuse().because("not this customer");
    let step = once.answer(at(70), &eve, &|_| false, no).unwrap();
    assert_eq!(step.next.state, State::Refused);
    assert_eq!(
        step.next.answers[1].reason.as_deref(),
        Some("not this customer")
    );
    unfit(
        &step.next,
        &caller("user:fay", &["lead"]),
        "the approval is refused",
    );
    // Whoever asked may say no, and nobody who is not asked.
    let alice = caller("user:alice", &[]);
    assert!(
        two.answer(at(1), &alice, &|_| false, Answer::refuse())
            .is_ok()
    );
    let mallory = caller("user:mallory", &[]);
    let refused = two.answer(at(1), &mallory, &|_| false, Answer::refuse());
    assert_eq!(refused.unwrap_err(), Unfit::NotAsked);
}

#[test]
fn answer_after_expiry_does_not_count() {
    let approval = one_lead();
    let bob = caller("user:bob", &["lead"]);
    let late = approval.answer(at(900), &bob, &|_| false, yes(&approval));
    assert_eq!(late.unwrap_err(), Unfit::Stopped(Stopped::Expired));
    // And one that was given in time does not land later.
    let step = approval
        .answer(at(899), &bob, &|_| false, yes(&approval))
        .unwrap();
    assert!(step.is_in_time(at(899)) && !step.is_in_time(at(900)));
}

#[test]
fn answer_is_to_what_was_shown() {
    let approval = one_lead();
    let bob = caller("user:bob", &["lead"]);
    let other = Answer::approve(callgate_types::Digest::of(b"something nicer"));
    let step = approval.answer(at(1), &bob, &|_| false, other);
    assert_eq!(step.unwrap_err(), Unfit::OtherPreview);
    let long = "x".repeat(Answer::MAX_REASON + 1);
    let step = approval.answer(at(1), &bob, &|_| false, Answer::refuse().because(&long));
    assert_eq!(step.unwrap_err(), Unfit::LongReason);
}

#[test]
fn step_up_asks_for_a_fresh_proof() {
    let mut friction = approvals(vec![group(&["role:lead"], 1)]);
    friction.step_up = Some(Box::new({
        let mut step_up = StepUp::default();
        step_up.max_age = Some(Duration::from_secs(300));
        step_up.methods = Some(vec![Method::Saml]);
        step_up
    }));
    let approval = asked(&friction);
    let proved = |asserted: AssertedBy| {
        let bob = principal("user:bob", &["lead"]).by(asserted);
        answered(&approval, &Caller::of(bob).in_tenant("acme").unwrap())
    };
    let saml = || AssertedBy::saml("idp.example");
    assert_eq!(
        proved(AssertedBy::host().at(at(50))).unwrap_err(),
        Unfit::StepUp
    );
    assert_eq!(proved(saml()).unwrap_err(), Unfit::StepUp);
    assert_eq!(proved(saml().at(at(-241))).unwrap_err(), Unfit::StepUp);
    assert_eq!(proved(saml().at(at(61))).unwrap_err(), Unfit::StepUp);
    assert_eq!(proved(saml().at(at(-240))).unwrap().state, State::Approved);
}

#[test]
fn escalation_widens_who_may_and_not_how_few() {
    let mut friction = approvals(vec![group(&["role:lead"], 2)]);
    let director = group(&["role:director"], 1).from;
    friction.approvals[0].escalate = vec![Rung::new(Duration::from_secs(600), director)];
    let approval = asked(&friction);
    let fay = caller("user:fay", &["director"]);
    let answer = |seconds| approval.answer(at(seconds), &fay, &|_| false, yes(&approval));
    assert_eq!(answer(599).unwrap_err(), Unfit::NotAsked);
    let next = answer(600).unwrap().next;
    assert_eq!(next.state, State::Asked);
    let bob = caller("user:bob", &["lead"]);
    let step = next
        .answer(at(601), &bob, &|_| false, yes(&approval))
        .unwrap();
    assert_eq!(step.next.state, State::Approved);
}
