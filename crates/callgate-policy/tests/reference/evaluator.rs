//! The reference: what a policy says of a call, in the plainest way.
//!
//! No index, no compiled form: every statement is looked at, one by one, as the document has it.
//! Written from `docs/spec/policy.md`; slow, and easy to compare with the text.

use callgate_policy::document::path::{LinkFact, PathLinks};
use callgate_policy::document::{
    Argument, Bounds, Condition, Document, Fact, FactRoot, Matcher, NamePattern, Operand, Pointer, Scalar, Selector,
    TimeWindow, Timing,
};
use callgate_types::{
    Arguments, Caller, Context, Decimal, Facts, JsonKind, JsonRef, Number, Principal, PrincipalId, Resource,
};

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};

use crate::clocks::minutes_ahead;

/// Whether a statement is in force at `now`.
fn timed(timing: &Timing, now: DateTime<Utc>) -> bool {
    let open = |window: &TimeWindow| {
        // Each day around `now` on which a window can begin.
        let local = now.naive_utc() + TimeDelta::minutes(minutes_ahead(&window.clock, now));
        [0, 1].iter().any(|back| {
            let day = local.date() - TimeDelta::days(*back);
            let midnight = day.and_hms_opt(0, 0, 0).unwrap();
            let later = if window.until <= window.from { 24 * 60 } else { 0 };
            let begin = midnight + TimeDelta::minutes(window.from.into());
            let end = midnight + TimeDelta::minutes(i64::from(window.until) + later);
            window.days[day.weekday().num_days_from_monday() as usize] && begin <= local && local < end
        })
    };
    timing.from.is_none_or(|from| from <= now)
        && timing.until.is_none_or(|until| now < until)
        && (timing.times.is_empty() || timing.times.iter().any(open))
}

/// Kleene's truth values: of several, the least is *all* of them and the greatest *any*.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Truth {
    No,
    Unknown,
    Yes,
}
use Truth::{No, Unknown, Yes};

fn truth(holds: bool) -> Truth {
    if holds { Yes } else { No }
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Absent,
    Unknown,
    Name(&'a str),
    Json(JsonRef<'a>),
}

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
}

impl Call<'_> {
    /// Whether a statement takes effect.
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

    fn selected(&self, selector: &Selector, restricts: bool, target: Option<&Target>) -> Truth {
        let caller = self.caller;
        let subject = caller.subject().map(|who| who.id().as_str());
        let actors: Vec<&str> = caller.actors().iter().map(|actor| actor.id().as_str()).collect();
        let roles: Vec<&str> = caller.roles().flat_map(|role| self.document.roles_held_with(role)).collect();
        let fits = |name: &str, list: &[NamePattern]| list.iter().any(|one| glob(one.as_str(), name));
        let given = |name: Option<&str>, list| name.map_or(Unknown, |name| truth(fits(name, list)));
        let known = |holds| if subject.is_some() { truth(holds) } else { Unknown };
        let every = |list| !actors.is_empty() && actors.iter().all(|actor| fits(actor, list));
        let some = |list| actors.iter().any(|actor| fits(actor, list));
        let acting = |list| known(if restricts { some(list) } else { every(list) });
        let asked = [
            selector.tools.as_deref().map(|list| given(Some(self.tool), list)),
            selector.roles.as_deref().map(|list| known(roles.iter().any(|role| fits(role, list)))),
            selector.principals.as_deref().map(|list| given(subject, list)),
            selector.actors.as_deref().map(acting),
            selector.tenants.as_deref().map(|list| given(caller.tenant(), list)),
            selector.environments.as_deref().map(|list| given(self.context.environment_name(), list)),
            selector.resources.as_deref().map(|list| given(target.map(|at| &*at.kind), list)),
            selector
                .timing
                .as_deref()
                .map(|timing| self.context.time_now().map_or(Unknown, |now| truth(timed(timing, now)))),
        ];
        asked.into_iter().flatten().min().unwrap_or(Yes)
    }

    fn holds(&self, condition: &Condition, target: Option<&Target>) -> Truth {
        match condition {
            Condition::All(parts) => parts.iter().map(|part| self.holds(part, target)).min().unwrap_or(Yes),
            Condition::Any(parts) => parts.iter().map(|part| self.holds(part, target)).max().unwrap_or(No),
            // What is no becomes yes, and the other way round.
            Condition::Not(part) => [Yes, Unknown, No][self.holds(part, target) as usize],
            Condition::Value(fact, matcher) => self.test(matcher, self.find(fact, target), target),
            other => panic!("a condition that the reference does not know: {other:?}"),
        }
    }

    fn find<'s>(&'s self, fact: &Fact, target: Option<&'s Target>) -> Value<'s> {
        let given = |name: Option<&'s str>| name.map_or(Value::Unknown, Value::Name);
        let path: Vec<&str> = fact.pointer.tokens().collect();
        let who = self.caller.subject().map(Principal::id);
        let known = target.and_then(|at| at.facts.as_ref());
        let in_facts = |facts: Option<&'s Facts>, name: &str, path: &[&str]| {
            facts.and_then(|facts| facts.get(name)).map_or(Value::Unknown, |fact| walk(fact.root(), path))
        };
        match (fact.root, &path[..]) {
            (FactRoot::Arguments, path) => walk(self.arguments.root(), path),
            (FactRoot::Caller, ["tenant"]) => given(self.caller.tenant()),
            (FactRoot::Caller, ["subject"]) => given(who.map(PrincipalId::as_str)),
            (FactRoot::Caller, ["id"]) => given(who.map(PrincipalId::id)),
            (FactRoot::Caller, ["kind"]) => given(who.map(|id| id.kind().as_str())),
            (FactRoot::Caller, ["actor"]) if who.is_none() => Value::Unknown,
            (FactRoot::Caller, ["actor"]) => {
                self.caller.actors().last().map_or(Value::Absent, |actor| Value::Name(actor.id().as_str()))
            }
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
        let (kind, name, json) = match (value, matcher) {
            (Value::Unknown, _) => return Unknown,
            (_, Matcher::All(parts)) => {
                return parts.iter().map(|part| self.test(part, value, target)).min().unwrap_or(Yes);
            }
            (_, Matcher::Any(parts)) => {
                return parts.iter().map(|part| self.test(part, value, target)).max().unwrap_or(No);
            }
            (Value::Json(json), Matcher::Nullable(_)) if json.kind() == JsonKind::Null => return Yes,
            (_, Matcher::Nullable(inner)) => return self.test(inner, value, target),
            (Value::Absent, Matcher::Present(present)) => return truth(!present),
            (Value::Absent, _) => return No,
            (Value::Name(name), _) => (JsonKind::Text, Some(name), None),
            (Value::Json(json), _) => (json.kind(), json.as_str(), Some(json)),
        };
        let number = json.and_then(JsonRef::as_number);
        let items = json.filter(|_| kind == JsonKind::Array).map(JsonRef::items);
        let chars = name.map(|name| name.chars().count() as u64);
        let scalar = |scalar: &Scalar| match scalar {
            Scalar::Text(text) => name.map(|name| name == &**text),
            Scalar::Number(limit) => number.map(|number| number == limit.as_number()),
            Scalar::Boolean(expected) => json.and_then(JsonRef::as_bool).map(|found| found == *expected),
            other => panic!("a value that the reference does not know: {other:?}"),
        };
        // `None` where the matcher does not speak about values of this kind.
        let outcome = match matcher {
            Matcher::Present(present) => Some(*present),
            Matcher::Equals(Operand::Literal(expected)) => scalar(expected),
            Matcher::Equals(Operand::Fact(fact)) => match self.find(fact, target) {
                Value::Absent => Some(false),
                Value::Name(other) => name.map(|name| name == other),
                Value::Json(other) if kind == other.kind() && kind != JsonKind::Null => {
                    Some(json.map_or(name == other.as_str(), |json| json.digest() == other.digest()))
                }
                Value::Json(_) | Value::Unknown => None,
            },
            Matcher::OneOf(list) => list.iter().filter_map(scalar).max(),
            Matcher::Matches(pattern) => name.map(|name| pattern.is_match(name)),
            Matcher::Text { chars: span } => chars.map(|chars| span.contains(chars)),
            Matcher::Integer(bounds) => number.map(|number| is_integer(number) && within(bounds, number)),
            Matcher::Decimal { bounds, scale } => {
                number.map(|number| scale.is_none_or(|places| number.has_scale(places)) && within(bounds, number))
            }
            Matcher::Shell(shell) => name.and_then(|name| shell.test(name)),
            Matcher::Open => Some(true),
            Matcher::Object(fields) => {
                let Some(object) = json.filter(|_| kind == JsonKind::Object) else { return Unknown };
                let member = |field: &Argument| match at(object, &field.pointer) {
                    Value::Absent => truth(field.optional),
                    value => self.test(&field.matcher, value, target),
                };
                return fields.iter().map(member).min().unwrap_or(Yes).min(truth(closed(
                    fields,
                    object,
                    &mut Vec::new(),
                )));
            }
            Matcher::Path(spec) => {
                let links = match &spec.links {
                    PathLinks::Fact { fact, default_none } => match self.find(fact, target) {
                        Value::Json(links) => LinkFact::Given(links),
                        Value::Absent | Value::Unknown if *default_none => LinkFact::None,
                        _ => LinkFact::Unknown,
                    },
                    _ => LinkFact::None,
                };
                name.and_then(|name| spec.admits(name, links))
            }
            #[cfg(feature = "url")]
            Matcher::Url(spec) => name.and_then(|name| spec.admits(name)),
            Matcher::Email(spec) => name.and_then(|name| spec.admits(name)),
            Matcher::Boolean => (kind == JsonKind::Boolean).then_some(true),
            Matcher::Length(span) => chars.or(items.map(|items| items.len() as u64)).map(|count| span.contains(count)),
            Matcher::Array { items: span, each, some } => {
                let Some(items) = items else { return Unknown };
                let test = |inner: &Matcher, item| self.test(inner, Value::Json(item), target);
                let each = each.iter().map(|inner| items.clone().map(|item| test(inner, item)).min().unwrap_or(Yes));
                let some = some.iter().map(|inner| items.clone().map(|item| test(inner, item)).max().unwrap_or(No));
                return each.chain(some).chain([truth(span.contains(items.len() as u64))]).min().unwrap_or(Yes);
            }
            other => panic!("a matcher that the reference does not know: {other:?}"),
        };
        outcome.map_or(Unknown, truth)
    }

    /// Whether the tool accepts the arguments.
    pub(crate) fn accepted(&self, declared: &[Argument]) -> bool {
        closed(declared, self.arguments.root(), &mut Vec::new())
            && declared.iter().all(|argument| match at(self.arguments.root(), &argument.pointer) {
                Value::Absent => argument.optional,
                value => self.test(&argument.matcher, value, None) == Yes,
            })
    }

    /// The resources that the arguments name: kinds and ids.
    pub(crate) fn resources(&self) -> Vec<(String, Option<String>)> {
        let id = |from: JsonRef<'_>, pointer: &Pointer| match at(from, pointer) {
            Value::Json(json) => match json.as_number() {
                Some(number) => is_integer(number).then(|| number.as_str().to_owned()),
                None => json.as_str().map(str::to_owned),
            },
            _ => None,
        };
        let specs = self.document.tools.get(self.tool).into_iter().flat_map(|tool| &tool.resources);
        let named = specs.flat_map(|spec| match spec.each.as_ref().map(|each| at(self.arguments.root(), each)) {
            None => vec![(spec.kind.to_string(), id(self.arguments.root(), &spec.id))],
            Some(Value::Json(array)) if array.kind() == JsonKind::Array => {
                array.items().map(|item| (spec.kind.to_string(), id(item, &spec.id))).collect()
            }
            Some(_) => vec![(spec.kind.to_string(), None)],
        });
        named.collect()
    }
}

/// Whether nothing but declared arguments, and objects around them, stands in an object.
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

fn at<'a>(from: JsonRef<'a>, pointer: &Pointer) -> Value<'a> {
    walk(from, &pointer.tokens().collect::<Vec<_>>())
}

fn walk<'a>(from: JsonRef<'a>, path: &[&str]) -> Value<'a> {
    let Some((token, rest)) = path.split_first() else { return Value::Json(from) };
    let index = token.parse::<usize>().ok().filter(|index| index.to_string() == **token);
    let next = match (from.kind(), index) {
        (JsonKind::Object, _) => from.members().find(|(key, _)| key == token).map(|(_, value)| value),
        (JsonKind::Array, Some(index)) => from.items().nth(index),
        _ => return Value::Unknown,
    };
    next.map_or(Value::Absent, |next| walk(next, rest))
}

fn is_integer(number: Number<'_>) -> bool {
    number.as_str().bytes().all(|byte| byte == b'-' || byte.is_ascii_digit()) && number.as_str() != "-0"
}

fn within(bounds: &Bounds, number: Number<'_>) -> bool {
    let holds = |bound: &Option<Decimal>, fits: fn(Number<'_>, Number<'_>) -> bool| {
        bound.as_ref().is_none_or(|bound| fits(number, bound.as_number()))
    };
    holds(&bounds.above, |number, bound| number > bound)
        && holds(&bounds.at_least, |number, bound| number >= bound)
        && holds(&bounds.below, |number, bound| number < bound)
        && holds(&bounds.at_most, |number, bound| number <= bound)
}

fn glob(pattern: &str, name: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => name.is_empty(),
        Some('*') => (0..=name.len()).any(|at| name.get(at..).is_some_and(|name| glob(rest.as_str(), name))),
        Some(letter) => name.strip_prefix(letter).is_some_and(|name| glob(rest.as_str(), name)),
    }
}

fn reads_resource(condition: &Condition) -> bool {
    fn compares(matcher: &Matcher) -> bool {
        match matcher {
            Matcher::All(parts) | Matcher::Any(parts) => parts.iter().any(compares),
            Matcher::Nullable(inner) => compares(inner),
            Matcher::Object(fields) => fields.iter().any(|field| compares(&field.matcher)),
            Matcher::Equals(Operand::Fact(fact)) => fact.root == FactRoot::Resource,
            Matcher::Array { each, some, .. } => each.iter().chain(some).any(|inner| compares(inner)),
            _ => false,
        }
    }
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(reads_resource),
        Condition::Not(part) => reads_resource(part),
        Condition::Value(fact, matcher) => fact.root == FactRoot::Resource || compares(matcher),
        other => panic!("a condition that the reference does not know: {other:?}"),
    }
}
