//! Sinks that take their time: nobody but the leader is held.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use callgate_audit::{AppendError, Ask, Durability, Journal};

use crate::rig::{Act, Door, LONG, Scripted, accepted, durable, numbered, open, story};

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
    let sink = Scripted::new();
    let journal = open(&sink);
    let door = Arc::new(Door::default());
    sink.appends
        .lock()
        .unwrap()
        .push_back(Act::Wait(Arc::clone(&door)));
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
    assert_eq!(story(&sink.text()), ["gap 1", "gap 3"]);
}

#[test]
fn record_that_was_taken_is_followed_by_not_begun() {
    let sink = Scripted::new();
    let journal = open(&sink);
    let (first, second) = (Arc::new(Door::default()), Arc::new(Door::default()));
    sink.appends.lock().unwrap().extend([
        Act::Wait(Arc::clone(&first)),
        Act::Wait(Arc::clone(&second)),
    ]);
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
        let log = story(&sink.text());
        assert_eq!(log.len(), 4);
        assert_eq!(log[3], format!("not_begun {} late", 3 - stored[0]));
    });
}

#[test]
fn slow_sync_holds_nobody_but_its_leader() {
    let sink = Scripted::new();
    let journal = open(&sink);
    let door = Arc::new(Door::default());
    sink.syncs
        .lock()
        .unwrap()
        .push_back(Act::Wait(Arc::clone(&door)));
    thread::scope(|scope| {
        let leader = scope.spawn(|| journal.append(&numbered(1), durable()));
        door.is_reached();
        // Beside the sync, others append; whoever needs durability gives up.
        assert_eq!(journal.append(&numbered(2), accepted()).unwrap().seq, 1);
        gives_up(&journal, 3, impatient(Durability::Durable));
        assert_eq!(journal.append(&numbered(4), accepted()).unwrap().seq, 4);
        door.open();
        assert_eq!(leader.join().unwrap().unwrap().seq, 0);
    });
    journal.flush(LONG).unwrap();
    let log = ["gap 1", "gap 2", "gap 3", "not_begun 2 late", "gap 4"];
    assert_eq!(story(&sink.text()), log);
}

#[test]
fn one_sync_serves_all_that_wait() {
    let sink = Scripted::new();
    let journal = open(&sink);
    let door = Arc::new(Door::default());
    // The third sync fails: there must be no more than two.
    sink.syncs.lock().unwrap().extend([
        Act::Wait(Arc::clone(&door)),
        Act::Wait(Arc::clone(&door)),
        Act::Panic,
    ]);
    thread::scope(|scope| {
        scope.spawn(|| journal.append(&numbered(0), durable()).unwrap());
        door.is_reached();
        for number in 1..8 {
            let journal = &journal;
            scope.spawn(move || journal.append(&numbered(number), durable()).unwrap());
        }
        while sink.text().lines().count() < 8 {
            thread::yield_now();
        }
        door.open();
    });
    assert_eq!(story(&sink.text()).len(), 8);
}
