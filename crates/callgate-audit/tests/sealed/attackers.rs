//! Everybody who would change a signed log without being noticed. Each is found, or its window
//! stands in `docs/THREAT_MODEL.md`.

use callgate_audit::{
    ErasedRecord, ErasedText, Record, RecoveredRecord, SignedNote, Signer, VerifyOptions,
};
use callgate_types::{Digest, Principal};

use crate::log::{Log, ORIGIN, expect, keyed, noon, sealed, signer};

/// A note that was kept elsewhere when the log had `size` records.
fn anchor(log: &Log, size: usize) -> SignedNote {
    let tree = &log.trees[size];
    SignedNote::sign(ORIGIN, tree.size(), tree.root(), &[&signer(1)]).unwrap()
}

#[test]
fn nobody() {
    let log = sealed();
    let report = log.verify(&keyed());
    expect(&report, "ok not_checked ok 15", "");
    assert_eq!((report.sealed, report.verified_from), (Some(11), 0));
    assert_eq!(report.key.as_ref(), Some(signer(1).key()));
    assert_eq!(report.root, Some(log.tree().root()));
    let options = keyed().head(log.head()).anchored(anchor(&log, 14));
    expect(&log.verify(&options), "ok ok ok 15", "");
    expect(
        &log.verify(&VerifyOptions::new()),
        "ok not_checked not_checked 15",
        "",
    );
}

#[test]
fn truncates_at_every_record() {
    let log = sealed();
    for length in 0..15 {
        let mut cut = log.clone();
        cut.lines.truncate(length);
        // What was kept elsewhere tells, whichever it is.
        for options in [keyed().head(log.head()), keyed().anchored(anchor(&log, 15))] {
            let report = cut.verify(&options);
            assert_eq!(report.completeness.as_str(), "short", "{length}");
            assert!(!report.is_good());
        }
        // Without it: not before the first checkpoint.
        let report = cut.verify(&keyed());
        assert_eq!(report.is_good(), length >= 6, "{length}");
    }
}

#[test]
fn deletes_everything() {
    let nothing = Log::new();
    expect(
        &nothing.verify(&keyed()),
        "empty not_checked failed 0",
        "record 0: the log ends here without a checkpoint",
    );
    let fault = "record 0: the log ends here, expected 15 records";
    let log = sealed();
    let options = VerifyOptions::new().anchored(anchor(&log, 15));
    expect(
        &nothing.verify(&options),
        "empty short not_checked 0",
        fault,
    );
}

#[test]
fn restores_an_old_snapshot() {
    let log = sealed();
    let mut old = log.clone();
    old.lines.truncate(6);
    // It is well signed: only what was kept elsewhere tells.
    expect(&old.verify(&keyed()), "ok not_checked ok 6", "");
    let fault = "record 6: the log ends here, expected 11 records";
    let options = keyed().anchored(anchor(&log, 11));
    expect(&old.verify(&options), "ok short ok 6", fault);
}

#[test]
fn forks_with_the_key() {
    let log = sealed();
    let mut fork = Log::new();
    let key = signer(1);
    fork.plains(5).checkpoint(&[&key]);
    fork.plains(6).checkpoint(&[&key]);
    // Each branch is good by itself.
    expect(&fork.verify(&keyed()), "ok not_checked ok 13", "");
    // Two notes of one size, or any note about the other branch, show that there are two.
    let options = keyed().anchored(anchor(&log, 12));
    let fault = "record 11: the root of the records up to here is ";
    expect(
        &fork.verify(&options),
        "broken not_checked failed 11",
        fault,
    );
    let options = keyed().anchored(anchor(&log, 11));
    expect(&fork.verify(&options), "ok ok ok 13", "");
}

#[test]
fn rewrites_without_the_key() {
    let log = sealed();
    for at in 0..15 {
        let mut lines = log.lines.clone();
        if [5, 11].contains(&at) {
            continue;
        }
        let text = String::from_utf8(lines[at].clone()).unwrap();
        lines[at] = text.replacen("\"lost\":", "\"lost\":7", 1).into_bytes();
        let rewritten = Log::relinked(&lines);
        let report = rewritten.verify(&keyed());
        // Behind the last checkpoint is the window.
        assert_eq!(report.is_good(), at > 11, "{at}");
        if at < 11 {
            let record = if at < 5 { 5 } else { 11 };
            let fault = format!("record {record}: the root of the records before it is ");
            expect(
                &report,
                &format!("broken not_checked failed {record}"),
                &fault,
            );
        }
        let options = keyed().head(log.head());
        assert!(!rewritten.verify(&options).is_good());
    }
}

#[test]
fn rewrites_and_signs_with_another_key() {
    let mut log = Log::new();
    log.plains(5).checkpoint(&[&signer(2)]).plains(2);
    let fault = "record 5: its note is not signed by the key in force";
    expect(&log.verify(&keyed()), "ok not_checked failed 8", fault);
}

#[test]
fn signs_old_records_with_a_newer_key() {
    let (first, second) = (signer(1), signer(2));
    let mut log = Log::new();
    log.plains(3).checkpoint(&[&first]).plains(2);
    log.key_changed(&first, &second)
        .checkpoint(&[&first, &second]);
    log.plains(2).checkpoint(&[&second]);
    let report = log.verify(&keyed());
    expect(&report, "ok not_checked ok 11", "");
    assert_eq!(report.key.as_ref(), Some(second.key()));

    // Whoever has the newer key alone cannot write what was before the change.
    let mut forged = Log::new();
    forged.plains(4).checkpoint(&[&second]).plains(2);
    forged
        .key_changed(&first, &second)
        .checkpoint(&[&first, &second]);
    let fault = "record 4: its note is not signed by the key in force";
    expect(&forged.verify(&keyed()), "ok not_checked failed 9", fault);

    // Nor the change itself: it takes both.
    for signers in [&[&second as &dyn Signer][..], &[&second, &second]] {
        let mut forged = Log::new();
        forged
            .plains(4)
            .key_changed(&first, &second)
            .checkpoint(signers);
        let fault = "record 5: its note is not signed by the key in force";
        expect(&forged.verify(&keyed()), "ok not_checked failed 6", fault);
    }

    // The older key counts no more behind the change.
    let mut late = log.clone();
    late.plains(1).checkpoint(&[&first]);
    let fault = "record 12: its note is not signed by the key in force";
    expect(&late.verify(&keyed()), "ok not_checked failed 13", fault);
}

#[test]
fn leaves_a_change_of_key_half_done() {
    let (first, second) = (signer(1), signer(2));
    // A crash between the two records: the older key goes on.
    let mut log = Log::new();
    log.plains(3)
        .key_changed(&first, &second)
        .plains(1)
        .checkpoint(&[&first]);
    expect(&log.verify(&keyed()), "ok not_checked ok 6", "");
    let mut log = Log::new();
    log.plains(3)
        .key_changed(&first, &second)
        .checkpoint(&[&first])
        .checkpoint(&[&first]);
    expect(&log.verify(&keyed()), "ok not_checked ok 6", "");
    // A checkpoint of both that does not stand right behind changes nothing.
    let mut log = Log::new();
    log.plains(3).key_changed(&first, &second).plains(1);
    log.checkpoint(&[&first, &second]).checkpoint(&[&second]);
    let fault = "record 6: its note is not signed by the key in force";
    expect(&log.verify(&keyed()), "ok not_checked failed 7", fault);
    // A change from a key that is not in force changes nothing.
    let mut log = Log::new();
    log.plains(3).key_changed(&second, &second);
    log.checkpoint(&[&first, &second]).checkpoint(&[&second]);
    let fault = "record 5: its note is not signed by the key in force";
    expect(&log.verify(&keyed()), "ok not_checked failed 6", fault);
}

#[test]
fn changes_to_a_key_that_is_none() {
    let mut log = Log::new();
    let body = |to: &str| {
        let from = signer(1).key().to_string();
        format!(
            r#"{{"v":1,"kind":"key_changed","time":"2026-11-20T12:00:00.000000Z","durable":0,"origin":"{ORIGIN}","from":"{from}","to":"{to}""#
        )
    };
    log.body(body("example.org/log+0+AA").as_bytes())
        .checkpoint(&[&signer(1)]);
    let fault = "record 0: the key that is to follow cannot be used: expected a key";
    expect(&log.verify(&keyed()), "ok not_checked failed 2", fault);
    // The origin counts whatever the keys are.
    let mut log = Log::new();
    let named = body(&signer(2).key().to_string()).replacen(ORIGIN, "other", 1);
    let from = signer(1).key().to_string();
    let named = named.replacen(&from, &signer(3).key().to_string(), 1);
    log.body(named.as_bytes()).checkpoint(&[&signer(1)]);
    let fault = "record 0: it belongs to a log of another origin";
    expect(&log.verify(&keyed()), "ok not_checked failed 2", fault);
    let other = callgate_audit::Ed25519Signer::new("other", [3; 32]).unwrap();
    let mut log = Log::new();
    log.body(body(&other.key().to_string()).as_bytes());
    log.checkpoint(&[&signer(1)]);
    let fault = "record 0: it belongs to a log of another origin";
    expect(&log.verify(&keyed()), "ok not_checked failed 2", fault);
}

#[test]
fn drops_checkpoints() {
    let mut log = Log::new();
    log.plains(1).checkpoint(&[&signer(1)]).plains(2_000);
    expect(&log.verify(&keyed()), "ok not_checked ok 2002", "");
    log.plains(1);
    let fault = "record 2003: the log ends here, 2001 records behind its last checkpoint, expected at most 2000";
    expect(&log.verify(&keyed()), "ok not_checked failed 2003", fault);
    let strict = keyed().max_unsealed(1_000);
    assert!(!log.verify(&strict).is_good());
    assert!(log.verify(&keyed().max_unsealed(2_001)).is_good());
    // All of them.
    let mut log = Log::new();
    log.plains(3);
    let fault = "record 3: the log ends here without a checkpoint";
    expect(&log.verify(&keyed()), "ok not_checked failed 3", fault);
}

#[test]
fn puts_unsigned_records_between_signed_ones() {
    let log = sealed();
    let mut lines = log.lines.clone();
    let foreign = lines[2].clone();
    lines.insert(8, foreign);
    let fault = "record 12: it is about 11 records, expected 12";
    let report = Log::relinked(&lines).verify(&keyed());
    expect(&report, "broken not_checked failed 12", fault);
}

#[test]
fn swaps_two_logs() {
    let key = callgate_audit::Ed25519Signer::new("example.org/other", [1; 32]).unwrap();
    let mut other = Log::new();
    other.plains(3);
    let tree = other.tree();
    let note = SignedNote::sign("example.org/other", tree.size(), tree.root(), &[&key]).unwrap();
    let record = callgate_audit::CheckpointRecord::new(noon(), &tree, &note);
    other.record(&Record::Checkpoint(record));
    let fault = "record 3: it belongs to a log of another origin";
    expect(&other.verify(&keyed()), "ok not_checked failed 4", fault);
    // The right key, and the name that is expected is another one.
    let options = VerifyOptions::new().key(key.key().clone()).origin(ORIGIN);
    expect(&other.verify(&options), "ok not_checked failed 4", fault);
    let options = VerifyOptions::new().key(key.key().clone());
    expect(&other.verify(&options), "ok not_checked ok 4", "");
    // Without a key, the name is held against the log all the same.
    let options = VerifyOptions::new().origin(ORIGIN);
    expect(&other.verify(&options), "ok not_checked failed 4", fault);
}

#[test]
fn splices_from_another_log_of_the_key() {
    let log = sealed();
    let mut other = Log::new();
    other
        .plains(4)
        .plain(99)
        .checkpoint(&[&signer(1)])
        .plains(5);
    other.checkpoint(&[&signer(1)]).plains(3);
    let mut lines = log.lines[..8].to_vec();
    lines.extend_from_slice(&other.lines[8..]);
    // As it is, and linked anew.
    let bytes = lines.concat();
    let report = callgate_audit::verify_reader(&*bytes, &keyed()).unwrap();
    assert_eq!(report.integrity.as_str(), "broken");
    let fault = "record 11: the root of the records before it is ";
    let report = Log::relinked(&lines).verify(&keyed());
    expect(&report, "broken not_checked failed 11", fault);
}

#[test]
fn replays_a_valid_checkpoint() {
    let log = sealed();
    let mut lines = log.lines.clone();
    lines[11] = lines[5].clone();
    let fault = "record 11: it is about 5 records, expected 11";
    let report = Log::relinked(&lines).verify(&keyed());
    expect(&report, "broken not_checked failed 11", fault);
}

#[test]
fn changes_the_name_in_a_checkpoint() {
    let log = sealed();
    let mut lines = log.lines.clone();
    let text = String::from_utf8(lines[11].clone()).unwrap();
    lines[11] = text.replacen(ORIGIN, "example.org/lag", 1).into_bytes();
    let report = Log::relinked(&lines).verify(&keyed());
    let fault = "record 11: the note is about another log, size or root than the record";
    expect(&report, "broken not_checked failed 11", fault);
    // In the note, too: it is not signed so.
    lines[11] = text.replace(ORIGIN, "example.org/lag").into_bytes();
    let report = Log::relinked(&lines).verify(&keyed());
    let fault = "record 11: it belongs to a log of another origin";
    expect(&report, "ok not_checked failed 15", fault);
}

#[test]
fn forges_records_about_the_log() {
    let log = sealed();
    let principal = Principal::asserted("user:mallory".parse().unwrap());
    let texts = [ErasedText::new(Digest::of(b"text"))];
    let erased = ErasedRecord::new(noon(), &texts, &principal).unwrap();
    let recovered = RecoveredRecord::new(noon(), 7, Digest::of(b"torn"), "torn/x");
    for record in [Record::Erased(&erased), Record::Recovered(recovered)] {
        let mut body = Vec::new();
        record.encode(0, &mut body);
        let mut line = Vec::new();
        let _head = log.heads[4].link(&body, &mut line);
        let mut lines = log.lines.clone();
        lines[4] = line;
        let report = Log::relinked(&lines).verify(&keyed());
        let fault = "record 5: the root of the records before it is ";
        expect(&report, "broken not_checked failed 5", fault);
    }
}

#[test]
fn anchors_another_root() {
    let log = sealed();
    let other = SignedNote::sign(ORIGIN, 11, Digest::of(b"other"), &[&signer(1)]).unwrap();
    let fault = "record 10: the root of the records up to here is ";
    expect(
        &log.verify(&keyed().anchored(other.clone())),
        "broken not_checked failed 10",
        fault,
    );
    // Without a key: it was kept elsewhere, that is enough.
    let options = VerifyOptions::new().anchored(other);
    expect(
        &log.verify(&options),
        "broken not_checked not_checked 10",
        fault,
    );
    // By another key, of another name.
    let root = log.trees[11].root();
    let other = SignedNote::sign(ORIGIN, 11, root, &[&signer(2)]).unwrap();
    let fault = "record 11: a note kept elsewhere about the records before it is not signed";
    expect(
        &log.verify(&keyed().anchored(other)),
        "ok ok failed 15",
        fault,
    );
    let other = SignedNote::sign("other", 11, root, &[&signer(1)]).unwrap();
    let fault = "record 11: it belongs to a log of another origin";
    expect(
        &log.verify(&keyed().anchored(other)),
        "ok ok failed 15",
        fault,
    );
}

#[test]
fn fakes_a_torn_end() {
    let log = sealed();
    let mut torn = log.clone();
    torn.lines[14].truncate(40);
    // A crash leaves the same. Whoever kept a head or a note from behind it knows better.
    let fault = "record 14: the line does not end, 40 bytes are left over";
    expect(&torn.verify(&keyed()), "torn not_checked ok 14", fault);
    let options = keyed().anchored(anchor(&log, 15));
    let report = torn.verify(&options);
    expect(&report, "torn short ok 14", fault);
    assert!(!report.is_good());
}
