//! What is taken back, and what was given out before.

use std::time::Duration;

use callgate::standing::{Quarantine, Quarantined, Revocation};
use callgate::{
    Caller, Context, Delegation, LiftError, NotBegunReason, Principal, RestrictError, ToolCall,
};

use super::rig::{Rig, at, for_task, id, officer, principal, task, with_bot};
use crate::support::{alice, allowed, change, context, look};

#[test]
fn permits_that_were_given_out_before() {
    let check = |caller: &Caller, context: &Context, turn: &dyn Fn(&Rig), expected: &str| {
        let rig = Rig::new();
        rig.begin(task());
        let permit = allowed(rig.gate.authorize(caller, change(), context));
        turn(&rig);
        let told = permit.begin().unwrap_err();
        assert_eq!(told.reason(), NotBegunReason::Revoked, "{expected}");
        assert_eq!(told.code().unwrap().as_str(), expected);
        rig.gate.flush().unwrap();
        assert_eq!(rig.last()["kind"], "not_begun");
        assert_eq!(rig.last()["reason"], "revoked");
    };
    let revoke =
        |target: Revocation| move |rig: &Rig| rig.gate.revoke(&target, &officer(), "why").unwrap();
    let quarantine = |target: Quarantined| {
        move |rig: &Rig| {
            let quarantine = Quarantine::of(target.clone());
            rig.gate.quarantine(&quarantine, &officer(), "why").unwrap();
        }
    };
    let session = context().session("s-1");
    let of_session = Revocation::session(Some("acme"), "s-1").unwrap();
    check(&alice(), &session, &revoke(of_session), "session_revoked");
    let subject = principal(Some("acme"), "user:alice");
    check(&alice(), &context(), &revoke(subject), "caller_revoked");
    let of_task = Revocation::task(Some("acme"), "t-7").unwrap();
    check(&alice(), &for_task(), &revoke(of_task), "task_ended");
    let tenant = Quarantined::tenant("acme").unwrap();
    check(&alice(), &context(), &quarantine(tenant), "quarantined");
    let subject = Quarantined::principal(Some("acme"), id("user:alice")).unwrap();
    check(&alice(), &context(), &quarantine(subject), "quarantined");
    let stale = |rig: &Rig| {
        rig.store.fail(true);
        rig.hands.forward(Duration::from_secs(2));
    };
    check(&alice(), &context(), &stale, "standing_unknown");

    // The caller ends, by the clock, and by a time that the host stated.
    let ends = Principal::asserted(id("user:alice")).member_of("acme", ["support"]);
    let ends = ends.limited_to(Delegation::new().until(at(20)));
    let ends = Caller::of(ends).in_tenant("acme").unwrap();
    let later = |rig: &Rig| {
        rig.hands.forward(Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(600));
    };
    check(&ends, &context(), &later, "caller_expired");
    let stated = context().time(at(5));
    check(&ends, &stated, &later, "caller_expired");
}

#[test]
fn a_principal_is_revoked_within_a_tenant_or_everywhere() {
    let rig = Rig::new();
    let call = || ToolCall::from_text("nothing", "{}");
    let code = |tenant: &str| rig.code(&with_bot(tenant), call(), &Context::new());
    assert_eq!(
        (code("acme"), code("globex")),
        ("unknown_tool", "unknown_tool")
    );
    let here = principal(Some("acme"), "agent:bot");
    rig.gate.revoke(&here, &officer(), "leaked").unwrap();
    assert_eq!(
        (code("acme"), code("globex")),
        ("caller_revoked", "unknown_tool")
    );
    assert_eq!(rig.code(&alice(), look(), &context()), "permitted");
    let everywhere = principal(None, "agent:bot");
    let told = rig.gate.revoke(&everywhere, &officer(), "leaked");
    assert!(matches!(told, Err(RestrictError::OtherTenant)), "{told:?}");
    let staff = || Principal::asserted(id("user:staff"));
    for roles in [&[][..], &["support"], &["guard"]] {
        let held = staff().crossing_tenants(roles.iter().copied());
        let told = rig.gate.revoke(&everywhere, &held, "leaked");
        assert!(matches!(told, Err(RestrictError::OtherTenant)), "{told:?}");
    }
    let guard = staff().crossing_tenants(["guard"]);
    let in_globex = principal(Some("globex"), "agent:other");
    rig.gate.revoke(&in_globex, &guard, "leaked").unwrap();
    let told = rig
        .gate
        .revoke(&principal(Some("acme"), "agent:other"), &guard, "leaked");
    assert!(matches!(told, Err(RestrictError::OtherTenant)), "{told:?}");
    let chief = staff().crossing_tenants(["chief"]);
    rig.gate.revoke(&everywhere, &chief, "leaked").unwrap();
    assert_eq!(
        (code("acme"), code("globex")),
        ("caller_revoked", "caller_revoked")
    );
    assert_eq!(rig.last()["message"], "`agent:bot` was revoked");
}

#[test]
fn a_quarantine_is_lifted_by_whom_it_names() {
    let rig = Rig::new();
    let bot = Quarantined::principal(Some("acme"), id("agent:bot")).unwrap();
    let code = || rig.code(&with_bot("acme"), look(), &Context::new());
    let quarantine = |by: &[&str]| {
        let quarantine = Quarantine::of(bot.clone());
        let quarantine = match by {
            [] => quarantine,
            by => quarantine
                .lifted_by_only(by.iter().map(|it| id(it)))
                .unwrap(),
        };
        rig.gate
            .quarantine(&quarantine, &officer(), "astray")
            .unwrap();
    };
    let lift = |who: &str| {
        let who = Principal::asserted(id(who)).member_of("acme", [] as [&str; 0]);
        rig.gate.lift(&bot, &who, "all is well")
    };
    let told = lift("user:chief").unwrap_err();
    assert!(matches!(told, LiftError::NotQuarantined), "{told}");
    quarantine(&[]);
    assert_eq!(code(), "quarantined");
    for who in ["agent:bot", "agent:other"] {
        let told = lift(who).unwrap_err();
        assert!(matches!(told, LiftError::NotByThem(_)), "{told}");
    }
    lift("user:officer").unwrap();
    let before = rig.last();
    assert_eq!(
        (&before["kind"], &before["action"]),
        (&"revoked".into(), &"lifted".into())
    );
    assert_eq!(code(), "missing_scope");
    quarantine(&["user:chief"]);
    // A second one, by somebody else, does not loosen the first.
    quarantine(&[]);
    let told = lift("user:officer").unwrap_err().to_string();
    assert_eq!(
        told,
        "the quarantine was not to be lifted by `user:officer`"
    );
    assert_eq!(code(), "quarantined");
    lift("user:chief").unwrap();
    assert_eq!(code(), "missing_scope");
    rig.store.fail(true);
    quarantine_fails(&rig, &bot);
    let told = lift("user:chief").unwrap_err();
    assert!(matches!(told, LiftError::Store(_)), "{told}");
    assert_eq!(code(), "quarantined");
}

fn quarantine_fails(rig: &Rig, bot: &Quarantined) {
    let quarantine = Quarantine::of(bot.clone());
    let told = rig.gate.quarantine(&quarantine, &officer(), "astray");
    assert!(told.unwrap_err().is_in_force());
}
