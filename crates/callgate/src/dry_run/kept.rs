//! Dry runs that ended well, for a while.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use callgate_approval::DryRun;
use callgate_types::Digest;

/// For so long a dry run counts.
pub(crate) const MAX_AGE: Duration = Duration::from_secs(15 * 60);

/// Most dry runs kept of one session.
const MAX_OF_SESSION: usize = 32;
/// Most dry runs kept of all sessions.
const MAX_RUNS: usize = 1_024;
/// Most bytes kept of one result. What is longer cannot be shown.
const MAX_RESULT: usize = 48 << 10;
/// Most bytes kept of all results.
const MAX_BYTES: usize = 8 << 20;

/// Dry runs that ended well, for a while, in memory: a restart forgets them, and so does whoever runs
/// so many that the older ones make room. Then the call is tried out anew.
#[derive(Debug, Default)]
pub(crate) struct DryRuns(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// The oldest first.
    runs: VecDeque<Run>,
    bytes: usize,
}

#[derive(Debug)]
struct Run {
    key: Digest,
    session: Session,
    /// When it ended, by the clock that does not run backwards.
    ended: Duration,
    found: Found,
}

/// A session, in its tenant.
pub(crate) type Session = (Option<Box<str>>, Box<str>);

/// A dry run that counts.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) dry_run: DryRun,
    pub(crate) outcome: Outcome,
}

/// What is kept of what the tool gave back.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// The text.
    Shown(Arc<str>),
    /// Nothing but its digest: the catalogue says so.
    Masked,
    /// Nothing: nobody reads so much.
    TooLong,
}

impl Outcome {
    /// What is kept of `text`, which is not to be shown where it is `masked`.
    pub(crate) fn of(text: &str, masked: bool) -> Self {
        match text {
            _ if masked => Self::Masked,
            text if text.len() > MAX_RESULT => Self::TooLong,
            text => Self::Shown(text.into()),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Shown(text) => text.len(),
            Self::Masked | Self::TooLong => 0,
        }
    }
}

impl DryRuns {
    /// Keeps a dry run of the calls with these `keys`, in the place of earlier ones.
    pub(crate) fn keep(&self, keys: &[Digest], session: &Session, ended: Duration, found: &Found) {
        let mut kept = self.lock();
        kept.forget_old(ended);
        kept.retain(|run| !keys.contains(&run.key));
        for key in keys {
            let of_session = kept.runs.iter().filter(|run| run.session == *session);
            if of_session.count() >= MAX_OF_SESSION
                && let Some(oldest) = kept.runs.iter().position(|run| run.session == *session)
            {
                kept.remove(oldest);
            }
            kept.bytes = kept.bytes.saturating_add(found.outcome.bytes());
            kept.runs.push_back(Run {
                key: *key,
                session: session.clone(),
                ended,
                found: found.clone(),
            });
        }
        while kept.runs.len() > MAX_RUNS || kept.bytes > MAX_BYTES {
            kept.remove(0);
        }
    }

    /// Forgets the dry runs of the calls with these `keys`: a later one failed.
    pub(crate) fn forget(&self, keys: &[Digest]) {
        self.lock().retain(|run| !keys.contains(&run.key));
    }

    /// Forgets a dry run whose call begins: what it showed is of before.
    pub(crate) fn forget_shown(&self, shown: &DryRun) {
        self.lock().retain(|run| run.found.dry_run != *shown);
    }

    /// Forgets the dry runs of a session that is over.
    pub(crate) fn forget_session(&self, session: &Session) {
        self.lock().retain(|run| run.session != *session);
    }

    /// The dry run of the call with this `key` that counts now.
    pub(crate) fn find(&self, key: Digest, now: Duration) -> Option<Found> {
        let mut kept = self.lock();
        kept.forget_old(now);
        let run = kept.runs.iter().find(|run| run.key == key);
        run.map(|run| run.found.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // What is kept is whole between any two lines.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn forget_old(&mut self, now: Duration) {
        self.retain(|run| now.saturating_sub(run.ended) <= MAX_AGE);
    }

    fn retain(&mut self, stays: impl Fn(&Run) -> bool) {
        self.runs.retain(|run| stays(run));
        let bytes = self.runs.iter().map(|run| run.found.outcome.bytes());
        self.bytes = bytes.fold(0, usize::saturating_add);
    }

    fn remove(&mut self, place: usize) {
        if let Some(run) = self.runs.remove(place) {
            self.bytes = self.bytes.saturating_sub(run.found.outcome.bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(number: u64, text: &str) -> Found {
        let result = Digest::of(text.as_bytes());
        Found {
            dry_run: DryRun::new(number, chrono::DateTime::UNIX_EPOCH, result),
            outcome: Outcome::of(text, false),
        }
    }

    fn key(number: u64) -> Digest {
        Digest::of(&number.to_be_bytes())
    }

    fn session(name: &str) -> Session {
        (None, name.into())
    }

    fn keep(runs: &DryRuns, number: u64, of: &str, text: &str) {
        let now = Duration::from_secs(1);
        runs.keep(&[key(number)], &session(of), now, &found(number, text));
    }

    fn has(runs: &DryRuns, number: u64) -> bool {
        runs.find(key(number), Duration::from_secs(1)).is_some()
    }

    #[test]
    fn one_session_does_not_push_out_another() {
        let runs = DryRuns::default();
        keep(&runs, 0, "quiet", "");
        for number in 1..=100 {
            keep(&runs, number, "busy", "");
        }
        assert!(has(&runs, 0) && has(&runs, 100) && has(&runs, 69));
        assert!(!has(&runs, 68));
        runs.forget_session(&session("busy"));
        assert!(has(&runs, 0) && !has(&runs, 100));
    }

    #[test]
    fn bytes_are_bounded() {
        let runs = DryRuns::default();
        let long = "x".repeat(MAX_RESULT);
        for number in 0..300 {
            keep(&runs, number, &number.to_string(), &long);
        }
        assert!(!has(&runs, 0) && has(&runs, 299));
        assert!(runs.lock().bytes <= MAX_BYTES);
        let longer = "x".repeat(MAX_RESULT + 1);
        assert!(matches!(Outcome::of(&longer, false), Outcome::TooLong));
        assert!(matches!(Outcome::of("pin", true), Outcome::Masked));
    }

    #[test]
    fn sessions_are_bounded() {
        let runs = DryRuns::default();
        for number in 0..2_000 {
            keep(&runs, number, &number.to_string(), "");
        }
        assert_eq!(runs.lock().runs.len(), MAX_RUNS);
        assert!(has(&runs, 1_999) && !has(&runs, 0));
    }

    #[test]
    fn too_old() {
        let runs = DryRuns::default();
        keep(&runs, 1, "s", "");
        let end = Duration::from_secs(1) + MAX_AGE;
        assert!(runs.find(key(1), end).is_some());
        assert!(runs.find(key(1), end + Duration::from_nanos(1)).is_none());
    }
}
