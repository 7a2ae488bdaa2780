//! A process that forks, by the system's own call, while it has a log and clear texts open.
//!
//! It is this very program, started once more to run the test [`part`] alone, so that no other test has threads
//! in it.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{self, Command};
use std::sync::Arc;
use std::time::Duration;

use callgate_audit::texts::{ClearText, FileTexts, Salt, TextError, TextStore as _};
use callgate_audit::{
    AuditSink as _, Durability, FileSink, FileSinkOptions, Journal, VerifyOptions, verify_folder,
};
use fork::{Fork, fork, waitpid};

use crate::rig::{durable, numbered};

const FOLDER: &str = "CALLGATE_TEST_FORK";
const SOON: Duration = Duration::from_secs(5);

fn put(texts: &FileTexts, number: u8) -> Result<(), TextError> {
    let text = format!("\"secret {number}\"");
    let text = ClearText::new(Salt::from_bytes([number; 32]), &text).unwrap();
    texts.put(&[text], Durability::Durable, SOON)
}

/// The error and what it is about, with the numbers of processes taken out.
fn told<T>(result: Result<T, impl Error>) -> String {
    let Err(error) = result else {
        return "ok".to_owned();
    };
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    plain(&words)
}

fn plain(words: &str) -> String {
    words.replace(|c: char| c.is_ascii_digit(), "")
}

/// Plays both parts in the process of another test; does nothing where nobody asked.
#[test]
fn part() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let (log, texts) = (folder.join("log"), folder.join("texts"));
    let sink = Arc::new(FileSink::open(&log).unwrap());
    let journal = Journal::open(Arc::clone(&sink) as Arc<_>).unwrap();
    let texts = FileTexts::open(&texts).unwrap();
    for number in 0..5 {
        journal.append(&numbered(number), durable()).unwrap();
    }
    put(&texts, 1).unwrap();
    match fork().unwrap() {
        Fork::Child => {
            let said = child(&log, &sink, &journal, &texts);
            fs::write(folder.join("said"), said.join("\n")).unwrap();
            // As a child does that ends well.
            drop((journal, sink, texts));
            process::exit(0);
        }
        Fork::Parent(child) => {
            // Meanwhile, too.
            journal.append(&numbered(5), durable()).unwrap();
            assert_eq!(waitpid(child).unwrap(), 0);
            for number in 6..10 {
                journal.append(&numbered(number), durable()).unwrap();
            }
            put(&texts, 2).unwrap();
        }
    }
}

fn child(log: &Path, sink: &FileSink, journal: &Journal, texts: &FileTexts) -> Vec<String> {
    let own = FileSinkOptions::new().own_chain().open(log).unwrap();
    let at = own.folder().to_owned();
    let mine = Journal::open(Arc::new(own)).unwrap();
    mine.append(&numbered(100), durable()).unwrap();
    vec![
        told(journal.append(&numbered(99), durable())),
        told(sink.head()),
        told(put(texts, 3)),
        told(FileSink::open(log).map(drop)),
        at.display().to_string(),
    ]
}

#[test]
fn fork_gets_nothing_into_the_log_of_its_parent() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "forked::part", "--test-threads=1"]);
    let ended = command.env(FOLDER, folder.path()).output().unwrap();
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stdout)
    );
    let said = fs::read_to_string(folder.path().join("said")).unwrap();
    let said: Vec<&str> = said.lines().collect();
    let path = folder.path().join("log");
    let forked = "opened by process  and used by its fork";
    let log = format!("the log takes no more records: the log was {forked} : open it anew");
    let texts = format!("the clear texts were {forked} : open them anew");
    let expected = [
        &*format!("the log is closed: {log}"),
        &log,
        &format!("the store of clear texts takes no more: {texts}"),
        &plain(&format!("the log in `{}` is in use", path.display())),
    ];
    assert_eq!(said[..4], expected);

    let report = verify_folder(&path, &VerifyOptions::new()).unwrap();
    assert!(report.is_good(), "{:?}", report.first_fault);
    let lines = FileSink::open(&path).unwrap().read(0, 100).unwrap();
    let numbers = lines.lines().map(|line| {
        let record: serde_json::Value = serde_json::from_slice(line).unwrap();
        record["lost"].as_u64().unwrap()
    });
    assert!(numbers.eq(0..10));
    let texts = FileTexts::open(folder.path().join("texts")).unwrap();
    assert_eq!(texts.list(None, 9).unwrap().len(), 2);
    // The child has a chain of its own, where it asks for one.
    let own = verify_folder(said[4], &VerifyOptions::new()).unwrap();
    assert!(own.is_good() && own.records > 0, "{:?}", own.first_fault);
}
