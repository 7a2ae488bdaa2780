//! Limits: what they add to a call, and what a store of them costs beside its transaction.

use std::convert::Infallible;
use std::error::Error;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use callgate::approval::limit::{LimitStore, ReservationId, Reserved, Want, Window};
use callgate::{Caller, Context, Decision, Gate, Principal, ToolCall};
use callgate_store_sqlite::SqliteLimits;
use callgate_types::Amount;
use rusqlite::{Connection, params};

use super::stored::per_second;
use super::{Block, Promise, Scaling, Sides, Subject, each};
use crate::RingSink;

/// So many calls in a block.
const CALLS: usize = 64;
/// So many reservations in a round.
pub(super) const ROUND: u64 = 32;

pub(super) fn promises() -> Vec<Promise> {
    vec![
        Promise::new("limits", in_memory).at_most(1.0),
        Promise::rate("limits/sqlite", sqlite)
            .at_least(0.7)
            .rounds(101, 5),
    ]
}

const POLICY: &str = r#"
format = 1
name = "desk"
[roles]
support = {}
[tools.credit]
access = "read"
scope = "none"
[tools.credit.arguments]
"/amount" = { decimal = { above = "0", scale = 2 } }
"/currency" = { one_of = ["EUR", "USD"] }
[[rules]]
id = "support"
effect = "permit"
roles = ["support"]
"#;

const LIMITS: &str = r#"
[[limits]]
id = "calls-an-hour"
tools = ["credit"]
count = 4000000000
per = ["caller/tenant", "caller/subject"]
window = "1h"
[[limits]]
id = "credits-a-day"
tools = ["credit"]
sum = { of = "arguments/amount", at_most = "10000000000", unit = "arguments/currency" }
per = ["caller/tenant"]
window = "1d"
"#;

/// A call that is authorized and begun under two limits in memory, less one without, for each of them;
/// against four updates of atomic numbers that nobody else touches.
fn in_memory() -> Result<Sides, Box<dyn Error>> {
    let limited = Gate::builder()
        .policy(callgate::parse_policy(
            &format!("{POLICY}{LIMITS}"),
            "desk",
        )?)
        .limits_in_memory();
    let free = Gate::builder().policy(callgate::parse_policy(POLICY, "desk")?);
    let ours = running(limited.audit(RingSink::new()).build()?)?;
    let less = running(free.audit(RingSink::new()).build()?)?;
    let numbers: [AtomicU64; 4] = Default::default();
    let floor = each(vec![(); CALLS], move |()| {
        for number in &numbers {
            black_box(number).fetch_add(1, Ordering::AcqRel);
        }
    });
    Ok(Sides::new(ours, floor).less(less, 2))
}

fn running(gate: Gate) -> Result<Block, Box<dyn Error>> {
    let alice = Principal::asserted("user:alice".parse()?).member_of("acme", ["support"]);
    let caller = Caller::of(alice).in_tenant("acme")?;
    let context = Context::new();
    let call = ToolCall::from_text("credit", r#"{"amount": 12.50, "currency": "EUR"}"#);
    Ok(Box::new(move |meter| {
        let mut calls: Vec<_> = (0..CALLS).map(|_| Some(call.clone())).collect();
        meter.measure(CALLS, &mut || {
            for call in calls.iter_mut().filter_map(Option::take) {
                if let Decision::Allow(permit) = gate.authorize(&caller, call, &context) {
                    drop(black_box(permit.run(|_| Ok::<_, Infallible>(()))));
                }
            }
        });
    }))
}

/// One key, which nothing exceeds.
pub(super) fn want() -> Want<'static> {
    let day = Window::Fixed(Duration::from_secs(86_400));
    Want::new(b"acme", day, Amount::whole(1), Amount::MAX)
}

/// Reserves so many times, and gives nothing back.
pub(super) fn reserve(store: &impl LimitStore, next: &mut u64) -> Option<f64> {
    let start = Instant::now();
    for _ in 0..ROUND {
        *next = next.checked_add(1)?;
        let id = ReservationId::from_bytes(u128::from(*next).to_be_bytes());
        let minute = Duration::from_secs(60);
        (store.reserve(id, minute, &[want()]).ok()? == Reserved::Held).then_some(())?;
    }
    Some(per_second(usize::try_from(ROUND).ok()?, start))
}

/// Reservations; against a transaction that updates one row and inserts another.
fn sqlite() -> Result<Subject, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let store = SqliteLimits::open(folder.path().join("ours.db"))?;
    let bare = Connection::open(folder.path().join("floor.db"))?;
    bare.execute_batch(
        "PRAGMA journal_mode = WAL; \
         PRAGMA synchronous = FULL; \
         CREATE TABLE account (key BLOB PRIMARY KEY, used INTEGER NOT NULL) STRICT, WITHOUT ROWID; \
         CREATE TABLE reservation (id BLOB PRIMARY KEY, amount INTEGER NOT NULL) \
           STRICT, WITHOUT ROWID; \
         INSERT INTO account VALUES (zeroblob(32), 0)",
    )?;
    let mut next = 0;
    let mut own = 0_u64;
    let mut ours_first = false;
    let mut floor = move || {
        let mut update = bare.prepare("UPDATE account SET used = used + 1").ok()?;
        let mut insert = bare
            .prepare("INSERT INTO reservation VALUES (?1, 1)")
            .ok()?;
        let start = Instant::now();
        for _ in 0..ROUND {
            own = own.checked_add(1)?;
            bare.execute_batch("BEGIN IMMEDIATE").ok()?;
            update.execute([]).ok()?;
            insert
                .execute(params![u128::from(own).to_be_bytes()])
                .ok()?;
            bare.execute_batch("COMMIT").ok()?;
        }
        Some(per_second(usize::try_from(ROUND).ok()?, start))
    };
    let round: Scaling = Box::new(move || {
        // The folder goes when the store does.
        let _kept = &folder;
        ours_first = !ours_first;
        if ours_first {
            let rate = reserve(&store, &mut next)?;
            Some((rate, floor()?))
        } else {
            let rate = floor()?;
            Some((reserve(&store, &mut next)?, rate))
        }
    });
    Ok(Subject::Rate(round))
}
