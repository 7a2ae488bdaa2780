//! Whole decisions against the reference, on random policies and calls: scopes, tier, rules,
//! friction, obligations, combined as docs/spec/decision.md says.
//!
//! The reference of the policy crate says which statements match; what is made of them is said
//! here once more, in the plainest way; so is what follows from random changes of who is in good
//! standing, for an eighth of the pairs. `CALLGATE_REFERENCE_PAIRS` sets how many pairs are tried,
//! `CALLGATE_REFERENCE_SEED` where they start.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "helpers of tests stop at the first surprise"
)]

#[path = "../../../callgate-policy/tests/reference/calls.rs"]
mod calls;
mod chains;
#[path = "../../../callgate-policy/tests/reference/clocks.rs"]
mod clocks;
#[path = "../../../callgate-policy/tests/reference/conditions.rs"]
mod conditions;
mod decide;
#[path = "../../../callgate-policy/tests/reference/evaluator.rs"]
mod evaluator;
#[path = "../../../callgate-policy/tests/reference/languages.rs"]
mod languages;
#[path = "../../../callgate-policy/tests/reference/limits.rs"]
mod limits;
#[path = "../../../callgate-policy/tests/reference/matchers/mod.rs"]
mod matchers;
#[path = "../../../callgate-policy/tests/reference/policies.rs"]
mod policies;
#[path = "../../../callgate-policy/tests/reference/random.rs"]
mod random;
mod standing;
#[path = "../../../callgate-policy/tests/reference/timing.rs"]
mod timing;
#[path = "../../../callgate-policy/tests/reference/truth.rs"]
mod truth;

use std::collections::BTreeMap;
use std::time::Duration;

use callgate::standing::MemoryStanding;
use callgate::{Clock, Code, Decision, Digest, Gate, MemorySink, Snapshot, ToolCall};
use chrono::{DateTime, Utc};

use random::Random;

const CALLS: u64 = 20;

fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap(),
        Err(_) => default,
    }
}

/// A random policy with scopes, friction, obligations and tiers on top.
fn text(random: &mut Random) -> String {
    let source = policies::policy(random);
    let text = source.text();
    let mut lines = Vec::new();
    let mut own = "";
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("[tools.") {
            own = name.split([']', '.']).next().unwrap();
        }
        match line {
            "[friction.privileged]" => friction(random, &mut lines),
            _ if line.contains(" = { includes = ") => {
                let scopes = random.some_of(&["s1", "s2", "s3"]);
                let mut keys = format!("{{ scopes = {scopes:?}, includes");
                if random.chance(50) {
                    let tenants = random.of(&["'elsewhere'", "'else*', 'acme'", "'glo*'", "'*'"]);
                    keys = format!("{{ crosses = [{tenants}], scopes = {scopes:?}, includes");
                }
                lines.push(line.replace("{ includes", &keys));
            }
            "access = 'write'" => {
                tool(random, &mut lines);
                lines.extend(dry_run(random, &source, own));
            }
            "effect = 'permit'" => {
                lines.push(line.to_owned());
                if random.chance(20) {
                    let tier = random.of(&["read-only", "bounded-write", "privileged"]);
                    lines.push(format!("accepts_tier = '{tier}'"));
                }
                if random.chance(20) {
                    lines.push("obligations = ['mask', 'log']".to_owned());
                }
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

fn friction(random: &mut Random, lines: &mut Vec<String>) {
    for actor in ["bot", "sub"] {
        let scopes = random.some_of(&["s1", "s2", "s3"]);
        lines.push(format!("[actors.{actor}]\nscopes = {scopes:?}"));
    }
    for tier in ["read-only", "bounded-write", "privileged"] {
        let demand = random.of(&["", "confirm = true", "preview = true", "confirm = true\npreview = true"]);
        if tier == "privileged" || random.chance(30) {
            lines.push(format!("[friction.{tier}]\n{demand}"));
        }
    }
}

fn tool(random: &mut Random, lines: &mut Vec<String>) {
    lines.push(random.of(&["access = 'write'", "access = 'read'"]).to_owned());
    lines.push(random.of(&["scope = 'none'", "scope = 'none'", "scope = 's1'", "scope = 's9'", ""]).to_owned());
    lines.push(random.of(&["", "", "tier = 'privileged'", "tier = 'bounded-write'"]).to_owned());
    lines.push(random.of(&["", "", "obligations = ['pin']"]).to_owned());
    lines.push(random.of(&["", "", "", "", "reversible = false", "reversible = true"]).to_owned());
    if random.chance(30) {
        let hint = |random: &mut Random, key| {
            let value = random.of(&["true", "false", ""]);
            (!value.is_empty()).then(|| format!("{key} = {value}"))
        };
        let hints = ["read_only", "destructive", "open_world"].map(|key| hint(random, key));
        let hints: Vec<String> = hints.into_iter().flatten().collect();
        lines.push(format!("hints = {{ {} }}", hints.join(", ")));
    }
    if random.chance(20) {
        lines.push(format!("definition = '{}'", definition(random)));
    }
}

/// How the tool `own` is tried out: mostly not at all.
fn dry_run(random: &mut Random, source: &policies::Policy, own: &str) -> Option<String> {
    if random.chance(50) {
        return None;
    }
    let tried = &source.tools[random.below(source.tools.len())];
    let known = |leaf: &policies::Leaf| match leaf.class {
        policies::Class::Flag => Some((leaf.pointer, "true")),
        policies::Class::Number => Some((leaf.pointer, "5")),
        policies::Class::Text => Some((leaf.pointer, "'acme'")),
        _ => None,
    };
    match tried.arguments.iter().find_map(known) {
        Some((pointer, value)) => {
            Some(format!("dry_run = {{ tool = '{}', argument = '{pointer}', value = {value} }}", tried.name))
        }
        None if tried.name == own => None,
        None => Some(format!("dry_run = {{ tool = '{}' }}", tried.name)),
    }
}

/// The digest of one of two definitions.
fn definition(random: &mut Random) -> Digest {
    Digest::of(random.of(&["one", "other"]).as_bytes())
}

/// What the host says of the definition: mostly what is pinned.
fn shown(random: &mut Random, snapshot: &Snapshot, tool: &str) -> Option<Digest> {
    match random.below(10) {
        0 => None,
        1 | 2 => Some(definition(random)),
        _ => snapshot.policy().document().tools[tool].definition,
    }
}

#[test]
fn agrees_with_the_reference() {
    let pairs = setting("CALLGATE_REFERENCE_PAIRS", 20_000);
    let first = setting("CALLGATE_REFERENCE_SEED", 1);
    let mut codes = BTreeMap::<Code, u64>::new();
    for seed in first..first + pairs.div_ceil(CALLS) {
        let mut random = Random(seed);
        let source = policies::policy(&mut Random(seed));
        let text = text(&mut random);
        let snapshot = callgate::parse_policy(&text, "random.toml");
        let snapshot = snapshot.unwrap_or_else(|error| panic!("seed {seed}: {error}\n{text}"));
        let tools: Vec<&str> = source.tools.iter().map(|tool| tool.name).collect();
        for place in 0..CALLS {
            let mut call = calls::call(&mut random, &source);
            let (caller, cuts) = chains::cut(&mut random, &call.caller, &tools);
            call.caller = caller;
            let mut context = call.context.clone();
            for (kind, id) in decide::resources(&snapshot, &call) {
                if let Some(facts) = calls::facts(&mut random, &kind, id.as_deref()) {
                    context = context.resource(facts);
                }
            }
            let shown = shown(&mut random, &snapshot, call.tool);
            let expected = decide::decide(&snapshot, &call, shown.as_ref(), &context, &cuts, None);
            let mut asked = ToolCall::new(call.tool, call.arguments.clone());
            if let Some(shown) = shown {
                asked = asked.definition(shown);
            }
            let judged = snapshot.judge(&call.caller, &asked, &context);
            assert_eq!(
                decide::Answer::of(&judged),
                expected,
                "seed {seed}, call {place}\n{} {}\n{shown:?} {:?}\n{context:?}\n{text}",
                call.tool,
                call.arguments.text(),
                call.caller,
            );
            *codes.entry(expected.code).or_default() += 1;
        }
    }
    println!("{pairs} pairs from seed {first}: {codes:?}");
    for code in [
        Code::Permitted,
        Code::Asked,
        Code::TierFriction,
        Code::Forbidden,
        Code::NoPermit,
        Code::MissingScope,
        Code::ToolNotDelegated,
        Code::CallerExpired,
        Code::ForeignTenant,
        Code::InvalidArguments,
        Code::ToolChanged,
    ] {
        let count = codes.get(&code).copied().unwrap_or_default();
        assert!(count * 100 >= pairs, "{code} is too rare: {codes:?}");
    }
}

/// A clock that stands still.
struct Still;

impl Clock for Still {
    fn now(&self) -> DateTime<Utc> {
        standing::now()
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
}

/// The same with a gate, and with tasks, revocations and quarantines.
#[test]
fn agrees_in_standing() {
    let pairs = setting("CALLGATE_REFERENCE_PAIRS", 20_000) / 8;
    let first = setting("CALLGATE_REFERENCE_SEED", 1);
    let mut codes = BTreeMap::<Code, u64>::new();
    for seed in first..first + pairs.div_ceil(CALLS) {
        let mut random = Random(seed);
        let source = policies::policy(&mut Random(seed));
        let text = text(&mut random);
        let snapshot = callgate::parse_policy(&text, "random.toml").unwrap();
        let tools: Vec<&str> = source.tools.iter().map(|tool| tool.name).collect();
        let store = MemoryStanding::new(standing::now);
        let said = standing::Said::random(&mut random, &tools, &store);
        let policy = callgate::parse_policy(&text, "random.toml").unwrap();
        let gate = Gate::builder().policy(policy).audit(MemorySink::new()).clock(Still);
        let gate = gate.standing(store).limits_in_memory();
        let handled = ["mask", "log", "notify", "pin", "pin_address", "open_no_follow"];
        let gate = handled.iter().fold(gate, |gate, name| gate.handles(name)).build().unwrap();
        for place in 0..CALLS {
            let mut call = calls::call(&mut random, &source);
            // Without a time a gate takes its own, and the reference knows none.
            if call.context.time_now().is_none() {
                continue;
            }
            let (caller, cuts) = chains::cut(&mut random, &call.caller, &tools);
            call.caller = caller;
            let mut context = call.context.clone();
            for (kind, id) in decide::resources(&snapshot, &call) {
                if let Some(facts) = calls::facts(&mut random, &kind, id.as_deref()) {
                    context = context.resource(facts);
                }
            }
            let shown = shown(&mut random, &snapshot, call.tool);
            let expected = decide::decide(&snapshot, &call, shown.as_ref(), &context, &cuts, Some(&said));
            let mut asked = ToolCall::new(call.tool, call.arguments.clone());
            if let Some(shown) = shown {
                asked = asked.definition(shown);
            }
            let decision = gate.authorize(&call.caller, asked, &context);
            let rule = match &decision {
                Decision::Allow(permit) => permit.rule(),
                Decision::Ask(pending) => pending.rule(),
                Decision::Deny(denial) => denial.rule(),
            };
            assert_eq!(
                (decision.kind(), decision.code(), rule),
                (expected.decision, expected.code, expected.rule.as_deref()),
                "seed {seed}, call {place}\n{} {}\n{:?}\n{context:?}\n{said:?}\n{text}",
                call.tool,
                call.arguments.text(),
                call.caller,
            );
            *codes.entry(expected.code).or_default() += 1;
        }
    }
    println!("{pairs} pairs from seed {first}: {codes:?}");
    for code in [
        Code::Permitted,
        Code::Quarantined,
        Code::CallerRevoked,
        Code::SessionRevoked,
        Code::UnknownTask,
        Code::TaskEnded,
        Code::TaskExpired,
        Code::OutsideTask,
        Code::MissingScope,
    ] {
        let count = codes.get(&code).copied().unwrap_or_default();
        assert!(count * 200 >= pairs, "{code} is too rare: {codes:?}");
    }
}
