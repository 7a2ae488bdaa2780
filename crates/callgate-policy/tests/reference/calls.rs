//! Random calls of a policy.

use callgate_policy::document::Pointer;
use callgate_types::{Arguments, AssertedBy, Caller, Context, Json, Principal, Resource};
use chrono::{DateTime, TimeDelta, Utc};

use crate::policies::{Class, ENVIRONMENTS, NUMBERS, Policy, TENANTS, TEXTS};
use crate::random::Random;

/// What a host hands over for one call.
pub(crate) struct Call {
    pub tool: &'static str,
    pub arguments: Arguments,
    pub caller: Caller,
    pub context: Context,
    /// How long ago the subject proved who it is.
    pub age: Option<Json>,
}

pub(crate) fn call(random: &mut Random, policy: &Policy) -> Call {
    let tool = &policy.tools[random.below(policy.tools.len())];
    let mut tree = Tree::default();
    for leaf in &tool.arguments {
        if leaf.optional && random.chance(40) || random.chance(1) {
            continue;
        }
        let class = if random.chance(3) { Class::Any } else { leaf.class };
        let pointer = Pointer::parse(leaf.pointer).unwrap();
        tree.put(&pointer.tokens().collect::<Vec<_>>(), value(random, class));
    }
    if random.chance(3) {
        let key = random.of(&["extra", "to", "list"]);
        tree.put(&[key], value(random, Class::Any));
    }
    let arguments = Arguments::parse(tree.json(random)).unwrap();
    let (caller, proved) = caller(random);
    let context = context(random);
    let age = proved.zip(context.time_now()).map(|(proved, now)| (now - proved).num_seconds());
    let age = age.filter(|age| *age >= 0).map(|age| Json::parse(age.to_string()).unwrap());
    Call { tool: tool.name, arguments, caller, context, age }
}

/// Members of objects, in the order in which they were put there.
#[derive(Default)]
struct Tree(Vec<(String, Result<Tree, String>)>);

impl Tree {
    fn put(&mut self, path: &[&str], value: String) {
        let (key, rest) = path.split_first().unwrap();
        let place = self.0.iter().position(|(known, _)| known == key);
        if rest.is_empty() {
            if place.is_none() {
                self.0.push(((*key).to_owned(), Err(value)));
            }
            return;
        }
        let place = place.unwrap_or_else(|| {
            self.0.push(((*key).to_owned(), Ok(Self::default())));
            self.0.len() - 1
        });
        if let (_, Ok(inner)) = &mut self.0[place] {
            inner.put(rest, value);
        }
    }

    fn json(mut self, random: &mut Random) -> String {
        random.shuffle(&mut self.0);
        let members = self.0.into_iter().map(|(key, value)| {
            let value = value.map_or_else(|text| text, |tree| tree.json(random));
            format!("{key:?}: {value}")
        });
        format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
    }
}

fn value(random: &mut Random, class: Class) -> String {
    match class {
        Class::Number => random.of(NUMBERS).to_owned(),
        Class::Text => json(random.of(TEXTS)),
        Class::In(_) if random.chance(10) => json(random.of(TEXTS)),
        Class::In(language) => json(&language.text(random)),
        Class::Flag => random.of(&["true", "false"]).to_owned(),
        Class::Array | Class::Objects => {
            let items = (0..random.below(4)).map(|_| match random.below(8) {
                0 => value(random, Class::Any),
                _ if class == Class::Array => value(random, Class::Text),
                n => format!("{{\"id\": {}}}", value(random, if n < 5 { Class::Text } else { Class::Number })),
            });
            format!("[{}]", items.collect::<Vec<_>>().join(","))
        }
        Class::Any => match random.below(7) {
            0 => "null".to_owned(),
            1 => "{}".to_owned(),
            2 => "{\"inner\": [1, null]}".to_owned(),
            n => value(random, [Class::Number, Class::Text, Class::Flag, Class::Array][n - 3]),
        },
    }
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// A caller, and when its subject proved who it is.
fn caller(random: &mut Random) -> (Caller, Option<DateTime<Utc>>) {
    if random.chance(7) {
        return (Caller::unknown(), None);
    }
    let tenant = random.of(TENANTS);
    let mut roles = random.some_of(&["support", "lead", "staff", "audit", "root", "stranger"]);
    roles.retain(|_| random.chance(70));
    let id = random.of(&["user:alice", "user:bob", "service:cron"]);
    let mut subject = Principal::asserted(id.parse().unwrap());
    let mut proved = None;
    if random.chance(50) {
        let mut by = match random.below(3) {
            0 => AssertedBy::host(),
            1 => AssertedBy::mutual_tls("acme"),
            _ => AssertedBy::saml("user:alice"),
        };
        if random.chance(70) {
            let at: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
            proved = Some(at);
            by = by.at(at);
        }
        subject = subject.by(by);
    }
    let with_tenant = random.chance(88);
    let subject = if with_tenant { subject.member_of(tenant, roles) } else { subject.crossing_tenants(roles) };
    let mut chain = Caller::of(subject);
    let mut actors = ["agent:bot", "agent:sub", "service:job"];
    random.shuffle(&mut actors);
    for actor in &actors[..random.of(&[0, 0, 1, 1, 2, 3])] {
        chain = chain.acting(Principal::asserted(actor.parse().unwrap()));
    }
    let built = if with_tenant { chain.in_tenant(tenant) } else { chain.without_tenant() };
    (built.unwrap(), proved)
}

fn context(random: &mut Random) -> Context {
    let mut context = Context::new();
    if random.chance(85) {
        context = context.environment(random.of(ENVIRONMENTS));
    }
    if random.chance(50) {
        context = context.session("a");
    }
    if random.chance(50) {
        context = context.task("acme");
    }
    if random.chance(85) {
        // Any minute of five days from a Wednesday on, or of half a day in which clocks change.
        let (begin, hours) = match random.below(8) {
            0 => (random.of(&["2026-03-28T20:00:00Z", "2026-10-24T20:00:00Z"]), 12),
            1 => (random.of(&["2026-04-04T10:00:00Z", "2026-10-03T10:00:00Z"]), 12),
            _ => ("2026-11-18T00:00:00Z", 5 * 24),
        };
        let minutes = u32::try_from(random.below(hours * 60)).unwrap();
        let begin: DateTime<Utc> = begin.parse().unwrap();
        context = context.time(begin + TimeDelta::minutes(minutes.into()));
    }
    for name in ["mode", "whole"] {
        if random.chance(70) {
            context = context.fact(name, host_value(random));
        }
    }
    context
}

/// What the host knows of a resource, where it knows something.
pub(crate) fn facts(random: &mut Random, kind: &str, id: Option<&str>) -> Option<Resource> {
    let id = id.filter(|_| random.chance(75))?;
    let mut resource = Resource::new(kind, id);
    if random.chance(85) {
        resource = resource.tenant(random.of(TENANTS));
    }
    if random.chance(70) {
        resource = resource.fact("class", host_value(random));
    }
    if random.chance(60) {
        resource = resource.fact("meta", serde_json::json!({ "level": random.below(9) }));
    }
    Some(resource)
}

fn host_value(random: &mut Random) -> serde_json::Value {
    match random.below(8) {
        0 => serde_json::json!({ "inner": random.of(TEXTS) }),
        6 => serde_json::json!({ "/ws/link": "/etc", "/ws/src/link": "../docs/./a", "/ws/loop": "/ws/loop" }),
        7 => serde_json::json!({ "/ws/link": "src", "/ws/link/x": "/", "/ws/../a": "b" }),
        1 => serde_json::Value::Null,
        2 => serde_json::json!({ "inner": [1, null] }),
        3 => random.below(9).into(),
        4 => random.chance(50).into(),
        _ => random.of(TEXTS).into(),
    }
}
