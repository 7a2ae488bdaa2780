//! Whole texts.

mod hostile;
mod model;
mod named;
#[cfg(all(
    feature = "schema",
    feature = "sql",
    feature = "url",
    feature = "zones"
))]
mod schema;

use crate::document::Document;
use crate::{Diagnostics, IncludeError, Sources};

/// Reads a policy in TOML.
fn read(text: &str, file: &str) -> Result<Document, Diagnostics> {
    read_all(&Sources::of(text, file))
}

/// Reads a policy in JSON.
fn read_json(text: &str, file: &str) -> Result<Document, Diagnostics> {
    read_all(&Sources::of_json(text, file))
}

fn read_all(sources: &Sources<'_>) -> Result<Document, Diagnostics> {
    super::read(sources, &mut |_: &str| Err(IncludeError::NoFiles))
}
