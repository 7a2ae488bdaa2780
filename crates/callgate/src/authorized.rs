//! A call that may run, now.

use callgate_identity::ToolCredential;
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
    credential: Option<&'a ToolCredential>,
}

impl<'a> Authorized<'a> {
    pub(crate) const fn new(
        call: &'a ToolCall,
        arguments: &'a Arguments,
        caller: &'a Caller,
        context: &'a Context,
        obligations: &'a [Box<str>],
        credential: Option<&'a ToolCredential>,
    ) -> Self {
        Self {
            call,
            arguments,
            caller,
            context,
            obligations,
            credential,
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

    /// The credential that was issued for this call, where the catalogue says that the tool needs
    /// one. It is taken back when the call ends.
    pub const fn credential(&self) -> Option<&'a ToolCredential> {
        self.credential
    }

    /// What the host must do with this call.
    pub const fn obligations(&self) -> &'a [Box<str>] {
        self.obligations
    }
}
