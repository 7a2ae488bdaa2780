//! What a standing is asked about.

use callgate_types::{Caller, Context};
use chrono::{DateTime, Utc};

/// What is asked about: a caller, with the session and the task that a call names, at a time.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub(super) caller: &'a Caller,
    pub(super) session: Option<&'a str>,
    pub(super) task: Option<&'a str>,
    pub(super) now: Option<DateTime<Utc>>,
}

impl<'a> Subject<'a> {
    /// `caller`, without a session and a task, at an unknown time.
    pub const fn new(caller: &'a Caller) -> Self {
        Self {
            caller,
            session: None,
            task: None,
            now: None,
        }
    }

    /// In the session and for the task of `context`.
    #[must_use]
    pub fn within(mut self, context: &'a Context) -> Self {
        self.session = context.session_id();
        self.task = context.task_id();
        self
    }

    /// In the session `id`.
    #[must_use]
    pub const fn in_session(mut self, id: Option<&'a str>) -> Self {
        self.session = id;
        self
    }

    /// For the task `id`.
    #[must_use]
    pub const fn for_task(mut self, id: Option<&'a str>) -> Self {
        self.task = id;
        self
    }

    /// At `now`.
    #[must_use]
    pub const fn at(mut self, now: DateTime<Utc>) -> Self {
        self.now = Some(now);
        self
    }
}
