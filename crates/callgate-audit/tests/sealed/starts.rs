//! Verifications that go on from a bare head or a signed note, and those against several heads.

use callgate_audit::{CheckpointRecord, Head, Record, SignedNote, Trusted};
use callgate_types::Digest;

use crate::beginnings::{check, trusted, write};
use crate::log::{Log, ORIGIN, expect, keyed, noon, sealed, signer};

/// A bare head says nothing of the tree: the first checkpoint behind it does, and then the next one
/// must fit.
#[test]
fn goes_on_from_a_head() {
    let log = sealed();
    for size in 1..=15 {
        let options = keyed().start(log.heads[size].into());
        expect(&log.verify(&options), "ok not_checked ok 15", "");
        let report = log.verify(&options);
        assert_eq!(report.verified_from, size as u64);
        let known = (size <= 11).then(|| log.tree().root());
        assert_eq!(report.root, known, "{size}");
        let next = report.trusted.unwrap();
        assert_eq!(next.head(), log.head());
        assert_eq!(next.tree().is_some(), size <= 11);
        assert_eq!(next.to_string().parse(), Ok(next));
    }
    // The root of another log stands in the second checkpoint behind it.
    let other = other_log();
    let mut forged = Log::new();
    forged.plains(5).checkpoint(&[&signer(1)]).plains(5);
    let tree = &other.trees[11];
    let note = SignedNote::sign(ORIGIN, 11, tree.root(), &[&signer(1)]).unwrap();
    forged.record(&Record::Checkpoint(CheckpointRecord::new(
        noon(),
        tree,
        &note,
    )));
    let options = keyed().start(forged.heads[2].into());
    let fault = "record 11: the root of the records before it is ";
    expect(
        &forged.verify(&options),
        "broken not_checked failed 11",
        fault,
    );
    let options = keyed().start(other.heads[3].into());
    let fault = "record 2: the digest of the records up to here is ";
    expect(
        &log.verify(&options),
        "broken not_checked not_checked 3",
        fault,
    );
    let zeros = Digest::ZERO;
    let start: Trusted = format!("0:{zeros}").parse().unwrap();
    assert_eq!(start, Head::EMPTY.into());
    assert!(format!("1:{zeros}:").parse::<Trusted>().is_err());
}

fn other_log() -> Log {
    let mut other = Log::new();
    other.plain(7).plains(10);
    other
}

#[test]
fn goes_on_from_a_note() {
    let log = sealed();
    let folder = tempfile::tempdir().unwrap();
    write(&log, folder.path(), 0);
    let note = |log: &Log, size: usize| {
        let tree = &log.trees[size];
        SignedNote::sign(ORIGIN, tree.size(), tree.root(), &[&signer(1)]).unwrap()
    };
    for size in [5, 11] {
        let note = note(&log, size);
        let start = Trusted::of_note(folder.path(), &note).unwrap().unwrap();
        assert_eq!(start, trusted(&log, size));
        let options = keyed().start(start).anchored(note);
        check(&log, 0, &options, "ok ok ok 15", "");
    }
    // No checkpoint of that size, none of that root, and no such record.
    for note in [note(&log, 7), note(&other_log(), 11)] {
        assert_eq!(Trusted::of_note(folder.path(), &note).unwrap(), None);
    }
    let mut longer = log.clone();
    longer.plains(9);
    let far = note(&longer, 20);
    assert_eq!(Trusted::of_note(folder.path(), &far).unwrap(), None);
    // Whoever has no key signs a note of the right root: it is not believed.
    let tree = &log.trees[11];
    let forged = SignedNote::sign(ORIGIN, 11, tree.root(), &[&signer(9)]).unwrap();
    let start = Trusted::of_note(folder.path(), &forged).unwrap().unwrap();
    let options = keyed().start(start).anchored(forged);
    let fault = "record 11: a note kept elsewhere about the records before it is not signed";
    check(&log, 0, &options, "ok ok failed 15", fault);
}

#[test]
fn several_heads() {
    let log = sealed();
    let options = keyed()
        .head(log.heads[9])
        .head(log.heads[2])
        .head(log.head());
    expect(&log.verify(&options), "ok ok ok 15", "");
    let mut longer = log.clone();
    longer.plain(1);
    let fault = "record 15: the log ends here, expected 16 records";
    let beyond = options.clone().head(longer.head());
    expect(&log.verify(&beyond), "ok short ok 15", fault);
    let other = options.head(other_log().heads[4]);
    let fault = "record 3: the digest of the records up to here is ";
    expect(
        &log.verify(&other),
        "broken not_checked not_checked 3",
        fault,
    );
    // Two that cannot both be right.
    let both = keyed().head(log.heads[4]).head(other_log().heads[4]);
    expect(
        &log.verify(&both),
        "broken not_checked not_checked 3",
        fault,
    );
}
