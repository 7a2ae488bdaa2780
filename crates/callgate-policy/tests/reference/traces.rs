//! What a trace says is what was judged.

use std::collections::BTreeSet;

use callgate_policy::{Answer, Change, ConditionTrace, Policy, Question, StatementTrace};

/// Checks the trace of a call against its judgement, and each of its answers against its parts.
#[track_caller]
pub(crate) fn agree(policy: &Policy, question: &Question<'_, '_>) {
    let judgement = policy.judge(question);
    let rules = judgement.permits().chain(judgement.asks()).chain(judgement.forbids());
    let judged: BTreeSet<&str> = rules.chain(judgement.observed()).map(|rule| &*rule.id).collect();
    let rules = policy.explain_rules(question);
    assert_eq!(matched(&rules), judged);
    let raises = policy.explain_raises(question);
    let judged = policy.raises(question);
    assert_eq!(matched(&raises), judged.iter().map(|raise| &*raise.id).collect());
    for trace in rules.iter().chain(&raises) {
        adds_up(trace);
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
