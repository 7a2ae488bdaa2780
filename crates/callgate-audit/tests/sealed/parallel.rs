//! However many threads look at a log: the report is the same.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use callgate_audit::{Report, SignedNote, Tree, VerifyOptions, verify_folder, verify_reader};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::log::{Log, keyed, sealed, signer};
use crate::signed_vectors::{Answer, Second};

/// How many logs are damaged; `CALLGATE_DAMAGED_LOGS` says another number.
fn cases() -> u32 {
    let number = std::env::var("CALLGATE_DAMAGED_LOGS").ok();
    number.map_or(250, |number| number.parse().unwrap())
}

fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

/// All that a report says.
fn shown(report: &Report) -> String {
    format!("{report:?}")
}

#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Cut(Index),
    Drop(Index),
    Repeat(Index, Index),
    Swap(Index, Index),
    Insert(Index, Vec<u8>),
    Relink,
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        (at(), 0_u8..8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        at().prop_map(Damage::Cut),
        at().prop_map(Damage::Drop),
        (at(), at()).prop_map(|(from, to)| Damage::Repeat(from, to)),
        (at(), at()).prop_map(|(one, other)| Damage::Swap(one, other)),
        (at(), prop::collection::vec(any::<u8>(), 0..9))
            .prop_map(|(at, by)| Damage::Insert(at, by)),
        Just(Damage::Relink),
    ]
}

fn apply(lines: &mut Vec<Vec<u8>>, damage: &Damage) {
    if lines.is_empty() {
        return;
    }
    let count = lines.len();
    match damage {
        Damage::Flip(at, bit) => {
            let line = &mut lines[at.index(count)];
            if !line.is_empty() {
                let byte = at.index(line.len());
                line[byte] ^= 1 << bit;
            }
        }
        Damage::Cut(at) => {
            let line = at.index(count);
            lines.truncate(line + 1);
            let length = at.index(lines[line].len() + 1);
            lines[line].truncate(length);
        }
        Damage::Drop(at) => drop(lines.remove(at.index(count))),
        Damage::Repeat(from, to) => lines.insert(to.index(count), lines[from.index(count)].clone()),
        Damage::Swap(one, other) => lines.swap(one.index(count), other.index(count)),
        Damage::Insert(at, by) => {
            let line = &mut lines[at.index(count)];
            let place = at.index(line.len() + 1);
            line.splice(place..place, by.iter().copied());
        }
        Damage::Relink => {
            let body = |line: &Vec<u8>| {
                str::from_utf8(line)
                    .is_ok_and(|line| line.contains(",\"seq\":") && line.ends_with('\n'))
            };
            if lines.iter().all(body) {
                *lines = Log::relinked(lines).lines;
            }
        }
    }
}

/// In files of `each` lines, the first of which is named after its record.
fn write(lines: &[Vec<u8>], folder: &Path, each: usize) {
    for (place, lines) in lines.chunks(each).enumerate() {
        let path = folder.join(format!("{:020}.jsonl", place * each));
        fs::write(path, lines.concat()).unwrap();
    }
}

static SECOND: LazyLock<Mutex<Option<Second>>> = LazyLock::new(|| Mutex::new(Second::start()));

/// A log with everything in it, and a note for each of its sizes.
static LOG: LazyLock<(Log, Vec<SignedNote>)> = LazyLock::new(|| {
    let log = log();
    let note = |tree: &Tree| {
        SignedNote::sign("example.org/log", tree.size(), tree.root(), &[&signer(1)]).unwrap()
    };
    let notes = log.trees.iter().map(note).collect();
    (log, notes)
});

fn log() -> Log {
    let (first, second) = (signer(1), signer(2));
    let mut log = sealed();
    log.key_changed(&first, &second)
        .checkpoint(&[&first, &second]);
    log.plains(2)
        .pruned(3)
        .plains(2)
        .checkpoint(&[&second])
        .plains(1);
    log
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn damaged_logs(
        damages in prop::collection::vec(damage(), 0..4),
        each in 1_usize..9,
        pinned in prop::option::of(any::<Index>()),
        anchored in prop::option::of(any::<Index>()),
        key in any::<bool>(),
    ) {
        let (log, notes) = &*LOG;
        let mut lines = log.lines.clone();
        for damage in &damages {
            apply(&mut lines, damage);
        }
        let mut options = if key { keyed() } else { VerifyOptions::new() };
        options.heads = pinned.iter().map(|at| log.heads[at.index(log.heads.len())]).collect();
        if let Some(at) = anchored {
            options = options.anchored(notes[at.index(notes.len())].clone());
        }
        let bytes = lines.concat();
        let folder = tempfile::tempdir().unwrap();
        write(&lines, folder.path(), each);
        let serial = verify_reader(&*bytes, &options).unwrap();
        let in_files = verify_folder(folder.path(), &options).unwrap();
        // And what another program says, where there is one.
        if let Some(second) = &mut *SECOND.lock().unwrap() {
            prop_assert_eq!(second.ask(folder.path(), &options), Answer::of(&in_files));
        }
        if damages.is_empty() {
            prop_assert_eq!(serial.integrity.as_str(), "ok");
        }
        for count in [2, 5] {
            let options = options.clone().threads(threads(count));
            let parallel = verify_reader(&*bytes, &options).unwrap();
            prop_assert_eq!(shown(&parallel), shown(&serial));
            let parallel = verify_folder(folder.path(), &options).unwrap();
            prop_assert_eq!(shown(&parallel), shown(&in_files));
        }
    }
}

/// Larger than what is read ahead, so that threads wait for each other.
#[test]
fn long_log() {
    let mut log = Log::new();
    let filler = "x".repeat(60_000);
    let body = |number: u64| {
        format!(
            r#"{{"v":1,"kind":"note","time":"2026-11-20T12:00:00.000000Z","durable":0,"number":{number},"text":"{filler}""#
        )
    };
    for number in 0..120 {
        log.body(body(number).as_bytes());
    }
    log.checkpoint(&[&signer(1)]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    for damaged in [None, Some(3), Some(60), Some(119)] {
        let mut bytes = log.bytes();
        if let Some(line) = damaged {
            let at: usize = log.lines[..line].iter().map(Vec::len).sum();
            bytes[at + 90] ^= 1;
        }
        let serial = verify_reader(&*bytes, &keyed()).unwrap();
        assert_eq!(serial.is_good(), damaged.is_none());
        for count in [1, 2, 3, 8] {
            let watch = Arc::clone(&seen);
            let options = keyed()
                .threads(threads(count))
                .progress(move |progress| watch.lock().unwrap().push(progress));
            let report = verify_reader(&*bytes, &options).unwrap();
            assert_eq!(shown(&report), shown(&serial));
            let seen = std::mem::take(&mut *seen.lock().unwrap());
            assert!(seen.windows(2).all(|pair| pair[0].bytes < pair[1].bytes));
            if damaged.is_none() {
                assert!(seen.len() > 20);
                assert_eq!(seen.last().unwrap().records, 121);
                assert_eq!(seen.last().unwrap().bytes, bytes.len() as u64);
            }
        }
    }
}
