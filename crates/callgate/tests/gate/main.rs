//! The gate as a host meets it.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails its test")]
#![expect(clippy::panic, reason = "an answer of another kind fails its test")]

mod calls;
mod credentials;
mod definitions;
mod effects;
#[cfg(feature = "biscuit")]
mod granted;
mod includes;
mod limits;
mod loading;
mod observe;
mod permits;
#[cfg(feature = "ed25519")]
mod signing;
mod sink_failure;
mod standing;
mod support;
mod tenants;
mod texts;
mod tiers;
mod timing;
mod vectors;
