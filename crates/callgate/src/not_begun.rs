//! A permit that did not open.

use std::fmt;

use callgate_audit::NotBegunReason;
use callgate_types::{Code, ToolCall};

use crate::Reply;
use crate::denial::Answer;

/// Why a permitted call was not begun after all, with the call. Nothing has run.
#[derive(Debug)]
pub struct NotBegun {
    reason: NotBegunReason,
    answer: Box<Answer>,
}

impl NotBegun {
    pub(crate) const fn new(reason: NotBegunReason, answer: Box<Answer>) -> Self {
        Self { reason, answer }
    }

    /// What happened to the permit.
    pub const fn reason(&self) -> NotBegunReason {
        self.reason
    }

    /// What decides now, where the call was judged again or the gate takes no records; `None`
    /// for a permit that was held too long. `permitted` is an allow with obligations that the
    /// permit does not have.
    pub fn code(&self) -> Option<Code> {
        (self.reason != NotBegunReason::Expired).then_some(self.answer.code)
    }

    /// Why, for people.
    pub fn message(&self) -> &str {
        &self.answer.message
    }

    /// What to tell the model.
    pub fn for_model(&self) -> &str {
        &self.answer.for_model
    }

    /// What to tell the model, in the shape that its loop expects.
    pub fn reply(&self) -> Reply<'_> {
        Reply::error(&self.answer.for_model)
    }

    /// The call.
    pub const fn call(&self) -> &ToolCall {
        &self.answer.call
    }

    /// Gives the call back, to be authorized anew.
    pub fn into_call(self) -> ToolCall {
        self.answer.call
    }
}

impl fmt::Display for NotBegun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the call was not begun: {}", self.answer.message)
    }
}

impl std::error::Error for NotBegun {}
