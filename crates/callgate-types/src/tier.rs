//! How dangerous a call is.

use std::fmt;
use std::str::FromStr;

/// How dangerous a call is, from harmless to far-reaching.
///
/// The order is part of the meaning: a factor may raise a tier and never lowers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a new tier must break whoever matches on tiers"
)]
pub enum RiskTier {
    /// Changes nothing and carries nothing out.
    ReadOnly,
    /// Changes something whose extent is bounded, and which can be put right.
    BoundedWrite,
    /// Far-reaching or hard to undo.
    Privileged,
}

impl RiskTier {
    /// All tiers, lowest first.
    pub const ALL: [Self; 3] = [Self::ReadOnly, Self::BoundedWrite, Self::Privileged];

    /// The word for this tier in policies, records and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::BoundedWrite => "bounded-write",
            Self::Privileged => "privileged",
        }
    }
}

impl fmt::Display for RiskTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no risk tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `read-only`, `bounded-write` or `privileged`")]
#[non_exhaustive]
pub struct ParseTierError;

impl FromStr for RiskTier {
    type Err = ParseTierError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|tier| tier.as_str() == text)
            .ok_or(ParseTierError)
    }
}

/// One reason why a call has its tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Factor<'a> {
    /// What kind of reason it is.
    pub source: FactorSource,
    /// The name of the tool, the id of the `raise` statement, or the key of the tool's entry.
    pub name: &'a str,
    /// The tier that this reason demands at least.
    pub tier: RiskTier,
}

impl<'a> Factor<'a> {
    /// A factor of `source`, named `name`, that demands `tier`.
    pub const fn new(source: FactorSource, name: &'a str, tier: RiskTier) -> Self {
        Self { source, name, tier }
    }
}

/// Where a [`Factor`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FactorSource {
    /// The tool's entry in the catalogue says so, with `tier` or by its `access`.
    Tool,
    /// What the tool does cannot be taken back: `reversible` in its entry.
    Reversibility,
    /// Its server says so of itself: `hints` in its entry.
    Hint,
    /// A `raise` statement of the policy matched.
    Raise,
}

impl FactorSource {
    /// The word for this source in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Reversibility => "reversibility",
            Self::Hint => "hint",
            Self::Raise => "raise",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_words() {
        assert!(RiskTier::ReadOnly < RiskTier::BoundedWrite);
        assert!(RiskTier::BoundedWrite < RiskTier::Privileged);
        for tier in RiskTier::ALL {
            assert_eq!(tier.to_string().parse(), Ok(tier));
        }
        assert_eq!("Privileged".parse::<RiskTier>(), Err(ParseTierError));
    }
}
