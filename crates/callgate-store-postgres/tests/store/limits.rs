//! Limits in a database: the kit, crowds of processes, answers that are lost, servers that die.

use std::env;
use std::process::Command;
use std::time::Duration;

use callgate_approval::limit::testkit::{self, Crowd};
use callgate_approval::limit::{Counted, LimitStore, ReservationId, Reserved, Want, Window};
use callgate_store_postgres::{PostgresLimits, migrate_limits};
use callgate_types::Amount;

use crate::proxy::Proxy;
use crate::rig::{empty_database, error_of, execute, hasty, held, patient, server, start};

const DATABASE: &str = "CALLGATE_LIMITS_DATABASE";
const PROCESS: &str = "CALLGATE_LIMITS_PROCESS";
const CALLS: &str = "CALLGATE_LIMITS_CALLS";
const MINUTE: Duration = Duration::from_secs(60);

fn database() -> Option<String> {
    let database = empty_database()?;
    migrate_limits(&database).unwrap();
    Some(database)
}

fn open(database: &str) -> PostgresLimits {
    PostgresLimits::connect_with(database, &patient()).unwrap()
}

fn id(number: u8) -> ReservationId {
    ReservationId::from_bytes([number; 16])
}

fn three() -> Want<'static> {
    Want::new(b"a", Window::Ever, Amount::whole(3), Amount::whole(7))
}

#[test]
fn conforms() {
    if server().is_none() {
        return;
    }
    testkit::check(|| {
        let database = database().unwrap();
        PostgresLimits::connect_with(&database, &patient())
    })
    .unwrap();
}

/// Half of what a crowd would use fits.
fn of(calls: u32) -> Crowd {
    Crowd {
        keys: 5,
        at_most: 400.max(calls * 8),
    }
}

/// What one process of the crowd does; a test that does nothing where it is not one of them.
#[test]
fn of_the_crowd() {
    let (Ok(database), Ok(process)) = (env::var(DATABASE), env::var(PROCESS)) else {
        return;
    };
    let calls = env::var(CALLS).unwrap().parse().unwrap();
    let store = open(&database);
    let process = process.parse().unwrap();
    of(calls)
        .work(&store, process, calls, |one| println!("{one}"))
        .unwrap();
    println!("{}", testkit::done());
}

/// `CALLGATE_LIMITS_CALLS=10000` is the long run.
#[test]
fn sixteen_processes() {
    let Some(database) = database() else { return };
    let calls: u32 = env::var(CALLS).map_or(25, |calls| calls.parse().unwrap());
    let processes = (0..16).map(|process| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "limits::of_the_crowd", "--nocapture"]);
        command.env(DATABASE, &database);
        command.env(PROCESS, process.to_string());
        command.env(CALLS, calls.to_string());
        command
    });
    let (counted, killed) = testkit::crowd(processes, calls).unwrap();
    assert!(killed, "the last process was not killed in the middle");
    let (store, crowd) = (open(&database), of(calls));
    let used = (0..crowd.keys).map(|key| store.used(&[key], Window::Ever).unwrap().to_string());
    let used: Vec<_> = used.collect();
    let (count, most) = (counted.len(), crowd.at_most);
    println!("16 processes x {calls} calls: {count} counted, {used:?} of {most} under each key");
    // Whoever is killed may have counted one call that it did not tell.
    crowd.check(&store, &counted, 5).unwrap();
}

#[test]
fn answers_that_are_lost() {
    let Some(database) = database() else { return };
    let proxy = Proxy::before(server().unwrap().socket());
    let way = proxy.way(&database);
    let store = PostgresLimits::connect_with(&way, &hasty()).unwrap();
    assert_eq!(
        store.reserve(id(1), MINUTE, &[three()]).unwrap(),
        Reserved::Held
    );
    proxy.lose_answers();
    // Whether it was done or not: asked again, it is done once.
    drop(store.reserve(id(2), MINUTE, &[three()]));
    proxy.has_lost_something();
    let store = open(&database);
    assert_eq!(
        store.reserve(id(2), MINUTE, &[three()]).unwrap(),
        Reserved::Held
    );
    assert_eq!(store.used(b"a", Window::Ever).unwrap(), Amount::whole(6));
    assert_eq!(store.count(id(2)).unwrap(), Counted::Yes);
    assert_eq!(store.count(id(2)).unwrap(), Counted::Yes);
    assert_eq!(store.used(b"a", Window::Ever).unwrap(), Amount::whole(6));
}

/// A statement that is cancelled while it waits for a replica says that it was done: none is.
#[test]
fn role_whose_statements_are_cancelled() {
    let Some(database) = database() else { return };
    let store = open(&format!("{database} options='-c statement_timeout=1000'"));
    let first = store.reserve(id(1), MINUTE, &[three()]).unwrap();
    assert_eq!(first, Reserved::Held);
    let second = held(&database, "callgate.limit_account", || {
        store.reserve(id(2), MINUTE, &[three()])
    });
    assert_eq!(second.unwrap(), Reserved::Held);
}

#[test]
fn server_that_is_killed() {
    let Some(mut server) = start(&[]) else { return };
    let socket = server.socket().display();
    let database = format!("host={socket} user=gate dbname=postgres");
    migrate_limits(&database).unwrap();
    let store = PostgresLimits::connect_with(&database, &hasty()).unwrap();
    assert_eq!(
        store.reserve(id(1), MINUTE, &[three()]).unwrap(),
        Reserved::Held
    );
    store.count(id(1)).unwrap();
    server.kill().unwrap();
    assert!(store.reserve(id(2), MINUTE, &[three()]).is_err());
    server.restart().unwrap();
    assert_eq!(store.used(b"a", Window::Ever).unwrap(), Amount::whole(3));
    assert_eq!(
        store.reserve(id(2), MINUTE, &[three()]).unwrap(),
        Reserved::Held
    );
}

#[test]
fn databases_that_are_not_as_they_should_be() {
    let Some(empty) = empty_database() else {
        return;
    };
    let none =
        "there is no store of limits in the schema `callgate`: create it with `migrate_limits`";
    assert_eq!(error_of(PostgresLimits::connect(&empty)), none);
    for (change, told) in [
        ("DROP FUNCTION callgate.limits_reserve", none),
        ("DROP TABLE callgate.limit_sum", none),
        (
            "ALTER TABLE callgate.limit_account SET UNLOGGED",
            "the table `callgate.limit_account` was changed: a crash would empty it",
        ),
        (
            "ALTER TABLE callgate.limit_reservation ENABLE ROW LEVEL SECURITY",
            "the table `callgate.limit_reservation` was changed: rows of it may be hidden",
        ),
        (
            "ALTER TABLE callgate.limit_sum DROP CONSTRAINT limit_sum_pkey; \
             ALTER TABLE callgate.limit_sum ADD PRIMARY KEY (key, slice, used)",
            "the table `callgate.limit_sum` was changed: it is no table, or lacks a unique index",
        ),
        (
            "UPDATE callgate.limit_format SET version = 9",
            "the tables in the schema `callgate` have format 9, expected 1 or before: \
             a later version made them",
        ),
    ] {
        let database = database().unwrap();
        execute(&database, change);
        assert_eq!(error_of(PostgresLimits::connect(&database)), told);
    }
    // What is there is left alone.
    let database = database().unwrap();
    let store = open(&database);
    assert_eq!(
        store.reserve(id(1), MINUTE, &[three()]).unwrap(),
        Reserved::Held
    );
    migrate_limits(&database).unwrap();
    assert_eq!(store.used(b"a", Window::Ever).unwrap(), Amount::whole(3));
}
