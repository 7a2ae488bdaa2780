//! Stores with one flaw each: the kit finds it, and names the rule.
#![expect(clippy::arithmetic_side_effects, reason = "small numbers of tests")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta};

use super::{Kit, Rule};
use crate::standing::{Change, Changes, MemoryStanding, Position, StandingStore, StoreError, What};

/// Which flaw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    Begun,
    PlacesFromZero,
    DropsLifters,
    PagesFromTheStart,
    NoLimit,
    EndOfThePage,
    TimesGoBack,
    Late,
    Twice,
    Gap,
    NotShared,
    NotKept,
}

struct Flawed {
    flaw: Flaw,
    memory: MemoryStanding,
    reads: AtomicU64,
    held: Mutex<Option<Change>>,
}

impl Flawed {
    fn new(flaw: Flaw) -> Self {
        let ticks = AtomicU64::new(0);
        Self::of(
            flaw,
            MemoryStanding::new(move || {
                let ticks = i64::try_from(ticks.fetch_add(1, Ordering::SeqCst)).unwrap();
                DateTime::UNIX_EPOCH + TimeDelta::seconds(ticks)
            }),
        )
    }

    fn of(flaw: Flaw, memory: MemoryStanding) -> Self {
        Self {
            flaw,
            memory,
            reads: AtomicU64::new(0),
            held: Mutex::default(),
        }
    }
}

impl StandingStore for Flawed {
    fn put(&self, change: &Change) -> Result<Position, StoreError> {
        let mut change = change.clone();
        if self.flaw == Flaw::DropsLifters
            && let What::Quarantined(quarantine) = &mut change.what
        {
            *quarantine = crate::standing::Quarantine::of(quarantine.target().clone());
        }
        if self.flaw == Flaw::Late {
            // What was put before is there now; this one is with the next.
            let before = self.held.lock().unwrap().replace(change);
            let end = self.memory.changes(Position::START, 1)?.end;
            if let Some(before) = before {
                self.memory.put(&before)?;
                return Ok(Position::new(end.number() + 2));
            }
            return Ok(end.next());
        }
        let position = self.memory.put(&change)?;
        Ok(match self.flaw {
            Flaw::PlacesFromZero => Position::new(position.number() - 1),
            Flaw::Twice if position.number() > 20 => Position::new(position.number() - 1),
            _ => position,
        })
    }

    fn changes(&self, after: Position, max: usize) -> Result<Changes, StoreError> {
        let (after, max) = match self.flaw {
            Flaw::PagesFromTheStart if after.number() == 3 => (Position::START, max),
            Flaw::NoLimit => (after, usize::MAX),
            _ => (after, max),
        };
        let mut found = self.memory.changes(after, max)?;
        match self.flaw {
            Flaw::Begun => found.end = found.end.next(),
            Flaw::EndOfThePage => {
                found.end = found.entries.last().map_or(found.end, |last| last.position);
            }
            Flaw::TimesGoBack => {
                for entry in &mut found.entries {
                    let back = i64::try_from(entry.position.number()).unwrap();
                    entry.time -= TimeDelta::days(back);
                }
            }
            // Once in a while, one that was not committed yet is passed over.
            Flaw::Gap if found.end.number() > 20 => {
                let reads = self.reads.fetch_add(1, Ordering::SeqCst);
                if reads % 3 == 2 && found.entries.len() > 1 {
                    found.entries.remove(0);
                }
            }
            _ => {}
        }
        Ok(found)
    }
}

#[track_caller]
fn check(flaw: Flaw, expected: Option<Rule>) {
    let opened = |store: Flawed| Ok::<_, std::io::Error>(store);
    let kit = Kit::new(move || opened(Flawed::new(flaw)))
        .reopen(move |store: Flawed| match flaw {
            Flaw::NotKept => opened(Flawed::new(flaw)),
            _ => opened(store),
        })
        .rival(move |store: &Flawed| match flaw {
            Flaw::NotShared => opened(Flawed::new(flaw)),
            _ => opened(Flawed::of(flaw, store.memory.clone())),
        });
    let found = kit.check().err();
    assert_eq!(
        found.as_ref().map(|it| it.rule),
        expected,
        "{flaw:?} {found:?}"
    );
}

#[test]
fn flaws_are_found() {
    check(Flaw::None, None);
    check(Flaw::Begun, Some(Rule::Empty));
    check(Flaw::PlacesFromZero, Some(Rule::Places));
    check(Flaw::DropsLifters, Some(Rule::Unaltered));
    check(Flaw::PagesFromTheStart, Some(Rule::ReadAfterPut));
    check(Flaw::NoLimit, Some(Rule::Pages));
    check(Flaw::EndOfThePage, Some(Rule::End));
    check(Flaw::TimesGoBack, Some(Rule::Times));
    check(Flaw::Late, Some(Rule::ReadAfterPut));
    check(Flaw::Twice, Some(Rule::Unaltered));
    check(Flaw::Gap, Some(Rule::OneOrder));
    check(Flaw::NotShared, Some(Rule::Shared));
    check(Flaw::NotKept, Some(Rule::Kept));
}
