//! Who is asking, and for whom: scopes along a chain of actors.
//!
//! A caller is a subject whose authority is used, and a chain of actors that act for it. Each of
//! them holds scopes: the subject through its roles in the tenant of the call, an actor through
//! what is stated for it. **What the call may use is what all of them hold**: authority only
//! shrinks along the chain. An actor for whom nothing is stated holds nothing. A credential, a
//! delegation and the ceiling on sub-agents cut scopes, and tools, off.
//!
//! Who vouches for a principal stays with it: the host, or a token that was checked here, by `jwt`
//! behind the feature of that name. This crate keeps no sessions, and knows no rules: that a scope is
//! held does not mean that a call may run.
//!
//! # Examples
//!
//! ```
//! use callgate_identity::{Demand, Holdings, Lack};
//! use callgate_types::{Caller, Principal};
//!
//! let holdings = Holdings::builder()
//!     .role("support", ["ticket:read", "billing:adjust"])
//!     .actor("agent:support-bot", ["ticket:read"])
//!     .build();
//!
//! let alice = Principal::asserted("user:alice".parse()?).member_of("acme", ["support"]);
//! let bot = Principal::asserted("agent:support-bot".parse()?);
//! let caller = Caller::of(alice).acting(bot).in_tenant("acme")?;
//!
//! assert_eq!(holdings.check(&caller, holdings.demand("ticket:read")), Ok(()));
//! assert_eq!(
//!     holdings.check(&caller, holdings.demand("billing:adjust")),
//!     Err(Lack::Actor { place: 0 }),
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod broker;
#[cfg(feature = "biscuit")]
pub mod capability;
mod credential;
mod credential_error;
mod holdings;
mod holdings_builder;
#[cfg(feature = "jwt")]
pub mod jwt;
mod scope_set;
pub mod standing;

pub use broker::{
    BrokerError, CredentialBroker, CredentialRequest, Secret, ToolCredential, UnfitCredential,
};
pub use credential::UnverifiedCredential;
pub use credential_error::CredentialError;
pub use holdings::{Demand, Holdings, Lack};
pub use holdings_builder::HoldingsBuilder;
pub use scope_set::{ScopeId, ScopeSet};
