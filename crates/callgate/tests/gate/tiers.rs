//! What raises the tier of a call, and what the log says of it.

use std::sync::Arc;

use callgate::{
    AuditSink, Caller, Context, DecisionKind, MemorySink, Principal, Resource, RiskTier, ToolCall,
};
use serde_json::Value;

use crate::support::builder;

/// One thing that may raise the tier: what a policy says of it, and its name in a record.
struct Raising {
    tool: &'static str,
    raise: &'static str,
    named: [&'static str; 2],
    to: RiskTier,
}

const fn raise(raise: &'static str, id: &'static str, to: RiskTier) -> Raising {
    let named = ["raise", id];
    Raising {
        tool: "",
        raise,
        named,
        to,
    }
}

const fn entry(tool: &'static str, named: [&'static str; 2], to: RiskTier) -> Raising {
    Raising {
        tool,
        raise: "",
        named,
        to,
    }
}

const ALL: [Raising; 8] = [
    entry(
        "reversible = false\n",
        ["reversibility", "reversible"],
        RiskTier::Privileged,
    ),
    entry(
        "hints = { open_world = true }\n",
        ["hint", "open_world"],
        RiskTier::BoundedWrite,
    ),
    raise(
        "when = { \"arguments/amount\" = { integer = { above = 50 } } }",
        "amount",
        RiskTier::BoundedWrite,
    ),
    raise(
        "when = { \"resource/classification\" = { one_of = [\"secret\"] } }",
        "classification",
        RiskTier::Privileged,
    ),
    raise(
        "environments = [\"prod\"]",
        "environment",
        RiskTier::BoundedWrite,
    ),
    raise(
        "when = { \"context/session\" = { matches = \"guest-.*\" } }",
        "session",
        RiskTier::Privileged,
    ),
    raise(
        "when = { \"context/task\" = { equals = \"t1\" } }",
        "task",
        RiskTier::BoundedWrite,
    ),
    raise(
        "when = { \"context/mood\" = { equals = \"tense\" } }",
        "label",
        RiskTier::Privileged,
    ),
];

fn policy(present: impl Fn(usize) -> bool) -> String {
    let present: Vec<&Raising> = (0..)
        .zip(&ALL)
        .filter(|(place, _)| present(*place))
        .map(|(_, one)| one)
        .collect();
    let tool: String = present.iter().map(|one| one.tool).collect();
    let raises = present.iter().filter(|one| !one.raise.is_empty());
    let raises = raises.map(|one| {
        let (id, to, when) = (one.named[1], one.to, one.raise);
        format!("[[raise]]\nid = \"{id}\"\nto = \"{to}\"\n{when}\n")
    });
    let raises = raises.collect::<Vec<_>>().concat();
    format!(
        "format = 1\nname = \"tiers\"\n[tools.look]\naccess = \"read\"\nscope = \"none\"\n{tool}\
         resources = [{{ kind = \"file\", id = \"/file\" }}]\n[tools.look.arguments]\n\
         \"/file\" = {{ text = {{}} }}\n\"/amount\" = {{ integer = {{}} }}\n\
         {raises}[friction.privileged]\n\
         [[rules]]\nid = \"all\"\neffect = \"permit\"\n"
    )
}

fn caller() -> Caller {
    let alice = Principal::asserted("user:alice".parse().unwrap());
    Caller::of(alice).without_tenant().unwrap()
}

fn call() -> ToolCall {
    ToolCall::from_text("look", r#"{"file": "a", "amount": 80}"#)
}

fn context() -> Context {
    let file = Resource::new("file", "a").fact("classification", "secret");
    Context::new()
        .environment("prod")
        .session("guest-7")
        .task("t1")
        .fact("mood", "tense")
        .resource(file)
}

fn tier(policy: &str) -> RiskTier {
    let snapshot = callgate::parse_policy(policy, "tiers.toml").unwrap();
    let (caller, call, context) = (caller(), call(), context());
    let judged = snapshot.judge(&caller, &call, &context);
    assert_eq!(judged.decision(), DecisionKind::Allow);
    judged.tier().unwrap()
}

fn factors(record: &Value) -> Vec<[String; 3]> {
    let factors = record["factors"].as_array().unwrap();
    let word = |factor: &Value, key: &str| factor[key].as_str().unwrap().to_owned();
    factors
        .iter()
        .map(|factor| {
            [
                word(factor, "source"),
                word(factor, "name"),
                word(factor, "tier"),
            ]
        })
        .collect()
}

#[test]
fn every_factor_stands_in_the_record() {
    let sink = Arc::new(MemorySink::new());
    let gate = builder(&policy(|_| true), sink.clone()).build().unwrap();
    drop(gate.authorize(&caller(), call(), &context()));
    let batch = sink.read(0, usize::MAX).unwrap();
    let lines = batch.lines();
    let records: Vec<Value> = lines
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    let decision = records
        .iter()
        .find(|record| record["kind"] == "decision")
        .unwrap();
    assert_eq!(decision["tier"], "privileged");
    let mut expected = vec![["tool", "look", "read-only"].map(str::to_owned)];
    expected.extend(ALL.iter().map(|one| {
        let [source, name] = one.named;
        [source.to_owned(), name.to_owned(), one.to.to_string()]
    }));
    let (mut found, tool) = (factors(decision), expected[0].clone());
    assert_eq!(found[0], tool);
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

/// Of all sets of factors, and each that is added to one.
#[test]
fn no_factor_lowers() {
    let tiers: Vec<RiskTier> = (0_usize..1 << ALL.len())
        .map(|set| tier(&policy(|place| set >> place & 1 == 1)))
        .collect();
    assert_eq!(tiers[0], RiskTier::ReadOnly);
    for (set, tier) in tiers.iter().enumerate() {
        for (place, added) in ALL.iter().enumerate() {
            let more = tiers[set | 1 << place];
            assert_eq!(more, added.to.max(*tier), "{set:b} and {place}");
        }
    }
}

#[test]
fn what_is_unknown_raises() {
    let snapshot = callgate::parse_policy(&policy(|place| place >= 3), "tiers.toml").unwrap();
    let (caller, call, context) = (caller(), call(), Context::new());
    let judged = snapshot.judge(&caller, &call, &context);
    assert_eq!(judged.tier(), Some(RiskTier::Privileged));
}

#[test]
fn hints_that_soothe_change_nothing() {
    let harmless = "hints = { read_only = true, destructive = false, open_world = false }";
    for access in ["read", "write"] {
        let plain = policy(|_| false).replace("\"read\"", &format!("{access:?}"));
        let soothed = plain.replace("scope =", &format!("{harmless}\nscope ="));
        assert_ne!(plain, soothed);
        assert_eq!(tier(&plain), tier(&soothed));
    }
}
