//! The vocabulary of Callgate: principals, tool calls, strict JSON arguments, context.
//!
//! Every other crate of Callgate speaks in these types, and this one knows none of them. It
//! decides nothing, stores nothing, and reads no clock, disk or network.
//!
//! * Who asks: [`Principal`], [`Caller`], [`AssertedCaller`].
//! * What for: [`ToolCall`], [`Arguments`], [`Resource`], [`Context`].
//! * The answer: [`DecisionKind`], [`Code`], [`RiskTier`], [`Friction`].
//!
//! Unverified data has another type than verified data: a [`Principal`] cannot be read from
//! JSON, and arguments that are not acceptable never become [`Arguments`].
//!
//! # Examples
//!
//! ```
//! use callgate_types::{Context, Resource, ToolCall};
//!
//! let call = ToolCall::from_text("adjust_billing", r#"{"account_id": "acc_1", "amount": 20.50}"#);
//! let amount = call.arguments().ok().and_then(|arguments| arguments.get("amount"));
//! assert_eq!(amount.map(|amount| amount.raw()), Some("20.50"));
//!
//! let context = Context::new().resource(Resource::new("account", "acc_1").tenant("acme"));
//! assert_eq!(context.resources().len(), 1);
//! ```

mod amount;
mod arguments;
mod asserted;
mod caller;
mod caller_builder;
mod caller_error;
mod caller_numbers;
mod code;
mod context;
mod cut;
mod definition;
mod delegation;
mod digest;
mod facts;
mod friction;
pub mod hex;
mod json;
mod name_pattern;
mod names;
mod principal;
pub mod quick_hash;
mod resource;
mod text;
mod tier;
mod tool_call;
mod verification;

pub use amount::{Amount, ParseAmountError};
pub use arguments::Arguments;
pub use asserted::{AssertedCaller, AssertedPrincipal};
pub use caller::Caller;
pub use caller_builder::CallerBuilder;
pub use caller_error::CallerError;
pub use caller_numbers::{CallerNumbers, TableId};
pub use code::{Code, DecisionKind};
pub use context::Context;
pub use cut::Cut;
pub use definition::Definition;
pub use delegation::{Delegation, DelegationFault};
pub use digest::{Digest, ParseDigestError};
pub use facts::{Fact, Facts};
pub use friction::{Approver, ApproverGroup, Friction, Rung, StandingBound, StepUp};
pub use json::{
    Decimal, ExpectedJson, InexactNumber, Items, Json, JsonError, JsonKind, JsonRef, Layout,
    Members, Number, ParseDecimalError, RefusedJson, push_pointer_token,
};
pub use name_pattern::NamePattern;
pub use names::Names;
pub use principal::{ParsePrincipalError, Principal, PrincipalId, PrincipalKind};
pub use resource::{Resource, ResourceDirectory, ResourceName};
pub use text::is_name;
pub use tier::{Factor, FactorSource, ParseTierError, RiskTier};
pub use tool_call::{CallFault, RefusedArguments, ToolCall};
pub use verification::{AssertedBy, Method, Verification};
