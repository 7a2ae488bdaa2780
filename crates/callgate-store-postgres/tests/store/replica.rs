//! A replica takes over while a sink is at work.

use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use callgate_audit::{
    AuditSink as _, ChainName, Completeness, Head, SinkError, VerifyOptions, verify_reader,
};
use callgate_store_postgres::{PostgresSink, migrate};

use crate::rig::{batch, execute, hasty, numbers, open, query, reader, start};
use crate::server::Server;

/// A server, its replica, and a sink that asks whichever of both is the one to ask.
struct Pair {
    primary: Server,
    replica: Server,
    asked: Arc<Mutex<PathBuf>>,
    sink: PostgresSink,
}

fn database(server: &Server) -> String {
    let socket = server.socket().display();
    format!("host={socket} user=gate dbname=postgres")
}

#[track_caller]
fn until(database: &str, sql: &str, wanted: i64) {
    let since = Instant::now();
    while query(database, sql) != wanted {
        assert!(since.elapsed() < Duration::from_secs(60), "{sql}");
        thread::sleep(Duration::from_millis(10));
    }
}

impl Pair {
    /// Both have records 1 and 2.
    fn start() -> Option<Self> {
        let primary = start(&[])?;
        migrate(&database(&primary)).unwrap();
        let asked = Arc::new(Mutex::new(primary.socket().to_owned()));
        let asks = Arc::clone(&asked);
        let options = hasty().timeout(Duration::from_secs(20)).dial(move || {
            let folder = asks.lock().unwrap().clone();
            UnixStream::connect(folder.join(".s.PGSQL.5432"))
        });
        let database = database(&primary);
        let sink = options.connect(&database, ChainName::main()).unwrap();
        let first = batch(Head::EMPTY, [1, 2]);
        sink.append(Head::EMPTY, &first).unwrap();
        let replica = Server::replica(&primary).unwrap()?;
        let pair = Self {
            primary,
            replica,
            asked,
            sink,
        };
        let streams = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";
        until(&database, streams, 1);
        until(&pair.other(), "SELECT records FROM callgate.chain", 2);
        Some(pair)
    }

    /// The database of the replica.
    fn other(&self) -> String {
        database(&self.replica)
    }

    /// The server is lost, and the replica takes over.
    fn fail_over(&mut self) {
        self.primary.kill().unwrap();
        execute(&self.other(), "SELECT pg_promote()");
        self.replica
            .socket()
            .clone_into(&mut self.asked.lock().unwrap());
    }
}

/// It had not heard of what was acknowledged last.
#[test]
fn replica_that_was_behind() {
    let Some(mut pair) = Pair::start() else {
        return;
    };
    let after = pair.sink.head().unwrap();
    execute(&pair.other(), "ALTER SYSTEM SET primary_conninfo = ''");
    execute(&pair.other(), "SELECT pg_reload_conf()");
    until(
        &pair.other(),
        "SELECT count(*) FROM pg_stat_wal_receiver",
        0,
    );
    let lost = batch(after, [3]);
    pair.sink.append(after, &lost).unwrap();
    pair.fail_over();

    let told = pair.sink.append(lost.end(), &batch(lost.end(), [4]));
    let Err(SinkError::Poisoned(cause)) = told else {
        panic!("expected a poisoned sink, found {told:?}");
    };
    let behind = "the log ends before record 2, and 3 records were durable";
    assert_eq!(cause.to_string(), behind);
    let told = pair.sink.append(after, &batch(after, [5]));
    assert!(matches!(told, Err(SinkError::Poisoned(_))), "{told:?}");

    // Whoever starts now has nothing to tell by, but for a head that was kept elsewhere.
    assert_eq!(open(&pair.other()).head().unwrap(), after);
    for (head, expected) in [(after, Completeness::Ok), (lost.end(), Completeness::Short)] {
        let options = VerifyOptions::new().head(head);
        let report = verify_reader(reader(&pair.other()), &options).unwrap();
        assert_eq!(report.completeness, expected);
    }
}

/// Commits waited for it: nothing is lost, and the same sink goes on.
#[test]
fn replica_that_commits_wait_for() {
    let Some(mut pair) = Pair::start() else {
        return;
    };
    let primary = database(&pair.primary);
    execute(&primary, "ALTER SYSTEM SET synchronous_standby_names = '*'");
    execute(&primary, "SELECT pg_reload_conf()");
    let waits = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
    until(&primary, waits, 1);
    let mut head = pair.sink.head().unwrap();
    for number in 3..20 {
        let next = batch(head, [number]);
        pair.sink.append(head, &next).unwrap();
        head = next.end();
    }
    // It asks nobody before it may go on alone.
    execute(
        &pair.other(),
        "ALTER SYSTEM SET synchronous_standby_names = ''",
    );
    pair.fail_over();
    let next = batch(head, [20]);
    let since = Instant::now();
    while pair.sink.append(head, &next).is_err() {
        assert!(since.elapsed() < Duration::from_secs(60));
    }
    assert!(numbers(&pair.other()).into_iter().eq(1..=20));
}
