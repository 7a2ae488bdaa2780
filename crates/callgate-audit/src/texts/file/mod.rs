//! Clear texts in files: a folder of segments, one text a line.
//!
//! Texts are appended. One that is erased is written over with blanks, where it stands: its
//! commitment stays, so that an erasure which a crash interrupted finds it again. Files of mostly
//! blanks go when somebody asks for that: see `compact`.
//!
//! Log and store are two files, and a crash may come between them. A text goes into the store, as
//! durably as its record asks, before the record goes to the log; so a record that survives has its
//! text. The other way round an erasure is a durable record first, and blanks second; so a
//! text is never gone without a record, and whoever opens both does what was left undone.

mod append;
mod compact;
mod error;
mod files;
mod index;
mod line;
#[cfg(test)]
mod tests;

pub use error::FileTextsError;

use std::path::Path;
use std::time::Duration;

use callgate_types::Digest;

use self::append::Appender;
use self::files::Files;
use self::index::Shelf;
use super::{ClearText, StoredText, TextError, TextStore};
use crate::Durability;
use crate::sink::{Disk, System};

/// A file that has reached this many bytes is followed by another one.
const MAX_FILE: u64 = 64 << 20;

/// Clear texts in a folder of files, written by one process at a time.
///
/// On Unix the files are readable by their owner alone. A folder beside the log, or on another
/// volume, keeps the two apart: the log can be handed on without the texts.
///
/// Whoever looks texts up, erases or lists them pays with about 100 bytes of memory for each text
/// in the store; whoever only puts them does not.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use callgate_audit::Durability;
/// use callgate_audit::texts::{ClearText, FileTexts, Salt, TextStore};
///
/// let folder = tempfile::tempdir()?;
/// let texts = FileTexts::open(folder.path().join("texts"))?;
/// let note = ClearText::new(Salt::from_bytes([7; 32]), "\"call back\"").ok_or("too long")?;
/// texts.put(&[note], Durability::Durable, Duration::from_secs(5))?;
/// assert!(texts.find(note.commitment())?.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FileTexts(Store<System>);

impl FileTexts {
    /// Opens the texts in `folder`, or begins there.
    ///
    /// # Errors
    ///
    /// Fails where the folder cannot be written, and where somebody else writes it.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, FileTextsError> {
        Store::open(System, folder.as_ref(), Some(MAX_FILE)).map(Self)
    }

    /// Opens the texts in `folder` to look them up, while somebody else may be writing. Nothing can
    /// be put or erased.
    ///
    /// # Errors
    ///
    /// Fails where the folder cannot be read.
    pub fn open_to_read(folder: impl AsRef<Path>) -> Result<Self, FileTextsError> {
        Store::open(System, folder.as_ref(), None).map(Self)
    }

    /// Gives back the room of texts that were erased, and says how many bytes that was. What they said was gone
    /// before: it was written over when they were erased.
    ///
    /// Files of which at least half is blank are taken away, once the texts in them stand durably at the end of the
    /// last file. So a store takes no more than twice what its texts need, and two files of 64 MiB. A file in which
    /// something stands that is no text, or not the right one, is left alone.
    ///
    /// Texts can be put meanwhile. Whoever looks texts up or erases them waits for one file at most.
    ///
    /// # Errors
    ///
    /// Fails where the store was opened to be read, and where a file cannot be read, written or removed. No text is
    /// lost by that, and it can be asked for again.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate_audit::texts::FileTexts;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let texts = FileTexts::open(folder.path())?;
    /// assert_eq!(texts.compact()?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compact(&self) -> Result<u64, TextError> {
        self.0.compact()
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.0.files.path
    }
}

impl TextStore for FileTexts {
    fn put(
        &self,
        texts: &[ClearText<'_>],
        durability: Durability,
        deadline: Duration,
    ) -> Result<(), TextError> {
        self.0.put(texts, durability, deadline)
    }

    fn find(&self, commitment: Digest) -> Result<Option<StoredText>, TextError> {
        self.0.find(commitment)
    }

    fn erase(&self, commitments: &[Digest]) -> Result<(), TextError> {
        self.0.erase(commitments)
    }

    fn list(&self, after: Option<Digest>, most: usize) -> Result<Vec<Digest>, TextError> {
        self.0.list(after, most)
    }
}

/// Clear texts on a disk.
#[derive(Debug)]
struct Store<D: Disk> {
    files: Files<D>,
    /// `None` where nothing may be written.
    appender: Option<Appender<D>>,
    shelf: Shelf,
}

impl<D: Disk> Store<D> {
    /// Writes files of `most` bytes, and none where that is `None`.
    fn open(disk: D, folder: &Path, most: Option<u64>) -> Result<Self, FileTextsError> {
        let files = Files::open(disk, folder, most.is_some())?;
        let appender = most.map(|most| Appender::open(&files, most));
        let appender = appender.transpose()?;
        Ok(Self {
            files,
            appender,
            shelf: Shelf::default(),
        })
    }

    fn put(
        &self,
        texts: &[ClearText<'_>],
        durability: Durability,
        deadline: Duration,
    ) -> Result<(), TextError> {
        TextError::check_count(texts.len())?;
        let appender = self.appender()?;
        appender.put(&self.files, texts, durability, deadline)
    }

    fn find(&self, commitment: Digest) -> Result<Option<StoredText>, TextError> {
        let found = self.shelf.find(&self.files, commitment);
        found.map_err(TextError::failed)
    }

    fn erase(&self, commitments: &[Digest]) -> Result<(), TextError> {
        TextError::check_count(commitments.len())?;
        self.appender()?;
        let erased = self.shelf.erase(&self.files, commitments);
        erased.map_err(TextError::failed)
    }

    fn list(&self, after: Option<Digest>, most: usize) -> Result<Vec<Digest>, TextError> {
        let listed = self.shelf.list(&self.files, after, most);
        listed.map_err(TextError::failed)
    }

    fn compact(&self) -> Result<u64, TextError> {
        let appender = self.appender()?;
        self.shelf.compact(&self.files, appender)
    }

    fn appender(&self) -> Result<&Appender<D>, TextError> {
        self.files.check_process().map_err(TextError::poisoned)?;
        self.appender.as_ref().ok_or_else(TextError::read_only)
    }
}
