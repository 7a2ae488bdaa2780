//! docs/spec/vectors/approvals.json: what an answer is bound to, what it rests on, and which dry runs
//! count. What standing approvals cover is tried beside the tests of these.

use std::collections::BTreeMap;

use callgate::approval::binding;
use callgate::{Caller, Context, Decision, Digest, Principal, ToolCall};
use serde::Deserialize;

use crate::support::{Desk, alice, allowed, bob, context, pending};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vectors {
    bindings: Vec<Same>,
    policy: String,
    basis: Vec<Change>,
    dry_runs: Vec<Tried>,
    pub(crate) standing: Standing,
}

/// Calls that are the same; those of another entry are others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Same {
    about: String,
    binding: String,
    calls: Vec<Call>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    #[serde(default = "tool")]
    tool: String,
    arguments: String,
    #[serde(default = "subject")]
    subject: String,
    #[serde(default)]
    actors: Vec<Actor>,
    tenant: Option<String>,
    environment: Option<String>,
    session: Option<String>,
    task: Option<String>,
    definition: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Actor {
    id: String,
    owner: Option<String>,
}

/// A change of the policy between the answer and the call that is resumed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    about: String,
    from: String,
    to: String,
    /// Whether the answer still counts.
    stands: bool,
}

/// A call that was tried out by another, of `prune` both.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tried {
    about: String,
    dry: String,
    call: String,
    counts: bool,
}

/// Calls of which a standing approval was given on one, and another is made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Standing {
    pub(crate) policy: String,
    pub(crate) calls: Vec<Ahead>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ahead {
    pub(crate) about: String,
    /// The condition; without one it is for the very same arguments.
    pub(crate) when: Option<String>,
    #[serde(default)]
    pub(crate) any_session: bool,
    #[serde(default)]
    pub(crate) any_task: bool,
    pub(crate) given: Call,
    pub(crate) call: Call,
    /// The code of the decision on `call`.
    pub(crate) code: String,
}

fn tool() -> String {
    "pay".into()
}

fn subject() -> String {
    "user:alice".into()
}

pub(crate) fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../../docs/spec/vectors/approvals.json")).unwrap()
}

impl Call {
    fn binding(&self) -> Digest {
        let (caller, call, context) = self.made(&[]);
        binding(&caller, &call, &context)
    }

    /// The call, whose subject has these roles in its tenant.
    pub(crate) fn made(&self, roles: &[&str]) -> (Caller, ToolCall, Context) {
        let named = |id: &str| Principal::asserted(id.parse().unwrap());
        let in_tenant = |who: Principal| match &self.tenant {
            Some(tenant) => who.member_of(tenant.as_str(), roles.iter().copied()),
            None => who,
        };
        let mut caller = Caller::of(in_tenant(named(&self.subject)));
        for actor in &self.actors {
            let known = named(&actor.id);
            caller = caller.acting(match &actor.owner {
                Some(owner) => known.owned_by(owner.parse().unwrap()),
                None => known,
            });
        }
        let caller = match &self.tenant {
            Some(tenant) => caller.in_tenant(tenant.as_str()),
            None => caller.without_tenant(),
        };
        let mut call = ToolCall::from_text(self.tool.as_str(), self.arguments.as_str());
        if let Some(definition) = &self.definition {
            call = call.definition(definition.parse().unwrap());
        }
        let mut context = Context::new();
        if let Some(environment) = &self.environment {
            context = context.environment(environment.as_str());
        }
        if let Some(session) = &self.session {
            context = context.session(session.as_str());
        }
        if let Some(task) = &self.task {
            context = context.task(task.as_str());
        }
        (caller.unwrap(), call, context)
    }
}

#[test]
fn same_calls_have_the_same_binding_and_others_another() {
    let (mut known, mut wrong) = (BTreeMap::new(), Vec::new());
    for same in vectors().bindings {
        assert!(!same.calls.is_empty());
        for call in &same.calls {
            let binding = call.binding().to_string();
            if binding != same.binding {
                wrong.push(format!("{binding} {}: {}", same.about, call.arguments));
            }
        }
        if let Some(other) = known.insert(same.binding, same.about.clone()) {
            wrong.push(format!("`{}` and `{other}` have one binding", same.about));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(known.len() >= 15, "{}", known.len());
}

#[test]
fn an_answer_stands_as_long_as_what_it_rests_on() {
    let vectors = vectors();
    let call = || ToolCall::from_text("prune", r#"{"keep": 3}"#);
    for change in &vectors.basis {
        assert!(vectors.policy.contains(&change.from), "{}", change.about);
        let changed = vectors.policy.replacen(&change.from, &change.to, 1);
        let desk = Desk::with(&vectors.policy, |builder| builder);
        let parked = pending(desk.gate.authorize(&alice(), call(), &context()));
        let parked = parked.park().unwrap();
        desk.answer(parked.approval(), &bob()).unwrap();
        let resumed = desk.under(&changed).resume(&parked);
        let stands = matches!(resumed, Decision::Allow(_));
        assert_eq!(stands, change.stands, "{}: {resumed:?}", change.about);
    }
}

#[test]
fn dry_runs_that_count() {
    let vectors = vectors();
    let policy = vectors
        .policy
        .replace("effect = \"ask\"", "effect = \"ask\"\npreview = true");
    for tried in &vectors.dry_runs {
        let desk = Desk::with(&policy, |builder| builder);
        let call = |text: &str| {
            let call = ToolCall::from_text("prune", text);
            desk.gate.authorize(&alice(), call, &context())
        };
        let parked = pending(call(&tried.dry)).park().unwrap();
        desk.answer(parked.approval(), &bob()).unwrap();
        let permit = allowed(desk.resume(&parked));
        permit
            .run(|_| Ok::<_, std::fmt::Error>("done"))
            .unwrap()
            .recorded
            .unwrap();
        let answer = call(&tried.call);
        let code = if tried.counts {
            "asked"
        } else {
            "dry_run_missing"
        };
        assert_eq!(answer.code().as_str(), code, "{}", tried.about);
    }
}
