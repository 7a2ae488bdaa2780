//! What a call counts towards limits.

use std::borrow::Cow;

use callgate_policy::{NamedResource, Policy, Question};
use callgate_types::{Arguments, Context, Resource};

use crate::{Call, HEAD, caller};

/// What `call` counts: for each use its limit, the parts of its key, how much.
fn uses(limit: &str, call: &Call) -> Vec<String> {
    let shown = keyed(limit, call).into_iter().map(|(_, shown)| shown);
    shown.collect()
}

/// The same, each with its whole key.
fn keyed(limit: &str, call: &Call) -> Vec<(Vec<u8>, String)> {
    let text = format!(
        "{HEAD}[[rules]]\nid = 'p'\neffect = 'permit'\n[[limits]]\nid = 'l'\ntools = ['act']\n{limit}\n"
    );
    let policy = Policy::parse(&text, "limits.toml").unwrap_or_else(|error| panic!("{error}"));
    let tool = policy.tool("act").unwrap();
    let arguments = Arguments::parse(call.arguments.as_str()).unwrap();
    let bound = tool.bind_for(&arguments, &call.caller, &call.context).unwrap();
    let facts = |name| call.facts.iter().find(|known| known.name() == name);
    let names = tool.resource_names(&bound);
    let resources: Vec<_> = names.map(|name| NamedResource { name, facts: facts(name) }).collect();
    let question = Question::new(tool, &call.caller, &call.context, &bound, &resources);
    let judgement = policy.judge(&question);
    let uses = judgement.uses(&question);
    assert_eq!(judgement.is_limited(), !uses.is_empty());
    let keys: std::collections::BTreeSet<&[u8]> =
        uses.iter().map(callgate_policy::Use::key).collect();
    assert_eq!(keys.len(), uses.len());
    let shown = uses.iter().map(|one| {
        let parts = one.parts().map(|(_, value)| value.map_or("?".into(), Cow::into_owned));
        let amount = one.amount().map_or("too much".into(), |amount| amount.to_string());
        let shown = format!("{}: {amount}", parts.collect::<Vec<_>>().join(", "));
        (one.key().to_vec(), shown)
    });
    shown.collect()
}

#[track_caller]
fn check(limit: &str, arguments: &str, expected: &[&str]) {
    assert_eq!(uses(limit, &Call::with(arguments)), expected, "{limit} of {arguments}");
}

#[test]
fn calls() {
    check("count = 3", "{}", &[": 1"]);
    check("count = 3\nper = ['caller/tenant', 'tool']", "{}", &["acme, act: 1"]);
    check("count = 3\nenvironments = ['dev']", "{}", &[]);
    check("count = 3\nwhen = { 'arguments/n' = { decimal = { above = 5 } } }", r#"{"n": 5}"#, &[]);
    check(
        "count = 3\nwhen = { 'arguments/n' = { decimal = { above = 5 } } }",
        r#"{"n": 6}"#,
        &[": 1"],
    );
}

#[test]
fn what_is_unknown_is_counted_and_exceeds() {
    // Whether it is about the call.
    check("count = 3\nwhen = { 'context/mood' = { equals = 'x' } }", "{}", &[": 1"]);
    // For whom it is counted.
    check("count = 3\nper = ['context/task']", "{}", &["?: too much"]);
    check("count = 3\nper = ['context/mood', 'tool']", "{}", &["?, act: too much"]);
    for arguments in [r#"{"free": null}"#, r#"{"free": [1]}"#, r#"{"free": {}}"#] {
        check("count = 3\nper = ['arguments/free']", arguments, &["?: too much"]);
    }
    let mut call = Call::with("{}");
    call.caller = caller("user:alice", &["senior"], &[], None);
    call.context = Context::new();
    assert_eq!(
        uses("count = 3\nper = ['caller/tenant', 'context/session']", &call),
        ["?, ?: too much"]
    );
}

#[test]
fn sums() {
    const SUM: &str = "sum = { of = 'arguments/free', at_most = '9.50' }";
    for (written, amount) in [
        ("2.50", "2.5"),
        ("25e-1", "2.5"),
        ("0", "0"),
        ("-0", "0"),
        ("99999999", "99999999"),
        ("0.000000000000000001", "0.000000000000000001"),
    ] {
        check(SUM, &format!(r#"{{"free": {written}}}"#), &[&format!(": {amount}")]);
    }
    // Missing, of another type, below zero, no amount: it exceeds.
    for arguments in [
        "{}",
        r#"{"free": "2.50"}"#,
        r#"{"free": null}"#,
        r#"{"free": true}"#,
        r#"{"free": [2.5]}"#,
        r#"{"free": -0.01}"#,
        r#"{"free": 1e-19}"#,
        r#"{"free": 1e21}"#,
    ] {
        check(SUM, arguments, &[": too much"]);
    }
}

#[test]
fn units_are_counted_apart() {
    const SUM: &str =
        "sum = { of = 'arguments/n', at_most = 9, unit = 'arguments/t' }\nper = ['caller/tenant']";
    check(SUM, r#"{"n": 2, "t": "EUR"}"#, &["acme, EUR: 2"]);
    // Without a unit, a sum of its own; not one of some unit.
    check(SUM, r#"{"n": 2}"#, &["acme, : 2"]);
}

#[test]
fn types_are_kept_apart() {
    let key = |arguments: &str| {
        let call = Call::with(arguments);
        let text = format!(
            "{HEAD}[[rules]]\nid = 'p'\neffect = 'permit'\n[[limits]]\nid = 'l'\ncount = 1\nper = ['arguments/free', 'arguments/t']\n"
        );
        let policy = Policy::parse(&text, "limits.toml").unwrap();
        let tool = policy.tool("act").unwrap();
        let arguments = Arguments::parse(call.arguments.as_str()).unwrap();
        let bound = tool.bind_for(&arguments, &call.caller, &call.context).unwrap();
        let question = Question::new(tool, &call.caller, &call.context, &bound, &[]);
        policy.judge(&question).uses(&question)[0].key().to_vec()
    };
    let different = [
        "{}",
        r#"{"free": ""}"#,
        r#"{"free": "5"}"#,
        r#"{"free": 5}"#,
        r#"{"free": true}"#,
        r#"{"free": "true"}"#,
        r#"{"t": "5"}"#,
        r#"{"free": "5", "t": ""}"#,
        r#"{"free": "ab", "t": "c"}"#,
        r#"{"free": "a", "t": "bc"}"#,
    ];
    let keys: std::collections::BTreeSet<Vec<u8>> = different.iter().map(|one| key(one)).collect();
    assert_eq!(keys.len(), different.len());
    // Spelled otherwise, the same value.
    assert_eq!(key(r#"{"free": 5.0}"#), key(r#"{"free": 5e0}"#));
    assert_eq!(key(r#"{"free": "\u0061"}"#), key(r#"{"free": "a"}"#));
    // Long texts have short keys of their own.
    let long = |last: &str| key(&format!(r#"{{"free": "{}{last}"}}"#, "x".repeat(9_000)));
    assert_ne!(long("a"), long("b"));
    assert!(long("a").len() < 200);
}

/// Whether calls of the same person, session and task in two tenants are counted together.
#[track_caller]
fn check_shared(per: &str, expected: bool) {
    let key = |tenant: Option<&str>| {
        let mut call = Call::with("{}");
        call.caller = caller("user:alice", &["senior"], &[], tenant);
        call.context = Context::new().session("s").task("t");
        let used = keyed(&format!("count = 3\nper = [{per}]"), &call);
        used.into_iter().next().unwrap().0
    };
    let keys = [key(Some("acme")), key(Some("globex")), key(None)];
    assert_eq!(keys[0] == keys[1], expected, "{per}");
    assert_eq!(keys[0] == keys[2], expected, "{per}");
}

#[test]
fn tenants_that_use_the_same_names() {
    check_shared("'context/session'", false);
    check_shared("'context/task'", false);
    check_shared("'tool', 'context/task', 'context/session'", false);
    check_shared("'caller/tenant', 'context/session'", false);
    check_shared("'caller/tenant'", false);
    // The policy says so.
    check_shared("'tool'", true);
    check_shared("'caller/subject'", true);
    check_shared("'context/environment'", true);
}

#[test]
fn each_resource_apart() {
    const TWO: &str = r#"{"on": [{"id": "a"}, {"id": "b"}, {"id": "a"}], "n": 4}"#;
    check("count = 3\nper = ['resource']", TWO, &["account, a: 1", "account, b: 1"]);
    check(
        "sum = { of = 'arguments/n', at_most = 9 }\nper = ['resource/id']",
        TWO,
        &["a: 4", "b: 4"],
    );
    // Not about the key, so once.
    check("count = 3\nresources = ['account']", TWO, &[": 1"]);
    check("count = 3\nwhen = { 'resource/id' = { equals = 'b' } }", TWO, &[": 1"]);
    check("count = 3\nwhen = { 'resource/id' = { equals = 'c' } }", TWO, &[]);
    // Only those that it is about.
    check(
        "count = 3\nper = ['resource/id']\nwhen = { 'resource/id' = { equals = 'b' } }",
        TWO,
        &["b: 1"],
    );
    // Without a resource it is not about the call; with one of which nothing is known it exceeds.
    check("count = 3\nper = ['resource']", r#"{"on": []}"#, &[]);
    check("count = 3\nper = ['resource']", "{}", &["account, ?: too much"]);
    check("count = 3\nper = ['resource/owner']", r#"{"on": [{"id": "a"}]}"#, &["?: too much"]);
    let mut call = Call::with(r#"{"on": [{"id": "a"}]}"#);
    call.facts.push(Resource::new("account", "a").fact("owner", "bob"));
    assert_eq!(uses("count = 3\nper = ['resource/owner']", &call), ["bob: 1"]);
}

#[test]
fn more_keys_than_are_counted() {
    let many = |count: usize| {
        let items: Vec<String> = (0..count).map(|id| format!(r#"{{"id": "{id}"}}"#)).collect();
        uses(
            "count = 3\nper = ['resource']",
            &Call::with(&format!(r#"{{"on": [{}]}}"#, items.join(", "))),
        )
    };
    assert!(many(64).iter().all(|one| one.ends_with(": 1")));
    let more = many(65);
    assert_eq!(more.len(), 64);
    assert!(more.last().unwrap().ends_with(": too much"));
}

#[test]
fn arguments_are_not_shown() {
    let shown = uses("count = 3\nper = ['arguments/t']", &Call::with(r#"{"t": "secret"}"#));
    let digest = callgate_types::Digest::of(b"secret");
    assert_eq!(shown, [format!("{digest}: 1")]);
}
