//! Who is in good standing, in a file.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use callgate_identity::standing::testkit::Kit;
use callgate_identity::standing::{Change, Position, Revocation, StandingStore, StoreError};
use callgate_store_sqlite::{SqliteSink, SqliteSinkError, SqliteStanding};

use crate::rig::{error_of, foreign};

const PART: &str = "CALLGATE_TEST_STANDING";

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("standing.db");
    (folder, path)
}

fn numbered(number: u64) -> Change {
    let session = Revocation::session(Some("acme"), &number.to_string()).unwrap();
    Change::revoke(session, "user:officer".parse().unwrap())
}

#[test]
fn conforms() {
    let (folder, _) = folder();
    let parent = folder.path().to_owned();
    let count = AtomicUsize::new(0);
    Kit::new(move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        SqliteStanding::open(parent.join(format!("{number}.db")))
    })
    .reopen(|store: SqliteStanding| {
        let path = store.path().to_owned();
        drop(store);
        SqliteStanding::open(path)
    })
    .rival(|store| SqliteStanding::open(store.path()))
    .check()
    .unwrap();
}

#[test]
fn files_that_are_something_else() {
    let (_folder, path) = folder();
    drop(SqliteSink::open(&path).unwrap());
    let told = format!("`{}` is not a standing store", path.display());
    assert_eq!(error_of(SqliteStanding::open(&path)), told);

    let (_folder, path) = folder();
    drop(SqliteStanding::open(&path).unwrap());
    assert!(SqliteSink::open(&path).is_err());
    foreign(&path)
        .pragma_update(None, "user_version", 7)
        .unwrap();
    let told = format!(
        "`{}` has format 7, expected 1 or before: a later version wrote it",
        path.display()
    );
    assert_eq!(error_of(SqliteStanding::open(&path)), told);

    let (_folder, path) = folder();
    drop(SqliteStanding::open(&path).unwrap());
    foreign(&path)
        .execute_batch("CREATE TABLE mine (a)")
        .unwrap();
    let told = SqliteStanding::open(&path).unwrap_err();
    assert!(
        matches!(&told, SqliteSinkError::Altered { object, .. } if object == "mine"),
        "{told}"
    );
}

/// Whatever is done to an open file behind its back: the store says that it cannot be read.
#[test]
fn files_that_are_changed() {
    let check = |sql: &str, expected: &str| {
        let (_folder, path) = folder();
        let store = SqliteStanding::open(&path).unwrap();
        for number in 0..3 {
            store.put(&numbered(number)).unwrap();
        }
        foreign(&path).execute_batch(sql).unwrap();
        let told = store
            .changes(Position::START, 10)
            .map(|found| found.end.number());
        let told = match told {
            Ok(end) => format!("{end} changes"),
            Err(error) => error.to_string(),
        };
        assert_eq!(told, expected, "{sql}");
    };
    let altered = "the standing store holds what cannot be read";
    check("UPDATE change SET text = '{}' WHERE position = 2", altered);
    check("UPDATE change SET time = 9223372036854775807", altered);
    check(
        "UPDATE change SET text = replace(text, '1', '1 ')",
        "3 changes",
    );
    check(
        "CREATE TRIGGER t INSERT ON change BEGIN SELECT RAISE(IGNORE); END",
        altered,
    );
    check("ALTER TABLE change ADD COLUMN more TEXT", altered);
    // A gate that had seen three of them denies.
    check("DELETE FROM change WHERE position = 3", "2 changes");
}

#[test]
fn a_file_that_is_removed_or_replaced() {
    let (_folder, path) = folder();
    let store = SqliteStanding::open(&path).unwrap();
    store.put(&numbered(1)).unwrap();
    store.changes(Position::START, 10).unwrap();
    std::fs::rename(&path, path.with_extension("old")).unwrap();
    let told = store.changes(Position::START, 10).unwrap_err();
    assert!(matches!(told, StoreError::Unreachable(_)), "{told}");
    let told = store.put(&numbered(2)).unwrap_err();
    assert!(matches!(told, StoreError::Unknown(_)), "{told}");
    drop(SqliteStanding::open(&path).unwrap());
    let told = store.changes(Position::START, 10).unwrap_err();
    assert!(matches!(told, StoreError::Unreachable(_)), "{told}");
}

/// A process of its own, which does what it is told, line by line.
struct Other {
    child: Child,
    say: ChildStdin,
    hear: BufReader<ChildStdout>,
}

impl Other {
    fn start(path: &Path) -> Self {
        let mut child = Command::new(env::current_exe().unwrap());
        child.args(["--exact", "standing::part", "--nocapture"]);
        child
            .env(PART, path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = child.spawn().unwrap();
        let say = child.stdin.take().unwrap();
        let hear = BufReader::new(child.stdout.take().unwrap());
        let mut other = Self { child, say, hear };
        assert_eq!(other.heard(), "ready");
        other
    }

    fn heard(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert!(self.hear.read_line(&mut line).unwrap() > 0, "it ended");
            if let Some((_, word)) = line.trim_end().split_once("said ") {
                return word.to_owned();
            }
        }
    }

    fn asked(&mut self, what: &str) -> String {
        writeln!(self.say, "{what}").unwrap();
        self.heard()
    }
}

/// What the other process does.
#[test]
fn part() {
    let Some(path) = env::var_os(PART) else {
        return;
    };
    let store = SqliteStanding::open(path).unwrap();
    let say = |word: &str| {
        println!("said {word}");
        std::io::stdout().flush().unwrap();
    };
    say("ready");
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        if let Ok(number) = line.parse() {
            say(&store.put(&numbered(number)).unwrap().to_string());
        } else {
            let found = store.changes(Position::START, 1_000).unwrap();
            say(&found.end.to_string());
        }
    }
}

#[test]
fn two_processes_see_one_order() {
    let (_folder, path) = folder();
    let store = SqliteStanding::open(&path).unwrap();
    let mut other = Other::start(&path);
    for round in 0..20_u64 {
        let ours = store.put(&numbered(round)).unwrap();
        assert_eq!(other.asked("end"), ours.to_string());
        assert_eq!(other.asked("7"), ours.next().to_string());
        let found = store.changes(ours, 10).unwrap();
        assert_eq!(found.entries.len(), 1);
        assert_eq!(found.entries[0].change, numbered(7));
    }
    // What was put is there, though nobody closed anything.
    assert_eq!(other.asked("8"), "41");
    other.child.kill().unwrap();
    other.child.wait().unwrap();
    assert_eq!(
        store.changes(Position::START, 100).unwrap().entries.len(),
        41
    );
    assert_eq!(store.put(&numbered(9)).unwrap(), Position::new(42));
}
