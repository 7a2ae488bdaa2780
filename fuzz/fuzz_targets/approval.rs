//! Reading what a store of approvals holds never panics; what is read is written as a text that reads as
//! the same, and every step from there leads to one that can be stored, too.

#![no_main]

use std::time::Duration;

use callgate_approval::{Answer, Approval, ApprovalId, Step, Withdrawn};
use callgate_types::{Caller, Principal};
use libfuzzer_sys::fuzz_target;

/// One that a store holds: the fuzzer finds none by itself.
const SEED: &str = include_str!("../seeds/approval.json");

/// Overwrites a part of what is well-formed, or stands for itself.
fn text(data: &[u8]) -> Option<String> {
    let (place, rest) = data.split_at_checked(2)?;
    let place = usize::from(u16::from_be_bytes([place[0], place[1]]));
    if place >= SEED.len() {
        return String::from_utf8(rest.to_vec()).ok();
    }
    let mut bytes = SEED.as_bytes().to_vec();
    let end = place.saturating_add(rest.len()).min(bytes.len());
    bytes.splice(place..end, rest.iter().copied());
    String::from_utf8(bytes).ok()
}

fn stores(approval: &Approval) {
    let written = serde_json::to_string(approval).expect("an approval can be written");
    let again: Approval = serde_json::from_str(&written).expect("it was written");
    assert_eq!(again, *approval);
}

fuzz_target!(init: {
    // Otherwise the fuzzer would look at nothing that a store holds.
    stores(&serde_json::from_str(SEED).expect("the seed can be read"));
}, |data: &[u8]| {
    let Some(text) = text(data) else { return };
    let Ok(approval) = serde_json::from_str::<Approval>(&text) else {
        return;
    };
    stores(&approval);
    let now = approval.asked_at;
    let by = ApprovalId::from_bytes([7; 16]);
    let bob = Principal::asserted(approval.question.person.clone());
    let bob = match &approval.question.tenant {
        Some(tenant) => Caller::of(bob.member_of(&**tenant, ["lead"])).in_tenant(&**tenant),
        None => Caller::of(bob).without_tenant(),
    };
    let yes = Answer::approve(approval.question.preview_digest());
    let answered = bob
        .ok()
        .and_then(|bob| approval.answer(now, &bob, &|_| true, yes).ok());
    let steps: [Option<Step>; 5] = [
        answered,
        approval.claim(now, by, Duration::from_secs(60)).ok(),
        approval.consume(by).ok(),
        approval.withdraw(now, Withdrawn::Cancelled).ok(),
        Some(approval.recorded()),
    ];
    for step in steps.into_iter().flatten() {
        stores(&step.next);
        assert_eq!(step.next.question, approval.question);
    }
    // What a store says is checked again: nothing is complete of which a person is missing.
    if approval.is_complete() {
        let demands = &approval.question.demands;
        let people: u64 = demands
            .groups
            .iter()
            .map(|group| u64::from(group.count))
            .sum();
        let answers = approval.answers.iter().filter(|answer| !answer.confirms);
        assert!(answers.count() as u64 >= people);
        assert!(!demands.preview || approval.question.dry_run.is_some());
    }
});
