//! Whatever a copy allows, that of which it is a copy allows.

use std::cell::Cell;

use callgate_identity::capability::{CapabilityToken, Grant, IssueError};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::calls::{asked, restrictions};
use crate::tokens::{capability, issue, key, later, now, reach, roots};

/// How many chains are tried; `CALLGATE_CAPABILITY_CHAINS` has more of them tried.
fn chains() -> u32 {
    let wanted = std::env::var("CALLGATE_CAPABILITY_CHAINS").ok();
    wanted.map_or(300, |wanted| wanted.parse().unwrap())
}

#[test]
fn no_copy_allows_more() {
    let blocks = (
        restrictions(true),
        prop::collection::vec(restrictions(false), 1..4),
    );
    let calls = prop::collection::vec(asked(), 12);
    let config = Config {
        cases: chains(),
        failure_persistence: None,
        ..Config::default()
    };
    let (first_allowed, last_allowed) = (Cell::new(0_u64), Cell::new(0_u64));
    let outcome = TestRunner::new(config).run(&(blocks, calls), |((first, further), calls)| {
        let mut token = capability(first).issue(1, &key(1), &key(2)).unwrap();
        let mut grants = vec![verified(&token)];
        for (next, block) in (3..).zip(&further) {
            // A copy that names a tool which is gone is refused when it is made.
            match token.attenuate(block, &key(next)) {
                Ok(narrower) => token = narrower,
                Err(IssueError::NotGranted { .. } | IssueError::NothingDemanded) => continue,
                Err(error) => panic!("{error}"),
            }
            // As it comes out at the other end.
            token = CapabilityToken::parse(token.as_str()).unwrap();
            grants.push(verified(&token));
        }
        for asked in &calls {
            let names = asked.names();
            let allows = |grant: &Grant| grant.allows(&asked.put(&names)).is_ok();
            for pair in grants.windows(2) {
                prop_assert!(!allows(&pair[1]) || allows(&pair[0]));
            }
            add(&first_allowed, allows(&grants[0]));
            add(&last_allowed, grants.last().is_some_and(allows));
        }
        for pair in grants.windows(2) {
            let parent: Vec<&str> = pair[0].tools().collect();
            prop_assert!(pair[1].tools().all(|tool| parent.contains(&tool)));
            prop_assert!(pair[1].expires_at() <= pair[0].expires_at());
        }
        Ok(())
    });
    outcome.unwrap();
    // It is no property of grants that allow nothing.
    assert!(last_allowed.get() > 0);
    assert!(first_allowed > last_allowed);
}

fn add(count: &Cell<u64>, yes: bool) {
    count.set(count.get() + u64::from(yes));
}

/// The grant; every random block counts at this time.
fn verified(token: &CapabilityToken) -> Grant {
    token.verify(&roots(), now()).unwrap()
}

#[test]
fn narrower_copies_are_not_made_of_nothing() {
    let token = issue(reach(), 2);
    let refused = |restrictions, next| token.attenuate(&restrictions, &key(next)).unwrap_err();
    let new = callgate_identity::capability::Restrictions::new;
    assert_eq!(
        refused(new(), 3).to_string(),
        "expected something that the narrower copy demands, found nothing"
    );
    assert_eq!(
        refused(new().tool("read_acount"), 3).to_string(),
        "expected tools that the token grants, found `read_acount`"
    );
    assert_eq!(
        refused(new().before(later(60)), 2).to_string(),
        "expected a fresh key, found one that the token has already"
    );
    assert_eq!(
        refused(new().resource("", "acc_1"), 3).to_string(),
        "block 1 has `resources` with a value that cannot stand there, or twice"
    );
    let same = capability(reach()).issue(1, &key(1), &key(1)).unwrap_err();
    assert_eq!(same, IssueError::RepeatedKey);
}
