//! What is asked, and what an answer is good for.

use callgate_types::{Caller, Context, Digest, Friction, Principal, PrincipalId, ToolCall};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{ApprovalId, Demands, as_text};

/// What is asked: one call, exactly, by one caller. It never changes once it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Question {
    /// The tenant in which the call is made; approvers are of the same one.
    pub tenant: Option<Box<str>>,
    /// Whose authority is used.
    #[serde(with = "as_text")]
    pub subject: PrincipalId,
    /// Who acts for the subject, nearest to it first.
    #[serde(with = "as_text::list")]
    pub actors: Vec<PrincipalId>,
    /// The person behind the subject, who alone confirms.
    #[serde(with = "as_text")]
    pub person: PrincipalId,
    /// The people behind the actors, as far as they are others.
    #[serde(with = "as_text::list")]
    pub owners: Vec<PrincipalId>,
    /// The tool.
    pub tool: Box<str>,
    /// The canonical digest of the arguments, before anything is masked.
    #[serde(with = "as_text")]
    pub arguments: Digest,
    /// The session.
    pub session: Option<Box<str>>,
    /// The task.
    pub task: Option<Box<str>>,
    /// Where the call takes effect.
    pub environment: Option<Box<str>>,
    /// The digest of everything that an answer is bound to: see [`binding`].
    #[serde(with = "as_text")]
    pub binding: Digest,
    /// What the question rests on; where one of these has changed, it is asked again.
    pub basis: Vec<Ground>,
    /// What is demanded.
    pub demands: Demands,
    /// What approvers are shown.
    pub preview: Box<str>,
    /// The dry run that is shown there, where one is demanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<DryRun>,
    /// The record of the decision that asked.
    pub decision: u64,
    /// The approval that this one takes the place of.
    pub supersedes: Option<ApprovalId>,
    /// The digest of the tool's definition, where the host names one.
    #[serde(
        default,
        with = "as_text::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub definition: Option<Digest>,
}

/// A call that was tried out before it was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DryRun {
    /// The record of the decision that let it run.
    pub decision: u64,
    /// When it ended, by the clock of the gate.
    pub at: DateTime<Utc>,
    /// The digest of what came of it.
    #[serde(with = "as_text")]
    pub result: Digest,
}

impl DryRun {
    /// The call decided in record `decision` gave `result` at `at`.
    pub const fn new(decision: u64, at: DateTime<Utc>, result: Digest) -> Self {
        Self {
            decision,
            at,
            result,
        }
    }
}

/// One thing that a question rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Ground {
    /// What it is.
    pub of: GroundKind,
    /// Its name; `None` where there is just one.
    pub name: Option<Box<str>>,
    /// Its digest.
    #[serde(with = "as_text")]
    pub digest: Digest,
}

impl Ground {
    /// The ground `of`, called `name`, has `digest`.
    pub fn new(of: GroundKind, name: Option<&str>, digest: Digest) -> Self {
        Self {
            of,
            name: name.map(Into::into),
            digest,
        }
    }
}

/// What a question may rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum GroundKind {
    /// A rule that matched.
    Rule,
    /// The tool's entry in the catalogue.
    Tool,
    /// The tier and its factors.
    Tier,
    /// What was demanded.
    Friction,
    /// What came of trying the call out.
    #[serde(rename = "dry_run")]
    DryRun,
}

/// A person of whom a question needs to know, and nobody does.
///
/// The subject is a service or an agent, and nobody says which person is behind it: so nobody can
/// tell who may not approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not known which person is behind this call")]
#[non_exhaustive]
pub struct PersonUnknown;

impl Question {
    /// Asks about `call`, shown as `preview`, which the decision in record `decision` holds back.
    /// `basis` says what that rests on.
    ///
    /// # Errors
    ///
    /// Fails where the person behind the subject is not known.
    pub fn new(
        caller: &Caller,
        call: &ToolCall,
        context: &Context,
        friction: &Friction,
        basis: Vec<Ground>,
        preview: &str,
    ) -> Result<Self, PersonUnknown> {
        let bound = BoundCall::of(caller, call, context);
        Self::bound(bound, caller, call, context, friction, basis, preview)
    }

    /// As [`Question::new`], where it is known already what the answer is bound to; or is bound to more:
    /// see [`BoundCall::on`].
    ///
    /// # Errors
    ///
    /// As that.
    pub fn bound(
        bound: BoundCall,
        caller: &Caller,
        call: &ToolCall,
        context: &Context,
        friction: &Friction,
        basis: Vec<Ground>,
        preview: impl Into<Box<str>>,
    ) -> Result<Self, PersonUnknown> {
        let subject = caller.subject().ok_or(PersonUnknown)?;
        let person = subject.person().ok_or(PersonUnknown)?;
        let actors = caller.actors();
        let owners = actors.iter().filter_map(Principal::person);
        Ok(Self {
            tenant: caller.tenant().map(Into::into),
            subject: subject.id().clone(),
            actors: actors.iter().map(|actor| actor.id().clone()).collect(),
            person: person.clone(),
            owners: owners.filter(|owner| *owner != person).cloned().collect(),
            tool: call.tool().into(),
            arguments: bound.arguments,
            session: context.session_id().map(Into::into),
            task: context.task_id().map(Into::into),
            environment: context.environment_name().map(Into::into),
            binding: bound.binding,
            basis,
            demands: Demands::of(friction),
            preview: preview.into(),
            dry_run: None,
            decision: 0,
            supersedes: None,
            definition: call.definition_digest().copied(),
        })
    }

    /// The digest of what approvers are shown.
    pub fn preview_digest(&self) -> Digest {
        Digest::of(self.preview.as_bytes())
    }

    /// Whether `basis` is what the question rests on, in whichever order.
    pub fn rests_on(&self, basis: &[Ground]) -> bool {
        self.basis.len() == basis.len() && self.basis.iter().all(|ground| basis.contains(ground))
    }

    /// Whether `who` is in the chain of the call, or behind somebody who is.
    pub fn concerns(&self, who: &PrincipalId) -> bool {
        let behind = [&self.subject, &self.person];
        let mut all = behind.into_iter().chain(&self.actors).chain(&self.owners);
        all.any(|known| known == who)
    }
}

/// The digest of everything that an answer to `call` is bound to: tool, its definition, exact
/// arguments, the chain of the caller with the people behind it, tenant, session, task and environment.
///
/// Two calls with the same binding are the same call: the order of keys and the spelling of numbers do
/// not matter, and everything else does.
///
/// # Examples
///
/// ```
/// use callgate_approval::binding;
/// use callgate_types::{Caller, Context, Principal, ToolCall};
///
/// let alice = Principal::asserted("user:alice".parse()?).member_of("acme", ["support"]);
/// let caller = Caller::of(alice).in_tenant("acme")?;
/// let bind = |text: &str| binding(&caller, &ToolCall::from_text("pay", text), &Context::new());
///
/// assert_eq!(bind(r#"{"to": "bob", "amount": 5}"#), bind(r#"{"amount":5.0,"to":"bob"}"#));
/// assert_ne!(bind(r#"{"amount": 5}"#), bind(r#"{"amount": "5"}"#));
/// assert_ne!(bind(r#"{"amount": null}"#), bind("{}"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn binding(caller: &Caller, call: &ToolCall, context: &Context) -> Digest {
    BoundCall::of(caller, call, context).binding
}

/// What an answer to a call is bound to, as digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BoundCall {
    /// The canonical digest of the arguments.
    pub arguments: Digest,
    /// The digest of everything: see [`binding`].
    pub binding: Digest,
}

impl BoundCall {
    /// What an answer to `call` is bound to.
    pub fn of(caller: &Caller, call: &ToolCall, context: &Context) -> Self {
        let arguments = arguments(call);
        let binding = binding_with(&arguments, caller, call, context);
        Self { arguments, binding }
    }

    /// Bound besides to the authority that the call comes with, such as a capability token, without
    /// which it is not the same call: see [`bound_to`].
    #[must_use]
    pub fn on(mut self, authority: &Digest) -> Self {
        self.binding = bound_to(&self.binding, authority);
        self
    }
}

fn binding_with(arguments: &Digest, caller: &Caller, call: &ToolCall, context: &Context) -> Digest {
    let mut bytes = Vec::with_capacity(512);
    bytes.extend_from_slice(b"callgate binding v1\n");
    bytes.extend_from_slice(arguments.as_bytes());
    bytes.extend_from_slice(caller.digest().as_bytes());
    let mut push = |part: Option<&str>| {
        // No two lists of parts give the same bytes: each is preceded by its length, and one that
        // is not there by another mark.
        bytes.push(u8::from(part.is_some()));
        let part = part.unwrap_or_default();
        bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    };
    push(Some(call.tool()));
    push(context.session_id());
    push(context.task_id());
    push(context.environment_name());
    push(caller.tenant());
    for principal in caller.subject().into_iter().chain(caller.actors()) {
        push(principal.owner().map(PrincipalId::as_str));
    }
    match call.definition_digest() {
        Some(definition) => bytes.extend_from_slice(definition.as_bytes()),
        None => bytes.extend_from_slice(b"none"),
    }
    Digest::of(&bytes)
}

/// The [`binding`] of a call that comes with an authority besides its caller's.
pub fn bound_to(binding: &Digest, authority: &Digest) -> Digest {
    let mut bytes = Vec::with_capacity(96);
    bytes.extend_from_slice(b"callgate binding on authority v1\n");
    bytes.extend_from_slice(binding.as_bytes());
    bytes.extend_from_slice(authority.as_bytes());
    Digest::of(&bytes)
}

fn arguments(call: &ToolCall) -> Digest {
    match call.arguments() {
        Ok(arguments) => arguments.digest(),
        // No such call is ever asked about.
        Err(refused) => refused.digest(),
    }
}
