//! Which records somebody wants to see.

use std::collections::HashSet;

use callgate_types::DecisionKind;
use chrono::{DateTime, Utc};

use super::{NameView, RecordView};

/// Which records somebody wants to see; by default all of them.
///
/// A record that follows a decision is wanted if that one is: the outcome of a call comes with
/// the call. `since` alone goes by the time of each record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filter {
    /// Calls in whose chain this principal stands, `user:alice`, as subject or actor.
    pub principal: Option<String>,
    /// Calls of this tool.
    pub tool: Option<String>,
    /// Calls that were decided so.
    pub decision: Option<DecisionKind>,
    /// Calls of this session.
    pub session: Option<String>,
    /// Records from this time on.
    pub since: Option<DateTime<Utc>>,
}

impl Filter {
    /// Everything.
    pub const fn new() -> Self {
        Self {
            principal: None,
            tool: None,
            decision: None,
            session: None,
            since: None,
        }
    }

    /// Whether only certain calls are wanted.
    pub const fn is_of_calls(&self) -> bool {
        self.principal.is_some()
            || self.tool.is_some()
            || self.decision.is_some()
            || self.session.is_some()
    }

    /// Whether `record` by itself is of a call that is wanted.
    fn names(&self, record: &RecordView<'_>) -> bool {
        let is = |key: &str, wanted: &Option<String>| {
            let found = record.name(key);
            wanted.as_deref().is_none_or(|wanted| named(found, wanted))
        };
        let principal = self.principal.as_deref().is_none_or(|wanted| {
            let keys = ["subject", "by", "approver", "issuer"];
            let named_by = keys.into_iter().filter_map(|key| record.principal(key));
            let mut all = named_by.chain(record.actors());
            all.any(|principal| principal.id.is(wanted)) || is("principal", &self.principal)
        });
        let decision = self.decision.is_none_or(|wanted| {
            let decided = record.decision().map(|decision| decision.decision);
            decided == Some(wanted)
        });
        principal && decision && is("tool", &self.tool) && is("session", &self.session)
    }
}

fn named(found: Option<NameView<'_>>, wanted: &str) -> bool {
    found.is_some_and(|name| name.is(wanted))
}

/// A filter at work: it remembers which decisions it let pass.
///
/// # Examples
///
/// ```
/// use callgate_audit::read::{Filter, RecordView, Sieve};
///
/// let zeros = "0".repeat(64);
/// let line = format!(
///     r#"{{"v":1,"kind":"gap","time":"2026-11-20T12:00:00.000000Z","durable":0,"lost":3,"seq":0,"prev":"{zeros}"}}"#
/// );
/// let record = RecordView::parse(line.as_bytes())?;
/// assert!(Sieve::new(Filter::new()).lets_pass(&record));
///
/// let mut filter = Filter::new();
/// filter.tool = Some("adjust_billing".into());
/// assert!(!Sieve::new(filter).lets_pass(&record));
/// # Ok::<(), callgate_audit::LineFault>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sieve {
    filter: Filter,
    /// Eight bytes a call that was let pass.
    decisions: HashSet<u64>,
    approvals: HashSet<Box<str>>,
}

impl Sieve {
    /// Nothing has passed yet.
    pub fn new(filter: Filter) -> Self {
        Self {
            filter,
            decisions: HashSet::new(),
            approvals: HashSet::new(),
        }
    }

    /// Whether `record` is wanted. Records come in the order of the log.
    pub fn lets_pass(&mut self, record: &RecordView<'_>) -> bool {
        let wanted = !self.filter.is_of_calls() || self.is_of_a_wanted_call(record);
        if wanted && self.filter.is_of_calls() {
            self.remember(record);
        }
        let since = self.filter.since;
        wanted && since.is_none_or(|since| record.time().is_some_and(|time| time >= since))
    }

    fn is_of_a_wanted_call(&self, record: &RecordView<'_>) -> bool {
        let follows = record.decision_seq();
        let approval = record.name("approval");
        follows.is_some_and(|seq| self.decisions.contains(&seq))
            || approval.is_some_and(|approval| self.approvals.contains(&*approval.text))
            || self.filter.names(record)
    }

    fn remember(&mut self, record: &RecordView<'_>) {
        if record.kind() == "decision" {
            self.decisions.insert(record.seq());
        }
        if record.kind() == "approval_asked"
            && let Some(approval) = record.name("approval")
        {
            self.approvals.insert(approval.text.into());
        }
    }
}
