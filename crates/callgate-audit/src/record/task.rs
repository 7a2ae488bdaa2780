//! What an agent was started for, and when that ended.

use callgate_types::{Caller, Decimal, Principal, ResourceName};
use chrono::{DateTime, Utc};

use super::Kept;
use super::extent::Extent;
use super::keep::write_kept_text;
use super::write::{
    amount_or_null, names_or_null, number_or_null, principal_or_null, time_or_null, write_caller,
};
use crate::encode::Object;

/// A task was begun: within it, its agents may do what it names, and nothing else.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TaskBegunRecord<'a> {
    /// When.
    pub time: DateTime<Utc>,
    /// The id of the task; decisions name it.
    pub task: &'a str,
    /// On whose behalf.
    pub caller: &'a Caller,
    /// The session in which it was begun.
    pub session: Option<&'a str>,
    /// What is to be done, in words.
    pub purpose: Option<Kept<'a>>,
    /// The tools that may be called; `None` does not limit them.
    pub tools: Option<&'a [&'a str]>,
    /// What may be acted on; `None` does not limit it.
    pub resources: Option<&'a [ResourceName<'a>]>,
    /// The scopes that may be used; `None` does not limit them.
    pub scopes: Option<&'a [&'a str]>,
    /// How much may be used.
    pub budget: &'a [Budget<'a>],
    /// When it ends by itself.
    pub expires: Option<DateTime<Utc>>,
}

impl<'a> TaskBegunRecord<'a> {
    /// The task `task` on behalf of `caller`, without limits.
    pub const fn new(time: DateTime<Utc>, task: &'a str, caller: &'a Caller) -> Self {
        Self {
            time,
            task,
            caller,
            session: None,
            purpose: None,
            tools: None,
            resources: None,
            scopes: None,
            budget: &[],
            expires: None,
        }
    }

    pub(super) fn write(&self, extent: Extent, object: &mut Object<'_>) {
        object.name("task", Some(self.task));
        write_caller(object, extent, self.caller);
        object.name("session", self.session);
        write_kept_text(object, "purpose", self.purpose, extent);
        names_or_null(object, extent, "tools", self.tools);
        match self.resources {
            Some(resources) => {
                object.list(
                    "resources",
                    extent.items(),
                    resources.iter(),
                    |out, name| {
                        let mut inner = Object::begin(out);
                        inner.name("kind", Some(name.kind));
                        inner.name("id", name.id);
                        inner.end();
                    },
                );
            }
            None => object.null("resources"),
        }
        names_or_null(object, extent, "scopes", self.scopes);
        object.list("budget", extent.items(), self.budget.iter(), |out, part| {
            let mut inner = Object::begin(out);
            inner.name("of", Some(part.of));
            amount_or_null(&mut inner, "at_most", Some(part.at_most));
            inner.name("unit", part.unit);
            inner.end();
        });
        time_or_null(object, "expires", self.expires);
    }
}

/// How much of one thing a task may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Budget<'a> {
    /// What is counted: `calls`, or what a limit of the policy is called.
    pub of: &'a str,
    /// How much, exactly.
    pub at_most: &'a Decimal,
    /// In what unit: a currency, say.
    pub unit: Option<&'a str>,
}

impl<'a> Budget<'a> {
    /// At most `at_most` of `of`.
    pub const fn new(of: &'a str, at_most: &'a Decimal) -> Self {
        Self {
            of,
            at_most,
            unit: None,
        }
    }
}

/// A task has ended, and with it all that was granted for it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TaskEndedRecord<'a> {
    /// When.
    pub time: DateTime<Utc>,
    /// The id of the task.
    pub task: &'a str,
    /// Within which tenant; `None` is of callers without one.
    pub tenant: Option<&'a str>,
    /// Why it ended.
    pub end: TaskEnd,
    /// Who ended it; `None` where it ended by itself.
    pub by: Option<&'a Principal>,
    /// How many tokens were revoked with it; `None` where nobody counted them.
    pub tokens: Option<u64>,
    /// How many permits of this process that had not begun were revoked with it.
    pub permits: u64,
    /// Why, in words.
    pub reason: Option<&'a str>,
}

impl<'a> TaskEndedRecord<'a> {
    /// The task `task` ended by itself, and no permit was out for it.
    pub const fn new(time: DateTime<Utc>, task: &'a str, end: TaskEnd) -> Self {
        Self {
            time,
            task,
            tenant: None,
            end,
            by: None,
            tokens: None,
            permits: 0,
            reason: None,
        }
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.name("task", Some(self.task));
        object.name("tenant", self.tenant);
        object.word("end", self.end.as_str());
        principal_or_null(object, "by", self.by);
        number_or_null(object, "tokens", self.tokens);
        object.number("permits", self.permits);
        object.name("reason", self.reason);
    }
}

/// Why a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskEnd {
    /// It was done.
    Done,
    /// Whoever began it took it back.
    Cancelled,
    /// Its time was over.
    Expired,
    /// It was revoked.
    Revoked,
}

impl TaskEnd {
    /// The word for it in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}
