//! Calls that have to be tried out before anybody is asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use callgate::{
    ApprovalAnswer, ApprovalId, Caller, Clock, Context, Decision, Digest, GateBuilder, ToolCall,
};
use chrono::{DateTime, Utc};

use crate::support::{Desk, alice, allowed, bob, caller, context, denied, pending, run};

/// Tools that are tried out: by an argument, by another tool, and not at all.
const POLICY: &str = r#"
format = 1
name = "desk"

[roles]
support = {}
lead = {}

[tools.prune]
access = "write"
scope = "none"
dry_run = { argument = "/mode/dry" }
[tools.prune.arguments]
"/keep" = { decimal = {} }
"/note" = { text = {}, nullable = true, optional = true }
"/mode/dry" = { boolean = {}, optional = true }

[tools.apply]
access = "write"
scope = "none"
dry_run = { tool = "plan", argument = "/how", value = "only \"look\"" }
[tools.apply.arguments]
"/file" = { text = {} }

[tools.plan]
access = "read"
scope = "none"
record = { result = "digest" }
[tools.plan.arguments]
"/file" = { text = {} }
"/how" = { text = {}, optional = true }

[tools.blind]
access = "write"
scope = "none"

[[rules]]
id = "all"
effect = "permit"
roles = ["support"]

[[rules]]
id = "tried"
effect = "ask"
tools = ["prune", "apply", "blind"]
preview = true
approval = { all_of = [{ from = ["role:lead"] }] }
"#;

/// In place of the approval: nobody else is asked.
const ALONE: &str = "confirm = false";

fn alone() -> String {
    POLICY.replace(
        "approval = { all_of = [{ from = [\"role:lead\"] }] }",
        ALONE,
    )
}

fn prune(arguments: &str) -> ToolCall {
    ToolCall::from_text("prune", arguments)
}

fn real() -> ToolCall {
    prune(r#"{"keep": 3}"#)
}

fn dry() -> ToolCall {
    prune(r#"{"mode": {"dry": true}, "keep": 3.0}"#)
}

/// A clock for the gate that moves when it is told to.
#[derive(Clone, Default)]
struct Hand(Arc<Mutex<Duration>>);

impl Clock for Hand {
    fn now(&self) -> DateTime<Utc> {
        let noon: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        noon + *self.0.lock().unwrap()
    }

    fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap()
    }
}

fn as_it_is(builder: GateBuilder) -> GateBuilder {
    builder
}

fn desk() -> Desk {
    Desk::with(&whole(), as_it_is)
}

/// As [`POLICY`], but that the rule asks about real runs alone.
fn whole() -> String {
    POLICY.replace(
        "preview = true\n",
        "preview = true\nwhen = { not = { \"arguments/mode/dry\" = { equals = true } } }\n",
    )
}

impl Desk {
    fn make(&self, who: &Caller, call: ToolCall, at: &Context) -> Decision {
        self.gate.authorize(who, call, at)
    }

    #[track_caller]
    fn tries_as(&self, who: &Caller, call: ToolCall, at: &Context, result: &str) -> u64 {
        let permit = allowed(self.make(who, call, at));
        let record = permit.record();
        let ran = permit.run(|_| Ok::<_, std::fmt::Error>(result)).unwrap();
        ran.recorded.unwrap();
        record
    }

    /// Tries the call out.
    #[track_caller]
    fn tries(&self) -> u64 {
        self.tries_as(&alice(), dry(), &context(), "deletes 2")
    }

    #[track_caller]
    fn untried(&self, who: &Caller, call: ToolCall, at: &Context) -> String {
        match self.make(who, call, at) {
            Decision::Deny(denial) => {
                assert_eq!(denial.code().as_str(), "dry_run_missing", "{denial:?}");
                denial.for_model().to_owned()
            }
            other => panic!("expected a denial, got {other:?}"),
        }
    }

    #[track_caller]
    fn asks(&self) -> ApprovalId {
        pending(self.make(&alice(), real(), &context()))
            .approval()
            .unwrap()
    }

    fn shown(&self, id: ApprovalId) -> String {
        let asked = self.gate.approval(id, &bob()).unwrap();
        asked.question.preview.to_string()
    }
}

#[test]
fn tried_shown_approved_and_run() {
    let desk = desk();
    assert_eq!(
        desk.untried(&alice(), real(), &context()),
        "Denied by policy: this call has to be tried out first: call `prune` with the same arguments \
         and /mode/dry = true. The tool was not run. Then make this call again."
    );
    let record = desk.tries();
    let id = desk.asks();
    let shown = desk.shown(id);
    let (call, tried) = shown.split_once("dry run: ").unwrap();
    assert!(call.ends_with("/keep = 3\n"), "{call}");
    assert!(
        tried.starts_with(&format!("record {record} at ")),
        "{tried}"
    );
    assert!(tried.ends_with("Z\ndry run = \"deletes 2\"\n"), "{tried}");
    desk.answer(id, &bob()).unwrap();
    let permit = allowed(desk.gate.resume(id, &alice(), real(), &context()));
    run(permit).unwrap();
    let asked = desk.records();
    let asked = asked.iter().find(|one| one["kind"] == "approval_asked");
    let basis = asked.unwrap()["basis"].as_array().unwrap();
    let part = basis.iter().find(|part| part["part"] == "dry_run").unwrap();
    assert_eq!(part["name"], "prune");
    // What was shown is of before: the next call is tried out anew.
    desk.untried(&alice(), real(), &context());
}

#[test]
fn by_another_tool_and_masked() {
    let desk = desk();
    let apply = || ToolCall::from_text("apply", r#"{"file": "a"}"#);
    let plan = |arguments: &str| ToolCall::from_text("plan", arguments);
    assert_eq!(
        desk.untried(&alice(), apply(), &context()),
        "Denied by policy: this call has to be tried out first: call `plan` with the same arguments \
         and /how = \"only \\\"look\\\"\". The tool was not run. Then make this call again."
    );
    let look = r#"{"file": "a", "how": "only \"look\""}"#;
    let others = [
        r#"{"file": "a"}"#,
        r#"{"file": "a", "how": "deep"}"#,
        r#"{"file": "b", "how": "only \"look\""}"#,
    ];
    for other in others {
        desk.tries_as(&alice(), plan(other), &context(), "a secret");
        desk.untried(&alice(), apply(), &context());
    }
    desk.tries_as(&alice(), plan(look), &context(), "a secret");
    let asked = pending(desk.make(&alice(), apply(), &context()));
    let shown = desk.shown(asked.approval().unwrap());
    // As the log has it: the text of the result.
    let digest = Digest::of(br#""a secret""#);
    assert!(
        shown.ends_with(&format!("dry run = [masked] {digest}\n")),
        "{shown}"
    );
    assert!(!shown.contains("a secret"));
}

#[test]
fn a_tool_without_dry_run() {
    let desk = desk();
    let blind = ToolCall::from_text("blind", "{}");
    let Decision::Deny(denial) = desk.make(&alice(), blind, &context()) else {
        panic!("not denied")
    };
    assert_eq!(
        denial.message(),
        "a preview is demanded, and tool `blind` has no `dry_run` in the catalogue"
    );
    assert!(denial.for_model().contains("which cannot be done here"));
}

/// Tries a call out as `who` in `at`: the call itself is still to be tried out.
#[track_caller]
fn does_not_count(who: &Caller, call: ToolCall, at: &Context) {
    let desk = desk();
    desk.tries_as(who, call, at, "x");
    desk.untried(&alice(), real(), &context());
}

#[test]
fn dry_run_of_other_arguments() {
    let others = [
        r#"{"mode": {"dry": true}, "keep": 4}"#,
        r#"{"mode": {"dry": true}, "keep": 3, "note": null}"#,
        r#"{"mode": {"dry": true}, "keep": 3, "note": ""}"#,
    ];
    for other in others {
        does_not_count(&alice(), prune(other), &context());
    }
}

#[test]
fn dry_run_of_others() {
    let other = caller("user:alice", &["support"]);
    does_not_count(&other, dry(), &context());
    does_not_count(&caller("user:dave", &["support"]), dry(), &context());
    let of_globex = callgate::Principal::asserted("user:alice".parse().unwrap());
    let of_globex = of_globex.member_of("globex", ["support"]);
    let of_globex = Caller::of(of_globex).in_tenant("globex").unwrap();
    does_not_count(&of_globex, dry(), &context());
}

#[test]
fn dry_run_elsewhere() {
    let elsewhere = [
        context().session("s2"),
        context().task("t2"),
        context().environment("staging"),
        Context::new().task("t1").environment("prod"),
    ];
    for at in elsewhere {
        does_not_count(&alice(), dry(), &at);
    }
}

#[test]
fn dry_run_of_another_definition() {
    let [one, other] = [Digest::of(b"one"), Digest::of(b"other")];
    does_not_count(&alice(), dry().definition(one), &context());
    let desk = desk();
    desk.tries_as(&alice(), dry().definition(one), &context(), "x");
    desk.untried(&alice(), real().definition(other), &context());
    pending(desk.make(&alice(), real().definition(one), &context()));
}

#[test]
fn dry_run_before_the_entry_changed() {
    let desk = desk();
    desk.tries();
    let other = whole().replace("record = { result", "credential = \"c\"\nrecord = { result");
    let same = other.replace("credential = \"c\"\n", "# a comment\n");
    desk.gate
        .set_policy(callgate::parse_policy(&same, "desk.toml").unwrap())
        .unwrap();
    desk.asks();
    let pinned = whole().replace(
        "dry_run = { argument",
        "tier = \"bounded-write\"\nobligations = []\nrecord = { arguments = \"text\" }\ndry_run = { argument",
    );
    desk.gate
        .set_policy(callgate::parse_policy(&pinned, "desk.toml").unwrap())
        .unwrap();
    desk.untried(&alice(), real(), &context());
}

#[test]
fn dry_run_that_failed() {
    let desk = desk();
    let fail = || {
        let permit = allowed(desk.make(&alice(), dry(), &context()));
        let failed = permit.run(|_| Err::<(), _>("no such volume")).unwrap();
        failed.recorded.unwrap();
    };
    fail();
    desk.untried(&alice(), real(), &context());
    // One that fails later takes the place of one that went well.
    desk.tries();
    fail();
    desk.untried(&alice(), real(), &context());
}

#[test]
fn dry_run_without_an_end() {
    let desk = desk();
    drop(allowed(desk.make(&alice(), dry(), &context())));
    desk.untried(&alice(), real(), &context());
    let running = allowed(desk.make(&alice(), dry(), &context()))
        .begin()
        .unwrap();
    desk.untried(&alice(), real(), &context());
    drop(running);
    desk.untried(&alice(), real(), &context());
}

#[test]
fn dry_run_whose_end_is_not_in_the_log() {
    let desk = desk();
    let running = allowed(desk.make(&alice(), dry(), &context()))
        .begin()
        .unwrap();
    desk.log.trouble.fail_after(0, false, false);
    let ran = running.finish(Ok::<_, std::fmt::Error>("deletes 2"));
    assert!(ran.recorded.is_err());
    assert!(!matches!(
        desk.make(&alice(), real(), &context()),
        Decision::Ask(_)
    ));
}

#[test]
fn dry_run_that_is_too_old() {
    let hand = Hand::default();
    let clock = hand.clone();
    let desk = Desk::with(&whole(), |builder| builder.clock(clock));
    desk.tries();
    let forward = |seconds| *hand.0.lock().unwrap() += Duration::from_secs(seconds);
    forward(15 * 60 + 1);
    desk.untried(&alice(), real(), &context());
    desk.tries();
    forward(15 * 60);
    let id = desk.asks();
    // Once it was asked, what was shown stands as long as the question.
    forward(60);
    desk.answer(id, &bob()).unwrap();
    allowed(desk.gate.resume(id, &alice(), real(), &context()))
        .begin()
        .unwrap()
        .finish(Ok::<_, std::fmt::Error>(()))
        .recorded
        .unwrap();
}

#[test]
fn a_restart_forgets_dry_runs() {
    let desk = desk();
    desk.tries();
    let after = desk.under(&whole());
    after.untried(&alice(), real(), &context());
}

#[test]
fn a_restart_forgets_no_question() {
    let desk = desk();
    desk.tries();
    let id = desk.asks();
    let after = desk.under(&whole());
    assert_eq!(after.asks(), id);
    after.answer(id, &bob()).unwrap();
    run(allowed(after.gate.resume(id, &alice(), real(), &context()))).unwrap();
}

#[test]
fn another_result_is_asked_about_anew() {
    let desk = desk();
    desk.tries();
    let first = desk.asks();
    desk.tries();
    assert_eq!(desk.asks(), first, "the same result");
    desk.answer(first, &bob()).unwrap();
    desk.tries_as(&alice(), dry(), &context(), "deletes 200");
    let Decision::Ask(asked) = desk.gate.resume(first, &alice(), real(), &context()) else {
        panic!("not asked anew")
    };
    assert_ne!(asked.approval(), Some(first));
    assert!(
        desk.shown(asked.approval().unwrap())
            .contains("deletes 200")
    );
    assert_eq!(desk.state(first), "superseded");
}

#[test]
fn what_was_shown_is_what_is_approved() {
    let desk = desk();
    desk.tries();
    let id = desk.asks();
    let shown = desk.shown(id);
    let (call, _) = shown.split_once("dry run: ").unwrap();
    let blind = ApprovalAnswer::approve(Digest::of(call.as_bytes()));
    let error = desk.gate.answer(id, &bob(), blind).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the approver was shown something else than what is asked"
    );
}

#[test]
fn a_result_too_long_to_be_shown() {
    let desk = desk();
    desk.tries_as(&alice(), dry(), &context(), &"x".repeat(60_000));
    let real = desk.make(&alice(), real(), &context());
    denied(real, "preview_too_large");
}

#[test]
fn a_dry_run_demands_no_preview_of_itself_and_all_else() {
    let desk = Desk::with(POLICY, as_it_is);
    let held = pending(desk.make(&alice(), dry(), &context()));
    assert!(!held.friction().preview && held.friction().approvals.len() == 1);
    let id = held.approval().unwrap();
    desk.answer(id, &bob()).unwrap();
    let permit = allowed(desk.gate.resume(id, &alice(), dry(), &context()));
    run(permit).unwrap();
    desk.asks();
}

#[test]
fn where_nobody_else_is_asked_the_subject_looks() {
    let desk = Desk::with(&alone(), as_it_is);
    desk.tries();
    let id = desk.asks();
    denied_unless_confirmed(&desk, id);
    let alice_herself = caller("user:alice", &["support"]);
    let asked = desk.gate.approval(id, &alice_herself).unwrap();
    assert!(asked.question.demands.confirm);
    desk.answer(id, &alice_herself).unwrap();
    run(allowed(desk.gate.resume(id, &alice(), real(), &context()))).unwrap();
}

fn denied_unless_confirmed(desk: &Desk, id: ApprovalId) {
    let held = desk.gate.resume(id, &alice(), real(), &context());
    assert_eq!(held.kind().as_str(), "ask");
    assert!(desk.answer(id, &bob()).is_err());
}

#[test]
fn a_session_that_is_over() {
    let desk = desk();
    desk.tries();
    desk.gate.forget_session(Some("acme"), "s1");
    desk.untried(&alice(), real(), &context());
}
