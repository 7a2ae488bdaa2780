//! Making files so that they are there after a crash.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use super::FileSinkError;
use super::error::{At as _, FileAction};
use crate::segment::Segment;

/// Keeps other writers out of `folder` for as long as the file is open.
pub(super) fn lock(folder: &Path) -> Result<File, FileSinkError> {
    let path = folder.join("lock");
    let mut options = OpenOptions::new();
    let file = options.create(true).truncate(false).write(true).open(&path);
    let file = file.at(FileAction::Create, &path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(FileSinkError::Locked {
            folder: folder.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(source).at(FileAction::Lock, &path),
    }
}

/// Makes an empty segment, whose name survives a crash.
pub(super) fn create(folder: &Path, segment: &Segment) -> Result<File, FileSinkError> {
    let mut options = OpenOptions::new();
    let file = options.create_new(true).read(true).append(true);
    let file = file
        .open(&segment.path)
        .at(FileAction::Create, &segment.path)?;
    sync(folder)?;
    Ok(file)
}

/// Opens a segment to go on writing it.
pub(super) fn reopen(segment: &Segment) -> Result<File, FileSinkError> {
    let mut options = OpenOptions::new();
    let file = options.read(true).append(true).open(&segment.path);
    file.at(FileAction::Open, &segment.path)
}

/// Makes the names in `folder` survive a crash.
pub(super) fn sync(folder: &Path) -> Result<(), FileSinkError> {
    // Elsewhere a folder cannot be opened like a file, and needs no sync.
    if cfg!(unix) {
        let file = File::open(folder).at(FileAction::Open, folder)?;
        file.sync_all().at(FileAction::Sync, folder)?;
    }
    Ok(())
}
