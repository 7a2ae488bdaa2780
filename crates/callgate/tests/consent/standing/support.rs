//! A desk where leads may approve refunds to come.

use std::sync::Arc;
use std::time::Duration;

use callgate::approval::standing::{
    Given, MemoryStandingApprovals, Spent, StandingApproval, StandingApprovalStore, StandingBounds,
    StandingListed, StandingLoaded, Whose,
};
use callgate::approval::{Listing, Step, StoreError, Taken};
use callgate::{ApprovalId, Caller, ConsentError, Context, Decision, Gate, GateBuilder, ToolCall};

use crate::support::{Desk, POLICY, Trouble, alice, bob, context, refund};

/// The desk's policy, where the author lets leads approve three refunds ahead, for eight hours.
pub(super) fn policy() -> String {
    POLICY.replace(
        r#"[{ from = ["role:lead"] }]"#,
        r#"[{ from = ["role:lead"] }], standing = { uses = 3, within = "8h" }"#,
    )
}

pub(super) const SMALL: &str = r#"{"arguments/amount": {"integer": {"at_most": 100}}}"#;

pub(super) const HOUR: Duration = Duration::from_secs(3_600);

/// Two refunds of at most 100, within an hour.
pub(super) const fn two_small() -> StandingBounds<'static> {
    StandingBounds::new(2, HOUR).matching(SMALL)
}

/// A store that fails on demand.
#[derive(Clone)]
pub(super) struct ShakyStanding {
    pub(super) memory: Arc<MemoryStandingApprovals>,
    pub(super) trouble: Arc<Trouble>,
}

impl ShakyStanding {
    fn run<T>(&self, work: impl FnOnce(&MemoryStandingApprovals) -> T) -> Result<T, StoreError> {
        let (done, told) = self.trouble.next();
        match done.then(|| work(&self.memory)) {
            Some(result) if told => Ok(result),
            _ => Err(StoreError::new("no answer")),
        }
    }
}

impl StandingApprovalStore for ShakyStanding {
    fn give(&self, new: &StandingApproval) -> Result<Given, StoreError> {
        self.run(|store| store.give(new))?
    }

    fn load(&self, id: ApprovalId) -> Result<StandingLoaded, StoreError> {
        self.run(|store| store.load(id))?
    }

    fn find(&self, whose: &Whose<'_>) -> Result<StandingListed, StoreError> {
        self.run(|store| store.find(whose))?
    }

    fn take(&self, step: &Step) -> Result<Taken, StoreError> {
        self.run(|store| store.take(step))?
    }

    fn spend(&self, id: ApprovalId) -> Result<Spent, StoreError> {
        self.run(|store| store.spend(id))?
    }

    fn list(&self, what: &Listing<'_>) -> Result<StandingListed, StoreError> {
        self.run(|store| store.list(what))?
    }

    fn forget_dead(&self, since: Duration) -> Result<u64, StoreError> {
        self.run(|store| store.forget_dead(since))?
    }
}

/// A desk with a store of standing approvals.
pub(super) struct Ahead {
    pub(super) desk: Desk,
    pub(super) store: ShakyStanding,
}

impl Ahead {
    pub(super) fn new() -> Self {
        Self::with(&policy())
    }

    pub(super) fn with(policy: &str) -> Self {
        Self::built(policy, |builder| builder)
    }

    /// As that, with limits in memory.
    pub(super) fn limited(policy: &str) -> Self {
        Self::built(policy, GateBuilder::limits_in_memory)
    }

    fn built(policy: &str, change: impl FnOnce(GateBuilder) -> GateBuilder) -> Self {
        let hands = crate::support::Hands::default();
        let clock = hands.clone();
        let store = ShakyStanding {
            memory: Arc::new(MemoryStandingApprovals::new(move || clock.now())),
            trouble: Arc::default(),
        };
        let shared = store.clone();
        let desk = Desk::by(policy, hands, |builder| {
            change(builder.standing_approvals(shared))
        });
        Self { desk, store }
    }

    /// Another process, under a policy of its own: it shares the stores and the log.
    pub(super) fn under(&self, policy: &str) -> Self {
        let store = ShakyStanding {
            memory: Arc::clone(&self.store.memory),
            trouble: Arc::default(),
        };
        let shared = store.clone();
        let desk = self
            .desk
            .under_with(policy, |builder| builder.standing_approvals(shared));
        Self { desk, store }
    }

    pub(super) const fn gate(&self) -> &Gate {
        &self.desk.gate
    }

    /// What bob gives on the question about a large refund.
    pub(super) fn give(
        &self,
        bounds: &StandingBounds<'_>,
    ) -> Result<StandingApproval, ConsentError> {
        self.give_by(&bob(), bounds)
    }

    pub(super) fn give_by(
        &self,
        who: &Caller,
        bounds: &StandingBounds<'_>,
    ) -> Result<StandingApproval, ConsentError> {
        let asked = self.desk.ask(small(500)).approval();
        self.gate().give_standing(asked, who, bounds)
    }

    /// Two small refunds approved ahead.
    #[track_caller]
    pub(super) fn given(&self) -> StandingApproval {
        self.give(&two_small()).unwrap()
    }

    pub(super) fn call(&self, amount: u32) -> Decision {
        self.call_in(amount, &context())
    }

    pub(super) fn call_in(&self, amount: u32, context: &Context) -> Decision {
        self.gate().authorize(&alice(), small(amount), context)
    }

    pub(super) fn used(&self, id: ApprovalId) -> u64 {
        self.store.memory.load(id).unwrap().standing.unwrap().used
    }
}

pub(super) fn small(amount: u32) -> ToolCall {
    refund(&format!(r#"{{"amount": {amount}}}"#))
}
