//! Verifications that do not begin at the first record: behind what was verified before, and
//! behind what was removed.

use std::fs;
use std::path::Path;

use callgate_audit::{Head, Signer, Trusted, VerifyOptions, verify_folder};
use callgate_types::Digest;

use crate::log::{Log, expect, keyed, sealed, signer};

/// Writes the lines from `from` on, in files of four.
pub(crate) fn write(log: &Log, folder: &Path, from: usize) {
    for (place, lines) in log.lines.chunks(4).enumerate() {
        let first = place * 4;
        if first >= from {
            let path = folder.join(format!("{first:020}.jsonl"));
            fs::write(path, lines.concat()).unwrap();
        }
    }
}

#[track_caller]
pub(crate) fn check(log: &Log, from: usize, options: &VerifyOptions, expected: &str, fault: &str) {
    let folder = tempfile::tempdir().unwrap();
    write(log, folder.path(), from);
    let mut report = verify_folder(folder.path(), options).unwrap();
    if let Some(fault) = &mut report.first_fault {
        fault.segment = None;
    }
    expect(&report, expected, fault);
}

/// What a verification of the first `size` records leaves to the next one.
pub(crate) fn trusted(log: &Log, size: usize) -> Trusted {
    let mut start = log.clone();
    start.lines.truncate(size);
    let trusted = start.verify(&VerifyOptions::new()).trusted.unwrap();
    assert_eq!(trusted.head(), log.heads[size]);
    assert_eq!(trusted.to_string().parse(), Ok(trusted.clone()));
    trusted
}

#[test]
fn goes_on_from_any_record() {
    let log = sealed();
    for size in 1..=15 {
        let options = keyed().start(trusted(&log, size));
        check(&log, 0, &options, "ok not_checked ok 15", "");
        expect(&log.verify(&options), "ok not_checked ok 15", "");
        // The files before are not needed, but for the one in which it begins.
        check(
            &log,
            (size - 1) / 4 * 4,
            &options,
            "ok not_checked ok 15",
            "",
        );
        let report = log.verify(&options);
        assert_eq!(report.verified_from, size as u64);
        assert_eq!(report.root, Some(log.tree().root()));
        // The head is that of the whole log.
        let options = options.head(log.head());
        expect(&log.verify(&options), "ok ok ok 15", "");
    }
    let options = keyed().start(trusted(&log, 15).to_string().parse().unwrap());
    assert_eq!(log.verify(&options).trusted, Some(trusted(&log, 15)));
}

/// Files behind the start are named after their first record, as all are.
#[test]
fn misnamed_file_behind_the_start() {
    let log = sealed();
    let folder = tempfile::tempdir().unwrap();
    write(&log, folder.path(), 0);
    let named = |first: usize| folder.path().join(format!("{first:020}.jsonl"));
    fs::rename(named(8), named(9)).unwrap();
    let options = keyed().start(trusted(&log, 6));
    let mut report = verify_folder(folder.path(), &options).unwrap();
    if let Some(fault) = &mut report.first_fault {
        fault.segment = None;
    }
    let fault = "record 8: the file is named after record 9, expected record 8";
    expect(&report, "broken not_checked not_checked 8", fault);
}

#[test]
fn goes_on_from_nothing() {
    let log = sealed();
    let zeros = "0".repeat(64);
    let options = keyed().start(format!("0:{zeros}").parse().unwrap());
    expect(&log.verify(&options), "ok not_checked ok 15", "");
    expect(
        &Log::new().verify(&options),
        "empty not_checked failed 0",
        "record 0: the log ends here without a checkpoint",
    );
}

#[test]
fn goes_on_from_another_log() {
    let log = sealed();
    let mut other = Log::new();
    other.plains(4).plain(9).checkpoint(&[&signer(1)]).plains(8);
    // The record before the start is there, and another one.
    let options = keyed().start(trusted(&other, 6));
    let fault = "record 5: the digest of the records up to here is ";
    check(&log, 0, &options, "broken not_checked not_checked 6", fault);
    // It is not there: the next one says what it was.
    let options = keyed().start(trusted(&other, 8));
    let fault = "record 8: it does not follow its predecessor";
    check(&log, 8, &options, "broken not_checked not_checked 8", fault);
}

#[test]
fn goes_on_behind_the_end() {
    let log = sealed();
    let mut short = log.clone();
    short.lines.truncate(9);
    let options = keyed().start(trusted(&log, 12));
    let fault = "record 12: the log ends here, expected 12 records";
    check(&short, 0, &options, "empty short ok 12", fault);
    let fault = "record 12: expected record 12, found record 13";
    let mut gap = log.clone();
    gap.lines.remove(12);
    expect(
        &gap.verify(&options),
        "broken not_checked not_checked 12",
        fault,
    );
}

#[test]
fn changes_before_the_start_are_not_looked_at() {
    let mut log = sealed();
    let options = keyed().start(trusted(&log, 8));
    log.lines[3] = b"nonsense\n".to_vec();
    expect(&log.verify(&options), "ok not_checked ok 15", "");
    // Those behind it are.
    log.lines[9] = b"nonsense\n".to_vec();
    let fault = "record 9: not JSON at byte 0 of the line";
    expect(
        &log.verify(&options),
        "broken not_checked not_checked 9",
        fault,
    );
}

#[test]
fn roots_are_checked_behind_the_start() {
    let log = sealed();
    let mut options = keyed().start(trusted(&log, 8));
    let text = trusted(&log, 8).to_string();
    let (head, _) = text.rsplit_once(':').unwrap();
    let wrong = format!("{head}:{}", Digest::of(b"other"));
    options.start = Some(wrong.parse().unwrap());
    let fault = "record 11: the root of the records before it is ";
    expect(&log.verify(&options), "broken not_checked failed 11", fault);
}

#[test]
fn heads_and_notes_about_what_is_not_read() {
    let log = sealed();
    let options = keyed().start(trusted(&log, 8)).head(log.heads[3]);
    expect(&log.verify(&options), "ok not_checked ok 15", "");
    let options = keyed().start(trusted(&log, 8)).head(log.heads[8]);
    expect(&log.verify(&options), "ok ok ok 15", "");
    let other = Head::new(8, Digest::of(b"other"));
    let options = keyed().start(trusted(&log, 8)).head(other);
    let fault = "record 7: the digest of the records up to here is ";
    expect(
        &log.verify(&options),
        "broken not_checked not_checked 8",
        fault,
    );
    let mut early = log.clone();
    early.trees.truncate(4);
    let note = early.note(&[&signer(1)]);
    let options = keyed().start(trusted(&log, 8)).anchored(note);
    let report = log.verify(&options);
    expect(&report, "ok not_checked ok 15", "");
    assert_eq!(report.unchecked_anchors, 1);
}

#[test]
fn unsealed_records_count_from_the_start() {
    let mut log = Log::new();
    log.plains(5).checkpoint(&[&signer(1)]).plains(2);
    let options = keyed().start(trusted(&log, 7)).max_unsealed(3);
    log.plains(2);
    expect(&log.verify(&options), "ok not_checked ok 10", "");
    log.plains(1);
    let fault = "record 11: the log ends here, 4 records behind its last checkpoint";
    expect(&log.verify(&options), "ok not_checked failed 11", fault);
}

#[test]
fn texts_that_are_no_trusted_end() {
    let text = trusted(&sealed(), 6).to_string();
    let expected = "expected `SIZE:DIGEST`, or behind it a peak for each bit that is set in SIZE, \
                    with `:` between";
    for wrong in [
        "",
        "6",
        text.rsplit_once(':').unwrap().0,
        &*format!("{text}:"),
        &*format!("{text}:{}", Digest::ZERO),
        &*text.replacen("6:", "06:", 1),
        &*text.to_uppercase(),
    ] {
        let error = wrong.parse::<Trusted>().unwrap_err();
        assert_eq!(error.to_string(), expected, "{wrong}");
    }
}

/// Fifteen records, of which the first eight may be removed, and a checkpoint over it all.
fn pruned() -> Log {
    let mut log = sealed();
    log.pruned(8).checkpoint(&[&signer(1)]).plains(1);
    log
}

#[test]
fn removed_records_are_confirmed() {
    let log = pruned();
    for (from, pruned) in [(0, None), (4, Some(8)), (8, Some(8))] {
        let folder = tempfile::tempdir().unwrap();
        write(&log, folder.path(), from);
        let report = verify_folder(folder.path(), &keyed()).unwrap();
        expect(&report, "ok not_checked ok 18", "");
        assert_eq!((report.verified_from, report.pruned), (from as u64, pruned));
        assert_eq!(report.root, Some(log.tree().root()));
        assert_eq!(report.trusted.unwrap().head(), log.head());
    }
    let fault = "record 0: the file is named after record 12, expected record 0";
    check(
        &log,
        12,
        &keyed(),
        "broken not_checked not_checked 0",
        fault,
    );
    let fault = "record 0: the file is named after record 4, expected record 0";
    check(
        &sealed(),
        4,
        &keyed(),
        "broken not_checked not_checked 0",
        fault,
    );
}

#[test]
fn removed_records_are_in_the_tree() {
    let log = pruned();
    let options = keyed()
        .anchored(log.note(&[&signer(1)]))
        .head(log.heads[12]);
    check(&log, 8, &options, "ok ok ok 18", "");
    check(&log, 4, &options, "ok ok ok 18", "");
    // A head from before: nothing can be said.
    let options = keyed().head(log.heads[3]);
    check(&log, 8, &options, "ok not_checked ok 18", "");
    let options = keyed().head(log.heads[8]);
    check(&log, 8, &options, "ok ok ok 18", "");
    let options = keyed().head(log.heads[4]);
    check(&log, 4, &options, "ok ok ok 18", "");
    let options = keyed().head(Head::new(4, Digest::of(b"other")));
    let fault = "record 3: the digest of the records up to here is ";
    check(&log, 4, &options, "broken not_checked not_checked 4", fault);
}

#[test]
fn removal_is_forged() {
    // Peaks of other records, in a log that was linked anew behind them.
    let log = pruned();
    let text = String::from_utf8(log.lines[15].clone()).unwrap();
    let peak = log.trees[8].peaks()[0].to_string();
    let mut lines = log.lines.clone();
    lines[15] = text
        .replace(&peak, &Digest::of(b"other").to_string())
        .into_bytes();
    let forged = Log::relinked(&lines);
    let fault = "record 11: the root of the records before it is ";
    check(&forged, 8, &keyed(), "broken not_checked failed 11", fault);
    // The digest of another record.
    let digest = log.heads[8].digest.to_string();
    lines[15] = text
        .replace(&digest, &Digest::of(b"other").to_string())
        .into_bytes();
    let forged = Log::relinked(&lines);
    let fault = "record 8: it does not follow its predecessor";
    check(
        &forged,
        8,
        &keyed(),
        "broken not_checked not_checked 8",
        fault,
    );
    let fault = "record 7: it hashes to ";
    check(
        &forged,
        4,
        &keyed(),
        "broken not_checked not_checked 7",
        fault,
    );
    // A record of a removal that nobody signed.
    let mut forged = sealed();
    forged.pruned(8);
    let report = |max: u64| {
        let folder = tempfile::tempdir().unwrap();
        write(&forged, folder.path(), 8);
        verify_folder(folder.path(), &keyed().max_unsealed(max)).unwrap()
    };
    // It stands behind the last checkpoint: that is the window.
    assert!(report(4).is_good());
    assert!(!report(3).is_good());
}

#[test]
fn key_of_a_log_whose_start_was_removed() {
    let (first, second) = (signer(1), signer(2));
    let mut log = Log::new();
    log.plains(3)
        .checkpoint(&[&first])
        .key_changed(&first, &second);
    log.checkpoint(&[&first, &second])
        .plains(2)
        .checkpoint(&[&second]);
    log.plains(1).pruned(8).checkpoint(&[&second]);
    let both = keyed().key(second.key().clone());
    check(&log, 8, &both, "ok not_checked ok 12", "");
    check(&log, 0, &both, "ok not_checked ok 12", "");
    check(
        &log,
        8,
        &VerifyOptions::new().key(second.key().clone()),
        "ok not_checked ok 12",
        "",
    );
    let fault = "record 8: its note is not signed by the key in force";
    check(&log, 8, &keyed(), "ok not_checked failed 12", fault);
    // From the first record on, the first key it is.
    let turned = VerifyOptions::new()
        .key(second.key().clone())
        .key(first.key().clone());
    let fault = "record 3: its note is not signed by the key in force";
    check(&log, 0, &turned, "ok not_checked failed 12", fault);
    // A change of key tells, too.
    let mut log = Log::new();
    log.plains(4)
        .key_changed(&first, &second)
        .checkpoint(&[&first, &second]);
    log.pruned(4).checkpoint(&[&second]);
    check(&log, 4, &both, "ok not_checked ok 8", "");
}
