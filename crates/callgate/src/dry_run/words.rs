//! What is said of calls that have to be tried out.

use std::fmt;

use callgate_policy::document::{DryRun, Scalar};

/// Why a call has to be tried out first, for people.
pub(crate) fn untried(
    f: &mut fmt::Formatter<'_>,
    tool: &str,
    dry_run: Option<&DryRun>,
    in_session: bool,
) -> fmt::Result {
    match dry_run {
        _ if !in_session => f.write_str(
            "a preview is demanded, and the call names no session in which it was tried out",
        ),
        None => write!(
            f,
            "a preview is demanded, and tool `{tool}` has no `dry_run` in the catalogue"
        ),
        Some(dry_run) => write!(
            f,
            "a preview is demanded, and no dry run of this call has ended well in this session lately: {}",
            how_to_try(tool, dry_run)
        ),
    }
}

/// What to do first, for people and models.
pub(crate) fn how_to_try(tool: &str, dry_run: &DryRun) -> String {
    let tool = dry_run.tool.as_deref().unwrap_or(tool);
    let argument = match &dry_run.argument {
        None => String::new(),
        Some((pointer, value)) => {
            let value = match value {
                Scalar::Text(text) => serde_json::Value::from(&**text).to_string(),
                Scalar::Number(number) => number.to_string(),
                Scalar::Boolean(value) => value.to_string(),
                _ => String::new(),
            };
            format!(" and {} = {value}", pointer.as_str())
        }
    };
    format!("call `{tool}` with the same arguments{argument}")
}
