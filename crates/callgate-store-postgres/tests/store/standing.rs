//! Who is in good standing, in a database.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use callgate_identity::standing::testkit::Kit;
use callgate_identity::standing::{Change, Position, Revocation, StandingStore, StoreError};
use callgate_store_postgres::{PostgresSinkError, PostgresStanding, migrate_standing};

use crate::proxy::Proxy;
use crate::rig::{empty_database, execute, hasty, held, patient, query, server, start};

fn database() -> Option<String> {
    let database = empty_database()?;
    migrate_standing(&database).unwrap();
    Some(database)
}

fn open(database: &str) -> PostgresStanding {
    PostgresStanding::connect_with(database, &patient()).unwrap()
}

fn numbered(number: u64) -> Change {
    let session = Revocation::session(Some("acme"), &number.to_string()).unwrap();
    Change::revoke(session, "user:officer".parse().unwrap())
}

#[test]
fn conforms() {
    if server().is_none() {
        return;
    }
    Kit::new(|| {
        let database = database().unwrap();
        let store = PostgresStanding::connect_with(&database, &patient())?;
        Ok::<_, PostgresSinkError>(Named(database, store))
    })
    .reopen(|store: Named| {
        let Named(database, store) = store;
        drop(store);
        PostgresStanding::connect(&database).map(|store| Named(database, store))
    })
    .rival(|store: &Named| {
        PostgresStanding::connect(&store.0).map(|other| Named(store.0.clone(), other))
    })
    .check()
    .unwrap();
}

/// A store with the database that it is in.
struct Named(String, PostgresStanding);

impl StandingStore for Named {
    fn put(&self, change: &Change) -> Result<Position, StoreError> {
        self.1.put(change)
    }

    fn changes(
        &self,
        after: Position,
        max: usize,
    ) -> Result<callgate_identity::standing::Changes, StoreError> {
        self.1.changes(after, max)
    }
}

#[test]
fn databases_that_are_not_as_they_should_be() {
    let Some(database) = empty_database() else {
        return;
    };
    let told = || match PostgresStanding::connect(&database) {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.to_string(),
    };
    let none =
        "there is no standing store in the schema `callgate`: create it with `migrate_standing`";
    assert_eq!(told(), none);
    migrate_standing(&database).unwrap();
    migrate_standing(&database).unwrap();
    assert_eq!(told(), "ok");
    execute(&database, "ALTER TABLE callgate.change SET UNLOGGED");
    let changed = "the table `callgate.change` was changed: a crash would empty it";
    assert_eq!(told(), changed);
    execute(&database, "ALTER TABLE callgate.change SET LOGGED");
    execute(&database, "UPDATE callgate.standing SET version = 7");
    assert!(
        told().contains("format 7, expected 1 or before"),
        "{}",
        told()
    );
    let off = format!("{database} options='-c synchronous_commit=off'");
    execute(&database, "UPDATE callgate.standing SET version = 1");
    let refused = PostgresStanding::connect(&off).unwrap_err().to_string();
    assert!(
        refused.starts_with("`synchronous_commit` is `off`"),
        "{refused}"
    );
    execute(
        &database,
        "CREATE RULE r AS ON INSERT TO callgate.change DO INSTEAD NOTHING",
    );
    let changed = "the table `callgate.change` was changed: it has triggers or rules";
    assert_eq!(told(), changed);
    execute(
        &database,
        "ALTER TABLE callgate.change DROP CONSTRAINT change_pkey",
    );
    let changed =
        "the table `callgate.change` was changed: it is no table, or lacks a unique index";
    assert_eq!(told(), changed);
}

/// A statement that is cancelled while it waits for a replica says that it was done: none is.
#[test]
fn role_whose_statements_are_cancelled() {
    let Some(database) = database() else { return };
    let store = open(&format!("{database} options='-c statement_timeout=1000'"));
    let put = held(&database, "callgate.standing", || store.put(&numbered(1)));
    assert_eq!(put.unwrap(), Position::new(1));
}

#[test]
fn rows_that_are_changed() {
    let Some(database) = database() else { return };
    let store = open(&database);
    for number in 0..3 {
        store.put(&numbered(number)).unwrap();
    }
    execute(&database, "DELETE FROM callgate.change WHERE position = 2");
    // There is a gap, and whoever applies it says so.
    let found = store.changes(Position::START, 10).unwrap();
    assert_eq!(found.entries.len(), 2);
    assert_eq!(found.end, Position::new(3));
    execute(
        &database,
        "UPDATE callgate.change SET text = '{}' WHERE position = 3",
    );
    let told = store.changes(Position::START, 10).unwrap_err();
    assert!(matches!(told, StoreError::Altered(_)), "{told}");
    execute(&database, "DELETE FROM callgate.standing");
    let told = store.changes(Position::START, 10).unwrap_err();
    assert!(matches!(told, StoreError::Altered(_)), "{told}");
    let told = store.put(&numbered(9)).unwrap_err();
    assert!(matches!(told, StoreError::Unknown(_)), "{told}");
}

/// An open transaction holds up those who put, and nobody who looks.
#[test]
fn changes_are_committed_in_their_order() {
    let Some(database) = database() else { return };
    let store = open(&database);
    store.put(&numbered(1)).unwrap();
    thread::scope(|scope| {
        let sql = "BEGIN; UPDATE callgate.standing SET position = position + 1; \
                   SELECT pg_sleep(1.5); ROLLBACK";
        scope.spawn(|| execute(&database, sql));
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
        while query(&database, waits) == 0 {
            thread::sleep(Duration::from_millis(5));
        }
        let putting = scope.spawn(|| store.put(&numbered(2)));
        let since = Instant::now();
        while since.elapsed() < Duration::from_millis(300) {
            let found = store.changes(Position::START, 10).unwrap();
            assert_eq!((found.entries.len(), found.end), (1, Position::new(1)));
        }
        assert!(!putting.is_finished());
        assert_eq!(putting.join().unwrap().unwrap(), Position::new(2));
    });
    assert_eq!(
        query(&database, "SELECT position FROM callgate.standing"),
        2
    );
}

#[test]
fn answers_that_are_lost() {
    let Some(database) = database() else { return };
    let proxy = Proxy::before(server().unwrap().socket());
    let way = proxy.way(&database);
    let store = PostgresStanding::connect_with(&way, &hasty()).unwrap();
    store.put(&numbered(1)).unwrap();
    proxy.lose_answers();
    let told = store.put(&numbered(2)).unwrap_err();
    assert!(matches!(told, StoreError::Unknown(_)), "{told}");
    proxy.has_lost_something();
    // It was stored; who puts it again has it twice, which takes nothing back.
    assert_eq!(open(&database).put(&numbered(2)).unwrap(), Position::new(3));
}

/// A server that dies and comes back: whatever was acknowledged is there, in its place.
#[test]
fn server_that_is_killed() {
    const PRODUCERS: u64 = 4;
    let Some(mut server) = start(&[]) else { return };
    let socket = server.socket().display();
    let database = format!("host={socket} user=gate dbname=postgres");
    migrate_standing(&database).unwrap();
    let store = PostgresStanding::connect_with(&database, &hasty()).unwrap();
    let acknowledged = Mutex::new(BTreeMap::new());
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for own in 0..PRODUCERS {
            let (store, acknowledged, over) = (&store, &acknowledged, &over);
            scope.spawn(move || {
                let mut number = own;
                while !over.load(Ordering::Relaxed) {
                    if let Ok(position) = store.put(&numbered(number)) {
                        acknowledged.lock().unwrap().insert(position, number);
                    } else {
                        thread::sleep(Duration::from_millis(5));
                    }
                    number += PRODUCERS;
                }
            });
        }
        for _ in 0..3 {
            thread::sleep(Duration::from_millis(200));
            server.kill().unwrap();
            let told = store.changes(Position::START, 1).unwrap_err();
            assert!(matches!(told, StoreError::Unreachable(_)), "{told}");
            server.restart().unwrap();
        }
        let before = acknowledged.lock().unwrap().len();
        let since = Instant::now();
        while acknowledged.lock().unwrap().len() <= before + 20
            && since.elapsed() < Duration::from_secs(60)
        {
            thread::sleep(Duration::from_millis(10));
        }
        over.store(true, Ordering::Relaxed);
    });
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() > 20);
    let mut found = BTreeMap::new();
    let mut after = Position::START;
    loop {
        let changes = store.changes(after, 1_000).unwrap();
        let Some(last) = changes.entries.last() else {
            break;
        };
        assert_eq!(changes.entries[0].position, after.next());
        after = last.position;
        found.extend(
            changes
                .entries
                .into_iter()
                .map(|it| (it.position, it.change)),
        );
    }
    for (position, number) in acknowledged {
        assert_eq!(found.get(&position), Some(&numbered(number)));
    }
}
