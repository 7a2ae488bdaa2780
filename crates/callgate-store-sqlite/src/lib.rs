//! A sink for the audit log of Callgate in an SQLite file, and a store for clear texts.
//!
//! An [`SqliteSink`] keeps one chain of records; a file holds several, each by its [`ChainName`].
//! What is stored is the very lines that were hashed. Columns beside them are copies, for looking
//! things up, and for refusing a second record in one place; no digest is ever taken of them.
//!
//! * To write: [`SqliteSink::open`], or [`SqliteSinkOptions`].
//! * Who is in good standing, for all processes that share a file of its own: [`SqliteStanding`].
//! * To check: [`SqliteReader`] gives the lines to [`callgate_audit::verify_reader`].
//! * What people are asked and have approved: [`SqliteApprovals`], and beside it in the same file
//!   [`SqliteStandingApprovals`].
//! * For how much of the limits is used: [`SqliteLimits`], in a file of its own.
//! * For texts of which the log keeps commitments: [`SqliteTexts`], in the same file or another.
//!
//! # What is durable
//!
//! The file is in WAL mode with `synchronous=FULL`, and opening fails where SQLite does not say
//! so when it is asked. A batch is one transaction, and its commit waits for the device: `append`
//! costs what `sync` costs elsewhere, and a call that needs no durability waits as well. `sync` has
//! nothing left to do for what this sink stored. What it found when it was opened may be a commit
//! whose sync never came, for its process was killed: `sync` copies that out of the write-ahead log
//! into the file and makes it durable.
//!
//! # What it is not
//!
//! It is no file for other things: one with any other table, index or trigger is refused. It
//! is not for network file systems: the write-ahead log needs memory that processes share. Nothing in
//! it is signed; whoever can write the file can write it anew, as
//! `docs/THREAT_MODEL.md` says.
//!
//! [`ChainName`]: callgate_audit::ChainName
//!
//! # Examples
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use callgate_audit::{Ask, Durability, GapRecord, Journal, Record, VerifyOptions, verify_reader};
//! use callgate_store_sqlite::{SqliteReader, SqliteSink};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("audit.db");
//! let journal = Journal::open(Arc::new(SqliteSink::open(&path)?))?;
//! let ask = Ask::new(Durability::Durable, Duration::from_secs(5));
//! journal.append(&Record::Gap(GapRecord::new(chrono::Utc::now(), 3)), ask)?;
//!
//! // In another process, or a year later.
//! let report = verify_reader(SqliteReader::open(&path)?, &VerifyOptions::new())?;
//! assert!(report.is_good());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod approvals;
mod connection;
mod error;
mod layout;
mod limits;
mod options;
mod place;
mod reader;
mod schema;
mod sink;
mod standing;
mod texts;
mod writer;

pub use approvals::{SqliteApprovals, SqliteStandingApprovals};
pub use error::{SqliteAction, SqliteSinkError};
pub use limits::SqliteLimits;
pub use options::SqliteSinkOptions;
pub use reader::SqliteReader;
pub use sink::SqliteSink;
pub use standing::SqliteStanding;
pub use texts::SqliteTexts;
