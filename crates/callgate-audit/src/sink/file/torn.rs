//! Moving a torn end aside, so that a crash at any moment leaves it in one place at least.
//!
//! The bytes are copied to `torn/pending-NAME` before they are cut off. Then a `recovered` record
//! is written; then the copy gets its name. A copy that is still pending when the log is opened
//! the next time tells that the record may be missing.

use std::fs::{self, File};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use callgate_types::Digest;
use sha2::{Digest as _, Sha256};

use super::error::{At as _, FileAction};
use super::{FileSinkError, folder};
use crate::segment::Segment;

const FOLDER: &str = "torn";
const PENDING: &str = "pending-";

/// The torn end of a log, which was moved aside when the log was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TornTail {
    /// How many bytes it has.
    pub bytes: u64,
    /// Their SHA-256.
    pub digest: Digest,
    /// Where they are now.
    pub path: PathBuf,
}

/// A copy of a torn end that has not got its name yet.
pub(super) struct Aside {
    folder: PathBuf,
    name: String,
    /// Whether a record of the log names it.
    pub(super) recorded: bool,
}

impl Aside {
    /// The name by which records call it.
    pub(super) fn file(&self) -> String {
        format!("{FOLDER}/{}", self.name)
    }

    /// Whether `line` is the record that names it.
    pub(super) fn is_named_in(&self, line: &[u8]) -> bool {
        let member = format!("\"file\":\"{}\"", self.file());
        let member = member.as_bytes();
        line.windows(member.len()).any(|window| window == member)
    }

    fn pending(&self) -> PathBuf {
        self.folder.join(format!("{PENDING}{}", self.name))
    }

    /// Reads the copy.
    pub(super) fn tail(&self) -> Result<TornTail, FileSinkError> {
        let path = self.pending();
        let mut file = File::open(&path).at(FileAction::Open, &path)?;
        let (bytes, digest) = hash(&mut file).at(FileAction::Read, &path)?;
        let path = self.folder.join(&self.name);
        Ok(TornTail {
            bytes,
            digest,
            path,
        })
    }

    /// Gives the copy its name: a record says by now that it is there.
    pub(super) fn settle(&self) -> Result<(), FileSinkError> {
        let pending = self.pending();
        let path = self.folder.join(&self.name);
        fs::rename(&pending, path).at(FileAction::Rename, &pending)?;
        folder::sync(&self.folder)
    }
}

/// Copies that have not got their names yet: the log was being recovered when it crashed.
pub(super) fn pending(log: &Path) -> Result<Vec<Aside>, FileSinkError> {
    let folder = log.join(FOLDER);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.at(FileAction::Open, &folder)?,
    };
    let mut asides = Vec::new();
    for entry in entries {
        let name = entry.at(FileAction::Read, &folder)?.file_name();
        if let Some(name) = name.to_str().and_then(|name| name.strip_prefix(PENDING)) {
            asides.push(Aside {
                folder: folder.clone(),
                name: name.to_owned(),
                recorded: false,
            });
        }
    }
    asides.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(asides)
}

/// Copies `bytes` bytes of `segment` from `start` on, the first of which belong to record `seq`.
pub(super) fn copy(
    log: &Path,
    (segment, file): (&Segment, &File),
    (start, bytes): (u64, u64),
    seq: u64,
) -> Result<Aside, FileSinkError> {
    let folder = log.join(FOLDER);
    fs::create_dir_all(&folder).at(FileAction::Create, &folder)?;
    folder::sync(log)?;

    // A shared reference to a file reads; its place in the file is shared, too.
    let mut source = file;
    let begin = SeekFrom::Start(start);
    source.seek(begin).at(FileAction::Read, &segment.path)?;
    let hashed = hash(&mut source.take(bytes));
    let (_, digest) = hashed.at(FileAction::Read, &segment.path)?;

    // The name follows from the content: doing it again gives the same file.
    let hex = digest.to_string();
    let short = hex.get(..16).unwrap_or_default();
    let aside = Aside {
        folder,
        name: format!("seq-{seq:020}-{short}"),
        recorded: false,
    };
    let path = aside.pending();
    let mut target = File::create(&path).at(FileAction::Create, &path)?;
    source.seek(begin).at(FileAction::Read, &segment.path)?;
    let copied = io::copy(&mut source.take(bytes), &mut target);
    copied.at(FileAction::Write, &path)?;
    target.sync_all().at(FileAction::Sync, &path)?;
    folder::sync(&aside.folder)?;
    Ok(aside)
}

fn hash(stream: &mut impl Read) -> io::Result<(u64, Digest)> {
    let mut state = Sha256::new();
    let mut chunk = vec![0; 64 << 10];
    let mut bytes = 0_u64;
    loop {
        let read = match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        state.update(chunk.get(..read).unwrap_or_default());
        bytes = bytes.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
    Ok((bytes, Digest::from_bytes(state.finalize().into())))
}
