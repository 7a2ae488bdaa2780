//! What a decision leaves in the log.

use std::cell::OnceCell;
use std::slice;

use callgate_approval::{ApprovalId, BoundCall};
use callgate_audit::{
    DecisionRecord, LimitEffect, LimitKey, LimitReachedRecord, RecordedResource, Window,
};
use callgate_policy::Judgement;
use callgate_policy::document::{LimitWindow, OnExceed};
use callgate_types::{Caller, Context, Decimal, DecisionKind, Digest, ResourceName, ToolCall};

use crate::judged::{Judged, Resources};
use crate::keeping::KeptCall;
use crate::limits::Over;
use crate::list::List;
use crate::rule_words::RuleWords;
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
    /// What the call comes with besides its caller's authority; not changed once the call was bound.
    pub(crate) authority: Option<Digest>,
    bound: OnceCell<BoundCall>,
}

/// By what else a call may run than by its caller's authority.
#[derive(Clone, Copy, Default)]
pub(crate) struct By {
    /// The approval to go by, where the policy asks.
    pub(crate) resumed: Option<ApprovalId>,
    /// The digest of the token that the call comes with.
    pub(crate) authority: Option<Digest>,
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
            authority: None,
            bound: OnceCell::new(),
        }
    }

    /// What an approval of this call is bound to.
    pub(crate) fn bound(&self) -> BoundCall {
        *self.bound.get_or_init(|| {
            let bound = BoundCall::of(self.caller, self.call, self.context);
            match &self.authority {
                Some(authority) => bound.on(authority),
                None => bound,
            }
        })
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
    let (resources, several);
    let (matched, observed): (&[&str], &[&str]) = match (&judged.rules, &judged.rule) {
        (None, _) => (&[], &[]),
        // Most calls match one rule alone, which decides.
        (Some(rules), Some(rule)) if rules.count() == 1 => (slice::from_ref(rule), &[]),
        (Some(rules), _) => {
            several = Several::of(&snapshot.words, rules);
            (several.matched.as_slice(), several.observed.as_slice())
        }
    };

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
    record.arguments_digest = asked.bound.get().map(|bound| bound.arguments);
    record.apart = &kept.apart;
    record.prompt = kept.prompt;
    record.definition = asked.call.definition_digest().copied();
    if !judged.resources.is_empty() {
        resources = recorded(&judged.resources);
        record.resources = resources.as_slice();
    }
    record.rule = judged.rule();
    record.observed = judged.observed;
    record.matched = matched;
    record.observed_rules = observed;
    record.tier = judged.tier();
    record.factors = judged.factors();
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

/// Puts the record together of a limit that a call exceeded, which the decision `seq` is about,
/// and hands it to `append`.
pub(crate) fn with_limit_record(
    over: &Over<'_>,
    asked: &Asked<'_>,
    seq: u64,
    append: impl FnOnce(&LimitReachedRecord<'_>),
) {
    let limit = over.one.limit();
    let at_most = Decimal::from(limit.at_most);
    let used = over.used.map(Decimal::from);
    let wanted = over.one.amount().map(Decimal::from);
    let parts: Vec<_> = over.one.parts().collect();
    let key = parts.iter();
    let key = key.map(|(name, value)| LimitKey::new(name, value.as_deref()));
    let key: Vec<LimitKey<'_>> = key.collect();
    let mut record = LimitReachedRecord::new(asked.moment.now, &limit.id, &at_most);
    record.decision_seq = Some(seq);
    record.key = &key;
    record.window = match limit.window {
        Some(LimitWindow::Fixed(length)) => Some(Window::Fixed(length)),
        Some(LimitWindow::Sliding(length)) => Some(Window::Sliding(length)),
        _ => None,
    };
    record.used = used.as_ref();
    record.wanted = wanted.as_ref();
    record.unit = over.one.unit();
    record.effect = match limit.on_exceed {
        OnExceed::Ask => LimitEffect::Ask,
        _ => LimitEffect::Deny,
    };
    append(&record);
}

/// The ids of the rules that matched, where they are several.
struct Several<'a> {
    matched: List<&'a str, 8>,
    observed: List<&'a str, 4>,
}

impl<'a> Several<'a> {
    fn of(words: &'a RuleWords, rules: &Judgement<'a>) -> Self {
        let (matched, observed) = (List::new(""), List::new(""));
        let mut several = Self { matched, observed };
        for of_effect in [rules.permits(), rules.asks(), rules.forbids()] {
            for (number, rule) in of_effect.numbered() {
                several.matched.push(words.id(number, rule));
            }
        }
        for (number, rule) in rules.observed().numbered() {
            several.observed.push(words.id(number, rule));
        }
        several
    }
}

fn recorded<'a>(resources: &Resources<'a>) -> List<RecordedResource<'a>, 4> {
    let nowhere = RecordedResource::new(ResourceName::new("", None), None);
    let mut recorded = List::new(nowhere);
    for named in resources.as_slice() {
        recorded.push(RecordedResource::new(named.name, named.facts));
    }
    recorded
}
