//! Processes that are killed while they write, get in each other's way, or fork.
//!
//! The writer is this very program, started once more to run the test [`writer`] alone. It says on
//! its output which records it was told are durable; what it had said when it was killed must be in
//! the log. `CALLGATE_KILLS` sets how often: 40 by default.

use std::collections::HashSet;
use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use callgate_audit::{
    AuditSink as _, FileSink, FileSinkOptions, Head, Journal, VerifyOptions, verify_folder,
};

use crate::rig::{durable, numbered};

/// What tells the writer where its log is.
const FOLDER: &str = "CALLGATE_TEST_LOG";
/// The first number that the writer gives its records.
const FIRST: &str = "CALLGATE_TEST_FIRST";
const PRODUCERS: u64 = 8;
/// Numbers of one producer in one life.
const SPAN: u64 = 1_000_000;

/// Writes until it is killed, if it was started to do so; else there is nothing to test here.
#[test]
fn writer() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let first: u64 = env::var(FIRST).unwrap().parse().unwrap();
    let sink = match options().open(PathBuf::from(folder)) {
        Ok(sink) => sink,
        Err(error) => {
            println!("\nrefused: {error}");
            return;
        }
    };
    println!("\nfolder: {}", sink.folder().display());
    let journal = Journal::open(Arc::new(sink)).unwrap();
    thread::scope(|scope| {
        for producer in 0..PRODUCERS {
            let journal = &journal;
            scope.spawn(move || {
                for number in 0..SPAN {
                    let number = first + producer * SPAN + number;
                    let stored = journal.append(&numbered(number), durable()).unwrap();
                    // One write, so that no line is mixed with another one.
                    let line = format!("\nacknowledged: {} {number}\n", stored.seq);
                    std::io::stdout().write_all(line.as_bytes()).unwrap();
                }
            });
        }
    });
}

fn options() -> FileSinkOptions {
    let options = FileSinkOptions::new().segment_bytes(200 << 10);
    match env::var("CALLGATE_TEST_OWN_CHAIN") {
        Ok(_) => options.own_chain(),
        Err(_) => options,
    }
}

/// A writer in a process of its own.
struct Writer {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Writer {
    fn start(folder: &Path, first: u64, own_chain: bool) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "kill::writer", "--nocapture", "--test-threads=1"]);
        command.env(FOLDER, folder).env(FIRST, first.to_string());
        if own_chain {
            command.env("CALLGATE_TEST_OWN_CHAIN", "1");
        }
        let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// What it says next that begins with `start`; `None` once it says no more.
    fn says(&mut self, start: &str) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            // What no line feed ends was cut off.
            let whole = line.strip_suffix('\n');
            if let Some(rest) = whole.and_then(|line| line.strip_prefix(start)) {
                return Some(rest.to_owned());
            }
        }
    }

    /// Sequence and number of a record that it was told is durable.
    fn acknowledged(&mut self) -> Option<(u64, u64)> {
        let said = self.says("acknowledged: ")?;
        let (seq, number) = said.split_once(' ').unwrap();
        Some((seq.parse().unwrap(), number.parse().unwrap()))
    }

    fn kill(mut self) -> Vec<(u64, u64)> {
        self.child.kill().unwrap();
        let mut said = Vec::new();
        while let Some(acknowledged) = self.acknowledged() {
            said.push(acknowledged);
        }
        self.child.wait().unwrap();
        said
    }
}

/// A test that fails leaves no process behind.
impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The numbers of the records behind `from`, by their place. Each follows the one before it.
fn numbers(sink: &FileSink, from: Head) -> Vec<Option<u64>> {
    let mut numbers = Vec::new();
    let mut head = from;
    loop {
        let batch = sink.read(head.records, 10_000).unwrap();
        if batch.records() == 0 {
            assert_eq!(sink.head().unwrap(), head);
            return numbers;
        }
        assert_eq!(batch.start(), head);
        head = batch.end();
        numbers.extend(batch.lines().map(|line| {
            let record: serde_json::Value = serde_json::from_slice(line).unwrap();
            record["lost"].as_u64()
        }));
    }
}

#[test]
fn killed_again_and_again() {
    let kills = env::var("CALLGATE_KILLS").map_or(40, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut head = Head::EMPTY;
    let (mut acknowledged_in_all, mut unheard) = (0, 0);
    for life in 0..kills {
        let first = life * PRODUCERS * SPAN;
        let mut writer = Writer::start(&log, first, false);
        let mut acknowledged: Vec<_> = writer.acknowledged().into_iter().collect();
        // At another moment each time.
        thread::sleep(Duration::from_micros(life * 7919 % 15_000));
        acknowledged.extend(writer.kill());
        assert!(
            !acknowledged.is_empty(),
            "the writer of life {life} ended early"
        );

        let sink = FileSink::open(&log).unwrap();
        let stored = numbers(&sink, head);
        for (seq, number) in &acknowledged {
            let place = usize::try_from(seq - head.records).unwrap();
            assert_eq!(stored[place], Some(*number), "record {seq} of life {life}");
        }
        let known: Vec<u64> = stored.iter().copied().flatten().collect();
        assert!(
            known
                .iter()
                .all(|number| number / (PRODUCERS * SPAN) == life)
        );
        assert_eq!(
            known.iter().collect::<HashSet<_>>().len(),
            known.len(),
            "one twice"
        );
        for producer in 0..PRODUCERS {
            let of_one = known
                .iter()
                .filter(|number| *number / SPAN % PRODUCERS == producer);
            let order: Vec<u64> = of_one.map(|number| number % SPAN).collect();
            assert!(order.iter().copied().eq(0..order.len() as u64), "{order:?}");
        }
        head = sink.head().unwrap();
        acknowledged_in_all += acknowledged.len();
        unheard += known.len() - acknowledged.len();
    }
    let report = verify_folder(&log, &VerifyOptions::new().head(head)).unwrap();
    assert!(report.is_good(), "{:?}", report.first_fault);
    println!(
        "{kills} kills, {acknowledged_in_all} acknowledged, 0 lost, 0 twice, {unheard} stored and unheard"
    );
}

#[test]
fn second_process_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Writer::start(folder.path(), 0, false);
    first.acknowledged().unwrap();
    let mut second = Writer::start(folder.path(), SPAN, false);
    let told = second.says("refused: ").unwrap();
    assert_eq!(
        told,
        format!("the log in `{}` is in use", folder.path().display())
    );
    assert!(second.child.wait().unwrap().success());
    first.kill();
    // The lock goes with the process.
    FileSink::open(folder.path()).unwrap();
}

#[test]
fn second_process_with_a_chain_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Writer::start(folder.path(), 0, true);
    first.acknowledged().unwrap();
    let mut second = Writer::start(folder.path(), 0, true);
    let chain = PathBuf::from(second.says("folder: ").unwrap());
    assert_eq!(chain.parent(), Some(folder.path()));
    second.acknowledged().unwrap();
    for (writer, log) in [(first, folder.path()), (second, &*chain)] {
        let acknowledged = writer.kill();
        let sink = FileSink::open(log).unwrap();
        let stored = numbers(&sink, Head::EMPTY);
        for (seq, number) in acknowledged {
            assert_eq!(stored[usize::try_from(seq).unwrap()], Some(number));
        }
        let report = verify_folder(log, &VerifyOptions::new()).unwrap();
        assert!(report.is_good(), "{:?}", report.first_fault);
    }
}

#[test]
fn log_is_verified_while_another_process_writes() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::start(folder.path(), 0, false);
    writer.acknowledged().unwrap();
    let mut read = 0;
    for _ in 0..20 {
        let report = verify_folder(folder.path(), &VerifyOptions::new()).unwrap();
        // A record that is half written may show; nothing else.
        assert!(
            report.integrity.as_str() != "broken",
            "{:?}",
            report.first_fault
        );
        assert!(report.records >= read);
        read = report.records;
    }
    writer.kill();
}
