//! One answer for many calls.

use callgate::{ApprovalAnswer, ApprovalId, ApprovalState};

use crate::support::{Desk, POLICY, alice, allowed, bob, caller, context, refund, run};

fn asked(desk: &Desk, count: usize) -> Vec<callgate::Parked> {
    (0..count)
        .map(|number| desk.ask(refund(&format!(r#"{{"amount": {}}}"#, 100 + number))))
        .collect()
}

/// Yes to each, with what was shown of it.
fn yes(desk: &Desk, parked: &[callgate::Parked]) -> Vec<(ApprovalId, ApprovalAnswer<'static>)> {
    let shown = |id| {
        desk.gate
            .approval(id, &bob())
            .unwrap()
            .question
            .preview_digest()
    };
    let ids = parked.iter().map(callgate::Parked::approval);
    ids.map(|id| (id, ApprovalAnswer::approve(shown(id))))
        .collect()
}

#[test]
fn each_is_answered_recorded_and_run_by_itself() {
    let desk = Desk::new();
    let parked = asked(&desk, 5);
    let answered = desk.gate.answer_all(&bob(), &yes(&desk, &parked)).unwrap();
    assert_eq!(answered.len(), 5);
    for (parked, state) in parked.iter().zip(answered) {
        assert_eq!(state.unwrap(), ApprovalState::Approved);
        run(allowed(desk.resume(parked))).unwrap();
    }
    let told = desk.story();
    let answers = told
        .iter()
        .filter(|told| *told == "approval_answered approved");
    assert_eq!(answers.count(), 5);
}

#[test]
fn one_that_does_not_count_stops_no_other() {
    let desk = Desk::new();
    let parked = asked(&desk, 3);
    let mut answers = yes(&desk, &parked);
    // Somebody else's call, what was not shown, one that is not there, one twice.
    let own = caller("user:alice", &["lead"]);
    answers[1].1 = ApprovalAnswer::approve(callgate::Digest::of(b"another preview"));
    answers.push((ApprovalId::from_bytes([7; 16]), ApprovalAnswer::refuse()));
    answers.push(answers[0]);
    let told = |who: &callgate::Caller| -> Vec<String> {
        let answered = desk.gate.answer_all(who, &answers).unwrap();
        let told = answered.iter().map(|one| match one {
            Ok(state) => state.as_str().to_owned(),
            Err(error) => error.to_string(),
        });
        told.collect()
    };
    let none = "nobody approves a call of their own, or of what they own";
    let unknown = "there is no such approval";
    assert_eq!(told(&own), [none, none, none, unknown, none]);
    assert_eq!(
        told(&bob()),
        [
            "approved",
            "the approver was shown something else than what is asked",
            "approved",
            unknown,
            "the approval is approved",
        ]
    );
    assert_eq!(desk.state(parked[1].approval()), "asked");
}

#[test]
fn log_that_fails_in_the_middle_says_which() {
    let desk = Desk::with(POLICY, |builder| builder);
    let parked = asked(&desk, 3);
    let answers = yes(&desk, &parked);
    desk.log.trouble.fail_after(1, false, true);
    let answered = desk.gate.answer_all(&bob(), &answers).unwrap();
    let counted: Vec<bool> = answered.iter().map(Result::is_ok).collect();
    assert_eq!(counted, [true, false, true]);
    // It counts all the same, and is recorded before its call runs.
    run(allowed(desk.resume(&parked[1]))).unwrap();
}

#[test]
fn no_more_at_once_than_there_may_be() {
    let desk = Desk::new();
    let parked = desk.ask(refund(r#"{"amount": 100}"#));
    let answer = (parked.approval(), ApprovalAnswer::refuse());
    let error = desk
        .gate
        .answer_all(&bob(), &vec![answer; 1_001])
        .unwrap_err();
    assert_eq!(error.to_string(), "expected at most 1000 answers at once");
    assert_eq!(desk.state(parked.approval()), "asked");
    let again = desk.gate.authorize(&alice(), parked.call(), &context());
    assert_eq!(again.kind().as_str(), "ask");
}
