//! Capability tokens: a narrow authority for one task that can travel.
//!
//! An issuer signs a [`Capability`] for a subject, a tenant and a task: which tools, with which
//! arguments, on which resources, until when. Whoever holds the [`CapabilityToken`] can
//! [narrow](CapabilityToken::attenuate) it without asking anybody, in another process and without a
//! key of the issuer's; **nobody can make it wider**. On the side of the gate [`Grants`] verifies a
//! token once and keeps the typed [`Grant`], which [allows](Grant::allows) a call or names the block
//! that does not.
//!
//! A token is a Biscuit with a vocabulary of its own, specified in `docs/spec/capability.md`. No
//! Datalog is run at any time: whatever is not in the vocabulary is refused.
//!
//! **A token without a holder is a bearer token**: who has it, has what it confers. Where that is
//! too little, name a [holder](Restrictions::holder) and ask for a proof with [`Challenges`].
//!
//! This module makes no keys, reads no clock and stores no revocation beyond memory: keys, nonces
//! and the time are passed in, and [`Revoked`] is a trait. A grant is no permit: the policy still has
//! to allow the call.
//!
//! # Examples
//!
//! ```
//! use std::sync::Arc;
//!
//! use callgate_identity::capability::{
//!     Bound, Capability, CapabilityToken, Grants, Restrictions, RevokedInMemory, Roots, SecretKey,
//!     Use,
//! };
//! use callgate_types::ToolCall;
//! use chrono::DateTime;
//!
//! # let random = |n: u8| std::array::from_fn(|at| (at as u8).wrapping_mul(7) ^ n);
//! # let now = DateTime::from_timestamp(1_796_115_600, 0).ok_or("no such time")?;
//! # let until = DateTime::from_timestamp(1_796_126_400, 0).ok_or("no such time")?;
//! // The orchestrator issues a token for a task.
//! let root = SecretKey::from_seed(random(1))?;
//! let reach = Restrictions::new()
//!     .tool("adjust_billing")
//!     .argument("adjust_billing", "/amount", Bound::AtMost("50".parse()?))
//!     .before(until);
//! let capability = Capability::new("user:alice".parse()?, "acme", "task-7", reach);
//! let token = capability.issue(1, &root, &SecretKey::from_seed(random(2))?)?;
//!
//! // An agent hands a narrower copy to another, offline.
//! let less = Restrictions::new().argument("adjust_billing", "/amount", Bound::AtMost("20".parse()?));
//! let copy = CapabilityToken::parse(token.as_str())?
//!     .attenuate(&less, &SecretKey::from_seed(random(3))?)?;
//!
//! // The gate's side resolves it; after the first time that is a look-up.
//! let roots = Roots::new().trust(1, root.public());
//! let grants = Grants::new(roots, Arc::new(RevokedInMemory::new()), 10_000);
//! let grant = grants.resolve(copy.as_str(), now)?;
//!
//! let asks = |amount: &str| ToolCall::from_text("adjust_billing", format!(r#"{{"amount": {amount}}}"#));
//! let (small, large) = (asks("19.99"), asks("20.01"));
//! let used = |call| Use::new(call, now).in_tenant("acme").for_task("task-7");
//! assert_eq!(grant.allows(&used(&small)), Ok(()));
//! let fault = grant.allows(&used(&large)).unwrap_err();
//! assert_eq!((fault.as_str(), fault.block()), ("argument_not_granted", Some(1)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod biscuit;
mod block;
mod bound;
mod envelope;
mod fault;
mod grant;
mod grants;
mod holder;
mod issue;
mod key;
mod restrictions;
mod revoked;
mod roots;
mod signature;
mod text;
mod token;
mod usage;
mod vocabulary;
mod wire;

pub use bound::{Bound, Scalar};
pub use fault::TokenFault;
pub use grant::Grant;
pub use grants::Grants;
pub use holder::{Challenge, Challenges, Possession, ProofFault};
pub use issue::{Capability, IssueError};
pub use key::{KeyError, PublicKey, SecretKey};
pub use restrictions::Restrictions;
pub use revoked::{RevocationDoubt, Revoked, RevokedInMemory};
pub use roots::Roots;
pub use signature::{RevocationId, Signature};
pub use token::CapabilityToken;
pub use usage::{CapabilityFault, Use};
