//! Call ids, directories, refusals: what a call meets on its way.

use crate::support::{
    Faulty, POLICY, alice, allowed, builder, change, context, gate, look, refused,
};
use std::sync::{Arc, Mutex};

use callgate::{
    Arguments, Caller, Context, Decision, Gate, Principal, Resource, ResourceDirectory,
    ResourceName, ToolCall,
};

#[test]
fn same_call_id() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let here = context().session("s");
    let once = allowed(gate.authorize(&alice(), change().id("c1"), &here));
    refused(
        &gate.authorize(&alice(), change().id("c1"), &here),
        "call_in_progress",
    );
    refused(
        &gate.authorize(&alice(), look().id("c1"), &here),
        "call_id_conflict",
    );
    drop(once);
    let once = allowed(gate.authorize(&alice(), change().id("c1"), &here));
    let running = once.begin().unwrap();
    refused(
        &gate.authorize(&alice(), change().id("c1"), &here),
        "call_in_progress",
    );
    running
        .finish(Ok::<_, std::fmt::Error>(()))
        .recorded
        .unwrap();
    refused(
        &gate.authorize(&alice(), change().id("c1"), &here),
        "call_already_run",
    );

    let spelt = ToolCall::from_text("change", "{ \"account\" : \"\\u0061\\u0031\" }").id("c1");
    refused(&gate.authorize(&alice(), spelt, &here), "call_already_run");
    let elsewhere = context().session("t");
    drop(allowed(gate.authorize(
        &alice(),
        change().id("c1"),
        &elsewhere,
    )));
    drop(allowed(gate.authorize(
        &alice(),
        change().id("c1"),
        &context(),
    )));
    gate.forget_session(Some("acme"), "s");
    drop(allowed(gate.authorize(&alice(), change().id("c1"), &here)));
}

#[test]
fn same_call_id_of_another_caller() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let here = context().session("s");
    drop(allowed(gate.authorize(&alice(), change().id("c1"), &here)));
    let bob = Principal::asserted("user:bob".parse().unwrap()).member_of("acme", ["support"]);
    let bob = Caller::of(bob).in_tenant("acme").unwrap();
    refused(
        &gate.authorize(&bob, change().id("c1"), &here),
        "call_id_conflict",
    );
}

#[test]
fn denied_call_may_be_tried_again() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let unknown = Context::new().session("s");
    refused(
        &gate.authorize(&alice(), change().id("c1"), &unknown),
        "forbidden",
    );
    let known = context().session("s");
    drop(allowed(gate.authorize(&alice(), change().id("c1"), &known)));
}

#[test]
fn one_of_many_threads_gets_the_call() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let here = context().session("s");
    let run = |_| {
        let gate: Gate = gate.clone();
        let here = here.clone();
        std::thread::spawn(
            move || match gate.authorize(&alice(), change().id("c1"), &here) {
                Decision::Allow(permit) => {
                    permit
                        .run(|_| Ok::<_, std::fmt::Error>(()))
                        .unwrap()
                        .recorded
                        .unwrap();
                    1
                }
                _ => 0,
            },
        )
    };
    let threads: Vec<_> = (0..8).map(run).collect();
    let ran: i32 = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .sum();
    assert_eq!(ran, 1);
    sink.verifies();
}

struct Directory;

impl ResourceDirectory for Directory {
    fn look_up(&self, resource: ResourceName<'_>) -> Option<Resource> {
        match resource.id? {
            "a1" | "swapped" => Some(Resource::new("account", "a1").tenant("acme")),
            "panics" => panic!("the directory panics, as it was told to"),
            _ => None,
        }
    }
}

#[track_caller]
fn found(account: &str, context: &Context, code: &str) {
    let sink = Faulty::new();
    let gate = builder(POLICY, sink.clone())
        .directory(Directory)
        .build()
        .unwrap();
    let call = ToolCall::from_text("change", format!(r#"{{"account": "{account}"}}"#));
    let decision = gate.authorize(&alice(), call, context);
    assert_eq!(decision.code().as_str(), code, "{account}");
}

#[test]
fn facts_from_a_directory() {
    let nothing = Context::new();
    found("a1", &nothing, "permitted");
    found("a2", &nothing, "forbidden");
    found("swapped", &nothing, "forbidden");
    found("panics", &nothing, "forbidden");
    let told = Context::new().resource(Resource::new("account", "a1").tenant("globex"));
    found("a1", &told, "forbidden");
}

#[test]
fn resources_that_a_call_names() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let named = |call: &ToolCall| -> Vec<String> {
        let resources = gate.resources_of(call);
        let name = |resource: &Resource| {
            format!("{}:{}", resource.name().kind, resource.name().id.unwrap())
        };
        resources.iter().map(name).collect()
    };
    assert_eq!(named(&change()), ["account:a1"]);
    assert!(named(&look()).is_empty());
    assert!(named(&ToolCall::from_text("change", "{")).is_empty());
    assert!(named(&ToolCall::from_text("nope", "{}")).is_empty());
}

#[track_caller]
fn told(call: ToolCall, caller: &Caller, message: &str, model: &str) {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let Decision::Deny(denial) = gate.authorize(caller, call, &Context::new()) else {
        panic!("expected a denial");
    };
    assert_eq!(denial.message(), message);
    assert_eq!(denial.for_model(), model);
    assert_eq!(denial.record(), Some(1), "denials are recorded");
    let record = sink.records().pop().unwrap();
    assert_eq!(
        record.get("message").and_then(|text| text.as_str()),
        Some(message)
    );
    sink.verifies();
}

#[test]
fn what_is_said() {
    told(
        ToolCall::from_text("change", r#"{"account": "hunter2 hunter2 hunter2"}"#),
        &alice(),
        "argument `/account` is not acceptable: `text` does not hold of this text",
        "Denied by policy: argument /account is not acceptable. \
         The tool was not run. Do not retry with the same arguments.",
    );
    told(
        ToolCall::from_text("change", r#"{"account": "a1", "account": "a2"}"#),
        &alice(),
        "argument `/account` is not acceptable: repeated key at byte 18",
        "Denied by policy: argument `/account` is not acceptable: repeated key at byte 18. \
         The tool was not run. Do not retry with the same arguments.",
    );
    told(
        change(),
        &alice(),
        "forbidden by rule `own-tenant-only`",
        "Denied by policy: this call is not allowed here. The tool was not run. \
         Do not retry with the same arguments.",
    );
    told(
        ToolCall::new("delete", Arguments::default()),
        &alice(),
        "tool `delete` is not in the catalogue",
        "Denied by policy: there is no such tool. The tool was not run. \
         Do not retry with the same arguments.",
    );
    told(
        look(),
        &Caller::unknown(),
        "the unknown caller lacks scope `read`",
        "Denied by policy: the caller lacks a right that this tool demands. \
         The tool was not run. Do not retry with the same arguments.",
    );
    let deep = "[".repeat(100_000);
    let too_deep = format!("{{\"account\": {deep}");
    let large = format!("{{\"account\": \"{}\"}}", "x".repeat(2 << 20));
    for text in [
        "",
        "null",
        "[]",
        "\"text\"",
        "{\"a\":1e401}",
        &too_deep,
        &large,
    ] {
        let sink = Faulty::new();
        let call = ToolCall::from_text("change", text);
        refused(
            &gate(&sink).authorize(&alice(), call, &context()),
            "invalid_arguments",
        );
        assert_eq!(sink.story(), ["decision invalid_arguments"]);
        sink.verifies();
    }
}

/// Whatever is wrong with an argument, it is named, and its value is not.
#[test]
fn bad_arguments_are_named() {
    let typed = POLICY.replace(
        "\"/account\" = { text = { max_chars = 20 } }",
        "\"/account\" = { text = { max_chars = 20 }, optional = true }\n\
         \"/pay/amount\" = { decimal = { above = \"0\", at_most = \"9007199254740992\" } }\n\
         \"/pay/items\" = { array = { max_items = 3 }, optional = true }\n\
         \"/count\" = { integer = { at_least = 0 }, optional = true }",
    );
    let amount = |amount: &str| format!(r#"{{"pay": {{"amount": {amount}}}}}"#);
    let bounds = "argument `/pay/amount` is not acceptable: `decimal` does not hold of this";
    let text = |why: &str| format!("argument `/pay/amount` is not acceptable: {why}");
    for (arguments, message) in [
        (amount("\"hunter2\""), format!("{bounds} text")),
        (amount("null"), format!("{bounds} null")),
        (amount("[1]"), format!("{bounds} array")),
        (amount("9007199254740993"), format!("{bounds} number")),
        (amount("1e400"), format!("{bounds} number")),
        (amount("-0"), format!("{bounds} number")),
        (
            amount("1e401"),
            text("exponent beyond ±400 in the number at byte 19"),
        ),
        (amount("NaN"), text("expected a value at byte 19")),
        (amount("-Infinity"), text("malformed number at byte 19")),
        (
            amount("\"hunter2\\ud800\""),
            text("lone surrogate at byte 27"),
        ),
        (amount("1, \"amount\": 2"), text("repeated key at byte 22")),
        (
            amount("\"hunter2"),
            text("text ends at byte 29, expected `\"`"),
        ),
        (
            r#"{"pay": {}}"#.into(),
            "argument `/pay/amount` is missing".into(),
        ),
        (
            r#"{"count": -0, "pay": {"amount": 1}}"#.into(),
            "argument `/count` is not acceptable: `integer` does not hold of this number".into(),
        ),
        (
            r#"{"pay": {"items": [1, {"price": 01}]}}"#.into(),
            "argument `/pay/items/1/price` is not acceptable: malformed number at byte 32".into(),
        ),
        (
            r#"{"a`\u202eb": tru}"#.into(),
            "argument `/a\u{fffd}\u{fffd}b` is not acceptable: expected a value at byte 14".into(),
        ),
    ] {
        let sink = Faulty::new();
        let gate = builder(&typed, sink.clone()).build().unwrap();
        let call = ToolCall::from_text("change", &*arguments);
        let denied = gate.authorize(&alice(), call, &context());
        let Decision::Deny(denial) = denied else {
            panic!("{arguments}");
        };
        assert_eq!(denial.code().as_str(), "invalid_arguments");
        assert_eq!(denial.message(), message, "{arguments}");
        let pointer = message.split('`').nth(1).unwrap();
        assert!(denial.for_model().contains(pointer), "{arguments}");
        for told in [denial.message(), denial.for_model(), &format!("{denial:?}")] {
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}

/// A value that a host parsed has no text: what is wrong with it is named all the same.
#[test]
fn bad_values_are_named() {
    let mut deep = serde_json::json!(0);
    for _ in 0..64 {
        deep = serde_json::json!([deep]);
    }
    let call = ToolCall::from_value("change", &serde_json::json!({"account": deep}));
    let sink = Faulty::new();
    let denied = gate(&sink).authorize(&alice(), call, &context());
    let Decision::Deny(denial) = denied else {
        panic!("expected a denial");
    };
    assert!(
        denial.message().starts_with("argument `/account/0/0/"),
        "{}",
        denial.message()
    );
    assert!(denial.message().contains("nested deeper than 64"));
}

/// Looking facts up comes before the arguments are tested: a test may need the facts of others.
#[test]
fn facts_of_arguments_that_are_compared_with_the_caller() {
    let sink = Faulty::new();
    let compared = POLICY.replace(
        "\"/account\" = { text = { max_chars = 20 } }",
        "\"/account\" = { text = { max_chars = 20 } }\n\"/by\" = { equals = { fact = \"caller/id\" } }",
    );
    let gate = builder(&compared, sink.clone())
        .directory(Directory)
        .build()
        .unwrap();
    let call = |by| ToolCall::from_text("change", format!(r#"{{"account": "a1", "by": "{by}"}}"#));
    drop(allowed(gate.authorize(
        &alice(),
        call("alice"),
        &Context::new(),
    )));
    refused(
        &gate.authorize(&alice(), call("bob"), &Context::new()),
        "invalid_arguments",
    );
    assert_eq!(gate.resources_of(&call("bob")).len(), 1);
}

/// Remembers what it was asked about.
struct Asked(Arc<Mutex<Vec<String>>>);

impl ResourceDirectory for Asked {
    fn look_up(&self, resource: ResourceName<'_>) -> Option<Resource> {
        let mut asked = self.0.lock().unwrap();
        asked.push(resource.id.unwrap().to_owned());
        None
    }
}

#[test]
fn directory_is_asked_about_acceptable_calls_only() {
    let sink = Faulty::new();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let directory = Asked(Arc::clone(&asked));
    let gate = builder(POLICY, sink.clone())
        .directory(directory)
        .build()
        .unwrap();
    let call =
        |account: &str| ToolCall::from_text("change", format!(r#"{{"account": "{account}"}}"#));
    let long = "x".repeat(21);
    refused(
        &gate.authorize(&alice(), call(&long), &Context::new()),
        "invalid_arguments",
    );
    let stranger = Principal::asserted("user:bob".parse().unwrap());
    let stranger = Caller::of(stranger)
        .in_tenant("acme")
        .unwrap_or_else(Caller::refused);
    refused(
        &gate.authorize(&stranger, call("a1"), &Context::new()),
        "invalid_caller",
    );
    refused(
        &gate.authorize(&alice(), call("a2"), &Context::new()),
        "forbidden",
    );
    assert_eq!(*asked.lock().unwrap(), ["a2"]);
}
