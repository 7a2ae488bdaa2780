//! The system refuses something, at every step there is.

use std::error::Error as _;
use std::io::ErrorKind;

use super::crash::{host, script, steps};
use super::host::{Host, LOG};
use super::machine::Fault;
use super::model::random;
use crate::sink::{AuditSink as _, SinkError};

/// What a sink gave as its reason, down to what the system said.
fn reason(error: &SinkError) -> String {
    let (SinkError::Poisoned(cause) | SinkError::Unknown(cause)) = error else {
        return error.to_string();
    };
    let source = cause.source().map(|source| format!(": {source}"));
    format!("{cause}{}", source.unwrap_or_default())
}

#[track_caller]
fn every_step(fault: Fault) {
    for ahead in [0, 600] {
        for step in 0..steps(ahead) {
            let mut host = host(ahead, 64);
            host.machine.fault(step, fault);
            let _stopped = script(&mut host);
            // Without a crash, and then with one.
            host.open().unwrap();
            host.append(1, 10).unwrap();
            host.sync().unwrap();
            host.crash(random(step));
            host.open().unwrap();
        }
    }
}

#[test]
fn input_or_output_error() {
    every_step(Fault::Error(ErrorKind::Other));
}

#[test]
fn no_room() {
    every_step(Fault::Error(ErrorKind::StorageFull));
    every_step(Fault::Error(ErrorKind::QuotaExceeded));
}

#[test]
fn interrupted() {
    every_step(Fault::Error(ErrorKind::Interrupted));
}

#[test]
fn no_room_for_good() {
    for ahead in [0, 600] {
        for room in (0..1600).step_by(37) {
            let mut host = host(ahead, 64);
            host.open().unwrap();
            host.machine.room(room);
            let mut told = None;
            while told.is_none() {
                told = host.append(1, 40).and_then(|()| host.sync()).err();
            }
            assert!(matches!(told, Some(SinkError::Full)), "{told:?}");
            let told = host.append(1, 1).unwrap_err();
            assert!(matches!(told, SinkError::Poisoned(_)));
            // Still no room, perhaps not even to move a torn end aside; nothing is lost by trying.
            host.log = None;
            let _refused = host.open();
            host.crash(random(room as u64));
            host.machine.heal();
            host.open().unwrap();
            host.append(1, 10).unwrap();
        }
    }
}

#[test]
fn short_writes_and_interruptions_are_nobodys_business() {
    for ahead in [0, 600] {
        let mut host = host(ahead, 64);
        for step in 0..steps(ahead) * 2 {
            host.machine.fault(step, Fault::Short);
        }
        script(&mut host).unwrap();
        let all: Vec<u64> = (0..8).collect();
        assert_eq!(host.possible, all);
        host.open().unwrap();
        assert_eq!(host.possible, all);
    }
}

#[test]
fn read_only_remount() {
    let mut host = host(0, 512);
    script(&mut host).unwrap();
    host.sync().unwrap();
    host.machine.read_only();
    let told = host.append(1, 10).unwrap_err();
    let segment = format!("{LOG}/{:020}.jsonl", 5);
    let expected = format!("cannot write `{segment}`: read-only filesystem or storage medium");
    assert_eq!(reason(&told), expected);
    let told = host.open().unwrap_err();
    assert_eq!(told.to_string(), format!("cannot open `{segment}`"));
    host.machine.heal();
    host.open().unwrap();
}

/// Does `harm` to the files of an open log; a sync notices.
#[track_caller]
fn check_replaced(harm: impl FnOnce(&Host, &str), expected: &str) {
    let mut host = host(0, 512);
    script(&mut host).unwrap();
    host.sync().unwrap();
    let segment = host
        .machine
        .names(LOG)
        .into_iter()
        .rfind(|name| name.starts_with('0'));
    harm(&host, &format!("{LOG}/{}", segment.unwrap()));
    host.append(1, 10).unwrap();
    let told = host.sync().unwrap_err();
    assert_eq!(reason(&told), expected);
    let told = host.append(1, 10).unwrap_err();
    assert_eq!(reason(&told), expected);
    assert!(host.log.as_ref().unwrap().head().is_err());
}

fn replaced(name: &str) -> String {
    format!("`{LOG}/{name}` was removed, replaced or cut off while the log was open")
}

#[test]
fn file_unlinked() {
    let expected = replaced("00000000000000000005.jsonl");
    check_replaced(|host, path| host.machine.unlink(path, None), &expected);
}

#[test]
fn file_replaced() {
    let expected = replaced("00000000000000000005.jsonl");
    check_replaced(
        |host, path| {
            let copy = host.machine.content(path);
            host.machine.unlink(path, Some(copy));
        },
        &expected,
    );
}

#[test]
fn file_cut_off() {
    // As programs do that rotate logs: what is written next stands behind a hole.
    let mut host = host(0, 512);
    script(&mut host).unwrap();
    host.sync().unwrap();
    let path = format!("{LOG}/{:020}.jsonl", 5);
    host.append(1, 10).unwrap();
    host.machine.tamper(&path, Vec::clear);
    let told = host.sync().unwrap_err();
    assert_eq!(reason(&told), replaced("00000000000000000005.jsonl"));
}

#[test]
fn lock_replaced() {
    let lock = format!("{LOG}/lock");
    check_replaced(
        |host, _| host.machine.unlink(&lock, Some(Vec::new())),
        &replaced("lock"),
    );
    check_replaced(
        |host, _| host.machine.unlink(&lock, None),
        &replaced("lock"),
    );
}

#[test]
fn file_replaced_before_the_next_is_made() {
    let mut host = host(0, 512);
    host.open().unwrap();
    host.append(1, 1000).unwrap();
    host.machine.unlink(&format!("{LOG}/{:020}.jsonl", 0), None);
    let told = host.append(1, 10).unwrap_err();
    assert_eq!(reason(&told), replaced("00000000000000000000.jsonl"));
}

/// A log with zeros ahead, about which a fork knows nothing that holds for long.
fn with_zeros() -> (Host, String) {
    let mut host = host(600, 512);
    host.options = host.options.segment_bytes(1 << 20);
    script(&mut host).unwrap();
    host.sync().unwrap();
    host.append(1, 10).unwrap();
    let path = format!("{LOG}/{:020}.jsonl", 0);
    assert!(host.machine.content(&path).ends_with(&[0]));
    (host, path)
}

#[test]
fn fork() {
    let (mut host, path) = with_zeros();
    let before = host.machine.content(&path);

    // The child has the same log in its memory.
    host.log.as_mut().unwrap().disk = host.machine.disk_of(7);
    let expected = "the log was opened by process 1 and used by its fork 7: open it anew";
    for _ in 0..2 {
        assert_eq!(reason(&host.append(1, 10).unwrap_err()), expected);
        assert_eq!(reason(&host.sync().unwrap_err()), expected);
        assert_eq!(
            reason(&host.log.as_ref().unwrap().head().unwrap_err()),
            expected
        );
    }
    host.log = None;
    assert_eq!(host.machine.content(&path), before);
}

#[test]
fn fork_that_only_drops_the_log() {
    let (mut host, path) = with_zeros();
    let before = host.machine.content(&path);
    host.log.as_mut().unwrap().disk = host.machine.disk_of(7);
    host.log = None;
    assert_eq!(host.machine.content(&path), before);
}

#[test]
fn durability_of_what_is_not_there() {
    let mut host = host(0, 512);
    script(&mut host).unwrap();
    let log = host.log.as_ref().unwrap();
    let head = log.head().unwrap();
    let beyond = crate::Head::new(head.records + 1, head.digest);
    let told = log.sync(beyond).unwrap_err();
    assert!(matches!(told, SinkError::Conflict(end) if end == head));
    log.sync(head).unwrap();
}
