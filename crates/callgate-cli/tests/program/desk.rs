//! `callgate explain` on the calls of the support desk, held against what a gate records of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use callgate::{AssertedCaller, Caller, Context, Definition, FileSink, Gate, Resource, ToolCall};
use serde_json::{Value, json};

use crate::run::callgate;

fn desk(file: &str) -> PathBuf {
    let desk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/support_desk");
    desk.join(file)
}

/// The calls of the transcript as lines for the program, each with all that the desk knows at the
/// start. Those that are no call at all are left out.
fn calls() -> Vec<Value> {
    let read = |file: &str| std::fs::read_to_string(desk(file)).unwrap();
    let state: Value = serde_json::from_str(&read("state.json")).unwrap();
    let mut resources = Vec::new();
    for (kind, list, id) in [
        ("customer", "customers", "id"),
        ("mailbox", "customers", "email"),
        ("account", "accounts", "id"),
    ] {
        for one in state[list].as_array().unwrap() {
            let mut known = json!({"kind": kind, "id": one[id], "tenant": one["tenant"]});
            if kind == "account" {
                known["status"] = one["status"].clone();
                known["plan"] = one["plan"].clone();
            }
            resources.push(known);
        }
    }
    let start: Value = serde_json::from_str(&read("mail_tools.json")).unwrap();
    let mut calls = Vec::new();
    for turn in read("calls.jsonl").lines() {
        let turn: Value = serde_json::from_str(turn).unwrap();
        let listing = turn.get("listing").unwrap_or(&start);
        for call in turn["tool_calls"].as_array().unwrap() {
            let function = &call["function"];
            let (Some(tool), Some(arguments)) =
                (function["name"].as_str(), function["arguments"].as_str())
            else {
                continue;
            };
            let mut line =
                json!({"tool": tool, "arguments_text": arguments, "resources": resources});
            let mut listed = listing["tools"].as_array().unwrap().iter();
            if let Some(listed) = listed.find(|listed| listed["name"] == tool) {
                let definition = Definition::from_value(listed).unwrap();
                line["definition"] = json!(definition.digest().to_string());
            }
            for key in ["caller", "environment", "time"] {
                if !turn[key].is_null() {
                    line[key] = turn[key].clone();
                }
            }
            calls.push(line);
        }
    }
    calls
}

fn explained(calls: &[Value]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let policy = desk("policy.toml");
    let arguments = ["explain", policy.to_str().unwrap(), "--format", "json"];
    let lines: Vec<String> = calls.iter().map(Value::to_string).collect();
    let ran = callgate(folder.path(), &arguments, lines.join("\n").as_bytes());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let answers = ran.json();
    assert_eq!(answers.len(), calls.len());
    answers
}

/// What a gate records of the calls.
fn recorded(calls: &[Value]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let policy = callgate::load_policy(desk("policy.toml")).unwrap();
    let sink = FileSink::open(folder.path().join("audit")).unwrap();
    let gate = Gate::builder()
        .policy(policy)
        .audit(sink)
        .limits_in_memory();
    let gate = gate.build().unwrap();
    for call in calls {
        authorize(&gate, call);
    }
    drop(gate);
    let mut log = String::new();
    for file in std::fs::read_dir(folder.path().join("audit")).unwrap() {
        let path = file.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            log += &std::fs::read_to_string(path).unwrap();
        }
    }
    let records = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let decisions = records.filter(|record: &Value| record["kind"] == "decision");
    decisions.collect()
}

fn authorize(gate: &Gate, line: &Value) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let caller = match line.get("caller") {
        None => Caller::unknown(),
        Some(caller) => {
            let caller: AssertedCaller = serde_json::from_value(caller.clone()).unwrap();
            caller.resolve().unwrap_or_else(Caller::refused)
        }
    };
    let mut context = Context::new();
    if let Some(environment) = line.get("environment") {
        context = context.environment(text(environment));
    }
    for known in line["resources"].as_array().unwrap() {
        let mut resource = Resource::new(text(&known["kind"]), text(&known["id"]));
        resource = resource.tenant(text(&known["tenant"]));
        for fact in ["status", "plan"] {
            if let Some(value) = known.get(fact) {
                resource = resource.fact(fact, value.clone());
            }
        }
        context = context.resource(resource);
    }
    if let Some(time) = line.get("time") {
        context = context.time(text(time).parse().unwrap());
    }
    let mut call = ToolCall::from_text(text(&line["tool"]), text(&line["arguments_text"]));
    if let Some(definition) = line.get("definition") {
        call = call.definition(text(definition).parse().unwrap());
    }
    drop(gate.authorize(&caller, call, &context));
}

fn step<'a>(answer: &'a Value, name: &str) -> Option<&'a Value> {
    let steps = answer["trace"].as_array().unwrap();
    steps.iter().find(|step| step["step"] == name)
}

fn names<'a>(all: impl IntoIterator<Item = &'a Value>) -> BTreeSet<&'a str> {
    all.into_iter().map(|one| one.as_str().unwrap()).collect()
}

/// The statements of a step that match, and take part.
fn matched<'a>(answer: &'a Value, of: &str, key: &str) -> Vec<&'a Value> {
    let all = step(answer, of).map(|step| step[key].as_array().unwrap());
    let all = all.into_iter().flatten();
    all.filter(|one| one["matched"] == true && one["observe"] == false)
        .collect()
}

#[test]
fn nothing_is_found_in_the_policy() {
    let folder = tempfile::tempdir().unwrap();
    let ran = callgate(
        folder.path(),
        &["check", desk("policy.toml").to_str().unwrap()],
        b"",
    );
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn traces_say_what_is_recorded() {
    let calls = calls();
    let mut judged = 0;
    let records = recorded(&calls);
    assert_eq!(records.len(), calls.len());
    for ((call, answer), record) in calls.iter().zip(explained(&calls)).zip(records) {
        for key in ["decision", "code", "rule", "message"] {
            // What is allowed needs no words in the log.
            if key != "message" || record["decision"] != "allow" {
                assert_eq!(answer[key], record[key], "{key} of {call}");
            }
        }
        let rules = matched(&answer, "rules", "rules");
        let ids = names(rules.iter().map(|rule| &rule["id"]));
        assert_eq!(ids, names(record["matched"].as_array().unwrap()), "{call}");
        let raises = matched(&answer, "tier", "raises");
        let factors = record["factors"].as_array().unwrap();
        let factors = factors.iter().filter(|factor| factor["source"] == "raise");
        let factors = names(factors.map(|factor| &factor["name"]));
        assert_eq!(
            names(raises.iter().map(|raise| &raise["id"])),
            factors,
            "{call}"
        );
        if let Some(decided) = record["rule"].as_str() {
            let effect = match record["code"].as_str().unwrap() {
                "permitted" => "permit",
                "asked" => "ask",
                "forbidden" => "forbid",
                other => panic!("{other} names a rule"),
            };
            let same = rules.iter().filter(|rule| rule["effect"] == effect);
            let first = names(same.map(|rule| &rule["id"])).first().copied();
            assert_eq!(first, Some(decided), "{call}");
        }
        judged += usize::from(step(&answer, "rules").is_some());
    }
    assert!(judged >= 30, "only {judged} calls came as far as the rules");
}

#[test]
fn nearest_changes_alter_the_answer() {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for (call, answer) in calls().into_iter().zip(explained(&calls())) {
        let Some(changes) = step(&answer, "nearest").map(|step| &step["changes"]) else {
            continue;
        };
        let mut other = call.clone();
        let changes = changes.as_array().unwrap();
        for change in changes {
            for needed in change["needed"].as_array().unwrap() {
                apply(&mut other, change["rule"].as_str().unwrap(), needed);
            }
        }
        if !changes.is_empty() {
            before.push(answer);
            after.push(other);
        }
    }
    assert!(after.len() >= 15, "only {} calls are changed", after.len());
    for ((before, call), after) in before.iter().zip(&after).zip(explained(&after)) {
        assert_ne!(before["code"], after["code"], "{call}");
    }
}

/// Makes a change to a call that is needed for, or against, `rule`.
fn apply(call: &mut Value, rule: &str, needed: &Value) {
    let place = needed["place"].as_str().unwrap();
    match (place, needed["wanted"].as_str().unwrap()) {
        ("environments", "yes") => call["environment"] = json!("prod"),
        ("in_force", "yes") => call["time"] = json!("2026-11-20T09:30:00Z"),
        ("tenants", "yes") => call["caller"]["tenant"] = json!("acme"),
        ("roles", "yes") if rule == "suspensions" => {
            call["caller"]["subject"]["roles"] = json!(["billing-lead"]);
        }
        ("roles", "yes") => call["caller"]["subject"]["roles"] = json!(["support"]),
        ("arguments/amount", "no") => change_argument(call, "amount", json!(1)),
        ("resource/status", _) => for_resource(call, "status", &json!("active")),
        ("resource/tenant", "yes") => {
            if call["caller"]["tenant"].is_null() {
                call["caller"]["tenant"] = json!("acme");
            }
            let tenant = call["caller"]["tenant"].clone();
            for_resource(call, "tenant", &tenant);
        }
        _ => assert_eq!(needed, &Value::Null, "nobody knows how to make this change"),
    }
}

fn arguments(call: &Value) -> Value {
    serde_json::from_str(call["arguments_text"].as_str().unwrap()).unwrap()
}

fn change_argument(call: &mut Value, name: &str, value: Value) {
    let mut all = arguments(call);
    all[name] = value;
    call["arguments_text"] = json!(all.to_string());
}

/// Has the host vouch for another fact of the resource that the call names.
fn for_resource(call: &mut Value, fact: &str, value: &Value) {
    let all = arguments(call);
    let named = [
        ("customer", "customer_id"),
        ("account", "account_id"),
        ("mailbox", "to"),
    ];
    for (kind, id) in named.map(|(kind, argument)| (kind, all[argument].clone())) {
        if id.is_null() {
            continue;
        }
        let known = call["resources"].as_array_mut().unwrap();
        if !known.iter().any(|one| one["id"] == id) {
            known.push(json!({"kind": kind, "id": id, "tenant": "nobody"}));
        }
        let one = known.iter_mut().find(|one| one["id"] == id).unwrap();
        one[fact] = value.clone();
    }
}
