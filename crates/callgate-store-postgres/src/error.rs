//! Why a log in Postgres cannot be opened, or goes no further.

use std::fmt;
use std::io;
use std::sync::Arc;

use callgate_audit::{Cause, ParseBatchError, SinkError};
use tokio_postgres::error::SqlState;

/// Why a log, or a store, in Postgres cannot be opened, or why it goes no further.
///
/// None of these holds the connection string, a password, or a part of a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresSinkError {
    /// The connection string cannot be read. What is wrong is not said: it may hold a password.
    #[error("expected a connection string, such as `host=/run/postgresql dbname=audit user=gate`")]
    BadConfig,
    /// Records would go over the network as they are.
    #[error("`{host}` is another machine, and nothing would be encrypted")]
    Plaintext {
        /// The host.
        host: String,
    },
    /// The server cannot be reached, or the connection was lost.
    #[error("cannot {action}: no connection to the server")]
    NoConnection {
        /// What was tried.
        action: PostgresAction,
        /// What stood in the way.
        source: Cause,
    },
    /// The server refused something; it did nothing.
    #[error("cannot {action}: the server refused it")]
    Refused {
        /// What was tried.
        action: PostgresAction,
        /// What the server said.
        source: Cause,
    },
    /// There was no answer in time.
    #[error("cannot {action}: no answer in time")]
    TimedOut {
        /// What was tried.
        action: PostgresAction,
    },
    /// The server did it, but not as it was asked to: it gave up waiting for a replica, say.
    #[error("the server did it, with a warning")]
    Warned,
    /// There are no tables for a log.
    #[error("there is no log in the schema `{schema}`: create it with `migrate`")]
    NotMigrated {
        /// The schema that was looked into.
        schema: String,
    },
    /// There are no tables of standing.
    #[error(
        "there is no standing store in the schema `{schema}`: create it with `migrate_standing`"
    )]
    NoStanding {
        /// The schema that was looked into.
        schema: String,
    },
    /// There is no table for clear texts.
    #[error("there are no clear texts in the schema `{schema}`: create it with `migrate_texts`")]
    NoTexts {
        /// The schema that was looked into.
        schema: String,
    },
    /// Clear texts that were put into the table are not there.
    #[error("clear texts that were put into the table are not there")]
    Vanished,
    /// There is no store of limits.
    #[error(
        "there is no store of limits in the schema `{schema}`: create it with `migrate_limits`"
    )]
    NoLimits {
        /// The schema that was looked into.
        schema: String,
    },
    /// There is no store of approvals.
    #[error(
        "there is no store of approvals in the schema `{schema}`: create it with `migrate_approvals`"
    )]
    NoApprovals {
        /// The schema that was looked into.
        schema: String,
    },
    /// There is no store of standing approvals.
    #[error(
        "there is no store of standing approvals in the schema `{schema}`: create it with \
         `migrate_standing_approvals`"
    )]
    NoStandingApprovals {
        /// The schema that was looked into.
        schema: String,
    },
    /// A row in the store of approvals is not as it was written.
    #[error("an approval in the store cannot be read")]
    BadApproval,
    /// The answer to a step was lost, and others have taken further ones since, or that to a use of a standing
    /// approval: it may have been taken.
    #[error("it cannot be told any more what became of a step of an approval")]
    Unsettled,
    /// A sum in the store of limits is no amount.
    #[error("a sum in the store of limits cannot be read")]
    BadAmount,
    /// A later version made the tables.
    #[error(
        "the tables in the schema `{schema}` have format {found}, expected {expected} or before: \
         a later version made them"
    )]
    Newer {
        /// The schema.
        schema: String,
        /// The format.
        found: i32,
        /// The latest format that is known here.
        expected: i32,
    },
    /// A table was changed, so that it need not keep what is put into it.
    #[error("the table `{table}` was changed: {change}")]
    Altered {
        /// The table.
        table: String,
        /// What about it is not as it should be.
        change: PostgresChange,
    },
    /// A setting on which durability depends is not as it has to be.
    #[error("`{setting}` is `{found}`, expected {expected}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What it is.
        found: String,
        /// What it has to be.
        expected: &'static str,
    },
    /// There is no chain of this name.
    #[error("there is no chain `{chain}`")]
    NoChain {
        /// The name that was asked for.
        chain: String,
    },
    /// A row is missing, or another one than it says.
    #[error("the row of record {seq} is not as it was written")]
    Row {
        /// The record.
        seq: u64,
    },
    /// A line in the table is no record.
    #[error("record {seq} cannot be read")]
    Line {
        /// The record.
        seq: u64,
        /// What is wrong.
        source: ParseBatchError,
    },
    /// Records are gone that were durable: a replica took over that did not have them, or a backup
    /// was restored.
    #[error("the log ends before record {found}, and {expected} records were durable")]
    Behind {
        /// How many were durable.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// The process forked: the thread that talks to the server is in the other one.
    #[error("the log or store was opened by another process")]
    Forked,
    /// The thread that talks to the server cannot be started, or has ended.
    #[error("there is no thread to talk to the server")]
    NoThread,
}

/// What about a table is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PostgresChange {
    /// It is unlogged or temporary: a crash empties it.
    NotPermanent,
    /// It has triggers or rules, which may drop rows.
    Triggers,
    /// Rows may be hidden by a policy.
    RowSecurity,
    /// It is no table, or lacks an index that keeps the chain from forking.
    Shape,
}

impl fmt::Display for PostgresChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotPermanent => "a crash would empty it",
            Self::Triggers => "it has triggers or rules",
            Self::RowSecurity => "rows of it may be hidden",
            Self::Shape => "it is no table, or lacks a unique index",
        })
    }
}

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PostgresAction {
    /// To connect.
    Connect,
    /// To create tables.
    Migrate,
    /// To read the log.
    Read,
    /// To append to it.
    Append,
    /// To find out where it ends.
    Settle,
    /// To put clear texts.
    Put,
    /// To find or list clear texts.
    Find,
    /// To erase clear texts.
    Erase,
    /// To keep an approval, or forget some.
    KeepApproval,
    /// To find or list approvals.
    FindApproval,
}

impl fmt::Display for PostgresAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::Migrate => "create the log",
            Self::Read => "read the log",
            Self::Append => "append to the log",
            Self::Settle => "learn where the log ends",
            Self::Put => "put clear texts",
            Self::Find => "find clear texts",
            Self::Erase => "erase clear texts",
            Self::KeepApproval => "keep an approval",
            Self::FindApproval => "find approvals",
        })
    }
}

impl PostgresSinkError {
    /// What the client says went wrong.
    pub(crate) fn of(action: PostgresAction, error: &tokio_postgres::Error) -> Self {
        if let Some(refusal) = error.as_db_error() {
            let source = Arc::new(Refusal {
                code: refusal.code().clone(),
                message: shortened(refusal.message()),
            });
            return Self::Refused { action, source };
        }
        // The client's own words name neither the host nor what was sent.
        let source: Cause = match std::error::Error::source(error)
            .and_then(<dyn std::error::Error>::downcast_ref)
        {
            Some(system) => Arc::new(io::Error::from(io::Error::kind(system))),
            None => Arc::new(io::Error::other(shortened(&error.to_string()))),
        };
        Self::NoConnection { action, source }
    }

    /// What it means for the sink.
    pub(crate) fn weight(&self) -> Weight {
        match self {
            Self::NoConnection { .. } => Weight::Lost,
            Self::TimedOut { .. } | Self::Warned => Weight::Passing,
            Self::Refused { source, .. } => {
                let refusal = source.downcast_ref::<Refusal>();
                refusal.map_or(Weight::Final, |refusal| weight_of(refusal.code.code()))
            }
            _ => Weight::Final,
        }
    }

    /// What a sink tells of it, which goes on.
    pub(crate) fn passing(self) -> SinkError {
        SinkError::unknown(self)
    }
}

/// What an error means for the sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// The connection is gone, or will be.
    Lost,
    /// Nothing was done, and it may be otherwise at once.
    Again,
    /// It may be otherwise the next time.
    Passing,
    /// There is no room.
    Full,
    /// Nothing can be relied on.
    Final,
}

/// By the codes in appendix A of the manual of Postgres.
fn weight_of(code: &str) -> Weight {
    match code {
        // Serialization failure, deadlock.
        "40001" | "40P01" => Weight::Again,
        "53100" => Weight::Full,
        // A table, column or schema is gone.
        "42P01" | "42703" | "3F000" | "3D000" => Weight::Final,
        // Too many connections; a server that stops, starts, or is a replica now.
        "53300" | "57P01" | "57P02" | "57P03" | "57P05" | "25006" => Weight::Lost,
        code => match code.get(..2) {
            Some("08") => Weight::Lost,
            // Integrity (a row in the way), errors of the system, corrupted data.
            Some("23" | "58" | "XX") | None => Weight::Final,
            Some(_) => Weight::Passing,
        },
    }
}

/// What a server said: its code and first sentence. Details may quote a record, and are left out.
#[derive(Debug, thiserror::Error)]
#[error("{message} (SQLSTATE {})", code.code())]
struct Refusal {
    code: SqlState,
    message: String,
}

/// The first line, of at most 200 characters.
fn shortened(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    line.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights() {
        for (code, expected) in [
            ("40001", Weight::Again),
            ("40P01", Weight::Again),
            ("53100", Weight::Full),
            ("53200", Weight::Passing),
            ("55P03", Weight::Passing),
            ("57014", Weight::Passing),
            ("42501", Weight::Passing),
            ("57P01", Weight::Lost),
            ("57P03", Weight::Lost),
            ("25006", Weight::Lost),
            ("08006", Weight::Lost),
            ("23505", Weight::Final),
            ("42P01", Weight::Final),
            ("58030", Weight::Final),
            ("XX001", Weight::Final),
            ("", Weight::Final),
        ] {
            assert_eq!(weight_of(code), expected, "{code}");
        }
    }

    #[test]
    fn long_messages_are_cut() {
        assert_eq!(shortened("one\ntwo"), "one");
        assert_eq!(shortened(&"ä".repeat(300)), "ä".repeat(200));
    }
}
