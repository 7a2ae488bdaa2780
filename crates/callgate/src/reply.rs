//! Answers in the shapes that agent loops send back to the model.

use serde_json::{Value, json};

/// An answer to one tool call, for the model.
///
/// Each method gives it in the shape that one kind of loop expects.
///
/// # Examples
///
/// ```
/// use callgate::Reply;
///
/// let reply = Reply::error("Denied by policy: there is no such tool. The tool was not run.");
/// assert_eq!(reply.mcp()["isError"], true);
/// assert_eq!(reply.openai("call_1")["role"], "tool");
/// assert_eq!(reply.anthropic("toolu_1")["type"], "tool_result");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    text: &'a str,
    is_error: bool,
}

impl<'a> Reply<'a> {
    /// The call was run; `text` is its result.
    pub const fn result(text: &'a str) -> Self {
        Self {
            text,
            is_error: false,
        }
    }

    /// The call was not run, or failed; `text` says why.
    pub const fn error(text: &'a str) -> Self {
        Self {
            text,
            is_error: true,
        }
    }

    /// The text.
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// The result of an MCP `tools/call`. A refusal is a result with `isError`, not a protocol
    /// error: models are not shown those.
    pub fn mcp(&self) -> Value {
        json!({
            "content": [{"type": "text", "text": self.text}],
            "isError": self.is_error,
        })
    }

    /// The `tool` message of an OpenAI-style chat for the call `id`.
    pub fn openai(&self, id: &str) -> Value {
        json!({"role": "tool", "tool_call_id": id, "content": self.text})
    }

    /// The `tool_result` block of an Anthropic-style chat for the call `id`.
    pub fn anthropic(&self, id: &str) -> Value {
        json!({
            "type": "tool_result",
            "tool_use_id": id,
            "content": self.text,
            "is_error": self.is_error,
        })
    }
}
