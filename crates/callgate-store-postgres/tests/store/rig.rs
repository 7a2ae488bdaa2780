//! A server for all tests, a database for each, and short names for what they need often.

use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use callgate_audit::{
    Ask, Batch, ChainName, Durability, GapRecord, Head, Journal, Record, Report, VerifyOptions,
    verify_reader,
};
use callgate_store_postgres::{
    PostgresReader, PostgresSink, PostgresSinkError, PostgresSinkOptions, migrate,
};
use chrono::{DateTime, Utc};
use tokio_postgres::{Client, NoTls};

use crate::server::Server;

static SERVER: OnceLock<Option<Server>> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The server that all tests share; `None` where none is installed, which is said once.
pub(crate) fn server() -> Option<&'static Server> {
    let server = SERVER.get_or_init(|| start(&[]));
    server.as_ref()
}

/// A server for one test.
pub(crate) fn start(settings: &[&str]) -> Option<Server> {
    let server = Server::start(settings).unwrap();
    if server.is_none() {
        // Not by the macro: what that prints is shown of tests that fail.
        let mut stderr = std::io::stderr().lock();
        writeln!(
            stderr,
            "skipped: no Postgres server is installed, nothing was tested"
        )
        .unwrap();
    }
    server
}

/// A fresh database with the tables of a log.
pub(crate) fn database() -> Option<String> {
    let database = empty_database()?;
    migrate(&database).unwrap();
    Some(database)
}

/// A fresh database.
pub(crate) fn empty_database() -> Option<String> {
    let socket = server()?.socket().display().to_string();
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let all = format!("host={socket} user=gate dbname=");
    execute(
        &format!("{all}postgres"),
        &format!("CREATE DATABASE {name}"),
    );
    Some(format!("{all}{name}"))
}

/// Does something with a client of another program.
pub(crate) fn with_client<T>(database: &str, work: impl AsyncFnOnce(&mut Client) -> T) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().unwrap();
    runtime.block_on(async {
        let (mut client, connection) = tokio_postgres::connect(database, NoTls).await.unwrap();
        tokio::spawn(connection);
        work(&mut client).await
    })
}

/// Runs statements as another program.
pub(crate) fn execute(database: &str, sql: &str) {
    with_client(database, async |client| {
        client.batch_execute(sql).await.unwrap();
    });
}

/// Does `work` while somebody else holds the rows of `table` for two seconds.
pub(crate) fn held<T>(database: &str, table: &str, work: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        let sql = format!("BEGIN; SELECT FROM {table} FOR UPDATE; SELECT pg_sleep(2); ROLLBACK");
        scope.spawn(move || execute(database, &sql));
        let sleeps = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' \
                      AND datname = current_database()";
        while query(database, sleeps) == 0 {
            thread::sleep(Duration::from_millis(5));
        }
        work()
    })
}

/// What one query gives.
pub(crate) fn query(database: &str, sql: &str) -> i64 {
    with_client(database, async |client| {
        client.query_one(sql, &[]).await.unwrap().get(0)
    })
}

pub(crate) fn name(name: &str) -> ChainName {
    name.parse().unwrap()
}

/// Waits one second for answers.
pub(crate) fn hasty() -> PostgresSinkOptions {
    PostgresSinkOptions::new().timeout(Duration::from_secs(1))
}

/// Waits long.
pub(crate) fn patient() -> PostgresSinkOptions {
    PostgresSinkOptions::new().timeout(Duration::from_secs(60))
}

pub(crate) fn open(database: &str) -> PostgresSink {
    patient().connect(database, ChainName::main()).unwrap()
}

pub(crate) fn noon() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// A small record that can be told from others.
pub(crate) fn numbered(number: u64) -> Record<'static> {
    Record::Gap(GapRecord::new(noon(), number))
}

pub(crate) fn durable() -> Ask {
    Ask::new(Durability::Durable, Duration::from_secs(120))
}

/// Records behind `after`, one for each of `numbers`.
pub(crate) fn batch(after: Head, numbers: impl IntoIterator<Item = u64>) -> Batch<'static> {
    let (mut lines, mut body) = (Vec::new(), Vec::new());
    let mut end = after;
    for number in numbers {
        numbered(number).encode(0, &mut body);
        end = end.link(&body, &mut lines);
    }
    Batch::parse(lines).unwrap()
}

/// Writes `numbers` to the chain `main`.
pub(crate) fn write(database: &str, numbers: impl IntoIterator<Item = u64>) {
    let journal = Journal::open(Arc::new(open(database))).unwrap();
    for number in numbers {
        journal.append(&numbered(number), durable()).unwrap();
    }
}

pub(crate) fn reader(database: &str) -> PostgresReader {
    PostgresReader::connect(database, &ChainName::main(), &patient()).unwrap()
}

pub(crate) fn verify(database: &str) -> Report {
    verify_reader(reader(database), &VerifyOptions::new()).unwrap()
}

/// The numbers of all records, once the whole has been verified.
#[track_caller]
pub(crate) fn numbers(database: &str) -> Vec<u64> {
    let report = verify(database);
    assert!(report.first_fault.is_none(), "{:?}", report.first_fault);
    let text = std::io::read_to_string(reader(database)).unwrap();
    let numbers: Vec<u64> = text.lines().map(number).collect();
    assert_eq!(numbers.len() as u64, report.records);
    numbers
}

fn number(line: &str) -> u64 {
    let (_, rest) = line.split_once("\"lost\":").unwrap();
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap();
    digits.parse().unwrap()
}

/// What the sink says, and what it gives as the reason.
pub(crate) fn error_of<T>(result: Result<T, PostgresSinkError>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(error) => match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}
