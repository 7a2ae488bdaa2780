//! The reference: what a policy says of a call, in the plainest way.
//!
//! No index, no compiled form: every statement is looked at, one by one, as the document has it.
//! Written from `docs/spec/policy.md` and `docs/spec/decision.md`; slow, and easy to compare with
//! the text. What a matcher makes of one value is in `matchers`, the clock in `timing`.

use callgate_policy::document::{
    Argument, Condition, Document, Effect, Fact, FactRoot, Matcher, NamePattern, Operand, Raise, Rule, Selector,
};
use callgate_types::{
    Arguments, Caller, Context, Facts, Json, JsonKind, JsonRef, Principal, PrincipalId, Resource, Verification,
};

use crate::truth::Truth::{No, Unknown, Yes};
use crate::truth::{Truth, Value, is_integer};
use crate::{matchers, timing};

/// A resource of the call: kind, id where it is known, facts where there are any.
pub(crate) struct Target {
    pub(crate) kind: String,
    pub(crate) id: Option<String>,
    pub(crate) facts: Option<Resource>,
}

/// Everything about one call.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) document: &'a Document,
    pub(crate) tool: &'a str,
    pub(crate) arguments: &'a Arguments,
    pub(crate) caller: &'a Caller,
    pub(crate) context: &'a Context,
    pub(crate) targets: &'a [Target],
    /// How long ago the subject proved who it is.
    pub(crate) age: Option<&'a Json>,
}

impl<'a> Call<'a> {
    // Arguments and resources: the sections "Tools" and "Closed tables".

    /// Whether the tool accepts the arguments.
    pub(crate) fn accepted(&self) -> bool {
        let declared = &self.document.tools[self.tool].arguments;
        self.fields(declared, self.arguments.root(), None) == Yes
    }

    /// The resources that the arguments name: kinds and ids.
    pub(crate) fn resources(&self) -> Vec<(String, Option<String>)> {
        let root = self.arguments.root();
        let mut named = Vec::new();
        for spec in &self.document.tools[self.tool].resources {
            let mut name = |id: Option<String>| named.push((spec.kind.to_string(), id));
            match &spec.each {
                None => name(id_of(Value::pointed(root, &spec.id))),
                Some(each) => match Value::pointed(root, each) {
                    Value::Json(array) if array.kind() == JsonKind::Array => {
                        array.items().for_each(|item| name(id_of(Value::pointed(item, &spec.id))));
                    }
                    _ => name(None),
                },
            }
        }
        named
    }

    // Statements: decision.md, sections 2 and 3.

    /// The rules that match. Those that observe take no part in the decision.
    pub(crate) fn matched(&self) -> Vec<&'a Rule> {
        let restricts = |rule: &Rule| rule.effect != Effect::Permit;
        let rules = self.document.rules.iter();
        rules.filter(|rule| self.matches(&rule.selector, &rule.when, restricts(rule))).collect()
    }

    /// The raises that match.
    pub(crate) fn raised(&self) -> Vec<&'a Raise> {
        let raises = self.document.raises.iter();
        raises.filter(|raise| self.matches(&raise.selector, &raise.when, true)).collect()
    }

    /// Whether a statement matches: a permit where it is yes, what restricts also where it is
    /// unknown. One that mentions the resource is judged once for each.
    pub(crate) fn matches(&self, selector: &Selector, when: &Condition, restricts: bool) -> bool {
        let judge = |target| {
            let truth = self.selected(selector, restricts, target).min(self.holds(when, target));
            truth == Yes || (restricts && truth == Unknown)
        };
        let mut targets = self.targets.iter().map(Some);
        match (selector.resources.is_some() || reads_resource(when), restricts) {
            (false, _) => judge(None),
            (true, true) => targets.any(judge),
            (true, false) => targets.len() > 0 && targets.all(judge),
        }
    }

    /// Selectors: all that are there have to hold.
    pub(crate) fn selected(&self, selector: &Selector, restricts: bool, target: Option<&Target>) -> Truth {
        let caller = self.caller;
        let subject = caller.subject().map(|who| who.id().as_str());
        let actors: Vec<&str> = caller.actors().iter().map(|actor| actor.id().as_str()).collect();
        let roles: Vec<&str> = caller.roles().flat_map(|role| self.document.roles_held_with(role)).collect();
        let fits = |name: &str, list: &[NamePattern]| list.iter().any(|one| matchers::glob(one.as_str(), name));
        let given = |name: Option<&str>, list| name.map_or(Unknown, |name| Truth::of(fits(name, list)));
        let known = |holds| if subject.is_some() { Truth::of(holds) } else { Unknown };
        let every = |list| !actors.is_empty() && actors.iter().all(|actor| fits(actor, list));
        let some = |list| actors.iter().any(|actor| fits(actor, list));
        let acting = |list| known(if restricts { some(list) } else { every(list) });
        let in_force = |timing| self.context.time_now().map(|now| timing::in_force(timing, now));
        let asked = [
            selector.tools.as_deref().map(|list| given(Some(self.tool), list)),
            selector.roles.as_deref().map(|list| known(roles.iter().any(|role| fits(role, list)))),
            selector.principals.as_deref().map(|list| given(subject, list)),
            selector.actors.as_deref().map(acting),
            selector.tenants.as_deref().map(|list| given(caller.tenant(), list)),
            selector.environments.as_deref().map(|list| given(self.context.environment_name(), list)),
            selector.resources.as_deref().map(|list| given(target.map(|at| &*at.kind), list)),
            selector.timing.as_deref().map(|timing| in_force(timing).map_or(Unknown, Truth::of)),
        ];
        Truth::all(asked.into_iter().flatten())
    }

    // Conditions and matchers.

    pub(crate) fn holds(&self, condition: &Condition, target: Option<&Target>) -> Truth {
        match condition {
            Condition::All(parts) => Truth::all(parts.iter().map(|part| self.holds(part, target))),
            Condition::Any(parts) => Truth::any(parts.iter().map(|part| self.holds(part, target))),
            Condition::Not(part) => self.holds(part, target).not(),
            Condition::Value(fact, matcher) => self.test(matcher, self.find(fact, target), target),
            other => panic!("a condition that the reference does not know: {other:?}"),
        }
    }

    /// What stands at a place.
    pub(crate) fn find<'s>(&'s self, fact: &Fact, target: Option<&'s Target>) -> Value<'s> {
        let given = |name: Option<&'s str>| name.map_or(Value::Unknown, Value::Name);
        let path: Vec<&str> = fact.pointer.tokens().collect();
        let who = self.caller.subject().map(Principal::id);
        let how = self.caller.subject().map(Principal::verification);
        let known = target.and_then(|at| at.facts.as_ref());
        let in_facts = |facts: Option<&'s Facts>, name: &str, path: &[&str]| {
            facts.and_then(|facts| facts.get(name)).map_or(Value::Unknown, |fact| Value::at(fact.root(), path))
        };
        match (fact.root, &path[..]) {
            (FactRoot::Arguments, path) => Value::at(self.arguments.root(), path),
            (FactRoot::Caller, ["tenant"]) => given(self.caller.tenant()),
            (FactRoot::Caller, ["subject"]) => given(who.map(PrincipalId::as_str)),
            (FactRoot::Caller, ["id"]) => given(who.map(PrincipalId::id)),
            (FactRoot::Caller, ["kind"]) => given(who.map(|id| id.kind().as_str())),
            (FactRoot::Caller, ["actor"]) if who.is_none() => Value::Unknown,
            (FactRoot::Caller, ["actor"]) => {
                self.caller.actors().last().map_or(Value::Absent, |actor| Value::Name(actor.id().as_str()))
            }
            (FactRoot::Caller, ["verified", "method"]) => given(how.map(|how| how.method().as_str())),
            (FactRoot::Caller, ["verified", "issuer"]) => given(how.and_then(Verification::issuer)),
            (FactRoot::Caller, ["verified", "age"]) => self.age.map_or(Value::Unknown, |age| Value::Json(age.root())),
            (FactRoot::Context, ["environment"]) => given(self.context.environment_name()),
            (FactRoot::Context, ["session"]) => given(self.context.session_id()),
            (FactRoot::Context, ["task"]) => given(self.context.task_id()),
            (FactRoot::Context, [name, path @ ..]) => in_facts(Some(self.context.facts()), name, path),
            (FactRoot::Resource, ["kind"]) => given(target.map(|at| &*at.kind)),
            (FactRoot::Resource, ["id"]) => given(target.and_then(|at| at.id.as_deref())),
            (FactRoot::Resource, ["tenant"]) => given(known.and_then(Resource::tenant_name)),
            (FactRoot::Resource, [name, path @ ..]) => in_facts(known.map(Resource::facts), name, path),
            (root, path) => panic!("a place that the reference does not know: {root:?} {path:?}"),
        }
    }

    fn test(&self, matcher: &Matcher, value: Value<'_>, target: Option<&Target>) -> Truth {
        let on = |value, inner: &Matcher| self.test(inner, value, target);
        match (matcher, value) {
            (_, Value::Unknown) => Unknown,
            (Matcher::All(parts), _) => Truth::all(parts.iter().map(|part| on(value, part))),
            (Matcher::Any(parts), _) => Truth::any(parts.iter().map(|part| on(value, part))),
            (Matcher::Nullable(_), _) if value.is_null() => Yes,
            (Matcher::Nullable(inner), _) => on(value, inner),
            (Matcher::Present(present), Value::Absent) => Truth::of(!present),
            (Matcher::Present(present), _) => Truth::of(*present),
            (_, Value::Absent) => No,
            (Matcher::Open, _) => Yes,
            (Matcher::Equals(Operand::Fact(fact)), _) => match self.find(fact, target) {
                Value::Absent => No,
                other => value.same(other).map_or(Unknown, Truth::of),
            },
            (Matcher::Object(fields), _) => value.object().map_or(Unknown, |json| self.fields(fields, json, target)),
            (Matcher::Array { items: span, each, some }, _) => {
                let Some(items) = value.array() else { return Unknown };
                let each = each.iter().map(|inner| Truth::all(items.iter().map(|item| on(*item, inner))));
                let some = some.iter().map(|inner| Truth::any(items.iter().map(|item| on(*item, inner))));
                Truth::all(each.chain(some).chain([Truth::of(span.contains(items.len() as u64))]))
            }
            _ => matchers::test(matcher, value, &|fact| self.find(fact, target)),
        }
    }

    /// Whether what is declared stands in an object, as declared, and nothing else does.
    fn fields(&self, declared: &[Argument], object: JsonRef<'_>, target: Option<&Target>) -> Truth {
        let member = |field: &Argument| match Value::pointed(object, &field.pointer) {
            Value::Absent => Truth::of(field.optional),
            value => self.test(&field.matcher, value, target),
        };
        let closed = Truth::of(closed(declared, object, &mut Vec::new()));
        Truth::all(declared.iter().map(member).chain([closed]))
    }
}

/// Whether nothing but declared members, and objects around them, stands in an object. `around`:
/// the way to it.
fn closed<'a>(declared: &[Argument], object: JsonRef<'a>, around: &mut Vec<&'a str>) -> bool {
    object.members().all(|(key, value)| {
        around.push(key);
        let leads_here = |argument: &&Argument| argument.pointer.tokens().take(around.len()).eq(around.iter().copied());
        let depths: Vec<_> = declared.iter().filter(leads_here).map(|one| one.pointer.tokens().len()).collect();
        let leads_through = depths.iter().any(|depth| *depth > around.len());
        let opens = |one: &Argument| {
            let path: Vec<&str> = one.pointer.tokens().collect();
            matches!(one.matcher, Matcher::Open) && around.starts_with(&path)
        };
        let fine = if leads_through {
            value.kind() == JsonKind::Object && closed(declared, value, around)
        } else {
            !depths.is_empty() || declared.iter().any(opens)
        };
        around.pop();
        fine
    })
}

/// The id of a resource: a text, or an integer as it is written.
fn id_of(value: Value<'_>) -> Option<String> {
    let integer = value.number().filter(|number| is_integer(*number)).map(|number| number.as_str().to_owned());
    value.text().map(str::to_owned).or(integer)
}

/// Whether a condition reads the resource anywhere.
fn reads_resource(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(reads_resource),
        Condition::Not(part) => reads_resource(part),
        Condition::Value(fact, matcher) => {
            [vec![fact], matchers::facts(matcher)].concat().iter().any(|fact| fact.root == FactRoot::Resource)
        }
        other => panic!("a condition that the reference does not know: {other:?}"),
    }
}
