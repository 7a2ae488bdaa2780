//! Callers that were resolved before.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use callgate_types::{Caller, Digest, PrincipalId};

/// Callers by the digest of what was shown for them: a table of fixed size, in parts that are
/// locked one by one.
///
/// Looking one up, or putting one in, touches one row of eight places. Where all are taken, the one
/// gives way that was used longest ago; whoever floods the table makes others be checked again, and
/// nothing else. No text of a token is kept.
#[derive(Debug)]
pub(super) struct Cache {
    parts: Box<[Mutex<Part>]>,
    rows: usize,
    /// How often something was to be forgotten.
    forgotten: AtomicU64,
}

#[derive(Debug)]
struct Part {
    /// `rows` times [`WAYS`].
    places: Vec<Option<Place>>,
    /// Counts look-ups.
    tick: u64,
}

#[derive(Debug)]
struct Place {
    key: Digest,
    caller: Caller,
    credentials: Box<[Digest]>,
    /// The state of all keys when it was checked.
    generation: u64,
    /// In microseconds since 1970.
    from: i64,
    until: i64,
    used: u64,
}

/// One that was resolved now.
pub(super) struct Entry {
    pub(super) caller: Caller,
    pub(super) credentials: Box<[Digest]>,
    pub(super) generation: u64,
    /// What [`Cache::forgotten`] was before it was checked.
    pub(super) forgotten: u64,
    pub(super) from: i64,
    pub(super) until: i64,
}

const PARTS: usize = 16;
const WAYS: usize = 8;

impl Cache {
    /// Room for `capacity` callers, rounded up to whole rows.
    pub(super) fn new(capacity: usize) -> Self {
        let rows = capacity.div_ceil(PARTS.saturating_mul(WAYS)).max(1);
        let part = |_| {
            let mut places = Vec::new();
            places.resize_with(rows.saturating_mul(WAYS), || None);
            Mutex::new(Part { places, tick: 0 })
        };
        Self {
            parts: (0..PARTS).map(part).collect(),
            rows,
            forgotten: AtomicU64::new(0),
        }
    }

    /// How often something was to be forgotten so far.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::SeqCst)
    }

    /// The caller of `key`, where it still holds at `now`, and no key was replaced since.
    pub(super) fn get(&self, key: &Digest, generation: u64, now: i64) -> Option<Caller> {
        let (mut part, row) = self.row(key)?;
        part.tick = part.tick.wrapping_add(1);
        let tick = part.tick;
        let mut places = part.places.get_mut(row)?.iter_mut().flatten();
        let place = places.find(|place| place.key == *key)?;
        let holds = place.generation == generation && (place.from..place.until).contains(&now);
        holds.then(|| {
            place.used = tick;
            place.caller.clone()
        })
    }

    /// Keeps the caller of `key`.
    pub(super) fn put(&self, key: Digest, entry: Entry) {
        let Some((mut part, row)) = self.row(&key) else {
            return;
        };
        // Something was forgotten while this one was being checked, and it may have been this one.
        // Counted before any part is looked through: what is put in unseen is seen there.
        if self.forgotten() != entry.forgotten {
            return;
        }
        let used = part.tick;
        let Some(places) = part.places.get_mut(row) else {
            return;
        };
        let dead = |place: &Place| {
            place.key == key || place.generation != entry.generation || place.until <= entry.from
        };
        let age = |place: &Option<Place>| match place {
            Some(place) if !dead(place) => place.used.saturating_add(1),
            _ => 0,
        };
        // One of the same key first: it never stands twice.
        let same = places.iter().position(|place| {
            let key_of = place.as_ref().map(|place| place.key);
            key_of == Some(key)
        });
        let oldest = || (0..places.len()).min_by_key(|at| places.get(*at).map(age));
        let Some(at) = same.or_else(oldest) else {
            return;
        };
        if let Some(place) = places.get_mut(at) {
            *place = Some(Place {
                key,
                caller: entry.caller,
                credentials: entry.credentials,
                generation: entry.generation,
                from: entry.from,
                until: entry.until,
                used,
            });
        }
    }

    /// Forgets all callers that were resolved from `credential`.
    pub(super) fn forget_credential(&self, credential: &Digest) {
        self.forget(|place| place.credentials.contains(credential));
    }

    /// Forgets all callers of whose chain `principal` is a part.
    pub(super) fn forget_principal(&self, principal: &PrincipalId) {
        self.forget(|place| {
            let chain = place.caller.subject().into_iter();
            let mut chain = chain.chain(place.caller.actors());
            chain.any(|one| one.id() == principal)
        });
    }

    fn forget(&self, which: impl Fn(&Place) -> bool) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        for part in &self.parts {
            for place in &mut lock(part).places {
                if place.as_ref().is_some_and(&which) {
                    *place = None;
                }
            }
        }
    }

    /// The part of a key, and the places of its row.
    fn row(&self, key: &Digest) -> Option<(MutexGuard<'_, Part>, std::ops::Range<usize>)> {
        let [first, second, third, fourth, ..] = *key.as_bytes();
        let part = self.parts.get(first as usize % PARTS)?;
        let number = u32::from_le_bytes([second, third, fourth, 0]) as usize;
        let start = number.checked_rem(self.rows)?.checked_mul(WAYS)?;
        Some((lock(part), start..start.checked_add(WAYS)?))
    }
}

/// No part is left half changed where a thread panicked.
fn lock(part: &Mutex<Part>) -> MutexGuard<'_, Part> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}
