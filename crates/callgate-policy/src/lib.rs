//! May they: a policy language that cannot fail open, and its compiled form.
//!
//! A [`Policy`] is read from TOML, checked as a whole and compiled once. It then answers, for one
//! tool call at a time: which tool is meant, whether its arguments are acceptable, which resources
//! they name, and which statements match. What nobody knows is unknown: it restricts and never
//! grants.
//!
//! Judging costs the same however many rules there are, looks at borrowed values only, and
//! allocates nothing unless a call is unusual (more than sixteen arguments, roles or matched
//! rules). A policy with an error does not load: every [`Diagnostic`] says where and what instead.
//!
//! This crate is useful alone, and it is not the gate. It holds no scopes, tiers or frictions
//! against a call, though it reads them: a matched permit is not yet an allow, and the examples
//! in a policy are checked by who decides. It looks no fact up, keeps no record, reads no file,
//! clock or network, and says nothing of what a tool then does. The crate `callgate` puts it all
//! together.
//!
//! The language is specified in `docs/spec/policy.md`; change neither without the other.
//!
//! # Examples
//!
//! ```
//! use callgate_policy::{NamedResource, Policy, Question};
//! use callgate_types::{Arguments, Caller, Context, Principal, PrincipalId, Resource};
//!
//! let policy = Policy::parse(
//!     r#"
//!     format = 1
//!     name = "desk"
//!     isolation = "tenant"
//!
//!     [roles]
//!     support = {}
//!
//!     [tools.adjust]
//!     access = "write"
//!     resources = [{ kind = "account", id = "/account" }]
//!     [tools.adjust.arguments]
//!     "/account" = { matches = "acc_[0-9]{4}" }
//!     "/amount" = { decimal = { above = "0", scale = 2 } }
//!
//!     [[rules]]
//!     id = "small-credits"
//!     effect = "permit"
//!     roles = ["support"]
//!     when = { "arguments/amount" = { decimal = { at_most = "50.00" } } }
//!     "#,
//!     "desk.toml",
//! )?;
//!
//! let alice = Principal::asserted(PrincipalId::user("alice")?).member_of("acme", ["support"]);
//! let caller = Caller::of(alice).in_tenant("acme")?;
//! let context = Context::new();
//! let account = Resource::new("account", "acc_0001").tenant("acme");
//!
//! let tool = policy.tool("adjust").ok_or("no such tool")?;
//! let arguments = Arguments::parse(r#"{"account": "acc_0001", "amount": 12.50}"#)?;
//! let bound = tool.bind_for(&arguments, &caller, &context)?;
//! let names = tool.resource_names(&bound);
//! let resources: Vec<_> = names
//!     .map(|name| NamedResource {
//!         name,
//!         facts: (name == account.name()).then_some(&account),
//!     })
//!     .collect();
//!
//! let judgement = policy.judge(&Question::new(tool, &caller, &context, &bound, &resources));
//! assert_eq!(judgement.first_permit().map(|rule| &*rule.id), Some("small-credits"));
//! assert!(judgement.first_forbid().is_none());
//!
//! let extra = Arguments::parse(r#"{"account": "acc_0001", "amount": 12.50, "force": true}"#)?;
//! let refused = tool.bind_for(&extra, &caller, &context).unwrap_err();
//! assert_eq!(refused.to_string(), "argument `/force` is not declared");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod builder;
mod call_condition;
mod compile;
mod diagnostic;
pub mod document;
mod evaluate;
mod explain;
mod lint;
mod matcher;
mod policy;
mod read;
mod schema;
mod sources;

pub use call_condition::CallCondition;
pub use diagnostic::{Diagnostic, DiagnosticCode, Diagnostics, Position, Severity};
pub use evaluate::{
    ArgumentFault, Bound, Judgement, NamedResource, Question, Raises, ResourceNames, Rules,
    ToolRef, Use,
};
pub use explain::{
    Against, Answer, Change, ConditionTrace, Found, Lapsed, Needed, SelectorTrace, StatementTrace,
};
pub use policy::Policy;
pub use schema::SCHEMA;
pub use sources::{IncludeError, Included, Sources};
