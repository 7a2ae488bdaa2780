//! What happened: an append-only, hash-chained audit log behind a small trait.
//!
//! Every [`Record`] is one line of JSON that commits to all lines before it. The library encodes,
//! chains and hashes; an [`AuditSink`] stores bytes; a [`Journal`] lets many threads write one
//! chain; [`verify_folder`] and [`verify_reader`] check what is stored. The bytes are specified in
//! `docs/spec/audit-log.md`, so that a program which this project did not write can check them.
//!
//! * To write: [`Journal`], [`Ask`], [`Record`] and its kinds, of which [`DecisionRecord`] is the
//!   largest.
//! * To store: [`FileSink`], [`MemorySink`], or an [`AuditSink`] of your own. [`FanOut`] keeps one log
//!   in several places; [`bridge`] makes a sink of an [`AsyncAuditSink`].
//! * To check: [`verify_folder`], [`Report`], and a [`Head`] that was kept elsewhere.
//! * To sign: [`JournalOptions`], [`Signer`]; [`SignedNote`] is what is signed, an [`Anchor`] keeps it.
//! * To prove: [`ProofMaker`], [`InclusionProof`], [`ConsistencyProof`].
//!
//! A log proves that what is in it was not changed, dropped, repeated or moved since somebody
//! last kept its head. It does not prove that its end is there, nor that it was not written anew
//! as a whole: only a head or note that was kept elsewhere does. Who wrote it is known of what a
//! signer has sealed, and of no more. It says nothing of what was never handed to it.
//!
//! There is no thread, no runtime and, but in [`FileSink`], no clock of the wall: records carry
//! the times that they were given.
//!
//! # Examples
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use callgate_audit::{
//!     Ask, Durability, FileSink, Integrity, Journal, PolicyLoadedRecord, Record, VerifyOptions,
//!     verify_folder,
//! };
//! use callgate_types::Digest;
//! use chrono::Utc;
//!
//! let folder = tempfile::tempdir()?;
//! let journal = Journal::open(Arc::new(FileSink::open(folder.path())?))?;
//!
//! let loaded = PolicyLoadedRecord::new(Utc::now(), "support-desk", Digest::of(b"the policy"));
//! let ask = Ask::new(Durability::Durable, Duration::from_secs(5));
//! let stored = journal.append(&Record::PolicyLoaded(loaded), ask)?;
//! assert_eq!(stored.seq, 0);
//!
//! let report = verify_folder(folder.path(), &VerifyOptions::new())?;
//! assert_eq!(report.integrity, Integrity::Ok);
//!
//! // Keep the head elsewhere: it tells later whether the log still begins with these records.
//! let options = VerifyOptions::new().head(report.head);
//! assert!(verify_folder(folder.path(), &options)?.is_good());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod anchor;
mod batch;
mod chain;
mod checkpoint;
mod encode;
mod head;
mod journal;
mod json;
mod line;
mod lines;
mod note;
mod proof;
mod prune;
pub mod read;
mod record;
mod segment;
mod sha;
mod sink;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
pub mod texts;
mod tree;
mod verify;

pub use anchor::{Anchor, AnchorError, FileAnchor};
pub use batch::{Batch, ParseBatchError};
pub use chain::digest as record_digest;
pub use head::{Head, ParseHeadError};
pub use journal::{
    AppendError, Ask, Journal, JournalOptions, JournalState, OpenError, Otherwise, Sealed, Stored,
};
pub use line::LineFault;
#[cfg(feature = "ed25519")]
pub use note::Ed25519Signer;
pub use note::{
    KeyAlgorithm, ParseKeyError, ParseNoteError, SignError, SignedNote, Signer, VerifyingKey,
};
pub use proof::{
    ConsistencyProof, InclusionProof, ParseProofError, ProofError, ProofMaker, ProofMakerError,
};
pub use prune::{Prune, PruneError, Removed, prune};
pub use record::{
    AbandonedRecord, Apart, ApprovalAnsweredRecord, ApprovalAskedRecord, ApprovalConsumedRecord,
    BasisKind, BasisPart, Budget, CheckpointRecord, CredentialIssuedRecord, DecisionRecord,
    Durability, ErasedRecord, ErasedText, GapRecord, Keep, Kept, KeyChangedRecord, LimitEffect,
    LimitKey, LimitReachedRecord, Masked, NotBegunReason, NotBegunRecord, OutcomeRecord,
    OutcomeStatus, PolicyLoadedRecord, PrunedRecord, Record, RecordedPrincipal, RecordedResource,
    RecoveredRecord, ReviewDecidedRecord, ReviewVerdict, Revocable, Revocation, RevokedRecord,
    Standing, TaskBegunRecord, TaskEnd, TaskEndedRecord, TokenIssuedRecord, TokenRevokedRecord,
    Verdict, Window,
};
pub use sink::{
    AsyncAuditSink, AuditSink, BridgeDriver, BridgeSink, Cause, ChainName, FanOut, FileAction,
    FileSink, FileSinkError, FileSinkOptions, MemorySink, MirrorState, ParseChainNameError,
    SinkError, SinkFuture, TornTail, bridge,
};
pub use tree::{Tree, TreeError};
pub use verify::{
    Authenticity, AuthenticityFault, Completeness, Fault, FaultKind, Integrity, ParseTrustedError,
    Progress, Report, StatementFault, TextFault, TextFaultKind, TextReport, Trusted, VerifyError,
    VerifyOptions, VerifyTextsError, verify_folder, verify_reader, verify_texts,
};
