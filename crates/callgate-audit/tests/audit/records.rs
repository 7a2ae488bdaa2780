//! Every kind of record, as it is written.

use std::time::Duration;

use callgate_audit::{
    AbandonedRecord, DecisionRecord, Durability, GapRecord, Head, Keep, Kept, NotBegunReason,
    NotBegunRecord, OutcomeRecord, OutcomeStatus, PolicyLoadedRecord, Record, RecordedResource,
    RecoveredRecord, VerifyOptions, verify_reader,
};
use callgate_types::{
    Approver, ApproverGroup, Caller, CallerError, Code, Context, DecisionKind, Digest, Factor,
    FactorSource, Friction, Principal, PrincipalId, Resource, ResourceName, RiskTier, ToolCall,
};
use serde_json::Value;

use crate::rig::noon;

/// The record without what stands at the start of every line.
#[track_caller]
fn written(record: &Record<'_>) -> String {
    let mut body = Vec::new();
    record.encode(7, &mut body);
    let start = format!(
        r#"{{"v":1,"kind":"{}","time":"2026-11-20T12:00:00.000000Z","durable":7,"#,
        record.kind()
    );
    let text = String::from_utf8(body).unwrap();
    let rest = text.strip_prefix(&start).unwrap();

    // Whatever it is, a reader takes it as a record of its own chain.
    let mut line = Vec::new();
    let mut chain = Head::EMPTY;
    for number in 0..7 {
        let mut body = Vec::new();
        Record::Gap(GapRecord::new(noon(), number)).encode(0, &mut body);
        chain = chain.link(&body, &mut line);
    }
    let _end = chain.link(text.as_bytes(), &mut line);
    let report = verify_reader(&*line, &VerifyOptions::new()).unwrap();
    assert!(report.is_good(), "{}", report.first_fault.unwrap());
    rest.to_owned()
}

#[track_caller]
fn check(record: &Record<'_>, expected: &str) {
    assert_eq!(written(record), expected);
}

fn digest() -> Digest {
    Digest::of(b"abc")
}

const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[test]
fn short_kinds() {
    for (reason, word) in [
        (NotBegunReason::Dropped, "dropped"),
        (NotBegunReason::Expired, "expired"),
        (NotBegunReason::Revoked, "revoked"),
        (NotBegunReason::Stricter, "stricter"),
        (NotBegunReason::Late, "late"),
        (NotBegunReason::NoCredential, "no_credential"),
    ] {
        let record = Record::NotBegun(NotBegunRecord::new(noon(), 4, reason));
        check(&record, &format!(r#""decision_seq":4,"reason":"{word}""#));
    }
    let record = Record::Abandoned(AbandonedRecord::new(noon(), 4));
    check(&record, r#""decision_seq":4"#);
    check(&Record::Gap(GapRecord::new(noon(), 476)), r#""lost":476"#);
    let record = RecoveredRecord::new(noon(), 40, digest(), "torn/seq-1");
    check(
        &Record::Recovered(record),
        &format!(r#""bytes":40,"digest":"{ABC}","file":"torn/seq-1""#),
    );
    let record = PolicyLoadedRecord::new(noon(), "support-desk", digest());
    check(
        &Record::PolicyLoaded(record),
        &format!(r#""name":"support-desk","digest":"{ABC}""#),
    );
}

#[test]
fn outcomes() {
    let time = Duration::from_micros(1500);
    let mut record = OutcomeRecord::new(noon(), 4, OutcomeStatus::Ok, time);
    let check = |record: OutcomeRecord<'_>, expected: &str| {
        check(&Record::Outcome(record), expected);
    };
    check(
        record,
        r#""decision_seq":4,"status":"ok","result":null,"duration_us":1500"#,
    );
    record.result = Some(Kept::Text("{\"balance\":\"20\n\"}"));
    check(
        record,
        r#""decision_seq":4,"status":"ok","result":{"text":"{\"balance\":\"20\n\"}"},"duration_us":1500"#,
    );
    record.status = OutcomeStatus::Error;
    record.result = Some(Kept::Digest(digest()));
    check(
        record,
        &format!(
            r#""decision_seq":4,"status":"error","result":{{"digest":"{ABC}"}},"duration_us":1500"#
        ),
    );
    let long = "x".repeat(300 << 10);
    record.result = Some(Kept::Text(&long));
    let digest = Digest::of(long.as_bytes());
    check(
        record,
        &format!(
            r#""decision_seq":4,"status":"error","result":{{"digest":"{digest}","too_long":true}},"duration_us":1500"#
        ),
    );
}

fn alice() -> Caller {
    let alice = PrincipalId::user("alice").unwrap();
    let bot = PrincipalId::agent("support-bot").unwrap();
    Caller::of(Principal::asserted(alice).member_of("acme", ["support"]))
        .acting(Principal::asserted(bot))
        .in_tenant("acme")
        .unwrap()
}

#[test]
fn decision_on_everything() {
    let caller = alice();
    let account = Resource::new("account", "acc_1234abcd")
        .tenant("acme")
        .fact("owner", "alice");
    let context = Context::new()
        .environment("prod")
        .session("s-17")
        .task("t-3")
        .trace("4bf92f35")
        .time(noon())
        .prompt("give back what we owe")
        .fact("on_call", true);
    let text = r#"{"account_id": "acc_1234abcd", "amount": 120.50}"#;
    let call = ToolCall::from_text("adjust_billing", text).id("call_1");
    let resources = [
        RecordedResource::new(
            ResourceName::new("account", Some("acc_1234abcd")),
            Some(&account),
        ),
        RecordedResource::new(ResourceName::new("invoice", None), None),
    ];
    let factors = [Factor::new(
        FactorSource::Tool,
        "adjust_billing",
        RiskTier::BoundedWrite,
    )];
    let lead = Approver::Role("billing-lead".into());
    let mut friction = Friction::CONFIRM;
    friction.approvals = vec![ApproverGroup::new(vec![lead], 1)];
    friction.expires_in = Some(Duration::from_secs(900));
    let mut record = DecisionRecord::new(
        noon(),
        &call,
        &caller,
        &context,
        DecisionKind::Ask,
        Code::Asked,
        digest(),
    );
    record.definition = Some(digest());
    record.arguments = Keep::Text;
    record.prompt = Keep::Text;
    record.resources = &resources;
    record.rule = Some("large-credits");
    record.matched = &["credits", "large-credits"];
    record.observed_rules = &["night"];
    record.tier = Some(RiskTier::BoundedWrite);
    record.factors = &factors;
    record.friction = Some(&friction);
    record.obligations = &["redact"];
    record.rejudges = Some(3);
    record.message = Some("credits above 50");
    let expected = r#""decision":"ask","code":"asked","rule":"large-credits","matched":["credits","large-credits"],"observed":false,"observed_rules":["night"],"tier":"bounded-write","factors":[{"source":"tool","name":"adjust_billing","tier":"bounded-write"}],"friction":{"confirm":true,"preview":false,"approvals":[{"from":[{"role":"billing-lead"}],"count":1}],"expires_in_ms":900000},"obligations":["redact"],"policy":"ABC","durability":"durable","rejudges":3,"message":"credits above 50","subject":{"id":"user:alice","verified":"asserted"},"roles":["support"],"actors":[{"id":"agent:support-bot","verified":"asserted"}],"tenant":"acme","caller_error":null,"call":"call_1","tool":"adjust_billing","call_error":null,"definition":"ABC","arguments":{"text":{"account_id":"acc_1234abcd","amount":120.50}},"resources":[{"kind":"account","id":"acc_1234abcd","known":true,"tenant":"acme","facts":[{"name":"owner","value":"alice"}]},{"kind":"invoice","id":null,"known":false}],"environment":"prod","session":"s-17","task":"t-3","trace":"4bf92f35","context_time":"2026-11-20T12:00:00.000000Z","prompt":{"text":"give back what we owe"},"facts":[{"name":"on_call","value":true}]"#;
    check(&Record::Decision(&record), &expected.replace("ABC", ABC));
}

#[test]
fn decision_on_nothing() {
    let refused = Caller::refused(CallerError::TooManyActors { found: 9 });
    let context = Context::new();
    let call = ToolCall::malformed("not\na call");
    let mut record = DecisionRecord::new(
        noon(),
        &call,
        &refused,
        &context,
        DecisionKind::Deny,
        Code::InvalidCall,
        digest(),
    );
    record.durability = Durability::Accepted;
    let of_text = Digest::of(b"not\na call").to_string();
    let expected = r#""decision":"deny","code":"invalid_call","rule":null,"matched":[],"observed":false,"observed_rules":[],"tier":null,"factors":[],"friction":null,"obligations":[],"policy":"ABC","durability":"accepted","rejudges":null,"message":null,"subject":null,"roles":[],"actors":[],"tenant":null,"caller_error":"expected at most 8 actors in a chain, found 9","call":null,"tool":"","call_error":"expected a tool call","definition":null,"arguments":{"refused":{"error":null,"bytes":10,"digest":"TEXT"}},"resources":[],"environment":null,"session":null,"task":null,"trace":null,"context_time":null,"prompt":null,"facts":[]"#;
    let expected = expected.replace("ABC", ABC).replace("TEXT", &of_text);
    check(&Record::Decision(&record), &expected);
}

/// What the record of a call keeps under `key`.
fn kept(call: &ToolCall, context: &Context, keep: Keep, key: &str) -> Value {
    let caller = alice();
    let mut record = DecisionRecord::new(
        noon(),
        call,
        &caller,
        context,
        DecisionKind::Deny,
        Code::NoPermit,
        digest(),
    );
    record.arguments = keep;
    let text = written(&Record::Decision(&record));
    let value: Value = serde_json::from_str(&format!("{{{text}}}")).unwrap();
    value[key].clone()
}

#[test]
fn arguments() {
    let context = Context::new();
    let call = ToolCall::from_text("t", r#"{ "b": 1.0, "a": [] }"#);
    let same = ToolCall::from_text("t", r#"{"a":[],"b":1}"#);
    let digest = same.arguments().unwrap().digest().to_string();
    let found = kept(&call, &context, Keep::Digest, "arguments");
    assert_eq!(found, serde_json::json!({ "digest": digest }));

    let call = ToolCall::from_text("t", r#"{"a": 1, "a": 2}"#);
    let found = kept(&call, &context, Keep::Text, "arguments");
    let digest = Digest::of(br#"{"a": 1, "a": 2}"#).to_string();
    let refused = serde_json::json!({
        "error": "duplicate_key", "at": 9, "bytes": 16, "digest": digest
    });
    assert_eq!(found, serde_json::json!({ "refused": refused }));

    let text = format!(r#"{{"a":"{}"}}"#, "x".repeat(300 << 10));
    let call = ToolCall::from_text("t", text);
    let digest = call.arguments().unwrap().digest().to_string();
    let found = kept(&call, &context, Keep::Text, "arguments");
    assert_eq!(
        found,
        serde_json::json!({ "digest": digest, "too_long": true })
    );
}

#[test]
fn names_cannot_break_a_line() {
    let call = ToolCall::from_text("t\n{\"v\":1}", "{}").id("\u{202e}\u{85}\u{2028}\u{7f}");
    let context = Context::new().session("s".repeat(300));
    let record = |key| kept(&call, &context, Keep::Text, key);
    assert_eq!(record("tool"), "t\n{\"v\":1}");
    assert_eq!(record("call"), "\u{202e}\u{85}\u{2028}\u{7f}");
    let whole = Digest::of("s".repeat(300).as_bytes()).to_string();
    let cut = serde_json::json!({ "cut": "s".repeat(256), "bytes": 300, "digest": whole });
    assert_eq!(record("session"), cut);
}

#[test]
fn large_fact_and_fact_out_of_bounds() {
    let deep = (0..70).fold(Value::Null, |inner, _| serde_json::json!([inner]));
    let large = "x".repeat(20 << 10);
    let context = Context::new()
        .fact("deep", deep)
        .fact("large", large.clone());
    let call = ToolCall::from_text("t", "{}");
    let facts = kept(&call, &context, Keep::Text, "facts");
    assert_eq!(
        facts[0],
        serde_json::json!({ "name": "deep", "error": "too_deep" })
    );
    assert_eq!(facts[1]["bytes"], large.len() + 2);
    assert_eq!(facts[1]["digest"].as_str().unwrap().len(), 64);
}

#[test]
fn long_lists_are_cut() {
    let names: Vec<String> = (0..300).map(|name| format!("rule-{name}")).collect();
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    let (call, caller, context) = (ToolCall::from_text("t", "{}"), alice(), Context::new());
    let mut record = DecisionRecord::new(
        noon(),
        &call,
        &caller,
        &context,
        DecisionKind::Deny,
        Code::Forbidden,
        digest(),
    );
    record.matched = &names;
    let text = written(&Record::Decision(&record));
    let value: Value = serde_json::from_str(&format!("{{{text}}}")).unwrap();
    assert_eq!(value["matched"].as_array().unwrap().len(), 256);
    assert_eq!(value["matched_omitted"], 44);
}

#[test]
fn largest_record_fits_a_line() {
    let awful = "\u{1}".repeat(600);
    let list: Vec<&str> = vec![&awful; 24];
    let awful_caller = Caller::of(
        Principal::asserted("user:a".parse().unwrap())
            .member_of("acme", (0..24).map(|role| format!("{awful}{role}"))),
    )
    .in_tenant("acme")
    .unwrap();
    let context = (0..24).fold(Context::new(), |context, fact| {
        let value = "\u{1}".repeat(3000);
        context.fact(format!("{awful}{fact}"), value)
    });
    let context = context.session(&*awful).environment(&*awful).task(&*awful);
    let context = context.trace(&*awful).prompt(&*awful);
    let resource = Resource::new(&*awful, &*awful)
        .tenant(&*awful)
        .with_facts(context.facts().clone());
    let resources = [RecordedResource::new(resource.name(), Some(&resource)); 24];
    let factors = [Factor::new(FactorSource::Raise, &awful, RiskTier::Privileged); 24];
    let mut friction = Friction::CONFIRM;
    let group = ApproverGroup::new(vec![Approver::Scope((&*awful).into()); 24], 1);
    friction.approvals = vec![group; 24];
    let text = format!(r#"{{"a":"{}"}}"#, "x".repeat(200 << 10));
    let call = ToolCall::from_text(&*awful, text).id(&*awful);
    let mut record = DecisionRecord::new(
        noon(),
        &call,
        &awful_caller,
        &context,
        DecisionKind::Deny,
        Code::Forbidden,
        digest(),
    );
    record.arguments = Keep::Text;
    record.prompt = Keep::Text;
    record.resources = &resources;
    record.rule = Some(&awful);
    record.matched = &list;
    record.observed_rules = &list;
    record.obligations = &list;
    record.factors = &factors;
    record.friction = Some(&friction);
    let text = written(&Record::Decision(&record));
    assert!(text.len() < 600 << 10, "{}", text.len());
    let value: Value = serde_json::from_str(&format!("{{{text}}}")).unwrap();
    assert_eq!(value["matched_omitted"], 16);
    assert_eq!(value["arguments"]["too_long"], true);
}
