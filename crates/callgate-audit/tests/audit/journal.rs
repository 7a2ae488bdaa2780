//! One chain and many threads, restarts, and what is left for later.

use std::sync::Arc;
use std::thread;

use callgate_audit::testkit::Fault;
use callgate_audit::{Durability, Journal, MemorySink, SinkError};

use crate::rig::{LONG, accepted, durable, noon, numbered, open, poisoned, sink, story, text};

#[test]
fn many_threads_write_one_chain_in_their_order() {
    const THREADS: u64 = 8;
    const EACH: u64 = 1000;
    let sink = sink();
    let journal = open(&sink);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let journal = journal.clone();
            scope.spawn(move || {
                let mut last = None;
                for number in 0..EACH {
                    let ask = if number % 3 == 0 {
                        durable()
                    } else {
                        accepted()
                    };
                    let stored = journal
                        .append(&numbered(thread * EACH + number), ask)
                        .unwrap();
                    assert!(stored.durability >= ask.durability);
                    assert!(last < Some(stored.seq));
                    last = Some(stored.seq);
                }
            });
        }
    });
    let story = story(&text(&sink));
    assert_eq!(story.len() as u64, THREADS * EACH);
    let mut next: Vec<_> = (0..THREADS).map(|thread| thread * EACH).collect();
    for line in story {
        let number: u64 = line.strip_prefix("gap ").unwrap().parse().unwrap();
        let next = &mut next[usize::try_from(number / EACH).unwrap()];
        assert_eq!(number, *next);
        *next += 1;
    }
}

#[test]
fn restart_goes_on_with_the_chain() {
    let sink = sink();
    for number in 0..3 {
        let stored = open(&sink).append(&numbered(number), durable()).unwrap();
        assert_eq!(stored.seq, number);
    }
    assert_eq!(story(&text(&sink)), ["gap 0", "gap 1", "gap 2"]);
}

#[test]
fn records_say_how_many_are_durable() {
    let sink = sink();
    let journal = open(&sink);
    for ask in [accepted(), durable(), accepted(), accepted()] {
        journal.append(&numbered(1), ask).unwrap();
    }
    let counts: Vec<_> = text(&sink)
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["durable"].clone())
        .collect();
    assert_eq!(counts, [0, 0, 2, 2]);
}

#[test]
fn restart_begins_with_all_of_the_chain_durable() {
    let sink = sink();
    open(&sink).append(&numbered(1), accepted()).unwrap();
    open(&sink).append(&numbered(2), accepted()).unwrap();
    assert!(
        text(&sink)
            .lines()
            .last()
            .unwrap()
            .contains("\"durable\":1,")
    );
    sink.on_sync(Fault::Refuse(poisoned()));
    let opened = Journal::open(Arc::clone(&sink) as Arc<_>);
    assert!(matches!(opened, Err(SinkError::Poisoned(_))));
}

#[test]
fn journal_crosses_threads() {
    fn check<T: Send + Sync + Clone + 'static>(_: &T) {}
    check(&open(&sink()));
}

#[test]
fn stored_says_how_safe_a_record_is() {
    let journal = open(&sink());
    let one = journal.append(&numbered(1), accepted()).unwrap();
    assert_eq!((one.seq, one.durability), (0, Durability::Accepted));
    let two = journal.append(&numbered(2), durable()).unwrap();
    assert_eq!((two.seq, two.durability), (1, Durability::Durable));
    assert_ne!(one.digest, two.digest);
}

#[test]
fn queued_records_come_before_the_next() {
    let sink = sink();
    let journal = open(&sink);
    journal.queue(&numbered(1));
    journal.queue(&numbered(2));
    assert_eq!(text(&sink), "");
    journal.append(&numbered(3), accepted()).unwrap();
    assert_eq!(story(&text(&sink)), ["gap 1", "gap 2", "gap 3"]);
}

#[test]
fn flush_writes_what_is_queued() {
    let sink = sink();
    let journal = open(&sink);
    journal.queue(&numbered(1));
    journal.flush(LONG).unwrap();
    assert_eq!(story(&text(&sink)), ["gap 1"]);
}

#[test]
fn last_clone_writes_what_is_queued() {
    let sink = sink();
    let journal = open(&sink);
    journal.queue(&numbered(1));
    drop(journal.clone());
    assert_eq!(text(&sink), "");
    drop(journal);
    assert_eq!(story(&text(&sink)), ["gap 1"]);
}

#[test]
fn queue_overflow_leaves_a_gap() {
    let sink = sink();
    let journal = open(&sink);
    for number in 0..1500 {
        journal.queue(&numbered(number));
    }
    journal.flush(LONG).unwrap();
    let story = story(&text(&sink));
    assert_eq!(story.len(), 1025);
    assert_eq!(story[1023], "gap 1023");
    assert_eq!(story[1024], "gap 476");
}

#[test]
fn full_memory_closes_the_journal() {
    let sink = Arc::new(MemorySink::with_limit(1000));
    let journal = Journal::open(sink).unwrap();
    let stored = (0..9).take_while(|number| journal.append(&numbered(*number), accepted()).is_ok());
    let stored = stored.count();
    assert!((3..9).contains(&stored));
    let error = journal.append(&numbered(1), accepted()).unwrap_err();
    assert_eq!(error.to_string(), "the log is closed");
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "no room is left for the log");
}

#[test]
fn time_of_own_records_is_the_latest_known() {
    let sink = sink();
    let journal = open(&sink);
    for number in 0..1025 {
        journal.queue(&numbered(number));
    }
    drop(journal);
    let text = text(&sink);
    let time = noon().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
    assert!(text.lines().last().unwrap().contains(&time));
}
