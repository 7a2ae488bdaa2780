//! The files of a store, and who may write them.

use std::fs::TryLockError;
use std::io;
use std::path::{Path, PathBuf};

use super::error::{FileTextsError, at};
use crate::FileAction;
use crate::sink::{Disk, DiskFolder as _};

const EXTENSION: &str = ".texts";
const DIGITS: usize = 20;

/// The folder of a store.
#[derive(Debug)]
pub(super) struct Files<D: Disk> {
    pub(super) disk: D,
    pub(super) path: PathBuf,
    handle: D::Folder,
    /// Who may write: whatever a fork has of the appender, it knows only what was there before.
    process: u32,
    /// Open for as long as others must keep out.
    _lock: Option<D::File>,
}

impl<D: Disk> Files<D> {
    /// Opens `path`; where it is to be written, makes it if need be, and keeps others out.
    pub(super) fn open(disk: D, path: &Path, writes: bool) -> Result<Self, FileTextsError> {
        let lock = writes.then(|| claim(&disk, path)).transpose()?;
        let handle = disk.open_folder(path).map_err(at(FileAction::Open, path))?;
        let files = Self {
            process: disk.process(),
            disk,
            path: path.to_owned(),
            handle,
            _lock: lock,
        };
        if writes {
            files.sync().map_err(at(FileAction::Sync, path))?;
        }
        Ok(files)
    }

    /// Makes the names in it durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.handle.sync()
    }

    /// Refuses a process that has forked from the one that opened the store.
    pub(super) fn check_process(&self) -> Result<(), FileTextsError> {
        let (opened_by, process) = (self.process, self.disk.process());
        if process == opened_by {
            return Ok(());
        }
        Err(FileTextsError::Forked { opened_by, process })
    }

    /// Takes a file away, and makes that durable.
    pub(super) fn remove(&self, number: u64) -> io::Result<()> {
        self.disk.remove(&self.file(number))?;
        self.sync()
    }

    /// The numbers of its files, in order.
    pub(super) fn numbers(&self) -> io::Result<Vec<u64>> {
        let names = self.disk.names(&self.path)?;
        let numbers = names.iter().filter_map(|name| {
            let digits = name.to_str()?.strip_suffix(EXTENSION)?;
            let plain = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse().ok()).flatten()
        });
        let mut numbers: Vec<u64> = numbers.collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The file with this number.
    pub(super) fn file(&self, number: u64) -> PathBuf {
        self.path.join(format!("{number:020}{EXTENSION}"))
    }
}

/// Makes the folder where it is missing, and its names durable up to what was there before.
fn claim<D: Disk>(disk: &D, path: &Path) -> Result<D::File, FileTextsError> {
    make(disk, path)?;
    let lock = path.join("lock");
    disk.lock(&lock).map_err(|error| match error {
        TryLockError::WouldBlock => FileTextsError::Locked {
            folder: path.to_owned(),
        },
        TryLockError::Error(source) => at(FileAction::Lock, &lock)(source),
    })
}

fn make<D: Disk>(disk: &D, path: &Path) -> Result<(), FileTextsError> {
    if disk.look(path).is_ok() {
        return Ok(());
    }
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        make(disk, parent)?;
    }
    match disk.create_folder(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(at(FileAction::Create, path)(error));
        }
        _ => {}
    }
    let parent = parent.unwrap_or(Path::new("."));
    let folder = disk
        .open_folder(parent)
        .map_err(at(FileAction::Open, parent))?;
    folder.sync().map_err(at(FileAction::Sync, parent))
}
