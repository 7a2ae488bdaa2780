//! Which statements take effect, and in which order they are listed.

use callgate_policy::{Policy, Question};
use callgate_types::{Arguments, Caller, Context};

use crate::{HEAD, caller};

#[test]
fn arguments_bound_by_another_tool_match_nothing() {
    let rule = "[[rules]]\nid = 'p'\neffect = 'permit'\n[[rules]]\nid = 'f'\neffect = 'forbid'\n";
    let policy = Policy::parse(&format!("{HEAD}{rule}"), "semantics.toml").unwrap();
    let arguments = Arguments::parse("{}").unwrap();
    let (bare, act) = (policy.tool("bare").unwrap(), policy.tool("act").unwrap());
    let bound = bare.bind(&arguments).unwrap();
    let (caller, context) = (Caller::unknown(), Context::new());
    let matched = |tool| {
        let judgement = policy.judge(&Question::new(tool, &caller, &context, &bound, &[]));
        judgement.permits().count() + judgement.forbids().count()
    };
    assert_eq!(matched(bare), 2);
    assert_eq!(matched(act), 0);
}

#[test]
fn judgement_lists_rules_in_order() {
    let rule = |id: &str, effect: &str, more: &str| {
        format!("[[rules]]\nid = '{id}'\neffect = '{effect}'\n{more}\n")
    };
    let text = [
        HEAD.to_owned(),
        rule("b", "permit", "accepts_tier = 'bounded-write'"),
        rule("a", "permit", ""),
        rule("B", "permit", "observe = true"),
        rule("d", "ask", ""),
        rule("c", "ask", "confirm = false\npreview = true"),
        rule("e", "forbid", "observe = true"),
        "[friction.privileged]\n[[raise]]\nid = 'r2'\nto = 'privileged'\n".to_owned(),
        "[[raise]]\nid = 'r1'\nto = 'privileged'\nenvironments = ['prod']\n".to_owned(),
        "[[raise]]\nid = 'r0'\nto = 'privileged'\nwhen = { 'caller/kind' = { equals = 'agent' } }\n".to_owned(),
    ];
    let policy = Policy::parse(&text.concat(), "semantics.toml").unwrap();
    let tool = policy.tool("bare").unwrap();
    let arguments = Arguments::parse("{}").unwrap();
    let bound = tool.bind(&arguments).unwrap();
    let (caller, context) = (caller("user:a", &[], &[], None), Context::new());
    let question = Question::new(tool, &caller, &context, &bound, &[]);
    let judgement = policy.judge(&question);
    let ids = |rules: callgate_policy::Rules<'_, '_>| {
        rules.map(|rule| &*rule.id).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(ids(judgement.permits()), "a b");
    assert_eq!(ids(judgement.asks()), "c d");
    assert_eq!(ids(judgement.forbids()), "");
    assert_eq!(ids(judgement.observed()), "B e");
    assert_eq!(judgement.accepts_tier(), Some(callgate_types::RiskTier::BoundedWrite));
    assert_eq!(judgement.raises().map(|raise| &*raise.id).collect::<Vec<_>>(), ["r1", "r2"]);
}
