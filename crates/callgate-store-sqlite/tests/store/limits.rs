//! Limits in a file: the kit, crowds of processes, and files that are something else.

use std::env;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use callgate_approval::limit::testkit::{self, Crowd};
use callgate_approval::limit::{LimitStore, ReservationId, Reserved, Want, Window};
use callgate_store_sqlite::{SqliteLimits, SqliteSink};
use callgate_types::Amount;

const FILE: &str = "CALLGATE_LIMITS_FILE";
const PROCESS: &str = "CALLGATE_LIMITS_PROCESS";
const CALLS: &str = "CALLGATE_LIMITS_CALLS";
const CROWD: Crowd = Crowd {
    keys: 5,
    at_most: 400,
};

#[test]
fn conforms() {
    let folder = tempfile::tempdir().unwrap();
    let count = std::cell::Cell::new(0);
    testkit::check(|| {
        count.set(count.get() + 1);
        SqliteLimits::open(folder.path().join(format!("{}.db", count.get())))
    })
    .unwrap();
}

/// What one process of the crowd does; a test that does nothing where it is not one of them.
#[test]
fn of_the_crowd() {
    let (Ok(file), Ok(process)) = (env::var(FILE), env::var(PROCESS)) else {
        return;
    };
    let calls = env::var(CALLS).unwrap().parse().unwrap();
    let store = SqliteLimits::open_with(file, Duration::from_secs(20)).unwrap();
    let tell = |one| println!("{one}");
    let process = process.parse().unwrap();
    let crowd = crowd(calls);
    crowd.work(&store, process, calls, tell).unwrap();
    println!("{}", testkit::done());
}

/// Half of what a crowd would use fits.
fn crowd(calls: u32) -> Crowd {
    Crowd {
        at_most: CROWD.at_most.max(calls * 8),
        ..CROWD
    }
}

/// `CALLGATE_LIMITS_CALLS=10000` is the long run.
#[test]
fn sixteen_processes() {
    let calls: u32 = env::var(CALLS).map_or(25, |calls| calls.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("limits.db");
    let store = SqliteLimits::open_with(&file, Duration::from_secs(20)).unwrap();
    let (counted, killed) = testkit::crowd(processes(&file, calls), calls).unwrap();
    assert!(killed, "the last process was not killed in the middle");
    let crowd = crowd(calls);
    println!(
        "16 processes x {calls} calls: {} counted, {:?} of {} under each key",
        counted.len(),
        (0..crowd.keys)
            .map(|key| store.used(&[key], Window::Ever).unwrap().to_string())
            .collect::<Vec<_>>(),
        crowd.at_most
    );
    // Whoever is killed may have counted one call that it did not tell.
    crowd.check(&store, &counted, 5).unwrap();
}

/// The processes: this program, which does nothing but what one of the crowd does.
fn processes(file: &Path, calls: u32) -> impl Iterator<Item = Command> {
    (0..16).map(move |process| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "limits::of_the_crowd", "--nocapture"]);
        command.env(FILE, file).env(PROCESS, process.to_string());
        command.env(CALLS, calls.to_string());
        command
    })
}

#[test]
fn files_that_are_something_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    SqliteSink::open(path("log.db")).unwrap();
    std::fs::write(
        path("text.db"),
        "not a database, but long enough to be looked at".repeat(30),
    )
    .unwrap();
    for name in ["log.db", "text.db"] {
        let error = SqliteLimits::open(path(name)).unwrap_err().to_string();
        let expected = format!("`{}` is not a file of limits", path(name).display());
        assert_eq!(error, expected);
    }
    SqliteLimits::open(path("limits.db")).unwrap();
    let altered = rusqlite::Connection::open(path("limits.db")).unwrap();
    altered
        .execute_batch(
            "CREATE TRIGGER free AFTER INSERT ON reservation BEGIN DELETE FROM account; END",
        )
        .unwrap();
    let error = SqliteLimits::open(path("limits.db"))
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("has another schema than an audit log: `free`"),
        "{error}"
    );
}

#[test]
fn a_limit_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("limits.db");
    let want = Want::new(b"a", Window::Ever, Amount::whole(3), Amount::whole(5));
    let minute = Duration::from_secs(60);
    let store = SqliteLimits::open(&file).unwrap();
    let first = ReservationId::from_bytes([1; 16]);
    assert_eq!(
        store.reserve(first, minute, &[want]).unwrap(),
        Reserved::Held
    );
    store.count(first).unwrap();
    drop(store);
    let store = SqliteLimits::open(&file).unwrap();
    let second = ReservationId::from_bytes([2; 16]);
    assert_ne!(
        store.reserve(second, minute, &[want]).unwrap(),
        Reserved::Held
    );
}

#[test]
fn a_file_that_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("limits.db");
    let store = SqliteLimits::open(&file).unwrap();
    let want = Want::new(b"a", Window::Ever, Amount::whole(1), Amount::whole(5));
    let reserve = |id| {
        store.reserve(
            ReservationId::from_bytes([id; 16]),
            Duration::from_secs(60),
            &[want],
        )
    };
    reserve(1).unwrap();
    std::fs::remove_file(&file).unwrap();
    let error = reserve(2).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.ends_with("was removed or replaced"), "{cause}");
}
