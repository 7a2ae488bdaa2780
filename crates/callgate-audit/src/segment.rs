//! The files of a log.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const EXTENSION: &str = ".jsonl";
const DIGITS: usize = 20;

/// One file of a log, named after its first record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Segment {
    pub(crate) first: u64,
    pub(crate) path: PathBuf,
}

impl Segment {
    /// The segment of `folder` that begins with record `first`.
    pub(crate) fn of(folder: &Path, first: u64) -> Self {
        Self {
            first,
            path: folder.join(format!("{first:020}{EXTENSION}")),
        }
    }
}

/// What stands in the folder of a log.
pub(crate) struct Listing {
    /// In the order of their records.
    pub(crate) segments: Vec<Segment>,
    /// A name that begins with a digit, and is no segment's.
    pub(crate) stranger: Option<PathBuf>,
}

impl Listing {
    /// What `names` are in `folder`. Those that begin with anything but a digit are not the log's.
    pub(crate) fn of(folder: &Path, names: impl IntoIterator<Item = OsString>) -> Self {
        let mut listing = Self {
            segments: Vec::new(),
            stranger: None,
        };
        for name in names {
            let bytes = name.as_encoded_bytes();
            if !bytes.first().is_some_and(u8::is_ascii_digit) {
                continue;
            }
            let path = folder.join(&name);
            if let Some(first) = first_record(bytes) {
                listing.segments.push(Segment { first, path });
            } else {
                // The smallest, so that the answer does not depend on the order of the folder.
                let known = listing.stranger.take().unwrap_or_else(|| path.clone());
                listing.stranger = Some(known.min(path));
            }
        }
        listing.segments.sort();
        listing
    }
}

/// Lists the segments in `folder`.
pub(crate) fn list(folder: &Path) -> io::Result<Listing> {
    let names = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name()));
    Ok(Listing::of(folder, names.collect::<io::Result<Vec<_>>>()?))
}

fn first_record(name: &[u8]) -> Option<u64> {
    let digits = name.strip_suffix(EXTENSION.as_bytes())?;
    if digits.len() != DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let segment = Segment::of(Path::new("log"), 42);
        assert_eq!(segment.path, Path::new("log/00000000000000000042.jsonl"));
        assert_eq!(first_record(b"00000000000000000042.jsonl"), Some(42));
        assert_eq!(first_record(b"18446744073709551615.jsonl"), Some(u64::MAX));
        for name in [
            "",
            "42.jsonl",
            "00000000000000000042.json",
            "00000000000000000042.jsonl~",
            "0000000000000000004x.jsonl",
            "18446744073709551616.jsonl",
        ] {
            assert_eq!(first_record(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn listing_is_in_order_and_names_strangers() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "lock",
            "00000000000000000007.jsonl",
            "00000000000000000000.jsonl",
            "7.jsonl",
            "3",
        ] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let listing = list(folder.path()).unwrap();
        let firsts: Vec<_> = listing
            .segments
            .iter()
            .map(|segment| segment.first)
            .collect();
        assert_eq!(firsts, [0, 7]);
        assert_eq!(listing.stranger, Some(folder.path().join("3")));
    }
}
