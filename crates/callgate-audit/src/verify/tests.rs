//! However a log comes in chunks: the report is the same.

use std::fs;
use std::num::NonZeroUsize;

use callgate_types::Digest;
use proptest::prelude::*;
use proptest::sample::Index;

use super::source::Source;
use super::{Fault, FaultKind, Report, Start, VerifyOptions, verify, was_being_written};
use crate::line::MAX_LINE;
use crate::{Head, SignedNote, Tree};

/// Bodies of a log of calls, with records that a verifier knows and such as it does not.
fn bodies() -> Vec<String> {
    let start = |kind: &str| {
        format!(r#"{{"v":1,"kind":"{kind}","time":"2026-11-20T12:00:00.000000Z","durable":0"#)
    };
    let mut bodies = Vec::new();
    for call in 0..12_u64 {
        let decided = bodies.len();
        let decision = match call % 4 {
            0 => r#""deny","code":"forbidden","rule":null,"matched":["a"],"observed":false"#,
            1 => r#""deny","code":"forbidden","rule":"a","matched":[],"observed":true"#,
            _ => r#""allow","code":"permitted","rule":"a","matched":["a"],"observed":false"#,
        };
        let filler = "some text ".repeat(usize::try_from(call).unwrap());
        bodies.push(format!(
            r#"{},"decision":{decision},"arguments":{{"text":{{"n":{call},"note":"{filler}"}}}}"#,
            start("decision")
        ));
        match call % 5 {
            0 => {}
            1 => bodies.push(format!(
                r#"{},"decision_seq":{decided},"reason":"dropped""#,
                start("not_begun")
            )),
            2 => bodies.push(format!(
                r#"{},"decision_seq":{decided}"#,
                start("abandoned")
            )),
            _ => {
                bodies.push(format!(r#"{},"texts":[]"#, start("erased")));
                bodies.push(format!(
                    r#"{},"decision_seq":{decided},"status":"ok","duration_us":{call}"#,
                    start("outcome")
                ));
            }
        }
    }
    bodies
}

struct Log {
    lines: Vec<Vec<u8>>,
    heads: Vec<Head>,
    trees: Vec<Tree>,
}

fn log() -> Log {
    let mut log = Log {
        lines: Vec::new(),
        heads: vec![Head::EMPTY],
        trees: vec![Tree::new()],
    };
    for body in bodies() {
        let (mut line, mut tree) = (Vec::new(), log.trees.last().unwrap().clone());
        let head = log.heads.last().unwrap().link(body.as_bytes(), &mut line);
        tree.push(head.digest);
        log.lines.push(line);
        log.heads.push(head);
        log.trees.push(tree);
    }
    log
}

fn report(bytes: &[u8], options: &VerifyOptions, chunk: usize) -> Report {
    let start = options.start.clone().map_or(Start::First, Start::trusted);
    let source = Source::of_stream(bytes).in_chunks(chunk);
    verify(source, start, options, None).unwrap()
}

#[track_caller]
fn check(bytes: &[u8], options: &VerifyOptions) -> Report {
    let alone = report(bytes, options, 1);
    for chunk in [2, 100, 700, 4_000, 1 << 20] {
        for threads in [1, 3] {
            let options = options.clone().threads(NonZeroUsize::new(threads).unwrap());
            let found = report(bytes, &options, chunk);
            assert_eq!(
                format!("{found:?}"),
                format!("{alone:?}"),
                "chunks of {chunk}"
            );
        }
    }
    alone
}

/// A note that nobody has signed rightly: what it is about is held against the log all the same.
fn note(tree: &Tree) -> SignedNote {
    let signature = "AAAAAAAAAAA=";
    let root = <base64ct::Base64 as base64ct::Encoding>::encode_string(tree.root().as_bytes());
    format!(
        "example.org/log\n{}\n{root}\n\n\u{2014} example.org/log {signature}\n",
        tree.size()
    )
    .parse()
    .unwrap()
}

proptest! {
    #[test]
    fn chunks_of_any_size(
        flips in prop::collection::vec((any::<Index>(), 0_u8..8), 0..2),
        dropped in prop::option::of(any::<Index>()),
        pinned in prop::collection::vec(any::<Index>(), 0..3),
        anchored in prop::option::of(any::<Index>()),
        padding in 0_usize..300,
    ) {
        let log = log();
        let mut lines = log.lines.clone();
        if let Some(line) = dropped {
            drop(lines.remove(line.index(lines.len())));
        }
        let mut bytes = lines.concat();
        for (at, bit) in &flips {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        bytes.extend(vec![0; padding]);
        let mut options = VerifyOptions::new();
        options.heads = pinned.iter().map(|at| log.heads[at.index(log.heads.len())]).collect();
        if let Some(at) = anchored {
            options = options.anchored(note(&log.trees[at.index(log.trees.len())]));
        }
        let found = check(&bytes, &options);
        if flips.is_empty() && dropped.is_none() {
            prop_assert_eq!(found.head, *log.heads.last().unwrap());
            prop_assert_eq!(found.root, Some(log.trees.last().unwrap().root()));
            prop_assert_eq!(found.dangling, 2);
            prop_assert_eq!(found.erasures, 4);
        }
    }
}

/// Lines as long as lines may be, and longer ones; behind others, and padded with zeros.
#[test]
fn long_lines() {
    let body = |length: usize| {
        let start =
            r#"{"v":1,"kind":"note","time":"2026-11-20T12:00:00.000000Z","durable":0,"text":""#;
        let tail = r#","seq":1,"prev":"","#.len() + Digest::ZERO.to_hex().len();
        format!("{start}{}\"", "x".repeat(length - start.len() - tail - 2))
    };
    for (length, good) in [
        (MAX_LINE - 1, true),
        (MAX_LINE, true),
        (MAX_LINE + 1, false),
    ] {
        let (mut bytes, body) = (Vec::new(), body(length));
        let head = Head::EMPTY.link(
            r#"{"v":1,"kind":"note","time":"2026-11-20T12:00:00.000000Z","durable":0"#.as_bytes(),
            &mut bytes,
        );
        let short = bytes.len();
        let _head = head.link(body.as_bytes(), &mut bytes);
        assert_eq!(bytes.len() - short, length);
        let found = check(&bytes, &VerifyOptions::new());
        assert_eq!(found.is_good(), good, "{length}");
        bytes.truncate(short + length - 1);
        for zeros in [0, MAX_LINE] {
            bytes.truncate(short + length - 1);
            bytes.resize(short + length - 1 + zeros, 0);
            let found = check(&bytes, &VerifyOptions::new());
            let fault = found.first_fault.unwrap();
            assert_eq!((found.records, fault.offset), (1, short as u64));
            assert_eq!(found.integrity.as_str(), "torn");
            bytes.push(b'x');
            check(&bytes, &VerifyOptions::new());
        }
    }
    for zeros in [1, MAX_LINE, 3 * MAX_LINE] {
        let mut bytes = log().lines.concat();
        let length = bytes.len();
        bytes.resize(length + zeros, 0);
        assert!(check(&bytes, &VerifyOptions::new()).is_good());
        bytes.push(b'x');
        let found = check(&bytes, &VerifyOptions::new());
        assert_eq!(found.first_fault.unwrap().offset, length as u64);
    }
}

/// A fault that was seen beside a writer is looked at again once its line is a record; one that stays
/// is told at once.
#[test]
fn line_that_was_being_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("00000000000000000000.jsonl");
    let body = bodies().remove(0);
    let record = format!("{body},\"seq\":0,\"prev\":\"{}\"}}\n", "0".repeat(64));
    let fault = Fault {
        record: 0,
        segment: Some(path.clone()),
        offset: 0,
        kind: FaultKind::Line(crate::LineFault::NotJson { at: 0 }),
    };
    fs::write(&path, &record).unwrap();
    assert!(was_being_written(&fault));
    for still in [record.replace('{', "\0"), record.replace('\n', "\0")] {
        fs::write(&path, still).unwrap();
        assert!(!was_being_written(&fault));
    }
    fs::remove_file(&path).unwrap();
    assert!(!was_being_written(&fault));
}
