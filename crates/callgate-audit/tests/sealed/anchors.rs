//! Notes that are kept elsewhere.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use callgate_audit::{
    Anchor, AnchorError, Ask, Durability, FileAnchor, GapRecord, Journal, JournalOptions,
    MemorySink, Record, SignedNote, verify_reader,
};
use callgate_types::Digest;

use crate::log::{ORIGIN, keyed, noon, sealed, signer};

fn note(size: u64, root: &[u8]) -> SignedNote {
    SignedNote::sign(ORIGIN, size, Digest::of(root), &[&signer(1)]).unwrap()
}

#[test]
fn goes_forward_only() {
    let folder = tempfile::tempdir().unwrap();
    let anchor = FileAnchor::open(folder.path().join("notes")).unwrap();
    assert_eq!(anchor.last(ORIGIN).unwrap(), None);
    anchor.publish(&note(5, b"five")).unwrap();
    anchor.publish(&note(5, b"five")).unwrap();
    anchor.publish(&note(9, b"nine")).unwrap();
    assert_eq!(anchor.last(ORIGIN).unwrap(), Some(note(9, b"nine")));
    assert_eq!(anchor.last("another").unwrap(), None);

    let refused = anchor.publish(&note(9, b"other")).unwrap_err();
    let told = format!(
        "the log `example.org/log` of 9 records has the root {}, and had {} before",
        Digest::of(b"other"),
        Digest::of(b"nine")
    );
    assert_eq!(refused.to_string(), told);
    let refused = anchor.publish(&note(8, b"eight")).unwrap_err();
    let told = "the log `example.org/log` has 8 records, and had 9 before";
    assert_eq!(refused.to_string(), told);
    // Nothing of that has changed what is kept, and a new one sees the same.
    let again = FileAnchor::open(folder.path().join("notes")).unwrap();
    assert_eq!(again.last(ORIGIN).unwrap(), Some(note(9, b"nine")));
    // Another log has its own place.
    let other = SignedNote::sign("other", 1, Digest::of(b"one"), &[&signer(1)]).unwrap();
    again.publish(&other).unwrap();
    assert_eq!(again.last(ORIGIN).unwrap(), Some(note(9, b"nine")));
    // With cosignatures, the same note is kept anew.
    let witness = callgate_audit::Ed25519Signer::witness("witness", [9; 32]).unwrap();
    let cosigned = note(9, b"nine").cosign(&witness, 1).unwrap();
    again.publish(&cosigned).unwrap();
    assert_eq!(again.last(ORIGIN).unwrap(), Some(cosigned));
}

#[test]
fn history_stays() {
    let folder = tempfile::tempdir().unwrap();
    let anchor = FileAnchor::open(folder.path()).unwrap();
    for size in [1, 5, 12] {
        anchor.publish(&note(size, b"root")).unwrap();
    }
    let origin = fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let mut names: Vec<_> = fs::read_dir(origin.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let expected = [
        "00000000000000000001.note",
        "00000000000000000005.note",
        "00000000000000000012.note",
        "lock",
    ];
    assert_eq!(names, expected);
    // A crash before the name was given leaves nothing that counts.
    fs::write(origin.path().join("pending"), "half a no").unwrap();
    anchor.publish(&note(13, b"root")).unwrap();
    assert_eq!(anchor.last(ORIGIN).unwrap().unwrap().size(), 13);
    // What was changed afterwards is no note.
    fs::write(origin.path().join(expected[2]), "").unwrap();
    fs::remove_file(origin.path().join("00000000000000000013.note")).unwrap();
    let refused = anchor.publish(&note(14, b"root")).unwrap_err();
    assert!(matches!(refused, AnchorError::Damaged { .. }));
}

#[test]
fn journal_anchors_what_is_durable() {
    let folder = tempfile::tempdir().unwrap();
    let anchor = FileAnchor::open(folder.path()).unwrap();
    let sink = Arc::new(MemorySink::new());
    let options = JournalOptions::new().signer(Arc::new(signer(1)));
    let journal = Journal::open_with(sink.clone(), &options).unwrap();
    let long = Duration::from_secs(60);
    for number in 0..3 {
        let record = Record::Gap(GapRecord::new(noon(), number));
        journal
            .append(&record, Ask::new(Durability::Accepted, long))
            .unwrap();
        journal.anchor_to(&anchor, noon(), long).unwrap();
    }
    let note = anchor.last(ORIGIN).unwrap().unwrap();
    let report = verify_reader(&*sink.contents(), &keyed().anchored(note)).unwrap();
    assert_eq!(report.completeness.as_str(), "ok");
    // A log that went back is found at the next attempt.
    let old = sealed();
    let sink = Arc::new(MemorySink::new());
    let batch = callgate_audit::Batch::parse(old.lines[..2].concat()).unwrap();
    callgate_audit::AuditSink::append(&*sink, callgate_audit::Head::EMPTY, &batch).unwrap();
    let journal = Journal::open_with(sink, &options).unwrap();
    let refused = journal.anchor_to(&anchor, noon(), long).unwrap_err();
    assert!(matches!(refused, AnchorError::Smaller { .. }));
    let unsigned = Journal::open(Arc::new(MemorySink::new())).unwrap();
    let refused = unsigned.anchor_to(&anchor, noon(), long).unwrap_err();
    assert!(matches!(refused, AnchorError::Journal(_)));
}
