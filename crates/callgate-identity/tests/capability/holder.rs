//! Proof that a holder has its key.

use callgate_identity::capability::{
    CapabilityFault, Challenge, Challenges, Grant, ProofFault, Restrictions, Signature, Use,
};
use callgate_types::ToolCall;
use chrono::TimeDelta;

use crate::tokens::{issue, key, later, now, reach, roots};

const HOLDER: u64 = 50;

fn held() -> Grant {
    let restrictions = reach().holder(key(HOLDER).public());
    issue(restrictions, 2).verify(&roots(), now()).unwrap()
}

fn challenges() -> Challenges {
    Challenges::new("billing-gate").unwrap()
}

/// Answers a challenge in the usual way, but for what `change` makes of it.
#[track_caller]
fn check(seconds: i64, by: u64, change: impl Fn(Challenge) -> Challenge, expected: &str) {
    let (grant, challenges) = (held(), challenges());
    let challenge = change(challenges.ask(&grant, [7; 32], now()).unwrap());
    let proof = challenge.answer(&key(by));
    let outcome = challenges.redeem(&grant, &challenge, key(by).public(), &proof, later(seconds));
    assert_eq!(outcome.map_or_else(ProofFault::as_str, |_| "ok"), expected);
}

fn same(challenge: Challenge) -> Challenge {
    challenge
}

#[test]
fn answers() {
    check(0, HOLDER, same, "ok");
    check(60, HOLDER, same, "ok");
    check(61, HOLDER, same, "too_late");
    check(-1, HOLDER, same, "too_late");
    check(0, 51, same, "not_the_holder");
    let other = |from: &'static str, to: &'static str| {
        move |challenge: Challenge| {
            let text = challenge.to_string().replace(from, to);
            Challenge::parse(&text).unwrap()
        }
    };
    check(0, HOLDER, other("billing", "mailing"), "unknown_challenge");
    check(0, HOLDER, other("0707", "0708"), "unknown_challenge");
    check(0, HOLDER, other("at 17", "at 18"), "unknown_challenge");
}

#[test]
fn signature_of_something_else() {
    let (grant, challenges) = (held(), challenges());
    let challenge = challenges.ask(&grant, [7; 32], now()).unwrap();
    let other = challenges.ask(&grant, [8; 32], now()).unwrap();
    let proof = other.answer(&key(HOLDER));
    let redeem = |proof: &Signature| {
        challenges
            .redeem(&grant, &challenge, key(HOLDER).public(), proof, now())
            .unwrap_err()
    };
    assert_eq!(redeem(&proof), ProofFault::BadProof);
    // A challenge is answered once, even if wrongly.
    assert_eq!(
        redeem(&challenge.answer(&key(HOLDER))),
        ProofFault::UnknownChallenge
    );
}

#[test]
fn challenge_for_another_token() {
    let challenges = challenges();
    let other = issue(reach().holder(key(HOLDER).public()), 3);
    let other = other.verify(&roots(), now()).unwrap();
    let challenge = challenges.ask(&other, [7; 32], now()).unwrap();
    let proof = challenge.answer(&key(HOLDER));
    let outcome = challenges.redeem(&held(), &challenge, key(HOLDER).public(), &proof, now());
    assert_eq!(outcome.unwrap_err(), ProofFault::WrongToken);
}

#[test]
fn proofs_last_some_minutes_and_for_one_token() {
    let (grant, challenges) = (held(), challenges().lasting(TimeDelta::seconds(100)));
    let challenge = challenges.ask(&grant, [7; 32], now()).unwrap();
    let proof = challenge.answer(&key(HOLDER));
    let possession = challenges
        .redeem(&grant, &challenge, key(HOLDER).public(), &proof, later(10))
        .unwrap();
    let proofs = [possession];
    let call = ToolCall::from_text("read_account", "{}");
    let allows = |grant: &Grant, seconds| {
        let asked = Use::new(&call, later(seconds))
            .in_tenant("acme")
            .for_task("task-7")
            .proved_by(&proofs);
        grant.allows(&asked).map_err(CapabilityFault::as_str)
    };
    assert_eq!(allows(&grant, 10), Ok(()));
    assert_eq!(allows(&grant, 99), Ok(()));
    assert_eq!(allows(&grant, 100), Err("holder_not_proven"));
    assert_eq!(allows(&grant, -1), Err("holder_not_proven"));
    let token = issue(reach().holder(key(HOLDER).public()), 2);
    let copy = token.attenuate(&Restrictions::new().before(later(500)), &key(3));
    let copy = copy.unwrap().verify(&roots(), now()).unwrap();
    assert_eq!(allows(&copy, 10), Err("holder_not_proven"));
}

#[test]
fn waiting_challenges_are_bounded() {
    let (grant, challenges) = (held(), challenges());
    let nonce = |number: usize| {
        let mut nonce = [1; 32];
        nonce[..8].copy_from_slice(&number.to_le_bytes());
        nonce
    };
    for number in 0..Challenges::MAX_WAITING {
        challenges.ask(&grant, nonce(number), now()).unwrap();
    }
    let ask = |number, seconds| challenges.ask(&grant, nonce(number), later(seconds));
    assert_eq!(ask(9999, 60).unwrap_err(), ProofFault::TooManyWaiting);
    // Those that came out of time make room.
    assert!(ask(9999, 61).is_ok());
    assert_eq!(ask(9999, 61).unwrap_err(), ProofFault::RepeatedNonce);
}

#[test]
fn names_of_verifiers() {
    for name in ["", "a\nb", &"x".repeat(257)] {
        let fault = Challenges::new(name).unwrap_err();
        assert_eq!(fault.as_str(), "bad_audience");
    }
}
