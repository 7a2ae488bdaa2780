//! The system's own disk.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::process;

use super::{Disk, DiskFile, DiskFolder, Seen};

/// The disk of the system that this runs on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct System;

/// Elsewhere than on Unix a folder cannot be opened like a file, and needs no sync.
#[derive(Debug)]
pub(crate) struct Folder(Option<File>);

impl Disk for System {
    type File = File;
    type Folder = Folder;

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)
    }

    fn open_folder(&self, path: &Path) -> io::Result<Folder> {
        let file = cfg!(unix).then(|| File::open(path)).transpose()?;
        Ok(Folder(file))
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        let entries = fs::read_dir(folder)?;
        entries
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect()
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        private().read(true).write(true).create_new(true).open(path)
    }

    fn replace(&self, path: &Path) -> io::Result<File> {
        let mut options = private();
        options.write(true).create(true).truncate(true).open(path)
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).open(path)
    }

    fn open_to_read(&self, path: &Path) -> io::Result<File> {
        File::open(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn lock(&self, path: &Path) -> Result<File, TryLockError> {
        let mut options = private();
        let file = options.write(true).create(true).truncate(false).open(path);
        let file = file.map_err(TryLockError::Error)?;
        file.try_lock()?;
        Ok(file)
    }

    fn look(&self, path: &Path) -> io::Result<Seen> {
        fs::metadata(path).map(|metadata| seen(&metadata))
    }

    fn process(&self) -> u32 {
        process::id()
    }
}

impl DiskFile for File {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        #[cfg(unix)]
        return std::os::unix::fs::FileExt::read_at(self, buffer, at);
        #[cfg(windows)]
        return std::os::windows::fs::FileExt::seek_read(self, buffer, at);
        #[cfg(not(any(unix, windows)))]
        return unsupported(buffer, at);
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize> {
        #[cfg(unix)]
        return std::os::unix::fs::FileExt::write_at(self, bytes, at);
        #[cfg(windows)]
        return std::os::windows::fs::FileExt::seek_write(self, bytes, at);
        #[cfg(not(any(unix, windows)))]
        return unsupported(bytes, at);
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_all()
    }

    fn look(&self) -> io::Result<Seen> {
        self.metadata().map(|metadata| seen(&metadata))
    }
}

impl DiskFolder for Folder {
    fn sync(&self) -> io::Result<()> {
        self.0.as_ref().map_or(Ok(()), File::sync_all)
    }
}

/// Where nothing can be read or written at a place of its own.
#[cfg(not(any(unix, windows)))]
fn unsupported(_: &[u8], _: u64) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

/// How files are made: for their owner alone, since a log may hold arguments in clear.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn seen(metadata: &Metadata) -> Seen {
    #[cfg(unix)]
    let identity = {
        use std::os::unix::fs::MetadataExt as _;
        Some((metadata.dev(), metadata.ino()))
    };
    #[cfg(not(unix))]
    let identity = None;
    Seen {
        identity,
        length: metadata.len(),
    }
}
