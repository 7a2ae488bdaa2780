//! A tool that cannot be called unchecked.

use std::fmt;

use serde_json::Value;

use crate::Authorized;

/// Something that an agent can do.
///
/// It is handed an [`Authorized`] call, which only a begun permit yields: code that holds a
/// `Tool` cannot run it past the gate. What the host does *without* a `Tool` is its own affair.
///
/// # Examples
///
/// ```
/// use callgate::{Authorized, Tool, ToolError};
/// use serde_json::{Value, json};
///
/// struct Greet;
///
/// impl Tool for Greet {
///     fn run(&self, call: &Authorized<'_>) -> Result<Value, ToolError> {
///         let name = call.arguments().get("name").and_then(|name| name.as_str());
///         let name = name.ok_or_else(|| ToolError::new("no name given"))?;
///         Ok(json!(format!("hello {name}")))
///     }
/// }
/// ```
pub trait Tool: Send + Sync {
    /// Does what the call says.
    ///
    /// # Errors
    ///
    /// Says why it could not, in words that the model may read.
    fn run(&self, call: &Authorized<'_>) -> Result<Value, ToolError>;
}

/// Why a tool failed, in words that the model may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolError(Box<str>);

impl ToolError {
    /// An error that says `message`.
    pub fn new(message: impl Into<Box<str>>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ToolError {}
