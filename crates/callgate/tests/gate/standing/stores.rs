//! Stores that fail, hang and go back; logs that fail; other gates.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use callgate::audit::TaskEnd;
use callgate::standing::{
    Change, Changes, MemoryStanding, Position, Quarantine, Quarantined, StandingStore, StoreError,
    Task,
};
use callgate::{BeginTaskError, Context, RestrictError};

use super::rig::{Fickle, Rig, at, for_task, officer, principal, task};
use crate::support::{Faulty, Mood, POLICY, alice, builder, change, context, look};

/// A store that goes back to its beginning when it is told to.
struct Shorter(Arc<AtomicBool>, MemoryStanding);
impl StandingStore for Shorter {
    fn put(&self, change: &Change) -> Result<Position, StoreError> {
        self.1.put(change)
    }
    fn changes(&self, after: Position, max: usize) -> Result<Changes, StoreError> {
        let mut changes = self.1.changes(after, max)?;
        if self.0.load(Ordering::SeqCst) {
            changes.entries.clear();
            changes.end = Position::START;
        }
        Ok(changes)
    }
}

/// A store that answers once.
struct Hanging(AtomicBool);
impl StandingStore for Hanging {
    fn put(&self, _: &Change) -> Result<Position, StoreError> {
        std::thread::sleep(Duration::from_secs(1));
        Err(StoreError::unknown("no answer"))
    }
    fn changes(&self, after: Position, _: usize) -> Result<Changes, StoreError> {
        if self.0.swap(true, Ordering::SeqCst) {
            std::thread::sleep(Duration::from_secs(3));
        }
        let (entries, end) = (Vec::new(), after);
        Ok(Changes { entries, end })
    }
}

#[test]
fn a_store_that_does_not_answer() {
    let most = Duration::from_secs(60);
    let rig = Rig::with(|gate| gate.dangerous_allow_cached_reads(most));
    let strict = Rig::on(rig.store.clone(), |gate| gate);
    let codes = |rig: &Rig| [look(), change()].map(|call| rig.code(&alice(), call, &context()));
    assert_eq!(codes(&rig), ["permitted"; 2]);
    rig.store.fail(true);
    std::thread::sleep(Duration::from_millis(600));
    // Within the bound by which the last look counts.
    for rig in [&rig, &strict] {
        assert_eq!(codes(rig), ["permitted"; 2]);
        rig.hands.forward(Duration::from_millis(1_001));
    }
    assert_eq!(codes(&strict), ["standing_unknown"; 2]);
    let told = "it is not known who was revoked: the standing store has not answered in time";
    assert_eq!(strict.last()["message"], told);
    let informed = strict.gate.informed().unwrap();
    assert!(informed.is_stale);
    assert!(matches!(informed.fault, Some(StoreError::Unreachable(_))));
    assert_eq!(codes(&rig), ["permitted", "standing_unknown"]);
    rig.hands.forward(Duration::from_secs(60));
    assert_eq!(codes(&rig), ["standing_unknown"; 2]);
    let told = rig.gate.begin_task(&alice(), Task::builder("t", at(900)));
    assert!(matches!(told, Err(BeginTaskError::Stale)), "{told:?}");
    rig.store.fail(false);
    std::thread::sleep(Duration::from_millis(800));
    assert_eq!(
        (codes(&rig), codes(&strict)),
        (["permitted"; 2], ["permitted"; 2])
    );
}

#[test]
fn a_revocation_without_the_store() {
    let rig = Rig::new();
    let other = Rig::on(rig.store.clone(), |gate| gate);
    rig.begin(task());
    rig.store.fail(true);
    let subject = principal(Some("acme"), "user:alice");
    let told = rig.gate.revoke(&subject, &officer(), "leaked").unwrap_err();
    assert!(told.is_in_force());
    let expected = "it is in force here, and others may not know of it";
    assert_eq!(told.to_string(), expected);
    assert_eq!(rig.last()["kind"], "revoked");
    // Here at once; and nothing that the store says later takes it back.
    assert_eq!(rig.code(&alice(), look(), &context()), "caller_revoked");
    assert_eq!(rig.gate.informed().unwrap().unshared, 1);
    assert_eq!(other.code(&alice(), look(), &context()), "permitted");
    rig.store.fail(false);
    std::thread::sleep(Duration::from_millis(1_200));
    assert_eq!(rig.gate.informed().unwrap().unshared, 0);
    assert_eq!(rig.code(&alice(), look(), &context()), "caller_revoked");
    assert_eq!(other.code(&alice(), look(), &context()), "caller_revoked");
}

#[test]
fn a_task_without_the_store_or_the_log() {
    let rig = Rig::new();
    rig.sink.set(Mood::UnknownLost);
    let told = rig.gate.begin_task(&alice(), task()).unwrap_err();
    assert!(matches!(told, BeginTaskError::Record(_)), "{told}");
    rig.sink.set(Mood::Well);
    assert_eq!(rig.code(&alice(), look(), &for_task()), "unknown_task");

    rig.begin(Task::builder("t-8", at(900)));
    rig.store.fail(true);
    let told = rig.gate.begin_task(&alice(), Task::builder("t-9", at(900)));
    assert!(matches!(told, Err(BeginTaskError::Store(_))), "{told:?}");
    let cancelled = rig.last();
    assert_eq!(cancelled["kind"], "task_ended");
    assert_eq!(cancelled["end"], "cancelled");
    let context = context().task("t-9");
    assert_eq!(rig.code(&alice(), look(), &context), "task_ended");
    rig.sink.verifies();
}

#[test]
fn a_revocation_without_the_log() {
    let rig = Rig::new();
    rig.begin(task());
    rig.sink.set(Mood::UnknownLost);
    let told = rig
        .gate
        .end_task(Some("acme"), "t-7", TaskEnd::Cancelled, &officer(), "stop");
    let told = told.unwrap_err();
    assert!(matches!(told, RestrictError::Unrecorded(_)), "{told}");
    assert!(told.is_in_force());
    rig.sink.set(Mood::Well);
    assert_eq!(rig.code(&alice(), look(), &for_task()), "task_ended");
    rig.gate.flush().unwrap();
    let told: Vec<_> = rig.sink.records();
    let ended = told.iter().filter(|record| record["kind"] == "task_ended");
    assert_eq!(ended.count(), 1);
}

#[test]
fn others_see_it_in_time() {
    let store = Fickle::new();
    let (here, there) = (Rig::on(store.clone(), |it| it), Rig::on(store, |it| it));
    here.begin(task());
    let reached = |code: &str, context: &Context| {
        let since = std::time::Instant::now();
        while there.code(&alice(), look(), context) != code {
            assert!(since.elapsed() < Duration::from_secs(1), "{code}");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    reached("permitted", &for_task());
    here.gate
        .end_task(Some("acme"), "t-7", TaskEnd::Done, &officer(), "done")
        .unwrap();
    reached("task_ended", &for_task());
    let tenant = Quarantined::tenant("acme").unwrap();
    let quarantine = Quarantine::of(tenant.clone());
    here.gate
        .quarantine(&quarantine, &officer(), "stop")
        .unwrap();
    reached("quarantined", &context());
    // Lifted by the other one.
    there.gate.lift(&tenant, &officer(), "go on").unwrap();
    assert_eq!(there.code(&alice(), look(), &context()), "permitted");
}

#[test]
fn a_store_that_went_back() {
    let rig = Rig::new();
    rig.begin(task());
    let went = Arc::new(AtomicBool::new(false));
    let store = Shorter(went.clone(), rig.store.memory.clone());
    let gate = builder(POLICY, Faulty::new());
    let bound = Duration::from_millis(200);
    let gate = gate.standing(store).freshness(bound).build().unwrap();
    let code = || gate.authorize(&alice(), look(), &context()).code();
    assert_eq!(code().as_str(), "permitted");
    went.store(true, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(code().as_str(), "standing_unknown");
    let fault = gate.informed().unwrap().fault.unwrap().to_string();
    assert_eq!(
        fault,
        "the standing store went back: expected change 1, found 0 changes"
    );
}

/// While the store hangs, nobody waits but the one who changes something.
#[test]
fn a_store_that_hangs() {
    let gate = builder(POLICY, Faulty::new()).standing(Hanging(AtomicBool::new(false)));
    let gate = gate.freshness(Duration::from_millis(400)).build().unwrap();
    let since = std::time::Instant::now();
    let mut codes = Vec::new();
    while since.elapsed() < Duration::from_millis(900) {
        let asked = std::time::Instant::now();
        codes.push(gate.authorize(&alice(), look(), &context()).code().as_str());
        assert!(asked.elapsed() < Duration::from_millis(300));
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(codes.first(), Some(&"permitted"));
    assert_eq!(codes.last(), Some(&"standing_unknown"));
    // In force at once, though the store takes its time.
    let other = gate.clone();
    let subject = principal(Some("acme"), "user:alice");
    let revoking = std::thread::spawn(move || other.revoke(&subject, &officer(), "leaked"));
    std::thread::sleep(Duration::from_millis(100));
    let asked = std::time::Instant::now();
    drop(gate.authorize(&alice(), look(), &context()));
    assert!(asked.elapsed() < Duration::from_millis(300));
    assert!(revoking.join().unwrap().unwrap_err().is_in_force());
}
