//! Clear texts beside the log, which can be erased without touching it.
//!
//! A record may keep a text as a commitment: a hash of the text with a random salt. Text and salt
//! go to a [`TextStore`], before the record goes to the log. As long as the store has them,
//! anybody can show that the text is the one of the record; once they are erased, the commitment
//! says nothing any more: without the salt not even a text of few possible values can be guessed.
//!
//! Erasing reaches what the store holds, and no copy of it: backups, snapshots of a disk, and what
//! a device keeps of blocks that were written over are not the store's.

mod erase;
mod error;
mod file;
mod memory;
mod salt;
mod text;

pub use erase::{EraseError, Erased, Erasure, ErasureScope, complete_erasures, erase};
pub use error::TextError;
pub use file::{FileTexts, FileTextsError};
pub use memory::MemoryTexts;
pub use salt::Salt;
pub use text::{ClearText, StoredText, argument_text, arguments_text, string_text};

use std::time::Duration;

use callgate_types::Digest;

use crate::Durability;

/// The most texts that are put or erased at once.
pub const MAX_TEXTS: usize = 256;

/// Where clear texts are stored, each under its commitment.
///
/// A store keeps what it is given, byte by byte, and decides nothing. A panic of a store counts
/// as a failure.
pub trait TextStore: Send + Sync {
    /// Stores `texts`, at most [`MAX_TEXTS`] of them, and returns once they are as safe as
    /// `durability` says. Waits for others no longer than `deadline`.
    ///
    /// # Errors
    ///
    /// Where it fails, each of the texts may be stored, or not.
    fn put(
        &self,
        texts: &[ClearText<'_>],
        durability: Durability,
        deadline: Duration,
    ) -> Result<(), TextError>;

    /// The text under `commitment`; `None` where there is none, or it was erased. Whether it is
    /// the right one is for [`StoredText::matches`] to say.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn find(&self, commitment: Digest) -> Result<Option<StoredText>, TextError>;

    /// Erases the texts under `commitments`, at most [`MAX_TEXTS`] of them, and returns once
    /// that survives loss of power. What is not there counts as erased.
    ///
    /// # Errors
    ///
    /// Where it fails, each of the texts may be erased, or not: ask again.
    fn erase(&self, commitments: &[Digest]) -> Result<(), TextError>;

    /// The commitments under which texts are stored, in order, from the one behind `after` on, at
    /// most `most`.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    fn list(&self, after: Option<Digest>, most: usize) -> Result<Vec<Digest>, TextError>;
}
