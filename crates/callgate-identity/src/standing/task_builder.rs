//! Putting a task together.

use callgate_types::{Caller, Delegation, DelegationFault, NamePattern, PrincipalId, is_name};
use chrono::{DateTime, Datelike as _, Utc};

use super::task::{Task, TaskResource};

/// Collects what a task covers; see [`Task::builder`].
#[must_use]
#[derive(Clone, Debug)]
pub struct TaskBuilder {
    id: Box<str>,
    purpose: Option<Box<str>>,
    tools: Option<Vec<Box<str>>>,
    resources: Option<Vec<Named>>,
    limit: Delegation,
    expires: DateTime<Utc>,
}

/// Kind and id of resources, as they were named.
type Named = (Box<str>, Option<Box<str>>);

impl TaskBuilder {
    pub(super) fn new(id: Box<str>, expires: DateTime<Utc>) -> Self {
        Self {
            id,
            purpose: None,
            tools: None,
            resources: None,
            limit: Delegation::new(),
            expires,
        }
    }

    /// What is to be done, in words, at most [`Task::MAX_PURPOSE`] bytes. It is recorded.
    pub fn purpose(mut self, text: impl Into<Box<str>>) -> Self {
        self.purpose = Some(text.into());
        self
    }

    /// Adds tools, by names in which `*` stands for any run of characters; others are outside. An
    /// empty list leaves none.
    pub fn tools<S: Into<Box<str>>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let tools = self.tools.get_or_insert_default();
        tools.extend(bounded(names.into_iter().map(Into::into)));
        self
    }

    /// Adds resources of `kind`, by ids in which `*` stands for any run of characters; others are
    /// outside.
    pub fn resource(mut self, kind: impl Into<Box<str>>, id: impl Into<Box<str>>) -> Self {
        let resources = self.resources.get_or_insert_default();
        resources.push((kind.into(), Some(id.into())));
        self
    }

    /// Adds all resources of `kind`.
    pub fn resources_of(mut self, kind: impl Into<Box<str>>) -> Self {
        self.resources
            .get_or_insert_default()
            .push((kind.into(), None));
        self
    }

    /// Nothing that the arguments name may be acted on, but what is added besides.
    pub fn no_resources(mut self) -> Self {
        self.resources.get_or_insert_default();
        self
    }

    /// Only these scopes. Said twice, only those of both.
    pub fn scopes<S: Into<Box<str>>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.limit = self.limit.scopes(names);
        self
    }

    /// The task, on the authority of the subject of `caller`, in its tenant.
    ///
    /// # Errors
    ///
    /// Refuses names that cannot be, more than there may be, and a caller without a subject.
    pub fn build_for(self, caller: &Caller) -> Result<Task, TaskFault> {
        let subject = caller.subject().ok_or(TaskFault::NoSubject)?;
        self.build(caller.tenant().map(Into::into), subject.id().clone())
    }

    pub(super) fn build(
        self,
        tenant: Option<Box<str>>,
        subject: PrincipalId,
    ) -> Result<Task, TaskFault> {
        let names = [Some(&self.id), tenant.as_ref()];
        if !names.into_iter().flatten().all(|name| is_name(name)) {
            return Err(TaskFault::Name);
        }
        if !(0..=9_999).contains(&self.expires.year()) {
            return Err(TaskFault::Expiry);
        }
        let purpose = self.purpose.as_ref().map_or(0, |text| text.len());
        if purpose > Task::MAX_PURPOSE {
            return Err(TaskFault::Purpose);
        }
        if let Some(fault) = self.limit.fault() {
            return Err(TaskFault::Scopes(fault));
        }
        let count = |len: usize| match len {
            0..=Task::MAX_PATTERNS => Ok(()),
            _ => Err(TaskFault::TooMany),
        };
        let tools = self.tools.map(|tools| {
            count(tools.len())?;
            tools.into_iter().map(pattern).collect()
        });
        let resources = self.resources.map(|resources| {
            count(resources.len())?;
            let covered = resources.into_iter().map(|(kind, id)| {
                if !is_name(&kind) {
                    return Err(TaskFault::Name);
                }
                Ok(TaskResource::new(kind, id.map(pattern).transpose()?))
            });
            covered.collect()
        });
        Ok(Task {
            tenant,
            id: self.id,
            subject,
            purpose: self.purpose,
            tools: tools.transpose()?,
            resources: resources.transpose()?,
            limit: self.limit,
            expires: self.expires,
        })
    }
}

/// No more than are looked at.
fn bounded(names: impl Iterator<Item = Box<str>>) -> impl Iterator<Item = Box<str>> {
    names.take(Task::MAX_PATTERNS.saturating_add(1))
}

fn pattern(text: Box<str>) -> Result<NamePattern, TaskFault> {
    if is_name(&text) {
        Ok(NamePattern::new(text))
    } else {
        Err(TaskFault::Name)
    }
}

/// Why something cannot be a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TaskFault {
    /// An id, a tenant, a tool or a resource is empty, too long, or has control characters.
    #[error("expected names of 1 to 256 bytes without control characters")]
    Name,
    /// It ends in a year that RFC 3339 cannot write.
    #[error("expected a task that ends in a year from 0 to 9999")]
    Expiry,
    /// There are too many tools or resources.
    #[error("expected at most {} tools and as many resources", Task::MAX_PATTERNS)]
    TooMany,
    /// The purpose is too long.
    #[error("expected a purpose of at most {} bytes", Task::MAX_PURPOSE)]
    Purpose,
    /// The scopes cannot be.
    #[error("the scopes of a task cannot be: {0}")]
    Scopes(DelegationFault),
    /// The caller has no subject: nobody is known, or it was refused.
    #[error("a task needs a caller with a subject")]
    NoSubject,
}

#[cfg(test)]
mod tests {
    use callgate_types::Principal;

    use super::*;

    #[track_caller]
    fn check(expires: DateTime<Utc>, expected: &str) {
        let alice = Caller::of(Principal::asserted(PrincipalId::user("alice").unwrap()));
        let built = Task::builder("t", expires).build_for(&alice.without_tenant().unwrap());
        let told = built.map_or_else(|fault| fault.to_string(), |_| "built".to_owned());
        assert_eq!(told, expected);
    }

    #[test]
    fn years_that_cannot_be_written() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        check(at(253_402_300_799), "built");
        let refused = "expected a task that ends in a year from 0 to 9999";
        check(at(253_402_300_800), refused);
        check(DateTime::<Utc>::MAX_UTC, refused);
        check(DateTime::<Utc>::MIN_UTC, refused);
    }
}
