//! Whatever a sink does short of giving up: what was acknowledged stands in the log once, what must
//! not be lost does, too, and no allow stands there alone whose caller was told no.

use std::collections::HashMap;

use callgate_audit::testkit::Fault;
use callgate_audit::{AuditSink as _, Head, JournalState, Otherwise};
use proptest::prelude::*;

use crate::rig::{LONG, accepted, durable, numbered, open, sink, story, text, unknown};

#[derive(Clone, Debug)]
enum Step {
    Append(Otherwise, bool),
    Queue,
    Flush,
    Settle,
    Restart,
}

#[derive(Clone, Copy, Debug)]
enum Trouble {
    None,
    Fail,
    WorkThenFail,
    Panic,
    WorkThenPanic,
    /// Says no, for no reason.
    Refuse,
}

fn steps() -> impl Strategy<Value = Step> {
    let otherwise = prop_oneof![
        Just(Otherwise::Forget),
        Just(Otherwise::NotBegun),
        Just(Otherwise::Keep),
    ];
    prop_oneof![
        6 => (otherwise, any::<bool>()).prop_map(|(how, durable)| Step::Append(how, durable)),
        2 => Just(Step::Queue),
        1 => Just(Step::Flush),
        1 => Just(Step::Settle),
        1 => Just(Step::Restart),
    ]
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        4 => Just(Trouble::None),
        1 => Just(Trouble::Fail),
        1 => Just(Trouble::WorkThenFail),
        1 => Just(Trouble::Panic),
        1 => Just(Trouble::WorkThenPanic),
        1 => Just(Trouble::Refuse),
    ]
}

fn act(trouble: Trouble, head: Head) -> Option<Fault> {
    match trouble {
        Trouble::None => None,
        Trouble::Fail => Some(Fault::Refuse(unknown())),
        Trouble::WorkThenFail => Some(Fault::WorkThenFail(unknown())),
        Trouble::Panic => Some(Fault::Panic),
        Trouble::WorkThenPanic => Some(Fault::WorkThenPanic),
        Trouble::Refuse => Some(Fault::Claim(head)),
    }
}

/// What the log must hold of a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Due {
    /// It stands there, and nothing speaks against it.
    Acknowledged,
    /// It stands there.
    Kept,
    /// If it stands there, a `not_begun` does, too.
    Denied,
    Forgotten,
}

fn run(steps: Vec<(Step, Trouble, Trouble, Trouble)>) {
    let sink = sink();
    let mut journal = open(&sink);
    let mut due = HashMap::new();
    for (number, (step, append, sync, head)) in (0_u64..).zip(steps) {
        let at = sink.inner().head().unwrap();
        sink.calm();
        if let Some(fault) = act(append, at) {
            sink.on_append(fault);
        }
        // Only an append is refused: a head or a sync that names this one is wrong by then.
        let [sync, head] = [sync, head].map(|trouble| match trouble {
            Trouble::Refuse => Trouble::Fail,
            trouble => trouble,
        });
        if let Some(fault) = act(sync, at) {
            sink.on_sync(fault);
        }
        if let Some(fault) = act(head, at) {
            sink.on_head(fault);
        }
        match step {
            Step::Append(otherwise, is_durable) => {
                let mut ask = if is_durable { durable() } else { accepted() };
                ask.otherwise = otherwise;
                let told = journal.append(&numbered(number), ask);
                let what = match (told, otherwise) {
                    (Ok(_), _) => Due::Acknowledged,
                    (Err(_), Otherwise::Keep) => Due::Kept,
                    (Err(_), Otherwise::NotBegun) => Due::Denied,
                    (Err(_), _) => Due::Forgotten,
                };
                due.insert(number, what);
            }
            Step::Queue => {
                journal.queue(&numbered(number));
                due.insert(number, Due::Kept);
            }
            Step::Flush => drop(journal.flush(LONG)),
            Step::Settle => drop(journal.settle()),
            Step::Restart => {
                sink.calm();
                journal.flush(LONG).unwrap();
                journal = open(&sink);
            }
        }
        // Only another head than our own would close it, and no script claims one.
        assert!(!matches!(journal.state(), JournalState::Closed(_)));
    }
    sink.calm();
    journal.flush(LONG).unwrap();
    drop(journal);
    check(&story(&text(&sink)), &due);
}

pub(crate) fn check(log: &[String], due: &HashMap<u64, Due>) {
    for (number, due) in due {
        let line = format!("gap {number}");
        let places = log.iter().enumerate().filter(|(_, found)| **found == line);
        let places: Vec<_> = places.map(|(seq, _)| seq).collect();
        let at_least = usize::from(matches!(due, Due::Acknowledged | Due::Kept));
        assert!(
            (at_least..=1).contains(&places.len()),
            "{number} {due:?}: {log:?}"
        );
        let Some(seq) = places.first() else { continue };
        let late = format!("not_begun {seq} late");
        let lates = log.iter().filter(|found| **found == late).count();
        assert_eq!(
            lates,
            usize::from(*due == Due::Denied),
            "{number} {due:?}: {log:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn acknowledged_records_stand_in_the_log(
        steps in prop::collection::vec((steps(), trouble(), trouble(), trouble()), 1..24)
    ) {
        run(steps);
    }
}
