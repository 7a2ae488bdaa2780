//! The compiled policy against the reference, on random policies and calls.
//!
//! `CALLGATE_REFERENCE_PAIRS` sets how many pairs are tried, `CALLGATE_REFERENCE_SEED` where they
//! start.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "helpers of tests stop at the first surprise"
)]

mod calls;
mod clocks;
mod conditions;
mod evaluator;
mod languages;
mod limits;
mod matchers;
mod policies;
mod random;
mod timing;
mod traces;
mod truth;

use callgate_policy::document::{Effect, Rule};
use callgate_policy::{NamedResource, Policy, Question, Use};

use evaluator::Target;
use random::Random;
use traces::Answers;

const CALLS: u64 = 20;

fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap(),
        Err(_) => default,
    }
}

/// What a policy says of a call: `None` where its arguments are refused.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    resources: Vec<(String, Option<String>)>,
    permits: Vec<String>,
    asks: Vec<String>,
    forbids: Vec<String>,
    observed: Vec<String>,
    raises: Vec<String>,
    uses: Vec<limits::Used>,
    /// The first permit that matches in all but its time.
    lapsed: Option<String>,
}

impl Verdict {
    fn word(&self) -> &'static str {
        match self {
            _ if self.permits.is_empty() || !self.forbids.is_empty() => "deny",
            _ if !self.asks.is_empty() => "ask",
            _ => "allow",
        }
    }
}

fn targets(named: &[(String, Option<String>)], seed: u64) -> Vec<Target> {
    let mut random = Random(seed);
    let target = |(kind, id): &(String, Option<String>)| Target {
        kind: kind.clone(),
        id: id.clone(),
        facts: calls::facts(&mut random, kind, id.as_deref()),
    };
    named.iter().map(target).collect()
}

fn by_reference(policy: &Policy, call: &calls::Call, seed: u64) -> Option<Verdict> {
    let document = policy.document();
    let call = evaluator::Call {
        document,
        tool: call.tool,
        arguments: &call.arguments,
        caller: &call.caller,
        context: &call.context,
        targets: &[],
        age: call.age.as_ref(),
    };
    let resources = call.resources();
    let targets = targets(&resources, seed);
    let asked = evaluator::Call { targets: &targets, ..call };
    if !asked.accepted() {
        return None;
    }
    let matched = asked.matched();
    let ids = |wanted: &dyn Fn(&Rule) -> bool| {
        matched.iter().filter(|rule| wanted(rule)).map(|rule| rule.id.to_string()).collect()
    };
    let of = |effect: Effect| ids(&|rule| rule.effect == effect && !rule.observe);
    Some(Verdict {
        permits: of(Effect::Permit),
        asks: of(Effect::Ask),
        forbids: of(Effect::Forbid),
        observed: ids(&|rule| rule.observe),
        lapsed: document.rules.iter().find(|rule| lapses(&asked, rule)).map(|rule| rule.id.to_string()),
        uses: limits::uses(&asked),
        raises: asked.raised().iter().map(|raise| raise.id.to_string()).collect(),
        resources,
    })
}

/// What the compiled policy says that a call counts.
fn used(one: &Use<'_>) -> limits::Used {
    let parts = one.parts().map(|(_, value)| value.map(|value| value.to_string()));
    (one.limit().id.to_string(), parts.collect(), one.amount())
}

/// Whether a permit does not match, and would if it said nothing of the time.
fn lapses(asked: &evaluator::Call<'_>, rule: &Rule) -> bool {
    let mut at_any_time = rule.selector.clone();
    at_any_time.timing = None;
    rule.effect == Effect::Permit
        && !rule.observe
        && asked.matches(&at_any_time, &rule.when, false)
        && !asked.matches(&rule.selector, &rule.when, false)
}

fn by_policy(policy: &Policy, call: &calls::Call, seed: u64, answers: &mut Answers) -> Option<Verdict> {
    let tool = policy.tool(call.tool).unwrap();
    let bound = tool.bind_for(&call.arguments, &call.caller, &call.context).ok()?;
    let found: Vec<_> = tool.resource_names(&bound).collect();
    let owned = found.iter().map(|name| (name.kind.to_owned(), name.id.map(str::to_owned)));
    let resources: Vec<_> = owned.collect();
    let targets = targets(&resources, seed);
    let named =
        found.iter().zip(&targets).map(|(name, target)| NamedResource { name: *name, facts: target.facts.as_ref() });
    let named: Vec<NamedResource<'_>> = named.collect();
    let question = Question::new(tool, &call.caller, &call.context, &bound, &named);
    let judgement = policy.judge(&question);
    traces::agree(policy, &question, answers);
    let ids = |rules: callgate_policy::Rules<'_, '_>| rules.map(|rule| rule.id.to_string()).collect();
    Some(Verdict {
        permits: ids(judgement.permits()),
        asks: ids(judgement.asks()),
        forbids: ids(judgement.forbids()),
        observed: ids(judgement.observed()),
        lapsed: policy.lapsed_permit(&question).map(|lapsed| lapsed.rule.id.to_string()),
        uses: judgement.uses(&question).iter().map(used).collect(),
        raises: judgement.raises().map(|raise| raise.id.to_string()).collect(),
        resources,
    })
}

#[track_caller]
fn load(policy: &policies::Policy, seed: u64) -> Policy {
    let text = policy.text();
    Policy::parse(&text, "random.toml").unwrap_or_else(|error| panic!("seed {seed}: {error}\n{text}"))
}

#[test]
fn agrees_with_the_reference() {
    let pairs = setting("CALLGATE_REFERENCE_PAIRS", 20_000);
    let first = setting("CALLGATE_REFERENCE_SEED", 1);
    let mut words = std::collections::BTreeMap::<&str, u64>::new();
    let mut answers = Answers::default();
    let mut limited = [0_u64; 2];
    let [mut raised, mut observed, mut lapsed, mut on_resources] = [0_u64; 4];
    for seed in first..first + pairs.div_ceil(CALLS) {
        let mut random = Random(seed);
        let source = policies::policy(&mut random);
        let policy = load(&source, seed);
        for place in 0..CALLS {
            let call = calls::call(&mut random, &source);
            let expected = by_reference(&policy, &call, seed ^ place);
            let got = by_policy(&policy, &call, seed ^ place, &mut answers);
            assert_eq!(
                got,
                expected,
                "seed {seed}, call {place}\n{} {}\n{:?}\n{:?}\n{}",
                call.tool,
                call.arguments.text(),
                call.caller,
                call.context,
                source.text()
            );
            *words.entry(expected.as_ref().map_or("refused", Verdict::word)).or_default() += 1;
            if let Some(verdict) = expected {
                lapsed += u64::from(verdict.lapsed.is_some());
                limited[0] += u64::from(!verdict.uses.is_empty());
                limited[1] += u64::from(verdict.uses.iter().any(|used| used.2.is_none()));
                raised += u64::from(!verdict.raises.is_empty());
                observed += u64::from(!verdict.observed.is_empty());
                on_resources += u64::from(!verdict.resources.is_empty());
            }
        }
    }
    println!(
        "{pairs} pairs from seed {first}: {words:?}, raised {raised}, observed {observed}, lapsed {lapsed}, on resources {on_resources}"
    );
    for (word, counts) in &answers.0 {
        println!("{word:>12}: yes, no, unknown {counts:?}");
    }
    answers.are_mixed();
    let enough = |count: u64, percent: u64| assert!(count * 100 >= pairs * percent, "{words:?}");
    for word in ["allow", "ask", "deny"] {
        enough(words[word], 10);
    }
    enough(words["refused"], 5);
    enough(raised, 5);
    enough(limited[0], 20);
    enough(limited[1], 5);
    enough(observed, 5);
    enough(lapsed, 3);
    enough(on_resources, 15);
}

/// Tries pairs of policies, one made from the other, on the same calls.
fn compare(policies: u64, change: impl Fn(&mut policies::Policy, &mut Random), check: impl Fn(&Verdict, &Verdict)) {
    for seed in 0..policies {
        let mut random = Random(seed.wrapping_mul(7919));
        let mut source = policies::policy(&mut random);
        let before = load(&source, seed);
        change(&mut source, &mut random);
        let after = load(&source, seed);
        for place in 0..CALLS {
            let call = calls::call(&mut random, &source);
            let [before, after] =
                [&before, &after].map(|policy| by_policy(policy, &call, place, &mut Answers::default()));
            match (before, after) {
                (Some(before), Some(after)) => check(&before, &after),
                (before, after) => assert_eq!(before, after, "seed {seed}"),
            }
        }
    }
}

#[test]
fn a_restriction_never_widens() {
    let rank = |verdict: &Verdict| match verdict.word() {
        "deny" => 0,
        "ask" => 1,
        _ => 2,
    };
    for effect in ["forbid", "ask"] {
        compare(
            60,
            |source, random| source.add_rule(random, "new", Some(effect)),
            |before, after| assert!(rank(after) <= rank(before), "{before:?} {after:?}"),
        );
    }
}

#[test]
fn a_rule_changes_no_other() {
    compare(
        120,
        |source, random| source.add_rule(random, "new", None),
        |before, after| {
            let others = |ids: &[String]| ids.iter().filter(|id| *id != "new").cloned().collect::<Vec<_>>();
            assert_eq!(before.permits, others(&after.permits));
            assert_eq!(before.asks, others(&after.asks));
            assert_eq!(before.forbids, others(&after.forbids));
            assert_eq!(before.observed, others(&after.observed));
            assert_eq!(before.raises, after.raises);
            assert_eq!(before.uses, after.uses);
            assert!(before.lapsed == after.lapsed || after.lapsed.as_deref() == Some("new"));
        },
    );
}

#[test]
fn the_order_of_statements_makes_no_difference() {
    compare(120, |source, random| random.shuffle(&mut source.statements), |before, after| assert_eq!(before, after));
}
