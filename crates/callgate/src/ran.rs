//! What comes out of a tool.

use std::fmt::Display;

use serde::Serialize;

use crate::{AuditError, Reply};

/// What came of running a tool.
///
/// Whether the tool succeeded and whether that could be recorded are two questions: a tool that
/// did its work is never reported as failed because the log was not to be had.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub struct Ran<T, E> {
    /// What the tool returned.
    pub output: Result<Released<T>, E>,
    /// Whether its outcome is in the log. Where it is not, the gate lets no write begin until
    /// it is.
    pub recorded: Result<(), AuditError>,
    text: String,
}

impl<T: Serialize, E: Display> Ran<T, E> {
    pub(crate) fn new(
        output: Result<T, E>,
        text: String,
        recorded: Result<(), AuditError>,
    ) -> Self {
        let output = output.map(|value| Released {
            value,
            text: text.clone(),
        });
        Self {
            output,
            recorded,
            text,
        }
    }
}

impl<T, E> Ran<T, E> {
    /// What to tell the model: the result as JSON, or the tool's own error.
    pub fn released(&self) -> &str {
        &self.text
    }

    /// What to tell the model, in the shape that its loop expects.
    pub fn reply(&self) -> Reply<'_> {
        match self.output {
            Ok(_) => Reply::result(&self.text),
            Err(_) => Reply::error(&self.text),
        }
    }
}

/// A result on its way out: the value for the host, a text for the model.
#[derive(Clone, Debug)]
pub struct Released<T> {
    value: T,
    text: String,
}

impl<T> Released<T> {
    /// The value, for the host.
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// Gives the value out, for the host.
    pub fn into_value(self) -> T {
        self.value
    }

    /// The result as JSON, for the model.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The text of `output` for the model and the log.
pub(crate) fn text<T: Serialize, E: Display>(output: &Result<T, E>) -> String {
    match output {
        Ok(value) => serde_json::to_string(value).unwrap_or_else(|error| {
            format!("the tool ran; its result cannot be shown as JSON: {error}")
        }),
        Err(error) => error.to_string(),
    }
}
