//! Approvals of calls to come.
//!
//! A [`StandingApproval`] is given by the people who are asked about one call, for calls like it: of
//! the same tool and caller, with [the same arguments or such of which a condition holds](Arguments),
//! until a time, and so many times. It **carries** a call that would be asked about again for the same
//! reasons, and a use of it is **spent** when that call begins. The policy's author says for which
//! calls one may be given at all, and how far it may go.
//!
//! What it is good for, and what it never is, is specified in `docs/spec/approvals.md`.
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//!
//! use callgate_approval::standing::{
//!     MemoryStandingApprovals, Spent, StandingApproval, StandingApprovalStore, StandingBounds,
//! };
//! use callgate_approval::{Answer, ApprovalId, Question, preview};
//! use callgate_types::{
//!     Approver, ApproverGroup, Caller, Context, Friction, Principal, StandingBound, ToolCall,
//! };
//!
//! let person = |id: &str, role: &str| {
//!     Principal::asserted(id.parse().unwrap()).member_of("acme", [role])
//! };
//! let alice = Caller::of(person("user:alice", "support")).in_tenant("acme")?;
//! let bob = Caller::of(person("user:bob", "lead")).in_tenant("acme")?;
//! let call = ToolCall::from_text("refund", r#"{"amount": 80}"#);
//! let hours = |count: u64| Duration::from_secs(count * 3_600);
//! let mut friction = Friction::NONE;
//! friction.approvals = vec![ApproverGroup::new(vec![Approver::Role("lead".into())], 1)];
//! friction.standing = Some(Box::new(StandingBound::new(20, hours(8))));
//!
//! let context = Context::new();
//! let shown = preview(&alice, &call, &context, &[], &|_| false)?;
//! let question = Question::new(&alice, &call, &context, &friction, Vec::new(), &shown)?;
//! let from = ApprovalId::from_bytes([1; 16]);
//! let small = r#"{"arguments/amount": {"integer": {"at_most": 100}}}"#;
//! let bounds = StandingBounds::new(2, hours(1)).matching(small);
//! let now = chrono::Utc::now();
//! let mut new = StandingApproval::new(ApprovalId::from_bytes([2; 16]), from, &question, &bounds, now)?;
//! let seen = Answer::approve(new.approval.question.preview_digest());
//! new.approval = new.approval.answer(now, &bob, &|_| false, seen)?.next;
//!
//! let store = MemoryStandingApprovals::new(chrono::Utc::now);
//! store.give(&new)?;
//! assert!(new.covers(&alice, &call, &context, |when| when == small));
//! assert_eq!(store.spend(new.approval.id)?, Spent::Left(1));
//! assert_eq!(store.spend(new.approval.id)?, Spent::Left(0));
//! assert_eq!(store.spend(new.approval.id)?, Spent::UsedUp);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod approval;
mod bounds;
mod memory;
mod store;
#[cfg(feature = "testkit")]
pub mod testkit;

pub use approval::{Arguments, StandingApproval};
pub use bounds::{StandingBounds, Unbounded};
pub use memory::MemoryStandingApprovals;
pub use store::{Given, MOST, Spent, StandingApprovalStore, StandingListed, StandingLoaded, Whose};
