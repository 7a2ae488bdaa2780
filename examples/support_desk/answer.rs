//! What came of one call: for the table, and for the model.

use std::fmt::Display;

use callgate::{Code, DecisionKind, Denial, NotBegun, Pending, Permit, Ran, ToolCall};
use serde_json::{Value, json};

/// What came of one call.
#[derive(Clone, Debug)]
pub struct Answer {
    pub id: Option<String>,
    pub tool: String,
    pub decision: DecisionKind,
    pub code: Code,
    pub rule: Option<String>,
    /// For people.
    pub why: String,
    /// Whether the outcome of a tool that ran could not be recorded.
    pub unrecorded: bool,
    /// For the model.
    reply: String,
}

impl Answer {
    /// The call may run; what comes of it is added when it has.
    pub fn allowed(permit: &Permit) -> Self {
        let why = permit.message().to_string();
        let answer = Self::new(permit.call(), DecisionKind::Allow, permit.code(), why);
        answer.by(permit.rule())
    }

    /// The tool ran, and succeeded or failed.
    pub fn after<T, E: Display>(mut self, ran: &Ran<T, E>) -> Self {
        if let Err(error) = &ran.output {
            self.why = format!("{}; the tool failed: {error}", self.why);
        }
        if let Err(error) = &ran.recorded {
            self.why = format!("{}; the outcome is not recorded: {error}", self.why);
            self.unrecorded = true;
        }
        ran.released().clone_into(&mut self.reply);
        self
    }

    /// The permit did not open after all.
    pub fn not_begun(mut self, error: &NotBegun) -> Self {
        self.decision = DecisionKind::Deny;
        self.code = error.code().unwrap_or(self.code);
        self.why = error.to_string();
        error.for_model().clone_into(&mut self.reply);
        self
    }

    /// The call waits for people.
    pub fn pending(pending: &Pending) -> Self {
        let why = format!("pending: {}", pending.message());
        let answer = Self::new(pending.call(), DecisionKind::Ask, pending.code(), why);
        answer.by(pending.rule()).told(pending.for_model())
    }

    /// The call was refused.
    pub fn denied(denial: &Denial) -> Self {
        let why = denial.message().to_string();
        let answer = Self::new(denial.call(), DecisionKind::Deny, denial.code(), why);
        answer.by(denial.rule()).told(denial.for_model())
    }

    /// The message that goes back to the model: every call is answered, a refused one too.
    pub fn as_message(&self) -> Value {
        json!({"role": "tool", "tool_call_id": self.id, "content": self.reply})
    }

    fn new(call: &ToolCall, decision: DecisionKind, code: Code, why: String) -> Self {
        Self {
            id: call.call_id().map(Into::into),
            tool: call.tool().to_owned(),
            decision,
            code,
            rule: None,
            why,
            unrecorded: false,
            reply: String::new(),
        }
    }

    fn by(mut self, rule: Option<&str>) -> Self {
        self.rule = rule.map(Into::into);
        self
    }

    fn told(mut self, reply: &str) -> Self {
        reply.clone_into(&mut self.reply);
        self
    }
}
