//! The rules, each as a function that tries it on a store of its own.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use callgate_types::Amount;

use super::Rule;
use crate::limit::{Counted, LimitStore, Reached, ReservationId, Reserved, Want, Window};
use crate::testkit::kit::{Finding, Test, same};

/// All rules, in the order in which they are tried.
pub(super) fn all<S: LimitStore>() -> [(Rule, Test<S>); 10] {
    [
        (Rule::AddsUp, adds_up),
        (Rule::KeepsKeysApart, keeps_keys_apart),
        (Rule::AllOrNothing, all_or_nothing),
        (Rule::GivesBack, gives_back),
        (Rule::Counts, counts),
        (Rule::GoesBeyond, goes_beyond),
        (Rule::ReservesOnce, reserves_once),
        (Rule::Lapses, lapses),
        (Rule::Forgets, forgets),
        (Rule::LetsNoMoreThrough, lets_no_more_through),
    ]
}

/// Longer than a test takes.
const LONG: Duration = Duration::from_secs(3_600);
/// So short that a test can wait for it.
const SHORT: Duration = Duration::from_millis(1_200);
/// Surely over, then.
const OVER: Duration = Duration::from_millis(1_600);

const EVER: Window = Window::Ever;

fn adds_up(store: &impl LimitStore) -> Result<(), Finding> {
    let limit = "0.3";
    hold(store, 1, &[want(b"a", "0.1", limit)?])?;
    hold(store, 2, &[want(b"a", "0.199999999999999999", limit)?])?;
    let too_much = want(b"a", "0.000000000000000002", limit)?;
    exceed(store, 3, &[too_much], &[(0, "0.299999999999999999")])?;
    hold(store, 4, &[want(b"a", "0.000000000000000001", limit)?])?;
    used(store, b"a", EVER, "0.3")?;
    // Nothing fits, and takes no room.
    hold(store, 5, &[want(b"a", "0", limit)?])?;
    let large = want(b"b", "99999999999999999999", "100000000000000000000")?;
    hold(store, 6, &[large])?;
    exceed(store, 7, &[large], &[(0, "99999999999999999999")])?;
    exceed(store, 8, &[want(b"c", "0.2", "0.1")?], &[(0, "0")])
}

fn keeps_keys_apart(store: &impl LimitStore) -> Result<(), Finding> {
    let long = [7_u8; 3_000];
    let keys: [&[u8]; 7] = [b"a", b"A", b"a\0", b"", b"\xff", &long[1..], &long];
    for (number, key) in (1..).zip(keys) {
        hold(store, number, &[want(key, "1", "1")?])?;
    }
    for (number, key) in (11..).zip(keys) {
        exceed(store, number, &[want(key, "1", "1")?], &[(0, "1")])?;
    }
    used(store, b"b", EVER, "0")
}

fn all_or_nothing(store: &impl LimitStore) -> Result<(), Finding> {
    hold(store, 1, &[want(b"a", "5", "5")?, want(b"b", "2", "5")?])?;
    let wants = [
        want(b"c", "1", "5")?,
        want(b"a", "1", "5")?,
        want(b"b", "1", "5")?,
        want(b"d", "6", "5")?,
    ];
    exceed(store, 2, &wants, &[(1, "5"), (3, "0")])?;
    used(store, b"c", EVER, "0")?;
    used(store, b"b", EVER, "2")?;
    let keys: Vec<[u8; 2]> = (0..100_u8).map(|key| [key, 0]).collect();
    let many: Result<Vec<_>, _> = keys.iter().map(|key| want(key, "1", "1")).collect();
    let many = many?;
    hold(store, 3, &many)?;
    let expected: Vec<(usize, &str)> = (0..many.len()).map(|place| (place, "1")).collect();
    exceed(store, 4, &many, &expected)?;
    store.give_back(&[id(3)])?;
    hold(store, 5, &many)
}

fn gives_back(store: &impl LimitStore) -> Result<(), Finding> {
    hold(store, 1, &[want(b"a", "3", "5")?])?;
    hold(store, 2, &[want(b"a", "2", "5")?, want(b"b", "1", "1")?])?;
    store.give_back(&[id(2), id(9)])?;
    store.give_back(&[id(2)])?;
    store.give_back(&[])?;
    used(store, b"a", EVER, "3")?;
    used(store, b"b", EVER, "0")?;
    same(
        "a given back reservation",
        &store.count(id(2))?,
        &Counted::Lapsed,
    )?;
    hold(store, 3, &[want(b"a", "2", "5")?])
}

fn counts(store: &impl LimitStore) -> Result<(), Finding> {
    hold(store, 1, &[want(b"a", "3", "5")?, want(b"b", "1", "5")?])?;
    same("a reservation", &store.count(id(1))?, &Counted::Yes)?;
    store.give_back(&[id(1)])?;
    used(store, b"a", EVER, "3")?;
    used(store, b"b", EVER, "1")?;
    same(
        "what was never reserved",
        &store.count(id(2))?,
        &Counted::Lapsed,
    )?;
    exceed(store, 3, &[want(b"a", "3", "5")?], &[(0, "3")])
}

fn goes_beyond(store: &impl LimitStore) -> Result<(), Finding> {
    let mut beyond = want(b"a", "7", "5")?;
    beyond.may_exceed = true;
    hold(store, 1, &[beyond])?;
    hold(store, 2, &[beyond])?;
    used(store, b"a", EVER, "14")?;
    exceed(store, 3, &[want(b"a", "0.5", "5")?], &[(0, "14")])?;
    // No amount is so large.
    let mut most = want(b"a", "99999999999999999999", "5")?;
    most.may_exceed = true;
    exceed(store, 4, &[most], &[(0, "14")])
}

fn reserves_once(store: &impl LimitStore) -> Result<(), Finding> {
    let wants = [want(b"a", "3", "9")?, want(b"b", "1", "9")?];
    hold(store, 1, &wants)?;
    hold(store, 1, &wants)?;
    used(store, b"a", EVER, "3")?;
    store.give_back(&[id(1)])?;
    used(store, b"a", EVER, "0")
}

fn lapses(store: &impl LimitStore) -> Result<(), Finding> {
    let reserve = |number, time| {
        let wants = [want(b"a", "2", "5")?];
        let reserved = store.reserve(id(number), time, &wants)?;
        same("a reservation that fits", &reserved, &Reserved::Held)
    };
    reserve(1, SHORT)?;
    reserve(2, LONG)?;
    exceed(store, 3, &[want(b"a", "2", "5")?], &[(0, "4")])?;
    thread::sleep(OVER);
    same(
        "a lapsed reservation",
        &store.count(id(1))?,
        &Counted::Lapsed,
    )?;
    used(store, b"a", EVER, "2")?;
    reserve(4, SHORT)?;
    same("a reservation", &store.count(id(4))?, &Counted::Yes)?;
    thread::sleep(OVER);
    used(store, b"a", EVER, "4")?;
    // Nobody counts or gives back: another call finds room all the same.
    hold(store, 5, &[want(b"b", "1", "9")?])?;
    let reserved = store.reserve(id(6), SHORT, &[want(b"b", "8", "9")?])?;
    same("a reservation that fits", &reserved, &Reserved::Held)?;
    thread::sleep(OVER);
    hold(store, 7, &[want(b"b", "8", "9")?])
}

fn forgets(store: &impl LimitStore) -> Result<(), Finding> {
    let length = Duration::from_millis(2_400);
    let windows: [(&[u8], Window); 3] = [
        (b"sliding", Window::Sliding(length)),
        (b"fixed", Window::Fixed(length)),
        (b"ever", Window::Ever),
    ];
    for (number, (key, window)) in (1..).zip(windows) {
        let mut want = want(key, "1", "1")?;
        want.window = window;
        hold(store, number, &[want])?;
        same("a reservation", &store.count(id(number))?, &Counted::Yes)?;
    }
    thread::sleep(length.checked_div(2).unwrap_or(length));
    used(store, b"sliding", Window::Sliding(length), "1")?;
    thread::sleep(
        length
            .checked_mul(3)
            .and_then(|time| time.checked_div(4))
            .unwrap_or(length),
    );
    used(store, b"sliding", Window::Sliding(length), "0")?;
    used(store, b"fixed", Window::Fixed(length), "0")?;
    used(store, b"ever", Window::Ever, "1")?;
    let mut want = want(b"sliding", "1", "1")?;
    want.window = Window::Sliding(length);
    hold(store, 9, &[want])
}

fn lets_no_more_through(store: &impl LimitStore) -> Result<(), Finding> {
    const THREADS: u32 = 8;
    const ROUNDS: u32 = 24;
    let through = AtomicU32::new(0);
    let race = |of: u32| -> Result<(), Finding> {
        for round in 0..ROUNDS {
            let number = of.wrapping_mul(ROUNDS).wrapping_add(round).wrapping_add(1);
            // In this order and the other: nobody waits for one another in a circle.
            let mut wants = [want(b"a", "2", "100")?, want(b"b", "1", "60")?];
            if number % 2 == 0 {
                wants.reverse();
            }
            if store.reserve(id(number), LONG, &wants)? != Reserved::Held {
                continue;
            }
            if number % 3 == 0 {
                store.give_back(&[id(number)])?;
            } else if store.count(id(number))? == Counted::Yes {
                through.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(())
    };
    let race = &race;
    thread::scope(|scope| {
        let racing: Vec<_> = (0..THREADS)
            .map(|of| scope.spawn(move || race(of)))
            .collect();
        for thread in racing {
            let ran = thread.join();
            ran.map_err(|_| Finding::new("no panic", "a panic"))??;
        }
        Ok::<_, Finding>(())
    })?;
    // What was given back on the way may have kept one out, so the last ones come alone.
    for number in 1_001..1_101 {
        if store.reserve(id(number), LONG, &[want(b"a", "2", "100")?])? == Reserved::Held {
            through.fetch_add(1, Ordering::Relaxed);
        }
    }
    same("how many got through", &through.into_inner(), &50)?;
    used(store, b"a", EVER, "100")
}

fn id(number: u32) -> ReservationId {
    ReservationId::from_bytes((u128::from(number) << 64).to_be_bytes())
}

fn want<'k>(key: &'k [u8], amount: &str, at_most: &str) -> Result<Want<'k>, Finding> {
    Ok(Want::new(key, EVER, parse(amount)?, parse(at_most)?))
}

fn parse(amount: &str) -> Result<Amount, Finding> {
    amount
        .parse()
        .map_err(|error| Finding::new("an amount", error))
}

fn hold(store: &impl LimitStore, number: u32, wants: &[Want<'_>]) -> Result<(), Finding> {
    let reserved = store.reserve(id(number), LONG, wants)?;
    same("a reservation that fits", &reserved, &Reserved::Held)
}

fn exceed(
    store: &impl LimitStore,
    number: u32,
    wants: &[Want<'_>],
    expected: &[(usize, &str)],
) -> Result<(), Finding> {
    let reached = expected
        .iter()
        .map(|(place, used)| Ok(Reached::new(*place, parse(used)?)));
    let expected = Reserved::Exceeded(reached.collect::<Result<_, Finding>>()?);
    let found = store.reserve(id(number), LONG, wants)?;
    same("a reservation that does not fit", &found, &expected)
}

fn used(
    store: &impl LimitStore,
    key: &[u8],
    window: Window,
    expected: &str,
) -> Result<(), Finding> {
    same("what is used", &store.used(key, window)?, &parse(expected)?)
}
