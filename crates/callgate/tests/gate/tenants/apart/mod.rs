//! Whatever callers of one tenant do, those of another are answered as if they were alone.

mod party;
mod place;
mod step;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use party::Party;
use place::Place;
use step::steps;

/// What is answered in one tenant does not depend on what is done in another, whatever names they share
/// (of people, agents, sessions, tasks, calls and resources), and even where the ids of the other's
/// approvals are known: they are answered about as ids are that nobody gave out.
#[test]
fn callers_of_two_tenants_share_nothing() {
    let seen = tried(TestRunner::new(config()));
    assert!(!seen.contains_key("PryOrder done"), "{seen:#?}");
}

/// The same with steps that are always the same: so it is known that all kinds are among them.
#[test]
fn every_kind_of_step_is_tried() {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let seen = tried(TestRunner::new_with_rng(config(), rng));
    for kind in [
        "credential",
        "Authorize allowed",
        "Authorize asked",
        "Authorize limit_exceeded",
        "Authorize call_already_run",
        "Authorize task_ended",
        "Authorize session_revoked",
        "Authorize caller_revoked",
        "Authorize quarantined",
        "Asked approved",
        "Asked allowed",
        "BeginTask done",
        "Order done",
        "PryAsked there",
        "PryOrder whoever",
    ] {
        assert!(seen.contains_key(kind), "{kind} was not tried: {seen:#?}");
    }
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 256,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Tries the steps that `runner` comes up with; says how often each kind was answered how.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "there are two parties, and few steps"
)]
fn tried(mut runner: TestRunner) -> BTreeMap<String, u32> {
    let seen = RefCell::new(BTreeMap::<String, u32>::new());
    let outcome = runner.run(&(steps(), any::<bool>()), |(steps, unknown)| {
        let tenants = [Some("acme"), if unknown { None } else { Some("globex") }];
        let (shared, alone) = (Place::new(), [Place::new(), Place::new()]);
        let parties = |places: [&Place; 2]| {
            [
                Party::at(places[0], tenants[0], tenants[1]),
                Party::at(places[1], tenants[1], tenants[0]),
            ]
        };
        let mut together = parties([&shared, &shared]);
        let mut apart = parties([&alone[0], &alone[1]]);
        for (second, step) in &steps {
            let who = usize::from(*second);
            let pried = together[1 - who].parked.clone();
            let answer = together[who].take(&shared, step, &pried);
            prop_assert_eq!(&answer, &apart[who].take(&alone[who], step, &[]));
            let kind = format!("{step:?}");
            let kind = kind.split([' ', '(']).next().unwrap();
            let (answer, alive) = answer.rsplit_once("; ").unwrap();
            let word = answer.split(' ').next().unwrap();
            let mut seen = seen.borrow_mut();
            *seen.entry(format!("{kind} {word}")).or_default() += 1;
            if !alive.is_empty() {
                *seen.entry("credential".to_owned()).or_default() += 1;
            }
        }
        Ok(())
    });
    outcome.unwrap();
    seen.into_inner()
}
