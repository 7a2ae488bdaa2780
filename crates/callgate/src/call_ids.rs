//! Every call id of a session may be used for one call, once.
//!
//! Models repeat themselves, and so do retrying hosts. The same id for another call is a
//! conflict; the same call again is let through only while nothing has begun.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use callgate_types::{Code, Digest};

/// Most call ids kept of one session.
pub(crate) const MAX_IDS: usize = 10_000;

/// Most sessions kept in one shard; there are [`SHARDS`].
const MAX_SESSIONS: usize = 8_192;

/// Locks are never held across anything slow; shards keep threads from queueing all the same.
const SHARDS: usize = 16;

/// The call ids of all sessions that this gate has seen.
#[derive(Debug, Default)]
pub(crate) struct CallIds {
    shards: [Mutex<HashMap<SessionKey, Arc<Session>>>; SHARDS],
    hasher: RandomState,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct SessionKey {
    tenant: Option<Box<str>>,
    session: Box<str>,
}

#[derive(Debug, Default)]
struct Session(Mutex<HashMap<Arc<str>, Use>>);

/// How an id is used.
#[derive(Clone, Copy, Debug)]
struct Use {
    digest: Digest,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Judged before, nothing began: may be judged anew.
    Free,
    /// Being judged, allowed, or running.
    Held,
    /// Has begun.
    Begun,
}

impl CallIds {
    /// Takes `id` for the call with this `digest`, until the claim is dropped.
    ///
    /// # Errors
    ///
    /// Returns the code with which the call is to be denied.
    pub(crate) fn claim(
        &self,
        tenant: Option<&str>,
        session: &str,
        id: &str,
        digest: Digest,
    ) -> Result<Claim, Code> {
        let session = self.session(tenant, session)?;
        let id: Arc<str> = id.into();
        {
            let mut ids = lock(&session.0);
            let full = ids.len() >= MAX_IDS;
            match ids.entry(Arc::clone(&id)) {
                Entry::Vacant(_) if full => return Err(Code::CallIdsExhausted),
                Entry::Vacant(vacant) => {
                    vacant.insert(Use {
                        digest,
                        state: State::Held,
                    });
                }
                Entry::Occupied(mut known) => {
                    let known = known.get_mut();
                    match known.state {
                        _ if known.digest != digest => return Err(Code::CallIdConflict),
                        State::Held => return Err(Code::CallInProgress),
                        State::Begun => return Err(Code::CallAlreadyRun),
                        State::Free => known.state = State::Held,
                    }
                }
            }
        }
        Ok(Claim {
            session,
            id,
            begun: false,
        })
    }

    /// Forgets the ids of one session.
    pub(crate) fn forget(&self, tenant: Option<&str>, session: &str) {
        let key = SessionKey {
            tenant: tenant.map(Into::into),
            session: session.into(),
        };
        if let Some(shard) = self.shard(&key) {
            lock(shard).remove(&key);
        }
    }

    fn session(&self, tenant: Option<&str>, session: &str) -> Result<Arc<Session>, Code> {
        let key = SessionKey {
            tenant: tenant.map(Into::into),
            session: session.into(),
        };
        let shard = self.shard(&key).ok_or(Code::CallIdsExhausted)?;
        let mut sessions = lock(shard);
        let full = sessions.len() >= MAX_SESSIONS;
        match sessions.entry(key) {
            Entry::Occupied(known) => Ok(Arc::clone(known.get())),
            Entry::Vacant(_) if full => Err(Code::CallIdsExhausted),
            Entry::Vacant(vacant) => Ok(Arc::clone(vacant.insert(Arc::default()))),
        }
    }

    fn shard(&self, key: &SessionKey) -> Option<&Mutex<HashMap<SessionKey, Arc<Session>>>> {
        let [first, ..] = self.hasher.hash_one(key).to_le_bytes();
        self.shards.get(usize::from(first) % SHARDS)
    }
}

/// Nothing that holds one of these locks can panic halfway through a change.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A call id in use; dropping it gives the id back, unless the call has begun.
#[derive(Debug)]
pub(crate) struct Claim {
    session: Arc<Session>,
    id: Arc<str>,
    begun: bool,
}

impl Claim {
    /// The call begins: its id is used up.
    pub(crate) const fn begin(&mut self) {
        self.begun = true;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(known) = lock(&self.session.0).get_mut(&self.id) {
            known.state = if self.begun {
                State::Begun
            } else {
                State::Free
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(ids: &CallIds, id: &str, call: &[u8]) -> Result<Claim, Code> {
        ids.claim(Some("acme"), "s", id, Digest::of(call))
    }

    #[track_caller]
    fn check(ids: &CallIds, id: &str, call: &[u8], expected: Result<(), Code>) {
        assert_eq!(claim(ids, id, call).map(drop), expected);
    }

    #[test]
    fn life_of_an_id() {
        let ids = CallIds::default();
        let held = claim(&ids, "c1", b"call").unwrap();
        check(&ids, "c1", b"call", Err(Code::CallInProgress));
        check(&ids, "c1", b"other", Err(Code::CallIdConflict));
        drop(held);
        check(&ids, "c1", b"other", Err(Code::CallIdConflict));
        let mut held = claim(&ids, "c1", b"call").unwrap();
        held.begin();
        check(&ids, "c1", b"call", Err(Code::CallInProgress));
        drop(held);
        check(&ids, "c1", b"call", Err(Code::CallAlreadyRun));
        check(&ids, "c1", b"other", Err(Code::CallIdConflict));
    }

    #[test]
    fn sessions_and_tenants_are_apart() {
        let ids = CallIds::default();
        let digest = Digest::of(b"call");
        let _one = ids.claim(Some("acme"), "s", "c1", digest).unwrap();
        for (tenant, session) in [(Some("globex"), "s"), (None, "s"), (Some("acme"), "t")] {
            let claim = ids.claim(tenant, session, "c1", Digest::of(b"other"));
            assert!(claim.is_ok(), "{tenant:?} {session}");
        }
    }

    #[test]
    fn full_session_until_forgotten() {
        let ids = CallIds::default();
        for id in 0..MAX_IDS {
            check(&ids, &id.to_string(), b"call", Ok(()));
        }
        check(&ids, "one more", b"call", Err(Code::CallIdsExhausted));
        check(&ids, "17", b"call", Ok(()));
        ids.forget(Some("acme"), "s");
        check(&ids, "one more", b"call", Ok(()));
    }
}
