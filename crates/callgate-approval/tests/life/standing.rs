//! Whatever order things happen in: no more uses than there are, and each while it is in force.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use callgate_approval::standing::{
    Given, MemoryStandingApprovals, Spent, StandingApproval, StandingApprovalStore, StandingBounds,
};
use callgate_approval::{Answer, ApprovalId, State, Taken};
use callgate_types::StandingBound;
use proptest::prelude::*;

use crate::support::{approvals, asked, at, caller, group, id};

#[derive(Clone, Debug)]
enum Move {
    Answer(usize, bool),
    Spend,
    Revoke(usize),
    Record,
    Wait(i64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        4 => (0_usize..5, prop::bool::weighted(0.95)).prop_map(|(who, yes)| Move::Answer(who, yes)),
        8 => Just(Move::Spend),
        1 => (0_usize..5).prop_map(Move::Revoke),
        1 => Just(Move::Record),
        2 => (0_i64..40).prop_map(Move::Wait),
    ];
    prop::collection::vec(one, 0..60)
}

/// Good for so many calls within five minutes, where two leads agree.
fn new(uses: u64) -> StandingApproval {
    let minutes = Duration::from_secs(300);
    let mut friction = approvals(vec![group(&["role:lead"], 2)]);
    friction.standing = Some(Box::new(StandingBound::new(10, minutes)));
    let question = asked(&friction).question;
    let bounds = StandingBounds::new(uses, minutes);
    StandingApproval::new(id(7), id(8), &question, &bounds, at(0)).unwrap()
}

proptest! {
    #[test]
    fn never_more_uses_than_there_are(uses in 1_u64..6, moves in moves()) {
        let people = ["user:bob", "user:eve", "user:fay", "user:alice", "user:carol"];
        let people = people.map(|name| caller(name, &["lead"]));
        let now = Arc::new(AtomicI64::new(0));
        let clock = Arc::clone(&now);
        let store = MemoryStandingApprovals::new(move || at(clock.load(Ordering::SeqCst)));
        prop_assert_eq!(store.give(&new(uses)).unwrap(), Given::New);
        let load = |id: ApprovalId| store.load(id).unwrap().standing.unwrap();
        let mut spent = 0;
        for step in moves {
            let (time, held) = (at(now.load(Ordering::SeqCst)), load(id(7)));
            let step = match step {
                Move::Answer(who, agrees) => {
                    let seen = held.approval.question.preview_digest();
                    let answer = if agrees { Answer::approve(seen) } else { Answer::refuse() };
                    held.answer(time, &people[who], &|_| false, answer).ok()
                }
                Move::Revoke(who) => held.revoke(time, &people[who], &|_| false, None).ok(),
                Move::Record => Some(held.approval.recorded()),
                Move::Wait(seconds) => {
                    now.fetch_add(seconds, Ordering::SeqCst);
                    None
                }
                Move::Spend => {
                    let was_in_force = held.is_in_force(time);
                    let left = store.spend(id(7)).unwrap();
                    prop_assert_eq!(matches!(left, Spent::Left(_)), was_in_force);
                    if let Spent::Left(left) = left {
                        spent += 1;
                        prop_assert_eq!(left, uses - spent);
                        prop_assert!(time < held.approval.expires_at);
                        prop_assert!(held.approval.is_complete());
                        prop_assert_eq!(held.approval.state, State::Approved);
                    }
                    None
                }
            };
            if let Some(step) = step {
                prop_assert_eq!(store.take(&step).unwrap(), Taken::Yes);
            }
            prop_assert_eq!(load(id(7)).used, spent);
        }
        prop_assert!(spent <= uses);
    }
}
