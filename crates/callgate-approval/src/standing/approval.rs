//! One standing approval.

use std::sync::Arc;

use callgate_types::{Caller, Context, Digest, Principal, PrincipalId, ToolCall};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::bounds::{StandingBounds, Unbounded};
use crate::answer::Answered;
use crate::approval::{Approval, State, Step, Stopped, Withdrawn};
use crate::preview::show;
use crate::{Answer, ApprovalId, Question, Unfit, as_text};

/// An approval of calls to come, as a store keeps it.
///
/// What people are asked is an [`Approval`] whose question is about such calls: who may answer, and
/// how many must, is as for one call, and it is good for something once it is approved, until it
/// expires. It ends early where somebody revokes it: it is cancelled then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StandingApproval {
    /// What is asked, and who answered. Its question says of which tool, of whom, where, and what it
    /// rests on.
    pub approval: Approval,
    /// The approval of one call that was asked about when this one was given.
    pub from: ApprovalId,
    /// With which arguments.
    pub arguments: Arguments,
    /// Also in other sessions than that of the question.
    pub any_session: bool,
    /// Also for other tasks than that of the question, and for none.
    pub any_task: bool,
    /// For how many calls.
    pub uses: u64,
    /// How many of these have begun. The store counts them; no step changes it.
    pub used: u64,
}

/// With which arguments a call may be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Arguments {
    /// With exactly these, by their canonical digest.
    Same(#[serde(with = "as_text")] Digest),
    /// With such of which this condition surely holds: the `when` of a rule, as JSON.
    Where(Box<str>),
}

impl StandingApproval {
    /// A new one, for calls like the one that `question` of the approval `from` asks about.
    ///
    /// Nobody has answered it.
    ///
    /// # Errors
    ///
    /// Fails where no such approval may be given.
    pub fn new(
        id: ApprovalId,
        from: ApprovalId,
        question: &Question,
        bounds: &StandingBounds<'_>,
        now: DateTime<Utc>,
    ) -> Result<Self, Unbounded> {
        bounds.check(&question.demands)?;
        let arguments = match bounds.when {
            Some(when) => Arguments::Where(when.into()),
            None => Arguments::Same(question.arguments),
        };
        let mut asked = Question {
            supersedes: None,
            dry_run: None,
            ..question.clone()
        };
        if bounds.any_session {
            asked.session = None;
        }
        if bounds.any_task {
            asked.task = None;
        }
        let mut new = Self {
            approval: Approval::new(id, asked, now, bounds.within),
            from,
            arguments,
            any_session: bounds.any_session,
            any_task: bounds.any_task,
            uses: bounds.uses,
            used: 0,
        };
        let shown = new.preview().map_err(|_| Unbounded::TooLarge)?;
        let question = Arc::make_mut(&mut new.approval.question);
        question.binding = Digest::of(format!("callgate standing approval v1\n{shown}").as_bytes());
        question.preview = shown.into();
        Ok(new)
    }

    /// What approvers are shown of it.
    fn preview(&self) -> Result<String, crate::PreviewError> {
        let question = &self.approval.question;
        let digest;
        let (uses, until) = (self.uses.to_string(), self.approval.expires_at.to_rfc3339());
        let any = |is_any: bool, one: &'_ Option<Box<str>>| match (is_any, one) {
            (true, _) => Some("(any)".to_owned()),
            (false, one) => one.as_deref().map(quoted),
        };
        let (session, task) = (
            any(self.any_session, &question.session),
            any(self.any_task, &question.task),
        );
        let definition = question.definition.map(|digest| digest.to_string());
        let mut lines = vec![
            ("standing approval of", &*question.tool),
            ("for", question.subject.as_str()),
        ];
        lines.extend(question.actors.iter().map(|actor| ("by", actor.as_str())));
        let several = [
            ("tenant", question.tenant.as_deref()),
            ("environment", question.environment.as_deref()),
            ("session", session.as_deref()),
            ("task", task.as_deref()),
            ("definition", definition.as_deref()),
        ];
        let known = several.into_iter();
        lines.extend(known.filter_map(|(name, text)| Some((name, text?))));
        lines.push(match &self.arguments {
            Arguments::Same(same) => {
                digest = same.to_string();
                ("with the arguments of this digest", &*digest)
            }
            Arguments::Where(when) => ("with arguments such that", &**when),
        });
        lines.extend([("times", &*uses), ("until", &*until)]);
        show(&lines)
    }

    /// What `answer` by `approver` makes of it at `now`: see [`Approval::answer`].
    ///
    /// # Errors
    ///
    /// As that.
    pub fn answer(
        &self,
        now: DateTime<Utc>,
        approver: &Caller,
        holds: &dyn Fn(&str) -> bool,
        answer: Answer<'_>,
    ) -> Result<Step, Unfit> {
        self.approval.answer(now, approver, holds, answer)
    }

    /// Ends it, by whoever may see it: those who are asked, and those of whom it is.
    ///
    /// # Errors
    ///
    /// Fails where it has ended, where the sentence is too long, and for everybody else.
    pub fn revoke(
        &self,
        now: DateTime<Utc>,
        by: &Caller,
        holds: &dyn Fn(&str) -> bool,
        reason: Option<&str>,
    ) -> Result<Step, Unfit> {
        if !self.approval.is_for(now, by, holds) {
            return Err(Unfit::NotAsked);
        }
        if reason.is_some_and(|text| text.len() > Answer::MAX_REASON) {
            return Err(Unfit::LongReason);
        }
        if now >= self.approval.expires_at {
            return Err(Stopped::Expired.into());
        }
        let mut step = self.approval.withdraw(now, Withdrawn::Cancelled)?;
        let seen = self.approval.question.preview_digest();
        step.next
            .answers
            .extend(Answered::no(now, by, seen, reason));
        Ok(step)
    }

    /// Whether it is approved, and has neither ended nor been used up at `now`.
    pub fn is_in_force(&self, now: DateTime<Utc>) -> bool {
        let approval = &self.approval;
        approval.state == State::Approved && now < approval.expires_at && self.used < self.uses
    }

    /// Whether nothing will ever come of it any more.
    pub fn is_dead(&self, now: DateTime<Utc>) -> bool {
        now >= self.approval.expires_at
    }

    /// Whether the log does not know everything of it yet.
    pub fn is_unrecorded(&self) -> bool {
        let approval = &self.approval;
        approval.unrecorded || approval.answers.iter().any(|answer| answer.unrecorded)
    }

    /// Whether a call is one of those that it is for. `holds` says whether its condition surely holds
    /// of the call.
    pub fn covers(
        &self,
        caller: &Caller,
        call: &ToolCall,
        context: &Context,
        holds: impl FnOnce(&str) -> bool,
    ) -> bool {
        let question = &self.approval.question;
        let same_call = *question.tool == *call.tool()
            && question.definition.as_ref() == call.definition_digest()
            && question.environment.as_deref() == context.environment_name()
            && (self.any_session || question.session.as_deref() == context.session_id())
            && (self.any_task || question.task.as_deref() == context.task_id());
        let Ok(arguments) = call.arguments() else {
            return false;
        };
        same_call
            && is_by(question, caller)
            && match &self.arguments {
                Arguments::Same(digest) => *digest == arguments.digest(),
                Arguments::Where(when) => holds(when),
            }
    }
}

/// A name that could be taken for something else.
fn quoted(name: &str) -> String {
    format!("`{name}`")
}

/// Whether the caller is the one of the question: the same chain, with the same people behind it.
fn is_by(question: &Question, caller: &Caller) -> bool {
    let Some(subject) = caller.subject() else {
        return false;
    };
    let same_actors = caller.actors().iter().map(Principal::id);
    let owners = caller.actors().iter().filter_map(Principal::person);
    let owners = owners.filter(|owner| **owner != question.person);
    caller.refusal().is_none()
        && question.tenant.as_deref() == caller.tenant()
        && question.subject == *subject.id()
        && subject.person() == Some(&question.person)
        && question.actors.iter().eq(same_actors)
        && question
            .owners
            .iter()
            .eq(owners.map(|owner: &PrincipalId| owner))
}
