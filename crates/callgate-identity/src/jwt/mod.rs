//! JSON Web Tokens: from a token and the issuer's keys to principals.
//!
//! A [`JwtVerifier`] checks the tokens of one issuer against a [`KeySet`] that the host supplies,
//! and says who they speak of by a [`ClaimMap`]. A [`Resolver`] makes callers of them, and remembers
//! those: a chain is checked once, and afterwards found by its digest.
//!
//! Everything that could be doubted is refused, with a stable word ([`CredentialError`]). Nothing is
//! fetched; the time is passed in; no text of a token stands in any message, error or `Debug`.
//! Signatures are checked by the crate `jsonwebtoken`, header and claims are read by the strict
//! reader of `callgate-types`, and whatever is decided on them is decided here.
//!
//! What is checked, in which order, is specified in `docs/spec/identity.md`; change neither without
//! the other.
//!
//! [`CredentialError`]: crate::CredentialError

mod actors;
mod algorithm;
mod cache;
mod claim_map;
mod key;
mod key_set;
mod key_set_error;
mod presented;
mod resolver;
mod spiffe;
mod times;
mod token;
mod verified;
mod verifier;
mod verifier_builder;

pub use algorithm::Algorithm;
pub use claim_map::ClaimMap;
pub use key_set::KeySet;
pub use key_set_error::KeySetError;
pub use presented::{Presented, PresentedBuilder};
pub use resolver::{Resolver, RevokedCredentials};
pub use verified::Verified;
pub use verifier::JwtVerifier;
pub use verifier_builder::{JwtVerifierBuilder, JwtVerifierError};
