//! What is reserved and not yet counted.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use callgate_types::{Amount, quick_hash};

use crate::limit::ReservationId;

/// In so many parts, each with a lock of its own.
const PARTS: usize = 16;
/// Up to so many reservations of a part, lapsed ones are left where they are.
const FEW: usize = 1_024;

/// Reservations by id. Ids are made by the gate, so nobody who calls can make them collide.
#[derive(Debug)]
pub(super) struct Held([Mutex<Part>; PARTS]);

#[derive(Debug, Default)]
struct Part {
    all: HashMap<ReservationId, Reservation, quick_hash::Build>,
    /// When it has more than so many, lapsed ones are looked for.
    sweep_beyond: usize,
}

/// One reservation.
#[derive(Debug)]
pub(super) struct Reservation {
    /// From this moment on it is lapsed.
    pub(super) until: i64,
    pub(super) shares: Shares,
}

/// What is reserved under one key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    pub(super) shard: u32,
    pub(super) place: u32,
    /// Which of the accounts that were at this place, one after the other.
    pub(super) turn: u32,
    pub(super) slice: i64,
    pub(super) amount: Amount,
}

/// Few shares without memory of their own, or many.
#[derive(Debug)]
pub(super) enum Shares {
    Two([Option<Share>; 2]),
    Many(Vec<Share>),
}

impl Shares {
    pub(super) const NONE: Self = Self::Two([None; 2]);

    pub(super) fn push(&mut self, share: Share) {
        match self {
            Self::Two(few) => match few.iter_mut().find(|place| place.is_none()) {
                Some(place) => *place = Some(share),
                None => *self = Self::Many(few.iter().flatten().copied().chain([share]).collect()),
            },
            Self::Many(many) => many.push(share),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Share> {
        let (few, many) = match self {
            Self::Two(few) => (few.as_slice(), [].as_slice()),
            Self::Many(many) => ([].as_slice(), many.as_slice()),
        };
        few.iter().flatten().chain(many)
    }
}

impl Held {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }

    /// Keeps a reservation, unless there is one under this id: then gives its shares back.
    pub(super) fn keep(&self, id: ReservationId, reservation: Reservation) -> Option<Shares> {
        match self.part(id).all.entry(id) {
            Entry::Occupied(_) => Some(reservation.shares),
            Entry::Vacant(place) => {
                place.insert(reservation);
                None
            }
        }
    }

    pub(super) fn take(&self, id: ReservationId) -> Option<Reservation> {
        self.part(id).all.remove(&id)
    }

    /// Takes out what has lapsed at a moment, of the part of `id` if that has grown, or of all.
    pub(super) fn lapsed(&self, millis: i64, grown: Option<ReservationId>) -> Vec<Reservation> {
        let mut lapsed = Vec::new();
        match grown {
            Some(id) => {
                let mut part = self.part(id);
                if part.all.len() > part.sweep_beyond.max(FEW) {
                    part.sweep(millis, &mut lapsed);
                }
            }
            None => {
                for part in &self.0 {
                    lock(part).sweep(millis, &mut lapsed);
                }
            }
        }
        lapsed
    }

    fn part(&self, id: ReservationId) -> MutexGuard<'_, Part> {
        // The last byte of the ids of one gate is the fastest to change.
        let [.., last] = *id.as_bytes();
        let [first, ..] = &self.0;
        lock(self.0.get(usize::from(last) % PARTS).unwrap_or(first))
    }
}

impl Part {
    fn sweep(&mut self, millis: i64, lapsed: &mut Vec<Reservation>) {
        let over = self.all.extract_if(|_, one| one.until <= millis);
        lapsed.extend(over.map(|(_, one)| one));
        self.sweep_beyond = self.all.len().saturating_mul(2);
    }
}

/// Nothing is left half done: every change is one insertion or removal.
fn lock(part: &Mutex<Part>) -> MutexGuard<'_, Part> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}
