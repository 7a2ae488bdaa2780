//! What the host gets instead of a permit.

use std::borrow::Cow;

use callgate_approval::ApprovalId;
use callgate_types::{Code, DecisionKind, Friction, RiskTier, ToolCall};

use crate::cause::Cause;
use crate::judged::Judged;
use crate::{Parked, Reply};

/// A refusal, with the call that was refused.
#[derive(Debug)]
pub struct Denial(Box<Answer>);

/// An asked call: it may run once what is demanded is met.
///
/// It carries no authority: it refers to an approval, about which the store of approvals is the
/// truth. [`Pending::park`] gives what a host keeps until there is an answer. A gate without such a store
/// asks nobody: then [`Pending::is_resumable`] is false, and the call stays undone.
#[derive(Debug)]
pub struct Pending(Box<Answer>, Option<ApprovalId>);

/// What was decided of a call, owned.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Code,
    rule: Option<Box<str>>,
    tier: Option<RiskTier>,
    friction: Friction,
    obligations: Box<[Box<str>]>,
    pub(crate) message: Box<str>,
    pub(crate) for_model: Cow<'static, str>,
    record: Option<u64>,
    pub(crate) call: ToolCall,
}

impl Answer {
    /// Everything of the answer but the call and the number of its record.
    pub(crate) fn sketch(judged: &Judged<'_>) -> Sketch {
        Sketch {
            code: judged.code(),
            rule: judged.rule().map(Into::into),
            tier: judged.tier(),
            friction: judged.friction.clone(),
            obligations: judged.owned_obligations(),
            message: judged.message().into(),
            for_model: match judged.decision {
                DecisionKind::Ask => ASKED.into(),
                _ => denied(&judged.cause),
            },
        }
    }
}

/// An [`Answer`] without its call: made while the call is still borrowed.
#[derive(Debug)]
pub(crate) struct Sketch {
    code: Code,
    rule: Option<Box<str>>,
    tier: Option<RiskTier>,
    friction: Friction,
    obligations: Box<[Box<str>]>,
    message: Box<str>,
    for_model: Cow<'static, str>,
}

impl Sketch {
    /// A refusal for `cause` alone.
    pub(crate) fn of(cause: &Cause<'_>) -> Self {
        Self {
            code: cause.code(),
            rule: None,
            tier: None,
            friction: Friction::NONE,
            obligations: Box::default(),
            message: cause.to_string().into(),
            for_model: denied(cause),
        }
    }

    pub(crate) fn complete(self, call: ToolCall, record: Option<u64>) -> Box<Answer> {
        Box::new(Answer {
            code: self.code,
            rule: self.rule,
            tier: self.tier,
            friction: self.friction,
            obligations: self.obligations,
            message: self.message,
            for_model: self.for_model,
            record,
            call,
        })
    }

    pub(crate) fn denial(self, call: ToolCall, record: Option<u64>) -> Denial {
        Denial(self.complete(call, record))
    }

    pub(crate) fn pending(
        mut self,
        call: ToolCall,
        record: Option<u64>,
        approval: Option<ApprovalId>,
    ) -> Pending {
        if approval.is_some() {
            self.for_model = HELD.into();
        }
        Pending(self.complete(call, record), approval)
    }
}

const HELD: &str = "Held: this call needs a person's agreement, which has been asked for. The \
                    tool was not run. Do not retry: it goes on by itself once it is agreed to.";

const ASKED: &str = "Held: this call needs a person's agreement, which cannot be collected here. \
                     The tool was not run. Do not retry with the same arguments.";

fn denied(cause: &Cause<'_>) -> Cow<'static, str> {
    let why = cause.for_model();
    let next = if cause.can_be_tried() {
        "Then make this call again."
    } else if cause.passes() {
        "It may be tried again later."
    } else {
        "Do not retry with the same arguments."
    };
    format!("Denied by policy: {why}. The tool was not run. {next}").into()
}

macro_rules! answer {
    ($type:ident) => {
        impl $type {
            /// What decided, as a stable word.
            pub const fn code(&self) -> Code {
                self.0.code
            }

            /// The id of the rule that decided; `None` where no rule did.
            pub fn rule(&self) -> Option<&str> {
                self.0.rule.as_deref()
            }

            /// The tier of the call; `None` where it was not reached.
            pub const fn tier(&self) -> Option<RiskTier> {
                self.0.tier
            }

            /// What the host would have to do with the call.
            pub fn obligations(&self) -> &[Box<str>] {
                &self.0.obligations
            }

            /// Why, for people: it may name rules, bounds and principals.
            pub fn message(&self) -> &str {
                &self.0.message
            }

            /// What to tell the model: it names no rule and no bound, unless the rule discloses
            /// itself.
            pub fn for_model(&self) -> &str {
                &self.0.for_model
            }

            /// What to tell the model, in the shape that its loop expects.
            pub fn reply(&self) -> Reply<'_> {
                Reply::error(&self.0.for_model)
            }

            /// The sequence number of the decision's record; `None` where none is stored.
            pub const fn record(&self) -> Option<u64> {
                self.0.record
            }

            /// The call.
            pub const fn call(&self) -> &ToolCall {
                &self.0.call
            }

            /// Gives the call back.
            pub fn into_call(self) -> ToolCall {
                self.0.call
            }
        }
    };
}

answer!(Denial);
answer!(Pending);

impl Denial {
    pub(crate) const fn new(answer: Box<Answer>) -> Self {
        Self(answer)
    }
}

impl Pending {
    /// What is demanded.
    pub const fn friction(&self) -> &Friction {
        &self.0.friction
    }

    /// The approval that was asked for; `None` where the gate has no store of approvals.
    pub const fn approval(&self) -> Option<ApprovalId> {
        self.1
    }

    /// What to keep until there is an answer, and to [resume](crate::Gate::resume) then; `None` where
    /// nobody was asked.
    pub fn park(&self) -> Option<Parked> {
        self.1.map(|approval| Parked::new(approval, self.call()))
    }

    /// Whether the call can be resumed once what is demanded is met: not without a store of approvals.
    pub const fn is_resumable(&self) -> bool {
        self.1.is_some()
    }
}
