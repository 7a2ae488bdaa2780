//! A sink of one's own: the log in a store of objects. `docs/guides/write-a-sink.md` builds it step
//! by step; this program tries it with the conformance kit and writes a small log.

mod objects;
mod sink;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use callgate::audit::{Ask, Durability, Journal, PolicyLoadedRecord, Record, VerifyOptions};
use callgate::audit::{AuditSink as _, verify_reader};
use callgate_types::Digest;
use chrono::Utc;

use crate::sink::ObjectSink;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let sink = Arc::new(ObjectSink::open(folder.path())?);
    let journal = Journal::open(sink.clone())?;
    for name in ["support-desk", "refunds"] {
        let record = PolicyLoadedRecord::new(Utc::now(), name, Digest::of(name.as_bytes()));
        let ask = Ask::new(Durability::Durable, Duration::from_secs(5));
        let stored = journal.append(&Record::PolicyLoaded(record), ask)?;
        println!("record {} is durable", stored.seq);
    }
    // As after a restart.
    let sink = ObjectSink::open(sink.folder())?;
    let log = sink.read(0, usize::MAX)?;
    let report = verify_reader(log.bytes(), &VerifyOptions::new().head(sink.head()?))?;
    println!(
        "{} records, integrity {}",
        report.records,
        report.integrity.as_str()
    );
    Ok(())
}
