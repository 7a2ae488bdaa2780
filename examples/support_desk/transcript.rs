//! What a model asked for: turns of a conversation, one a line.

use std::fmt;
use std::fs;
use std::path::Path;

use callgate::{AssertedCaller, Caller, Context, ToolCall};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::listing::Listing;

/// Most bytes of a transcript: 16 MiB.
const MAX_BYTES: u64 = 16 << 20;

/// One answer of the model, with what the host knows beside it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// For the reader: what is tried here. Nothing looks at it.
    #[serde(default)]
    pub note: String,
    /// The conversation.
    session: Option<String>,
    /// Where calls take effect; absent is unknown.
    environment: Option<String>,
    /// When it is; absent is now.
    time: Option<DateTime<Utc>>,
    /// What the mail server lists, where it has begun to say something else of its tools.
    listing: Option<Listing>,
    /// On whose behalf the agent acts; the host has made sure of it. Absent is unknown.
    caller: Option<AssertedCaller>,
    /// `tool_calls` of a chat-completions message, exactly as it came.
    tool_calls: Vec<Value>,
    /// For the test: what each call is expected to get. Nothing looks at it before the answer.
    #[serde(default)]
    pub expect: Vec<Expected>,
}

/// The answer that a call is expected to get.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub decision: String,
    pub code: String,
    pub rule: Option<String>,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decision, self.code)?;
        match &self.rule {
            Some(rule) => write!(f, " by {rule}"),
            None => Ok(()),
        }
    }
}

/// Reads the turns in `path`.
pub fn read(path: &Path) -> Result<Vec<Turn>, String> {
    let shown = path.display();
    let size = fs::metadata(path).map_err(|error| format!("{shown}: {error}"))?;
    if size.len() > MAX_BYTES {
        return Err(format!("{shown}: expected at most {MAX_BYTES} bytes"));
    }
    let text = fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
    let lines = text.lines().zip(1_u32..);
    lines
        .filter(|(line, _)| !line.trim().is_empty())
        .map(|(line, number)| {
            serde_json::from_str(line).map_err(|error| format!("{shown}:{number}: {error}"))
        })
        .collect()
}

impl Turn {
    /// Who calls. A caller that makes no sense is not left out: every call of it is denied.
    pub fn caller(&self) -> Caller {
        match &self.caller {
            Some(asserted) => asserted.clone().resolve().unwrap_or_else(Caller::refused),
            None => Caller::unknown(),
        }
    }

    /// What else the host knows. What it does not know it leaves out, and never guesses.
    pub fn context(&self) -> Context {
        let mut context = Context::new();
        if let Some(session) = &self.session {
            context = context.session(session.as_str());
        }
        if let Some(environment) = &self.environment {
            context = context.environment(environment.as_str());
        }
        if let Some(time) = self.time {
            context = context.time(time);
        }
        context
    }

    /// The calls. An entry that is none becomes a malformed call, which is denied and recorded.
    ///
    /// A call of the mail server names the definition that is listed now: in this turn, or at the
    /// `start`.
    pub fn calls<'t>(&'t self, start: &'t Listing) -> impl ExactSizeIterator<Item = ToolCall> + 't {
        let listing = self.listing.as_ref().unwrap_or(start);
        self.tool_calls
            .iter()
            .map(|entry| listing.name_definition(tool_call(entry)))
    }
}

/// One entry of `tool_calls`. The arguments are text, and go to the gate as text: what a parser
/// in between would repair or throw away could not be judged any more.
fn tool_call(entry: &Value) -> ToolCall {
    let text = |pointer| entry.pointer(pointer).and_then(Value::as_str);
    let call = match (text("/function/name"), text("/function/arguments")) {
        (Some(tool), Some(arguments)) => ToolCall::from_text(tool, arguments),
        _ => ToolCall::malformed(entry.to_string()),
    };
    match text("/id") {
        Some(id) => call.id(id),
        None => call,
    }
}
