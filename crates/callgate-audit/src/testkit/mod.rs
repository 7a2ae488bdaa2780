//! Whether a sink keeps what [`AuditSink`](crate::AuditSink) promises. Behind the feature `testkit`, for tests.
//!
//! [`check`] tries a sink of yours rule by rule and stops at the first [`Rule`] that it breaks, with
//! what was expected and what was found. [`Kit`] tries more, where it is told how your store is
//! opened again, what a crash leaves of it, and how somebody else gets at it. [`FaultSink`] stands
//! before a sink and fails on demand, for tests of what is above it.
//!
//! [`check_texts`] and [`TextKit`] do the same for a store of clear texts, by each [`TextRule`].
//!
//! What the kit cannot see is whether a device really has what a sink says is durable.
//!
//! # Examples
//!
//! In a test of yours:
//!
//! ```
//! use callgate_audit::{MemorySink, testkit};
//!
//! # fn main() -> Result<(), testkit::Broken> {
//! testkit::check(|| Ok::<_, std::io::Error>(MemorySink::new()))
//! # }
//! ```
//!
//! With a store that outlives its sink:
//!
//! ```
//! use callgate_audit::{FileSink, FileSinkError, testkit::Kit};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let parent = tempfile::tempdir()?;
//! let logs = parent.path().to_owned();
//! let count = std::sync::atomic::AtomicUsize::new(0);
//! Kit::new(move || {
//!     let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
//!     FileSink::open(logs.join(number.to_string()))
//! })
//! .reopen(|sink| {
//!     let folder = sink.folder().to_owned();
//!     drop(sink);
//!     FileSink::open(folder)
//! })
//! .rival(|sink| FileSink::open(sink.folder()))
//! .check()?;
//! # Ok(())
//! # }
//! ```

mod attempt;
mod broken;
mod chain;
mod fault;
#[cfg(test)]
mod flaws;
mod kit;
mod openings;
mod rules;
#[cfg(test)]
mod tests;
mod texts;

pub use broken::{Broken, Rule};
pub use fault::{Fault, FaultSink};
pub use kit::{Kit, check};
pub use texts::{TextKit, TextRule, check_texts};
