//! A sink for the audit log of Callgate in a Postgres database, and stores for what processes share beside it.
//!
//! A [`PostgresSink`] writes one chain of records; a database holds many, each by its
//! [`ChainName`]. Give every process that writes a chain of its own: a batch then costs one round
//! trip, and nobody waits for anybody. What is stored is the very lines that were hashed. Columns
//! beside them are copies; no digest is ever taken of them.
//!
//! * To set up: [`migrate`], once, by a role that may create tables.
//! * To write: [`PostgresSink::connect`], or [`PostgresSinkOptions`].
//! * Who is in good standing, for all processes that share the database: [`PostgresStanding`], set up by
//!   [`migrate_standing`].
//! * What is asked of people, and their answers, for all processes that share the database: [`PostgresApprovals`], set up by
//!   [`migrate_approvals`].
//! * What people approved ahead, for the same processes: [`PostgresStandingApprovals`], set up by
//!   [`migrate_standing_approvals`].
//! * To check: [`PostgresReader`] gives the lines to [`callgate_audit::verify_reader`].
//! * For texts of which the log keeps commitments: [`PostgresTexts`], with [`migrate_texts`].
//!
//! # What is durable
//!
//! A batch is one transaction, and its commit waits until the server has made it durable; `append`
//! costs what `sync` costs elsewhere. A server, database or role with `synchronous_commit` off or
//! local is refused when it is connected to, and every batch looks at the setting once more. So is
//! one with `fsync` off, for which there is an option that says what it is. A replica that takes
//! over may have missed the last batches unless it is synchronous: the sink notices and takes no
//! more.
//!
//! # When the answer does not come
//!
//! Every call has a deadline. What becomes of a batch whose answer was lost is settled before
//! anything else is written: a new connection moves the chain's *fence*, so that whatever is still
//! under way somewhere can no longer be stored, and then looks where the chain ends.
//!
//! # What it is not
//!
//! There is no encryption on the wire: other hosts are refused unless
//! [`PostgresSinkOptions::dangerous_plaintext`] says otherwise. Take a local socket, or a tunnel
//! that listens on this machine (`stunnel` with `protocol = pgsql`, `ssh -L`); or hand over a stream behind which
//! your own TLS library works: [`PostgresSinkOptions::dial`]. Nothing in the tables is signed; whoever administers the database
//! can write them anew, as `docs/THREAT_MODEL.md` says.
//!
//! A thread of the sink's own talks to the server, so that a sink may be used anywhere, within an
//! asynchronous runtime of a single thread, too: it blocks the thread that calls it, as every sink
//! does.
//!
//! [`ChainName`]: callgate_audit::ChainName
//!
//! # Examples
//!
//! ```no_run
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use callgate_audit::{Ask, Durability, GapRecord, Journal, Record, VerifyOptions, verify_reader};
//! use callgate_store_postgres::{PostgresSink, migrate};
//!
//! let database = "host=/var/run/postgresql dbname=audit user=gate";
//! migrate(database)?;
//! let sink = Arc::new(PostgresSink::connect(database, "eu-west.desk-3".parse()?)?);
//! let journal = Journal::open(sink.clone())?;
//! let ask = Ask::new(Durability::Durable, Duration::from_secs(5));
//! journal.append(&Record::Gap(GapRecord::new(chrono::Utc::now(), 3)), ask)?;
//!
//! let report = verify_reader(sink.reader()?, &VerifyOptions::new())?;
//! assert!(report.is_good());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod approvals;
mod connect;
mod error;
mod lane;
mod limits;
mod link;
mod look;
mod migrate;
mod options;
mod reader;
mod reading;
mod settings;
mod sink;
mod standing;
mod tables;
mod texts;
mod worker;
mod writing;

pub use approvals::{
    PostgresApprovals, PostgresStandingApprovals, migrate_approvals, migrate_standing_approvals,
};
pub use error::{PostgresAction, PostgresChange, PostgresSinkError};
pub use limits::{PostgresLimits, migrate_limits};
pub use migrate::{compact_texts, migrate, migrate_texts};
pub use options::PostgresSinkOptions;
pub use reader::PostgresReader;
pub use sink::PostgresSink;
pub use standing::{PostgresStanding, migrate_standing};
pub use texts::PostgresTexts;
