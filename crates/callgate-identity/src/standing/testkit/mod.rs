//! Whether a store keeps what [`StandingStore`](super::StandingStore) promises. Behind the feature
//! `testkit`, for tests.
//!
//! [`check`] tries a store of yours rule by rule and stops at the first [`Rule`] that it breaks.
//! [`Kit`] tries more, where it is told how your store is opened again, and how somebody else gets at
//! it. What it cannot see is what survives the loss of power.
//!
//! # Examples
//!
//! ```
//! use callgate_identity::standing::{MemoryStanding, testkit::Kit};
//! use chrono::DateTime;
//!
//! # fn main() -> Result<(), callgate_identity::standing::testkit::Broken> {
//! Kit::new(|| Ok::<_, std::io::Error>(MemoryStanding::new(|| DateTime::UNIX_EPOCH)))
//!     .reopen(Ok::<_, std::io::Error>)
//!     .rival(|store: &MemoryStanding| Ok::<_, std::io::Error>(store.clone()))
//!     .check()
//! # }
//! ```

mod broken;
mod kit;
mod rules;
mod samples;
#[cfg(test)]
mod tests;

pub use broken::{Broken, Rule};
pub use kit::{Kit, check};
