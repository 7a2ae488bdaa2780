//! Zeros ahead of the records: when there are some, and how many.

use super::host::{Host, LOG};
use super::machine::Machine;
use crate::FileSinkOptions;

const FIRST: &str = "/data/audit/00000000000000000000.jsonl";

fn host(options: FileSinkOptions) -> Host {
    let mut host = Host::new(Machine::new(512), options);
    host.open().unwrap();
    host
}

/// How many zeros the segment ends with.
fn zeros(host: &Host) -> usize {
    let bytes = host.machine.content(FIRST);
    bytes.iter().rev().take_while(|byte| **byte == 0).count()
}

#[test]
fn none_where_nobody_syncs() {
    let mut host = host(FileSinkOptions::new());
    for _ in 0..10 {
        host.append(1, 100).unwrap();
    }
    assert_eq!(zeros(&host), 0);
}

#[test]
fn small_logs_take_small_steps() {
    let mut host = host(FileSinkOptions::new());
    host.append(1, 100).unwrap();
    host.sync().unwrap();
    assert_eq!(zeros(&host), 0);
    host.append(1, 100).unwrap();
    assert!((64 << 10..72 << 10).contains(&zeros(&host)));
    let length = host.machine.content(FIRST).len();
    for _ in 0..100 {
        host.append(1, 100).unwrap();
        host.sync().unwrap();
        assert_eq!(host.machine.content(FIRST).len(), length);
    }
}

#[test]
fn steps_grow_with_the_file_and_have_an_end() {
    let mut host = host(FileSinkOptions::new().zero_ahead(1 << 20));
    host.append(1, 1).unwrap();
    host.sync().unwrap();
    let (mut records, mut longest) = (0, 0);
    while records < 4 << 20 {
        host.append(4, 9_000).unwrap();
        host.sync().unwrap();
        let ahead = zeros(&host);
        records = host.machine.content(FIRST).len() - ahead;
        assert!(
            ahead <= records.max(64 << 10) + 4096,
            "{ahead} behind {records}"
        );
        longest = longest.max(ahead);
    }
    assert!(
        (900 << 10..=(1 << 20) + 4096).contains(&longest),
        "{longest}"
    );
}

#[test]
fn switched_off() {
    let mut host = host(FileSinkOptions::new().zero_ahead(0));
    for _ in 0..10 {
        host.append(1, 100).unwrap();
        host.sync().unwrap();
        assert_eq!(zeros(&host), 0);
    }
}

#[test]
fn cut_off_when_the_log_is_closed_and_when_a_file_is_full() {
    let mut host = host(FileSinkOptions::new().segment_bytes(2000));
    for _ in 0..4 {
        host.append(1, 300).unwrap();
        host.sync().unwrap();
    }
    assert!(zeros(&host) > 0);
    assert_eq!(host.machine.content(FIRST).len(), 2000);
    for _ in 0..4 {
        host.append(1, 300).unwrap();
        host.sync().unwrap();
    }
    assert_eq!(zeros(&host), 0);
    let last = host
        .machine
        .names(LOG)
        .into_iter()
        .rfind(|name| name.starts_with('0'));
    let last = format!("{LOG}/{}", last.unwrap());
    host.log = None;
    assert!(host.machine.content(&last).ends_with(b"\n"));
    host.open().unwrap();
    assert_eq!(host.possible.len(), 8);
}

#[test]
fn no_room_for_zeros_is_no_fault() {
    let mut host = host(FileSinkOptions::new());
    host.append(1, 100).unwrap();
    host.sync().unwrap();
    host.machine.room(5_000);
    for _ in 0..4 {
        host.append(1, 100).unwrap();
        host.sync().unwrap();
    }
    host.crash(|| false);
    host.machine.heal();
    host.open().unwrap();
    assert_eq!(host.possible.len(), 5);
}
