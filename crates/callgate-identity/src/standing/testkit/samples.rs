//! Changes to try stores with.

use callgate_types::{ParsePrincipalError, PrincipalId};
use chrono::DateTime;

use crate::standing::{
    Change, Lift, Position, Quarantine, Quarantined, Revocation, TargetFault, Task, TaskFault,
};

/// Why there are no samples: never.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoSample {
    #[error(transparent)]
    Principal(#[from] ParsePrincipalError),
    #[error(transparent)]
    Target(#[from] TargetFault),
    #[error(transparent)]
    Task(#[from] TaskFault),
}

/// One of every kind, and the largest ones that there are.
pub(super) fn all() -> Result<Vec<Change>, NoSample> {
    let by = PrincipalId::user("officer")?;
    let odd = "\u{fc}\\\"'\u{2028}\u{1f511}; DROP TABLE change; --";
    let bot = PrincipalId::agent(odd)?;
    let end = DateTime::from_timestamp_micros(1_796_126_400_123_456).unwrap_or_default();
    let build = |task: crate::standing::TaskBuilder, tenant: Option<&str>| {
        task.build(tenant.map(Into::into), by.clone())
    };
    let longest = |number: usize| format!("{number:03}{}", "\"".repeat(253));
    let largest = Task::builder("x".repeat(256), end)
        .tools((0..Task::MAX_PATTERNS).map(longest))
        .scopes((0..Task::MAX_PATTERNS).map(longest));
    let covered = (0..Task::MAX_PATTERNS).fold(Task::builder(odd, end), |task, number| {
        task.resource(longest(number), "*")
    });
    let restricted = Quarantine::of(Quarantined::tenant("acme")?).lifted_by_only([by.clone()])?;
    Ok(vec![
        Change::begin(build(Task::builder("bare", end), None)?, by.clone()),
        Change::begin(build(largest, Some("acme"))?, by.clone()),
        Change::begin(build(covered, Some(odd))?, by.clone()),
        Change::begin(
            build(Task::builder("none", end).no_resources(), None)?,
            by.clone(),
        ),
        Change::revoke(Revocation::principal(None, bot.clone())?, by.clone()),
        Change::revoke(Revocation::session(Some("acme"), odd)?, by.clone()),
        Change::revoke(Revocation::task(None, "bare")?, by.clone()),
        Change::revoke(Revocation::token("acme", &"ab".repeat(64))?, by.clone()),
        Change::quarantine(restricted, bot.clone()),
        Change::quarantine(
            Quarantine::of(Quarantined::principal(None, bot)?),
            by.clone(),
        ),
        Change::lift(
            Lift::new(Quarantined::tenant("acme")?, Position::new(9)),
            by,
        ),
    ])
}

/// A small one that can be told from others.
pub(super) fn numbered(number: u64) -> Result<Change, NoSample> {
    let session = Revocation::session(Some("acme"), &number.to_string())?;
    Ok(Change::revoke(session, PrincipalId::user("officer")?))
}
