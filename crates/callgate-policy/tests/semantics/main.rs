//! What conditions, selectors, resources and closed worlds mean, sentence by sentence.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests stop at the first surprise"
)]

mod closed_world;
mod conditions;
mod judgement;
mod limits;
mod matchers;
mod obligations;
mod resources;
mod selectors;
mod timing;
#[cfg(feature = "zones")]
mod zones;

use callgate_policy::{NamedResource, Policy, Question};
use callgate_types::{Arguments, Caller, CallerBuilder, Context, Principal, Resource};

/// The tools that the cases call. What `act` declares is as open as a policy can be.
pub(crate) const HEAD: &str = r#"
format = 1
name = "semantics"
[roles]
junior = {}
senior = { includes = ["junior"] }
chief = { includes = ["senior"] }
[tools.act]
access = "write"
resources = [{ kind = "account", each = "/on", id = "/id" }]
[tools.act.arguments]
"/n" = { decimal = {}, optional = true }
"/t" = { text = {}, optional = true }
"/b" = { boolean = {}, optional = true }
"/a" = { array = {}, optional = true }
"/on" = { array = {}, optional = true }
"/o/x" = { text = {}, optional = true }
"/any" = { equals = { fact = "context/any" }, optional = true }
"/null" = { text = {}, nullable = true, optional = true }
"/free" = { open = true, optional = true }
[tools.strict]
access = "read"
resources = [{ kind = "account", id = "/to/account" }, { kind = "team", id = "/team" }]
[tools.strict.arguments]
"/to/account" = { matches = "acc_[0-9]+" }
"/to/deep/n" = { integer = { at_least = 1 }, optional = true }
"/team" = { length = { max = 9 }, optional = true }
"/mine" = { equals = { fact = "caller/tenant" }, optional = true }
[tools.loose]
access = "read"
[tools.loose.arguments]
"" = { open = true }
"/config/a~1b/mode" = { equals = "ro" }
[tools.partly]
access = "read"
[tools.partly.arguments]
"/in" = { open = true, optional = true }
"/in/deep/id" = { text = {}, optional = true }
"/steps" = { array = { each = { "/op" = { one_of = ["read", "list"] }, "/at/n" = { integer = {}, optional = true } } }, optional = true }
[tools.bare]
access = "read"
"#;

/// A call of `act`: its caller, context, and facts of the resources that it names.
struct Call {
    arguments: String,
    caller: Caller,
    context: Context,
    facts: Vec<Resource>,
}

pub(crate) fn caller(
    subject: &str,
    roles: &[&str],
    actors: &[&str],
    tenant: Option<&str>,
) -> Caller {
    let subject = Principal::asserted(subject.parse().unwrap());
    let chain = |subject| {
        let actors = actors.iter().map(|id| Principal::asserted(id.parse().unwrap()));
        actors.fold(Caller::of(subject), CallerBuilder::acting)
    };
    match tenant {
        Some(tenant) => chain(subject.member_of(tenant, roles.to_vec())).in_tenant(tenant),
        None => chain(subject.crossing_tenants(roles.to_vec())).without_tenant(),
    }
    .unwrap()
}

impl Call {
    /// By alice of acme, who holds `senior`, through one agent, in `prod`.
    fn with(arguments: &str) -> Self {
        let any = Arguments::parse(arguments).unwrap();
        let any = any.get("any").map(|any| serde_json::from_str(any.raw()).unwrap());
        let context = Context::new()
            .environment("prod")
            .session("s-1")
            .fact("whole", serde_json::json!({ "level": 3, "tags": ["a"], "none": null }));
        Self {
            arguments: arguments.to_owned(),
            caller: caller("user:alice", &["senior"], &["agent:bot"], Some("acme")),
            context: any
                .into_iter()
                .fold(context, |context, any: serde_json::Value| context.fact("any", any)),
            facts: Vec::new(),
        }
    }
}

/// What a statement about `act` comes to: `yes` if it permits, `unknown` if it only restricts.
fn truth(about: &str, call: &Call) -> &'static str {
    let rule =
        |id: &str, effect: &str| format!("[[rules]]\nid = '{id}'\neffect = '{effect}'\n{about}\n");
    let text = format!("{HEAD}{}{}{}", rule("p", "permit"), rule("f", "forbid"), rule("a", "ask"));
    let policy = Policy::parse(&text, "semantics.toml").unwrap_or_else(|error| panic!("{error}"));
    let tool = policy.tool("act").unwrap();
    let arguments = Arguments::parse(call.arguments.as_str()).unwrap();
    let bound = tool.bind_for(&arguments, &call.caller, &call.context).unwrap();
    let facts = |name| call.facts.iter().find(|known| known.name() == name);
    let named = tool.resource_names(&bound);
    let named: Vec<_> = named.map(|name| NamedResource { name, facts: facts(name) }).collect();
    let question = Question::new(tool, &call.caller, &call.context, &bound, &named);
    let judgement = policy.judge(&question);
    assert_eq!(judgement.first_ask().is_some(), judgement.first_forbid().is_some());
    match (judgement.first_permit(), judgement.first_forbid()) {
        (Some(_), Some(_)) => "yes",
        (None, Some(_)) => "unknown",
        (None, None) => "no",
        (Some(_), None) => "permits, and does not restrict",
    }
}

/// A condition on a call with these arguments.
#[track_caller]
pub(crate) fn check(when: &str, arguments: &str, expected: &str) {
    let got = truth(&format!("when = {{ {when} }}"), &Call::with(arguments));
    assert_eq!(got, expected, "{when} of {arguments}");
}

/// Selectors on a call by this caller.
#[track_caller]
pub(crate) fn selects(about: &str, caller: &Caller, environment: Option<&str>, expected: &str) {
    let context = environment.map_or(Context::new(), |name| Context::new().environment(name));
    let call = Call { caller: caller.clone(), context, ..Call::with("{}") };
    assert_eq!(truth(about, &call), expected, "{about} of {caller:?}");
}

/// Timing on a call at this moment, or at an unknown one.
#[track_caller]
pub(crate) fn at(about: &str, now: Option<&str>, expected: &str) {
    let call = Call::with("{}");
    let context = match now {
        Some(now) => call.context.clone().time(now.parse().unwrap()),
        None => call.context.clone(),
    };
    let call = Call { context, ..call };
    assert_eq!(truth(about, &call), expected, "{about} at {now:?}");
}

/// A statement on a call that acts on these resources, of which `known` are known.
#[track_caller]
pub(crate) fn acts_on(about: &str, ids: &str, known: &[(&str, Option<&str>)], expected: &str) {
    let facts = known.iter().map(|(id, tenant)| {
        let resource = Resource::new("account", *id).fact("class", serde_json::json!({ "n": 1 }));
        tenant.map_or(resource.clone(), |tenant| resource.tenant(tenant))
    });
    let call = Call { facts: facts.collect(), ..Call::with(&format!(r#"{{"on": {ids}}}"#)) };
    assert_eq!(truth(about, &call), expected, "{about} on {ids}");
}

/// What `tool` says of arguments: their resources, or what is wrong with them.
#[track_caller]
pub(crate) fn binds(tool: &str, arguments: &str, expected: &str) {
    let rule = "[[rules]]\nid = 'p'\neffect = 'permit'\n";
    let policy = Policy::parse(&format!("{HEAD}{rule}"), "semantics.toml").unwrap();
    let tool = policy.tool(tool).unwrap();
    let arguments = Arguments::parse(arguments).unwrap();
    let caller = caller("user:alice", &[], &[], Some("acme"));
    let got = match tool.bind_for(&arguments, &caller, &Context::new()) {
        Err(fault) => fault.to_string(),
        Ok(bound) => {
            let names = tool.resource_names(&bound);
            let names = names.map(|name| format!("{} {}", name.kind, name.id.unwrap_or("?")));
            names.collect::<Vec<_>>().join(", ")
        }
    };
    assert_eq!(got, expected, "{}", arguments.text());
}
