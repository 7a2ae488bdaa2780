//! A question of alice through her bot, and people who answer it.

use std::time::Duration;

use callgate_approval::{
    Answer, Approval, ApprovalId, Ground, GroundKind, Question, Unfit, preview,
};
use callgate_types::{
    Approver, ApproverGroup, Caller, Context, Digest, Friction, Principal, ToolCall,
};
use chrono::{DateTime, TimeDelta, Utc};

pub(crate) const QUARTER: Duration = Duration::from_secs(900);

pub(crate) fn noon() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// So many seconds after noon.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    noon()
        .checked_add_signed(TimeDelta::seconds(seconds))
        .unwrap()
}

pub(crate) fn id(number: u8) -> ApprovalId {
    ApprovalId::from_bytes([number; 16])
}

pub(crate) fn principal(id: &str, roles: &[&str]) -> Principal {
    Principal::asserted(id.parse().unwrap()).member_of("acme", roles.iter().copied())
}

pub(crate) fn caller(id: &str, roles: &[&str]) -> Caller {
    Caller::of(principal(id, roles)).in_tenant("acme").unwrap()
}

/// Alice, through a bot that belongs to carol.
pub(crate) fn alice() -> Caller {
    let bot = Principal::asserted("agent:bot".parse().unwrap());
    Caller::of(principal("user:alice", &["support", "lead"]))
        .acting(bot.owned_by("user:carol".parse().unwrap()))
        .in_tenant("acme")
        .unwrap()
}

pub(crate) fn group(from: &[&str], count: u32) -> ApproverGroup {
    let from = from.iter().map(|text| match text.split_once(':') {
        Some(("role", role)) => Approver::Role(role.into()),
        Some(("scope", scope)) => Approver::Scope(scope.into()),
        _ => Approver::Principal(text.parse().unwrap()),
    });
    ApproverGroup::new(from.collect(), count)
}

pub(crate) fn approvals(groups: Vec<ApproverGroup>) -> Friction {
    let mut friction = Friction::NONE;
    friction.approvals = groups;
    friction
}

pub(crate) fn question_of(who: &Caller, friction: &Friction) -> Question {
    let call = ToolCall::from_text("refund", r#"{"amount": 80}"#);
    let context = Context::new().session("s1");
    let shown = preview(who, &call, &context, &[], &|_| false).unwrap();
    let basis = vec![Ground::new(
        GroundKind::Rule,
        Some("large"),
        Digest::of(b"large"),
    )];
    Question::new(who, &call, &context, friction, basis, &shown).unwrap()
}

/// Asked at noon, open for a quarter of an hour.
pub(crate) fn asked(friction: &Friction) -> Approval {
    Approval::new(id(1), question_of(&alice(), friction), noon(), QUARTER)
}

pub(crate) fn one_lead() -> Approval {
    asked(&approvals(vec![group(&["role:lead"], 1)]))
}

pub(crate) fn yes(approval: &Approval) -> Answer<'static> {
    Answer::approve(approval.question.preview_digest())
}

/// What a yes makes of it, a minute after noon.
pub(crate) fn answered(approval: &Approval, who: &Caller) -> Result<Approval, Unfit> {
    let step = approval.answer(at(60), who, &|_| false, yes(approval))?;
    assert!(step.is_in_time(at(60)));
    Ok(step.next)
}

#[track_caller]
pub(crate) fn unfit(approval: &Approval, who: &Caller, expected: &str) {
    match answered(approval, who) {
        Ok(next) => panic!("an answer counted: {}", next.state.as_str()),
        Err(error) => assert_eq!(error.to_string(), expected),
    }
}
