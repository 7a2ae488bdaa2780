//! What the tables of a text become.

use std::time::Duration;

use callgate_types::{Approver, DecisionKind, Friction, RiskTier};

use super::read;
use crate::document::*;

const SUPPORT_DESK: &str = include_str!("../../../tests/policies/support-desk.toml");

const BASE: &str = r#"
format = 1
name = "base"
[roles]
lead = { includes = ["clerk"] }
clerk = { scopes = ["pay:write", "pay:read"] }
[tools.pay]
access = "write"
resources = [{ kind = "account", id = "/account" }]
[tools.pay.arguments]
"/account" = { text = {} }
"/amount" = { decimal = {} }
[tools.list]
access = "read"
[[rules]]
id = "m"
effect = "permit"
"#;

#[track_caller]
fn base_and(more: &str) -> Document {
    match read(&format!("{BASE}{more}\n"), "p") {
        Ok(document) => document,
        Err(found) => panic!("{found}"),
    }
}

/// The matcher that the arguments of a tool give.
#[track_caller]
fn check_matcher(text: &str, expected: &str) {
    let more = format!("[tools.x]\naccess = \"read\"\n[tools.x.arguments]\n\"/a\" = {text}");
    let document = base_and(&more);
    assert_eq!(
        format!("{:?}", document.tools["x"].arguments[0].matcher),
        expected
    );
}

/// The condition that a `when` gives.
#[track_caller]
fn check_when(text: &str, expected: &str) {
    let document = base_and(&format!("when = {text}"));
    assert_eq!(format!("{:?}", document.rules[0].when), expected);
}

#[test]
fn support_desk() {
    let document = read(SUPPORT_DESK, "support-desk.toml").unwrap();
    assert_eq!(&*document.name, "support-desk");
    let tool = &document.tools["adjust_billing"];
    let arguments = tool
        .arguments
        .iter()
        .map(|one| (one.pointer.as_str(), one.optional));
    let expected = [
        ("/account_id", false),
        ("/amount", false),
        ("/currency", false),
        ("/note", true),
    ];
    assert_eq!(arguments.collect::<Vec<_>>(), expected);
    let rules = document.rules.iter().map(|rule| (&*rule.id, rule.line));
    let expected = [
        ("credits", 30),
        ("large-credits", 38),
        ("own-tenant-only", 23),
    ];
    assert_eq!(rules.collect::<Vec<_>>(), expected);
    assert_eq!(document.examples[0].line, 48);
}

#[test]
fn lines_that_end_as_on_windows() {
    let document = read(&SUPPORT_DESK.replace('\n', "\r\n"), "p").unwrap();
    assert_eq!(document.examples[0].line, 48);
}

#[test]
fn tools() {
    let document = base_and(
        "[tools.wipe]\naccess = \"read\"\ntier = \"privileged\"\nscope = \"none\"\n\
         obligations = [\"redact\"]\nrecord = { result = \"text\" }\n\
         credential = \"vault\"\n\
         resources = [{ kind = \"row\", each = \"/rows\", id = \"\" }]\n\
         [tools.wipe.arguments]\n\"/rows\" = { array = {} }\n[friction.privileged]",
    );
    let pay = &document.tools["pay"];
    assert_eq!(
        (pay.access, pay.tier),
        (Access::Write, RiskTier::BoundedWrite)
    );
    assert_eq!(pay.scope, ScopeDemand::Unstated);
    assert_eq!(pay.record, Recording::default());
    assert_eq!(document.tools["list"].tier, RiskTier::ReadOnly);
    let wipe = &document.tools["wipe"];
    assert_eq!(
        (wipe.access, wipe.tier),
        (Access::Read, RiskTier::Privileged)
    );
    assert_eq!(wipe.scope, ScopeDemand::None);
    assert_eq!(wipe.obligations, ["redact".into()]);
    assert_eq!(wipe.credential.as_deref(), Some("vault"));
    assert_eq!(wipe.record.result, Some(Keeping::Text));
    assert_eq!(wipe.record.arguments, None);
    let resource = &wipe.resources[0];
    assert_eq!(resource.each.as_ref().map(Pointer::as_str), Some("/rows"));
    assert_eq!((&*resource.kind, resource.id.as_str()), ("row", ""));
    assert_eq!(document.friction, [Friction::NONE; 3]);
}

#[test]
fn roles_and_actors() {
    let document = base_and("[actors.bot]\nscopes = [\"pay:read\"]\n[actors.mute]\nscopes = []");
    assert_eq!(document.roles["lead"].includes, ["clerk".into()]);
    assert_eq!(
        document.roles["clerk"].scopes,
        ["pay:write".into(), "pay:read".into()]
    );
    assert_eq!(document.actors["bot"].scopes, ["pay:read".into()]);
    assert!(document.actors["mute"].scopes.is_empty());
}

#[test]
fn matchers() {
    check_matcher("{ equals = \"a\" }", "Equals(Literal(Text(\"a\")))");
    check_matcher("{ equals = 50 }", "Equals(Literal(Number(5e1)))");
    check_matcher("{ equals = true }", "Equals(Literal(Boolean(true)))");
    check_matcher(
        "{ equals = { fact = \"caller/tenant\" } }",
        "Equals(Fact(Fact { root: Caller, pointer: /tenant }))",
    );
    check_matcher(
        "{ one_of = [\"a\", 0x10] }",
        "OneOf([Text(\"a\"), Number(16)])",
    );
    check_matcher(
        "{ text = { min_chars = 2 } }",
        "Text { chars: Span64 { min: 2, max: 18446744073709551615 } }",
    );
    check_matcher(
        "{ length = { max = 3 } }",
        "Length(Span64 { min: 0, max: 3 })",
    );
    check_matcher("{ boolean = {} }", "Boolean");
    check_matcher(
        "{ integer = { at_least = -1, at_most = \"1e2\" } }",
        "Integer(Bounds { above: None, at_least: Some(-1), below: None, at_most: Some(1e2) })",
    );
    check_matcher(
        "{ decimal = { above = \"0\", below = \"1.50\", scale = 2 } }",
        "Decimal { bounds: Bounds { above: Some(0), at_least: None, below: Some(15e-1), at_most: None }, scale: Some(2) }",
    );
    check_matcher(
        "{ array = { max_items = 2, each = { boolean = {} }, some = { equals = true } } }",
        "Array { items: Span64 { min: 0, max: 2 }, each: Some(Boolean), some: Some(Equals(Literal(Boolean(true)))) }",
    );
    check_matcher(
        "{ text = {}, length = {}, optional = true }",
        "All([Length(Span64 { min: 0, max: 18446744073709551615 }), Text { chars: Span64 { min: 0, max: 18446744073709551615 } }])",
    );
}

#[test]
fn conditions() {
    let same = "Value(Fact { root: Caller, pointer: /kind }, Equals(Literal(Text(\"user\"))))";
    let text = "\"caller/kind\" = { equals = \"user\" }";
    check_when(&format!("{{ {text} }}"), same);
    check_when(
        &format!("{{ not = {{ {text} }} }}"),
        &format!("Not({same})"),
    );
    check_when(
        &format!("{{ any = [{{ {text} }}] }}"),
        &format!("Any([{same}])"),
    );
    check_when(
        &format!("{{ {text}, all = [{{ {text} }}] }}"),
        &format!("All([All([{same}]), {same}])"),
    );
    check_when(
        "{ \"arguments/amount\" = { present = false } }",
        "Value(Fact { root: Arguments, pointer: /amount }, Present(false))",
    );
    check_when(
        "{ \"resource/a~1b/0\" = { boolean = {} } }",
        "Value(Fact { root: Resource, pointer: /a~1b/0 }, Boolean)",
    );
    check_when(
        "{ \"context/links\" = { boolean = {} } }",
        "Value(Fact { root: Context, pointer: /links }, Boolean)",
    );
}

#[test]
fn rules() {
    let document = base_and(
        "roles = [\"l*\"]\nprincipals = [\"user:*\"]\nactors = [\"agent:bot\"]\ntenants = [\"acme\"]\n\
         environments = [\"prod\"]\nresources = [\"account\"]\nreason = \"why\"\ndisclose = true\n\
         observe = true\naccepts_tier = \"bounded-write\"\nobligations = [\"redact\"]\n\
         [[rules]]\nid = \"a\"\neffect = \"ask\"\n\
         [[rules]]\nid = \"z\"\neffect = \"ask\"\npreview = true\nconfirm = false\n\
         [[rules]]\nid = \"f\"\neffect = \"forbid\"\ntools = [\"list\", \"p*\"]\n",
    );
    let ids: Vec<&str> = document.rules.iter().map(|rule| &*rule.id).collect();
    assert_eq!(ids, ["a", "f", "m", "z"]);
    let [ask, forbid, permit, preview] = &document.rules[..] else {
        panic!("four rules")
    };
    assert_eq!(ask.friction, Friction::CONFIRM);
    assert!(preview.friction.preview && !preview.friction.confirm);
    assert_eq!(
        (forbid.effect, forbid.friction.is_empty()),
        (Effect::Forbid, true)
    );
    let tools = forbid.selector.tools.as_deref().unwrap();
    assert_eq!(
        tools.iter().map(NamePattern::as_str).collect::<Vec<_>>(),
        ["list", "p*"]
    );
    assert!(permit.disclose && permit.observe && permit.selector.tools.is_none());
    assert_eq!(permit.accepts_tier, Some(RiskTier::BoundedWrite));
    assert_eq!(permit.reason.as_deref(), Some("why"));
    for list in [
        &permit.selector.roles,
        &permit.selector.principals,
        &permit.selector.actors,
        &permit.selector.tenants,
        &permit.selector.environments,
        &permit.selector.resources,
    ] {
        assert_eq!(list.as_ref().map(Vec::len), Some(1));
    }
}

#[test]
fn isolation() {
    let text = BASE.replace("name =", "isolation = \"tenant\"\nname =");
    let document = read(&text, "p").unwrap();
    let short = document
        .rules
        .iter()
        .find(|rule| &*rule.id == "own-tenant-only")
        .unwrap();
    assert_eq!(short.line, 3);
    let document = read(SUPPORT_DESK, "p").unwrap();
    let long = document
        .rules
        .iter()
        .find(|rule| &*rule.id == "own-tenant-only")
        .unwrap();
    let without_line = |rule: &Rule| {
        format!(
            "{:?}",
            Rule {
                line: 0,
                ..rule.clone()
            }
        )
    };
    assert_eq!(without_line(short), without_line(long));
}

#[test]
fn raises_and_friction() {
    let document = base_and(
        "[[raise]]\nid = \"b\"\nto = \"privileged\"\ntools = [\"pay\"]\n\
         [[raise]]\nid = \"a\"\nto = \"bounded-write\"\nwhen = { \"resource/tenant\" = { equals = \"x\" } }\n\
         [friction.bounded-write]\nconfirm = true\nexpires_in = \"1h\"\n\
         [friction.privileged]\npreview = true\nexpires_in = \"2h\"\n\
         approval = { all_of = [{ from = [\"role:lead\", \"scope:a:b\", \"user:x\"], count = 2 }], expires_in = \"90s\" }",
    );
    let raises = document.raises.iter().map(|raise| (&*raise.id, raise.to));
    let expected = [("a", RiskTier::BoundedWrite), ("b", RiskTier::Privileged)];
    assert_eq!(raises.collect::<Vec<_>>(), expected);
    let [read_only, bounded, privileged] = &document.friction;
    assert!(read_only.is_empty() && bounded.confirm && privileged.preview);
    assert_eq!(bounded.expires_in, Some(Duration::from_secs(3_600)));
    assert_eq!(privileged.expires_in, Some(Duration::from_secs(90)));
    let group = &privileged.approvals[0];
    assert_eq!(group.count, 2);
    assert!(matches!(
        &group.from[..],
        [Approver::Role(_), Approver::Scope(scope), Approver::Principal(_)] if &**scope == "a:b"
    ));
}

#[test]
fn examples() {
    let document = base_and(
        "[[examples]]\ncall = { tool = \"pay\", arguments_text = '{\"a\": 1.50' }\ngets = \"deny\"\n\
         [[examples]]\ncall = { tool = \"nothing\", arguments = {} }\ngets = \"deny\"\ncode = \"unknown_tool\"\n\
         [[examples]]\ncaller = { subject = { kind = \"user\", id = \"a\", roles = [\"lead\"] }, actors = [\"agent:b\"], tenant = \"t\" }\n\
         environment = \"prod\"\nresources = [{ kind = \"account\", id = \"1\", tenant = \"t\", owner = [\"a\", 1] }]\n\
         context = { links = { deep = true } }\n\
         call = { tool = \"pay\", arguments = { account = \"1\", list = [1, \"é\\\"\"] } }\ngets = \"allow\"\nrule = \"m\"",
    );
    let [refused, unknown, full] = &document.examples[..] else {
        panic!("three examples")
    };
    assert_eq!(refused.arguments, "{\"a\": 1.50");
    assert!(refused.caller.is_none() && refused.environment.is_none());
    assert_eq!(
        (&*unknown.tool, unknown.gets),
        ("nothing", DecisionKind::Deny)
    );
    let caller = full.caller.as_ref().unwrap();
    assert_eq!((caller.subject.roles.len(), caller.actors.len()), (1, 1));
    assert_eq!(full.resources[0].tenant_name(), Some("t"));
    assert_eq!(
        full.resources[0].facts().get("owner").unwrap().text(),
        "[\"a\",1]"
    );
    assert_eq!(full.facts.get("links").unwrap().text(), "{\"deep\":true}");
    assert_eq!(full.arguments, "{\"account\":\"1\",\"list\":[1,\"é\\\"\"]}");
    assert_eq!(full.rule.as_deref(), Some("m"));
}
