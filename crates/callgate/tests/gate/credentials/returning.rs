//! How credentials are taken back.

use std::fmt::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use callgate::audit::TaskEnd;
use callgate::standing::{MemoryStanding, Quarantine, Quarantined, Task};
use callgate::{Gate, Principal, ToolCall};
use chrono::{DateTime, TimeDelta, Utc};

use super::vault::{Broker, Way, begun, gate, not_begun, policy, waiting};
use crate::support::{Faulty, Hands, Ticking, alice, allowed, builder, change, context};

#[test]
fn what_comes_late_is_taken_back() {
    let (sink, broker) = (Faulty::new(), Broker::new());
    let gate = waiting(&sink, &broker, Duration::from_millis(50));
    broker.issues(Way::Waits);
    let asked = Instant::now();
    let not_begun = not_begun(&gate);
    assert!(
        asked.elapsed() < Duration::from_secs(30),
        "waits a bounded time"
    );
    assert_eq!(not_begun.code().unwrap().as_str(), "credential_timeout");
    assert_eq!(broker.revoked().len(), 0);
    broker.let_go();
    broker.revoked_in_time(1);
}

#[test]
fn a_dropped_call_gives_its_credential_back_without_waiting() {
    let (sink, broker) = (Faulty::new(), Broker::new());
    let gate = gate(&sink, &broker);
    broker.takes_back(Way::Waits);
    let running = begun(&gate, &context());
    let dropped = Instant::now();
    drop(running);
    assert!(
        dropped.elapsed() < Duration::from_secs(30),
        "dropping waits for nobody"
    );
    assert_eq!(gate.unrevoked_credentials(), 1);
    broker.let_go();
    broker.revoked_in_time(1);
    gate.flush().unwrap();
    let reason = |record: &serde_json::Value| record["reason"].as_str().map(ToOwned::to_owned);
    let reasons: Vec<_> = sink.records().iter().filter_map(reason).collect();
    assert_eq!(reasons, ["the call was abandoned"]);
    assert_eq!(gate.unrevoked_credentials(), 0);
}

#[test]
fn a_panicking_tool_gives_its_credential_back() {
    let (sink, broker) = (Faulty::new(), Broker::new());
    let gate = gate(&sink, &broker);
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    let run = AssertUnwindSafe(|| permit.run(|_| -> Result<(), Error> { panic!("as told") }));
    assert!(catch_unwind(run).is_err());
    broker.revoked_in_time(1);
}

#[test]
fn a_result_is_not_held_up_for_ever() {
    let (sink, broker) = (Faulty::new(), Broker::new());
    let gate = waiting(&sink, &broker, Duration::from_millis(50));
    for way in [Way::Fails, Way::Panics, Way::Waits] {
        broker.takes_back(way);
        let ran = begun(&gate, &context()).finish(Ok::<_, Error>("done"));
        assert_eq!(ran.released(), r#""done""#);
        assert!(ran.recorded.is_ok(), "{way:?}");
    }
    assert_eq!(gate.unrevoked_credentials(), 3);
    broker.takes_back(Way::Well);
    broker.let_go();
    gate.flush().unwrap();
    broker.revoked_in_time(3);
    assert_eq!(gate.unrevoked_credentials(), 0);
}

#[test]
fn what_expired_need_not_be_taken_back() {
    let (sink, broker) = (Faulty::new(), Broker::new());
    let hands = Arc::new(Hands::default());
    let clock = Ticking(Arc::clone(&hands));
    let gate = builder(&policy(), sink)
        .broker(broker.clone())
        .clock(clock)
        .build()
        .unwrap();
    broker.takes_back(Way::Fails);
    begun(&gate, &context())
        .finish(Ok::<_, Error>(()))
        .output
        .unwrap();
    gate.flush().unwrap();
    assert_eq!(gate.unrevoked_credentials(), 1);
    hands.forward(Duration::from_secs(301));
    gate.flush().unwrap();
    assert_eq!(gate.unrevoked_credentials(), 0);
}

#[test]
fn no_more_are_issued_than_can_be_taken_back() {
    let (sink, broker) = (Faulty::new(), Broker::new());
    let gate = gate(&sink, &broker);
    broker.takes_back(Way::Fails);
    let running: Vec<_> = (0..1_024).map(|_| begun(&gate, &context())).collect();
    drop(running);
    let refused = not_begun(&gate);
    assert_eq!(refused.code().unwrap().as_str(), "credential_failed");
    assert_eq!(broker.asked().len(), 1_024, "the broker was not even asked");
    broker.takes_back(Way::Well);
    gate.flush().unwrap();
    broker.revoked_in_time(1_024);
    begun(&gate, &context())
        .finish(Ok::<_, Error>(()))
        .output
        .unwrap();
}

#[test]
fn the_end_of_a_task_takes_them_back() {
    let (sink, broker) = (Faulty::new(), Broker::new());
    let gate = gate(&sink, &broker);
    let of = |task: &str| context().task(task).session("s");
    let (one, other) = (begun(&gate, &of("t-1")), begun(&gate, &of("t-2")));
    assert_eq!(gate.revoke_credentials_of_task(Some("globex"), "t-1"), 0);
    assert_eq!(gate.revoke_credentials_of_task(None, "t-1"), 0);
    assert_eq!(gate.revoke_credentials_of_task(Some("acme"), "t-1"), 1);
    broker.revoked_in_time(1);
    one.finish(Ok::<_, Error>(())).output.unwrap();
    assert_eq!(broker.revoked().len(), 1, "it is taken back once");
    assert_eq!(gate.revoke_credentials_of_session(Some("globex"), "s"), 0);
    assert_eq!(gate.revoke_credentials_of_session(Some("acme"), "s"), 1);
    broker.revoked_in_time(2);
    drop(other);
    gate.flush().unwrap();
    broker.revoked_in_time(2);
}

#[test]
fn many_at_once() {
    let (sink, broker) = (Faulty::new(), Broker::new());
    let gate = builder(&policy(), sink.clone())
        .broker(broker.clone())
        .build()
        .unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for round in 0..50 {
                    let call = ToolCall::from_text("change", r#"{"account": "a1"}"#);
                    let permit = allowed(gate.authorize(&alice(), call, &context()));
                    let running = permit.begin().unwrap();
                    if round % 3 == 0 {
                        drop(running);
                    } else {
                        running.finish(Ok::<_, Error>(())).output.unwrap();
                    }
                }
            });
        }
    });
    gate.flush().unwrap();
    broker.revoked_in_time(400);
    let mut ids = broker.revoked();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 400, "each was taken back once");
    assert_eq!(gate.unrevoked_credentials(), 0);
    gate.flush().unwrap();
    sink.verifies();
}

/// What a call rests on ends while its tool runs: here, and by another gate.
#[test]
fn a_revocation_takes_them_back() {
    let store = MemoryStanding::new(|| DateTime::UNIX_EPOCH);
    let (sink, broker) = (Faulty::new(), Broker::new());
    let build = |sink: Arc<Faulty>, broker: &Broker| {
        let gate = builder(&policy(), sink).broker(broker.clone());
        gate.standing(store.clone()).build().unwrap()
    };
    let gate = build(sink, &broker);
    let other = build(Faulty::new(), &Broker::new());
    let until = Utc::now().checked_add_signed(TimeDelta::hours(1)).unwrap();
    for task in ["t-1", "t-2"] {
        gate.begin_task(&alice(), Task::builder(task, until))
            .unwrap();
    }
    let of = |task: &str| context().task(task);
    let _running = [
        begun(&gate, &of("t-1")),
        begun(&gate, &of("t-2")),
        begun(&gate, &context()),
    ];
    let officer = Principal::asserted("user:officer".parse().unwrap());
    let officer = officer.member_of("acme", ["security"]);
    let end = |gate: &Gate, task| {
        gate.end_task(Some("acme"), task, TaskEnd::Done, &officer, "done")
            .unwrap();
    };
    end(&gate, "t-1");
    broker.revoked_in_time(1);
    end(&other, "t-2");
    broker.revoked_in_time(2);
    let tenant = Quarantine::of(Quarantined::tenant("acme").unwrap());
    other.quarantine(&tenant, &officer, "stop").unwrap();
    broker.revoked_in_time(3);
}
