//! Everything that can be built, built once.

use std::time::Duration;

use callgate_policy::builder::{
    Approval, Approver, Condition, Day, Example, ExampleCaller, ExampleDelegation,
    ExamplePrincipal, ExampleResource, ExampleVerification, Friction, Items, Limit, Matcher,
    Member, Number, Path, Per, Place, PolicyBuilder, Raise, Role, Rule, Tool, Window,
};
use callgate_policy::document::{Hints, Keeping};
use callgate_types::{Method, RiskTier};
use chrono::{DateTime, Utc};
use serde_json::json;

use crate::{said, three_ways};

const WRITTEN: &str = include_str!("desk.toml");

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn tools(desk: PolicyBuilder) -> PolicyBuilder {
    let file = Member::needed(
        "/path",
        Path::ignoring_links()
            .under(["/workspace"])
            .relative_to("/workspace")
            .deny_components([".git"])
            .deny_names(["*.pem", ".env.*"])
            .except([".env.example"]),
    );
    let mode = Member::optional("/mode", Matcher::one_of(["read", "list"]).or_null());
    let mut hints = Hints::default();
    (hints.destructive, hints.open_world) = (Some(false), Some(true));
    desk.tool(Tool::read("look").without_scope().dry_run_by("run--all-"))
        .tool(
            Tool::write("adjust_billing")
                .scope("billing:adjust")
                .tier(RiskTier::BoundedWrite)
                .argument("/account_id", Matcher::matches("acc_[0-9a-z]{8}"))
                .argument("/amount", Number::decimal().above(0).at_most("500.00").scale(2))
                .argument("/currency", Matcher::one_of(["USD", "EUR"]))
                .optional("/note", Matcher::text(..=500))
                .optional("/by", Matcher::equals_fact(Place::caller("id")))
                .resource("account", "/account_id")
                .obligations(["mask"])
                .irreversible()
                .hints(hints)
                .record_arguments(Keeping::Text)
                .record_result(Keeping::Digest)
                .record_prompt(Keeping::Commitment)
                .record_argument("/note", Keeping::Commitment),
        )
        .tool(
            Tool::write("run \"all\"".replace([' ', '"'], "-"))
                .scope("files:write")
                .argument("/files", Items::any().min(1).max(9).each(Matcher::object([file, mode])))
                .optional(
                    "/count",
                    Matcher::any([
                        Matcher::from(Number::integer().at_least(1).below(10)),
                        Matcher::equals("all"),
                    ]),
                )
                .optional("/dry", Matcher::boolean())
                .dry_run("/dry", true)
                .optional("/free", Matcher::open())
                .optional("/list", Items::any().some(Matcher::length(1..4)))
                .optional("/to", Matcher::email(["example.com", "*.example.org"]))
                .optional(
                    "/command",
                    Matcher::from_value(
                        json!({"shell": {"commands": [{"names": ["ls"], "any": true}]}}),
                    ),
                )
                .resources("file", "/files", "/path"),
        )
}

fn rules(desk: PolicyBuilder) -> PolicyBuilder {
    let amount = || Place::argument("/amount");
    let office = Window::at_offset("+01:00").days(Day::WEEKDAYS).from("09:00").until("17:00");
    desk.rule(
        Rule::permit("credits")
            .roles(["support"])
            .tools(["adjust_billing"])
            .environments(["staging", "prod"])
            .tenants(["acme", "*-test"])
            .principals(["user:*"])
            .actors(["agent:support-bot"])
            .from(moment("2026-01-01T00:00:00Z"))
            .until(moment("2036-01-01T00:00:00Z"))
            .times([office, Window::at_offset("UTC").days([Day::Saturday])])
            .accepts_tier(RiskTier::BoundedWrite)
            .obligations(["notify"])
            .reason("support may say \"yes\"; up to 500\\\u{202e}")
            .disclose(),
    )
    .rule(
        Rule::ask("large-credits")
            .tools(["adjust_billing"])
            .when(Condition::all([
                Condition::value(amount(), Number::decimal().above("50.00")),
                Condition::not(Condition::value(Place::argument("note"), Matcher::present(true))),
                Condition::any([
                    Condition::value(Place::context("mode"), Matcher::equals("live")),
                    Condition::value(
                        Place::resource("class"),
                        Matcher::all([Matcher::text(1..), Matcher::matches("s.*")]),
                    ),
                ]),
            ]))
            .confirm(false)
            .preview()
            .approval(
                Approval::by(1, [Approver::role("lead"), Approver::user("ann")])
                    .and_by(2, [Approver::scope("billing:approve")])
                    .standing(20, Duration::from_secs(8 * 3_600))
                    .expires_in(Duration::from_secs(900)),
            ),
    )
    .rule(
        Rule::forbid("old")
            .resources(["account"])
            .observe()
            .when(Condition::from_value(json!({"resource/age": {"integer": {"above": 9}}}))),
    )
    .raise(
        Raise::to(RiskTier::Privileged, "prod")
            .environments(["prod"])
            .when(Condition::value(amount(), Matcher::equals(7))),
    )
    .limit(
        Limit::sum_by_unit("credits-a-day", amount(), "5000.00", Place::argument("/currency"))
            .tools(["adjust_billing"])
            .per([Per::value(Place::caller("tenant")), Per::tool()])
            .in_fixed_window(Duration::from_secs(86_400))
            .reason("a day's credits")
            .disclose(),
    )
    .limit(
        Limit::count("calls-an-hour", 20)
            .roles(["support"])
            .when(Condition::value(amount(), Number::decimal().above(1)))
            .per([Per::resource()])
            .in_sliding_window(Duration::from_secs(3_600))
            .asks()
            .confirm(false)
            .preview()
            .approval(Approval::by(1, [Approver::role("lead")])),
    )
    .limit(Limit::sum("credits-ever", amount(), "1000000"))
    .friction(
        RiskTier::Privileged,
        Friction::none()
            .confirm()
            .preview()
            .expires_in(Duration::from_secs(3_600))
            .approval(Approval::by(1, [Approver::user("ann")])),
    )
}

fn examples(desk: PolicyBuilder) -> PolicyBuilder {
    let alice = ExampleCaller::of("user:alice")
        .roles(["support"])
        .actors(["agent:support-bot"])
        .tenant("acme");
    let account = ExampleResource::new("account", "acc_1234abcd").tenant("acme").fact("age", 3);
    desk.example(
        Example::allow("adjust_billing")
            .caller(alice)
            .environment("prod")
            .time(moment("2026-11-20T09:00:00Z"))
            .resource(account)
            .context("mode", "live")
            .arguments(json!({"account_id": "acc_1234abcd", "amount": 20, "currency": "USD"}))
            .by_rule("credits"),
    )
    .example(
        Example::deny("adjust_billing")
            .arguments_text("{\"amount\": 20.005}")
            .with_code("invalid_arguments"),
    )
    .example(Example::ask("look"))
    .example(
        Example::ask("look")
            .caller(everybody())
            .time(moment("2026-11-20T09:00:00Z"))
            .session("s-1")
            .task("t-7"),
    )
}

/// A caller of whom everything is said.
fn everybody() -> ExampleCaller {
    let end = moment("2026-11-20T10:00:00Z");
    let bob = ExamplePrincipal::new("user:bob")
        .member_of("acme", ["support"])
        .member_of("globex", [] as [&str; 0])
        .crossing_tenants(["lead"])
        .verified(
            ExampleVerification::by(Method::Jwt)
                .issuer("https://idp.example")
                .age(Duration::from_secs(300))
                .until(end),
        )
        .limited_to(ExampleDelegation::all().scopes(["billing:adjust"]))
        .lets_act(["agent:support-bot"]);
    let bot = ExamplePrincipal::new("agent:support-bot")
        .delegated(ExampleDelegation::all().tools(["look", "adjust_billing"]).until(end));
    ExampleCaller::of(bob)
        .actors([bot])
        .tenant("acme")
        .sub_agents_at_most(ExampleDelegation::all().tools(["look"]))
}

pub(crate) fn desk() -> PolicyBuilder {
    let desk = PolicyBuilder::new("support-desk")
        .isolated_by_tenant()
        .role(Role::new("support").scopes(["billing:adjust"]))
        .role(Role::new("lead").includes(["support"]).scopes(["billing:approve"]))
        .actor("support-bot", ["billing:adjust"]);
    examples(rules(tools(desk)))
}

/// With `CALLGATE_BLESS=1` the text is written anew; read the difference before you keep it.
#[test]
fn is_written_to_be_reviewed() {
    let toml = desk().to_toml().unwrap();
    if std::env::var_os("CALLGATE_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/builder/desk.toml");
        std::fs::write(path, &toml).unwrap();
        return;
    }
    assert_eq!(toml, WRITTEN);
}

#[test]
fn says_the_same_three_ways() {
    let [built, json, toml] = three_ways(&desk());
    assert_eq!(said(&built), said(&json));
    assert_eq!(said(&built), said(&toml));
    assert_eq!(built.digest(), json.digest());
    // Nothing was lost on the way: what holds quotes and breaks is whole.
    let credits = built.document().rules.iter().find(|rule| &*rule.id == "credits").unwrap();
    assert_eq!(credits.reason.as_deref(), Some("support may say \"yes\"; up to 500\\\u{202e}"));
}

#[cfg(feature = "url")]
#[test]
fn urls() {
    use callgate_policy::builder::Url;

    let url = Url::of_hosts(["api.example.com"])
        .also_http()
        .ports([8080])
        .under(["/v1"])
        .deny(["/v1/admin"]);
    let page = Url::of_public_hosts().any_port();
    let desk = PolicyBuilder::new("web")
        .tool(Tool::read("get").argument("/url", url).argument("/page", page))
        .rule(Rule::permit("all"));
    let [built, _, toml] = three_ways(&desk);
    assert_eq!(said(&built), said(&toml));
}

#[cfg(feature = "zones")]
#[test]
fn zones() {
    let night = Window::in_zone("Europe/Berlin").from("22:00").until("06:00");
    let desk = PolicyBuilder::new("night")
        .tool(Tool::read("get"))
        .rule(Rule::permit("all").times([night]));
    let [built, _, toml] = three_ways(&desk);
    assert_eq!(said(&built), said(&toml));
}
