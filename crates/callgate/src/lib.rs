//! An authorization gate that a host calls before any tool of an AI agent is run.
//!
//! [`Gate::authorize`] answers about every single call: who is asking and for whom, whether this
//! tool may run with these arguments on this target, how dangerous that is and who else must
//! agree; and it has written what was decided into an append-only, hash-chained log before it
//! gives out a [`Permit`]. No tool runs without the permit; **every doubt is a denial**.
//!
//! The gate decides what may run. It is no sandbox: how a tool runs, and what a tool does that
//! is called past the gate, is the host's affair. It asks no model, opens no connection, and
//! keeps no thread but those in which the host's broker issues credentials, and one that looks at a
//! store of [standing] where it is given one.
//!
//! # Examples
//!
//! ```
//! use callgate::{
//!     Authorized, Caller, Context, Decision, Gate, MemorySink, Principal, ToolCall,
//! };
//!
//! let policy = callgate::parse_policy(
//!     r#"
//!     format = 1
//!     name = "desk"
//!
//!     [roles]
//!     support = { scopes = ["ticket:read"] }
//!
//!     [actors.support-bot]
//!     scopes = ["ticket:read"]
//!
//!     [tools.read_ticket]
//!     access = "read"
//!     scope = "ticket:read"
//!     [tools.read_ticket.arguments]
//!     "/id" = { integer = { at_least = 1 } }
//!
//!     [[rules]]
//!     id = "support-reads"
//!     effect = "permit"
//!     roles = ["support"]
//!     tools = ["read_ticket"]
//!     "#,
//!     "desk.toml",
//! )?;
//! let gate = Gate::builder().policy(policy).audit(MemorySink::new()).build()?;
//!
//! let alice = Principal::asserted("user:alice".parse()?).member_of("acme", ["support"]);
//! let bot = Principal::asserted("agent:support-bot".parse()?);
//! let caller = Caller::of(alice).acting(bot).in_tenant("acme")?;
//!
//! let call = ToolCall::from_text("read_ticket", r#"{"id": 17}"#);
//! let Decision::Allow(permit) = gate.authorize(&caller, call, &Context::new()) else {
//!     return Err("not allowed".into());
//! };
//! let ran = permit.run(|call: &Authorized<'_>| {
//!     Ok::<_, std::fmt::Error>(format!("ticket {}", call.arguments().text()))
//! })?;
//! assert_eq!(ran.released(), r#""ticket {\"id\": 17}""#);
//!
//! let call = ToolCall::from_text("read_ticket", r#"{"id": 17, "id": 18}"#);
//! let Decision::Deny(denial) = gate.authorize(&caller, call, &Context::new()) else {
//!     return Err("a key that stands twice was let through".into());
//! };
//! assert_eq!(denial.code().as_str(), "invalid_arguments");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod authorize;
mod authorized;
mod brokering;
mod build;
mod cabinet;
mod call_ids;
mod cause;
mod clock;
mod code_words;
mod consent;
mod current;
mod demands;
mod denial;
mod dry_run;
mod effects;
mod erasing;
mod explain;
mod gate;
mod good_standing;
#[cfg(feature = "biscuit")]
mod granted;
mod held;
mod host;
#[cfg(feature = "biscuit")]
mod issuing;
mod judge;
mod judged;
mod keeping;
mod ledger;
mod limits;
mod list;
mod load;
mod meanings;
mod meter;
mod not_begun;
mod permit;
mod policy_file;
mod ran;
mod record;
mod reply;
mod rule_words;
mod running;
mod salts;
mod sealing;
mod setting;
mod snapshot;
mod tool;
#[cfg(doctest)]
mod unforgeable;
mod why;

pub use callgate_approval as approval;
pub use callgate_audit as audit;
pub use callgate_identity as identity;
#[cfg(feature = "biscuit")]
pub use callgate_identity::capability;
#[cfg(feature = "jwt")]
pub use callgate_identity::jwt;
pub use callgate_identity::standing;
pub use callgate_policy as policy;

pub use authorized::Authorized;
pub use brokering::NoBroker;
pub use build::{BuildError, GateBuilder};
pub use callgate_approval::{
    Answer as ApprovalAnswer, Approval, ApprovalId, ApprovalStore, MemoryApprovals,
    State as ApprovalState,
};
pub use callgate_audit::{
    AppendError as AuditError, AuditSink, FileSink, MemorySink, NotBegunReason, SinkError,
};
pub use callgate_identity::{
    BrokerError, CredentialBroker, CredentialError, CredentialRequest, Secret, ToolCredential,
    UnfitCredential, UnverifiedCredential,
};
pub use callgate_policy::{
    Answer, Change, ConditionTrace, Diagnostic, Diagnostics, Found, Needed, Position,
    SelectorTrace, Severity, StatementTrace,
};
pub use callgate_types::{
    Approver, ApproverGroup, Arguments, AssertedBy, AssertedCaller, AssertedPrincipal, CallFault,
    Caller, CallerBuilder, CallerError, Code, Context, Cut, DecisionKind, Definition, Delegation,
    DelegationFault, Digest, Facts, Friction, Json, JsonError, JsonKind, JsonRef, Method, Number,
    Principal, PrincipalId, PrincipalKind, RefusedArguments, Resource, ResourceDirectory,
    ResourceName, RiskTier, ToolCall, Verification,
};
pub use clock::{Clock, Moment, SystemClock};
pub use consent::{ConsentError, Parked};
pub use denial::{Denial, Pending};
pub use explain::{Explanation, Step};
pub use gate::{Decision, Gate, SetPolicyError};
pub use good_standing::{BeginTaskError, Informed, LiftError, RestrictError};
#[cfg(feature = "biscuit")]
pub use issuing::IssueCapabilityError;
pub use judged::Judged;
pub use limits::NoLimits;
pub use load::{Expected, LoadError, Tested, load_policy, parse_policy, parse_policy_json};
pub use not_begun::NotBegun;
pub use permit::Permit;
pub use policy_file::PolicyFile;
pub use ran::{Ran, Released};
pub use reply::Reply;
pub use running::Running;
pub use snapshot::{NoTexts, Snapshot};
pub use tool::{Tool, ToolError};

/// The example of the README is compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// The programs of the guide are compiled, too; the rest of it is tried with the program.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/approvals.md")]
#[doc = include_str!("../../../docs/guides/limits.md")]
#[doc = include_str!("../../../docs/guides/read-the-log.md")]
#[doc = include_str!("../../../docs/guides/tool-credentials.md")]
#[doc = include_str!("../../../docs/guides/write-a-policy.md")]
struct Guide;

#[cfg(all(doctest, feature = "biscuit"))]
#[doc = include_str!("../../../docs/guides/capability-tokens.md")]
struct CapabilityGuide;

#[cfg(all(doctest, feature = "jwt"))]
#[doc = include_str!("../../../docs/guides/identity.md")]
struct IdentityGuide;
