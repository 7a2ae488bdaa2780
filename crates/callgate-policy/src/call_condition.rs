//! A condition on the calls of one tool, beside any policy's rules.

use std::collections::BTreeMap;

use callgate_types::{Arguments, Caller, Context, Digest};

use crate::compile::Compiled;
use crate::document::{Document, Effect, NamePattern, Rule, Selector, by_condition};
use crate::read;
use crate::{Diagnostics, NamedResource, Policy, Question};

/// A condition on the calls of one tool: the `when` of a rule, for whoever decides about calls to
/// come and is no author of the policy.
///
/// It counts as a permit's condition does: what is unknown does not hold.
///
/// # Examples
///
/// ```
/// use callgate_policy::{CallCondition, Policy};
/// use callgate_types::{Arguments, Caller, Context};
///
/// let policy = Policy::parse(
///     r#"
///     format = 1
///     name = "desk"
///     [tools.pay]
///     access = "write"
///     arguments = { "/amount" = { integer = { at_least = 1 } } }
///     [[rules]]
///     id = "pay"
///     effect = "permit"
///     "#,
///     "desk.toml",
/// )?;
/// let small = r#"{"arguments/amount": {"integer": {"at_most": 50}}}"#;
/// let condition = CallCondition::parse(&policy, "pay", small)?;
/// let holds = |text: &str| {
///     let arguments = Arguments::parse(text).unwrap();
///     condition.holds(&Caller::unknown(), &Context::new(), &arguments, &[])
/// };
/// assert!(holds(r#"{"amount": 50}"#));
/// assert!(!holds(r#"{"amount": 51}"#));
/// assert!(!holds(r#"{"amount": "50"}"#));
///
/// let typo = r#"{"arguments/amuont": {"integer": {}}}"#;
/// assert!(CallCondition::parse(&policy, "pay", typo).is_err());
/// # Ok::<(), callgate_policy::Diagnostics>(())
/// ```
#[derive(Debug)]
pub struct CallCondition {
    /// A policy of this one tool, and of one permit.
    policy: Policy,
    tool: Box<str>,
}

impl CallCondition {
    /// Longest text of a condition, in bytes.
    pub const MAX_BYTES: usize = 16 << 10;

    /// Reads `text`, which is a `when` in JSON, for calls of `tool` as `policy` declares it.
    ///
    /// # Errors
    ///
    /// Reports everything that is wrong with it: a tool, an argument or a fact that is not there, a
    /// malformed matcher, an empty condition.
    pub fn parse(policy: &Policy, tool: &str, text: &str) -> Result<Self, Diagnostics> {
        let document = policy.document();
        let when = read::read_condition(text, tool, document)?;
        let entry = document.tools.get_key_value(tool);
        let tools: BTreeMap<_, _> = entry
            .map(|(name, entry)| (name.clone(), entry.clone()))
            .into_iter()
            .collect();
        let mut obligations = Vec::new();
        by_condition(&when, &mut obligations);
        let rule = Rule {
            id: "condition".into(),
            effect: Effect::Permit,
            selector: Selector {
                tools: Some(vec![NamePattern::new(tool)]),
                ..Selector::default()
            },
            when,
            reason: None,
            disclose: false,
            friction: callgate_types::Friction::NONE,
            accepts_tier: None,
            obligations,
            observe: false,
            file: "condition".into(),
            line: 1,
        };
        let document = Document {
            name: document.name.clone(),
            roles: BTreeMap::new(),
            actors: BTreeMap::new(),
            tools,
            rules: vec![rule],
            raises: Vec::new(),
            limits: Vec::new(),
            friction: document.friction.clone(),
            examples: Vec::new(),
        };
        let compiled = Compiled::new(&document);
        Ok(Self {
            policy: Policy::of_document(document, compiled, Digest::of(text.as_bytes())),
            tool: tool.into(),
        })
    }

    /// Whether it surely holds of the call with `arguments`, which names `resources`.
    pub fn holds(
        &self,
        caller: &Caller,
        context: &Context,
        arguments: &Arguments,
        resources: &[NamedResource<'_>],
    ) -> bool {
        let Some(tool) = self.policy.tool(&self.tool) else {
            return false;
        };
        let Ok(bound) = tool.bind_for(arguments, caller, context) else {
            return false;
        };
        let question = Question::new(tool, caller, context, &bound, resources);
        self.policy.judge(&question).first_permit().is_some()
    }

    /// What the host must do with a call of which it holds, as its matchers imply.
    pub fn obligations(&self) -> &[Box<str>] {
        let rule = self.policy.document().rules.first();
        rule.map_or(&[], |rule| &rule.obligations)
    }

    /// Whether it reads what time it is.
    pub fn is_timed(&self) -> bool {
        self.policy.is_timed()
    }
}
