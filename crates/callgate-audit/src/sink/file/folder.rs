//! The folder of a log: making it so that it is there after a crash, and keeping others out.

use std::collections::hash_map::RandomState;
use std::fs::TryLockError;
use std::hash::BuildHasher as _;
use std::io;
use std::path::{Path, PathBuf};

use super::FileSinkError;
use super::disk::{Disk, DiskFile as _, DiskFolder as _, Seen};
use super::error::{At as _, FileAction};

/// What the folders of further chains are called, before 16 hex digits.
const CHAIN: &str = "chain-";

/// How many writers there may be with chains of their own.
const MAX_CHAINS: usize = 256;

/// A folder that nobody else writes.
#[derive(Debug)]
pub(super) struct Folder<D: Disk> {
    pub(super) path: PathBuf,
    handle: D::Folder,
    lock_path: PathBuf,
    /// Open for as long as others must keep out.
    _lock: D::File,
    locked: Seen,
}

impl<D: Disk> Folder<D> {
    /// Makes `path` where it is not there, and keeps other writers out of it.
    pub(super) fn claim(disk: &D, path: &Path) -> Result<Self, FileSinkError> {
        let made = make(disk, path)?;
        let lock_path = path.join("lock");
        let lock = match disk.lock(&lock_path) {
            Ok(lock) => lock,
            Err(TryLockError::WouldBlock) => {
                let folder = path.to_owned();
                return Err(FileSinkError::Locked { folder });
            }
            Err(TryLockError::Error(source)) => {
                return Err(source).at(FileAction::Lock, &lock_path);
            }
        };
        let locked = lock.look().at(FileAction::Read, &lock_path)?;
        let handle = disk.open_folder(path).at(FileAction::Open, path)?;
        let folder = Self {
            path: path.to_owned(),
            handle,
            lock_path,
            _lock: lock,
            locked,
        };
        // A process that was killed may have made names and not synced them.
        folder.sync()?;
        sync_ancestors(disk, path, made)?;
        Ok(folder)
    }

    /// As [`Folder::claim`], or, where somebody writes there, the first chain within it that
    /// nobody writes; a new one where there is none.
    pub(super) fn claim_any(disk: &D, path: &Path) -> Result<Self, FileSinkError> {
        match Self::claim(disk, path) {
            Err(FileSinkError::Locked { .. }) => {}
            claimed => return claimed,
        }
        let mut names = disk.names(path).at(FileAction::Open, path)?;
        names.retain(|name| name.to_str().is_some_and(is_chain));
        names.sort();
        let mut tried = names.len();
        let mut chains = names.into_iter().map(|name| path.join(name));
        loop {
            let chain = match chains.next() {
                Some(chain) => chain,
                None if tried < MAX_CHAINS => {
                    tried = tried.saturating_add(1);
                    new_chain(path)
                }
                None => {
                    let folder = path.to_owned();
                    return Err(FileSinkError::TooManyChains { folder });
                }
            };
            match Self::claim(disk, &chain) {
                // Somebody else took it in between.
                Err(FileSinkError::Locked { .. }) => {}
                claimed => return claimed,
            }
        }
    }

    /// Makes the names in it durable.
    pub(super) fn sync(&self) -> Result<(), FileSinkError> {
        self.handle.sync().at(FileAction::Sync, &self.path)
    }

    /// Makes an empty segment, whose name survives a crash.
    pub(super) fn create(&self, disk: &D, path: &Path) -> Result<D::File, FileSinkError> {
        let file = disk.create(path).at(FileAction::Create, path)?;
        self.sync()?;
        Ok(file)
    }

    /// Fails where the lock is not at its name any more: somebody else may hold another one.
    pub(super) fn check(&self, disk: &D) -> Result<(), FileSinkError> {
        same(disk, &self.lock_path, self.locked)
    }
}

/// Fails where `path` is not the file any more that `known` was seen of, or has become shorter.
pub(super) fn same<D: Disk>(disk: &D, path: &Path, known: Seen) -> Result<(), FileSinkError> {
    match disk.look(path) {
        Ok(now) if now.identity == known.identity && now.length >= known.length => Ok(()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).at(FileAction::Read, path)
        }
        _ => Err(FileSinkError::Replaced {
            path: path.to_owned(),
        }),
    }
}

/// Makes `path` and what it stands in, where they are missing; says how many folders were.
fn make<D: Disk>(disk: &D, path: &Path) -> Result<usize, FileSinkError> {
    // Whether it is a folder shows as soon as something is made in it.
    if disk.look(path).is_ok() {
        return Ok(0);
    }
    let made = match path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        Some(parent) => make(disk, parent)?,
        None => 0,
    };
    match disk.create_folder(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(error).at(FileAction::Create, path)
        }
        // Somebody else may have made it in between, and may not have synced it.
        _ => Ok(made.saturating_add(1)),
    }
}

/// Makes the names durable that lead to `path`, of which the last `made` are new.
fn sync_ancestors<D: Disk>(disk: &D, path: &Path, made: usize) -> Result<(), FileSinkError> {
    for (above, ancestor) in path.ancestors().skip(1).enumerate() {
        let ancestor = if ancestor.as_os_str().is_empty() {
            Path::new(".")
        } else {
            ancestor
        };
        match disk.open_folder(ancestor).and_then(|folder| folder.sync()) {
            // One that was there before is synced in case it was made by a process that was killed
            // too early; where that is not for us to do, it was not made by one like us.
            Err(error) if above >= made && is_not_for_us(&error) => {}
            synced => synced.at(FileAction::Sync, ancestor)?,
        }
    }
    Ok(())
}

fn is_not_for_us(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::Unsupported
            | io::ErrorKind::ReadOnlyFilesystem
    )
}

fn is_chain(name: &str) -> bool {
    let hex = name.strip_prefix(CHAIN);
    hex.is_some_and(|hex| {
        hex.len() == 16
            && hex
                .bytes()
                .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// A name that nobody else thinks of; where somebody does, the lock tells.
fn new_chain(log: &Path) -> PathBuf {
    // Every state of this kind hashes by keys of its own.
    log.join(format!("{CHAIN}{:016x}", RandomState::new().hash_one(log)))
}
