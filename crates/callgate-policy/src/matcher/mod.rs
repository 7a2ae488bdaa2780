//! Matchers that read a text the way its executor reads it.
//!
//! Each family has its specification, which a document holds, and a total test of one text: yes,
//! no or unknown. What does not parse is unknown: it restricts and never grants. `schema` alone
//! is about values that have been read already.

pub mod email;
pub mod path;
#[cfg(feature = "schema")]
pub mod schema;
pub mod shell;
#[cfg(feature = "sql")]
pub mod sql;
#[cfg(feature = "url")]
pub mod url;
