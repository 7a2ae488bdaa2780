//! Clear texts on a disk that loses power, lies and runs out of room.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use super::*;
use crate::sink::file::tests::machine::{Fault, Machine};
use crate::sink::file::tests::model::random;
use crate::sink::file::tests::sim::Sim;
use crate::texts::Salt;

pub(super) const FOLDER: &str = "/data/texts";
const FILE: &str = "/data/texts/00000000000000000000.texts";
pub(super) const SOON: Duration = Duration::from_secs(5);

fn open(machine: &Machine) -> Result<Store<Sim>, FileTextsError> {
    Store::open(machine.disk(), Path::new(FOLDER), Some(MAX_FILE))
}

pub(super) fn json(number: u8) -> String {
    format!(
        "\"secret {number} {}\"",
        "x".repeat(usize::from(number) * 40)
    )
}

pub(super) fn commitment(number: u8) -> Digest {
    Salt::from_bytes([number; 32]).commit_to(&json(number))
}

pub(super) fn put(store: &Store<Sim>, number: u8, durability: Durability) -> Result<(), TextError> {
    let json = json(number);
    let text = ClearText::new(Salt::from_bytes([number; 32]), &json).unwrap();
    store.put(&[text], durability, SOON)
}

/// Whether the right text is there; `None` where something else is.
pub(super) fn find(store: &Store<Sim>, number: u8) -> Option<bool> {
    match store.find(commitment(number)).unwrap() {
        None => Some(false),
        Some(text) if text.matches(commitment(number)) => Some(true),
        Some(_) => None,
    }
}

/// How far the script came.
#[derive(Default)]
struct Done {
    durable: Vec<u8>,
    erasing: bool,
    erased: bool,
}

/// Puts a few texts, some of them durably, and erases the first.
fn script(machine: &Machine, done: &mut Done) -> Option<()> {
    let store = open(machine).ok()?;
    put(&store, 1, Durability::Durable).ok()?;
    done.durable.push(1);
    put(&store, 2, Durability::Accepted).ok()?;
    put(&store, 3, Durability::Durable).ok()?;
    done.durable.extend([2, 3]);
    done.erasing = true;
    store.erase(&[commitment(1)]).ok()?;
    done.erased = true;
    put(&store, 4, Durability::Accepted).ok()?;
    Some(())
}

/// After every step, and with many choices of what had arrived by then.
#[track_caller]
fn every_crash(sector: usize, mut then: impl FnMut(&Machine, &Done)) {
    let whole = Machine::new(sector);
    script(&whole, &mut Done::default()).unwrap();
    for step in 0..=whole.steps() {
        for choice in 0..24 {
            let (machine, mut done) = (Machine::new(sector), Done::default());
            machine.fault(step, Fault::Dead);
            let _stopped = script(&machine, &mut done);
            machine.crash(random(step.wrapping_mul(100).wrapping_add(choice)));
            then(&machine, &done);
        }
    }
}

#[test]
fn power_is_lost_at_every_step() {
    for sector in [1, 64, 4096] {
        every_crash(sector, |machine, done| {
            let store = open(machine).unwrap();
            for number in &done.durable {
                let kept = *number != 1 || !done.erasing;
                if kept {
                    assert_eq!(find(&store, *number), Some(true), "{number}");
                }
            }
            if done.erased {
                assert_eq!(find(&store, 1), Some(false));
            }
            // Doing it again does what was left undone: nothing of the text is left.
            store.erase(&[commitment(1)]).unwrap();
            assert_eq!(find(&store, 1), Some(false));
            if machine
                .names(FOLDER)
                .iter()
                .any(|name| FILE.ends_with(name))
            {
                let bytes = machine.content(FILE);
                let text = String::from_utf8_lossy(&bytes);
                assert!(!done.erasing || !text.contains("secret 1"), "{text}");
            }
            // It goes on.
            put(&store, 5, Durability::Durable).unwrap();
            machine.crash(|| false);
            let store = open(machine).unwrap();
            assert_eq!(find(&store, 5), Some(true));
            assert_eq!(find(&store, 1), Some(false));
        });
    }
}

#[test]
fn no_room() {
    let machine = Machine::new(512);
    let store = open(&machine).unwrap();
    put(&store, 1, Durability::Durable).unwrap();
    machine.room(100);
    let error = put(&store, 2, Durability::Accepted).unwrap_err();
    assert!(matches!(error, TextError::Failed(_)), "{error}");
    machine.room(1 << 20);
    put(&store, 3, Durability::Durable).unwrap();
    drop(store);
    let store = open(&machine).unwrap();
    let found = [1, 2, 3].map(|number| find(&store, number));
    assert_eq!(found, [Some(true), Some(false), Some(true)]);
}

#[test]
fn sync_that_fails_poisons() {
    let machine = Machine::new(512);
    let store = open(&machine).unwrap();
    put(&store, 1, Durability::Accepted).unwrap();
    // A write, then the sync.
    machine.fault(1, Fault::Error(ErrorKind::Other));
    for _ in 0..2 {
        let error = put(&store, 2, Durability::Durable).unwrap_err();
        assert!(matches!(error, TextError::Poisoned(_)), "{error}");
    }
    assert_eq!(find(&store, 1), Some(true));
}

#[test]
fn erasure_that_fails_is_done_again() {
    let machine = Machine::new(64);
    for step in 0..12 {
        let store = open(&machine).unwrap();
        put(&store, 1, Durability::Durable).unwrap();
        machine.fault(step, Fault::Error(ErrorKind::Other));
        let erased = store.erase(&[commitment(1)]);
        machine.heal();
        if erased.is_err() {
            store.erase(&[commitment(1)]).unwrap();
        }
        assert_eq!(find(&store, 1), Some(false));
    }
}

/// A fork has the end of the file as it was, and would write over what its parent has put since.
#[test]
fn fork() {
    let machine = Machine::new(512);
    let mut store = open(&machine).unwrap();
    put(&store, 1, Durability::Durable).unwrap();
    let before = machine.content(FILE);
    store.files.disk = machine.disk_of(7);
    let refused = [
        put(&store, 2, Durability::Accepted),
        store.erase(&[commitment(1)]),
        store.compact().map(drop),
    ];
    for refused in refused {
        let TextError::Poisoned(cause) = refused.unwrap_err() else {
            panic!("it may be asked again");
        };
        let expected =
            "the clear texts were opened by process 1 and used by its fork 7: open them anew";
        assert_eq!(cause.to_string(), expected);
    }
    assert_eq!(find(&store, 1), Some(true));
    assert_eq!(machine.content(FILE), before);
}

#[test]
fn second_writer_and_readers() {
    let machine = Machine::new(512);
    let store = open(&machine).unwrap();
    let error = open(&machine).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`/data/texts` is written by somebody else"
    );
    let reader = Store::open(machine.disk(), Path::new(FOLDER), None).unwrap();
    assert_eq!(find(&reader, 1), Some(false));
    put(&store, 1, Durability::Accepted).unwrap();
    assert_eq!(find(&reader, 1), Some(true));
    let error = put(&reader, 2, Durability::Accepted).unwrap_err();
    assert!(matches!(error, TextError::Failed(_)), "{error}");
    assert!(reader.erase(&[commitment(1)]).is_err());
    let nowhere = Store::open(machine.disk(), Path::new("/nowhere"), None);
    assert!(nowhere.is_err());
}

#[test]
fn another_text_under_the_commitment() {
    let machine = Machine::new(512);
    let store = open(&machine).unwrap();
    put(&store, 1, Durability::Durable).unwrap();
    machine.tamper(FILE, |bytes| {
        let at = bytes.len() - 5;
        bytes[at] = b'y';
    });
    assert_eq!(find(&store, 1), None);
    store.erase(&[commitment(1)]).unwrap();
    assert_eq!(find(&store, 1), Some(false));
}

#[test]
fn texts_are_listed_in_order() {
    let machine = Machine::new(512);
    let store = open(&machine).unwrap();
    for number in 1..6 {
        put(&store, number, Durability::Accepted).unwrap();
    }
    store.erase(&[commitment(2)]).unwrap();
    let mut expected = [1, 3, 4, 5].map(commitment);
    expected.sort();
    assert_eq!(store.list(None, 9).unwrap(), expected);
    let first = store.list(None, 1).unwrap();
    assert_eq!(store.list(Some(first[0]), 2).unwrap(), expected[1..3]);
    let many = vec![commitment(1); 257];
    let error = store.erase(&many).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected at most 256 texts at once, found 257"
    );
}

/// Whoever asks for no durability is held by nobody's sync, and by nobody's write for longer than
/// its deadline.
#[test]
fn nobody_waits_beyond_the_deadline() {
    let machine = Machine::new(512);
    let store = open(&machine).unwrap();
    let appender = store.appender.as_ref().unwrap();
    appender.pretend(false, true);
    put(&store, 1, Durability::Accepted).unwrap();
    let (short, text) = (Duration::from_millis(10), json(2));
    let text = ClearText::new(Salt::from_bytes([2; 32]), &text).unwrap();
    let error = store.put(&[text], Durability::Durable, short).unwrap_err();
    assert!(matches!(error, TextError::TimedOut), "{error}");
    appender.pretend(true, false);
    let error = store.put(&[text], Durability::Accepted, short).unwrap_err();
    assert!(matches!(error, TextError::TimedOut), "{error}");
}

#[test]
fn many_threads_on_the_disk_of_the_system() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/texts");
    let texts = FileTexts::open(&path).unwrap();
    let start = Barrier::new(8);
    thread::scope(|scope| {
        for thread in 0..8_u8 {
            let (texts, start) = (&texts, &start);
            scope.spawn(move || {
                start.wait();
                for number in 0..20_u8 {
                    let json = json(number);
                    let salt = Salt::from_bytes([thread * 20 + number; 32]);
                    let text = ClearText::new(salt, &json).unwrap();
                    let durability = if number % 5 == 0 {
                        Durability::Durable
                    } else {
                        Durability::Accepted
                    };
                    texts.put(&[text], durability, SOON).unwrap();
                }
            });
        }
    });
    drop(texts);
    let texts = FileTexts::open(&path).unwrap();
    let all = texts.list(None, 1000).unwrap();
    assert_eq!(all.len(), 160);
    for commitment in all {
        assert!(texts.find(commitment).unwrap().unwrap().matches(commitment));
    }
}
