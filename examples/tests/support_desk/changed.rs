//! What comes out differently where a file of the desk says something else.

use std::fs;

use crate::{Run, inputs, run};

/// All that a run reads.
const FILES: [&str; 5] = [
    "policy.toml",
    "mail.toml",
    "mail_tools.json",
    "calls.jsonl",
    "state.json",
];

/// Runs the desk on a copy of its files, with `changes` made to one of them.
fn run_changed(file: &str, changes: &[(&str, &str)]) -> Result<Run, String> {
    let folder = tempfile::tempdir().unwrap();
    for name in FILES {
        fs::copy(inputs().join(name), folder.path().join(name)).unwrap();
    }
    let mut text = fs::read_to_string(inputs().join(file)).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{file} does not say {from}");
        text = text.replacen(from, to, 1);
    }
    fs::write(folder.path().join(file), text).unwrap();
    let ran = run(folder.path(), &folder.path().join("runs"), false)?;
    Ok(Run {
        _inputs: Some(folder),
        ..ran
    })
}

/// Changes the policy, and expects these calls to come out differently.
#[track_caller]
fn check(changes: &[(&str, &str)], expected: &[&str]) -> Run {
    let ran = run_changed("policy.toml", changes).unwrap();
    assert_eq!(ran.report.surprises, expected);
    ran
}

#[test]
fn changed_rules() {
    check(
        &[("{ above = \"50.00\" }", "{ above = \"60.00\" }")],
        &["call_11: expected ask asked by large-credits, got allow permitted by credits"],
    );
    check(
        &[("tenants = [\"*\"]", "tenants = [\"acme\", \"globex\"]")],
        &["call_78: expected allow permitted by reading, got deny no_permit"],
    );
}

#[test]
fn tool_that_nobody_accepted() {
    let change = ("one address.\"", "any address.\"");
    let ran = run_changed("mail_tools.json", &[change]).unwrap();
    // All mails of the transcript, but for the one that is refused for this anyway.
    let surprises = &ran.report.surprises;
    assert_eq!(surprises.len(), 17, "{surprises:?}");
    for surprise in surprises {
        assert!(surprise.ends_with("got deny tool_changed"), "{surprise}");
    }
    assert_eq!(ran.state().outbox, []);
}

#[test]
fn tier_that_a_permit_accepts() {
    let ran = check(
        &[
            (
                "reason       = \"a billing lead",
                "accepts_tier = \"privileged\"\nreason       = \"a billing lead",
            ),
            (
                "gets        = \"ask\"\ncode        = \"tier_friction\"",
                "gets        = \"allow\"\nrule        = \"suspensions\"",
            ),
        ],
        &[
            "call_65: expected ask tier_friction, got allow permitted by suspensions",
            "call_67: expected ask tier_friction, got allow permitted by suspensions",
            "call_68: expected allow permitted by credits, got deny forbidden by suspended-accounts",
            "call_102: expected allow permitted by credits, got deny forbidden by suspended-accounts",
        ],
    );
    let accounts = ran.state().accounts;
    let suspended = accounts.iter().filter(|one| one.status == "suspended");
    assert_eq!(
        suspended.map(|one| one.id.as_str()).collect::<Vec<_>>(),
        ["acc_1234abcd", "acc_77bigco0", "acc_closed99"]
    );
}

/// Changes a file, and expects the desk not to open.
#[track_caller]
fn check_refused(file: &str, from: &str, to: &str, expected: &str) {
    let error = run_changed(file, &[(from, to)]).err().unwrap();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn files_that_are_not_right() {
    check_refused(
        "policy.toml",
        "tools   = [\"lookup_profile\", \"search_tickets\"]",
        "tools   = [\"lookup_profle\", \"search_tickets\"]",
        "unknown tool `lookup_profle`",
    );
    check_refused(
        "policy.toml",
        "at_most = \"500.00\"",
        "at_most = \"600.00\"",
        "example gets `ask`",
    );
    check_refused(
        "calls.jsonl",
        "\"session\": \"s-1003\"",
        "\"sesion\": \"s-1003\"",
        "calls.jsonl:",
    );
    check_refused(
        "state.json",
        "\"tickets\"",
        "\"ticket\"",
        "state.json: unknown field `ticket`",
    );
}

#[test]
fn limit_that_is_smaller() {
    let ran = run_changed(
        "policy.toml",
        &[("at_most = \"1000.00\"", "at_most = \"600.00\"")],
    )
    .unwrap();
    assert_eq!(ran.report.surprises, [""; 0]);
    assert!(ran.output.contains("  9 are credited\n"), "{}", ran.output);
}
