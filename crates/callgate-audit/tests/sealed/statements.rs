//! What a record says about the log itself: each way in which that can be wrong.

use callgate_audit::{SignedNote, VerifyOptions};

use crate::log::{Log, ORIGIN, expect, keyed, sealed, signer};

/// Replaces part of the last checkpoint, and links the log anew.
#[track_caller]
fn check(from: &str, to: &str, fault: &str) {
    let mut log = Log::new();
    log.plains(5).checkpoint(&[&signer(1)]);
    let text = String::from_utf8(log.lines[5].clone()).unwrap();
    assert!(text.contains(from), "{text}");
    log.lines[5] = text.replacen(from, to, 1).into_bytes();
    let changed = Log::relinked(&log.lines);
    let fault = format!("record 5: {fault}");
    expect(
        &changed.verify(&keyed()),
        "broken not_checked failed 5",
        &fault,
    );
    // It is as wrong without a key.
    let report = changed.verify(&VerifyOptions::new());
    expect(&report, "broken not_checked not_checked 5", &fault);
}

const FORM: &str = "expected the keys of the kind of the record, in their order and form";

#[test]
fn form() {
    check("\"origin\":\"", "\"origen\":\"", FORM);
    check("\"size\":5", "\"size\":\"5\"", FORM);
    check("\"size\":5", "\"size\":5.0", FORM);
    check("\"size\":5,", "\"x\":0,\"size\":5,", FORM);
    check("\"root\":\"", "\"root\":\"0", FORM);
    check("\"peaks\":[", "\"peaks\":[\"\",", FORM);
    check("\"peaks\":[\"", "\"peaks\":[null,\"", FORM);
    check("\"],\"note\"", "\"],\"not\"", FORM);
    let many = format!(
        "\"peaks\":[{}",
        format!("\"{}\",", "0".repeat(64)).repeat(64)
    );
    check("\"peaks\":[", &many, FORM);
}

#[test]
fn note_that_is_none() {
    let fault = "expected an empty line as line 4 of the note";
    check("\\n\\n", "\\nmore\\n\\n", fault);
    check(
        "\\n5\\n",
        "\\nfive\\n",
        "expected a number of records in line 2 of the note",
    );
}

#[test]
fn note_that_says_something_else() {
    let fault = "the note is about another log, size or root than the record";
    check("\"size\":5", "\"size\":6", fault);
    check("\\n5\\n", "\\n6\\n", fault);
    check(ORIGIN, "example.org/lag", fault);
    let root = sealed().trees[5].root().to_string();
    check(
        &format!("\"root\":\"{root}"),
        &format!("\"root\":\"{}", "0".repeat(64)),
        fault,
    );
}

#[test]
fn peaks() {
    let tree = &sealed().trees[5];
    let (first, second) = (tree.peaks()[0].to_string(), tree.peaks()[1].to_string());
    let fault = "the peaks do not lead to the root";
    check(
        &format!("[\"{first}\",\"{second}\"]"),
        &format!("[\"{second}\",\"{first}\"]"),
        fault,
    );
    check(
        &format!("[\"{first}\",\"{second}\"]"),
        &format!("[\"{first}\"]"),
        fault,
    );
    check(&format!("[\"{first}\",\"{second}\"]"), "[]", fault);
}

#[test]
fn further_keys_are_passed_over() {
    let mut log = Log::new();
    log.plains(5).checkpoint(&[&signer(1)]);
    let text = String::from_utf8(log.lines[5].clone()).unwrap();
    log.lines[5] = text
        .replacen(",\"seq\"", ",\"further\":[{}],\"seq\"", 1)
        .into_bytes();
    let log = Log::relinked(&log.lines);
    expect(&log.verify(&keyed()), "ok not_checked ok 6", "");
}

#[test]
fn size_of_another_place() {
    // A note about fewer records, signed and right when it was made.
    let mut log = Log::new();
    log.plains(5);
    let note = log.note(&[&signer(1)]);
    let tree = log.tree();
    log.plains(1);
    let record = callgate_audit::CheckpointRecord::new(crate::log::noon(), &tree, &note);
    log.record(&callgate_audit::Record::Checkpoint(record));
    let fault = "record 6: it is about 5 records, expected 6";
    expect(&log.verify(&keyed()), "broken not_checked failed 6", fault);
}

#[test]
fn root_of_other_records() {
    let mut other = Log::new();
    other.plains(4).plain(99);
    let mut log = Log::new();
    log.plains(5);
    let (tree, note) = (other.tree(), other.note(&[&signer(1)]));
    let record = callgate_audit::CheckpointRecord::new(crate::log::noon(), &tree, &note);
    log.record(&callgate_audit::Record::Checkpoint(record));
    let fault = "record 5: the root of the records before it is ";
    expect(&log.verify(&keyed()), "broken not_checked failed 5", fault);
}

#[test]
fn change_of_key_and_removal_without_form() {
    for (record, from, to) in [
        (3, "\"from\":", "\"form\":"),
        (3, "\"origin\":\"", "\"origin\":[\""),
        (3, "\"to\":", "\"to\":1,\"too\":"),
        (4, "\"until\":2", "\"until\":02"),
        (4, "\"until\":2", "\"until\":null"),
        (4, "\"archive\":\"", "\"archive\":\"x"),
        (4, "\"archive_bytes\":", "\"archive_bites\":"),
    ] {
        let mut log = Log::new();
        log.plains(3).key_changed(&signer(1), &signer(2)).pruned(2);
        let text = String::from_utf8(log.lines[record].clone()).unwrap();
        let text = text.replacen(from, to, 1);
        let text = text.replacen("[\"example.org/log\"", "[\"example.org/log\"]", 1);
        log.lines[record] = text.into_bytes();
        let log = Log::relinked(&log.lines);
        let report = log.verify(&VerifyOptions::new());
        let words = format!("broken not_checked not_checked {record}");
        let kind = report.first_fault.as_ref().unwrap().to_string();
        if kind.contains("not JSON") {
            continue;
        }
        expect(&report, &words, &format!("record {record}: {FORM}"));
    }
    for (until, fault) in [
        ("0", "it is about 0 records, expected 4"),
        ("5", "it is about 5 records, expected 4"),
        ("3", "the peaks do not lead to the root"),
    ] {
        let mut log = Log::new();
        log.plains(4).pruned(2);
        let text = String::from_utf8(log.lines[4].clone()).unwrap();
        let text = text.replacen("\"until\":2", &format!("\"until\":{until}"), 1);
        log.lines[4] = text.into_bytes();
        let report = Log::relinked(&log.lines).verify(&VerifyOptions::new());
        expect(
            &report,
            "broken not_checked not_checked 4",
            &format!("record 4: {fault}"),
        );
    }
}

#[test]
fn witnesses() {
    let log = sealed();
    let witness = |seed: u8| {
        callgate_audit::Ed25519Signer::witness(&format!("witness{seed}"), [seed; 32]).unwrap()
    };
    let keys = |seeds: &[u8]| {
        let keys = seeds.iter().map(|seed| witness(*seed));
        keys.map(|one| callgate_audit::Signer::key(&one).clone())
            .collect::<Vec<_>>()
    };
    let tree = &log.trees[11];
    let note = SignedNote::sign(ORIGIN, 11, tree.root(), &[&signer(1)]).unwrap();
    let note = note
        .cosign(&witness(1), 5)
        .unwrap()
        .cosign(&witness(2), 6)
        .unwrap();
    let check = |seeds: &[u8], quorum, expected: &str| {
        let options = keyed()
            .anchored(note.clone())
            .witnesses(keys(seeds), quorum);
        let report = log.verify(&options);
        let words = format!("{} {}", report.authenticity.as_str(), report.cosignatures);
        assert_eq!(words, expected);
    };
    check(&[1, 2], 2, "ok 2");
    check(&[1, 3], 1, "ok 1");
    check(&[1, 3], 2, "failed 1");
    check(&[1, 1], 2, "failed 1");
    check(&[3], 1, "failed 0");
    let report = log.verify(&keyed().witnesses(keys(&[1]), 1));
    let fault = "record 15: 0 witnesses have cosigned a note about the log, expected 1";
    expect(&report, "ok not_checked failed 15", fault);
}
