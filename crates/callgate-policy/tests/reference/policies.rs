//! Random policies.

use std::fmt::Write as _;

use callgate_policy::document::NamePattern;

use crate::conditions::condition;
use crate::languages::Language;
use crate::limits;
use crate::random::Random;

/// A policy: what stands before the statements, and each statement.
pub(crate) struct Policy {
    pub head: String,
    pub statements: Vec<String>,
    pub(crate) tools: Vec<Tool>,
}

pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) arguments: Vec<Leaf>,
    pub(crate) kinds: Vec<&'static str>,
}

#[derive(Clone, Copy)]
pub(crate) struct Leaf {
    pub(crate) pointer: &'static str,
    /// What calls mostly send.
    pub(crate) class: Class,
    declared: &'static [&'static str],
    pub(crate) optional: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Number,
    Text,
    Flag,
    Array,
    Objects,
    Any,
    In(Language),
}

const TOOLS: &[&str] = &["mail_send", "read_account", "read_ticket", "write_account"];
const ROLES: &[&str] = &["support", "lead", "staff", "audit", "root"];
pub(crate) const TENANTS: &[&str] = &["acme", "globex", "initech"];
pub(crate) const ENVIRONMENTS: &[&str] = &["prod", "staging", "dev"];
const KINDS: &[&str] = &["account", "ticket"];
pub(crate) const TEXTS: &[&str] =
    &["", "a", "acme", "prod", "user:alice", "acc_1", "acc_22", "größer", "5", "/ws/a", "inner/../x", "b@acme.org"];
pub(crate) const NUMBERS: &[&str] =
    &["0", "-0", "1", "5", "5.0", "5e0", "50", "10.25", "0.1", "0.10", "-3", "9007199254740993", "1e300"];
const LEAVES: &[Leaf] = &[
    Leaf::new("/account", Class::Text, &["text = {}", "matches = 'acc_\\d+|acme'", "text = { max_chars = 5 }"]),
    Leaf::new("/amount", Class::Number, &["decimal = {}", "integer = {}", "decimal = { at_most = '60', scale = 2 }"]),
    Leaf::new("/flag", Class::Flag, &["boolean = {}"]),
    Leaf::new(
        "/items",
        Class::Objects,
        &["array = {}", "array = { each = { '/id' = { text = {}, optional = true } } }", "length = { max = 9 }"],
    ),
    Leaf::new("/list", Class::Array, &["array = {}", "array = { each = { text = {} } }", "length = { max = 2 }"]),
    Leaf::new(
        "/note",
        Class::Text,
        &["text = {}, nullable = true", "one_of = ['a', 'acme', 5]", "equals = { fact = 'caller/tenant' }"],
    ),
    Leaf::new("/command", Class::In(Language::Shell), &["text = {}"]),
    Leaf::new("/file", Class::In(Language::Path), &["text = {}"]),
    Leaf::new("/link", Class::In(Language::Url), &["text = {}"]),
    Leaf::new("/mail", Class::In(Language::Email), &["text = {}"]),
    Leaf::new("/open", Class::Any, &["open = true", "array = {}", "equals = { fact = 'context/whole' }"]),
    Leaf::new("/query", Class::In(Language::Sql), &["text = {}"]),
    Leaf::new("/to/deep/id", Class::Text, &["text = {}", "length = { min = 1 }"]),
    Leaf::new("/to/id", Class::Number, &["decimal = {}", "integer = { at_least = 0 }"]),
    Leaf::new("/to/na~1me", Class::Text, &["text = {}"]),
];

impl Leaf {
    const fn new(pointer: &'static str, class: Class, declared: &'static [&'static str]) -> Self {
        Self { pointer, class, declared, optional: false }
    }

    pub(crate) fn can_hold_more(&self, declared: &str) -> bool {
        self.class == Class::Array || self.class == Class::Objects || !declared.starts_with("text")
    }
}

pub(crate) fn policy(random: &mut Random) -> Policy {
    let mut head = String::from("format = 1\nname = 'random'\n");
    if random.chance(10) {
        head.push_str("isolation = 'tenant'\n");
    }
    head.push_str("[named]\nacme = { equals = 'acme' }\nacme-or-none = { one_of = ['acme'], nullable = true }\n");
    head.push_str("[friction.privileged]\n[roles]\n");
    for (place, role) in ROLES.iter().enumerate() {
        let later: Vec<&str> = ROLES[place + 1..].iter().copied().filter(|_| random.chance(20)).collect();
        let _ = writeln!(head, "{role} = {{ includes = {later:?} }}");
    }
    let mut tools = Vec::new();
    for name in TOOLS {
        let mut leaves: Vec<Leaf> = LEAVES.iter().copied().filter(|_| random.chance(40)).collect();
        let _ = write!(head, "[tools.{name}]\naccess = 'write'\n");
        let kinds = resources(random, &leaves, &mut head);
        let _ = writeln!(head, "[tools.{name}.arguments]");
        let around = leaves.iter().any(|leaf| leaf.pointer.starts_with("/to/"));
        for (pointer, is_open) in [("", random.chance(8)), ("/to", around && random.chance(15))] {
            if is_open {
                let _ = writeln!(head, "\"{pointer}\" = {{ open = true, optional = {} }}", random.chance(80));
            }
        }
        for leaf in &mut leaves {
            leaf.optional = random.chance(50);
            let declared = match leaf.class {
                Class::In(language) if random.chance(6) => language.matcher(random),
                _ if random.chance(75) => leaf.declared[0].to_owned(),
                _ => random.of(leaf.declared).to_owned(),
            };
            let _ = writeln!(head, "\"{}\" = {{ {declared}, optional = {} }}", leaf.pointer, leaf.optional);
        }
        tools.push(Tool { name, arguments: leaves, kinds });
    }
    let mut policy = Policy { head, statements: Vec::new(), tools };
    for number in 0..4 + random.below(9) {
        policy.add_rule(random, &format!("r{number}"), None);
    }
    for number in 0..random.below(3) {
        let tier = random.of(&["read-only", "bounded-write", "privileged"]);
        let about = policy.about(random, 50);
        policy.statements.push(format!("[[raise]]\nid = 'x{number}'\nto = '{tier}'\n{about}"));
    }
    for number in 0..random.below(3) {
        limits::add(&mut policy, random, &format!("l{number}"));
    }
    policy
}

fn resources(random: &mut Random, leaves: &[Leaf], head: &mut String) -> Vec<&'static str> {
    let mut specs = Vec::new();
    let mut kinds = Vec::new();
    for leaf in leaves {
        if !random.chance(45) {
            continue;
        }
        let kind = random.of(KINDS);
        specs.push(match leaf.class {
            Class::Array => format!("{{ kind = '{kind}', each = '{}', id = '' }}", leaf.pointer),
            Class::Objects => {
                format!("{{ kind = '{kind}', each = '{}', id = '/id' }}", leaf.pointer)
            }
            Class::Any => continue,
            _ => format!("{{ kind = '{kind}', id = '{}' }}", leaf.pointer),
        });
        kinds.push(kind);
    }
    if !specs.is_empty() {
        let _ = writeln!(head, "resources = [{}]", specs.join(", "));
    }
    kinds
}

impl Policy {
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.head, self.statements.concat())
    }

    /// Adds one rule, of a given effect or any.
    pub(crate) fn add_rule(&mut self, random: &mut Random, id: &str, effect: Option<&str>) {
        let effect =
            effect.unwrap_or_else(|| random.of(&["permit", "permit", "permit", "permit", "ask", "ask", "forbid"]));
        let breadth = if effect == "permit" { 20 } else { 55 };
        let about = self.about(random, breadth);
        let observe = random.chance(8);
        self.statements.push(format!("[[rules]]\nid = '{id}'\neffect = '{effect}'\nobserve = {observe}\n{about}"));
    }

    /// Selectors and a condition; the narrower the higher `narrow`.
    pub(crate) fn about(&self, random: &mut Random, narrow: usize) -> String {
        let mut about = String::new();
        let mut meant: Vec<&Tool> = self.tools.iter().collect();
        if random.chance(60) {
            let globs = &["read_*", "*_account", "*", "read_ticket", "write_account", "mail_send"];
            let list = put(random, &mut about, "tools", globs);
            meant.retain(|tool| list.iter().any(|one| NamePattern::new(*one).matches(tool.name)));
        }
        if random.chance(narrow) {
            put(random, &mut about, "roles", &["support", "lead", "staff", "audit", "root", "s*", "*"]);
        }
        if random.chance(narrow / 3) {
            put(random, &mut about, "principals", &["user:alice", "user:*", "service:*", "*"]);
        }
        if random.chance(narrow / 3) {
            put(random, &mut about, "actors", &["agent:bot", "agent:*", "service:job"]);
        }
        if random.chance(narrow / 2) {
            put(random, &mut about, "tenants", &["acme", "globex", "acme", "*x"]);
        }
        if random.chance(narrow / 2) {
            put(random, &mut about, "environments", &["prod", "staging", "prod", "*g", "other"]);
        }
        if meant.iter().any(|tool| !tool.kinds.is_empty()) && random.chance(narrow / 3) {
            let kinds: Vec<&str> = meant.iter().flat_map(|tool| tool.kinds.iter().copied()).collect();
            let list = put(random, &mut about, "resources", &[kinds[0], kinds[0], "*"]);
            let kind = |tool: &&Tool| tool.kinds.iter().any(|kind| list.contains(&"*") || list.contains(kind));
            meant.retain(kind);
        }
        if random.chance(narrow / 3) {
            put_timing(random, &mut about);
        }
        if random.chance(narrow + 25) {
            let _ = writeln!(about, "when = {}", condition(random, &meant, 0));
        }
        about
    }
}

fn put_timing(random: &mut Random, about: &mut String) {
    if random.chance(40) {
        let _ = writeln!(about, "from = '{}'", random.of(&["2026-11-18T09:00:00Z", "2026-11-20T01:00:00+02:00"]));
    }
    if random.chance(40) {
        let _ = writeln!(about, "until = '{}'", random.of(&["2026-11-21T09:00:00Z", "2026-11-23T00:30:00-05:30"]));
    }
    let windows = [
        "{ days = ['mon', 'tue', 'wed', 'thu', 'fri'], from = '09:00', until = '17:00', offset = 'UTC' }",
        "{ days = ['fri', 'sun'], from = '22:00', until = '06:00', offset = '+01:00' }",
        "{ from = '12:30', offset = '-08:00' }",
        "{ days = ['sat'], offset = '+13:45' }",
        #[cfg(feature = "zones")]
        "{ days = ['sun', 'wed'], from = '02:15', until = '03:45', zone = 'Europe/Berlin' }",
        #[cfg(feature = "zones")]
        "{ days = ['sat', 'thu'], from = '22:00', until = '02:30', zone = 'Australia/Sydney' }",
    ];
    let _ = writeln!(about, "times = [{}]", random.some_of(&windows).join(", "));
}

fn put<'l>(random: &mut Random, about: &mut String, key: &str, list: &[&'l str]) -> Vec<&'l str> {
    let list = random.some_of(list);
    let _ = writeln!(about, "{key} = {list:?}");
    list
}
