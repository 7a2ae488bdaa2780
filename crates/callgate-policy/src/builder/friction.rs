//! What a call demands before it may run.

use std::time::Duration;

use super::written::{Table, Written};

/// What every call of a tier demands.
#[derive(Clone, Debug, Default)]
pub struct Friction(Table);

impl Friction {
    /// Nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// The subject must say yes.
    #[must_use]
    pub fn confirm(self) -> Self {
        Self(self.0.with("confirm", true))
    }

    /// A dry run must have been shown.
    #[must_use]
    pub fn preview(self) -> Self {
        Self(self.0.with("preview", true))
    }

    /// Others must agree.
    #[must_use]
    pub fn approval(self, approval: Approval) -> Self {
        Self(self.0.with("approval", approval.into_table()))
    }

    /// How long an answer may take, in whole seconds.
    #[must_use]
    pub fn expires_in(self, time: Duration) -> Self {
        Self(self.0.with("expires_in", seconds(time)))
    }

    pub(super) fn into_table(self) -> Table {
        self.0
    }
}

/// Who else must agree: every group of people that is named.
#[derive(Clone, Debug, Default)]
pub struct Approval {
    groups: Vec<Written>,
    rest: Table,
}

impl Approval {
    /// So many different people out of these.
    pub fn by(count: u64, from: impl IntoIterator<Item = Approver>) -> Self {
        Self::default().and_by(count, from)
    }

    /// And so many out of these, too.
    #[must_use]
    pub fn and_by(mut self, count: u64, from: impl IntoIterator<Item = Approver>) -> Self {
        let from = from.into_iter().map(|approver| approver.0.into());
        let group = Table::of("from", Written::List(from.collect()));
        self.groups.push(group.with("count", count).into());
        self
    }

    /// Others who can agree for the group that was named last, too, once it was asked so long ago, in
    /// whole seconds.
    #[must_use]
    pub fn escalate(mut self, after: Duration, from: impl IntoIterator<Item = Approver>) -> Self {
        let from = from.into_iter().map(|approver| approver.0.into());
        let rung = Table::of("after", seconds(after)).with("from", Written::List(from.collect()));
        if let Some(Written::Table(group)) = self.groups.last_mut() {
            group.append("escalate", rung);
        }
        self
    }

    /// Whoever answers must have proved who they are so long ago at most, in whole seconds, and by one of
    /// these methods, where any are named.
    #[must_use]
    pub fn step_up<'a>(
        mut self,
        max_age: Option<Duration>,
        methods: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut table = Table::default();
        if let Some(age) = max_age {
            table.put("max_age", seconds(age));
        }
        let methods: Vec<Written> = methods.into_iter().map(Into::into).collect();
        if !methods.is_empty() {
            table.put("methods", Written::List(methods));
        }
        self.rest.put("step_up", table);
        self
    }

    /// A standing approval may answer: for so many calls at most, for so long, in whole seconds.
    #[must_use]
    pub fn standing(mut self, uses: u64, within: Duration) -> Self {
        let table = Table::of("uses", uses).with("within", seconds(within));
        self.rest.put("standing", table);
        self
    }

    /// How long an answer may take, in whole seconds.
    #[must_use]
    pub fn expires_in(mut self, time: Duration) -> Self {
        self.rest.put("expires_in", seconds(time));
        self
    }

    pub(super) fn into_table(self) -> Table {
        let mut table = Table::of("all_of", Written::List(self.groups));
        table.0.extend(self.rest.0);
        table
    }
}

/// Somebody who can agree.
#[derive(Clone, Debug)]
pub struct Approver(String);

impl Approver {
    /// Whoever holds this role.
    pub fn role(name: &str) -> Self {
        Self(format!("role:{name}"))
    }

    /// Whoever holds this scope.
    pub fn scope(scope: &str) -> Self {
        Self(format!("scope:{scope}"))
    }

    /// The user with this id.
    pub fn user(id: &str) -> Self {
        Self(format!("user:{id}"))
    }
}

/// A part of a second is written, too, and refused: no policy has one.
pub(super) fn seconds(time: Duration) -> String {
    match time.subsec_nanos() {
        0 => format!("{}s", time.as_secs()),
        nanos => format!("{}.{nanos:09}s", time.as_secs()),
    }
}
