//! Credentials end with what their calls rest on.

use std::fmt::Error;
use std::sync::Arc;
use std::time::Duration;

use callgate::audit::TaskEnd;
use callgate::standing::{MemoryStanding, Quarantine, Quarantined, Revocation, Task};
use callgate::{AssertedBy, Caller, Context, Gate, GateBuilder, Principal, Running};
use chrono::{DateTime, TimeDelta, Utc};

use super::vault::{Broker, policy};
use crate::support::{Faulty, Hands, Ticking, alice, allowed, builder, change, context};

fn gate(store: &Arc<MemoryStanding>, broker: &Broker) -> Gate {
    let gate = builder(&policy(), Faulty::new()).broker(broker.clone());
    gate.standing_shared(store.clone()).build().unwrap()
}

fn store() -> Arc<MemoryStanding> {
    Arc::new(MemoryStanding::new(Utc::now))
}

fn officer() -> Principal {
    let officer = Principal::asserted("user:officer".parse().unwrap());
    officer.member_of("acme", ["security"])
}

fn begin_task(gate: &Gate, task: &str) -> Context {
    let soon = Utc::now()
        .checked_add_signed(TimeDelta::seconds(90))
        .unwrap();
    gate.begin_task(&alice(), Task::builder(task, soon))
        .unwrap();
    context().task(task).session("s")
}

fn begun(gate: &Gate, caller: &Caller, context: &Context) -> Running {
    allowed(gate.authorize(caller, change(), context))
        .begin()
        .unwrap()
}

#[test]
fn the_end_of_a_task() {
    let (store, broker) = (store(), Broker::new());
    let gate = gate(&store, &broker);
    let (one, other) = (begin_task(&gate, "t-1"), begin_task(&gate, "t-2"));
    let (one, other) = (begun(&gate, &alice(), &one), begun(&gate, &alice(), &other));
    let asked = broker.asked();
    let first = asked.first().unwrap();
    assert!(
        (first.expires() - first.now()).num_seconds() <= 90,
        "it ends with the task"
    );
    gate.end_task(Some("acme"), "t-1", TaskEnd::Done, &officer(), "done")
        .unwrap();
    broker.revoked_in_time(1);
    one.finish(Ok::<_, Error>(())).output.unwrap();
    broker.revoked_in_time(1);
    other.finish(Ok::<_, Error>(())).output.unwrap();
    broker.revoked_in_time(2);
}

/// A gate whose time a test turns, and a call for a task that has 90 seconds.
fn timed(more: impl FnOnce(GateBuilder) -> GateBuilder) -> (Gate, Arc<Hands>, Broker, Running) {
    let (hands, broker) = (Arc::<Hands>::default(), Broker::new());
    let gate = builder(&policy(), Faulty::new())
        .broker(broker.clone())
        .clock(Ticking(hands.clone()))
        .standing(MemoryStanding::new(|| DateTime::UNIX_EPOCH));
    let gate = more(gate).build().unwrap();
    let end = DateTime::from_timestamp(90, 0).unwrap();
    gate.begin_task(&alice(), Task::builder("t", end)).unwrap();
    let running = begun(&gate, &alice(), &context().task("t"));
    (gate, hands, broker, running)
}

#[test]
fn a_task_whose_time_is_over() {
    // Nobody calls the gate: it sees by itself that time goes on.
    let (_gate, hands, broker, running) = timed(|gate| gate);
    hands.forward(Duration::from_secs(89));
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(broker.revoked().len(), 0);
    hands.forward(Duration::from_secs(1));
    broker.revoked_in_time(1);
    running.finish(Ok::<_, Error>(())).output.unwrap();
    broker.revoked_in_time(1);
}

#[test]
fn a_task_whose_time_is_over_at_a_flush() {
    // So seldom does it look by itself that this is the flush.
    let seldom = Duration::from_secs(40_000);
    let (gate, hands, broker, running) = timed(|gate| gate.freshness(seldom));
    hands.forward(Duration::from_secs(89));
    gate.flush().unwrap();
    assert_eq!(broker.revoked().len(), 0);
    hands.forward(Duration::from_secs(1));
    gate.flush().unwrap();
    assert_eq!(broker.revoked().len(), 1);
    drop(running);
}

#[test]
fn a_caller_that_has_ended() {
    let (gate, hands, broker, running) = timed(|gate| gate);
    drop(running);
    broker.revoked_in_time(1);
    let end = DateTime::from_timestamp(30, 0).unwrap();
    let alice = Principal::asserted("user:alice".parse().unwrap());
    let alice = alice
        .by(AssertedBy::host().until(end))
        .member_of("acme", ["support"]);
    let caller = Caller::of(alice).in_tenant("acme").unwrap();
    let running = begun(&gate, &caller, &context());
    hands.forward(Duration::from_secs(30));
    broker.revoked_in_time(2);
    drop(running);
}

#[test]
fn revocation_and_quarantine() {
    let targets: [&dyn Fn(&Gate); 3] = [
        &|gate| {
            let session = Revocation::session(Some("acme"), "s").unwrap();
            gate.revoke(&session, &officer(), "over").unwrap();
        },
        &|gate| {
            let alice = Revocation::principal(Some("acme"), "user:alice".parse().unwrap()).unwrap();
            gate.revoke(&alice, &officer(), "gone").unwrap();
        },
        &|gate| {
            let tenant = Quarantined::tenant("acme").unwrap();
            let quarantine = Quarantine::of(tenant);
            gate.quarantine(&quarantine, &officer(), "stop").unwrap();
        },
    ];
    for order in targets {
        let (store, broker) = (store(), Broker::new());
        let gate = gate(&store, &broker);
        let within = begun(&gate, &alice(), &context().session("s"));
        order(&gate);
        broker.revoked_in_time(1);
        drop(within);
    }
}

#[test]
fn of_another_tenant_nothing() {
    let (store, broker) = (store(), Broker::new());
    let gate = gate(&store, &broker);
    let running = begun(&gate, &alice(), &context().session("s"));
    let elsewhere = Principal::asserted("user:officer".parse().unwrap()).member_of("globex", ["x"]);
    let session = Revocation::session(Some("globex"), "s").unwrap();
    gate.revoke(&session, &elsewhere, "over").unwrap();
    gate.flush().unwrap();
    assert_eq!(broker.revoked().len(), 0);
    running.finish(Ok::<_, Error>(())).output.unwrap();
    broker.revoked_in_time(1);
}

#[test]
fn a_revocation_by_another_gate() {
    let (store, broker) = (store(), Broker::new());
    let here = gate(&store, &broker);
    let there = gate(&store, &Broker::new());
    let running = begun(&here, &alice(), &context().session("s"));
    let session = Revocation::session(Some("acme"), "s").unwrap();
    there.revoke(&session, &officer(), "over").unwrap();
    broker.revoked_in_time(1);
    drop(running);
}
