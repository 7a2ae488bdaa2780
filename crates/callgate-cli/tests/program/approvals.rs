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
approval = { all_of = [{ from = ["role:lead"], count = 2 }], expires_in = "15m", standing = { uses = 5, within = "1h" } }
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

/// Asks about refunds of 1, 2, … of these.
fn asked(gate: &Gate, count: usize) -> Vec<String> {
    let ask = |amount: usize| {
        let call = ToolCall::from_text("refund", format!("{{\"amount\": {amount}}}"));
        match gate.authorize(&alice(), call, &Context::new()) {
            Decision::Ask(pending) => pending.park().unwrap().approval().to_string(),
            other => other.code().to_string(),
        }
    };
    (1..=count).map(ask).collect()
}

#[test]
fn one_word_for_many_calls() {
    let folder = tempfile::tempdir().unwrap();
    let gate = gate(folder.path());
    let mut ids = asked(&gate, 3);
    let missing = "0".repeat(32);
    ids.insert(1, missing.clone());
    let tail = ["--as", "user:bob", "--tenant", "acme", "--role", "lead"];
    let run = |word: &str, ids: &[String], further: &[&str], typed: &str| {
        let mut arguments = vec!["approvals", word, "approvals.db"];
        arguments.extend(ids.iter().map(String::as_str));
        arguments.extend(tail);
        arguments.extend(further);
        callgate(folder.path(), &arguments, typed.as_bytes())
    };
    let ran = run("approve", &ids, &[], "yes\n");
    // The one that is not there stops no other, and is not passed over in silence.
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains(&format!("there is no approval {missing}")),
        "{}",
        ran.err
    );
    let question = "Type yes to approve exactly these 3 calls:\n";
    assert!(ran.out.contains(question), "{}", ran.out);
    for (number, id) in [&ids[0], &ids[2], &ids[3]].into_iter().enumerate() {
        let amount = number.saturating_add(1);
        assert!(
            ran.out.contains(&format!("/amount = {amount}\n")),
            "{}",
            ran.out
        );
        let told = format!("{id} is asked; others must agree, too\n");
        assert!(ran.out.contains(&told), "{}", ran.out);
    }
    // As many digests as calls.
    let seen = "0".repeat(64);
    let ran = run("approve", &ids, &["--seen", &seen], "");
    assert_eq!(ran.code, 2, "{}", ran.out);
    ids.remove(1);
    let bob_again = run("refuse", &ids, &[], "");
    assert_eq!(bob_again.code, 1);
    assert_eq!(bob_again.err.matches("has answered already").count(), 3);
}

#[test]
fn standing_approvals_are_listed_shown_and_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("approvals.db");
    let policy = POLICY.replace("count = 2", "count = 1");
    let gate = Gate::builder()
        .policy(callgate::parse_policy(&policy, "desk.toml").unwrap())
        .audit(callgate::FileSink::open(folder.path().join("audit")).unwrap())
        .approvals(SqliteApprovals::open(&path).unwrap())
        .standing_approvals(callgate_store_sqlite::SqliteStandingApprovals::open(&path).unwrap())
        .build()
        .unwrap();
    let parked = ask(&gate);
    let bob = Principal::asserted("user:bob".parse().unwrap()).member_of("acme", ["lead"]);
    let bob = Caller::of(bob).in_tenant("acme").unwrap();
    let hour = std::time::Duration::from_secs(3_600);
    let small = "{\"arguments/amount\": {\"integer\": {\"at_most\": 100}}}";
    let bounds = callgate::approval::standing::StandingBounds::new(5, hour).matching(small);
    let standing = gate
        .give_standing(parked.approval(), &bob, &bounds)
        .unwrap();
    let id = standing.approval.id.to_string();
    let allow = || {
        let call = ToolCall::from_text("refund", "{\"amount\": 7}");
        gate.authorize(&alice(), call, &Context::new())
    };
    assert_eq!(allow().code().as_str(), "standing_approved");
    if let Decision::Allow(permit) = allow() {
        let ran = permit.run(|_: &Authorized<'_>| Ok::<_, std::fmt::Error>("done"));
        assert!(ran.is_ok());
    }

    let listed = callgate(folder.path(), &["approvals", "list", "approvals.db"], b"");
    let line = listed
        .out
        .lines()
        .find(|line| line.starts_with(&id))
        .unwrap();
    assert!(
        line.ends_with("acme  user:alice via agent:bot  refund  standing, 1 of 5 used"),
        "{line}"
    );
    let shown = ["approvals", "show", "approvals.db", &id];
    let shown = callgate(folder.path(), &shown, b"").out;
    for expected in [
        "state     approved\n",
        "used      1 of 5\n",
        "answer    user:bob approved at",
        "standing approval of: refund\n",
        &format!("with arguments such that: {small}\n"),
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    let stranger = [
        "approvals",
        "revoke",
        "approvals.db",
        &id,
        "--as",
        "user:eve",
        "--tenant",
        "acme",
    ];
    let refused = callgate(folder.path(), &stranger, b"");
    assert_eq!(
        (refused.code, &*refused.err),
        (1, "callgate: this approver is not asked\n")
    );
    let ran = answers(
        folder.path(),
        "revoke",
        &id,
        "user:eve",
        &["--reason", "enough"],
        "",
    );
    assert_eq!((ran.code, ran.out), (0, format!("{id} is revoked\n")));
    assert_eq!(allow().code().as_str(), "asked");
    let all = [
        "approvals",
        "list",
        "approvals.db",
        "--ended",
        "--format",
        "json",
    ];
    let all = callgate(folder.path(), &all, b"").json();
    let json = all.iter().find(|one| one["approval"] == *id).unwrap();
    assert_eq!(
        (&json["state"], &json["standing"]),
        (&"revoked".into(), &true.into())
    );
    assert_eq!(json["answers"][1]["reason"], "enough");
    let again = answers(folder.path(), "revoke", &id, "user:eve", &[], "");
    assert_eq!(again.code, 1);
    gate.flush().unwrap();
    let story = callgate(folder.path(), &["log", "audit"], b"").out;
    let given_on = parked.approval();
    for expected in [
        format!("standing approval `{id}`, given on `{given_on}`, for 5 calls until "),
        format!("standing_approved: by `{id}`; rule `asked` asks; bounded-write\n"),
        format!("`{id}` was used, 4 uses left\n"),
        format!("of `approval`, id `{id}`"),
    ] {
        assert!(story.contains(&expected), "{expected}: {story}");
    }
}
