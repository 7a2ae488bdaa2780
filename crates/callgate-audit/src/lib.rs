//! What happened: an append-only, hash-chained audit log behind a small trait.

mod batch;
mod chain;
mod encode;
mod head;
mod journal;
mod json;
mod line;
mod lines;
mod record;
mod segment;
mod sink;
mod verify;

pub use batch::{Batch, ParseBatchError};
pub use head::{Head, ParseHeadError};
pub use journal::{AppendError, Ask, Journal, JournalState, Otherwise, Stored};
pub use line::LineFault;
pub use record::{
    AbandonedRecord, DecisionRecord, Durability, GapRecord, Keep, Kept, NotBegunReason,
    NotBegunRecord, OutcomeRecord, OutcomeStatus, PolicyLoadedRecord, Record, RecordedResource,
    RecoveredRecord,
};
pub use sink::{
    AuditSink, Cause, FileAction, FileSink, FileSinkError, FileSinkOptions, MemorySink, SinkError,
    TornTail,
};
pub use verify::{
    Authenticity, Completeness, Fault, FaultKind, Integrity, Report, VerifyError, VerifyOptions,
    verify_folder, verify_reader,
};
