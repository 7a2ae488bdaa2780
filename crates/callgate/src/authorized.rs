//! A call that may run, now.

use callgate_identity::ToolCredential;
use callgate_types::{Arguments, Caller, Context, ToolCall};

use crate::effects::Effects;

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
    effects: &'a Effects,
}

impl<'a> Authorized<'a> {
    pub(crate) const fn new(
        call: &'a ToolCall,
        arguments: &'a Arguments,
        caller: &'a Caller,
        context: &'a Context,
        obligations: &'a [Box<str>],
        credential: Option<&'a ToolCredential>,
        effects: &'a Effects,
    ) -> Self {
        Self {
            call,
            arguments,
            caller,
            context,
            obligations,
            credential,
            effects,
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

    /// Says what the tool did, for the record of the call's outcome: `voided invoice 17`.
    ///
    /// The record holds up to 256 effects in the order in which they were said, 64 KiB of them, and
    /// says how many more there were; of one of more than 256 bytes it holds the beginning and a
    /// digest. Where the secret of the tool's credential stands in one, it is left out. The model is
    /// told nothing of them.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate::{Permit, Ran};
    ///
    /// fn void(permit: Permit) -> Result<Ran<(), std::io::Error>, callgate::NotBegun> {
    ///     permit.run(|call| {
    ///         call.effect("voided invoice 17");
    ///         Ok(())
    ///     })
    /// }
    /// ```
    pub fn effect(&self, effect: impl Into<String>) {
        let effect = effect.into();
        let (effect, masked) = match self.credential {
            None => (effect, 0),
            Some(credential) => credential.secret().mask(effect),
        };
        self.effects.add(effect.into(), masked);
    }

    /// Says that the tool did nothing that lasts: that is known then, and stands in the record of
    /// the outcome as an empty list. Effects that were said stand all the same.
    pub fn no_effect(&self) {
        self.effects.none();
    }
}
