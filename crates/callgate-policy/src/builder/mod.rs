//! Policies that a program puts together.
//!
//! A program that knows tools, roles or limits from elsewhere (a catalogue of a product, a form
//! that an administrator filled in) writes its policy with these types instead of gluing text. A
//! value stands for itself, whatever quotes or brackets it holds. What was put together is written
//! as the document of `docs/spec/policy.md` and read as every policy is: nothing can be built that
//! could not be written, and nothing passes that would not load.
//!
//! A gate takes it as text: hand [`PolicyBuilder::to_json`] to `callgate::parse_policy_json`, which
//! also tries the examples. Keep what [`PolicyBuilder::to_toml`] gives for review.
//!
//! # Examples
//!
//! ```
//! use callgate_policy::builder::{
//!     Approval, Approver, Condition, Matcher, Number, Place, PolicyBuilder, Role, Rule, Tool,
//! };
//!
//! let amount = Place::argument("/amount");
//! let desk = PolicyBuilder::new("support-desk")
//!     .isolated_by_tenant()
//!     .role(Role::new("support").scopes(["billing:adjust"]))
//!     .role(Role::new("lead").includes(["support"]))
//!     .actor("support-bot", ["billing:adjust"])
//!     .tool(
//!         Tool::write("adjust_billing")
//!             .scope("billing:adjust")
//!             .argument("/account", Matcher::matches("acc_[0-9a-z]{8}"))
//!             .argument("/amount", Number::decimal().above(0).at_most("500.00").scale(2))
//!             .optional("/note", Matcher::text(..=500))
//!             .resource("account", "/account"),
//!     )
//!     .rule(Rule::permit("credits").roles(["support"]).tools(["adjust_billing"]))
//!     .rule(
//!         Rule::ask("large-credits")
//!             .tools(["adjust_billing"])
//!             .when(Condition::value(amount, Number::decimal().above("50.00")))
//!             .approval(Approval::by(1, [Approver::role("lead")])),
//!     );
//! let policy = desk.build()?;
//! assert_eq!(policy.document().rules.len(), 3);
//! assert!(desk.to_toml()?.contains("[tools.adjust_billing.arguments]\n"));
//!
//! // What is wrong is refused as in a text.
//! let refused = desk.rule(Rule::permit("refunds").tools(["adjust_biling"])).build().unwrap_err();
//! let message = "unknown tool `adjust_biling`; did you mean `adjust_billing`?";
//! assert!(refused.to_string().ends_with(message));
//! # Ok::<(), callgate_policy::Diagnostics>(())
//! ```

mod condition;
mod example;
mod example_caller;
mod friction;
mod limit;
mod matcher;
mod number;
mod place;
mod policy;
mod role;
mod rule;
mod tool;
mod web;
mod window;
mod write;
mod written;

pub use condition::Condition;
pub use example::{Example, ExampleResource};
pub use example_caller::{ExampleCaller, ExampleDelegation, ExamplePrincipal, ExampleVerification};
pub use friction::{Approval, Approver, Friction};
pub use limit::{Limit, Per};
pub use matcher::{Matcher, Member};
pub use number::{Items, Number};
pub use place::Place;
pub use policy::PolicyBuilder;
pub use role::Role;
pub use rule::{Raise, Rule};
pub use tool::Tool;
pub use web::{Path, Url};
pub use window::{Day, Window};
