//! How far a standing approval may go.

use std::time::Duration;

use callgate::approval::standing::StandingBounds;

use super::support::{Ahead, HOUR, SMALL, policy, two_small};
use crate::support::{POLICY, allowed, pending, run};

#[track_caller]
fn refused(bounds: &StandingBounds<'_>, expected: &str) {
    let ahead = Ahead::new();
    let error = ahead.give(bounds).unwrap_err();
    assert_eq!(error.to_string(), expected);
    pending(ahead.call(90));
}

#[test]
fn policy_that_does_not_say_so_lets_nobody() {
    let ahead = Ahead::with(POLICY);
    let error = ahead.give(&two_small()).unwrap_err();
    assert_eq!(error.to_string(), "such calls are approved one by one");
}

#[test]
fn no_further_than_the_policy_says() {
    let uses = "expected from 1 to 3 uses";
    refused(&StandingBounds::new(4, HOUR).matching(SMALL), uses);
    refused(&StandingBounds::new(0, HOUR).matching(SMALL), uses);
    let within = "expected a time of at most 28800000 ms";
    let long = 8 * HOUR + Duration::from_millis(1);
    refused(&StandingBounds::new(3, long).matching(SMALL), within);
    refused(&StandingBounds::new(3, Duration::ZERO), within);
}

#[test]
fn confirmation_and_preview_are_never_carried() {
    let confirmed = policy().replace("effect = \"ask\"", "effect = \"ask\"\nconfirm = true");
    let ahead = Ahead::with(&confirmed);
    let error = ahead.give(&two_small()).unwrap_err();
    assert_eq!(error.to_string(), "such calls are approved one by one");

    let shown = policy()
        .replace("effect = \"ask\"", "effect = \"ask\"\npreview = true")
        .replace(
            "access = \"write\"",
            "access = \"write\"\ndry_run = { argument = \"/dry\" }",
        )
        .replace(
            "[tools.refund.arguments]",
            "[tools.refund.arguments]\n\"/dry\" = { boolean = {}, optional = true }",
        );
    let ahead = Ahead::with(&shown);
    let tried = crate::support::refund(r#"{"amount": 500, "dry": true}"#);
    let decision =
        ahead
            .gate()
            .authorize(&crate::support::alice(), tried, &crate::support::context());
    // What is tried out is asked about without a preview, and may be approved ahead; the call itself
    // is shown each time.
    let asked = pending(decision).approval().unwrap();
    let bob = crate::support::bob();
    let two = StandingBounds::new(2, HOUR).matching(r#"{"arguments/amount": {"integer": {}}}"#);
    ahead.gate().give_standing(asked, &bob, &two).unwrap();
    crate::support::denied(ahead.call(90), "dry_run_missing");
    let tried = crate::support::refund(r#"{"amount": 90, "dry": true}"#);
    let (alice, context) = (crate::support::alice(), crate::support::context());
    run(allowed(ahead.gate().authorize(&alice, tried, &context))).unwrap();
    let asked = pending(ahead.call(90)).approval().unwrap();
    let error = ahead.gate().give_standing(asked, &bob, &two);
    assert_eq!(
        error.unwrap_err().to_string(),
        "such calls are approved one by one"
    );
}

#[test]
fn rule_that_asks_besides_is_not_carried() {
    let rule = "\n[[rules]]\nid = \"night\"\neffect = \"ask\"\nwhen = { \"context/night\" = { equals = true } }\n";
    let policy = format!("{}{rule}", policy());
    let ahead = Ahead::with(&policy);
    let day = crate::support::context().fact("night", false);
    let asked = ahead
        .gate()
        .authorize(&crate::support::alice(), crate::support::large(), &day);
    let asked = pending(asked).approval().unwrap();
    let bob = crate::support::bob();
    ahead
        .gate()
        .give_standing(asked, &bob, &two_small())
        .unwrap();
    run(allowed(ahead.call_in(90, &day))).unwrap();
    let night = crate::support::context().fact("night", true);
    pending(ahead.call_in(90, &night));
    // Unknown restricts.
    pending(ahead.call(90));
}

#[test]
fn limit_that_asks_is_never_carried() {
    let limit = "\n[[limits]]\nid = \"few\"\ncount = 1\ntools = [\"refund\"]\non_exceed = \"ask\"\napproval = { all_of = [{ from = [\"role:lead\"] }] }\n";
    let policy = format!("{}{limit}", policy());
    let ahead = Ahead::limited(&policy);
    let id = ahead.given().approval.id;
    run(allowed(ahead.call(90))).unwrap();
    let asked = pending(ahead.call(90));
    assert_eq!(asked.code().as_str(), "asked");
    assert_eq!(ahead.used(id), 1);
}

#[test]
fn without_a_condition_the_very_arguments() {
    let ahead = Ahead::new();
    let asked = ahead.desk.ask(crate::support::large()).approval();
    let (alice, bob, context) = (
        crate::support::alice(),
        crate::support::bob(),
        crate::support::context(),
    );
    ahead
        .gate()
        .give_standing(asked, &bob, &StandingBounds::new(3, HOUR))
        .unwrap();
    // However they are spelled.
    let same = crate::support::refund(r#"{ "note": "late\u0020parcel", "amount": 80 }"#);
    run(allowed(ahead.gate().authorize(&alice, same, &context))).unwrap();
    pending(ahead.call(80));
}

#[test]
fn condition_on_what_is_absent() {
    let ahead = Ahead::new();
    let plain = r#"{"arguments/note": {"present": false}}"#;
    ahead
        .give(&StandingBounds::new(2, HOUR).matching(plain))
        .unwrap();
    run(allowed(ahead.call(90))).unwrap();
    let noted = crate::support::refund(r#"{"amount": 90, "note": null}"#);
    let (alice, context) = (crate::support::alice(), crate::support::context());
    pending(ahead.gate().authorize(&alice, noted, &context));
}

#[test]
fn condition_that_is_none() {
    let check = |when: &str, expected: &str| {
        refused(&StandingBounds::new(1, HOUR).matching(when), expected);
    };
    let prefix = "the condition cannot be used: condition:1:";
    check(
        "{}",
        &format!("{prefix}1: the condition is empty; say what must hold, or leave it out"),
    );
    check(
        r#"{"arguments/amuont": {"integer": {}}}"#,
        &format!("{prefix}2: `refund` declares no argument `/amuont`; did you mean `/amount`?"),
    );
    let ahead = Ahead::new();
    for when in [
        "",
        "[]",
        "null",
        "{",
        r#"{"tools": ["refund"]}"#,
        r#"{"arguments/amount": {"use": "x"}}"#,
    ] {
        let error = ahead.give(&StandingBounds::new(1, HOUR).matching(when));
        assert!(error.unwrap_err().to_string().starts_with(prefix), "{when}");
    }
    let long = format!(
        "{{\"arguments/note\": {{\"equals\": \"{}\"}}}}",
        "x".repeat(20_000)
    );
    check(&long, "expected a condition of at most 16384 bytes");
}
