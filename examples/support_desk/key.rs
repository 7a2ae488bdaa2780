//! The key that signs the log: made afresh for each run, and kept in a file of its own.
//!
//! A host makes its key once, and keeps it where whoever gets at the log does not get at it: on another
//! volume, or in a device that signs.

use std::error::Error;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use callgate::audit::{Ed25519Signer, Signer};

/// What the log is called, wherever its notes are kept.
pub const ORIGIN: &str = "support-desk.example/log";

/// Makes a key; in `folder` it leaves `signing.key`, for its owner alone, and `log.pub`, with which anybody
/// can verify the log.
pub fn make(folder: &Path) -> Result<Ed25519Signer, Box<dyn Error>> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    let signer = Ed25519Signer::new(ORIGIN, seed)?;
    write(
        &folder.join("signing.key"),
        &signer.to_private_text(),
        0o600,
    )?;
    write(&folder.join("log.pub"), &signer.key().to_string(), 0o644)?;
    Ok(signer)
}

fn write(path: &Path, line: &str, mode: u32) -> Result<(), Box<dyn Error>> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(mode);
    }
    // Elsewhere a file has the permissions of its folder.
    #[cfg(not(unix))]
    let _: u32 = mode;
    let mut file = options.open(path)?;
    writeln!(file, "{line}")?;
    file.sync_all()?;
    Ok(())
}
