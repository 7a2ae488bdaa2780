//! Whatever is asked of it, in whatever order, it answers as the sink in memory does.

use callgate_audit::{AuditSink, Batch, Head, MemorySink, SinkError};
use proptest::prelude::*;

use crate::rig::{batch, folder, numbers, open};

#[derive(Clone, Debug)]
enum Step {
    /// Records at the end.
    Append(u64),
    /// The last batch once more.
    Again,
    /// A batch behind an earlier one.
    Earlier(usize),
    Sync,
    Read(u64, usize),
    Reopen,
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..5_u64).prop_map(Step::Append),
        1 => Just(Step::Again),
        2 => (0..20_usize).prop_map(Step::Earlier),
        1 => Just(Step::Sync),
        2 => (0..30_u64, 0..9_usize).prop_map(|(from, max)| Step::Read(from, max)),
        1 => Just(Step::Reopen),
    ]
}

fn word(told: &Result<(), SinkError>) -> String {
    match told {
        Ok(()) => "ok".to_owned(),
        Err(SinkError::Conflict(head)) => format!("conflict {head}"),
        Err(other) => other.to_string(),
    }
}

fn run(steps: Vec<Step>) {
    let (_folder, path) = folder();
    let model = MemorySink::new();
    let mut sink = open(&path);
    let mut batches = vec![Batch::empty(Head::EMPTY)];
    let mut number = 0;
    for step in steps {
        let head = model.head().unwrap();
        let asked = match step {
            Step::Append(count) => {
                number += count;
                Some((head, batch(head, number - count..number)))
            }
            Step::Again => batches.last().map(|last| (last.start(), last.clone())),
            Step::Earlier(place) => {
                let after = batches[place % batches.len()].end();
                number += 1;
                Some((after, batch(after, [number - 1])))
            }
            Step::Sync => {
                sink.sync(head).unwrap();
                None
            }
            Step::Read(from, max) => {
                let (found, expected) = (sink.read(from, max).unwrap(), model.read(from, max));
                let expected = expected.unwrap();
                assert_eq!(found.bytes(), expected.bytes());
                assert_eq!(found.end(), expected.end());
                None
            }
            Step::Reopen => {
                drop(sink);
                sink = open(&path);
                None
            }
        };
        if let Some((after, asked)) = asked.filter(|(_, asked)| asked.records() > 0) {
            let (found, expected) = (sink.append(after, &asked), model.append(after, &asked));
            assert_eq!(word(&found), word(&expected));
            if found.is_ok() {
                batches.push(asked);
            }
        }
        assert_eq!(sink.head().unwrap(), model.head().unwrap());
    }
    let text = String::from_utf8(model.contents()).unwrap();
    assert_eq!(numbers(&path).len(), text.lines().count());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn answers_as_the_sink_in_memory(steps in prop::collection::vec(steps(), 1..24)) {
        run(steps);
    }
}
