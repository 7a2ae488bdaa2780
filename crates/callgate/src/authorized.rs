//! A call that may run, now.

use callgate_types::{Arguments, Caller, Context, ToolCall};

/// A call that may run, now: its permit has begun.
///
/// Nothing but [`Permit::run`](crate::Permit::run) and
/// [`Running::authorized`](crate::Running::authorized) makes one. It shows exactly the call that
/// was judged.
#[derive(Clone, Copy, Debug)]
pub struct Authorized<'a> {
    call: &'a ToolCall,
    arguments: &'a Arguments,
    caller: &'a Caller,
    context: &'a Context,
    obligations: &'a [Box<str>],
}

impl<'a> Authorized<'a> {
    pub(crate) const fn new(
        call: &'a ToolCall,
        arguments: &'a Arguments,
        caller: &'a Caller,
        context: &'a Context,
        obligations: &'a [Box<str>],
    ) -> Self {
        Self {
            call,
            arguments,
            caller,
            context,
            obligations,
        }
    }

    /// The call.
    pub const fn call(&self) -> &'a ToolCall {
        self.call
    }

    /// The name of the tool.
    pub fn tool(&self) -> &'a str {
        self.call.tool()
    }

    /// The arguments that were judged.
    pub const fn arguments(&self) -> &'a Arguments {
        self.arguments
    }

    /// Who calls.
    pub const fn caller(&self) -> &'a Caller {
        self.caller
    }

    /// What else was known when the call was judged.
    pub const fn context(&self) -> &'a Context {
        self.context
    }

    /// What the host must do with this call.
    pub const fn obligations(&self) -> &'a [Box<str>] {
        self.obligations
    }
}
