//! What a call is judged by besides the policy.

use std::sync::Arc;

use callgate_identity::standing::{Standing, Subject, Underway};
use callgate_types::{Caller, Context};
use chrono::{DateTime, Utc};

use crate::cause::Cause;
use crate::host::Host;

/// What a call is judged by besides the policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting<'a> {
    pub(crate) host: &'a Host,
    /// The time by which the end of the caller is told.
    pub(crate) now: Option<DateTime<Utc>>,
    /// Who is in good standing; `None` where nobody says.
    pub(crate) standing: Option<&'a Standing>,
    /// The time by which the end of a task is told.
    pub(crate) task_now: Option<DateTime<Utc>>,
}

impl<'a> Setting<'a> {
    /// Looks whether anything is against the caller, its session or its task; gives the task.
    #[inline]
    pub(crate) fn look(
        &self,
        caller: &'a Caller,
        context: &'a Context,
    ) -> Result<Option<&'a Arc<Underway>>, Cause<'a>> {
        if self.host.requires_task && context.task_id().is_none() {
            return Err(Cause::NoTask);
        }
        let Some(standing) = self.standing else {
            return Ok(None);
        };
        let mut subject = Subject::new(caller).within(context);
        if let Some(now) = self.task_now {
            subject = subject.at(now);
        }
        standing.look(&subject).map_err(|bar| Cause::Barred {
            caller,
            session: context.session_id(),
            task: context.task_id(),
            bar,
        })
    }
}
