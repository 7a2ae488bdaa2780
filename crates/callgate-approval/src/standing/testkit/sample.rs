//! Standing approvals to try a store with.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::demands::{Bound, Demands, Eligible, Group};
use crate::standing::{Given, StandingApproval, StandingApprovalStore, StandingBounds, Whose};
use crate::testkit::kit::Finding;
use crate::testkit::sample::{done, question, unique_id, user};
use crate::{ApprovalId, State};

/// What tells one sample from another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) tenant: &'static str,
    pub(super) subject: &'static str,
    pub(super) tool: &'static str,
    pub(super) uses: u64,
    pub(super) time: Duration,
}

impl Sample {
    /// Two uses, for long.
    pub(super) const PLAIN: Self = Self {
        tenant: "acme",
        subject: "alice",
        tool: "tool 'x'; --",
        uses: 2,
        time: crate::testkit::sample::LONG,
    };

    /// One that nobody has answered.
    pub(super) fn asked(
        &self,
        store: &impl StandingApprovalStore,
    ) -> Result<StandingApproval, Finding> {
        let mut question = question(self.tenant, self.subject, "standing")?;
        question.tool = self.tool.into();
        question.demands = Demands {
            standing: Some(Bound {
                uses: u64::MAX,
                within_ms: u64::MAX,
            }),
            groups: vec![Group {
                from: vec![Eligible::Role("lead".into())],
                count: 1,
                ladder: Vec::new(),
            }],
            ..Demands::default()
        };
        let when = "{\"arguments/a\": {\"equals\": \"\\u202e'\u{1f600}\"}}";
        let bounds = StandingBounds::new(self.uses, self.time).matching(when);
        let from = ApprovalId::from_bytes([0xfe; 16]);
        StandingApproval::new(unique_id(), from, &question, &bounds, now(store)?)
            .map_err(|error| Finding::new("a standing approval", error))
    }

    /// One that is approved, and recorded.
    pub(super) fn approved(
        &self,
        store: &impl StandingApprovalStore,
    ) -> Result<StandingApproval, Finding> {
        let mut asked = self.asked(store)?;
        asked.approval.state = State::Approved;
        Ok(asked)
    }

    /// As that, and given to the store.
    pub(super) fn given(
        &self,
        store: &impl StandingApprovalStore,
    ) -> Result<StandingApproval, Finding> {
        let approved = self.approved(store)?;
        give(store, &approved)?;
        Ok(approved)
    }
}

pub(super) fn give(
    store: &impl StandingApprovalStore,
    new: &StandingApproval,
) -> Result<(), Finding> {
    match done(store.give(new))? {
        Given::New => Ok(()),
        Given::TooMany => Err(Finding::new("that it is new", Given::TooMany)),
    }
}

pub(super) fn now(store: &impl StandingApprovalStore) -> Result<DateTime<Utc>, Finding> {
    let nobody = user("nobody")?;
    let whose = Whose::new(None, &nobody, "nothing");
    done(store.find(&whose)).map(|found| found.now)
}
