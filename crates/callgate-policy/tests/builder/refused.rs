//! What cannot be built, as nobody could write it.

use std::time::Duration;

use callgate_policy::builder::{
    Approval, Approver, Condition, Friction, Items, Matcher, Number, Place, PolicyBuilder, Role,
    Rule, Tool, Window,
};
use callgate_types::RiskTier;
use serde_json::{Value, json};

/// A policy to which one part is added.
fn around() -> PolicyBuilder {
    PolicyBuilder::new("around")
        .role(Role::new("support"))
        .tool(
            Tool::write("pay")
                .argument("/amount", Number::decimal())
                .optional("/note", Matcher::text(..)),
        )
        .rule(Rule::permit("all").tools(["pay"]))
}

#[track_caller]
fn check(built: &PolicyBuilder, expected: &str) {
    let found = built.build().map(|policy| policy.name().to_owned());
    let found = found.unwrap_err().to_string();
    let first = found.lines().next().unwrap();
    let (_, message) = first.split_once(": ").unwrap();
    assert_eq!(message, expected);
    assert!(first.starts_with("built.json:"), "{first}");
    assert_eq!(built.to_toml().unwrap_err().to_string(), found);
}

#[track_caller]
fn check_argument(matcher: impl Into<Matcher>, expected: &str) {
    check(&around().tool(Tool::write("try").argument("/x", matcher)), expected);
}

#[track_caller]
fn check_rule(rule: impl FnOnce(Rule) -> Rule, expected: &str) {
    check(&around().rule(rule(Rule::permit("try"))), expected);
}

#[test]
fn nothing() {
    check(&PolicyBuilder::new("empty"), "the policy has no tools");
    check(&PolicyBuilder::new("empty").tool(Tool::read("look")), "the policy has no rules");
    check(
        &PolicyBuilder::new("").tool(Tool::read("look")).rule(Rule::permit("a")),
        "the name of the policy is empty",
    );
}

#[test]
fn twice() {
    let help = "; each key is written once";
    check(&around().role(Role::new("support")), &format!("`support` is defined twice{help}"));
    check(&around().tool(Tool::read("pay")), &format!("`pay` is defined twice{help}"));
    check(
        &around().actor("bot", ["a"]).actor("bot", ["b"]),
        &format!("`bot` is defined twice{help}"),
    );
    check(
        &around().isolated_by_tenant().isolated_by_tenant(),
        &format!("`isolation` is defined twice{help}"),
    );
    check_rule(
        |rule| rule.tools(["pay"]).tools(["pay"]),
        &format!("`tools` is defined twice{help}"),
    );
    check_rule(|rule| rule.reason("a").reason("b"), &format!("`reason` is defined twice{help}"));
    check_argument(Number::decimal().above(1).above(0), &format!("`above` is defined twice{help}"));
    check_argument(
        Matcher::boolean().or_null().or_null(),
        &format!("`nullable` is defined twice{help}"),
    );
    let pay = Tool::write("try").argument("/x", Matcher::boolean()).optional("/x", Matcher::open());
    check(&around().tool(pay), &format!("`/x` is defined twice{help}"));
    check(&around().rule(Rule::permit("all")), "id `all` is taken: see line 22");
}

#[test]
fn names_that_are_not_there() {
    check_rule(|rule| rule.tools(["play"]), "unknown tool `play`; did you mean `pay`?");
    check_rule(|rule| rule.roles(["suport"]), "unknown role `suport`; did you mean `support`?");
    check_rule(
        |rule| rule.principals(["alice"]),
        "`alice` matches no principal; write `user:`, `service:` or `agent:` before the id",
    );
    let amount = Condition::value(Place::argument("/amuont"), Matcher::equals(1));
    check_rule(
        |rule| rule.when(amount),
        "no tool declares an argument `/amuont`; did you mean `/amount`?",
    );
    let tenant = Condition::value(Place::caller("tennant"), Matcher::equals("a"));
    check_rule(|rule| rule.when(tenant), "unknown fact `caller/tennant`; did you mean `tenant`?");
}

#[test]
fn names_that_lead_elsewhere() {
    // A name is a name below its root, whatever it holds.
    let up = Condition::value(Place::caller("/../tenant"), Matcher::equals("a"));
    check_rule(|rule| rule.when(up), "unknown fact `caller/`");
    check_rule(
        |rule| rule.tools(["pay\"], \"effect\": [\""]),
        "unknown tool `pay\"], \"effect\": [\"`",
    );
    check(&around().tool(Tool::read("pay\nname")), "the name of a tool holds a control character");
}

#[test]
fn matchers() {
    check_argument(Matcher::matches("("), "malformed regular expression: unclosed group");
    check_argument(Matcher::equals(1.5), "a policy holds no floats; write decimals as text");
    check_argument(Matcher::equals(Value::Null), "a policy holds no null; leave the key out");
    check_argument(
        Matcher::equals(u64::MAX),
        "integer does not fit in 64 bits; bounds can be written as text",
    );
    check_argument(Number::integer().above(5).at_most(5), "no number lies between these bounds");
    check_argument(Number::integer().scale(2), "unknown key `scale` in `integer`");
    check_argument(Matcher::text(..0), "`min_chars` is greater than `max_chars`: nothing matches");
    check_argument(
        Items::any().min(3).max(2),
        "`min_items` is greater than `max_items`: nothing matches",
    );
    check_argument(Matcher::any([] as [Matcher; 0]), "`any` is empty");
    check_argument(
        Matcher::from_value(json!({"shel": {}})),
        "unknown key `shel` in a matcher; did you mean `shell`?",
    );
    check_argument(
        Matcher::from_value(json!("shell")),
        "expected a table for a matcher, found text",
    );
}

#[test]
fn depth() {
    let deep = |levels| (0..levels).fold(Matcher::boolean(), |inner, _| Matcher::any([inner]));
    check_argument(deep(40), "tables and keys are nested too deep");
    check_argument(deep(50_000), "tables and keys are nested too deep");
    let condition = Condition::value(Place::argument("/amount"), Matcher::equals(1));
    let condition = (0..50_000).fold(condition, |inner, _| Condition::not(inner));
    check_rule(|rule| rule.when(condition), "tables and keys are nested too deep");
    let value = (0..120).fold(json!(true), |inner, _| json!([inner]));
    check_argument(
        Matcher::from_value(json!({"equals": value})),
        "tables and keys are nested too deep",
    );
}

#[test]
fn frictions_and_times() {
    let by = |count| Approval::by(count, [Approver::user("ann")]);
    let ask = |approval| around().rule(Rule::ask("try").approval(approval));
    check(&ask(by(0)), "expected an integer from 1 to 1000, found `0`");
    check(&ask(by(2)), "2 people must approve, and `from` names 1");
    check(
        &ask(by(1).expires_in(Duration::from_millis(1500))),
        "`1.500000000s` is no time; write a whole number of `s`, `m`, `h` or `d`, from `1s` to `365d`",
    );
    check(&ask(Approval::by(1, [Approver::role("chief")])), "unknown role `chief`");
    check_rule(Rule::preview, "`preview` stands in an `ask` only");
    check(
        &around().tool(Tool::write("drop").tier(RiskTier::Privileged)),
        "a call can be `privileged`, and nothing says what that demands; add `[friction.privileged]`, for example with `confirm = true`",
    );
    check(
        &around().friction(RiskTier::ReadOnly, Friction::none().expires_in(Duration::ZERO)),
        "`0s` is no time; write a whole number of `s`, `m`, `h` or `d`, from `1s` to `365d`",
    );
    check_rule(
        |rule| rule.times([Window::at_offset("UTC")]),
        "a time window that is always open; write `days`, `from` or `until`",
    );
    check_rule(
        |rule| rule.times([Window::at_offset("UTC").from("9:00")]),
        "expected a time from `00:00` to `23:59`, found `9:00`",
    );
}
