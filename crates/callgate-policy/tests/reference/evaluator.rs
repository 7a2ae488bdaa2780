//! The reference: what a policy says of a call, in the plainest way.
//!
//! No index, no compiled form: every statement is looked at, one by one, as the document has it.
//! Written from `docs/spec/policy.md`; slow, and easy to compare with the text.

use callgate_policy::document::{
    Bounds, Condition, Document, Fact, FactRoot, Matcher, NamePattern, Operand, Pointer, Scalar,
    Selector, Tool,
};
use callgate_types::{Arguments, Caller, Context, Facts, JsonKind, JsonRef, Number, Resource};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kleene {
    No,
    Unknown,
    Yes,
}
use Kleene::{No, Unknown, Yes};

fn truth(holds: bool) -> Kleene {
    if holds { Yes } else { No }
}

fn all(parts: impl Iterator<Item = Kleene>) -> Kleene {
    parts.min().unwrap_or(Yes)
}

fn any(parts: impl Iterator<Item = Kleene>) -> Kleene {
    parts.max().unwrap_or(No)
}

#[derive(Clone, Copy)]
enum Found<'a> {
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

impl<'a> Call<'a> {
    /// Whether a statement takes effect.
    pub(crate) fn matches(&self, selector: &Selector, when: &Condition, restricts: bool) -> bool {
        let judge = |target| {
            let truth = self.selected(selector, restricts, target).min(self.holds(when, target));
            if restricts { truth != No } else { truth == Yes }
        };
        if selector.resources.is_none() && !mentions_resource(when) {
            return judge(None);
        }
        let mut targets = self.targets.iter().map(Some);
        if restricts { targets.any(judge) } else { targets.len() > 0 && targets.all(judge) }
    }

    fn selected(&self, selector: &Selector, restricts: bool, target: Option<&Target>) -> Kleene {
        let subject = self.caller.subject();
        let roles: Vec<&str> = self.caller.roles().collect();
        let mut held = roles.clone();
        for role in roles {
            self.include(role, &mut held);
        }
        let actors: Vec<&str> =
            self.caller.actors().iter().map(|actor| actor.id().as_str()).collect();
        let of_subject = |truth: bool| subject.map_or(Unknown, |_| self::truth(truth));
        let actor = |patterns: &Vec<NamePattern>| {
            let one = |actor: &&str| names(patterns, actor);
            let every = !actors.is_empty() && actors.iter().all(one);
            of_subject(if restricts { actors.iter().any(one) } else { every })
        };
        let given = |patterns: &Vec<NamePattern>, name: Option<&str>| {
            name.map_or(Unknown, |name| truth(names(patterns, name)))
        };
        let asked = [
            selector.tools.as_ref().map(|list| given(list, Some(self.tool))),
            selector
                .roles
                .as_ref()
                .map(|list| of_subject(held.iter().any(|role| names(list, role)))),
            selector
                .principals
                .as_ref()
                .map(|list| given(list, subject.map(|who| who.id().as_str()))),
            selector.actors.as_ref().map(actor),
            selector.tenants.as_ref().map(|list| given(list, self.caller.tenant())),
            selector.environments.as_ref().map(|list| given(list, self.context.environment_name())),
            selector.resources.as_ref().map(|list| given(list, target.map(|at| &*at.kind))),
        ];
        all(asked.into_iter().flatten())
    }

    fn include(&self, role: &str, held: &mut Vec<&'a str>) {
        for inner in self.document.roles.get(role).into_iter().flat_map(|role| &role.includes) {
            held.push(inner);
            self.include(inner, held);
        }
    }

    fn holds(&self, condition: &Condition, target: Option<&Target>) -> Kleene {
        match condition {
            Condition::All(parts) => all(parts.iter().map(|part| self.holds(part, target))),
            Condition::Any(parts) => any(parts.iter().map(|part| self.holds(part, target))),
            Condition::Not(part) => match self.holds(part, target) {
                Yes => No,
                Unknown => Unknown,
                No => Yes,
            },
            Condition::Value(fact, matcher) => self.test(matcher, self.find(fact, target), target),
            other => panic!("a condition that the reference does not know: {other:?}"),
        }
    }

    fn find<'s>(&'s self, fact: &Fact, target: Option<&'s Target>) -> Found<'s> {
        let given = |name: Option<&'s str>| name.map_or(Found::Unknown, Found::Name);
        let path: Vec<&str> = fact.pointer.tokens().collect();
        let who = self.caller.subject().map(|who| who.id());
        match (fact.root, &path[..]) {
            (FactRoot::Arguments, path) => walk(self.arguments.root(), path),
            (FactRoot::Caller, ["tenant"]) => given(self.caller.tenant()),
            (FactRoot::Caller, ["subject"]) => given(who.map(|id| id.as_str())),
            (FactRoot::Caller, ["id"]) => given(who.map(|id| id.id())),
            (FactRoot::Caller, ["kind"]) => given(who.map(|id| id.kind().as_str())),
            (FactRoot::Caller, ["actor"]) => match self.caller.actors().last() {
                _ if who.is_none() => Found::Unknown,
                None => Found::Absent,
                Some(actor) => Found::Name(actor.id().as_str()),
            },
            (FactRoot::Context, ["environment"]) => given(self.context.environment_name()),
            (FactRoot::Context, ["session"]) => given(self.context.session_id()),
            (FactRoot::Context, ["task"]) => given(self.context.task_id()),
            (FactRoot::Context, path) => in_facts(Some(self.context.facts()), path),
            (FactRoot::Resource, ["kind"]) => given(target.map(|at| &*at.kind)),
            (FactRoot::Resource, ["id"]) => given(target.and_then(|at| at.id.as_deref())),
            (FactRoot::Resource, path) => {
                let known = target.and_then(|at| at.facts.as_ref());
                match path {
                    ["tenant"] => given(known.and_then(Resource::tenant_name)),
                    path => in_facts(known.map(Resource::facts), path),
                }
            }
            (root, path) => panic!("a place that the reference does not know: {root:?} {path:?}"),
        }
    }

    fn test(&self, matcher: &Matcher, value: Found<'_>, target: Option<&Target>) -> Kleene {
        let (kind, name, json) = match value {
            Found::Unknown => return Unknown,
            Found::Absent => {
                return match matcher {
                    Matcher::All(parts) => {
                        all(parts.iter().map(|part| self.test(part, value, target)))
                    }
                    Matcher::Present(present) => truth(!present),
                    _ => No,
                };
            }
            Found::Name(name) => (JsonKind::Text, Some(name), None),
            Found::Json(json) => (json.kind(), json.as_str(), Some(json)),
        };
        let number = json.and_then(JsonRef::as_number);
        let items = json.filter(|_| kind == JsonKind::Array).map(|json| json.items());
        let chars = name.map(|name| name.chars().count() as u64);
        let known = |outcome: Option<bool>| outcome.map_or(Unknown, truth);
        match matcher {
            Matcher::All(parts) => all(parts.iter().map(|part| self.test(part, value, target))),
            Matcher::Present(present) => truth(*present),
            Matcher::Equals(Operand::Literal(scalar)) => equals_scalar(scalar, kind, name, json),
            Matcher::Equals(Operand::Fact(fact)) => match self.find(fact, target) {
                Found::Unknown => Unknown,
                Found::Absent => No,
                _ if kind == JsonKind::Null => Unknown,
                Found::Name(other) => known(name.map(|name| name == other)),
                Found::Json(other) if other.kind() != kind => Unknown,
                Found::Json(other) => match json {
                    None => truth(other.as_str() == name),
                    Some(json) => truth(same(json, other)),
                },
            },
            Matcher::OneOf(list) => {
                let each = list.iter().map(|scalar| equals_scalar(scalar, kind, name, json));
                let comparable: Vec<Kleene> = each.filter(|truth| *truth != Unknown).collect();
                comparable.into_iter().max().unwrap_or(Unknown)
            }
            Matcher::Matches(pattern) => known(name.map(|name| pattern.is_match(name))),
            Matcher::Text { chars: span } => known(chars.map(|chars| span.contains(chars))),
            Matcher::Integer(bounds) => known(number.map(|number| {
                let token = number.as_str();
                let digits = token.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit());
                digits && token != "-0" && within(bounds, number)
            })),
            Matcher::Decimal { bounds, scale } => known(number.map(|number| {
                scale.is_none_or(|places| number.has_scale(places)) && within(bounds, number)
            })),
            Matcher::Boolean => known((kind == JsonKind::Boolean).then_some(true)),
            Matcher::Length(span) => {
                let items = items.map(|items| items.len() as u64);
                known(chars.or(items).map(|count| span.contains(count)))
            }
            Matcher::Array { items: span, each, some } => items.map_or(Unknown, |items| {
                let test = |inner: &Matcher, item| self.test(inner, Found::Json(item), target);
                let count = truth(span.contains(items.len() as u64));
                let each =
                    each.as_ref().map(|inner| all(items.clone().map(|item| test(inner, item))));
                let some = some.as_ref().map(|inner| any(items.map(|item| test(inner, item))));
                all([Some(count), each, some].into_iter().flatten())
            }),
            other => panic!("a matcher that the reference does not know: {other:?}"),
        }
    }

    /// Whether the tool accepts the arguments.
    pub(crate) fn accepted(&self) -> bool {
        let tool = &self.document.tools[self.tool];
        let at = |pointer: &Pointer| {
            let path: Vec<&str> = pointer.tokens().collect();
            walk(self.arguments.root(), &path)
        };
        closed(tool, self.arguments.root(), &mut Vec::new())
            && tool.arguments.iter().all(|argument| match at(&argument.pointer) {
                Found::Absent => argument.optional,
                value => self.test(&argument.matcher, value, None) == Yes,
            })
    }
}

/// Whether nothing but declared arguments, and objects around them, stands in an object.
fn closed<'a>(tool: &Tool, object: JsonRef<'a>, around: &mut Vec<&'a str>) -> bool {
    object.members().all(|(key, value)| {
        around.push(key);
        let starts = |argument: &&callgate_policy::document::Argument| {
            let tokens: Vec<&str> = argument.pointer.tokens().collect();
            tokens.starts_with(around)
        };
        let below: Vec<_> = tool.arguments.iter().filter(starts).collect();
        let leaf = below.iter().any(|argument| argument.pointer.tokens().len() == around.len());
        let inner = value.kind() == JsonKind::Object && !below.is_empty();
        let fine = leaf || (inner && closed(tool, value, around));
        around.pop();
        fine
    })
}

/// The resources that the arguments name: kinds and ids.
pub(crate) fn resources(tool: &Tool, arguments: &Arguments) -> Vec<(String, Option<String>)> {
    let look = |from: JsonRef<'_>, pointer: &Pointer| {
        let path: Vec<&str> = pointer.tokens().collect();
        let Found::Json(json) = walk(from, &path) else {
            return None;
        };
        let number = json.as_number().map(|number| number.as_str());
        let integer = number.filter(|token| token.parse::<i128>().is_ok() && *token != "-0");
        integer.or(json.as_str()).map(str::to_owned)
    };
    let mut named = Vec::new();
    for spec in &tool.resources {
        let kind = spec.kind.to_string();
        let Some(each) = &spec.each else {
            named.push((kind, look(arguments.root(), &spec.id)));
            continue;
        };
        let path: Vec<&str> = each.tokens().collect();
        match walk(arguments.root(), &path) {
            Found::Json(array) if array.kind() == JsonKind::Array => {
                named.extend(array.items().map(|item| (kind.clone(), look(item, &spec.id))));
            }
            _ => named.push((kind, None)),
        }
    }
    named
}

fn walk<'a>(from: JsonRef<'a>, path: &[&str]) -> Found<'a> {
    let Some((token, rest)) = path.split_first() else {
        return Found::Json(from);
    };
    let next = match from.kind() {
        JsonKind::Object => from.members().find(|(key, _)| key == token).map(|(_, value)| value),
        JsonKind::Array => match token.parse::<usize>() {
            Ok(index) if index.to_string() == **token => from.items().nth(index),
            _ => return Found::Unknown,
        },
        _ => return Found::Unknown,
    };
    next.map_or(Found::Absent, |next| walk(next, rest))
}

fn in_facts<'a>(facts: Option<&'a Facts>, path: &[&str]) -> Found<'a> {
    let Some((name, rest)) = path.split_first() else {
        return Found::Unknown;
    };
    let fact = facts.and_then(|facts| facts.get(name));
    fact.map_or(Found::Unknown, |fact| walk(fact.root(), rest))
}

fn equals_scalar(
    scalar: &Scalar,
    kind: JsonKind,
    name: Option<&str>,
    json: Option<JsonRef<'_>>,
) -> Kleene {
    match (scalar, kind) {
        (Scalar::Text(text), JsonKind::Text) => truth(name == Some(&**text)),
        (Scalar::Number(number), JsonKind::Number) => {
            truth(json.and_then(JsonRef::as_number) == Some(number.as_number()))
        }
        (Scalar::Boolean(expected), JsonKind::Boolean) => {
            truth(json.and_then(JsonRef::as_bool) == Some(*expected))
        }
        _ => Unknown,
    }
}

fn same(one: JsonRef<'_>, other: JsonRef<'_>) -> bool {
    let in_other = |(key, value): (&str, _)| other.get(key).is_some_and(|found| same(value, found));
    one.kind() == other.kind()
        && one.len() == other.len()
        && one.as_str() == other.as_str()
        && one.as_bool() == other.as_bool()
        && one.as_number() == other.as_number()
        && one.items().zip(other.items()).all(|(one, other)| same(one, other))
        && one.members().all(in_other)
}

fn within(bounds: &Bounds, number: Number<'_>) -> bool {
    bounds.above.as_ref().is_none_or(|limit| number > limit.as_number())
        && bounds.at_least.as_ref().is_none_or(|limit| number >= limit.as_number())
        && bounds.below.as_ref().is_none_or(|limit| number < limit.as_number())
        && bounds.at_most.as_ref().is_none_or(|limit| number <= limit.as_number())
}

fn names(patterns: &[NamePattern], name: &str) -> bool {
    patterns.iter().any(|pattern| glob(pattern.as_str(), name))
}

fn glob(pattern: &str, name: &str) -> bool {
    let Some(first) = pattern.chars().next() else {
        return name.is_empty();
    };
    let rest = &pattern[first.len_utf8()..];
    match first {
        '*' => name.char_indices().any(|(at, _)| glob(rest, &name[at..])) || glob(rest, ""),
        letter => name.strip_prefix(letter).is_some_and(|name| glob(rest, name)),
    }
}

fn mentions_resource(condition: &Condition) -> bool {
    fn compares(matcher: &Matcher) -> bool {
        match matcher {
            Matcher::All(parts) => parts.iter().any(compares),
            Matcher::Equals(Operand::Fact(fact)) => fact.root == FactRoot::Resource,
            Matcher::Array { each, some, .. } => {
                each.iter().chain(some).any(|inner| compares(inner))
            }
            _ => false,
        }
    }
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(mentions_resource),
        Condition::Not(part) => mentions_resource(part),
        Condition::Value(fact, matcher) => fact.root == FactRoot::Resource || compares(matcher),
        other => panic!("a condition that the reference does not know: {other:?}"),
    }
}
