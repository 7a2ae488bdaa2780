//! Callers of several tenants at one gate.

use std::fmt::Error;

use callgate::{
    AssertedCaller, Caller, Context, Decision, Gate, Permit, Principal, Resource, Running, ToolCall,
};
use proptest::prelude::*;

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

/// What one caller does at a gate.
#[derive(Clone, Debug)]
enum Step {
    Authorize { session: u8, id: u8, tool: bool },
    Begin,
    Finish,
    Drop,
    Forget { session: u8 },
    Revoke { session: u8 },
}

fn steps() -> impl Strategy<Value = Vec<(bool, Step)>> {
    let step = prop_oneof![
        6 => (0..2_u8, 0..3_u8, any::<bool>())
            .prop_map(|(session, id, tool)| Step::Authorize { session, id, tool }),
        3 => Just(Step::Begin),
        2 => Just(Step::Finish),
        1 => Just(Step::Drop),
        1 => (0..2_u8).prop_map(|session| Step::Forget { session }),
        1 => (0..2_u8).prop_map(|session| Step::Revoke { session }),
    ];
    prop::collection::vec((any::<bool>(), step), 1..40)
}

/// One caller, with the permits and calls that it has, and what it was answered.
struct Party {
    tenant: Option<&'static str>,
    caller: Caller,
    permits: Vec<Permit>,
    running: Vec<Running>,
    answers: Vec<String>,
}

impl Party {
    fn new(tenant: Option<&'static str>) -> Self {
        let caller = match tenant {
            Some(tenant) => Caller::of(user("alice").member_of(tenant, ["support"]))
                .in_tenant(tenant)
                .unwrap(),
            None => Caller::of(user("alice").crossing_tenants(["support"]))
                .without_tenant()
                .unwrap(),
        };
        Self {
            tenant,
            caller,
            permits: Vec::new(),
            running: Vec::new(),
            answers: Vec::new(),
        }
    }

    fn take(&mut self, gate: &Gate, step: &Step) {
        let name = |session: u8| format!("s{session}");
        let answer = match *step {
            Step::Authorize { session, id, tool } => {
                let call = if tool {
                    change("a1")
                } else {
                    ToolCall::from_text("ping", "{}")
                };
                let context = context(self.tenant.unwrap_or("acme"));
                let context = context.session(name(session)).task("t");
                let decision = gate.authorize(&self.caller, call.id(format!("c{id}")), &context);
                let code = decision.code().to_string();
                if let Decision::Allow(permit) = decision {
                    self.permits.push(permit);
                }
                code
            }
            Step::Begin => match self.permits.pop().map(Permit::begin) {
                None => "nothing".to_owned(),
                Some(Ok(running)) => {
                    self.running.push(running);
                    "begun".to_owned()
                }
                Some(Err(not_begun)) => not_begun.to_string(),
            },
            Step::Finish => match self.running.pop() {
                None => "nothing".to_owned(),
                Some(running) => {
                    let ran = running.finish(Ok::<_, Error>("done"));
                    ran.released().to_owned()
                }
            },
            Step::Drop => format!("{}", self.permits.pop().is_some()),
            Step::Forget { session } => {
                gate.forget_session(self.tenant, &name(session));
                "forgotten".to_owned()
            }
            Step::Revoke { session } => gate
                .revoke_credentials_of_session(self.tenant, &name(session))
                .to_string(),
        };
        self.answers.push(answer);
    }
}

fn fresh() -> Gate {
    builder(POLICY, Faulty::new()).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// What a caller is answered does not depend on what a caller of another tenant does, whatever
    /// names they share: of user, session, task, call and resource.
    #[test]
    fn callers_of_two_tenants_share_nothing(steps in steps(), unknown in any::<bool>()) {
        let tenants = [Some("acme"), if unknown { None } else { Some("globex") }];
        let (shared, alone) = (fresh(), [fresh(), fresh()]);
        let (mut together, mut apart) = (tenants.map(Party::new), tenants.map(Party::new));
        for (second, step) in &steps {
            let who = usize::from(*second);
            together[who].take(&shared, step);
            apart[who].take(&alone[who], step);
        }
        for (together, apart) in together.iter().zip(&apart) {
            prop_assert_eq!(&together.answers, &apart.answers);
        }
    }
}
