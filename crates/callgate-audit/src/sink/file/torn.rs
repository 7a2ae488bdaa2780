//! Moving a torn end aside, so that a crash at any moment leaves it in one place at least.
//!
//! The bytes are copied to `torn/pending-NAME` before they are cut off. Then a `recovered` record
//! is written; then the copy gets its name. A copy that is still pending when the log is opened
//! the next time tells that the record may be missing.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use callgate_types::Digest;
use sha2::{Digest as _, Sha256};

use super::FileSinkError;
use super::disk::{Disk, DiskFile as _, DiskFolder as _, Stream, write_all};
use super::error::{At as _, FileAction};
use super::folder::Folder;
use super::log::OpenSegment;
use super::recover::End;

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
    pub(super) fn tail<D: Disk>(&self, disk: &D) -> Result<TornTail, FileSinkError> {
        let path = self.pending();
        let file = disk.open_to_read(&path).at(FileAction::Open, &path)?;
        let hashed = each_chunk(Stream::new(&file, 0, u64::MAX), |_, _| Ok(()));
        let (bytes, digest) = hashed.at(FileAction::Read, &path)?;
        let path = self.folder.join(&self.name);
        Ok(TornTail {
            bytes,
            digest,
            path,
        })
    }

    /// Gives the copy its name: a record says by now that it is there.
    pub(super) fn settle<D: Disk>(&self, disk: &D) -> Result<(), FileSinkError> {
        let pending = self.pending();
        let path = self.folder.join(&self.name);
        disk.rename(&pending, &path)
            .at(FileAction::Rename, &pending)?;
        sync(disk, &self.folder)
    }
}

/// Copies that have not got their names yet: the log was being recovered when it crashed.
pub(super) fn pending<D: Disk>(disk: &D, log: &Path) -> Result<Vec<Aside>, FileSinkError> {
    let folder = log.join(FOLDER);
    let names = match disk.names(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        names => names.at(FileAction::Open, &folder)?,
    };
    let mut asides = Vec::new();
    for name in names {
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

/// Copies what follows the records of `segment`, which end at `end`.
pub(super) fn copy<D: Disk>(
    disk: &D,
    log: &Folder<D>,
    segment: &OpenSegment<D>,
    end: &End,
) -> Result<Aside, FileSinkError> {
    let folder = log.path.join(FOLDER);
    match disk.create_folder(&folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made.at(FileAction::Create, &folder)?,
    }
    log.sync()?;

    let torn = || Stream::new(&segment.file, end.bytes, end.bytes.saturating_add(end.torn));
    let hashed = each_chunk(torn(), |_, _| Ok(()));
    let (_, digest) = hashed.at(FileAction::Read, &segment.path)?;

    // The name follows from the content: doing it again gives the same file.
    let hex = digest.to_string();
    let short = hex.get(..16).unwrap_or_default();
    let aside = Aside {
        folder,
        name: format!("seq-{:020}-{short}", end.head.records),
        recorded: false,
    };
    let path = aside.pending();
    let target = disk.replace(&path).at(FileAction::Create, &path)?;
    let copied = each_chunk(torn(), |chunk, at| write_all(&target, chunk, at));
    copied.at(FileAction::Write, &path)?;
    target.sync_all().at(FileAction::Sync, &path)?;
    sync(disk, &aside.folder)?;
    Ok(aside)
}

fn sync<D: Disk>(disk: &D, folder: &Path) -> Result<(), FileSinkError> {
    let handle = disk.open_folder(folder).at(FileAction::Open, folder)?;
    handle.sync().at(FileAction::Sync, folder)
}

/// Hands on `stream`, each chunk with its place; returns the length and the SHA-256 of all.
fn each_chunk(
    mut stream: impl Read,
    mut with: impl FnMut(&[u8], u64) -> io::Result<()>,
) -> io::Result<(u64, Digest)> {
    let mut state = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    let mut bytes = 0_u64;
    loop {
        let read = match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let chunk = buffer.get(..read).unwrap_or_default();
        state.update(chunk);
        with(chunk, bytes)?;
        bytes = bytes.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
    Ok((bytes, Digest::from_bytes(state.finalize().into())))
}
