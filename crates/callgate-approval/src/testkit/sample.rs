//! Approvals to try a store with.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use callgate_types::{Digest, PrincipalId, PrincipalKind};
use chrono::{DateTime, Utc};

use super::kit::Finding;
use crate::demands::{Demands, Eligible, Group};
use crate::{
    Approval, ApprovalId, ApprovalStore, DryRun, Ground, GroundKind, Loaded, Look, Question,
    StoreError,
};

/// Long enough for a store that is far away, short enough to wait for.
pub(crate) const SHORT: Duration = Duration::from_millis(400);
/// Longer than any test takes.
pub(crate) const LONG: Duration = Duration::from_secs(3_600);

/// A number that no other sample has, in this process.
fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

pub(crate) fn user(name: &str) -> Result<PrincipalId, Finding> {
    PrincipalId::new(PrincipalKind::User, name).map_err(|error| Finding::new("a user", error))
}

pub(crate) fn now(store: &impl ApprovalStore) -> Result<DateTime<Utc>, Finding> {
    let nobody = user("nobody")?;
    let look = Look::new(Digest::ZERO, None, &nobody, LONG);
    done(store.find(&look)).map(|found| found.now)
}

/// A question of `subject` in `tenant` about the call `binding`, open for `time` from now on.
pub(crate) fn asked(
    store: &impl ApprovalStore,
    tenant: &str,
    subject: &str,
    binding: &str,
    time: Duration,
) -> Result<Approval, Finding> {
    let question = question(tenant, subject, binding)?;
    Ok(Approval::new(unique_id(), question, now(store)?, time))
}

/// An id that no other sample has, in this process.
pub(crate) fn unique_id() -> ApprovalId {
    let mut id = [0; 16];
    let (_, low) = id.split_at_mut(8);
    low.copy_from_slice(&unique().to_be_bytes());
    ApprovalId::from_bytes(id)
}

/// A question of `subject` in `tenant` about the call `binding`.
pub(crate) fn question(tenant: &str, subject: &str, binding: &str) -> Result<Question, Finding> {
    Ok(Question {
        tenant: Some(tenant.into()),
        subject: user(subject)?,
        actors: vec![user("bot \u{202e}\"\\'--")?],
        person: user(subject)?,
        owners: vec![user("owner")?],
        tool: "tool 'x'; --".into(),
        arguments: Digest::of(b"arguments"),
        session: Some("s-1".into()),
        task: None,
        environment: Some("prod".into()),
        binding: Digest::of(binding.as_bytes()),
        basis: vec![Ground::new(GroundKind::Rule, Some("r"), Digest::of(b"r"))],
        demands: Demands {
            confirm: true,
            preview: false,
            groups: vec![Group {
                from: vec![
                    Eligible::Role("lead".into()),
                    Eligible::Principal(user("bob")?),
                ],
                count: 2,
                ladder: Vec::new(),
            }],
            step_up: None,
            standing: None,
        },
        preview: "tool: x\n/a = \"\u{1f600} \\u{202e}\"\n".into(),
        dry_run: Some(DryRun::new(3, DateTime::UNIX_EPOCH, Digest::of(b"dry"))),
        decision: u64::MAX >> 1,
        supersedes: Some(ApprovalId::from_bytes([0xff; 16])),
        definition: Some(Digest::of(b"definition")),
    })
}

pub(crate) fn load(store: &impl ApprovalStore, id: ApprovalId) -> Result<Loaded, Finding> {
    done(store.load(id))
}

/// What a call should not have failed with.
pub(crate) fn done<T>(result: Result<T, StoreError>) -> Result<T, Finding> {
    result.map_err(|error| Finding::new("success", error))
}
