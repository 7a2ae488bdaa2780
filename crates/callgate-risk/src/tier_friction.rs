//! What each tier demands.

use callgate_types::{Friction, RiskTier};

/// What each tier demands before a call may run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TierFriction([Friction; 3]);

impl TierFriction {
    /// The demands, lowest tier first.
    pub const fn new(demands: [Friction; 3]) -> Self {
        Self(demands)
    }

    /// What a call of `tier` must meet where permits accept tiers up to `accepted`.
    pub fn demanded(&self, tier: RiskTier, accepted: Option<RiskTier>) -> &Friction {
        const NOTHING: &Friction = &Friction::NONE;
        if accepted >= Some(tier) {
            return NOTHING;
        }
        let [read_only, bounded_write, privileged] = &self.0;
        match tier {
            RiskTier::ReadOnly => read_only,
            RiskTier::BoundedWrite => bounded_write,
            RiskTier::Privileged => privileged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acceptance_reaches_up_to_its_tier() {
        let mut preview = Friction::NONE;
        preview.preview = true;
        let demands = TierFriction::new([Friction::NONE, Friction::CONFIRM, preview.clone()]);
        let cases = [
            (RiskTier::ReadOnly, None, &Friction::NONE),
            (RiskTier::BoundedWrite, None, &Friction::CONFIRM),
            (
                RiskTier::BoundedWrite,
                Some(RiskTier::ReadOnly),
                &Friction::CONFIRM,
            ),
            (
                RiskTier::BoundedWrite,
                Some(RiskTier::BoundedWrite),
                &Friction::NONE,
            ),
            (
                RiskTier::BoundedWrite,
                Some(RiskTier::Privileged),
                &Friction::NONE,
            ),
            (RiskTier::Privileged, Some(RiskTier::BoundedWrite), &preview),
            (
                RiskTier::Privileged,
                Some(RiskTier::Privileged),
                &Friction::NONE,
            ),
        ];
        for (tier, accepted, expected) in cases {
            assert_eq!(
                demands.demanded(tier, accepted),
                expected,
                "{tier} {accepted:?}"
            );
        }
    }
}
