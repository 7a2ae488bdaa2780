//! What a trace says is what was judged.

use std::collections::{BTreeMap, BTreeSet};

use callgate_policy::{Answer, Change, ConditionTrace, Found, Policy, Question, StatementTrace};

/// The selectors and matchers that can be each of yes, no and unknown.
const MIXED: &[&str] = &[
    "actors", "array", "decimal", "email", "environments", "equals", "in_force", "integer", "length", "matches",
    "members", "one_of", "path", "principals", "roles", "shell", "tenants", "text", #[cfg(feature = "sql")]
    "sql",
    #[cfg(feature = "url")]
    "url",
];

/// How often each selector, and each matcher on a value that is there, was yes, no and unknown.
#[derive(Default)]
pub(crate) struct Answers(pub(crate) BTreeMap<&'static str, [u64; 3]>);

impl Answers {
    fn add(&mut self, trace: &StatementTrace<'_>) {
        for selector in &trace.selectors {
            self.count(selector.selector, selector.answer);
        }
        let mut conditions: Vec<&ConditionTrace> = trace.condition.iter().collect();
        while let Some(condition) = conditions.pop() {
            match condition {
                ConditionTrace::All { all: parts, .. } | ConditionTrace::Any { any: parts, .. } => {
                    conditions.extend(parts);
                }
                ConditionTrace::Not { not, .. } => conditions.push(not),
                ConditionTrace::Value { found: Found::Absent | Found::Unknown, .. } => {}
                ConditionTrace::Value { matcher, answer, .. } => self.count(matcher, *answer),
                _ => {}
            }
        }
    }

    /// Checks that each is likely: what never comes up is never compared.
    pub(crate) fn are_mixed(&self) {
        for word in MIXED {
            let counts = self.0[word];
            let all: u64 = counts.iter().sum();
            assert!(counts.iter().all(|count| count * 100 >= all * 2 && *count >= 20), "{word}: {counts:?}");
        }
    }

    fn count(&mut self, word: &'static str, answer: Answer) {
        self.0.entry(word).or_default()[answer as usize] += 1;
    }
}

/// Checks the trace of a call against its judgement, and each of its answers against its parts.
#[track_caller]
pub(crate) fn agree(policy: &Policy, question: &Question<'_, '_>, answers: &mut Answers) {
    let judgement = policy.judge(question);
    let rules = judgement.permits().chain(judgement.asks()).chain(judgement.forbids());
    let judged: BTreeSet<&str> = rules.chain(judgement.observed()).map(|rule| &*rule.id).collect();
    let rules = policy.explain_rules(question);
    assert_eq!(matched(&rules), judged);
    let raises = policy.explain_raises(question);
    assert_eq!(matched(&raises), judgement.raises().map(|raise| &*raise.id).collect());
    let limits = policy.explain_limits(question);
    let counted = judgement.uses(question);
    assert_eq!(matched(&limits), counted.iter().map(|one| &*one.limit().id).collect());
    for trace in rules.iter().chain(&raises).chain(&limits) {
        adds_up(trace);
        answers.add(trace);
    }
}

fn matched<'t>(traces: &'t [StatementTrace<'_>]) -> BTreeSet<&'t str> {
    traces.iter().filter(|trace| trace.matched).map(|trace| trace.id).collect()
}

fn adds_up(trace: &StatementTrace<'_>) {
    let restricts = trace.effect != "permit";
    let takes_effect = trace.answer == Answer::Yes || (restricts && trace.answer == Answer::Unknown);
    assert_eq!(trace.matched, takes_effect, "{trace:?}");
    if !trace.lacks_resource {
        let selectors = trace.selectors.iter().map(|selector| selector.answer);
        let parts: Vec<Answer> = selectors.chain(trace.condition.iter().map(kleene)).collect();
        assert_eq!(trace.answer, all(&parts), "{trace:?}");
    }
    let is_empty = |change: Change<'_>| change.needed.is_empty();
    assert_eq!(is_empty(trace.to_match()), trace.answer == Answer::Yes, "{trace:?}");
    if trace.answer == Answer::No {
        assert!(is_empty(trace.to_miss()), "{trace:?}");
    }
}

fn kleene(condition: &ConditionTrace) -> Answer {
    let worked_out = match condition {
        ConditionTrace::All { all: parts, .. } => all(&parts.iter().map(kleene).collect::<Vec<_>>()),
        ConditionTrace::Any { any, .. } => {
            let parts: Vec<Answer> = any.iter().map(|part| not(kleene(part))).collect();
            not(all(&parts))
        }
        ConditionTrace::Not { not: inner, .. } => not(kleene(inner)),
        other => other.answer(),
    };
    assert_eq!(worked_out, condition.answer(), "{condition:?}");
    worked_out
}

fn all(parts: &[Answer]) -> Answer {
    [Answer::No, Answer::Unknown].into_iter().find(|answer| parts.contains(answer)).unwrap_or(Answer::Yes)
}

fn not(answer: Answer) -> Answer {
    match answer {
        Answer::Yes => Answer::No,
        Answer::No => Answer::Yes,
        Answer::Unknown => Answer::Unknown,
    }
}
