//! The rules.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::broken::{Broken, Rule};
use super::samples;
use crate::standing::{Change, Changes, Entry, Position, StandingStore, StoreError};

/// How many threads put at once, and how many changes each.
const THREADS: u64 = 4;
const EACH: u64 = 25;

pub(super) fn empty(store: &dyn StandingStore) -> Result<(), Broken> {
    let changes = read(store, Rule::Empty, Position::START, 10)?;
    same(Rule::Empty, 0, changes.entries.len())?;
    same(Rule::Empty, Position::START, changes.end)
}

/// Puts one after the other, and reads each.
pub(super) fn one_by_one(store: &dyn StandingStore) -> Result<(), Broken> {
    let changes = sampled(samples::all())?;
    let mut last: Option<Entry> = None;
    for change in &changes {
        let after = last.as_ref().map_or(Position::START, |last| last.position);
        same(Rule::Places, after.next(), put(store, change)?)?;
        let found = read(store, Rule::ReadAfterPut, after, 10)?;
        let [entry] = found.entries.as_slice() else {
            let found = format_args!("{}", found.entries.len());
            return Err(Broken::new(Rule::ReadAfterPut, "1 change", found));
        };
        same(Rule::Places, after.next(), entry.position)?;
        same_change(change, &entry.change)?;
        same(Rule::End, after.next(), found.end)?;
        if let Some(last) = &last
            && entry.time < last.time
        {
            let expected = format_args!("{} or later", last.time);
            return Err(Broken::new(Rule::Times, expected, entry.time));
        }
        last = Some(entry.clone());
    }
    let all = read(store, Rule::Pages, Position::START, changes.len())?;
    same(Rule::Pages, changes.len(), all.entries.len())?;
    for (change, entry) in changes.iter().zip(&all.entries) {
        same_change(change, &entry.change)?;
    }
    Ok(())
}

pub(super) fn pages(store: &dyn StandingStore) -> Result<(), Broken> {
    const COUNT: u64 = 7;
    for number in 0..COUNT {
        put(store, &sampled(samples::numbered(number))?)?;
    }
    for after in 0..=COUNT {
        for most in [1, 2, 3, 100] {
            let found = read(store, Rule::Pages, Position::new(after), most)?;
            let left = COUNT.saturating_sub(after);
            let expected = left.min(u64::try_from(most).unwrap_or(u64::MAX));
            // A store may give fewer than were asked for.
            let count = u64::try_from(found.entries.len()).unwrap_or(u64::MAX);
            if count > expected || (count == 0 && expected > 0) {
                return Err(Broken::new(Rule::Pages, expected, count));
            }
            same(Rule::End, Position::new(COUNT), found.end)?;
            in_order(&found, Position::new(after))?;
        }
    }
    let beyond = read(
        store,
        Rule::Pages,
        Position::new(COUNT.saturating_add(5)),
        10,
    )?;
    same(Rule::Pages, 0, beyond.entries.len())?;
    same(Rule::End, Position::new(COUNT), beyond.end)
}

pub(super) fn together(store: &dyn StandingStore) -> Result<(), Broken> {
    together_with(store, store)
}

/// Many put at once, by both; somebody reads all the while, and never finds a gap.
pub(super) fn together_with(
    store: &dyn StandingStore,
    other: &dyn StandingStore,
) -> Result<(), Broken> {
    let start = read(store, Rule::OneOrder, Position::START, 1)?.end;
    let told = Mutex::new(BTreeMap::new());
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let reading = scope.spawn(|| follow(other, start, &over));
        let putting: Vec<_> = (0..THREADS)
            .map(|own| {
                let told = &told;
                let store = if own % 2 == 0 { store } else { other };
                scope.spawn(move || put_some(store, own, told))
            })
            .collect();
        let put: Result<Vec<()>, Broken> = putting
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(panicked())))
            .collect();
        over.store(true, Ordering::SeqCst);
        let read = reading.join().unwrap_or_else(|_| Err(panicked()));
        put.and(read)
    })?;
    let told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    let expected = THREADS.saturating_mul(EACH);
    same(
        Rule::OneOrder,
        expected,
        u64::try_from(told.len()).unwrap_or(0),
    )?;
    let found = whole(store, Rule::OneOrder, start)?;
    same(Rule::OneOrder, told.len(), found.len())?;
    for entry in &found {
        let Some(change) = told.get(&entry.position) else {
            let found = format_args!("change {}", entry.position);
            return Err(Broken::new(Rule::OneOrder, "a place that was told", found));
        };
        same_change(change, &entry.change)?;
    }
    Ok(())
}

pub(super) fn shared(store: &dyn StandingStore, other: &dyn StandingStore) -> Result<(), Broken> {
    for number in 0..6_u64 {
        let (putting, reading) = if number % 2 == 0 {
            (store, other)
        } else {
            (other, store)
        };
        let change = sampled(samples::numbered(number))?;
        let position = put(putting, &change)?;
        let after = Position::new(number);
        same(Rule::Shared, after.next(), position)?;
        let found = read(reading, Rule::Shared, after, 10)?;
        same(Rule::Shared, 1, found.entries.len())?;
        for entry in &found.entries {
            same_change(&change, &entry.change)?;
        }
    }
    Ok(())
}

/// What a store holds once something is in it.
pub(super) fn filled(store: &dyn StandingStore) -> Result<Vec<Entry>, Broken> {
    for change in sampled(samples::all())? {
        put(store, &change)?;
    }
    whole(store, Rule::Kept, Position::START)
}

pub(super) fn kept(store: &dyn StandingStore, held: &[Entry]) -> Result<(), Broken> {
    let found = whole(store, Rule::Kept, Position::START)?;
    if found != held {
        let count = |entries: &[Entry]| format!("{} changes", entries.len());
        return Err(Broken::new(Rule::Kept, count(held), count(&found)));
    }
    let next = put(store, &sampled(samples::numbered(0))?)?;
    let last = held.last().map_or(Position::START, |entry| entry.position);
    same(Rule::Kept, last.next(), next)
}

fn put_some(
    store: &dyn StandingStore,
    own: u64,
    told: &Mutex<BTreeMap<Position, Change>>,
) -> Result<(), Broken> {
    for round in 0..EACH {
        let number = own.saturating_mul(EACH).saturating_add(round);
        let change = sampled(samples::numbered(number))?;
        let position = put(store, &change)?;
        let before = Position::new(position.number().saturating_sub(1));
        let found = read(store, Rule::ReadAfterPut, before, 1)?;
        match found.entries.as_slice() {
            [entry] if entry.position == position => same_change(&change, &entry.change)?,
            _ => {
                let found = format_args!("{} changes", found.entries.len());
                return Err(Broken::new(Rule::ReadAfterPut, "what was put", found));
            }
        }
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.insert(position, change).is_some() {
            let found = format_args!("place {position} twice");
            return Err(Broken::new(Rule::OneOrder, "a place for each", found));
        }
    }
    Ok(())
}

/// Reads what comes, until `over`.
fn follow(store: &dyn StandingStore, start: Position, over: &AtomicBool) -> Result<(), Broken> {
    let mut after = start;
    loop {
        let was_over = over.load(Ordering::SeqCst);
        let found = read(store, Rule::OneOrder, after, 10)?;
        in_order(&found, after)?;
        after = found.entries.last().map_or(after, |entry| entry.position);
        if was_over && found.entries.is_empty() {
            return Ok(());
        }
    }
}

/// Everything behind `after`.
fn whole(store: &dyn StandingStore, rule: Rule, after: Position) -> Result<Vec<Entry>, Broken> {
    let mut all: Vec<Entry> = Vec::new();
    loop {
        let last = all.last().map_or(after, |entry| entry.position);
        let found = read(store, rule, last, 10)?;
        in_order(&found, last)?;
        if found.entries.is_empty() {
            return Ok(all);
        }
        all.extend(found.entries);
    }
}

fn in_order(found: &Changes, after: Position) -> Result<(), Broken> {
    let mut last = after;
    for entry in &found.entries {
        same(Rule::OneOrder, last.next(), entry.position)?;
        last = entry.position;
    }
    if last > found.end && !found.entries.is_empty() {
        return Err(Broken::new(
            Rule::End,
            format_args!("{last} or later"),
            found.end,
        ));
    }
    Ok(())
}

fn put(store: &dyn StandingStore, change: &Change) -> Result<Position, Broken> {
    store
        .put(change)
        .map_err(|error| failed(Rule::Places, &error))
}

fn read(
    store: &dyn StandingStore,
    rule: Rule,
    after: Position,
    most: usize,
) -> Result<Changes, Broken> {
    let found = store.changes(after, most);
    found.map_err(|error| failed(rule, &error))
}

fn failed(rule: Rule, error: &StoreError) -> Broken {
    let cause = std::error::Error::source(error).map_or_else(String::new, ToString::to_string);
    Broken::new(
        rule,
        "an answer",
        format_args!("the error `{error}: {cause}`"),
    )
}

fn panicked() -> Broken {
    Broken::new(Rule::OneOrder, "no panic", "one")
}

fn sampled<T>(made: Result<T, samples::NoSample>) -> Result<T, Broken> {
    made.map_err(|error| Broken::new(Rule::Unaltered, "a sample", error))
}

fn same<T: PartialEq + fmt::Display>(rule: Rule, expected: T, found: T) -> Result<(), Broken> {
    if expected == found {
        Ok(())
    } else {
        Err(Broken::new(rule, expected, found))
    }
}

fn same_change(expected: &Change, found: &Change) -> Result<(), Broken> {
    same(Rule::Unaltered, expected.encode(), found.encode())
}
