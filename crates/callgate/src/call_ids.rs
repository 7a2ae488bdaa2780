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

/// Most sessions kept, of all tenants.
const MAX_SESSIONS: usize = 131_072;

/// Locks are never held across anything slow; shards keep threads from queueing all the same.
const SHARDS: usize = 16;

/// The call ids of all sessions that this gate has seen.
#[derive(Debug)]
pub(crate) struct CallIds {
    shards: [Mutex<HashMap<SessionKey, Arc<Session>>>; SHARDS],
    /// How many sessions there are. Locked after a shard, where both are.
    room: Mutex<Room>,
    hasher: RandomState,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct SessionKey {
    tenant: Option<Box<str>>,
    session: Box<str>,
}

/// How many sessions are kept, tenant by tenant.
///
/// A tenant may have one more while it has fewer than there is room left for all. So one alone has half of
/// them at most, two a third each, and however many take all that they get, there is room for another.
#[derive(Debug)]
struct Room {
    left: usize,
    kept: HashMap<Option<Box<str>>, usize>,
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

impl Default for CallIds {
    fn default() -> Self {
        Self::with_room(MAX_SESSIONS)
    }
}

impl CallIds {
    fn with_room(sessions: usize) -> Self {
        Self {
            shards: Default::default(),
            room: Mutex::new(Room {
                left: sessions,
                kept: HashMap::new(),
            }),
            hasher: RandomState::new(),
        }
    }

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
            let mut sessions = lock(shard);
            if sessions.remove(&key).is_some() {
                lock(&self.room).give_back(&key);
            }
        }
    }

    fn session(&self, tenant: Option<&str>, session: &str) -> Result<Arc<Session>, Code> {
        let key = SessionKey {
            tenant: tenant.map(Into::into),
            session: session.into(),
        };
        let shard = self.shard(&key).ok_or(Code::CallIdsExhausted)?;
        let mut sessions = lock(shard);
        match sessions.entry(key) {
            Entry::Occupied(known) => Ok(Arc::clone(known.get())),
            Entry::Vacant(vacant) => {
                lock(&self.room).take(vacant.key())?;
                Ok(Arc::clone(vacant.insert(Arc::default())))
            }
        }
    }

    fn shard(&self, key: &SessionKey) -> Option<&Mutex<HashMap<SessionKey, Arc<Session>>>> {
        let [first, ..] = self.hasher.hash_one(key).to_le_bytes();
        self.shards.get(usize::from(first) % SHARDS)
    }
}

impl Room {
    /// For one more session.
    fn take(&mut self, key: &SessionKey) -> Result<(), Code> {
        let kept = self.kept.get(&key.tenant).copied().unwrap_or(0);
        if kept >= self.left {
            return Err(Code::SessionsExhausted);
        }
        self.left = self.left.saturating_sub(1);
        self.kept.insert(key.tenant.clone(), kept.saturating_add(1));
        Ok(())
    }

    fn give_back(&mut self, key: &SessionKey) {
        self.left = self.left.saturating_add(1);
        if let Some(kept) = self.kept.get_mut(&key.tenant) {
            *kept = kept.saturating_sub(1);
            if *kept == 0 {
                self.kept.remove(&key.tenant);
            }
        }
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

    /// How many sessions of `tenant` are taken before one is refused.
    fn fill(ids: &CallIds, tenant: &str) -> usize {
        let open = |session: &usize| {
            let claim = ids.claim(Some(tenant), &session.to_string(), "c", Digest::of(b""));
            if let Err(code) = &claim {
                assert_eq!(*code, Code::SessionsExhausted);
            }
            claim.is_ok()
        };
        (0..1_000).take_while(open).count()
    }

    #[test]
    fn no_tenant_fills_the_gate() {
        let ids = CallIds::with_room(100);
        assert_eq!(fill(&ids, "acme"), 50);
        assert_eq!(fill(&ids, "globex"), 25);
        assert_eq!(fill(&ids, "initech"), 13);
        // What there is goes on.
        assert!(ids.claim(Some("acme"), "49", "d", Digest::of(b"")).is_ok());
        // However many there are, there is room for another.
        for (tenant, more) in [("a", 6), ("b", 3), ("c", 2), ("d", 1)] {
            assert_eq!(fill(&ids, tenant), more, "{tenant}");
        }
    }

    #[test]
    fn sessions_that_are_forgotten_make_room() {
        let ids = CallIds::with_room(100);
        assert_eq!(fill(&ids, "acme"), 50);
        for session in 0..50 {
            ids.forget(Some("acme"), &session.to_string());
            ids.forget(Some("acme"), &session.to_string());
        }
        let room = lock(&ids.room);
        assert_eq!((room.left, room.kept.len()), (100, 0));
        drop(room);
        assert_eq!(fill(&ids, "globex"), 50);
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
