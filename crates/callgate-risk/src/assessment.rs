//! The tier of one call, with its reasons.

use callgate_types::{Factor, RiskTier};

/// The tier of one call, with every factor that speaks for it.
///
/// The tier is the highest that any factor demands: adding a factor never lowers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment<'a> {
    tool: Factor<'a>,
    /// All factors, the tool first; empty where nothing is raised.
    with_raises: Vec<Factor<'a>>,
    tier: RiskTier,
}

impl<'a> Assessment<'a> {
    /// Starts at what the catalogue says of the tool; `raises` may only raise it.
    ///
    /// Allocates nothing when nothing is raised.
    pub fn of(tool: Factor<'a>, raises: impl IntoIterator<Item = Factor<'a>>) -> Self {
        let mut with_raises = Vec::new();
        let mut tier = tool.tier;
        for raise in raises {
            if with_raises.is_empty() {
                with_raises.push(tool);
            }
            tier = tier.max(raise.tier);
            with_raises.push(raise);
        }
        Self {
            tool,
            with_raises,
            tier,
        }
    }

    /// The tier of the call.
    pub const fn tier(&self) -> RiskTier {
        self.tier
    }

    /// All factors, the tool first.
    pub const fn factors(&self) -> &[Factor<'a>] {
        if self.with_raises.is_empty() {
            std::slice::from_ref(&self.tool)
        } else {
            self.with_raises.as_slice()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callgate_types::FactorSource;
    use proptest::prelude::*;

    fn tier() -> impl Strategy<Value = RiskTier> {
        (0_usize..3).prop_map(|place| RiskTier::ALL[place])
    }

    proptest! {
        #[test]
        fn no_factor_lowers(
            tool in tier(),
            raises in proptest::collection::vec(tier(), 0..6),
            further in tier(),
        ) {
            let factor = |tier| Factor::new(FactorSource::Raise, "r", tier);
            let tool = Factor::new(FactorSource::Tool, "t", tool);
            let before = Assessment::of(tool, raises.iter().copied().map(factor));
            let more = raises.iter().copied().chain([further]);
            let after = Assessment::of(tool, more.map(factor));
            prop_assert!(after.tier() >= before.tier());
            prop_assert_eq!(after.tier(), before.tier().max(further));
            prop_assert_eq!(after.factors().len(), raises.len().saturating_add(2));
        }
    }
}
