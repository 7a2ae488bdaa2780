//! The sink of the guide, tried with the conformance kit; and the guide, which shows its very code.

#![expect(clippy::unwrap_used, reason = "a test that stumbles fails")]

#[path = "../own_sink/objects.rs"]
mod objects;
#[path = "../own_sink/sink.rs"]
mod sink;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use callgate_audit::testkit::{self, Kit};

use crate::sink::ObjectSink;

/// A new folder below a new one, for each number.
fn folders() -> impl Fn() -> PathBuf + Send + Sync {
    let parent = tempfile::tempdir().unwrap();
    let count = AtomicUsize::new(0);
    move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        parent.path().join(number.to_string())
    }
}

#[test]
fn keeps_the_rules() -> Result<(), testkit::Broken> {
    let folder = folders();
    testkit::check(move || ObjectSink::open(&folder()))
}

#[test]
fn keeps_the_rules_of_what_outlives_it() -> Result<(), testkit::Broken> {
    let folder = folders();
    Kit::new(move || ObjectSink::open(&folder()))
        .reopen(|sink: ObjectSink| ObjectSink::open(sink.folder()))
        .crash(|sink: ObjectSink| ObjectSink::open(sink.folder()))
        .rival(|sink: &ObjectSink| ObjectSink::open(sink.folder()))
        .check()
}

/// Every block of code in the guide stands in one of the files that it is about, line by line.
#[test]
fn guide_shows_this_code() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let files = [
        read("own_sink/objects.rs"),
        read("own_sink/sink.rs"),
        read("tests/own_sink.rs"),
    ];
    let guide = read("../docs/guides/write-a-sink.md");
    let mut blocks = 0_u32;
    for block in guide.split("```rust\n").skip(1) {
        let code = block.split("```").next().unwrap_or_default();
        let found = files.iter().any(|file| file.contains(code));
        assert!(found, "no file has this code:\n{code}");
        blocks = blocks.saturating_add(1);
    }
    assert!(blocks >= 6, "{blocks}");
}
