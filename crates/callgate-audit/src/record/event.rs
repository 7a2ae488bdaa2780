//! What happened beside the calls.

use callgate_types::Digest;
use chrono::{DateTime, Utc};

use crate::encode::Object;

/// Records were lost: there was no room to keep them until they could be written.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct GapRecord {
    /// When the gap was noted.
    pub time: DateTime<Utc>,
    /// How many records were lost.
    pub lost: u64,
}

impl GapRecord {
    /// `lost` records were lost until `time`.
    pub const fn new(time: DateTime<Utc>, lost: u64) -> Self {
        Self { time, lost }
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.number("lost", self.lost);
    }
}

/// The end of the log was torn by a crash, and was moved aside.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RecoveredRecord<'a> {
    /// When the log was opened.
    pub time: DateTime<Utc>,
    /// How many bytes were moved.
    pub bytes: u64,
    /// Their SHA-256.
    pub digest: Digest,
    /// Where they are now, within the log's folder.
    pub file: &'a str,
}

impl<'a> RecoveredRecord<'a> {
    /// `bytes` bytes with `digest` were moved to `file`.
    pub const fn new(time: DateTime<Utc>, bytes: u64, digest: Digest, file: &'a str) -> Self {
        Self {
            time,
            bytes,
            digest,
            file,
        }
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.number("bytes", self.bytes);
        object.hex("digest", self.digest);
        object.name("file", Some(self.file));
    }
}

/// A policy came into force.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PolicyLoadedRecord<'a> {
    /// When it came into force.
    pub time: DateTime<Utc>,
    /// Its name.
    pub name: &'a str,
    /// Its digest; decisions name it.
    pub digest: Digest,
}

impl<'a> PolicyLoadedRecord<'a> {
    /// The policy `name` with `digest` came into force at `time`.
    pub const fn new(time: DateTime<Utc>, name: &'a str, digest: Digest) -> Self {
        Self { time, name, digest }
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.name("name", Some(self.name));
        object.hex("digest", self.digest);
    }
}
