//! Where records go: one place each, in one chain each.

use std::sync::Arc;
use std::thread;

use callgate_audit::{AppendError, AuditSink as _, Head, Journal, SinkError};
use callgate_store_sqlite::{SqliteReader, SqliteSinkOptions};
use callgate_types::Digest;

use crate::rig::{batch, durable, folder, numbered, numbers, open, write};

#[test]
fn restart_goes_on() {
    let (_folder, path) = folder();
    for run in 0..4 {
        write(&path, run * 5..run * 5 + 5);
    }
    assert_eq!(numbers(&path), (0..20).collect::<Vec<_>>());
}

#[test]
fn conflict_and_repetition() {
    let (_folder, path) = folder();
    let sink = open(&path);
    let first = batch(Head::EMPTY, [1, 2]);
    sink.append(Head::EMPTY, &first).unwrap();
    // The same batch once more: it is there already.
    sink.append(Head::EMPTY, &first).unwrap();
    let other = batch(Head::EMPTY, [3]);
    let told = sink.append(Head::EMPTY, &other);
    assert!(matches!(told, Err(SinkError::Conflict(head)) if head == first.end()));
    // One that goes on elsewhere than it says.
    let told = sink.append(first.end(), &other);
    assert!(matches!(told, Err(SinkError::Conflict(head)) if head == first.end()));
    let beyond = Head::new(2, Digest::of(b"another"));
    let told = sink.append(beyond, &batch(beyond, [4]));
    assert!(matches!(told, Err(SinkError::Conflict(head)) if head == first.end()));
    sink.append(first.end(), &batch(first.end(), [5])).unwrap();
    assert_eq!(numbers(&path), [1, 2, 5]);
}

#[test]
fn reads_what_was_written() {
    let (_folder, path) = folder();
    write(&path, 0..20);
    let sink = open(&path);
    let head = sink.head().unwrap();
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
fn chains_of_one_file_do_not_meet() {
    let (_folder, path) = folder();
    let sinks = ["main", "desk-3", "desk-4"].map(|name| {
        let options = SqliteSinkOptions::new().chain(name.parse().unwrap());
        Arc::new(options.open(&path).unwrap())
    });
    thread::scope(|scope| {
        for (place, sink) in (0_u64..).zip(&sinks) {
            let journal = Journal::open(Arc::clone(sink) as Arc<_>).unwrap();
            scope.spawn(move || {
                for number in 0..20 {
                    journal
                        .append(&numbered(place * 100 + number), durable())
                        .unwrap();
                }
            });
        }
    });
    assert_eq!(numbers(&path), (0..20).collect::<Vec<_>>());
    for sink in &sinks {
        assert_eq!(sink.head().unwrap().records, 20);
        let text = std::io::read_to_string(sink.reader().unwrap()).unwrap();
        assert_eq!(text.lines().count(), 20);
    }
    assert_eq!(
        SqliteReader::chains(&path).unwrap(),
        ["desk-3", "desk-4", "main"]
    );
    let none = SqliteReader::open_chain(&path, &"desk-5".parse().unwrap());
    let told = format!("`{}` holds no chain `desk-5`", path.display());
    assert_eq!(none.unwrap_err().to_string(), told);
}

#[test]
fn sinks_that_race_for_a_chain_do_not_fork_it() {
    const SINKS: u64 = 8;
    const PLACES: u64 = 25;
    let (_folder, path) = folder();
    drop(open(&path));
    let won: u64 = thread::scope(|scope| {
        let race = |own| {
            let path = &path;
            scope.spawn(move || {
                let options = SqliteSinkOptions::new();
                let options = options.busy_timeout(std::time::Duration::from_secs(60));
                let sink = options.open(path).unwrap();
                let (mut head, mut won) = (sink.head().unwrap(), 0);
                while head.records < PLACES {
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
                        Err(other) => panic!("{other}"),
                    }
                }
                won
            })
        };
        let threads: Vec<_> = (0..SINKS).map(race).collect();
        threads.into_iter().map(|one| one.join().unwrap()).sum()
    });
    // Exactly one won each place; the last ones to arrive saw that all were taken.
    assert_eq!(numbers(&path).len() as u64, won);
    assert!((PLACES..PLACES + SINKS).contains(&won), "{won}");
}

#[test]
fn second_journal_of_a_chain_is_closed() {
    let (_folder, path) = folder();
    let first = Journal::open(Arc::new(open(&path))).unwrap();
    let second = Journal::open(Arc::new(open(&path))).unwrap();
    first.append(&numbered(1), durable()).unwrap();
    for _ in 0..2 {
        let told = second.append(&numbered(2), durable());
        let Err(AppendError::Closed(SinkError::Conflict(head))) = told else {
            panic!("expected a conflict, found {told:?}");
        };
        assert_eq!(head.records, 1);
    }
    first.append(&numbered(3), durable()).unwrap();
    assert_eq!(numbers(&path), [1, 3]);
}

#[test]
fn large_records() {
    let (_folder, path) = folder();
    let sink = open(&path);
    let mut head = Head::EMPTY;
    let padding = "x".repeat(900_000);
    for number in 0..12 {
        let mut line = Vec::new();
        let body = format!(
            r#"{{"v":1,"kind":"gap","time":"2026-11-20T12:00:00.000000Z","durable":0,"lost":{number},"padding":"{padding}""#
        );
        let end = head.link(body.as_bytes(), &mut line);
        let one = callgate_audit::Batch::parse(line).unwrap();
        sink.append(head, &one).unwrap();
        head = end;
    }
    assert_eq!(numbers(&path), (0..12).collect::<Vec<_>>());
    // What is read at once is bounded, and at least one record.
    let some = sink.read(0, 100).unwrap();
    assert_eq!(some.records(), 5);
    assert_eq!(sink.read(some.end().records, 100).unwrap().records(), 5);
}
