//! The kit finds every planted flaw.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use callgate_types::Amount;
use chrono::Utc;

use super::check;
use crate::limit::{
    Counted, LimitStore, LimitStoreError, MemoryLimits, ReservationId, Reserved, Want, Window,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    Rounds,
    AllowsOneMore,
    FoldsKeys,
    ReservesTheRest,
    NamesOne,
    NeverGivesBack,
    GivesBackCounted,
    NeverGoesBeyond,
    ReservesAgain,
    NeverLapses,
    CountsLapsed,
    NeverForgets,
    ForgetsEarly,
    LooksBeforeItReserves,
}

struct Flawed {
    flaw: Flaw,
    memory: MemoryLimits,
    held: Mutex<BTreeSet<ReservationId>>,
    fresh: Mutex<u64>,
}

impl Flawed {
    fn new(flaw: Flaw) -> Self {
        Self {
            flaw,
            memory: MemoryLimits::new(Utc::now),
            held: Mutex::default(),
            fresh: Mutex::default(),
        }
    }

    fn another(&self) -> ReservationId {
        let mut fresh = self.fresh.lock().unwrap();
        *fresh = fresh.wrapping_add(1);
        ReservationId::from_bytes(u128::from(*fresh).to_be_bytes())
    }

    fn window(&self, window: Window) -> Window {
        match (self.flaw, window) {
            (Flaw::NeverForgets, _) => Window::Ever,
            (Flaw::ForgetsEarly, Window::Sliding(length)) => {
                Window::Sliding(length.checked_div(4).unwrap())
            }
            _ => window,
        }
    }
}

impl LimitStore for Flawed {
    fn reserve(
        &self,
        id: ReservationId,
        lapses_after: Duration,
        wants: &[Want<'_>],
    ) -> Result<Reserved, LimitStoreError> {
        let mut wants = wants.to_vec();
        let keys: Vec<Vec<u8>> = wants
            .iter()
            .map(|want| want.key.to_ascii_lowercase())
            .collect();
        let mut time = lapses_after;
        for (want, folded) in wants.iter_mut().zip(&keys) {
            want.window = self.window(want.window);
            match self.flaw {
                Flaw::Rounds => {
                    let parts = want.amount.units().checked_div(1_000_000).unwrap();
                    want.amount = Amount::of_units(parts.checked_mul(1_000_000).unwrap()).unwrap();
                }
                Flaw::AllowsOneMore => {
                    let unit = Amount::of_units(1).unwrap();
                    want.at_most = want.at_most.checked_add(unit).unwrap_or(want.at_most);
                }
                Flaw::FoldsKeys => want.key = folded,
                Flaw::NeverGoesBeyond => want.may_exceed = false,
                Flaw::NeverLapses => time = Duration::from_secs(3_600),
                _ => {}
            }
        }
        match self.flaw {
            Flaw::ReservesAgain => {
                return self.memory.reserve(self.another(), time, &wants);
            }
            Flaw::LooksBeforeItReserves => {
                for want in &mut wants {
                    let used = self.memory.used(want.key, want.window)?;
                    std::thread::sleep(Duration::from_micros(300));
                    want.may_exceed |= !want.exceeds(used);
                }
            }
            _ => {}
        }
        let mut reserved = self.memory.reserve(id, time, &wants)?;
        self.held.lock().unwrap().insert(id);
        if let Reserved::Exceeded(reached) = &mut reserved {
            if self.flaw == Flaw::ReservesTheRest {
                for (place, want) in wants.iter().enumerate() {
                    if reached.iter().all(|one| one.want != place) {
                        self.memory.reserve(self.another(), time, &[*want])?;
                    }
                }
            }
            if self.flaw == Flaw::NamesOne {
                reached.truncate(1);
            }
        }
        Ok(reserved)
    }

    fn count(&self, id: ReservationId) -> Result<Counted, LimitStoreError> {
        match self.flaw {
            Flaw::GivesBackCounted if self.held.lock().unwrap().contains(&id) => Ok(Counted::Yes),
            Flaw::CountsLapsed => self.memory.count(id).map(|_| Counted::Yes),
            _ => self.memory.count(id),
        }
    }

    fn give_back(&self, ids: &[ReservationId]) -> Result<(), LimitStoreError> {
        self.held.lock().unwrap().retain(|id| !ids.contains(id));
        match self.flaw {
            Flaw::NeverGivesBack => Ok(()),
            _ => self.memory.give_back(ids),
        }
    }

    fn used(&self, key: &[u8], window: Window) -> Result<Amount, LimitStoreError> {
        self.memory.used(key, self.window(window))
    }
}

#[track_caller]
fn check_flaw(flaw: Flaw, expected: &str) {
    let found = check(|| Ok::<_, std::io::Error>(Flawed::new(flaw)));
    let shown = found.map_or_else(|broken| broken.rule.to_string(), |()| "nothing".to_owned());
    assert_eq!(shown, expected);
}

#[test]
fn memory_keeps_all_rules() {
    check_flaw(Flaw::None, "nothing");
}

#[test]
fn flaws() {
    for (flaw, rule) in [
        (Flaw::Rounds, "adds up"),
        (Flaw::AllowsOneMore, "adds up"),
        (Flaw::FoldsKeys, "keeps keys apart"),
        (Flaw::ReservesTheRest, "all or nothing"),
        (Flaw::NamesOne, "all or nothing"),
        (Flaw::NeverGivesBack, "all or nothing"),
        (Flaw::GivesBackCounted, "counts"),
        (Flaw::NeverGoesBeyond, "goes beyond"),
        (Flaw::ReservesAgain, "all or nothing"),
        (Flaw::NeverLapses, "lapses"),
        (Flaw::CountsLapsed, "gives back"),
        (Flaw::NeverForgets, "forgets"),
        (Flaw::ForgetsEarly, "forgets"),
        (Flaw::LooksBeforeItReserves, "lets no more through"),
    ] {
        check_flaw(flaw, rule);
    }
}

#[test]
fn opening_fails() {
    let found = check(|| Err::<MemoryLimits, _>("no disk"));
    assert_eq!(
        found.unwrap_err().to_string(),
        "the store breaks `opens`: expected a store, found no disk"
    );
}
