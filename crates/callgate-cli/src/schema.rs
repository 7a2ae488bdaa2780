//! `callgate schema`.

use callgate::policy::SCHEMA;
use serde_json::Value;

use crate::output::Output;
use crate::{Found, Unusable};

/// Writes the JSON Schema of the policy format.
pub(crate) fn run(output: &mut Output) -> Result<Found, Unusable> {
    if output.is_json() {
        let schema: Value = serde_json::from_str(SCHEMA)?;
        output.json(&schema)?;
    } else {
        output.line(SCHEMA.trim_end())?;
    }
    Ok(Found::Nothing)
}
