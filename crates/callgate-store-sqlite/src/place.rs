//! The file itself: that it is there after a crash, and that it stays the same one.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::SqliteSinkError;
use crate::error::{At as _, SqliteAction};

/// Makes an empty file where there is none, for its owner alone, whose name survives a crash.
///
/// SQLite gives its own files beside it the same permissions.
pub(crate) fn create(path: &Path) -> Result<(), SqliteSinkError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        made => drop(made.at(SqliteAction::Create, path)?),
    }
    sync_folder(path)
}

fn sync_folder(path: &Path) -> Result<(), SqliteSinkError> {
    // Elsewhere a folder cannot be opened like a file, and needs no sync.
    if cfg!(unix) {
        let parent = path.parent().filter(|parent| *parent != Path::new(""));
        let folder = parent.unwrap_or(Path::new("."));
        let file = File::open(folder).at(SqliteAction::Open, folder)?;
        file.sync_all().at(SqliteAction::Sync, folder)?;
    }
    Ok(())
}

/// Where a file was when it was opened, and by whom.
///
/// A file that is removed or replaced can still be written through what was opened before: records
/// would be acknowledged that nobody can ever read.
#[derive(Debug)]
pub(crate) struct Place {
    path: PathBuf,
    wal: PathBuf,
    process: u32,
    file: Identity,
    /// The write-ahead log, from the first commit on.
    wal_file: OnceLock<Identity>,
}

impl Place {
    /// Remembers which file is at `path`.
    pub(crate) fn of(path: &Path) -> Result<Self, SqliteSinkError> {
        let mut wal: OsString = path.into();
        wal.push("-wal");
        Ok(Self {
            path: path.to_owned(),
            wal: wal.into(),
            process: std::process::id(),
            file: Identity::of(path).at(SqliteAction::Open, path)?,
            wal_file: OnceLock::new(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Fails in a process that forked off the one that opened the file.
    pub(crate) fn check_process(&self) -> Result<(), SqliteSinkError> {
        if std::process::id() == self.process {
            return Ok(());
        }
        let path = self.path.clone();
        Err(SqliteSinkError::Forked { path })
    }

    /// Fails where the file or its write-ahead log is no longer the one that was written.
    pub(crate) fn check_files(&self) -> Result<(), SqliteSinkError> {
        let is =
            |path: &Path, expected: &Identity| Identity::of(path).ok().as_ref() == Some(expected);
        let same = is(&self.path, &self.file)
            && match self.wal_file.get() {
                Some(wal) => is(&self.wal, wal),
                None => Identity::of(&self.wal)
                    .is_ok_and(|wal| *self.wal_file.get_or_init(|| wal) == wal),
            };
        if same {
            return Ok(());
        }
        let path = self.path.clone();
        Err(SqliteSinkError::Replaced { path })
    }
}

/// What tells a file from another one at the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    file: u64,
}

impl Identity {
    #[cfg(unix)]
    fn of(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = std::fs::metadata(path)?;
        let (device, file) = (metadata.dev(), metadata.ino());
        Ok(Self { device, file })
    }

    /// Elsewhere a file that is open cannot be removed: that there is one is enough.
    #[cfg(not(unix))]
    fn of(path: &Path) -> io::Result<Self> {
        std::fs::metadata(path)?;
        let (device, file) = (0, 0);
        Ok(Self { device, file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_process() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut place = Place::of(file.path()).unwrap();
        place.check_process().unwrap();
        place.process = place.process.wrapping_add(1);
        let told = place.check_process().unwrap_err().to_string();
        let expected = format!(
            "the log in `{}` was opened by another process",
            file.path().display()
        );
        assert_eq!(told, expected);
    }

    #[test]
    fn no_write_ahead_log() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let place = Place::of(file.path()).unwrap();
        let told = place.check_files();
        assert!(matches!(told, Err(SqliteSinkError::Replaced { .. })));
    }
}
