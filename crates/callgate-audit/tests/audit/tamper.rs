//! A log that somebody changed: what the verifier says.

use std::fs;

use callgate_audit::{FileSinkOptions, Head, VerifyOptions, verify_folder, verify_reader};
use callgate_types::Digest;

use crate::file_sink::write;
use crate::rig::{accepted, numbered, open, sink, text};

/// The lines of a log of six records, each with its line feed, and the heads behind them.
fn six() -> (Vec<Vec<u8>>, Vec<Head>) {
    let sink = sink();
    let journal = open(&sink);
    for number in 0..6 {
        journal.append(&numbered(number), accepted()).unwrap();
    }
    let text = text(&sink);
    let lines: Vec<_> = text
        .split_inclusive('\n')
        .map(|line| line.as_bytes().to_vec())
        .collect();
    let heads = lines
        .iter()
        .zip(1..)
        .map(|(line, records)| Head::new(records, digest(line)));
    let heads = heads.collect();
    (lines, heads)
}

fn digest(line: &[u8]) -> Digest {
    Digest::of(&[b"\0", &line[..line.len() - 1]].concat())
}

/// Verifies a log after `tamper`; expects `INTEGRITY COMPLETENESS RECORDS`, and the fault.
#[track_caller]
fn check(
    head: impl FnOnce(&[Head]) -> Option<Head>,
    tamper: impl FnOnce(&mut Vec<Vec<u8>>),
    expected: &str,
    fault: &str,
) {
    let (mut lines, heads) = six();
    let mut options = VerifyOptions::new();
    options.heads.extend(head(&heads));
    tamper(&mut lines);
    let report = verify_reader(&*lines.concat(), &options).unwrap();
    let words = format!(
        "{} {} {}",
        report.integrity.as_str(),
        report.completeness.as_str(),
        report.records
    );
    assert_eq!(words, expected);
    let told = report
        .first_fault
        .map(|fault| fault.to_string())
        .unwrap_or_default();
    assert!(told.starts_with(fault), "{told}");
    assert_eq!(fault.is_empty(), told.is_empty(), "{told}");
}

fn none(_: &[Head]) -> Option<Head> {
    None
}

fn last(heads: &[Head]) -> Option<Head> {
    heads.last().copied()
}

/// Changes the digit of `lost`: the line stays a record.
fn change(line: &mut [u8]) {
    assert!(line[..77].ends_with(b"\"lost\":") || line[76].is_ascii_digit());
    line[76] = if line[76] == b'9' { b'8' } else { b'9' };
}

#[test]
fn untouched() {
    check(none, |_| {}, "ok not_checked 6", "");
    check(last, |_| {}, "ok ok 6", "");
    check(|heads| Some(heads[3]), |_| {}, "ok ok 6", "");
    check(|_| Some(Head::EMPTY), |_| {}, "ok ok 6", "");
}

#[test]
fn changed_record() {
    let tamper = |lines: &mut Vec<Vec<u8>>| change(&mut lines[2]);
    check(
        none,
        tamper,
        "broken not_checked 2",
        "record 2, byte 322: it hashes to ",
    );
    let tamper = |lines: &mut Vec<Vec<u8>>| change(&mut lines[4]);
    check(
        none,
        tamper,
        "broken not_checked 4",
        "record 4, byte 644: it hashes to ",
    );
    let tamper = |lines: &mut Vec<Vec<u8>>| change(&mut lines[0]);
    check(
        none,
        tamper,
        "broken not_checked 0",
        "record 0, byte 0: it hashes to ",
    );
}

#[test]
fn changed_link() {
    let tamper = |lines: &mut Vec<Vec<u8>>| {
        let at = lines[2].len() - 10;
        lines[2][at] = if lines[2][at] == b'0' { b'1' } else { b'0' };
    };
    check(
        none,
        tamper,
        "broken not_checked 2",
        "record 2, byte 322: it does not follow",
    );
    let tamper = |lines: &mut Vec<Vec<u8>>| {
        let at = lines[0].len() - 10;
        lines[0][at] = b'1';
    };
    check(
        none,
        tamper,
        "broken not_checked 0",
        "record 0, byte 0: it does not follow",
    );
}

/// Makes all lines from `from` on follow the one before them.
fn relink(lines: &mut [Vec<u8>], from: usize) {
    for at in from..lines.len() {
        let before = digest(&lines[at - 1]).to_string();
        let line = &mut lines[at];
        let prev = line.len() - 67;
        line[prev..prev + 64].copy_from_slice(before.as_bytes());
    }
}

/// Whoever pinned a head vouches for the records before it.
#[test]
fn pinned_head_says_which_record_changed() {
    let both = |lines: &mut Vec<Vec<u8>>| {
        change(&mut lines[2]);
        let at = lines[4].len() - 10;
        lines[4][at] = if lines[4][at] == b'0' { b'1' } else { b'0' };
    };
    // The next record does not speak for record 3, but the pin does.
    let fault = "record 2, byte 322: it hashes to ";
    check(
        |heads| heads.get(3).copied(),
        both,
        "broken not_checked 2",
        fault,
    );
    let rewritten = |lines: &mut Vec<Vec<u8>>| {
        let at = lines[3].len() - 10;
        lines[3][at] = if lines[3][at] == b'0' { b'1' } else { b'0' };
        relink(lines, 4);
    };
    // The next record speaks for record 3, but record 2 is pinned.
    let fault = "record 3, byte 483: it does not follow";
    check(
        |heads| heads.get(2).copied(),
        rewritten,
        "broken ok 3",
        fault,
    );
    let fault = "record 2, byte 322: it hashes to ";
    check(none, rewritten, "broken not_checked 2", fault);
}

#[test]
fn last_record_changed() {
    let tamper = |lines: &mut Vec<Vec<u8>>| change(&mut lines[5]);
    // Nothing in the log tells.
    check(none, tamper, "ok not_checked 6", "");
    let fault = "record 5, byte 805: the digest of the records up to here is ";
    check(last, tamper, "broken not_checked 5", fault);
}

#[test]
fn record_before_the_last_changed() {
    let tamper = |lines: &mut Vec<Vec<u8>>| change(&mut lines[4]);
    check(
        last,
        tamper,
        "broken not_checked 4",
        "record 4, byte 644: it hashes to ",
    );
}

#[test]
fn line_that_is_no_record() {
    let tamper = |lines: &mut Vec<Vec<u8>>| lines[2][5] = b'x';
    let fault = "record 2, byte 322: not JSON at byte 5 of the line";
    check(none, tamper, "broken not_checked 2", fault);
    let tamper = |lines: &mut Vec<Vec<u8>>| lines[2][20] = 0xff;
    let fault = "record 2, byte 322: not UTF-8 at byte 20 of the line";
    check(none, tamper, "broken not_checked 2", fault);
    let tamper = |lines: &mut Vec<Vec<u8>>| lines.insert(3, b"\n".to_vec());
    let fault = "record 3, byte 483: not JSON at byte 0 of the line";
    check(none, tamper, "broken not_checked 3", fault);
    let tamper = |lines: &mut Vec<Vec<u8>>| {
        let at = lines[1].len() - 1;
        lines[1].insert(at, b'\r');
    };
    check(
        none,
        tamper,
        "broken not_checked 1",
        "record 1, byte 161: not JSON",
    );
}

#[test]
fn dropped_record() {
    let tamper = |lines: &mut Vec<Vec<u8>>| drop(lines.remove(2));
    let fault = "record 2, byte 322: expected record 2, found record 3";
    check(none, tamper, "broken not_checked 2", fault);
    let tamper = |lines: &mut Vec<Vec<u8>>| drop(lines.remove(0));
    let fault = "record 0, byte 0: expected record 0, found record 1";
    check(none, tamper, "broken not_checked 0", fault);
}

#[test]
fn repeated_record() {
    let tamper = |lines: &mut Vec<Vec<u8>>| lines.insert(3, lines[2].clone());
    let fault = "record 3, byte 483: expected record 3, found record 2";
    check(none, tamper, "broken not_checked 3", fault);
}

#[test]
fn reordered_records() {
    let tamper = |lines: &mut Vec<Vec<u8>>| lines.swap(2, 3);
    let fault = "record 2, byte 322: expected record 2, found record 3";
    check(none, tamper, "broken not_checked 2", fault);
}

#[test]
fn renumbered_after_a_drop() {
    // Whoever drops a record and numbers the rest anew must write all links anew, too.
    let tamper = |lines: &mut Vec<Vec<u8>>| {
        lines.remove(2);
        for (seq, line) in lines.iter_mut().enumerate().skip(2) {
            let text = String::from_utf8(line.clone()).unwrap();
            let old = format!(",\"seq\":{}", seq + 1);
            *line = text.replace(&old, &format!(",\"seq\":{seq}")).into_bytes();
        }
    };
    check(
        none,
        tamper,
        "broken not_checked 2",
        "record 2, byte 322: it does not follow",
    );
}

#[test]
fn truncated_at_a_record() {
    let tamper = |lines: &mut Vec<Vec<u8>>| lines.truncate(4);
    check(none, tamper, "ok not_checked 4", "");
    let fault = "record 4, byte 644: the log ends here, expected 6 records";
    check(last, tamper, "ok short 4", fault);
}

#[test]
fn torn() {
    let tamper = |lines: &mut Vec<Vec<u8>>| lines[5].truncate(160);
    let fault = "record 5, byte 805: the line does not end, 160 bytes are left over";
    check(none, tamper, "torn not_checked 5", fault);
    check(last, tamper, "torn short 5", fault);
    check(|heads| Some(heads[4]), tamper, "torn ok 5", fault);
}

#[test]
fn more_durable_than_there_were() {
    let (mut lines, heads) = six();
    let text = String::from_utf8(lines[4].clone()).unwrap();
    let body = text.split(",\"seq\"").next().unwrap();
    for (durable, good) in [(4, true), (5, false)] {
        let body = body.replace("\"durable\":0", &format!("\"durable\":{durable}"));
        lines.truncate(4);
        let mut line = Vec::new();
        let _head = heads[3].link(body.as_bytes(), &mut line);
        lines.push(line);
        let report = verify_reader(&*lines.concat(), &VerifyOptions::new()).unwrap();
        assert_eq!(report.is_good(), good);
        if let Some(fault) = report.first_fault {
            let told = "record 4, byte 644: record 4 says that 5 records were durable before it";
            assert_eq!(fault.to_string(), told);
        }
    }
}

#[test]
fn zeros() {
    check(
        none,
        |lines| lines.push(vec![0; 4096]),
        "ok not_checked 6",
        "",
    );
    let tamper = |lines: &mut Vec<Vec<u8>>| lines.insert(3, vec![0; 4096]);
    check(
        none,
        tamper,
        "broken not_checked 3",
        "record 3, byte 483: not JSON",
    );
    let tamper = |lines: &mut Vec<Vec<u8>>| {
        lines[5].truncate(160);
        lines.push(vec![0; 4096]);
    };
    let fault = "record 5, byte 805: the line does not end, 160 bytes are left over";
    check(none, tamper, "torn not_checked 5", fault);
}

#[test]
fn nothing() {
    check(none, Vec::clear, "empty not_checked 0", "");
    let fault = "record 0, byte 0: the log ends here, expected 6 records";
    check(last, Vec::clear, "empty short 0", fault);
    let tamper = |lines: &mut Vec<Vec<u8>>| *lines = vec![vec![0; 9]];
    check(none, tamper, "empty not_checked 0", "");
}

#[test]
fn endless_line() {
    let tamper = |lines: &mut Vec<Vec<u8>>| lines.push(vec![b'x'; 3 << 20]);
    let fault = "record 6, byte 966: expected a line of at most 1048576 bytes";
    check(none, tamper, "broken not_checked 6", fault);
}

#[test]
fn folder_of_another_log() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let options = FileSinkOptions::new().segment_bytes(1);
    write(one.path(), &options, 0..4);
    write(other.path(), &options, 10..14);
    let name = "00000000000000000002.jsonl";
    let kept = fs::read(one.path().join(name)).unwrap();
    fs::copy(other.path().join(name), one.path().join(name)).unwrap();
    let fault = |expected: &str| {
        let report = verify_folder(one.path(), &VerifyOptions::new()).unwrap();
        assert_eq!(report.integrity.as_str(), "broken");
        let fault = report.first_fault.unwrap().to_string();
        let place = one.path().display().to_string();
        let fault = fault.replace(&place, "LOG");
        assert!(fault.starts_with(expected), "{fault}");
    };
    fault("record 2 in `LOG/00000000000000000002.jsonl`, byte 0: it does not follow");

    fs::remove_file(one.path().join(name)).unwrap();
    fault(
        "record 2 in `LOG/00000000000000000003.jsonl`, byte 0: the file is named after record 3, expected record 2",
    );
    fs::write(one.path().join(name), &kept[..kept.len() - 1]).unwrap();
    fault(
        "record 2 in `LOG/00000000000000000002.jsonl`, byte 0: the line does not end, and another file follows",
    );
    fs::write(one.path().join(name), &kept).unwrap();
    fs::write(one.path().join("0.jsonl"), "").unwrap();
    fault("record 0 in `LOG/0.jsonl`, byte 0: the file is not named like a file of the log");
}

#[test]
fn every_byte_of_a_record_counts() {
    let (lines, heads) = six();
    let bytes = lines.concat();
    let options = VerifyOptions::new().head(heads[5]);
    for at in 0..bytes.len() {
        for flip in [1, 0x20, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            let report = verify_reader(&*changed, &options).unwrap();
            assert!(!report.is_good(), "byte {at}");
            let record = (at / lines[0].len()) as u64;
            let named = report.first_fault.unwrap().record;
            assert!(named == record || named + 1 == record, "byte {at}: {named}");
        }
    }
}

#[test]
fn every_prefix_is_short_or_torn() {
    let (lines, heads) = six();
    let bytes = lines.concat();
    let options = VerifyOptions::new().head(heads[5]);
    for length in 0..bytes.len() {
        let report = verify_reader(&bytes[..length], &options).unwrap();
        assert_eq!(report.completeness.as_str(), "short");
        assert!(!report.is_good());
    }
}
