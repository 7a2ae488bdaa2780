//! The text of changes, and what follows from changes in their order.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use callgate_identity::standing::{
    Bar, Change, Entry, Lift, Position, Quarantine, Quarantined, Revocation, Standing, Subject,
    Task,
};
use callgate_types::{Caller, Principal, PrincipalId};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

fn id(text: &str) -> PrincipalId {
    text.parse().unwrap()
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn alice(tenant: &str) -> Caller {
    let alice = Principal::asserted(id("user:alice"));
    let caller = Caller::of(alice.member_of(tenant, [] as [&str; 0]));
    caller.in_tenant(tenant).unwrap()
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let told = match Change::parse(text) {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.to_string(),
    };
    assert_eq!(told, expected, "{text}");
}

#[test]
fn texts_that_are_no_change() {
    let good =
        r#"{"v":1,"change":"revoked","by":"user:o","of":"session","tenant":"acme","id":"s"}"#;
    check(good, "ok");
    let with = |from: &str, to: &str| good.replace(from, to);
    check("", "expected an object of JSON");
    check("[]", "expected an object of JSON");
    check(
        &with("\"v\":1", "\"v\":2"),
        "expected a change of version 1",
    );
    check(
        &with("\"v\":1", "\"v\":1.0"),
        "expected a change of version 1",
    );
    check(&with("\"v\":1,", ""), "expected a change of version 1");
    check(
        &with("\"v\":1", "\"v\":1,\"v\":1"),
        "expected an object of JSON",
    );
    let keys = "the keys of a change are not those of its kind";
    check(&with(",\"id\":\"s\"", ""), keys);
    check(&with("}", ",\"more\":1}"), keys);
    let value = |key: &str| format!("the value of `{key}` is not as it has to be");
    check(&with("revoked", "forgotten"), &value("change"));
    check(&with("user:o", "o"), &value("by"));
    check(&with("session", "sessions"), &value("of"));
    check(&with("\"id\":\"s\"", "\"id\":\"\""), &value("id"));
    check(&with("\"id\":\"s\"", "\"id\":7"), &value("id"));
    check(
        &with("session", "token").replace("\"acme\"", "null"),
        &value("of"),
    );
    let long = format!("{good}{}", " ".repeat(Change::MAX_BYTES));
    check(&long, "expected a change of at most 1048576 bytes");
}

/// One of a few changes, which meet each other.
fn change() -> impl Strategy<Value = Change> {
    let tenant = prop_oneof![Just("acme"), Just("globex")];
    let by = prop_oneof![Just("user:officer"), Just("user:chief"), Just("agent:bot")];
    (tenant, by, 0..9_u8, 0..12_u64).prop_map(|(tenant, by, which, number)| {
        let bot = || Quarantined::principal(Some(tenant), id("agent:bot")).unwrap();
        let by = id(by);
        match which {
            0 | 1 => {
                let end = at(i64::try_from(number).unwrap().saturating_mul(50_000));
                let task = Task::builder("t", end).build_for(&alice(tenant));
                Change::begin(task.unwrap(), by)
            }
            2 => Change::revoke(Revocation::task(Some(tenant), "t").unwrap(), by),
            3 => Change::revoke(Revocation::session(Some(tenant), "s").unwrap(), by),
            4 => Change::quarantine(Quarantine::of(bot()), by),
            5 => {
                let order = Quarantine::of(bot()).lifted_by_only([id("user:chief")]);
                Change::quarantine(order.unwrap(), by)
            }
            6 | 7 => Change::lift(Lift::new(bot(), Position::new(number)), by),
            _ => Change::quarantine(Quarantine::of(Quarantined::tenant(tenant).unwrap()), by),
        }
    })
}

/// What stands against alice and her bot in `tenant`, worked out from the whole list at once.
fn expected(changes: &[Entry], tenant: &str) -> (bool, bool) {
    use callgate_identity::standing::What;
    let mut orders: Vec<(u64, Quarantine)> = Vec::new();
    let mut whole = false;
    for entry in changes {
        match &entry.change.what {
            What::Quarantined(order) if order.target().within() == Some(tenant) => {
                if let Quarantined::Tenant(_) = order.target() {
                    whole = true;
                } else {
                    orders.retain(|(_, known)| known != order);
                    orders.push((entry.position.number(), order.clone()));
                }
            }
            What::Lifted(lift) if lift.target.within() == Some(tenant) => {
                let by = &entry.change.by;
                orders
                    .retain(|(at, order)| *at > lift.upto.number() || !order.may_be_lifted_by(by));
            }
            _ => {}
        }
    }
    (whole, !orders.is_empty())
}

proptest! {
    #[test]
    fn what_follows_from_changes(changes in proptest::collection::vec(change(), 0..14)) {
        let mut entries = Vec::new();
        let mut position = Position::START;
        for change in changes {
            position = position.next();
            let seconds = i64::try_from(position.number()).unwrap().saturating_mul(40_000);
            let text = change.encode();
            let entry = Entry::read(position, seconds.saturating_mul(1_000_000), &text).unwrap();
            prop_assert_eq!(&entry.change, &change);
            entries.push(entry);
        }
        let mut standing = Standing::new();
        for entry in &entries {
            let before = standing.clone();
            standing.apply(entry).unwrap();
            prop_assert!(standing.clone().apply(entry).is_err(), "none is applied twice");
            // Whatever only takes away loosens nothing, said twice or said apart.
            if entry.change.restricts() {
                let mut apart = before;
                apart.restrict(&entry.change);
                for tenant in ["acme", "globex"] {
                    let caller = with_bot(tenant);
                    let subject = Subject::new(&caller).in_session(Some("s"));
                    prop_assert_eq!(apart.look(&subject).err(), standing.look(&subject).err());
                }
            }
        }
        for tenant in ["acme", "globex"] {
            let (whole, bot) = expected(&entries, tenant);
            let caller = with_bot(tenant);
            let found = standing.look(&Subject::new(&caller)).err();
            let told = match (whole, bot) {
                (true, _) => Some(Bar::TenantQuarantined),
                (false, true) => Some(Bar::Quarantined { place: Some(0) }),
                (false, false) => None,
            };
            prop_assert_eq!(found, told);
        }
        // Forgetting changes no answer about what is under way.
        let mut less = standing.clone();
        for round in 0..1_024 {
            less.forget_tasks(round, standing.time());
        }
        for tenant in ["acme", "globex"] {
            let now = standing.time();
            let taken = standing.is_taken(Some(tenant), "t", now);
            prop_assert_eq!(less.is_taken(Some(tenant), "t", now), taken);
            prop_assert!(taken || less.task(Some(tenant), "t").is_none());
        }
    }
}

fn with_bot(tenant: &str) -> Caller {
    let alice = Principal::asserted(id("user:alice")).member_of(tenant, [] as [&str; 0]);
    let bot = Principal::asserted(id("agent:bot"));
    Caller::of(alice).acting(bot).in_tenant(tenant).unwrap()
}

/// The first that begins a task has begun it; its id is free a day after it is over.
#[test]
fn ids_of_tasks() {
    let mut standing = Standing::new();
    let put = |standing: &mut Standing, seconds: i64, change: Change| {
        let position = standing.position().next();
        let entry = Entry::read(
            position,
            seconds.saturating_mul(1_000_000),
            &change.encode(),
        );
        standing.apply(&entry.unwrap()).unwrap();
    };
    let begin = |end: i64| {
        let task = Task::builder("t", at(end)).build_for(&alice("acme"));
        Change::begin(task.unwrap(), id("user:alice"))
    };
    let day = TimeDelta::hours(24).num_seconds();
    let of = |standing: &Standing| {
        standing
            .task(Some("acme"), "t")
            .map(|task| task.position().number())
    };
    put(&mut standing, 0, begin(100));
    put(&mut standing, 10, begin(200));
    assert_eq!(of(&standing), Some(1));
    put(&mut standing, 99 + day, begin(100 + day));
    assert_eq!(of(&standing), Some(1));
    put(&mut standing, 100 + day, begin(200 + day));
    assert_eq!(of(&standing), Some(4));
    let end = Change::revoke(Revocation::task(Some("acme"), "t").unwrap(), id("user:o"));
    put(&mut standing, 110 + day, end);
    assert_eq!(of(&standing), None);
    assert!(standing.has_ended(Some("acme"), "t"));
    put(&mut standing, 199 + 2 * day, begin(300 + 2 * day));
    assert_eq!(of(&standing), None);
    put(&mut standing, 200 + 2 * day, begin(300 + 2 * day));
    assert_eq!(of(&standing), Some(7));
    assert!(!standing.is_taken(Some("globex"), "t", at(0)));
}
