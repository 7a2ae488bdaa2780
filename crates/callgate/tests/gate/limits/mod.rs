//! Limits: reserved, given back, counted.

mod failing;
mod support;

use std::time::Duration;

use callgate::{Code, Context, DecisionKind, NotBegunReason, ToolCall};

use self::support::{Desk, Does, Nothing, TWO, run};
use crate::support::{Faulty, POLICY, alice, allowed, builder, change, context, look, refused};

#[test]
fn no_more_than_the_limit() {
    let desk = Desk::new(TWO);
    desk.run();
    desk.run();
    let denied = desk.ask();
    refused(&denied, "limit_exceeded");
    let callgate::Decision::Deny(denial) = denied else {
        panic!("expected a denial")
    };
    assert_eq!(denial.rule(), None);
    assert_eq!(denial.message(), "limit `two` is reached, 2 of 2 are used");
    assert_eq!(
        denial.for_model(),
        "Denied by policy: a limit on such calls is reached. The tool was not run. It may be tried \
         again later."
    );
    desk.gate.flush().unwrap();
    let records = desk.sink.records();
    let [.., decision, reached] = &records[..] else {
        panic!("expected records")
    };
    assert_eq!(
        (&decision["decision"], &decision["code"]),
        (&"deny".into(), &"limit_exceeded".into())
    );
    assert_eq!(reached["kind"], "limit_reached");
    assert_eq!(
        (&reached["limit"], &reached["effect"]),
        (&"two".into(), &"deny".into())
    );
    assert_eq!(reached["decision_seq"], decision["seq"]);
    assert_eq!(
        reached["key"],
        serde_json::json!([{"name": "caller/tenant", "value": "acme"}])
    );
    assert_eq!(
        reached["window"],
        serde_json::json!({"form": "fixed", "length_ms": 3_600_000})
    );
    let amounts =
        ["at_most", "used", "wanted"].map(|key| reached[key].as_str().unwrap().to_owned());
    assert_eq!(amounts, ["2", "2", "1"]);
    // What it is not about is not counted, and not held up.
    desk.store.asked();
    run(allowed(desk.gate.authorize(&alice(), look(), &context())));
    assert_eq!(desk.store.asked(), [""; 0]);
    desk.hands.forward(Duration::from_secs(3_600));
    desk.run();
    desk.sink.verifies();
}

#[test]
fn permits_are_counted_while_they_are_held() {
    let desk = Desk::new(TWO);
    let held = [desk.permit(), desk.permit()];
    refused(&desk.ask(), "limit_exceeded");
    drop(held);
    assert_eq!(desk.room(), 2);
}

#[test]
fn a_permit_that_expires_gives_back() {
    let desk = Desk::new(TWO);
    let late = desk.permit();
    desk.hands.forward(Duration::from_secs(61));
    let not_begun = late.begin().unwrap_err();
    assert_eq!(not_begun.reason(), NotBegunReason::Expired);
    assert_eq!(desk.room(), 2);
}

#[test]
fn a_leaked_permit_lapses() {
    let desk = Desk::new(TWO);
    std::mem::forget(desk.permit());
    assert_eq!(desk.room(), 1);
    desk.hands.forward(Duration::from_secs(90));
    assert_eq!(desk.room(), 2);
}

#[test]
fn abandoned_and_failed_calls_are_counted() {
    let desk = Desk::new(TWO);
    drop(desk.permit().begin().unwrap());
    let failed = desk.permit().run(|_| Err::<(), _>("no such account"));
    assert!(failed.unwrap().output.is_err());
    desk.hands.forward(Duration::from_secs(600));
    assert_eq!(desk.room(), 0);
}

#[test]
fn ask_and_deny_give_back() {
    let ask = format!("{TWO}[[rules]]\nid = \"a\"\neffect = \"ask\"\n");
    let desk = Desk::new(&ask);
    for _ in 0..5 {
        assert_eq!(desk.ask().code(), Code::Asked);
    }
    assert_eq!(desk.store.asked(), ["reserve", "give_back"].repeat(5));
    // A deny of the rules reserves nothing at all.
    assert_eq!(
        desk.gate
            .authorize(&alice(), change(), &Context::new())
            .code(),
        Code::Forbidden
    );
    assert_eq!(desk.store.asked(), [""; 0]);
    // One of a later step gives back.
    let oblige = POLICY.replace(
        "roles = [\"support\"]\n",
        "roles = [\"support\"]\nobligations = [\"x\"]\n",
    );
    let desk = Desk::with(&format!("{oblige}{TWO}"), true, false);
    for _ in 0..5 {
        refused(&desk.ask(), "unhandled_obligation");
    }
    assert_eq!(desk.store.asked(), ["reserve", "give_back"].repeat(5));
}

#[test]
fn a_limit_that_asks() {
    let asks = format!(
        "{TWO}on_exceed = \"ask\"\npreview = true\nconfirm = false\nreason = \"more than two\"\n"
    );
    let desk = Desk::new(&asks);
    desk.run();
    desk.run();
    let asked = desk.ask();
    assert_eq!(
        (asked.kind(), asked.code()),
        (DecisionKind::Ask, Code::LimitFriction)
    );
    let callgate::Decision::Ask(pending) = asked else {
        panic!("expected an ask")
    };
    assert!(pending.friction().preview && !pending.friction().confirm);
    assert_eq!(
        pending.message(),
        "more than two: limit `two` is reached, 2 of 2 are used: needs a preview"
    );
    desk.gate.flush().unwrap();
    assert_eq!(desk.sink.records().pop().unwrap()["effect"], "ask");
    // With one that forbids, it is denied.
    let both = format!("{asks}{}", TWO.replace("\"two\"", "\"z\""));
    let desk = Desk::new(&both);
    desk.run();
    desk.run();
    refused(&desk.ask(), "limit_exceeded");
    desk.gate.flush().unwrap();
    let effects = desk.sink.records();
    let effects = effects
        .iter()
        .filter_map(|record| record["effect"].as_str());
    assert_eq!(effects.collect::<Vec<_>>(), ["ask", "deny"]);
}

#[test]
fn what_cannot_be_counted_exceeds() {
    let desk = Desk::new("[[limits]]\nid = \"a-task\"\ncount = 2\nper = [\"context/task\"]\n");
    let denied = desk.ask();
    refused(&denied, "limit_exceeded");
    let callgate::Decision::Deny(denial) = denied else {
        panic!("expected a denial")
    };
    assert_eq!(
        denial.message(),
        "the call cannot be counted towards limit `a-task`"
    );
    assert!(
        denial
            .for_model()
            .ends_with("Do not retry with the same arguments.")
    );
    assert_eq!(desk.store.asked(), [""; 0]);
    desk.gate.flush().unwrap();
    let reached = desk.sink.records().pop().unwrap();
    assert_eq!(
        reached["key"],
        serde_json::json!([{"name": "context/task", "value": null}])
    );
    assert!(reached["used"].is_null() && reached["window"].is_null());
    let permit = desk
        .gate
        .authorize(&alice(), change(), &context().task("t-1"));
    run(allowed(permit));
    desk.sink.verifies();
}

/// Towards the limit that asks it cannot be counted, and the one that forbids is full.
#[test]
fn nobody_is_asked_about_what_is_denied_all_the_same() {
    let asks = "[[limits]]\nid = \"a-task\"\ncount = 2\nper = [\"context/task\"]\n\
                on_exceed = \"ask\"\nconfirm = true\n";
    let desk = Desk::new(&format!("{asks}{TWO}"));
    let with_task = |desk: &Desk| {
        let context = context().task("t-1");
        run(allowed(desk.gate.authorize(&alice(), change(), &context)));
    };
    assert_eq!(desk.ask().code(), Code::LimitFriction);
    with_task(&desk);
    // What was only looked at is not kept.
    assert_eq!(desk.ask().code(), Code::LimitFriction);
    with_task(&desk);
    refused(&desk.ask(), "limit_exceeded");
    desk.gate.flush().unwrap();
    let records = desk.sink.records();
    let last = records.iter().rev().take(2);
    let last = last.map(|record| (record["limit"].as_str(), record["effect"].as_str()));
    assert_eq!(
        last.collect::<Vec<_>>(),
        [(Some("two"), Some("deny")), (Some("a-task"), Some("ask"))]
    );
}

#[test]
fn a_gate_that_observes() {
    let desk = Desk::with(&format!("{POLICY}{TWO}"), true, true);
    desk.run();
    desk.run();
    let third = desk.permit();
    assert_eq!(
        (third.would_have(), third.code()),
        (DecisionKind::Deny, Code::LimitExceeded)
    );
    run(third);
    desk.store.set(Does::Nothing);
    let fourth = desk.permit();
    assert_eq!(
        (fourth.would_have(), fourth.code()),
        (DecisionKind::Deny, Code::LimitsUnavailable)
    );
    run(fourth);
}

#[test]
fn a_policy_with_limits_needs_a_store() {
    let sink = Faulty::new();
    let error = builder(&format!("{POLICY}{TWO}"), sink.clone())
        .build()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "limit `two` is to be counted: a store of limits is needed"
    );
    let gate = builder(POLICY, sink).build().unwrap();
    let limited = callgate::parse_policy(&format!("{POLICY}{TWO}"), "desk.toml").unwrap();
    let error = gate.set_policy(limited).unwrap_err();
    assert_eq!(
        error.to_string(),
        "limit `two` is to be counted: a store of limits is needed"
    );
    run(allowed(gate.authorize(&alice(), look(), &context())));
}

#[test]
fn alone_a_snapshot_knows_of_no_use() {
    let policy = format!("{POLICY}{TWO}[[limits]]\nid = \"none\"\ncount = 0\ntools = [\"look\"]\n");
    let snapshot = callgate::parse_policy(&policy, "desk.toml").unwrap();
    let code = |call: &ToolCall| snapshot.judge(&alice(), call, &context()).code();
    assert_eq!(
        [code(&change()), code(&look())],
        [Code::Permitted, Code::LimitExceeded]
    );
}

#[test]
fn many_threads_take_no_more() {
    let policy = format!("{POLICY}{}", TWO.replace("count = 2", "count = 100"));
    let gate = builder(&policy, Faulty::new())
        .limits_in_memory()
        .build()
        .unwrap();
    let ran = std::sync::atomic::AtomicU32::new(0);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (gate, ran) = (&gate, &ran);
            scope.spawn(move || {
                for round in 0..100 {
                    let callgate::Decision::Allow(permit) =
                        gate.authorize(&alice(), change(), &context())
                    else {
                        continue;
                    };
                    if (thread + round) % 3 == 0 {
                        drop(permit);
                    } else if permit.run(|_| Nothing::Ok(())).is_ok() {
                        ran.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                }
            });
        }
    });
    while let callgate::Decision::Allow(permit) = gate.authorize(&alice(), change(), &context()) {
        run(permit);
        ran.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
    assert_eq!(ran.into_inner(), 100);
}
