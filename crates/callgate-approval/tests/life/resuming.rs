//! Claiming, consuming, giving back, and every other end.

use std::time::Duration;

use callgate_approval::{Approval, State, Stopped, Withdrawn, binding};
use callgate_types::{Caller, Context, Digest, Principal, ToolCall};

use crate::support::{alice, answered, at, caller, id, one_lead, principal};

const MINUTE: Duration = Duration::from_secs(60);

fn approved() -> Approval {
    answered(&one_lead(), &caller("user:bob", &["lead"])).unwrap()
}

#[test]
fn claimed_once() {
    let approved = approved();
    let claimed = approved.claim(at(100), id(8), MINUTE).unwrap().next;
    let held = claimed.claim(at(159), id(9), MINUTE).unwrap_err();
    assert_eq!(held.to_string(), "the approval is claimed");
    let used = claimed.consume(id(8)).unwrap().next;
    assert_eq!(
        used.claim(at(160), id(9), MINUTE).unwrap_err().to_string(),
        "the approval is consumed"
    );
    assert!(used.consume(id(8)).is_err());
    assert!(claimed.consume(id(9)).is_err());
}

#[test]
fn nothing_is_claimed_before_it_is_approved() {
    let asked = one_lead();
    let error = asked.claim(at(1), id(8), MINUTE).unwrap_err();
    assert_eq!(error, Stopped::At(State::Asked));
}

#[test]
fn claim_lapses() {
    let claimed = approved().claim(at(100), id(8), MINUTE).unwrap().next;
    assert!(!claimed.consume(id(8)).unwrap().is_in_time(at(160)));
    let again = claimed.claim(at(160), id(9), MINUTE).unwrap();
    assert!(!again.is_in_time(at(159)) && again.is_in_time(at(160)));
    // A consumption that is slow does not land behind the lapse.
    let slow = claimed.consume(id(8)).unwrap();
    assert!(!slow.is_in_time(at(160)));
}

#[test]
fn claim_ends_with_the_approval() {
    let approved = approved();
    let late = approved.claim(at(890), id(8), MINUTE).unwrap();
    assert!(!late.next.consume(id(8)).unwrap().is_in_time(at(900)));
    assert!(!late.is_in_time(at(900)));
    assert_eq!(
        approved.claim(at(900), id(8), MINUTE).unwrap_err(),
        Stopped::Expired
    );
}

#[test]
fn given_back_unused() {
    let claimed = approved().claim(at(100), id(8), MINUTE).unwrap().next;
    assert!(claimed.give_back(id(9)).is_err());
    let back = claimed.give_back(id(8)).unwrap().next;
    assert_eq!(back.state, State::Approved);
    assert!(back.claim(at(110), id(9), MINUTE).is_ok());
}

#[test]
fn expiry_is_an_end() {
    let asked = one_lead();
    assert!(asked.expire(at(899)).is_err());
    let step = asked.expire(at(900)).unwrap();
    assert!(!step.is_in_time(at(899)));
    assert_eq!(step.next.state, State::Expired);
    assert!(step.next.unrecorded);
    assert!(step.next.claim(at(900), id(8), MINUTE).is_err());
    assert!(step.next.withdraw(at(900), Withdrawn::Cancelled).is_err());
}

#[test]
fn withdrawn_unless_somebody_holds_it() {
    let claimed = approved().claim(at(100), id(8), MINUTE).unwrap().next;
    assert!(claimed.withdraw(at(120), Withdrawn::Superseded).is_err());
    let lapsed = claimed.withdraw(at(160), Withdrawn::Superseded).unwrap();
    assert!(!lapsed.is_in_time(at(159)));
    assert_eq!(lapsed.next.state, State::Superseded);
}

#[test]
fn refused_call_is_not_asked_again_at_once() {
    let asked = one_lead();
    let eve = caller("user:eve", &["lead"]);
    let no = callgate_approval::Answer::refuse();
    let refused = asked.answer(at(1), &eve, &|_| false, no).unwrap().next;
    assert!(refused.holds_place(at(899)) && !refused.holds_place(at(900)));
    assert!(asked.holds_place(at(899)) && !asked.holds_place(at(900)));
    let ended = asked.withdraw(at(1), Withdrawn::Cancelled).unwrap().next;
    assert!(!ended.holds_place(at(1)));
}

#[test]
fn binding_covers_the_whole_call() {
    let context = Context::new().session("s").task("t").environment("prod");
    let call = || ToolCall::from_text("pay", r#"{"a": 5}"#);
    let of = |who: &Caller, call: &ToolCall, context: &Context| binding(who, call, context);
    let one = of(&alice(), &call(), &context);
    assert_eq!(
        one,
        of(&alice(), &call().id("c9"), &context.clone().trace("x"))
    );
    let bot = |owner: &str| {
        let bot = Principal::asserted("agent:bot".parse().unwrap());
        let bot = bot.owned_by(owner.parse().unwrap());
        let alice = principal("user:alice", &["support", "lead"]);
        Caller::of(alice).acting(bot).in_tenant("acme").unwrap()
    };
    assert_eq!(one, of(&bot("user:carol"), &call(), &context));
    let globex = Principal::asserted("user:alice".parse().unwrap()).member_of("globex", ["lead"]);
    let others = [
        of(
            &alice(),
            &ToolCall::from_text("pay", r#"{"a": 6}"#),
            &context,
        ),
        of(
            &alice(),
            &ToolCall::from_text("pay", r#"{"a": "5"}"#),
            &context,
        ),
        of(
            &alice(),
            &ToolCall::from_text("pay", r#"{"a": 5, "b": null}"#),
            &context,
        ),
        of(
            &alice(),
            &ToolCall::from_text("refund", r#"{"a": 5}"#),
            &context,
        ),
        of(&alice(), &call().definition(Digest::of(b"d")), &context),
        of(&alice(), &call(), &context.clone().session("s2")),
        of(&alice(), &call(), &context.clone().task("t2")),
        of(&alice(), &call(), &context.clone().environment("staging")),
        of(&alice(), &call(), &Context::new().session("s")),
        of(
            &caller("user:alice", &["support", "lead"]),
            &call(),
            &context,
        ),
        of(&bot("user:dave"), &call(), &context),
        of(
            &Caller::of(globex).in_tenant("globex").unwrap(),
            &call(),
            &context,
        ),
    ];
    for (place, other) in others.iter().enumerate() {
        assert_ne!(one, *other, "{place}");
        assert_eq!(
            others.iter().filter(|same| *same == other).count(),
            1,
            "{place}"
        );
    }
}
