//! Notes in files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use callgate_types::Digest;

use super::{Anchor, AnchorError};
use crate::SignedNote;

/// Longest file that is read back as a note.
const MAX_NOTE: u64 = 65_536;
const EXTENSION: &str = ".note";

/// Notes in a folder, on another volume than the log: `ORIGIN/SIZE.note`, and all of them stay.
///
/// `ORIGIN` is the start of the SHA-256 of the log's name. A note is written aside, made durable,
/// and then gets its name, so that a crash leaves either it or nothing.
///
/// # Examples
///
#[cfg_attr(feature = "ed25519", doc = "```")]
#[cfg_attr(not(feature = "ed25519"), doc = "```ignore")]
/// use callgate_audit::{Anchor, Ed25519Signer, FileAnchor, SignedNote, Tree};
///
/// let folder = tempfile::tempdir()?;
/// let anchor = FileAnchor::open(folder.path())?;
/// let signer = Ed25519Signer::new("example.org/log", [7; 32])?;
/// let note = SignedNote::sign("example.org/log", 0, Tree::new().root(), &[&signer])?;
/// anchor.publish(&note)?;
/// assert_eq!(anchor.last("example.org/log")?, Some(note));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FileAnchor {
    folder: PathBuf,
}

impl FileAnchor {
    /// Keeps notes in `folder`, which is made where it is not there.
    ///
    /// # Errors
    ///
    /// Fails where the folder cannot be made.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, AnchorError> {
        let folder = folder.as_ref().to_owned();
        fs::create_dir_all(&folder).map_err(failed(&folder))?;
        Ok(Self { folder })
    }

    /// The last note of the log `origin` that was kept.
    ///
    /// # Errors
    ///
    /// Fails where it cannot be read, or is none.
    pub fn last(&self, origin: &str) -> Result<Option<SignedNote>, AnchorError> {
        last(&self.folder_of(origin))
    }

    /// Where the notes of the log `origin` are.
    fn folder_of(&self, origin: &str) -> PathBuf {
        let hex = Digest::of(origin.as_bytes()).to_string();
        self.folder.join(hex.get(..32).unwrap_or_default())
    }
}

impl Anchor for FileAnchor {
    fn publish(&self, checkpoint: &SignedNote) -> Result<(), AnchorError> {
        let folder = self.folder_of(checkpoint.origin());
        if !folder.is_dir() {
            fs::create_dir_all(&folder).map_err(failed(&folder))?;
            sync(&self.folder)?;
        }
        // Two that publish at once come one after the other.
        let lock = folder.join("lock");
        let mut options = OpenOptions::new();
        let locked = options.create(true).truncate(false).write(true).open(&lock);
        let locked = locked.map_err(failed(&lock))?;
        locked.lock().map_err(failed(&lock))?;
        if let Some(kept) = last(&folder)? {
            check(&kept, checkpoint)?;
            if kept.size() == checkpoint.size() && kept.as_str() == checkpoint.as_str() {
                return Ok(());
            }
        }
        let path = folder.join(format!("{:020}{EXTENSION}", checkpoint.size()));
        let aside = folder.join("pending");
        write(&aside, checkpoint.as_str()).map_err(failed(&aside))?;
        fs::rename(&aside, &path).map_err(failed(&path))?;
        sync(&folder)
    }
}

/// Whether `found` can follow `kept`.
fn check(kept: &SignedNote, found: &SignedNote) -> Result<(), AnchorError> {
    let origin = || found.origin().into();
    if found.size() < kept.size() {
        return Err(AnchorError::Smaller {
            origin: origin(),
            kept: kept.size(),
            found: found.size(),
        });
    }
    if found.size() == kept.size() && found.root() != kept.root() {
        return Err(AnchorError::OtherRoot {
            origin: origin(),
            size: found.size(),
            kept: kept.root(),
            found: found.root(),
        });
    }
    Ok(())
}

fn last(folder: &Path) -> Result<Option<SignedNote>, AnchorError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(folder)(error)),
    };
    let mut last: Option<PathBuf> = None;
    for entry in entries {
        let path = entry.map_err(failed(folder))?.path();
        // Twenty digits: the order of names is that of sizes.
        if path
            .extension()
            .is_some_and(|extension| extension == "note")
        {
            last = last.max(Some(path));
        }
    }
    let Some(path) = last else { return Ok(None) };
    let length = fs::metadata(&path).map_err(failed(&path))?.len();
    let text = if length > MAX_NOTE {
        String::new()
    } else {
        fs::read_to_string(&path).map_err(failed(&path))?
    };
    let note = text.parse().map_err(|source| AnchorError::Damaged {
        path: path.clone(),
        source,
    })?;
    Ok(Some(note))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Makes the names in `folder` survive a crash.
fn sync(folder: &Path) -> Result<(), AnchorError> {
    // Elsewhere a folder cannot be opened like a file, and needs no sync.
    if cfg!(unix) {
        let file = File::open(folder).map_err(failed(folder))?;
        file.sync_all().map_err(failed(folder))?;
    }
    Ok(())
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> AnchorError {
    let path = path.to_owned();
    move |source| AnchorError::Io { path, source }
}
