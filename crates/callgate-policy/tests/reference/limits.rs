//! Limits by the reference, and random ones. Written from `docs/spec/limits.md`.

use std::fmt::Write as _;

use callgate_policy::document::{FactRoot, KeyPart, Limit, Measure};
use callgate_types::{Amount, Decimal, Digest};

use crate::evaluator::{Call, Target};
use crate::policies::{Policy, Tool};
use crate::random::Random;
use crate::truth::{Truth, Value};

/// What a call counts towards one limit: its id, the parts of its key, how much.
pub(crate) type Used = (String, Vec<Option<String>>, Option<Amount>);

/// What the call counts, limit by limit.
pub(crate) fn uses(call: &Call<'_>) -> Vec<Used> {
    let mut all = Vec::new();
    for limit in &call.document.limits {
        let mut of_limit: Vec<Used> = Vec::new();
        for target in counted(call, limit) {
            let used = one(call, limit, target);
            if !of_limit.iter().any(|other| other.1 == used.1) {
                of_limit.push(used);
            }
        }
        all.append(&mut of_limit);
    }
    all
}

/// Under what a limit counts the call: once, or for each resource that it is about where the
/// resource stands in its key.
fn counted<'a>(call: &Call<'a>, limit: &Limit) -> Vec<Option<&'a Target>> {
    if !limit.is_per_resource() {
        let matches = call.matches(&limit.selector, &limit.when, true);
        return Vec::from_iter(matches.then_some(None));
    }
    let is_about = |target: &&Target| {
        let target = Some(*target);
        call.selected(&limit.selector, true, target).min(call.holds(&limit.when, target)) != Truth::No
    };
    call.targets.iter().filter(is_about).map(Some).collect()
}

fn one(call: &Call<'_>, limit: &Limit, target: Option<&Target>) -> Used {
    let (of, unit) = match &limit.measure {
        Measure::Sum { of, unit } => (Some(of), unit.as_ref()),
        _ => (None, None),
    };
    let parts: Vec<Option<String>> = limit
        .per
        .iter()
        .map(|part| match part {
            KeyPart::Value(fact) => {
                let value = plain(call.find(fact, target))?;
                let hidden = fact.root == FactRoot::Arguments && Some(fact) != unit && !value.is_empty();
                let long = value.len() > 256;
                Some(if hidden || long { Digest::of(value.as_bytes()).to_string() } else { value })
            }
            _ => Some(call.tool.to_owned()),
        })
        .collect();
    let amount = match of {
        None => Some(Amount::whole(1)),
        Some(of) => call.find(of, target).number().and_then(Amount::of).filter(|amount| !amount.is_negative()),
    };
    let known = parts.iter().all(Option::is_some);
    (limit.id.to_string(), parts, amount.filter(|_| known))
}

/// A value as a part of a key; `None` where it is unknown.
fn plain(value: Value<'_>) -> Option<String> {
    match value {
        Value::Unknown => None,
        Value::Absent => Some(String::new()),
        _ => {
            let boolean = || value.boolean().map(|yes| yes.to_string());
            let number = || value.number().map(|number| Decimal::from(number).to_string());
            value.text().map(str::to_owned).or_else(number).or_else(boolean)
        }
    }
}

/// A random limit.
pub(crate) fn add(policy: &mut Policy, random: &mut Random, id: &str) {
    let mut text = format!("[[limits]]\nid = '{id}'\n");
    let about = policy.about(random, 25);
    let places = |tools: &[Tool]| -> Vec<&'static str> {
        tools.iter().flat_map(|tool| &tool.arguments).map(|leaf| leaf.pointer).collect()
    };
    // A limit may only name arguments that its tools declare.
    let pointers =
        if about.contains("tools =") || about.contains("resources =") { Vec::new() } else { places(&policy.tools) };
    if random.chance(50) || pointers.is_empty() {
        let _ = writeln!(text, "count = {}", random.below(50));
    } else {
        let of = random.of(&pointers);
        let unit = random.of(&pointers);
        let unit = if random.chance(30) { format!(", unit = 'arguments{unit}'") } else { String::new() };
        let _ = writeln!(text, "sum = {{ of = 'arguments{of}', at_most = '{}.50'{unit} }}", random.below(500));
    }
    if random.chance(80) {
        let mut parts = vec![
            "tool", "resource", "resource/tenant", "caller/tenant", "caller/subject", "caller/actor",
            "context/session", "context/environment",
        ];
        parts = random.some_of(&parts);
        parts.truncate(4);
        let _ = writeln!(text, "per = {parts:?}");
    }
    if random.chance(50) {
        let _ = writeln!(text, "window = '{}h'", 1 + random.below(9));
    }
    if random.chance(40) {
        text.push_str(random.of(&["on_exceed = 'ask'\n", "on_exceed = 'ask'\npreview = true\nconfirm = false\n"]));
    }
    policy.statements.push(format!("{text}{about}"));
}
