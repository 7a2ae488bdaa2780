//! What a decision leaves in the log.

use callgate_audit::{DecisionRecord, RecordedResource};
use callgate_risk::Assessment;
use callgate_types::{
    Caller, Context, DecisionKind, Factor, FactorSource, ResourceName, RiskTier, ToolCall,
};
use chrono::DateTime;

use crate::Snapshot;
use crate::judged::Judged;
use crate::keeping::KeptCall;
use crate::list::List;

/// Puts the record of `judged` together, but for its time and how safe it must be, and hands it
/// to `append`.
pub(crate) fn with_record<R>(
    snapshot: &Snapshot,
    judged: &Judged<'_>,
    caller: &Caller,
    call: &ToolCall,
    context: &Context,
    kept: &KeptCall<'_>,
    append: impl FnOnce(&mut DecisionRecord<'_>) -> R,
) -> R {
    let nowhere = RecordedResource::new(ResourceName::new("", None), None);
    let mut resources = List::<_, 4>::new(nowhere);
    let named = judged.resources.as_slice().iter();
    resources.extend(named.map(|named| RecordedResource::new(named.name, named.facts)));

    let nothing = Factor::new(FactorSource::Tool, "", RiskTier::ReadOnly);
    let mut factors = List::<_, 4>::new(nothing);
    factors.extend(judged.assessment.iter().flat_map(Assessment::factors));

    let (mut matched, mut observed) = (List::<_, 8>::new(""), List::<_, 4>::new(""));
    if let Some(rules) = &judged.rules {
        let all = rules.permits().chain(rules.asks()).chain(rules.forbids());
        matched.extend(all.map(|rule| &*rule.id));
        observed.extend(rules.observed().map(|rule| &*rule.id));
    }

    let mut record = DecisionRecord::new(
        DateTime::UNIX_EPOCH,
        call,
        caller,
        context,
        judged.decision,
        judged.code(),
        snapshot.digest(),
    );
    record.arguments = kept.arguments;
    record.apart = &kept.apart;
    record.prompt = kept.prompt;
    record.definition = call.definition_digest().copied();
    record.resources = resources.as_slice();
    record.rule = judged.rule();
    record.observed = judged.observed;
    record.matched = matched.as_slice();
    record.observed_rules = observed.as_slice();
    record.tier = judged.tier();
    record.factors = factors.as_slice();
    record.friction = (judged.decision == DecisionKind::Ask).then_some(&judged.friction);
    record.obligations = judged.obligations();
    // Of an allow, the rule says it all; and no text is made where none is needed.
    let message = (judged.decision != DecisionKind::Allow).then(|| judged.message());
    record.message = message.as_deref();
    append(&mut record)
}
