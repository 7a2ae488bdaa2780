//! Calling foreign sinks.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::SinkError;

/// The sink panicked.
#[derive(Debug, thiserror::Error)]
#[error("the sink panicked")]
struct SinkPanicked;

/// Calls a sink; a panic counts as [`SinkError::Unknown`].
pub(crate) fn guarded<T>(call: impl FnOnce() -> Result<T, SinkError>) -> Result<T, SinkError> {
    // Whatever the panic left behind is the sink's own; it is asked for its head.
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|payload| {
        // The payload is foreign, too: its drop may panic.
        let _panicked_again = catch_unwind(AssertUnwindSafe(|| drop(payload)));
        Err(SinkError::unknown(SinkPanicked))
    })
}
