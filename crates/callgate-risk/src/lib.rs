//! How dangerous is a tool call, and what friction does that demand.
//!
//! A tier starts at what the catalogue says of the tool and may be raised by further factors;
//! none ever lowers it. Every factor is kept, so that a record can say why a call had its tier.
//! What a tier demands is written in the policy; the author of a permit may accept a tier, and
//! with it drop the friction of that tier, never the friction of an `ask` rule.
//!
//! This crate decides nothing: it reads no arguments and matches no rules. Which factors are
//! there is worked out by whoever calls it.
//!
//! # Examples
//!
//! ```
//! use callgate_risk::{Assessment, TierFriction};
//! use callgate_types::{Factor, FactorSource, Friction, RiskTier};
//!
//! let tool = Factor::new(FactorSource::Tool, "adjust_billing", RiskTier::BoundedWrite);
//! let raise = Factor::new(FactorSource::Raise, "large-amounts", RiskTier::Privileged);
//! let assessment = Assessment::of(tool, [raise]);
//! assert_eq!(assessment.tier(), RiskTier::Privileged);
//!
//! let demands = TierFriction::new([Friction::NONE, Friction::NONE, Friction::CONFIRM]);
//! assert_eq!(demands.demanded(assessment.tier(), None), &Friction::CONFIRM);
//! assert!(demands.demanded(assessment.tier(), Some(RiskTier::Privileged)).is_empty());
//! ```

mod assessment;
mod tier_friction;

pub use assessment::Assessment;
pub use tier_friction::TierFriction;
