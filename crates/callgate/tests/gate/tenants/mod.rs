//! Callers of several tenants at one gate.

mod apart;

use callgate::audit::TaskEnd;
use callgate::standing::{MemoryStanding, Quarantine, Quarantined, Revocation, Task};
use callgate::{
    ApprovalAnswer, ApprovalState, AssertedCaller, Caller, Context, Decision, MemoryApprovals,
    Principal, Resource, ToolCall,
};
use chrono::DateTime;

use crate::support::{Faulty, allowed, builder, refused};

const POLICY: &str = r#"
format = 1
name = "desk"
isolation = "tenant"

[roles]
support = { scopes = ["write"] }
staff = { scopes = ["write"], crosses = ["acme", "glob*"] }
root = { scopes = ["write"] }

[tools.change]
access = "write"
scope = "write"
resources = [{ kind = "account", id = "/account" }]
[tools.change.arguments]
"/account" = { text = { max_chars = 20 } }

[tools.ping]
access = "read"
scope = "none"

[[rules]]
id = "change"
effect = "permit"
roles = ["support", "staff", "root"]
tools = ["change"]

[[rules]]
id = "ping"
effect = "permit"
tools = ["ping"]
"#;

fn change(account: &str) -> ToolCall {
    ToolCall::from_text("change", format!(r#"{{"account": "{account}"}}"#))
}

fn context(tenant: &str) -> Context {
    Context::new().resource(Resource::new("account", "a1").tenant(tenant))
}

fn user(id: &str) -> Principal {
    Principal::asserted(format!("user:{id}").parse().unwrap())
}

#[track_caller]
fn check(subject: Principal, tenant: &str, tool: &str, expected: &str) {
    let sink = Faulty::new();
    let gate = builder(POLICY, sink.clone()).build().unwrap();
    let caller = Caller::of(subject).in_tenant(tenant).unwrap();
    let call = match tool {
        "change" => change("a1"),
        tool => ToolCall::from_text(tool, "{}"),
    };
    let decision = gate.authorize(&caller, call, &context(tenant));
    assert_eq!(decision.code().as_str(), expected);
    drop(decision);
    assert_eq!(sink.story(), [format!("decision {expected}")], "recorded");
}

#[test]
fn a_role_crosses_where_the_policy_says_so() {
    let staff = || user("sam").crossing_tenants(["staff"]);
    check(staff(), "acme", "change", "permitted");
    check(staff(), "globex", "change", "permitted");
    check(staff(), "initech", "change", "foreign_tenant");
    check(staff(), "initech", "ping", "foreign_tenant");
    let root = || user("root").crossing_tenants(["root"]);
    check(root(), "acme", "change", "foreign_tenant");
    check(root(), "acme", "ping", "foreign_tenant");
    check(
        user("x").crossing_tenants([] as [&str; 0]),
        "acme",
        "ping",
        "foreign_tenant",
    );
    check(
        user("x").crossing_tenants(["unheard-of"]),
        "acme",
        "ping",
        "foreign_tenant",
    );
}

#[test]
fn a_member_keeps_what_it_holds_there() {
    let member = || {
        user("mia")
            .member_of("initech", ["support"])
            .crossing_tenants(["root"])
    };
    check(member(), "initech", "change", "permitted");
    let idle = user("ida")
        .member_of("initech", [] as [&str; 0])
        .crossing_tenants(["root", "staff"]);
    check(idle.clone(), "initech", "change", "missing_scope");
    check(idle.clone(), "initech", "ping", "permitted");
    check(idle, "acme", "change", "permitted");
    // Held in one tenant, a role counts for nothing in another.
    let elsewhere = user("eli")
        .member_of("acme", ["support"])
        .member_of("globex", [] as [&str; 0]);
    check(elsewhere, "globex", "change", "missing_scope");
}

#[test]
fn nobody_is_made_a_member_by_asking() {
    let alice = || user("alice").member_of("globex", ["support"]);
    let error = Caller::of(alice()).in_tenant("acme").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`user:alice` does not belong to tenant `acme`"
    );
    let gate = builder(POLICY, Faulty::new()).build().unwrap();
    let caller = Caller::refused(error);
    refused(
        &gate.authorize(&caller, change("a1"), &context("acme")),
        "invalid_caller",
    );
}

#[test]
fn crossing_does_not_reach_what_belongs_to_others() {
    let gate = builder(POLICY, Faulty::new()).build().unwrap();
    let staff = Caller::of(user("sam").crossing_tenants(["staff"]));
    let staff = staff.in_tenant("globex").unwrap();
    refused(
        &gate.authorize(&staff, change("a1"), &context("acme")),
        "forbidden",
    );
}

#[test]
fn a_policy_that_closes_the_border_counts_at_begin() {
    let gate = builder(POLICY, Faulty::new()).build().unwrap();
    let staff = Caller::of(user("sam").crossing_tenants(["staff"]));
    let staff = staff.in_tenant("acme").unwrap();
    let permit = allowed(gate.authorize(&staff, change("a1"), &context("acme")));
    let closed = POLICY.replace(r#", crosses = ["acme", "glob*"]"#, "");
    gate.set_policy(callgate::parse_policy(&closed, "desk.toml").unwrap())
        .unwrap();
    let not_begun = permit.begin().unwrap_err();
    assert_eq!(not_begun.code().unwrap().as_str(), "foreign_tenant");
}

#[test]
fn explained() {
    let snapshot = callgate::parse_policy(POLICY, "desk.toml").unwrap();
    let caller: AssertedCaller = serde_json::from_str(
        r#"{"subject": {"kind": "user", "id": "root", "crossing_roles": ["root"]}, "tenant": "acme"}"#,
    )
    .unwrap();
    let (caller, call) = (caller.resolve().unwrap(), change("a1"));
    let context = context("acme");
    let explanation = snapshot.explain(&caller, &call, &context);
    let message = "`user:root` does not belong to tenant `acme`, and no role of it crosses into it";
    assert_eq!(explanation.judged().message(), message);
    assert_eq!(explanation.steps().len(), 2, "call and caller");
}

/// What `sam`, whose role crosses into acme alone, does to a tenant.
#[track_caller]
fn check_reach(tenant: &str, expected: &str) {
    let policy = format!(
        "{POLICY}[[rules]]\nid = \"asked\"\neffect = \"ask\"\ntools = [\"change\"]\n\
         approval = {{ all_of = [{{ from = [\"role:staff\"] }}] }}\n"
    );
    let gate = builder(&policy, Faulty::new())
        .approvals(MemoryApprovals::new(|| DateTime::UNIX_EPOCH))
        .standing(MemoryStanding::new(|| DateTime::UNIX_EPOCH))
        .build()
        .unwrap();
    let alice = Caller::of(user("alice").member_of(tenant, ["support"]));
    let alice = alice.in_tenant(tenant).unwrap();
    let end = DateTime::from_timestamp(4_000_000_000, 0).unwrap();
    gate.begin_task(&alice, Task::builder("t", end)).unwrap();
    let Decision::Ask(pending) = gate.authorize(&alice, change("a1"), &context(tenant)) else {
        panic!("expected a question");
    };
    let id = pending.approval().unwrap();

    let staff = || user("sam").crossing_tenants(["staff"]);
    let sam = Caller::of(staff()).in_tenant(tenant).unwrap();
    let told = |told: Result<(), String>| match told {
        Ok(()) => "done".to_owned(),
        Err(error) => error,
    };
    let (asked, by) = (gate.approval(id, &sam), staff());
    let preview = pending_preview(&gate.approval(id, &alice).unwrap());
    let yes = ApprovalAnswer::approve(preview);
    let session = Revocation::session(Some(tenant), "s").unwrap();
    let alice = Quarantined::principal(Some(tenant), "user:alice".parse().unwrap()).unwrap();
    let order = Quarantine::of(alice.clone());
    let did = [
        told(asked.map(drop).map_err(|error| error.to_string())),
        told(match gate.approvals(&sam, None) {
            Ok(all) if all.len() == 1 => Ok(()),
            Ok(_) => Err("sees nothing".to_owned()),
            Err(error) => Err(error.to_string()),
        }),
        told(match gate.answer(id, &sam, yes) {
            Ok(ApprovalState::Approved) => Ok(()),
            Ok(state) => Err(state.as_str().to_owned()),
            Err(error) => Err(error.to_string()),
        }),
        told(
            gate.end_task(Some(tenant), "t", TaskEnd::Done, &by, "")
                .map_err(|e| e.to_string()),
        ),
        told(gate.revoke(&session, &by, "").map_err(|e| e.to_string())),
        told(gate.quarantine(&order, &by, "").map_err(|e| e.to_string())),
        told(gate.lift(&alice, &by, "").map_err(|e| e.to_string())),
    ];
    assert_eq!(did.join("\n"), expected);
}

fn pending_preview(asked: &callgate::Approval) -> callgate::Digest {
    asked.question.preview_digest()
}

#[test]
fn what_a_role_that_crosses_reaches() {
    check_reach("acme", &["done"; 7].join("\n"));
    check_reach(
        "initech",
        "there is no such approval\nthere is no such approval\nthere is no such approval\n\
         whoever revokes has to belong to the tenant\n\
         whoever revokes has to belong to the tenant\n\
         whoever revokes has to belong to the tenant\n\
         whoever lifts a quarantine has to belong to the tenant",
    );
}
