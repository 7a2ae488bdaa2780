//! Random policies, built, written and read again.

use callgate_policy::builder::{
    Condition, Items, Matcher, Number, Path, Place, PolicyBuilder, Role, Rule, Tool,
};
use callgate_policy::{Judgement, NamedResource, Policy, Question};
use callgate_types::{Arguments, Caller, Context, Principal, PrincipalId, Resource};
use proptest::prelude::*;

use crate::{said, three_ways};

/// Texts that would break out of quotes, if any could.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(
        &[
            "\"",
            "\\",
            "'",
            "]",
            "}",
            "#",
            "\n",
            "=",
            "a",
            "é",
            "\u{7f}",
            "\u{202e}",
            "\u{1f600}",
            "{{",
            "\\u0041",
            "true",
            "\t",
        ][..],
    );
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn matcher() -> impl Strategy<Value = Matcher> {
    let leaf = prop_oneof![
        text().prop_map(Matcher::equals),
        any::<i32>().prop_map(Matcher::equals),
        any::<bool>().prop_map(Matcher::equals),
        prop::collection::vec(text(), 1..4).prop_map(Matcher::one_of),
        (0u64..4, 4u64..9).prop_map(|(least, most)| Matcher::text(least..=most)),
        (-5i32..0, 0i32..5)
            .prop_map(|(least, most)| Number::integer().at_least(least).at_most(most).into()),
        (0i32..9).prop_map(|above| Number::decimal().above(format!("{above}.25")).scale(2).into()),
        Just(Matcher::boolean()),
        Just(Matcher::matches("a|\\d+\"[}]*")),
        Just(Path::ignoring_links().under(["/a b"]).deny_names(["\"*"]).into()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(Matcher::any),
            prop::collection::vec(inner.clone(), 1..3).prop_map(Matcher::all),
            inner.prop_map(|inner| Items::any().max(3).each(inner).into()),
        ]
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let place = prop_oneof![
        Just(Place::argument("/x")),
        Just(Place::argument("/y/z")),
        Just(Place::caller("tenant")),
        Just(Place::resource("class")),
        text().prop_map(|name| Place::context(&format!(
            "f{}",
            name.replace(['/', '~', '\n', '\t', '\u{7f}'], "")
        ))),
    ];
    let leaf = (place, matcher()).prop_map(|(place, matcher)| Condition::value(place, matcher));
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(Condition::all),
            prop::collection::vec(inner.clone(), 1..3).prop_map(Condition::any),
            inner.prop_map(Condition::not),
        ]
    })
}

fn rule() -> impl Strategy<Value = (Option<Condition>, u8, bool, String)> {
    (prop::option::of(condition()), 0u8..3, any::<bool>(), text())
}

fn policy() -> impl Strategy<Value = PolicyBuilder> {
    let rules = prop::collection::vec(rule(), 1..6);
    (matcher(), matcher(), rules).prop_map(|(first, second, rules)| {
        let act = Tool::write("act")
            .optional("/x", first)
            .optional("/y/z", second)
            .optional("/id", Matcher::text(..))
            .resource("account", "/id");
        let built = PolicyBuilder::new("ra\"nd]om").role(Role::new("support #1")).tool(act);
        rules.into_iter().enumerate().fold(built, |built, (at, (when, effect, held, reason))| {
            let id = format!("r{at}");
            let rule = [Rule::permit, Rule::ask, Rule::forbid]
                .map(|of: fn(String) -> Rule| of(id.clone()));
            let mut rule = rule.into_iter().nth(effect.into()).unwrap();
            if held {
                rule = rule.roles(["support #1"]);
            }
            if let Some(when) = when {
                rule = rule.when(when);
            }
            // A sentence holds no control characters, and is not empty.
            rule = rule.reason(format!("r{}", reason.replace(char::is_control, "")));
            built.rule(rule)
        })
    })
}

const CALLS: &[&str] = &[
    "{}",
    r#"{"x": "a", "id": "1"}"#,
    r#"{"x": 3, "y": {"z": true}, "id": "1"}"#,
    r#"{"x": ["a", "\""], "y": {"z": -2}, "id": "2"}"#,
    r#"{"x": "", "y": {"z": "/a b/c"}}"#,
];

/// What a policy says of some calls.
fn judged(policy: &Policy) -> Vec<String> {
    let who =
        Principal::asserted(PrincipalId::user("alice").unwrap()).member_of("acme", ["support #1"]);
    let caller = Caller::of(who).in_tenant("acme").unwrap();
    let context = Context::new().fact("f", "a").fact("fa", 1);
    let account = Resource::new("account", "1").tenant("acme").fact("class", "a");
    let tool = policy.tool("act").unwrap();
    let judge = |text: &&str| {
        let arguments = Arguments::parse(*text).unwrap();
        let bound = match tool.bind_for(&arguments, &caller, &context) {
            Ok(bound) => bound,
            Err(fault) => return fault.to_string(),
        };
        let facts = |name| (name == account.name()).then_some(&account);
        let names = tool.resource_names(&bound);
        let resources: Vec<_> =
            names.map(|name| NamedResource { name, facts: facts(name) }).collect();
        let judgement: Judgement<'_> =
            policy.judge(&Question::new(tool, &caller, &context, &bound, &resources));
        format!("{judgement:?}")
    };
    CALLS.iter().map(judge).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn judge_the_same_in_json_and_toml(built in policy()) {
        let [built, json, toml] = three_ways(&built);
        prop_assert_eq!(said(&built), said(&json));
        prop_assert_eq!(said(&built), said(&toml));
        prop_assert_eq!(judged(&built), judged(&json));
        prop_assert_eq!(judged(&built), judged(&toml));
    }

    /// A text stands for itself, or is refused: never for something else.
    #[test]
    fn texts_stay_texts(text in any::<String>(), piece in text()) {
        for text in [text, piece] {
            let built = PolicyBuilder::new("texts")
                .role(Role::new(text.clone()))
                .tool(Tool::read("look").optional("/x", Matcher::equals(text.clone())))
                .rule(Rule::permit(text.clone()).roles([text.clone()]).environments([text.clone()]));
            let Ok(policy) = built.build() else {
                let is_name = !text.is_empty() && !text.contains('*') && !text.chars().any(char::is_control);
                prop_assert!(!is_name || text.len() > 256, "{}", built.to_json());
                continue;
            };
            let [_, _, toml] = three_ways(&built);
            prop_assert_eq!(said(&policy), said(&toml));
            let document = toml.document();
            prop_assert_eq!(document.roles.keys().map(|role| &**role).collect::<Vec<_>>(), vec![&*text]);
            let rule = document.rules.first().unwrap();
            prop_assert_eq!(&*rule.id, &*text);
            let shown = format!("{:?}", document.tools);
            prop_assert!(shown.contains(&format!("Literal(Text({text:?}))")), "{}", shown);
        }
    }
}
