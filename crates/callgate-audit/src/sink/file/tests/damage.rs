//! Files that no crash leaves so: every change is told, or changes nothing that was durable.

use super::crash::host;
use super::host::{Host, LOG, integrity, whole};
use crate::{Completeness, FileSinkError, Head, Integrity, VerifyOptions, verify_reader};

const FIRST: &str = "/data/audit/00000000000000000000.jsonl";

/// A closed log of five records in one segment; the last says that four are durable.
fn five() -> Host {
    let mut host = host(0, 512);
    host.options = host.options.segment_bytes(1 << 20);
    host.open().unwrap();
    for _ in 0..5 {
        host.append(1, 4).unwrap();
        host.sync().unwrap();
    }
    host.log = None;
    host
}

/// A closed log of six records in three segments.
fn three_segments() -> (Host, Head) {
    let mut host = host(0, 512);
    host.options = host.options.segment_bytes(300);
    host.open().unwrap();
    for _ in 0..6 {
        host.append(1, 4).unwrap();
        host.sync().unwrap();
    }
    host.log = None;
    assert_eq!(segments(&host).len(), 3);
    let report = verify_reader(&*whole(&host.machine), &VerifyOptions::new()).unwrap();
    (host, report.head)
}

fn segments(host: &Host) -> Vec<String> {
    let mut names = host.machine.names(LOG);
    names.retain(|name| name.starts_with('0'));
    names.iter().map(|name| format!("{LOG}/{name}")).collect()
}

#[test]
fn every_bit_of_every_field() {
    let good = five().machine.content(FIRST);
    let starts: Vec<usize> = good
        .split_inclusive(|byte| *byte == b'\n')
        .scan(0, |at, line| {
            let start = *at;
            *at += line.len();
            Some(start)
        })
        .collect();
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut host = five();
            host.machine.tamper(FIRST, |bytes| bytes[at] ^= 1 << bit);
            let record = starts.iter().rposition(|start| *start <= at).unwrap() as u64;
            match host.stored() {
                Err(FileSinkError::Damaged {
                    record: found,
                    durable,
                    ..
                }) => {
                    assert!(found <= record && durable >= 4, "byte {at}, bit {bit}");
                }
                Err(error) => panic!("byte {at}, bit {bit}: {error}"),
                Ok(stored) => {
                    // Nothing follows the last record that would tell: only a head that was kept.
                    assert_eq!(record, 4, "byte {at}, bit {bit}");
                    assert_eq!(stored[..4], [0, 1, 2, 3]);
                }
            }
        }
    }
}

#[test]
fn stale_sectors() {
    // Behind the end stands what an older file held there.
    let mut host = five();
    let good = host.machine.content(FIRST);
    host.machine.tamper(FIRST, |bytes| {
        let stale = good[200..700].to_vec();
        bytes.extend(stale);
    });
    host.open().unwrap();
    assert_eq!(host.possible.len(), 5);
    let torn = &host.log.as_ref().unwrap().torn;
    assert_eq!((torn.len(), torn[0].bytes), (1, 500));
}

#[test]
fn lost_segments() {
    for lost in 0..3 {
        let (mut host, head) = three_segments();
        host.machine.unlink(&segments(&host)[lost], None);
        let report = verify_reader(&*whole(&host.machine), &VerifyOptions::new().head(head));
        let report = report.unwrap();
        assert!(!report.is_good());
        if lost == 2 {
            // A log that is cut at its end is a shorter log: the head that was kept tells.
            assert_eq!(report.completeness, Completeness::Short);
            host.due = 4;
            host.open().unwrap();
        } else {
            assert_eq!(report.integrity, Integrity::Broken);
        }
        if lost == 1 {
            let told = host.open().unwrap_err();
            assert!(matches!(
                told,
                FileSinkError::MissingSegment { expected: 2, .. }
            ));
        }
    }
}

#[test]
fn empty_segments() {
    for empty in 0..3 {
        let (mut host, head) = three_segments();
        host.machine.tamper(&segments(&host)[empty], Vec::clear);
        let report = verify_reader(&*whole(&host.machine), &VerifyOptions::new().head(head));
        assert!(!report.unwrap().is_good());
        match empty {
            1 => {
                let told = host.open().unwrap_err();
                assert!(matches!(told, FileSinkError::BadSegment { .. }));
            }
            2 => {
                host.due = 4;
                host.open().unwrap();
            }
            _ => {}
        }
    }
}

#[test]
fn duplicated_segments() {
    // In the place of the next one: none of its records belongs there.
    let (mut host, _) = three_segments();
    let copy = host.machine.content(&segments(&host)[1]);
    host.machine
        .unlink(&format!("{LOG}/{:020}.jsonl", 6), Some(copy));
    assert_eq!(integrity(&host.machine), Integrity::Broken);
    host.open().unwrap();
    assert_eq!(host.log.as_ref().unwrap().torn.len(), 1);
    // In the place of the last one: what was durable is not there.
    let (mut host, _) = three_segments();
    let all = segments(&host);
    let copy = host.machine.content(&all[1]);
    host.machine.tamper(&all[2], |bytes| *bytes = copy);
    assert_eq!(integrity(&host.machine), Integrity::Broken);
    host.due = 4;
    host.open().unwrap();
    assert_eq!(host.log.as_ref().unwrap().torn.len(), 1);
}
