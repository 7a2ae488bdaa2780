//! How long ago the subject proved who it is.

use std::sync::OnceLock;

use callgate_types::{Caller, Context, Json, JsonRef, Principal, Verification};

/// The age of one call's caller, worked out when a condition asks for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Age(OnceLock<Option<Box<Json>>>);

impl Age {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// In whole seconds, by the time of the context; `None` is unknown.
    pub(crate) fn of(
        &self,
        caller: Option<&Caller>,
        context: Option<&Context>,
    ) -> Option<JsonRef<'_>> {
        let work_out = || {
            let verification = verification(caller)?;
            let age = verification.age(context?.time_now()?)?;
            Json::parse(age.to_string()).ok().map(Box::new)
        };
        self.0.get_or_init(work_out).as_deref().map(Json::root)
    }
}

/// How the subject was verified.
pub(crate) fn verification(caller: Option<&Caller>) -> Option<&Verification> {
    caller?.subject().map(Principal::verification)
}
