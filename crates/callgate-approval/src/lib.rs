//! Who else must agree to a tool call: approvals, their life, and where they are kept.
//!
//! An [`Approval`] is a question about one call, exactly: its [`binding`] is a digest of all that
//! the call is. It is asked, answered by people who are neither the caller nor anybody behind it,
//! claimed by a permit, and consumed when the call begins, once. Each of these is a pure function from
//! one approval to the next ([`Step`]); an [`ApprovalStore`] takes a step if nobody was faster and its
//! own clock agrees. What happens when is specified in `docs/spec/approvals.md`.
//!
//! This crate judges no call and records nothing: what asks, resumes and writes the log is the
//! gate. It reads no clock, and knows no policy.
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//!
//! use callgate_approval::{
//!     Answer, Approval, ApprovalId, ApprovalStore, MemoryApprovals, Opened, Question, Taken, preview,
//! };
//! use callgate_types::{Approver, ApproverGroup, Caller, Context, Friction, Principal, ToolCall};
//!
//! let person = |id: &str, role: &str| {
//!     Principal::asserted(id.parse().unwrap()).member_of("acme", [role])
//! };
//! let alice = Caller::of(person("user:alice", "support")).in_tenant("acme")?;
//! let bob = Caller::of(person("user:bob", "lead")).in_tenant("acme")?;
//! let call = ToolCall::from_text("refund", r#"{"amount": 80}"#);
//! let mut friction = Friction::NONE;
//! friction.approvals = vec![ApproverGroup::new(vec![Approver::Role("lead".into())], 1)];
//!
//! let context = Context::new();
//! let shown = preview(&alice, &call, &context, &[], &|_| false)?;
//! let question = Question::new(&alice, &call, &context, &friction, Vec::new(), &shown)?;
//! let store = MemoryApprovals::new(chrono::Utc::now);
//! let hour = Duration::from_secs(3_600);
//! let asked = Approval::new(ApprovalId::from_bytes([1; 16]), question, chrono::Utc::now(), hour);
//! assert_eq!(store.open(&asked, None)?, Opened::New);
//!
//! let answer = Answer::approve(asked.question.preview_digest());
//! let step = asked.answer(chrono::Utc::now(), &bob, &|_| false, answer)?;
//! assert_eq!(store.take(&step)?, Taken::Yes);
//! assert!(step.next.is_complete());
//!
//! // Nobody approves their own call.
//! assert!(asked.answer(chrono::Utc::now(), &alice, &|_| false, answer).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod approval;
mod as_text;
mod assignment;
mod demands;
mod id;
pub mod limit;
mod memory;
mod preview;
mod question;
mod shared;
pub mod standing;
mod store;
#[cfg(feature = "testkit")]
pub mod testkit;

pub use answer::{Answer, Answered, Unfit};
pub use approval::{Approval, Claim, State, Step, Stopped, Withdrawn};
pub use demands::{Bound, Demands, Eligible, Group, Proof, Step as Rung};
pub use id::{ApprovalId, ParseApprovalIdError};
pub use memory::MemoryApprovals;
pub use preview::{MAX_PREVIEW, PreviewError, preview, show_dry_run};
pub use question::{
    BoundCall, DryRun, Ground, GroundKind, PersonUnknown, Question, binding, bound_to,
};
pub use store::{
    Allowance, ApprovalStore, Found, Listed, Listing, Loaded, Look, Opened, StoreError, Taken,
};
