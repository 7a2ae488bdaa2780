//! Processes that die, and processes that meet.
//!
//! A process of its own is this very program, told by its environment which part to play.

use std::collections::HashSet;
use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use callgate_audit::{AppendError, AuditSink as _, Head, Journal, SinkError};

use crate::rig::{batch, durable, folder, numbered, numbers, open, write};

const PART: &str = "CALLGATE_TEST_PART";
const FILE: &str = "CALLGATE_TEST_FILE";
const FIRST: &str = "CALLGATE_TEST_FIRST";
const PRODUCERS: u64 = 8;

/// How often a writer is killed; more for a longer run.
const KILLS: &str = "CALLGATE_TEST_KILLS";

fn spawn(limit: &str, part: &str, path: &Path, first: u64) -> Child {
    let script = format!("{limit} exec \"$0\" --exact processes::part --nocapture");
    let mut command = Command::new("sh");
    command
        .args(["-c", &script])
        .arg(env::current_exe().unwrap());
    command.env(PART, part).env(FILE, path);
    command.env(FIRST, first.to_string());
    command.stdout(Stdio::piped()).spawn().unwrap()
}

/// Plays a part in another test's process; does nothing where nobody asked.
#[test]
fn part() {
    let Ok(part) = env::var(PART) else { return };
    let path = PathBuf::from(env::var(FILE).unwrap());
    let first: u64 = env::var(FIRST).unwrap().parse().unwrap();
    match &*part {
        "produce" => produce(&path, first),
        "no_room" => no_room(&path),
        "append" => append(&path, first),
        other => panic!("there is no part `{other}`"),
    }
}

fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "said {word}").unwrap();
    out.flush().unwrap();
}

/// What a process said, until it ended.
fn heard(child: &mut Child) -> Vec<String> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = lines.map_while(Result::ok);
    // What a kill cut off was not said.
    let words = said.filter_map(|line| Some(line.split_once("said ")?.1.to_owned()));
    words
        .filter_map(|word| word.strip_suffix('.').map(ToOwned::to_owned))
        .collect()
}

fn produce(path: &Path, first: u64) {
    let journal = Journal::open(Arc::new(open(path))).unwrap();
    thread::scope(|scope| {
        for producer in 0..PRODUCERS {
            let journal = &journal;
            scope.spawn(move || {
                for round in 0.. {
                    let number = first + round * PRODUCERS + producer;
                    journal.append(&numbered(number), durable()).unwrap();
                    say(&format!("{number}."));
                }
            });
        }
    });
}

#[test]
fn killed_again_and_again() {
    let kills = env::var(KILLS).map_or(20, |kills| kills.parse().unwrap());
    let (_folder, path) = folder();
    let mut acknowledged = Vec::new();
    for kill in 0..kills {
        let mut child = spawn("", "produce", &path, kill << 32);
        let stdout = child.stdout.take().unwrap();
        let reader = thread::spawn(move || {
            let lines = BufReader::new(stdout).lines().map_while(Result::ok);
            let words = lines.filter_map(|line| Some(line.split_once("said ")?.1.to_owned()));
            let whole = words.filter_map(|word| word.strip_suffix('.')?.parse::<u64>().ok());
            whole.collect::<Vec<_>>()
        });
        thread::sleep(Duration::from_millis(40 + kill * 7 % 60));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged.extend(reader.join().unwrap());
    }
    assert!(acknowledged.len() as u64 > kills, "{}", acknowledged.len());
    let stored = numbers(&path);
    let once: HashSet<u64> = stored.iter().copied().collect();
    assert_eq!(once.len(), stored.len(), "a record stands there twice");
    let lost: Vec<_> = acknowledged
        .iter()
        .filter(|it| !once.contains(it))
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
    let acknowledged = acknowledged.len();
    println!("{kills} kills: {acknowledged} acknowledged, 0 lost, 0 twice");
}

/// Appends until the limit of the shell says no.
fn no_room(path: &Path) {
    let journal = Journal::open(Arc::new(open(path))).unwrap();
    for number in 0.. {
        match journal.append(&numbered(number), durable()) {
            Ok(_) => say(&format!("{number}.")),
            Err(AppendError::Closed(SinkError::Full | SinkError::Poisoned(_))) => {
                return say("closed.");
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[cfg(unix)]
#[test]
fn writes_that_the_system_refuses() {
    let (_folder, path) = folder();
    // Files of more than 100 blocks cannot be written; the signal for it is ignored.
    let limit = "ulimit -f 100 && trap '' XFSZ;";
    let mut child = spawn(limit, "no_room", &path, 0);
    let mut said = heard(&mut child);
    assert!(child.wait().unwrap().success());
    assert_eq!(said.pop().as_deref(), Some("closed.".trim_end_matches('.')));
    let acknowledged: Vec<u64> = said.iter().map(|word| word.parse().unwrap()).collect();
    assert!(!acknowledged.is_empty());
    let stored = numbers(&path);
    assert_eq!(stored[..acknowledged.len()], acknowledged);
    write(&path, [u64::from(u32::MAX)]);
    assert_eq!(numbers(&path).len(), stored.len() + 1);
}

/// Appends one record at the start of the chain.
fn append(path: &Path, number: u64) {
    let sink = open(path);
    match sink.append(Head::EMPTY, &batch(Head::EMPTY, [number])) {
        Ok(()) => say("won."),
        Err(SinkError::Conflict(head)) => say(&format!("{head}.")),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn two_processes_on_one_chain() {
    for _ in 0..5 {
        let (_folder, path) = folder();
        let mut both = [1, 2].map(|number| spawn("", "append", &path, number));
        let said = both.each_mut().map(heard).concat();
        for child in &mut both {
            assert!(child.wait().unwrap().success());
        }
        let head = open(&path).head().unwrap();
        assert_eq!(numbers(&path).len(), 1);
        let (won, lost): (Vec<_>, Vec<_>) = said.into_iter().partition(|word| word == "won");
        assert_eq!((won.len(), lost), (1, vec![head.to_string()]));
    }
}
