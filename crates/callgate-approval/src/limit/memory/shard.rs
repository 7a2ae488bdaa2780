//! Accounts by key, in parts that have a lock each.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use callgate_types::{Amount, quick_hash};

use super::account::Account;
use super::held::{Share, Shares};
use crate::limit::Want;

/// In so many parts.
const SHARDS: u32 = 64;
/// So long after it was looked for dead accounts, a full part does not look again, in milliseconds.
const PAUSE: i64 = 1_000;
/// So many wants are reserved without memory of their own.
const FEW: usize = 4;

/// All accounts.
#[derive(Debug)]
pub(super) struct Shards {
    all: Box<[Mutex<Shard>]>,
    /// Keys hold what models write: nobody can make them collide.
    hasher: RandomState,
    /// For so many keys each part has room.
    room: usize,
}

#[derive(Debug, Default)]
struct Shard {
    /// The first account of those whose keys have the same hash.
    places: HashMap<u64, u32, quick_hash::Build>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// Before this moment it is not looked for dead accounts.
    swept_until: i64,
}

/// The place of an account.
#[derive(Debug)]
struct Slot {
    /// `None` where it is free.
    key: Option<Box<[u8]>>,
    hash: u64,
    /// The next account whose key has the same hash.
    next: Option<u32>,
    /// How many accounts were here before.
    turn: u32,
    account: Account,
}

impl Shards {
    pub(super) fn new(keys: usize) -> Self {
        Self {
            all: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            room: keys.div_ceil(SHARDS as usize),
        }
    }

    /// Locks the accounts of `wants`, always in the same order.
    pub(super) fn lock<'s>(&'s self, wants: &[Want<'_>]) -> Locked<'s> {
        let mut locked = Locked {
            few: [const { None }; FEW],
            more: Vec::new(),
            room: self.room,
            hashes: [0; FEW],
            more_hashes: Vec::new(),
        };
        for (place, want) in wants.iter().enumerate() {
            let hash = self.hasher.hash_one(want.key);
            match locked.hashes.get_mut(place) {
                Some(kept) => *kept = hash,
                None => locked.more_hashes.push(hash),
            }
        }
        let mut last = None;
        while let Some(next) = locked.next_shard(wants.len(), last) {
            last = Some(next);
            if let Some(shard) = self.all.get(next as usize) {
                locked.keep(next, lock(shard));
            }
        }
        locked
    }

    /// Takes back what is reserved under one key.
    pub(super) fn take_back(&self, share: &Share) {
        if let Some(shard) = self.all.get(share.shard as usize) {
            lock(shard).take_back(share);
        }
    }
}

/// Nothing that can panic runs while one is locked.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The upper bits, which the maps inside do not rely on alone.
fn shard_of(hash: u64) -> u32 {
    u32::try_from(hash >> 58).unwrap_or_default()
}

/// The accounts of some wants, which nobody else can get at.
pub(super) struct Locked<'s> {
    few: [Option<(u32, MutexGuard<'s, Shard>)>; FEW],
    more: Vec<(u32, MutexGuard<'s, Shard>)>,
    room: usize,
    hashes: [u64; FEW],
    more_hashes: Vec<u64>,
}

impl<'s> Locked<'s> {
    /// How much is used where `want`, the one at `place`, is added; `None` beyond all bounds.
    pub(super) fn used(&mut self, place: usize, want: &Want<'_>, now: i64) -> Option<Amount> {
        let hash = self.hash(place);
        let shard = self.shard(shard_of(hash))?;
        match shard.find(hash, want.key) {
            Some(at) => shard.slots.get_mut(at as usize)?.account.used(now),
            None => Some(Amount::ZERO),
        }
    }

    /// Adds `want`, the one at `place`; `None` where there is no room for it.
    pub(super) fn add(&mut self, place: usize, want: &Want<'_>, now: i64) -> Option<Share> {
        let (hash, room) = (self.hash(place), self.room);
        let number = shard_of(hash);
        let shard = self.shard(number)?;
        let at = match shard.find(hash, want.key) {
            Some(at) => at,
            None => shard.open(hash, want, room, now)?,
        };
        let slot = shard.slots.get_mut(at as usize)?;
        slot.account.used(now)?;
        let slice = slot.account.add(want.amount)?;
        Some(Share {
            shard: number,
            place: at,
            turn: slot.turn,
            slice,
            amount: want.amount,
        })
    }

    pub(super) fn take_back(&mut self, shares: &Shares) {
        for share in shares.iter() {
            if let Some(shard) = self.shard(share.shard) {
                shard.take_back(share);
            }
        }
    }

    /// The least shard behind `last` that any want is in.
    fn next_shard(&self, wants: usize, last: Option<u32>) -> Option<u32> {
        let shards = (0..wants).map(|place| shard_of(self.hash(place)));
        shards
            .filter(|shard| last.is_none_or(|last| *shard > last))
            .min()
    }

    fn keep(&mut self, number: u32, shard: MutexGuard<'s, Shard>) {
        match self.few.iter_mut().find(|place| place.is_none()) {
            Some(place) => *place = Some((number, shard)),
            None => self.more.push((number, shard)),
        }
    }

    fn shard(&mut self, number: u32) -> Option<&mut Shard> {
        let few = self.few.iter_mut().flatten();
        let mut all = few.chain(&mut self.more);
        let (_, shard) = all.find(|(other, _)| *other == number)?;
        Some(shard)
    }

    fn hash(&self, place: usize) -> u64 {
        let more = || self.more_hashes.get(place.checked_sub(FEW)?);
        let hash = self.hashes.get(place).or_else(more);
        hash.copied().unwrap_or_default()
    }
}

impl Shard {
    fn find(&self, hash: u64, key: &[u8]) -> Option<u32> {
        let mut next = self.places.get(&hash).copied();
        while let Some(at) = next {
            let slot = self.slots.get(at as usize)?;
            if slot.key.as_deref() == Some(key) {
                return Some(at);
            }
            next = slot.next;
        }
        None
    }

    /// A place for the account of a new key.
    fn open(&mut self, hash: u64, want: &Want<'_>, room: usize, now: i64) -> Option<u32> {
        if self.free.is_empty() && self.slots.len() >= room && now >= self.swept_until {
            self.sweep(now);
        }
        let account = Account::new(want.window);
        let key = Some(want.key.into());
        if let Some(at) = self.free.pop() {
            let slot = self.slots.get_mut(at as usize)?;
            (slot.key, slot.hash, slot.account) = (key, hash, account);
            slot.next = self.places.insert(hash, at);
            return Some(at);
        }
        if self.slots.len() >= room {
            return None;
        }
        let at = u32::try_from(self.slots.len()).ok()?;
        let next = self.places.insert(hash, at);
        self.slots.push(Slot {
            key,
            hash,
            next,
            turn: 0,
            account,
        });
        Some(at)
    }

    /// Frees the places of accounts of which nothing counts any more.
    fn sweep(&mut self, now: i64) {
        self.swept_until = now.saturating_add(PAUSE);
        self.places.clear();
        for (at, slot) in (0_u32..).zip(&mut self.slots) {
            if slot.key.is_some() && slot.account.is_dead(now) {
                slot.key = None;
                slot.turn = slot.turn.wrapping_add(1);
                self.free.push(at);
            }
            if slot.key.is_some() {
                slot.next = self.places.insert(slot.hash, at);
            }
        }
    }

    fn take_back(&mut self, share: &Share) {
        if let Some(slot) = self.slots.get_mut(share.place as usize)
            && slot.key.is_some()
            && slot.turn == share.turn
        {
            slot.account.take_back(share.slice, share.amount);
        }
    }
}
