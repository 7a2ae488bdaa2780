//! Sinks that take their time: nobody but the leader is held.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use callgate_audit::testkit::Fault;
use callgate_audit::{AppendError, Ask, Durability, Journal};

use crate::rig::{Door, LONG, accepted, durable, numbered, open, sink, story, text};

const SOON: Duration = Duration::from_millis(50);

fn impatient(durability: Durability) -> Ask {
    Ask::new(durability, SOON).opens()
}

#[track_caller]
fn gives_up(journal: &Journal, number: u64, ask: Ask) {
    let since = Instant::now();
    let told = journal.append(&numbered(number), ask);
    assert!(matches!(told, Err(AppendError::TimedOut)), "{told:?}");
    assert!(since.elapsed() < Duration::from_secs(20));
}

#[test]
fn record_that_nobody_took_leaves_the_queue() {
    let sink = sink();
    let journal = open(&sink);
    let door = Arc::new(Door::default());
    sink.on_append(door.holds());
    thread::scope(|scope| {
        let leader = scope.spawn(|| journal.append(&numbered(1), accepted()));
        door.is_reached();
        gives_up(&journal, 2, impatient(Durability::Accepted));
        gives_up(&journal, 3, Ask::new(Durability::Accepted, SOON).keeps());
        assert!(matches!(journal.flush(SOON), Err(AppendError::TimedOut)));
        door.open();
        assert_eq!(leader.join().unwrap().unwrap().seq, 0);
    });
    journal.flush(LONG).unwrap();
    assert_eq!(story(&text(&sink)), ["gap 1", "gap 3"]);
}

#[test]
fn record_that_was_taken_is_followed_by_not_begun() {
    let sink = sink();
    let journal = open(&sink);
    let (first, second) = (Arc::new(Door::default()), Arc::new(Door::default()));
    sink.on_append(first.holds());
    sink.on_append(second.holds());
    thread::scope(|scope| {
        scope.spawn(|| journal.append(&numbered(1), accepted()));
        first.is_reached();
        // Two more wait; one of them leads the next batch, which holds both.
        let ask = Ask::new(Durability::Accepted, Duration::from_secs(2)).opens();
        let waiting = [2, 3].map(|number| {
            let journal = journal.clone();
            scope.spawn(move || journal.append(&numbered(number), ask))
        });
        thread::sleep(Duration::from_millis(500));
        first.open();
        second.is_reached();
        while !waiting.iter().any(thread::ScopedJoinHandle::is_finished) {
            thread::yield_now();
        }
        second.open();
        let told = waiting.map(|waiting| waiting.join().unwrap());
        let late = told
            .iter()
            .filter(|told| matches!(told, Err(AppendError::TimedOut)));
        assert_eq!(late.count(), 1);
        let stored = told.iter().filter_map(|told| told.as_ref().ok());
        let stored: Vec<_> = stored.map(|stored| stored.seq).collect();
        journal.flush(LONG).unwrap();
        let log = story(&text(&sink));
        assert_eq!(log.len(), 4);
        assert_eq!(log[3], format!("not_begun {} late", 3 - stored[0]));
    });
}

#[test]
fn slow_sync_holds_nobody_but_its_leader() {
    let sink = sink();
    let journal = open(&sink);
    let door = Arc::new(Door::default());
    sink.on_sync(door.holds());
    thread::scope(|scope| {
        let leader = scope.spawn(|| journal.append(&numbered(1), durable()));
        door.is_reached();
        // Beside the sync, others append; whoever needs durability waits for the next one, and
        // takes the record back at the deadline.
        assert_eq!(journal.append(&numbered(2), accepted()).unwrap().seq, 1);
        gives_up(&journal, 3, impatient(Durability::Durable));
        assert_eq!(journal.append(&numbered(4), accepted()).unwrap().seq, 2);
        door.open();
        assert_eq!(leader.join().unwrap().unwrap().seq, 0);
    });
    journal.flush(LONG).unwrap();
    assert_eq!(story(&text(&sink)), ["gap 1", "gap 2", "gap 4"]);
}

#[test]
fn record_that_is_stored_and_not_durable_in_time() {
    let sink = sink();
    let journal = open(&sink);
    let door = Arc::new(Door::default());
    sink.on_sync(door.holds());
    let ask = Ask::new(Durability::Durable, Duration::from_secs(2)).opens();
    thread::scope(|scope| {
        let leader = scope.spawn(|| journal.append(&numbered(1), durable()));
        door.is_reached();
        let second = scope.spawn(|| journal.append(&numbered(2), ask));
        // Whoever appends takes along what is queued.
        let mut others = 0;
        while !text(&sink).contains("\"lost\":2,") {
            journal.append(&numbered(10 + others), accepted()).unwrap();
            others += 1;
        }
        let told = second.join().unwrap();
        assert!(matches!(told, Err(AppendError::TimedOut)), "{told:?}");
        door.open();
        assert_eq!(leader.join().unwrap().unwrap().seq, 0);
    });
    journal.flush(LONG).unwrap();
    let log = story(&text(&sink));
    let seq = log.iter().position(|line| line == "gap 2").unwrap();
    assert_eq!(log.last().unwrap(), &format!("not_begun {seq} late"));
}

#[test]
fn one_sync_serves_all_that_wait() {
    let sink = sink();
    let journal = open(&sink);
    let door = Arc::new(Door::default());
    // The third sync fails: there must be no more than two.
    sink.on_sync(door.holds());
    sink.on_sync(door.holds());
    sink.on_sync(Fault::Panic);
    thread::scope(|scope| {
        scope.spawn(|| journal.append(&numbered(0), durable()).unwrap());
        door.is_reached();
        for number in 1..8 {
            let journal = &journal;
            scope.spawn(move || journal.append(&numbered(number), durable()).unwrap());
        }
        // They are there, though they have not written: others take along what is queued.
        while (1..8).any(|number| !text(&sink).contains(&format!("\"lost\":{number},"))) {
            journal.append(&numbered(100), accepted()).unwrap();
        }
        door.open();
    });
    let log = story(&text(&sink));
    assert!((0..8).all(|number| log.contains(&format!("gap {number}"))));
}
