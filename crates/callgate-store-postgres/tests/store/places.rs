//! Where records go: one place each, in one chain each.

use std::sync::Arc;
use std::thread;

use callgate_audit::{AppendError, AuditSink as _, Batch, ChainName, Head, Journal, SinkError};
use callgate_store_postgres::PostgresReader;
use callgate_types::Digest;

use crate::rig::{
    batch, database, durable, error_of, execute, name, numbered, numbers, open, patient, query,
    reader, write,
};

#[test]
fn restart_goes_on() {
    let Some(database) = database() else { return };
    for run in 0..3 {
        write(&database, run * 5..run * 5 + 5);
    }
    assert_eq!(numbers(&database), (0..15).collect::<Vec<_>>());
}

#[test]
fn conflict_and_repetition() {
    let Some(database) = database() else { return };
    let sink = open(&database);
    let first = batch(Head::EMPTY, [1, 2]);
    sink.append(Head::EMPTY, &first).unwrap();
    // The same batch once more: it is there already.
    sink.append(Head::EMPTY, &first).unwrap();
    let other = batch(Head::EMPTY, [3]);
    let told = sink.append(Head::EMPTY, &other);
    assert!(matches!(told, Err(SinkError::Conflict(head)) if head == first.end()));
    let told = sink.append(first.end(), &other);
    assert!(matches!(told, Err(SinkError::Conflict(head)) if head == first.end()));
    let beyond = Head::new(2, Digest::of(b"another"));
    let told = sink.append(beyond, &batch(beyond, [4]));
    assert!(matches!(told, Err(SinkError::Conflict(head)) if head == first.end()));
    // Another sink of the chain, which saw none of this, delivers the batch once more.
    let second = open(&database);
    second.append(Head::EMPTY, &first).unwrap();
    second
        .append(first.end(), &batch(first.end(), [5]))
        .unwrap();
    assert_eq!(numbers(&database), [1, 2, 5]);
    let nothing = Batch::empty(Head::EMPTY);
    assert!(matches!(
        sink.append(Head::EMPTY, &nothing),
        Err(SinkError::Conflict(head)) if head.records == 3
    ));
}

#[test]
fn reads_what_was_written() {
    let Some(database) = database() else { return };
    write(&database, 0..20);
    let sink = open(&database);
    let head = sink.head().unwrap();
    sink.sync(head).unwrap();
    let all = sink.read(0, 100).unwrap();
    assert_eq!((all.start(), all.end()), (Head::EMPTY, head));
    for from in 0..20 {
        for max in [1, 2, 7] {
            let some = sink.read(from, max).unwrap();
            assert_eq!(some.start().records, from);
            assert_eq!(some.records(), (max as u64).min(20 - from));
            let skipped = usize::try_from(from).unwrap();
            assert!(some.lines().eq(all.lines().skip(skipped).take(max)));
        }
    }
    for (from, max) in [(20, 5), (u64::MAX, 5), (3, 0)] {
        let nothing = sink.read(from, max).unwrap();
        assert_eq!((nothing.records(), nothing.end()), (0, head));
    }
}

#[test]
fn large_records() {
    let Some(database) = database() else { return };
    let sink = open(&database);
    let mut head = Head::EMPTY;
    let padding = "x".repeat(900_000);
    for number in 0..12 {
        let mut line = Vec::new();
        let body = format!(
            r#"{{"v":1,"kind":"gap","time":"2026-11-20T12:00:00.000000Z","durable":0,"lost":{number},"padding":"{padding}""#
        );
        let end = head.link(body.as_bytes(), &mut line);
        sink.append(head, &Batch::parse(line).unwrap()).unwrap();
        head = end;
    }
    assert_eq!(numbers(&database), (0..12).collect::<Vec<_>>());
    // What is read at once is bounded, and at least one record.
    let some = sink.read(0, 100).unwrap();
    assert_eq!(some.records(), 5);
    assert_eq!(sink.read(some.end().records, 100).unwrap().records(), 5);
}

#[test]
fn chains_do_not_meet() {
    let Some(database) = database() else { return };
    thread::scope(|scope| {
        for place in 0..4_u64 {
            let database = &database;
            scope.spawn(move || {
                let chain = name(&format!("desk-{place}"));
                let sink = patient().connect(database, chain.clone()).unwrap();
                assert_eq!(sink.chain(), &chain);
                let journal = Journal::open(Arc::new(sink)).unwrap();
                for number in 0..20 {
                    let record = numbered(place * 100 + number);
                    journal.append(&record, durable()).unwrap();
                }
            });
        }
    });
    for place in 0..4 {
        let chain = name(&format!("desk-{place}"));
        let reader = PostgresReader::connect(&database, &chain, &patient()).unwrap();
        assert_eq!(std::io::read_to_string(reader).unwrap().lines().count(), 20);
    }
    let none = PostgresReader::connect(&database, &name("desk-9"), &patient());
    assert_eq!(error_of(none), "there is no chain `desk-9`");
}

#[test]
fn appenders_of_one_journal() {
    const THREADS: u64 = 64;
    const EACH: u64 = 20;
    let Some(database) = database() else { return };
    let journal = Journal::open(Arc::new(open(&database))).unwrap();
    thread::scope(|scope| {
        for own in 0..THREADS {
            let journal = &journal;
            scope.spawn(move || {
                for number in 0..EACH {
                    let record = numbered(own * EACH + number);
                    journal.append(&record, durable()).unwrap();
                }
            });
        }
    });
    drop(journal);
    let stored = numbers(&database);
    // Each once, and those of a thread in their order.
    let mut sorted = stored.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..THREADS * EACH).collect::<Vec<_>>());
    for own in 0..THREADS {
        let its = stored.iter().filter(|number| **number / EACH == own);
        assert!(its.is_sorted());
    }
}

/// Many sinks, each with a connection of its own, race for the places of one chain.
#[track_caller]
fn check_race(sinks: u64, places: u64, isolation: &str) {
    let Some(database) = database() else { return };
    let name = database.rsplit('=').next().unwrap().to_owned();
    execute(
        &database,
        &format!("ALTER DATABASE {name} SET default_transaction_isolation = '{isolation}'"),
    );
    let database = &database;
    let won: u64 = thread::scope(|scope| {
        let race = |own| {
            scope.spawn(move || {
                let sink = open(database);
                let (mut head, mut won) = (sink.head().unwrap(), 0);
                while head.records < places {
                    let mine = batch(head, [own]);
                    match sink.append(head, &mine) {
                        Ok(()) => {
                            won += 1;
                            head = mine.end();
                        }
                        Err(SinkError::Conflict(elsewhere)) => {
                            assert!(elsewhere.records > head.records);
                            head = elsewhere;
                        }
                        Err(other) => panic!("{other}: {:?}", std::error::Error::source(&other)),
                    }
                }
                won
            })
        };
        let threads: Vec<_> = (0..sinks).map(race).collect();
        threads.into_iter().map(|one| one.join().unwrap()).sum()
    });
    // Exactly one won each place; the last ones to arrive saw that all were taken.
    assert_eq!(numbers(database).len() as u64, won);
    assert!((places..places + sinks).contains(&won), "{won}");
}

#[test]
fn sinks_that_race_for_a_chain_do_not_fork_it() {
    check_race(64, 100, "read committed");
}

#[test]
fn race_under_repeatable_read() {
    check_race(12, 30, "repeatable read");
}

#[test]
fn race_with_serialization_failures() {
    check_race(12, 30, "serializable");
}

#[test]
fn second_journal_of_a_chain_is_closed() {
    let Some(database) = database() else { return };
    let first = Journal::open(Arc::new(open(&database))).unwrap();
    let second = Journal::open(Arc::new(open(&database))).unwrap();
    first.append(&numbered(1), durable()).unwrap();
    for _ in 0..2 {
        let told = second.append(&numbered(2), durable());
        let Err(AppendError::Closed(SinkError::Conflict(head))) = told else {
            panic!("expected a conflict, found {told:?}");
        };
        assert_eq!(head.records, 1);
    }
    first.append(&numbered(3), durable()).unwrap();
    assert_eq!(numbers(&database), [1, 3]);
}

#[test]
fn fence_that_moves_is_no_conflict() {
    let Some(database) = database() else { return };
    let first = open(&database);
    let one = batch(Head::EMPTY, [1]);
    first.append(Head::EMPTY, &one).unwrap();
    // Each that connects moves the fence.
    for _ in 0..3 {
        drop(open(&database));
    }
    first.append(one.end(), &batch(one.end(), [2])).unwrap();
    assert_eq!(query(&database, "SELECT fence FROM callgate.chain"), 4);
    assert_eq!(numbers(&database), [1, 2]);
}

#[test]
fn role_that_can_only_add() {
    let Some(database) = database() else { return };
    let role = format!("writer_{}", database.rsplit('_').next().unwrap());
    execute(
        &database,
        &format!(
            "CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA callgate TO {role}; \
             GRANT SELECT ON callgate.format TO {role}; \
             GRANT SELECT, INSERT, UPDATE ON callgate.chain TO {role}; \
             GRANT SELECT, INSERT ON callgate.record TO {role}"
        ),
    );
    let as_role = database.replace("user=gate", &format!("user={role}"));
    write(&as_role, [1, 2]);
    assert_eq!(numbers(&as_role), [1, 2]);
    let refused = crate::rig::with_client(&as_role, async |client| {
        let changed = client
            .batch_execute("UPDATE callgate.record SET line = ''")
            .await;
        changed.unwrap_err().code().unwrap().code().to_owned()
    });
    assert_eq!(refused, "42501");
}

#[test]
fn migrating_again_and_at_once() {
    let Some(database) = database() else { return };
    write(&database, [1]);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| callgate_store_postgres::migrate(&database).unwrap());
        }
    });
    assert_eq!(numbers(&database), [1]);
    assert_eq!(query(&database, "SELECT count(*) FROM callgate.format"), 1);
}

#[test]
fn reader_stops_where_the_chain_ended() {
    let Some(database) = database() else { return };
    write(&database, 0..3);
    let reader = reader(&database);
    write(&database, 3..6);
    assert_eq!(std::io::read_to_string(reader).unwrap().lines().count(), 3);
    let all = open(&database).reader().unwrap();
    assert_eq!(std::io::read_to_string(all).unwrap().lines().count(), 6);
    assert_eq!(open(&database).chain(), &ChainName::main());
}
