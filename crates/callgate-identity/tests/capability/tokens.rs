//! Tokens for the tests.

use callgate_identity::capability::{
    Capability, CapabilityToken, PublicKey, Restrictions, Roots, SecretKey,
};
use callgate_types::Digest;
use chrono::{DateTime, TimeDelta, Utc};

/// 2026-12-01, nine o'clock.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_796_115_600, 0).unwrap()
}

pub(crate) fn later(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

/// A key that everybody knows.
pub(crate) fn key(number: u64) -> SecretKey {
    let seed = Digest::of(&number.to_le_bytes());
    SecretKey::from_seed(*seed.as_bytes()).unwrap()
}

pub(crate) fn root_key() -> PublicKey {
    key(1).public()
}

pub(crate) fn roots() -> Roots {
    Roots::new().trust(1, root_key())
}

/// Two tools, for three hours.
pub(crate) fn reach() -> Restrictions {
    let tools = Restrictions::new()
        .tool("adjust_billing")
        .tool("read_account");
    tools.before(later(10_800))
}

pub(crate) fn capability(restrictions: Restrictions) -> Capability {
    Capability::new(
        "user:alice".parse().unwrap(),
        "acme",
        "task-7",
        restrictions,
    )
}

pub(crate) fn issue(restrictions: Restrictions, next: u64) -> CapabilityToken {
    capability(restrictions)
        .issue(1, &key(1), &key(next))
        .unwrap()
}
