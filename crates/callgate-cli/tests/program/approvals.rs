//! `callgate approvals`: one terminal holds the agent, the other the person who is asked.

use std::path::Path;

use callgate::{
    Authorized, Caller, Context, Decision, Gate, MemorySink, Parked, Principal, ToolCall,
};
use callgate_store_sqlite::SqliteApprovals;

use crate::run::{Ran, callgate};

const POLICY: &str = r#"
format = 1
name = "desk"
[roles]
support = {}
lead = {}
[tools.refund]
access = "write"
scope = "none"
[tools.refund.arguments]
"/amount" = { integer = { at_least = 1 } }
"/note" = { text = { max_chars = 100 }, optional = true }
[[rules]]
id = "refunds"
effect = "permit"
roles = ["support"]
[[rules]]
id = "asked"
effect = "ask"
tools = ["refund"]
approval = { all_of = [{ from = ["role:lead"], count = 2 }], expires_in = "15m" }
"#;

fn gate(folder: &Path) -> Gate {
    Gate::builder()
        .policy(callgate::parse_policy(POLICY, "desk.toml").unwrap())
        .audit(MemorySink::new())
        .approvals(SqliteApprovals::open(folder.join("approvals.db")).unwrap())
        .build()
        .unwrap()
}

fn alice() -> Caller {
    let alice = Principal::asserted("user:alice".parse().unwrap()).member_of("acme", ["support"]);
    let bot = Principal::asserted("agent:bot".parse().unwrap());
    Caller::of(alice).acting(bot).in_tenant("acme").unwrap()
}

fn ask(gate: &Gate) -> Parked {
    let call = ToolCall::from_text("refund", "{\"amount\": 80, \"note\": \"to b\u{202e}ob\"}");
    let decision = gate.authorize(&alice(), call, &Context::new());
    assert!(matches!(decision, Decision::Ask(_)), "{decision:?}");
    match decision {
        Decision::Ask(pending) => pending.park(),
        _ => None,
    }
    .unwrap()
}

fn answers(folder: &Path, word: &str, id: &str, who: &str, further: &[&str], typed: &str) -> Ran {
    let arguments = [
        "approvals",
        word,
        "approvals.db",
        id,
        "--as",
        who,
        "--tenant",
        "acme",
    ];
    let arguments = [&arguments, ["--role", "lead"].as_slice(), further].concat();
    callgate(folder, &arguments, typed.as_bytes())
}

#[test]
fn two_terminals() {
    let folder = tempfile::tempdir().unwrap();
    let gate = gate(folder.path());
    let parked = ask(&gate);
    let id = parked.approval().to_string();

    let listed = callgate(folder.path(), &["approvals", "list", "approvals.db"], b"");
    assert!(
        listed.out.contains(&id) && listed.out.contains("asked"),
        "{}",
        listed.out
    );
    assert!(
        listed
            .out
            .contains("acme  user:alice via agent:bot  refund"),
        "{}",
        listed.out
    );

    let ran = answers(folder.path(), "approve", &id, "user:bob", &[], "yes\n");
    assert_eq!(ran.code, 0, "{}", ran.err);
    // What could hide something is seen.
    assert!(
        ran.out.contains("/note = \"to b\\u{202e}ob\"\n"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("is asked; others must agree, too"),
        "{}",
        ran.out
    );
    assert!(matches!(
        gate.resume(parked.approval(), &alice(), parked.call(), &Context::new()),
        Decision::Ask(_)
    ));

    let ran = answers(
        folder.path(),
        "approve",
        &id,
        "user:eve",
        &["--reason", "seen it"],
        "yes\n",
    );
    assert!(
        ran.out.ends_with(&format!("{id} is approved\n")),
        "{}",
        ran.out
    );
    let decision = gate.resume(parked.approval(), &alice(), parked.call(), &Context::new());
    let ran = match decision {
        Decision::Allow(permit) => permit
            .run(|_: &Authorized<'_>| Ok::<_, std::fmt::Error>("done"))
            .is_ok(),
        _ => false,
    };
    assert!(ran);
    let shown = callgate(
        folder.path(),
        &["approvals", "show", "approvals.db", &id],
        b"",
    );
    assert!(shown.out.contains("state     consumed\n"), "{}", shown.out);
    assert!(
        shown.out.contains("demands   2 of role:lead\n"),
        "{}",
        shown.out
    );
    assert!(
        shown.out.contains("answer    user:eve approved at"),
        "{}",
        shown.out
    );
    let listed = callgate(folder.path(), &["approvals", "list", "approvals.db"], b"");
    assert_eq!(listed.out, "nothing is asked\n");
    let all = [
        "approvals",
        "list",
        "approvals.db",
        "--ended",
        "--format",
        "json",
    ];
    let all = callgate(folder.path(), &all, b"").json();
    assert_eq!(all[0]["state"], "consumed");
    assert_eq!(all[0]["answers"][1]["reason"], "seen it");
}

#[test]
fn any_other_word_is_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let parked = ask(&gate(folder.path()));
    let id = parked.approval().to_string();
    for typed in ["", "\n", "y\n", "YES\n", "no\n", "yes please\n"] {
        let ran = answers(folder.path(), "approve", &id, "user:bob", &[], typed);
        assert_eq!(ran.code, 1, "{typed}");
        assert!(ran.out.ends_with("not answered\n"), "{}", ran.out);
    }
}

#[test]
fn refused_in_the_other_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let gate = gate(folder.path());
    let parked = ask(&gate);
    let id = parked.approval().to_string();
    let ran = answers(
        folder.path(),
        "refuse",
        &id,
        "user:bob",
        &["--reason", "no"],
        "",
    );
    assert_eq!((ran.code, ran.out), (0, format!("{id} is refused\n")));
    let decision = gate.resume(parked.approval(), &alice(), parked.call(), &Context::new());
    assert_eq!(decision.code().as_str(), "approval_refused");
}

#[test]
fn answers_that_do_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let parked = ask(&gate(folder.path()));
    let id = parked.approval().to_string();
    let says = |who: &str, further: &[&str], expected: &str| {
        let ran = answers(folder.path(), "approve", &id, who, further, "yes\n");
        assert_eq!(ran.code, 1, "{}", ran.out);
        assert!(ran.err.contains(expected), "{}", ran.err);
    };
    says("user:alice", &[], "nobody approves a call of their own");
    says("agent:bot2", &[], "an approver is a person");
    let digest = "0".repeat(64);
    says("user:bob", &["--seen", &digest], "was shown something else");
    let arguments = [
        "approvals",
        "approve",
        "approvals.db",
        &id,
        "--as",
        "user:bob",
        "--role",
        "lead",
    ];
    let ran = callgate(folder.path(), &arguments, b"yes\n");
    assert!(
        ran.err.contains("the approver is of another tenant"),
        "{}",
        ran.err
    );
    let none = "0".repeat(32);
    let ran = answers(folder.path(), "refuse", &none, "user:bob", &[], "");
    assert_eq!(
        (ran.code, ran.err),
        (1, format!("callgate: there is no approval {none}\n"))
    );
}

#[test]
fn seen_before_is_approved_without_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let parked = ask(&gate(folder.path()));
    let id = parked.approval().to_string();
    let shown = ["approvals", "show", "approvals.db", &id, "--format", "json"];
    let shown = callgate(folder.path(), &shown, b"").json().remove(0);
    let seen = shown["preview_digest"].as_str().unwrap();
    let further = ["--seen", seen, "--format", "json"];
    let answered = answers(folder.path(), "approve", &id, "user:bob", &further, "").json();
    assert_eq!(answered[0]["state"], "asked");
    assert_eq!(answered[0]["answers"][0]["by"], "user:bob");
    let without = answers(
        folder.path(),
        "approve",
        &id,
        "user:eve",
        &["--format", "json"],
        "yes\n",
    );
    assert_eq!(without.code, 2);
}

#[test]
fn store_that_is_none() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.db"), "nothing of the sort").unwrap();
    let ran = callgate(folder.path(), &["approvals", "list", "x.db"], b"");
    assert_eq!(
        (ran.code, ran.err),
        (2, "callgate: `x.db` is no store of approvals\n".into())
    );
    assert_eq!(
        callgate(folder.path(), &["approvals", "list", "none.db"], b"").code,
        2
    );
    assert!(!folder.path().join("none.db").exists());
}
