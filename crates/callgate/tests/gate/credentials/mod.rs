//! The credentials that tools need: issued at the beginning of a call, taken back at its end.

mod resting;
mod returning;
mod vault;

use std::fmt::Error;
use std::sync::Arc;
use std::time::Duration;

use callgate::{AssertedBy, BuildError, Caller, NotBegunReason, Principal, SetPolicyError};
use chrono::{DateTime, TimeDelta};

use crate::support::{
    Faulty, Hands, Mood, Ticking, alice, allowed, builder, change, context, look,
};
use vault::{Broker, Way, begun, gate, not_begun, policy};

const SECRET: &str = "s3cr3t-\"t0ken\"-of-the-vault";

#[test]
fn one_credential_for_one_call() {
    let (sink, broker) = (Faulty::new(), Broker::new());
    let gate = gate(&sink, &broker);
    let context = context().session("s").task("t-1");
    let permit = allowed(gate.authorize(&alice(), change(), &context));
    assert_eq!(
        broker.asked().len(),
        0,
        "nothing is issued before the call begins"
    );
    let ran = permit.run(|call| {
        let credential = call.credential().ok_or(Error)?;
        assert_eq!(credential.secret().reveal(), SECRET);
        let shown = format!("{call:?} {credential:?}");
        assert!(!shown.contains("s3cr3t"), "{shown}");
        assert_eq!(broker.revoked().len(), 0);
        Ok::<_, Error>("done")
    });
    assert_eq!(ran.unwrap().released(), r#""done""#);
    assert_eq!(broker.revoked(), ["c-1"]);
    assert_eq!(gate.unrevoked_credentials(), 0);

    let [request] = &*broker.asked() else {
        panic!("expected one request");
    };
    assert_eq!(request.credential(), "accounts");
    assert_eq!(request.tool(), "change");
    assert_eq!(request.scope(), Some("write"));
    assert_eq!(request.caller().tenant(), Some("acme"));
    assert_eq!(
        (request.session(), request.task()),
        (Some("s"), Some("t-1"))
    );
    assert_eq!(request.expires() - request.now(), TimeDelta::minutes(5));
    let named: Vec<_> = request
        .resources()
        .iter()
        .map(|one| (one.name().kind, one.name().id))
        .collect();
    assert_eq!(named, [("account", Some("a1"))]);
    assert!(!request.acts_on_unnamed());

    gate.flush().unwrap();
    let records = sink.records();
    let kinds: Vec<_> = records
        .iter()
        .map(|record| record["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "policy_loaded",
            "decision",
            "credential_issued",
            "revoked",
            "outcome"
        ]
    );
    let issued = &records[2];
    assert_eq!(issued["credential"], "c-1");
    assert_eq!(issued["decision_seq"], 1);
    assert_eq!(issued["issuer"], "vault");
    assert_eq!(issued["audience"], "accounts.example");
    assert_eq!(issued["scopes"][0], "change");
    let revoked = &records[3];
    assert_eq!(
        (&revoked["of"], &revoked["id"]),
        (&"credential".into(), &"c-1".into())
    );
    assert_eq!(revoked["tenant"], "acme");
    assert_eq!(revoked["reason"], "the call has ended");
    let log = serde_json::to_string(&records).unwrap();
    assert!(!log.contains("s3cr3t"), "{log}");
    sink.verifies();
}

#[test]
fn a_tool_without_need_has_none() {
    let (sink, broker) = (Faulty::new(), Broker::new());
    let gate = gate(&sink, &broker);
    let permit = allowed(gate.authorize(&alice(), look(), &context()));
    let ran = permit.run(|call| call.credential().is_none().then_some(()).ok_or(Error));
    assert!(ran.unwrap().output.is_ok());
    assert_eq!(broker.asked().len(), 0);
}

#[test]
fn a_secret_in_a_result_is_masked() {
    let (sink, broker) = (Faulty::new(), Broker::new());
    let gate = gate(&sink, &broker);
    let run = |fails: bool| {
        let permit = allowed(gate.authorize(&alice(), change(), &context()));
        let ran = permit.run(|call| {
            let text = format!("401 for {}", call.credential().unwrap().secret().reveal());
            call.effect(text.clone());
            if fails { Err(text) } else { Ok(text) }
        });
        ran.unwrap()
    };
    let failed = run(true);
    assert_eq!(failed.released(), "401 for [secret]");
    assert!(!format!("{:?}", failed.reply()).contains("s3cr3t"));
    let returned = run(false);
    assert_eq!(returned.released(), r#""401 for [secret]""#);
    assert_eq!(returned.output.unwrap().text(), r#""401 for [secret]""#);
    let records = sink.records();
    let outcomes = records.iter().filter(|record| record["kind"] == "outcome");
    for outcome in outcomes {
        assert_eq!(outcome["masked"][0]["rule"], "tool_credential", "{outcome}");
        assert_eq!(outcome["masked"][0]["count"], 2, "{outcome}");
        assert_eq!(outcome["effects"][0], "401 for [secret]", "{outcome}");
    }
    assert!(!serde_json::to_string(&records).unwrap().contains("s3cr3t"));
}

#[test]
fn no_policy_that_nobody_can_serve() {
    let sink = Faulty::new();
    let Err(error) = builder(&policy(), sink.clone()).build() else {
        panic!("a gate without a broker was built");
    };
    assert!(matches!(error, BuildError::NoBroker(_)));
    let expected = "tool `change` needs credential `accounts`: expected a broker that knows it";
    assert_eq!(error.to_string(), expected);
    for name in ["unheard-of", "that panics"] {
        let unknown = policy().replace("\"accounts\"", &format!("\"{name}\""));
        let built = builder(&unknown, sink.clone())
            .broker(Broker::new())
            .build();
        assert!(matches!(built, Err(BuildError::NoBroker(_))), "{name}");
    }

    let gate = builder(crate::support::POLICY, sink.clone())
        .build()
        .unwrap();
    let next = callgate::parse_policy(&policy(), "desk.toml").unwrap();
    let refused = gate.set_policy(next).unwrap_err();
    assert!(matches!(refused, SetPolicyError::NoBroker(_)));
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    assert!(
        permit.run(|_| Ok::<_, Error>(())).is_ok(),
        "the old policy stays in force"
    );
}

#[test]
fn what_is_not_issued_does_not_begin() {
    let ways = [
        (Way::Refuses, "credential_refused", 0),
        (Way::Fails, "credential_failed", 0),
        (Way::Panics, "credential_failed", 0),
        (Way::ShortSecret, "credential_failed", 1),
        (Way::ShowsSecret, "credential_failed", 1),
        (Way::NoName, "credential_failed", 1),
        (Way::LivesLong, "credential_failed", 1),
        (Way::Ended, "credential_failed", 1),
    ];
    for (way, code, revoked) in ways {
        let (sink, broker) = (Faulty::new(), Broker::new());
        let gate = gate(&sink, &broker);
        broker.issues(way);
        let not_begun = not_begun(&gate);
        assert_eq!(not_begun.reason(), NotBegunReason::NoCredential, "{way:?}");
        assert_eq!(not_begun.code().unwrap().as_str(), code, "{way:?}");
        let told = format!("{not_begun} {not_begun:?} {}", not_begun.for_model());
        assert!(!told.contains("s3cr3t"), "{told}");
        broker.revoked_in_time(revoked);
        gate.flush().unwrap();
        assert_eq!(sink.story()[..1], ["decision permitted"], "{way:?}");
        assert!(
            sink.story().contains(&"not_begun no_credential".into()),
            "{way:?}"
        );
        assert!(
            !serde_json::to_string(&sink.records())
                .unwrap()
                .contains("s3cr3t")
        );
        // The next call is not harmed.
        broker.issues(Way::Well);
        let permit = allowed(gate.authorize(&alice(), change(), &context()));
        assert!(permit.run(|_| Ok::<_, Error>(())).is_ok(), "{way:?}");
    }
}

#[test]
fn the_end_of_the_caller_is_that_of_the_credential() {
    let (sink, broker) = (Faulty::new(), Broker::new());
    let hands = Arc::new(Hands::default());
    let gate = builder(&policy(), sink.clone())
        .broker(broker.clone())
        .clock(Ticking(Arc::clone(&hands)));
    let gate = gate
        .credentials_live_at_most(Duration::from_secs(30))
        .build()
        .unwrap();
    let until = |seconds| {
        let end = DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let alice = Principal::asserted("user:alice".parse().unwrap())
            .member_of("acme", ["support"])
            .by(AssertedBy::host().until(end));
        Caller::of(alice).in_tenant("acme").unwrap()
    };
    for (seconds, expected) in [(10, 10), (100, 30)] {
        let permit = allowed(gate.authorize(&until(seconds), change(), &context()));
        permit.run(|_| Ok::<_, Error>(())).unwrap().output.unwrap();
        let request = broker.asked().pop().unwrap();
        assert_eq!((request.expires() - request.now()).num_seconds(), expected);
    }
}

#[test]
fn without_its_record_nothing_is_handed_out() {
    let (sink, broker) = (Faulty::new(), Broker::new());
    let gate = gate(&sink, &broker);
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    let failing = Arc::clone(&sink);
    *broker.0.meanwhile.lock().unwrap() = Box::new(move || failing.set(Mood::Full));
    let not_begun = permit.begin().unwrap_err();
    assert_eq!(not_begun.code().unwrap().as_str(), "audit_failed");
    broker.revoked_in_time(1);
}

#[test]
fn a_permit_that_expires_meanwhile() {
    let (sink, broker) = (Faulty::new(), Broker::new());
    let hands = Arc::new(Hands::default());
    let clock = Ticking(Arc::clone(&hands));
    let gate = builder(&policy(), sink)
        .broker(broker.clone())
        .clock(clock)
        .build()
        .unwrap();
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    let forward = Box::new(move || hands.forward(Duration::from_secs(61)));
    *broker.0.meanwhile.lock().unwrap() = forward;
    assert_eq!(
        permit.begin().unwrap_err().reason(),
        NotBegunReason::Expired
    );
    broker.revoked_in_time(1);
}

#[test]
fn another_credential_is_another_permit() {
    let (sink, broker) = (Faulty::new(), Broker::new());
    let gate = gate(&sink, &broker);
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    let other = policy().replace("\"accounts\"", "\"other\"");
    gate.set_policy(callgate::parse_policy(&other, "desk.toml").unwrap())
        .unwrap();
    assert_eq!(
        permit.begin().unwrap_err().reason(),
        NotBegunReason::Stricter
    );
    assert_eq!(broker.asked().len(), 0);
    begun(&gate, &context())
        .finish(Ok::<_, Error>(()))
        .output
        .unwrap();
    assert_eq!(broker.asked()[0].credential(), "other");
}

/// A call that waits while it begins is looked at again; by the policy it was judged by, it is not
/// judged again.
#[test]
fn judged_again_once_for_each_policy() {
    let (sink, broker) = (Faulty::new(), Broker::new());
    let gate = gate(&sink, &broker);
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    let same = format!("{}# a comment\n", policy());
    gate.set_policy(callgate::parse_policy(&same, "desk.toml").unwrap())
        .unwrap();
    let ran = permit.run(|_| Ok::<_, Error>("done")).unwrap();
    assert!(ran.recorded.is_ok());
    assert_eq!(broker.asked().len(), 1);
    let records = sink.records();
    let again = records
        .iter()
        .filter(|record| record["rejudges"].is_number());
    assert_eq!(again.count(), 1, "{records:?}");
}
