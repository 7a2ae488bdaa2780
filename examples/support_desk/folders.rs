//! Where a run keeps its files.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Most runs that are kept side by side.
const MAX_RUNS: u32 = 10_000;

/// Makes a new folder in `runs`: every run starts afresh, and leaves those before it alone.
pub fn fresh(runs: &Path) -> io::Result<PathBuf> {
    let at =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", runs.display()));
    fs::create_dir_all(runs).map_err(at)?;
    for number in 1..=MAX_RUNS {
        let folder = runs.join(format!("run-{number}"));
        match fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(at(error)),
        }
    }
    let message = format!("{}: more than {MAX_RUNS} runs: remove some", runs.display());
    Err(io::Error::other(message))
}

/// The path as seen from the current folder, where it lies below it.
pub fn from_here(path: &Path) -> PathBuf {
    let here = env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).to_owned()
}
