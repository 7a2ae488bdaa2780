//! What a decision leaves in the log.

use callgate_audit::{DecisionRecord, RecordedResource};
use callgate_policy::Rules;
use callgate_risk::Assessment;
use callgate_types::{Caller, Context, DecisionKind, ResourceName, ToolCall};

use crate::judged::Judged;
use crate::keeping::KeptCall;
use crate::list::List;
use crate::{Moment, Snapshot};

/// What was asked of the gate, and when.
pub(crate) struct Asked<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) call: &'a ToolCall,
    pub(crate) context: &'a Context,
    pub(crate) moment: Moment,
    /// The record of the decision that is judged again.
    pub(crate) rejudges: Option<u64>,
    /// The approval that is asked for, or by which the call may run.
    pub(crate) approval: Option<Box<str>>,
}

impl<'a> Asked<'a> {
    pub(crate) const fn new(
        caller: &'a Caller,
        call: &'a ToolCall,
        context: &'a Context,
        moment: Moment,
    ) -> Self {
        Self {
            caller,
            call,
            context,
            moment,
            rejudges: None,
            approval: None,
        }
    }
}

/// Puts the record of `judged` together, but for how safe it must be, and hands it to `append`.
pub(crate) fn with_record<R>(
    snapshot: &Snapshot,
    judged: &Judged<'_>,
    asked: &Asked<'_>,
    kept: &KeptCall<'_>,
    append: impl FnOnce(&mut DecisionRecord<'_>) -> R,
) -> R {
    let nowhere = RecordedResource::new(ResourceName::new("", None), None);
    let mut resources = List::<_, 4>::new(nowhere);
    for named in judged.resources.as_slice() {
        resources.push(RecordedResource::new(named.name, named.facts));
    }
    let (mut matched, mut observed) = (List::<_, 8>::new(""), List::<_, 4>::new(""));
    if let Some(rules) = &judged.rules {
        push_ids(&mut matched, rules.permits());
        if rules.first_ask().is_some() {
            push_ids(&mut matched, rules.asks());
        }
        if rules.first_forbid().is_some() {
            push_ids(&mut matched, rules.forbids());
        }
        push_ids(&mut observed, rules.observed());
    }

    let mut record = DecisionRecord::new(
        asked.moment.now,
        asked.call,
        asked.caller,
        asked.context,
        judged.decision,
        judged.code(),
        snapshot.digest(),
    );
    record.arguments = kept.arguments;
    record.apart = &kept.apart;
    record.prompt = kept.prompt;
    record.definition = asked.call.definition_digest().copied();
    record.resources = resources.as_slice();
    record.rule = judged.rule();
    record.observed = judged.observed;
    record.matched = matched.as_slice();
    record.observed_rules = observed.as_slice();
    record.tier = judged.tier();
    record.factors = judged.assessment.as_ref().map_or(&[], Assessment::factors);
    record.friction = (judged.decision == DecisionKind::Ask).then_some(&judged.friction);
    let approval = asked.approval.as_deref();
    record.approvals = approval.as_slice();
    record.obligations = judged.obligations();
    record.rejudges = asked.rejudges;
    // Of an allow, the rule says it all; and no text is made where none is needed.
    let message = (judged.decision != DecisionKind::Allow).then(|| judged.message());
    record.message = message.as_deref();
    append(&mut record)
}

fn push_ids<'a, const N: usize>(ids: &mut List<&'a str, N>, rules: Rules<'_, 'a>) {
    for rule in rules {
        ids.push(&rule.id);
    }
}
