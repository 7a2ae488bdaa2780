//! Whole texts.

mod hostile;
mod model;
mod named;

use super::Notation;
use crate::Diagnostics;
use crate::document::Document;

/// Reads a policy in TOML.
fn read(text: &str, file: &str) -> Result<Document, Diagnostics> {
    super::read(text, file, Notation::Toml)
}
