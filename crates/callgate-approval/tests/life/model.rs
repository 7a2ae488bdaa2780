//! Whatever order things happen in: consumed once, and only when complete and in time.

use std::time::Duration;

use callgate_approval::{Answer, Approval, State, Withdrawn};
use proptest::prelude::*;

use crate::support::{approvals, asked, at, caller, group, id, yes};

#[derive(Clone, Debug)]
enum Move {
    Answer(usize, bool),
    Claim(u8),
    Consume(u8),
    GiveBack(u8),
    Expire,
    Withdraw,
    Wait(i64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        4 => (0_usize..5, prop::bool::weighted(0.9)).prop_map(|(who, yes)| Move::Answer(who, yes)),
        3 => (1_u8..4).prop_map(Move::Claim),
        3 => (1_u8..4).prop_map(Move::Consume),
        1 => (1_u8..4).prop_map(Move::GiveBack),
        1 => Just(Move::Expire),
        1 => Just(Move::Withdraw),
        2 => (0_i64..300).prop_map(Move::Wait),
    ];
    prop::collection::vec(one, 0..40)
}

proptest! {
    #[test]
    fn consumed_once_and_only_when_complete(moves in moves()) {
        let people = ["user:bob", "user:eve", "user:fay", "user:alice", "user:carol"];
        let people = people.map(|name| caller(name, &["lead"]));
        let mut approval: Approval = asked(&approvals(vec![group(&["role:lead"], 2)]));
        let (mut now, mut consumed) = (0, 0);
        for step in moves {
            let minute = Duration::from_secs(60);
            let step = match step {
                Move::Answer(who, true) => {
                    approval.answer(at(now), &people[who], &|_| false, yes(&approval)).ok()
                }
                Move::Answer(who, false) => {
                    approval.answer(at(now), &people[who], &|_| false, Answer::refuse()).ok()
                }
                Move::Claim(by) => approval.claim(at(now), id(by), minute).ok(),
                Move::Consume(by) => approval.consume(id(by)).ok().filter(|step| step.is_in_time(at(now))),
                Move::GiveBack(by) => approval.give_back(id(by)).ok(),
                Move::Expire => approval.expire(at(now)).ok(),
                Move::Withdraw => approval.withdraw(at(now), Withdrawn::Cancelled).ok(),
                Move::Wait(seconds) => {
                    now += seconds;
                    None
                }
            };
            let Some(step) = step else { continue };
            prop_assert!(step.is_in_time(at(now)));
            prop_assert_eq!(step.next.revision, approval.revision + 1);
            prop_assert_eq!(&step.next.question, &approval.question);
            approval = step.next;
            if let State::Consumed(_) = approval.state {
                consumed += 1;
                prop_assert!(approval.is_complete());
                prop_assert!(at(now) < approval.expires_at);
            }
            let yes = approval.answers.iter().filter(|answer| answer.approved);
            let behind = ["user:alice", "user:carol"];
            prop_assert!(yes.clone().all(|answer| !behind.contains(&answer.by.as_str())));
            if matches!(approval.state, State::Approved | State::Claimed(_)) {
                prop_assert_eq!(yes.count(), 2);
            }
        }
        prop_assert!(consumed <= 1);
    }
}
