//! Answers that are lost, connections that break, servers that die.

use std::collections::HashSet;
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use callgate_audit::texts::{ClearText, Salt, TextStore as _};
use callgate_audit::{
    AppendError, Ask, AuditSink as _, ChainName, Durability, Head, Journal, JournalState, SinkError,
};
use callgate_store_postgres::{PostgresTexts, migrate, migrate_texts};
use callgate_types::Digest;

use crate::proxy::Proxy;
use crate::rig::{
    batch, database, durable, execute, hasty, numbered, numbers, open, patient, query, server,
    start,
};

fn through_a_proxy() -> Option<(String, Proxy, String)> {
    let database = database()?;
    let proxy = Proxy::before(server()?.socket());
    let way = proxy.way(&database);
    Some((database, proxy, way))
}

#[test]
fn answer_lost_after_the_commit() {
    let Some((database, proxy, way)) = through_a_proxy() else {
        return;
    };
    let sink = hasty().connect(&way, ChainName::main()).unwrap();
    let journal = Journal::open(Arc::new(sink)).unwrap();
    journal.append(&numbered(1), durable()).unwrap();
    proxy.lose_answers();
    let told = journal.append(&numbered(2), durable().opens());
    assert!(matches!(told, Err(AppendError::Unknown(_))), "{told:?}");
    assert!(matches!(journal.state(), JournalState::InDoubt));
    proxy.has_lost_something();
    // It is there, and so is word that its call was denied.
    let third = journal.append(&numbered(3), durable()).unwrap();
    assert_eq!(third.seq, 2);
    journal.flush(Duration::from_secs(60)).unwrap();
    drop(journal);
    let text = io::read_to_string(crate::rig::reader(&database)).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[1].contains("\"lost\":2") && lines[2].contains("\"lost\":3"));
    assert!(lines[3].contains("\"decision_seq\":1,\"reason\":\"late\""));
}

#[test]
fn answer_lost_with_the_connection() {
    let Some((database, proxy, way)) = through_a_proxy() else {
        return;
    };
    let sink = patient().connect(&way, ChainName::main()).unwrap();
    let mut head = Head::EMPTY;
    for number in 0..5 {
        proxy.cut_at_the_next_answer();
        // It was stored, and the sink finds out by itself.
        let one = batch(head, [number]);
        sink.append(head, &one).unwrap();
        head = one.end();
    }
    proxy.has_lost_something();
    assert_eq!(numbers(&database), [0, 1, 2, 3, 4]);
    sink.sync(head).unwrap();
}

#[test]
fn batch_that_arrives_after_its_fate_was_settled() {
    let Some((database, proxy, way)) = through_a_proxy() else {
        return;
    };
    let sink = hasty().connect(&way, ChainName::main()).unwrap();
    let first = batch(Head::EMPTY, [1]);
    sink.append(Head::EMPTY, &first).unwrap();
    proxy.hold_questions();
    let told = sink.append(first.end(), &batch(first.end(), [2]));
    assert!(matches!(told, Err(SinkError::Unknown(_))), "{told:?}");
    // Over a new connection: it is not there.
    assert_eq!(sink.head().unwrap(), first.end());
    // Only now does it arrive. The server takes the statement, and must not store it.
    let before = query(&database, "SELECT count(*) FROM pg_stat_activity");
    proxy.let_go();
    let since = std::time::Instant::now();
    while query(&database, "SELECT count(*) FROM pg_stat_activity") >= before
        && since.elapsed() < Duration::from_secs(10)
    {
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(sink.head().unwrap(), first.end());
    let third = batch(first.end(), [3]);
    sink.append(first.end(), &third).unwrap();
    assert_eq!(numbers(&database), [1, 3]);
}

#[test]
fn backends_that_are_terminated() {
    let Some(database) = database() else { return };
    let journal = Journal::open(Arc::new(open(&database))).unwrap();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8_u64)
            .map(|own| {
                let journal = &journal;
                scope.spawn(move || {
                    for number in 0..40 {
                        let record = numbered(own * 40 + number);
                        journal.append(&record, durable()).unwrap();
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                execute(
                    &database,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()",
                );
                thread::sleep(Duration::from_millis(30));
            }
        });
        for thread in threads {
            thread.join().unwrap();
        }
        over.store(true, Ordering::Relaxed);
    });
    drop(journal);
    let mut stored = numbers(&database);
    stored.sort_unstable();
    assert_eq!(stored, (0..320).collect::<Vec<_>>());
}

#[test]
fn server_that_is_killed() {
    const PRODUCERS: u64 = 8;
    let Some(mut server) = start(&[]) else { return };
    let socket = server.socket().display();
    let database = format!("host={socket} user=gate dbname=postgres");
    migrate(&database).unwrap();
    migrate_texts(&database).unwrap();
    let sink = hasty().connect(&database, ChainName::main()).unwrap();
    let journal = Journal::open(Arc::new(sink)).unwrap();
    let texts = PostgresTexts::connect(&database, &hasty()).unwrap();
    let acknowledged = Mutex::new(Vec::new());
    let put = Mutex::new(Vec::new());
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for own in 0..2 {
            let (texts, put, over) = (&texts, &put, &over);
            scope.spawn(move || {
                let mut number = own;
                while !over.load(Ordering::Relaxed) {
                    let text = format!("\"{number}\"");
                    let salt = Salt::from_bytes(*Digest::of(text.as_bytes()).as_bytes());
                    let text = ClearText::new(salt, &text).unwrap();
                    let soon = Duration::from_secs(1);
                    if texts.put(&[text], Durability::Durable, soon).is_ok() {
                        put.lock().unwrap().push(text.commitment());
                    }
                    number += 2;
                }
            });
        }
        for own in 0..PRODUCERS {
            let (journal, acknowledged, over) = (&journal, &acknowledged, &over);
            scope.spawn(move || {
                let ask = Ask::new(Durability::Durable, Duration::from_secs(2));
                let mut number = own;
                while !over.load(Ordering::Relaxed) {
                    if journal.append(&numbered(number), ask).is_ok() {
                        acknowledged.lock().unwrap().push(number);
                    }
                    number += PRODUCERS;
                }
            });
        }
        // By a kill, and as an administrator does it, in the middle of what all of them are doing.
        for round in 0..6 {
            thread::sleep(Duration::from_millis(150));
            if round % 2 == 0 {
                server.kill().unwrap();
            } else {
                server.stop_immediately().unwrap();
            }
            server.restart().unwrap();
        }
        // All is well again in the end.
        let before = acknowledged.lock().unwrap().len();
        let since = std::time::Instant::now();
        while acknowledged.lock().unwrap().len() <= before + 20
            && since.elapsed() < Duration::from_secs(60)
        {
            thread::sleep(Duration::from_millis(10));
        }
        over.store(true, Ordering::Relaxed);
        assert!(acknowledged.lock().unwrap().len() > before + 20);
    });
    assert!(matches!(journal.state(), JournalState::Open), "{journal:?}");
    drop(journal);
    let stored = numbers(&database);
    let once: HashSet<u64> = stored.iter().copied().collect();
    assert_eq!(once.len(), stored.len(), "a record stands there twice");
    let acknowledged = acknowledged.into_inner().unwrap();
    let lost: Vec<_> = acknowledged
        .iter()
        .filter(|it| !once.contains(it))
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
    let put = put.into_inner().unwrap();
    assert!(!put.is_empty());
    for commitment in &put {
        let found = texts.find(*commitment).unwrap();
        assert!(
            found.is_some_and(|text| text.matches(*commitment)),
            "{commitment}"
        );
    }
    let (acknowledged, put) = (acknowledged.len(), put.len());
    println!("6 crashes: {acknowledged} records and {put} texts acknowledged, 0 lost, 0 twice");
}

/// The host connects by itself, as one does that encrypts.
#[test]
fn connection_of_the_host() {
    let Some(database) = database() else { return };
    let socket = server().unwrap().socket().join(".s.PGSQL.5432");
    let (_, rest) = database.split_once(' ').unwrap();
    // Another machine, which is not asked.
    let elsewhere = format!("host=db.example {rest}");
    let dials = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&dials);
    let options = patient().dial(move || {
        count.fetch_add(1, Ordering::Relaxed);
        UnixStream::connect(&socket)
    });
    let sink = options.connect(&elsewhere, ChainName::main()).unwrap();
    let first = batch(Head::EMPTY, [1]);
    sink.append(Head::EMPTY, &first).unwrap();
    assert_eq!(dials.load(Ordering::Relaxed), 1);
    execute(
        &database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    sink.append(first.end(), &batch(first.end(), [2])).unwrap();
    assert_eq!(dials.load(Ordering::Relaxed), 2);
    assert_eq!(numbers(&database), [1, 2]);
    let texts = PostgresTexts::connect(&elsewhere, &options);
    let told = crate::rig::error_of(texts);
    assert!(told.starts_with("there are no clear texts"), "{told}");
}

#[test]
fn host_that_cannot_connect() {
    let dial = |word: &'static str| {
        move || match word {
            "panic" => panic!("on demand"),
            word => Err(io::Error::other(word)),
        }
    };
    for word in ["no certificate", "panic"] {
        let options = hasty().dial(dial(word));
        let told = crate::rig::error_of(options.connect("user=gate", ChainName::main()));
        let expected = "cannot connect: no connection to the server: ";
        assert!(told.starts_with(expected) && told.contains(word), "{told}");
    }
}
