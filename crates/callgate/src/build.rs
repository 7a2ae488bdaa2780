//! Putting a gate together.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use callgate_approval::limit::{LimitStore, MemoryLimits};
use callgate_approval::standing::StandingApprovalStore;
use callgate_approval::{Allowance, ApprovalStore};
use callgate_audit::texts::TextStore;
use callgate_audit::{AuditSink, JournalOptions, OpenError, Signer, SinkError};
use callgate_identity::CredentialBroker;
use callgate_identity::standing::{StandingStore, StoreError};
use callgate_types::ResourceDirectory;

use crate::brokering::{Brokering, NoBroker};
use crate::cabinet::Cabinet;
use crate::call_ids::CallIds;
use crate::clock::{Clock, SystemClock};
use crate::consent::{self, Conditions, Consent, Ids, Keeper, StandingKeeper};
use crate::current::Current;
use crate::dry_run::DryRuns;
use crate::gate::{Gate, Inner};
use crate::good_standing::{self, Watch};
use crate::host::Host;
use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::{AuditError, NoLimits, NoTexts, Snapshot};

/// How long a call waits for its record to be in safety, unless the host says otherwise.
const DEADLINE: Duration = Duration::from_secs(5);

/// How long a call waits for the credential of its tool, unless the host says otherwise.
const BROKER_DEADLINE: Duration = Duration::from_secs(5);

/// How long the credential of a tool may live, unless the host says otherwise.
const CREDENTIAL_LIFE: Duration = Duration::from_secs(300);

/// How long a permit may be held before it begins, unless the host says otherwise.
const PERMIT_EXPIRY: Duration = Duration::from_secs(60);

/// Collects what a gate is made of; see [`Gate::builder`].
#[must_use]
pub struct GateBuilder {
    policy: Option<Snapshot>,
    sink: Option<Arc<dyn AuditSink>>,
    journal: JournalOptions,
    texts: Option<Arc<dyn TextStore>>,
    host: Host,
    directory: Option<Box<dyn ResourceDirectory>>,
    limits: LimitsIn,
    clock: Option<Arc<dyn Clock>>,
    standing: good_standing::Options,
    approvals: Option<Arc<dyn ApprovalStore>>,
    standing_approvals: Option<Arc<dyn StandingApprovalStore>>,
    approval_time: Duration,
    allowance: Option<Allowance>,
    deadline: Duration,
    permit_expiry: Duration,
    broker: Option<Box<dyn CredentialBroker>>,
    broker_deadline: Duration,
    credential_life: Duration,
}

impl fmt::Debug for GateBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GateBuilder")
            .field("policy", &self.policy)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

impl GateBuilder {
    pub(crate) fn new() -> Self {
        Self {
            policy: None,
            sink: None,
            journal: JournalOptions::new(),
            texts: None,
            host: Host::new(),
            directory: None,
            approvals: None,
            standing_approvals: None,
            approval_time: consent::OPEN,
            allowance: Some(consent::ALLOWANCE),
            limits: LimitsIn::Nothing,
            clock: None,
            standing: good_standing::Options::new(),
            deadline: DEADLINE,
            permit_expiry: PERMIT_EXPIRY,
            broker: None,
            broker_deadline: BROKER_DEADLINE,
            credential_life: CREDENTIAL_LIFE,
        }
    }

    /// The policy that decides. Needed.
    pub fn policy(mut self, policy: Snapshot) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Where records go. Needed: there is no gate without a log.
    pub fn audit(self, sink: impl AuditSink + 'static) -> Self {
        self.audit_shared(Arc::new(sink))
    }

    /// Where records go, for a host that keeps a hand on its sink.
    pub fn audit_shared(mut self, sink: Arc<dyn AuditSink>) -> Self {
        self.sink = Some(sink);
        self
    }

    /// The log is signed by `signer`, the name of whose key is the origin of the log.
    ///
    /// A checkpoint is written with the records, every 1 000 of them or 100 ms, and by
    /// [`Gate::checkpoint`]. A signer that fails stops no call: [`Gate::sealed`] tells.
    ///
    /// # Examples
    ///
    #[cfg_attr(feature = "ed25519", doc = "```")]
    #[cfg_attr(not(feature = "ed25519"), doc = "```ignore")]
    /// use callgate::audit::{Ed25519Signer, MemorySink};
    /// use callgate::{Gate, parse_policy};
    ///
    /// # let text = "format = 1\nname = \"desk\"\n[tools.look]\naccess = \"read\"\n[[rules]]\nid = \"look\"\neffect = \"permit\"\ntools = [\"look\"]\n";
    /// // 32 random bytes that were made once and are kept where the log is not.
    /// let signer = Ed25519Signer::new("desk.example/log", [7; 32])?;
    /// let gate = Gate::builder()
    ///     .policy(parse_policy(text, "policy.toml")?)
    ///     .audit(MemorySink::new())
    ///     .signer(signer)
    ///     .build()?;
    /// let note = gate.checkpoint()?;
    /// assert_eq!(note.origin(), "desk.example/log");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn signer(mut self, signer: impl Signer + 'static) -> Self {
        self.journal = self.journal.signer(Arc::new(signer));
        self
    }

    /// Where the clear texts go of which the log keeps commitments; they can be erased there
    /// without touching the log. Without a store the log keeps digests instead, and a policy that
    /// asks for commitments does not load.
    pub fn texts(self, store: impl TextStore + 'static) -> Self {
        self.texts_shared(Arc::new(store))
    }

    /// As [`GateBuilder::texts`], for a host that keeps a hand on its store.
    pub fn texts_shared(mut self, store: Arc<dyn TextStore>) -> Self {
        self.texts = Some(store);
        self
    }

    /// Issues the credentials that tools need of their own. A policy that names one which `broker`
    /// does not know does not come into force.
    ///
    /// The broker is asked when a call begins, and told when it has ended.
    pub fn broker(mut self, broker: impl CredentialBroker + 'static) -> Self {
        self.broker = Some(Box::new(broker));
        self
    }

    /// How long a call that begins, or has ended, waits for the broker; 5 s by default. What is
    /// issued later is taken back, and the call does not begin.
    pub const fn broker_deadline(mut self, deadline: Duration) -> Self {
        self.broker_deadline = deadline;
        self
    }

    /// How long the credential of a tool may live at most, and never longer than its caller; 5 min
    /// by default.
    pub const fn credentials_live_at_most(mut self, life: Duration) -> Self {
        self.credential_life = life;
        self
    }

    /// The host meets this obligation. A call that comes with one it does not meet is denied.
    pub fn handles(mut self, obligation: &str) -> Self {
        self.host.handles(obligation);
        self
    }

    /// Runs calls whatever the policy decides, and records what it would have decided: for
    /// trying a policy out on live calls before it is in force.
    ///
    /// **While this is on, the policy protects nothing.** What stays denied: calls and arguments
    /// that are not acceptable, unknown tools and callers, call ids that were used, obligations
    /// that the host does not meet, and everything while the log cannot be written.
    pub fn dangerous_observe_only(mut self) -> Self {
        self.host.observes = true;
        self
    }

    /// Looks up the facts of resources that a call's context does not hold.
    pub fn directory(mut self, directory: impl ResourceDirectory + 'static) -> Self {
        self.directory = Some(Box::new(directory));
        self
    }

    /// Where approvals are kept: with it, a call that is asked about can be answered and
    /// [resumed](Gate::resume). Several processes may share one store.
    ///
    /// A call that is asked about waits for the store, and no other call does.
    pub fn approvals(self, store: impl ApprovalStore + 'static) -> Self {
        self.approvals_shared(Arc::new(store))
    }

    /// As [`GateBuilder::approvals`], for a host that keeps a hand on its store.
    pub fn approvals_shared(mut self, store: Arc<dyn ApprovalStore>) -> Self {
        self.approvals = Some(store);
        self
    }

    /// Where standing approvals are kept: with it, people can
    /// [approve calls to come](Gate::give_standing). Several processes may share one store. It needs one
    /// of [approvals](GateBuilder::approvals) beside it.
    pub fn standing_approvals(self, store: impl StandingApprovalStore + 'static) -> Self {
        self.standing_approvals_shared(Arc::new(store))
    }

    /// As [`GateBuilder::standing_approvals`], for a host that keeps a hand on its store.
    pub fn standing_approvals_shared(mut self, store: Arc<dyn StandingApprovalStore>) -> Self {
        self.standing_approvals = Some(store);
        self
    }

    /// How long an approval is open where the policy does not say; one hour by default, 90 days at
    /// most.
    pub const fn approval_time(mut self, time: Duration) -> Self {
        self.approval_time = time;
        self
    }

    /// How many approvals one subject of a tenant may ask for within a time; what is more is denied
    /// with `too_many_asks`, so that people who answer go on reading. 60 an hour by default; `None` is
    /// no bound.
    pub const fn asks_at_most(mut self, allowance: Option<Allowance>) -> Self {
        self.allowance = allowance;
        self
    }

    /// Where it is kept how much of the limits of the policy is used. Without a store, a policy with
    /// limits does not load.
    ///
    /// `authorize` and `begin` wait for it, up to the [deadline](GateBuilder::deadline), where a limit
    /// is about the call; a call that it gives no answer about is denied.
    pub fn limits(self, store: impl LimitStore + 'static) -> Self {
        self.limits_shared(Arc::new(store))
    }

    /// As [`GateBuilder::limits`], for a host that keeps a hand on its store.
    pub fn limits_shared(mut self, store: Arc<dyn LimitStore>) -> Self {
        self.limits = LimitsIn::Store(store);
        self
    }

    /// How much of the limits is used is kept in memory, by the clock of the gate: for one process,
    /// for as long as it lives. Nothing waits for it.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate::{Caller, Context, Decision, Gate, MemorySink, ToolCall};
    ///
    /// let policy = callgate::parse_policy(
    ///     r#"
    ///     format = 1
    ///     name = "clock"
    ///     [tools.time]
    ///     access = "read"
    ///     scope = "none"
    ///     [[rules]]
    ///     id = "anyone"
    ///     effect = "permit"
    ///     tools = ["time"]
    ///     [[limits]]
    ///     id = "once-a-session"
    ///     count = 1
    ///     per = ["context/session"]
    ///     "#,
    ///     "clock.toml",
    /// )?;
    /// let gate = Gate::builder().policy(policy).audit(MemorySink::new()).limits_in_memory().build()?;
    /// let (caller, context) = (Caller::unknown(), Context::new().session("s-1"));
    /// let ask = || gate.authorize(&caller, ToolCall::from_text("time", "{}"), &context);
    ///
    /// let Decision::Allow(permit) = ask() else { return Err("the first call is allowed".into()) };
    /// assert_eq!(ask().code().as_str(), "limit_exceeded");
    /// drop(permit); // Not begun, so not counted.
    /// assert_eq!(ask().code().as_str(), "permitted");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn limits_in_memory(mut self) -> Self {
        self.limits = LimitsIn::Memory;
        self
    }

    /// Where the time comes from; by default, this machine.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Where tasks, revocations and quarantines are kept, in one order for all processes that share
    /// it. A thread of the gate's looks at it; no call waits for it.
    pub fn standing(self, store: impl StandingStore + 'static) -> Self {
        self.standing_shared(Arc::new(store))
    }

    /// As [`GateBuilder::standing`], for a host that keeps a hand on its store.
    pub fn standing_shared(mut self, store: Arc<dyn StandingStore>) -> Self {
        self.standing.store = Some(store);
        self
    }

    /// How old the last look at the store of standing may be; 1 s by default. What another process
    /// has revoked is in force here within that time; where the store does not answer for so long,
    /// every call is denied with `standing_unknown`.
    pub const fn freshness(mut self, bound: Duration) -> Self {
        self.standing.freshness = bound;
        self
    }

    /// Lets calls of tools that only read go on for up to `most` since the last look at the store of
    /// standing that went well. **What was revoked meanwhile may read for so long.**
    pub const fn dangerous_allow_cached_reads(mut self, most: Duration) -> Self {
        self.standing.cached_reads = Some(most);
        self
    }

    /// Denies calls that name no task. Without it, they are judged as if there were no tasks.
    pub const fn require_task(mut self) -> Self {
        self.standing.requires_task = true;
        self
    }

    /// How long a call waits for its record to be in safety; 5 s by default.
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How long a permit may be held before it begins; 60 s by default.
    pub const fn permit_expiry(mut self, expiry: Duration) -> Self {
        self.permit_expiry = expiry;
        self
    }

    /// The gate, once its log has taken the record that the policy is in force.
    ///
    /// # Errors
    ///
    /// Fails without a policy or a sink, where the sink cannot be written to, without a store
    /// of clear texts, a broker or a store of limits where the policy asks for one, and where the store
    /// of standing does not answer.
    pub fn build(mut self) -> Result<Gate, BuildError> {
        let policy = self.policy.ok_or(BuildError::NoPolicy)?;
        let sink = self.sink.ok_or(BuildError::NoSink)?;
        policy.check_texts(self.texts.is_some())?;
        let (within, life) = (self.broker_deadline, self.credential_life);
        let broker = self.broker;
        let broker = broker.map(|broker| Brokering::new(broker, within, life));
        policy.check_credentials(broker.as_ref())?;
        if self.standing_approvals.is_some() && self.approvals.is_none() {
            return Err(BuildError::NoApprovals);
        }
        let deadline = self.deadline;
        let cabinet = self.texts.map(|store| Cabinet::new(store, deadline));
        policy.check_limits(!matches!(self.limits, LimitsIn::Nothing))?;
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        let current = Arc::new(Current::new(policy));
        self.host.requires_task = self.standing.requires_task;
        let watch = match &self.standing.store {
            Some(store) => Some(Watch::start(
                Arc::clone(store),
                &self.standing,
                Arc::clone(&current),
                Arc::clone(&clock),
                broker.clone(),
            )?),
            None if self.standing.requires_task => return Err(BuildError::NoStanding),
            None => None,
        };
        let limits = match self.limits.store(&clock) {
            Some(store) => {
                let origin = random().ok_or(BuildError::NoRandomness)?;
                let clock = Arc::clone(&clock);
                let limits = Limits::new(store, clock, deadline, self.permit_expiry, origin);
                Some(Arc::new(limits))
            }
            None => None,
        };
        let consent = match self.approvals {
            Some(store) => Some(Consent {
                keeper: Keeper::new(store),
                ids: Ids::new().ok_or(BuildError::NoRandomness)?,
                standing: self.standing_approvals.map(StandingKeeper::new),
                conditions: Conditions::default(),
                open: self.approval_time,
                allowance: self.allowance,
            }),
            None => None,
        };
        let ledger = Ledger::open(Arc::clone(&sink), &self.journal, self.deadline)?;
        current
            .with(|policy, _| ledger.policy(policy, clock.now()))
            .map_err(BuildError::Record)?;
        Ok(Gate::from_inner(Inner {
            current,
            watch,
            ledger,
            sink,
            cabinet,
            host: self.host,
            directory: self.directory,
            consent,
            limits,
            clock,
            permit_expiry: self.permit_expiry,
            call_ids: CallIds::default(),
            dry_runs: DryRuns::default(),
            broker,
        }))
    }
}

/// Where it is kept how much of the limits is used.
enum LimitsIn {
    Nothing,
    Memory,
    Store(Arc<dyn LimitStore>),
}

impl LimitsIn {
    fn store(self, clock: &Arc<dyn Clock>) -> Option<Arc<dyn LimitStore>> {
        match self {
            Self::Nothing => None,
            Self::Memory => {
                let clock = Arc::clone(clock);
                Some(Arc::new(MemoryLimits::new(move || clock.now())))
            }
            Self::Store(store) => Some(store),
        }
    }
}

/// Bytes that no other gate begins the ids of its reservations with.
fn random() -> Option<[u8; 8]> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).ok().map(|()| bytes)
}

/// Why a gate could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No policy was given.
    #[error("a gate needs a policy")]
    NoPolicy,
    /// No sink was given.
    #[error("a gate needs a sink for its records")]
    NoSink,
    /// The policy asks for a store of clear texts, and none was given.
    #[error(transparent)]
    NoTexts(#[from] NoTexts),
    /// The policy asks for a credential that nobody issues.
    #[error(transparent)]
    NoBroker(#[from] NoBroker),
    /// There is a store of standing approvals, and none of approvals to give any of them from.
    #[error("a gate with standing approvals needs a store of approvals")]
    NoApprovals,
    /// Tasks are demanded, and there is no store of standing to begin them in.
    #[error("a gate that requires tasks needs a standing store")]
    NoStanding,
    /// The store of standing does not answer.
    #[error("the standing store cannot be used: {0}")]
    Standing(#[source] StoreError),
    /// The thread that looks at the store of standing could not be started.
    #[error("the thread that looks at the standing store cannot be started")]
    Thread(#[source] std::io::Error),
    /// The policy has limits, and no store for them was given.
    #[error(transparent)]
    NoLimits(#[from] NoLimits),
    /// The system gives no random numbers, which reservations are told apart by.
    #[error("the system gives no random numbers")]
    NoRandomness,
    /// The sink does not say where its chain ends.
    #[error("the audit sink cannot be used: {0}")]
    Sink(SinkError),
    /// The log cannot be signed by this signer.
    #[error("the audit log cannot be signed: {0}")]
    Signer(#[source] OpenError),
    /// The sink did not take the first record.
    #[error("the audit sink takes no records: {0}")]
    Record(AuditError),
}

impl From<OpenError> for BuildError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Sink(error) => Self::Sink(error),
            error => Self::Signer(error),
        }
    }
}
