//! What a model asks for.

use smol_str::SmolStr;

use crate::{Arguments, Digest, JsonError, RefusedJson, text};

/// A call of a tool, as a model asks for it: id, tool, arguments.
///
/// Making one never fails. Arguments that are not acceptable JSON are kept with what is wrong
/// with them, so that the call can be judged (it is denied) and recorded.
///
/// # Examples
///
/// ```
/// use callgate_types::ToolCall;
///
/// let call = ToolCall::from_text("read_file", r#"{"path": "/etc/hosts"}"#).id("call_1");
/// assert!(call.arguments().is_ok());
///
/// let call = ToolCall::from_text("read_file", r#"{"path": 1, "path": 2}"#);
/// assert!(call.arguments().is_err());
/// ```
#[derive(Clone, Debug)]
pub struct ToolCall {
    // Names are short nearly always: then they stand here, and take no allocation.
    id: Option<SmolStr>,
    tool: SmolStr,
    definition: Option<Digest>,
    arguments: Result<Arguments, RefusedArguments>,
    fault: Option<CallFault>,
}

impl ToolCall {
    /// A call of `tool` with `arguments`.
    #[inline]
    pub fn new(tool: impl AsRef<str>, arguments: Arguments) -> Self {
        Self::build(tool.as_ref(), Ok(arguments))
    }

    /// A call of `tool` whose arguments are JSON text, as most models write it.
    #[inline]
    pub fn from_text(tool: impl AsRef<str>, arguments: impl Into<String>) -> Self {
        Self::build(
            tool.as_ref(),
            Arguments::parse(arguments).map_err(Into::into),
        )
    }

    /// A call of `tool` whose arguments were parsed by the host.
    ///
    /// What the host's parser let through or threw away (duplicate keys, digits of a number)
    /// cannot be judged any more: prefer [`ToolCall::from_text`].
    pub fn from_value(tool: impl AsRef<str>, arguments: &serde_json::Value) -> Self {
        let arguments = Arguments::read_value(arguments);
        Self::build(tool.as_ref(), arguments.map_err(Into::into))
    }

    /// Something that was meant as a call and is none; `text` is what came instead.
    ///
    /// It is denied with `invalid_call`, and recorded by the digest of `text`.
    pub fn malformed(text: impl Into<String>) -> Self {
        let refused = RefusedArguments(Refused::NoCall(text.into()));
        Self {
            id: None,
            tool: SmolStr::default(),
            definition: None,
            arguments: Err(refused),
            fault: Some(CallFault::Malformed),
        }
    }

    #[inline]
    fn build(tool: &str, arguments: Result<Arguments, RefusedArguments>) -> Self {
        let fault = (!text::is_name(tool)).then_some(CallFault::ToolName);
        Self {
            id: None,
            tool: SmolStr::new(tool),
            definition: None,
            arguments,
            fault,
        }
    }

    /// The id that the model or its provider gave the call. Within a session it may be used once.
    #[must_use]
    pub fn id(mut self, id: impl AsRef<str>) -> Self {
        let id = id.as_ref();
        if !text::is_name(id) {
            self.fault.get_or_insert(CallFault::CallId);
        }
        self.id = Some(SmolStr::new(id));
        self
    }

    /// The digest of the definition that the tool's server shows now: see
    /// [`Definition`](crate::Definition).
    ///
    /// It is the host that says so, never the model. Where the catalogue pins a definition, a call
    /// that names another one, or none, is denied.
    #[must_use]
    pub const fn definition(mut self, digest: Digest) -> Self {
        self.definition = Some(digest);
        self
    }

    /// The digest of the tool's definition, where the host named one.
    #[inline]
    pub const fn definition_digest(&self) -> Option<&Digest> {
        self.definition.as_ref()
    }

    /// The id of the call, where it has one.
    pub fn call_id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The name of the tool.
    pub fn tool(&self) -> &str {
        &self.tool
    }

    /// The arguments.
    ///
    /// # Errors
    ///
    /// Returns the refused text where the arguments are not acceptable.
    pub const fn arguments(&self) -> Result<&Arguments, &RefusedArguments> {
        self.arguments.as_ref()
    }

    /// What is wrong with the call itself, apart from its arguments.
    pub const fn fault(&self) -> Option<CallFault> {
        self.fault
    }
}

/// What is wrong with a call itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallFault {
    /// It is no call at all.
    #[error("expected a tool call")]
    Malformed,
    /// The tool's name is empty, too long, or has control characters.
    #[error("expected a tool name of 1 to 256 bytes without control characters")]
    ToolName,
    /// The call's id is empty, too long, or has control characters.
    #[error("expected a call id of 1 to 256 bytes without control characters")]
    CallId,
}

/// Arguments that are not acceptable, with what is wrong.
#[derive(Clone)]
pub struct RefusedArguments(Refused);

#[derive(Clone)]
enum Refused {
    /// What was never meant as arguments.
    NoCall(String),
    Json(RefusedJson),
}

impl RefusedArguments {
    /// The text as it came. Where the host gave a value, it is the text of that, up to where
    /// something is wrong with it.
    pub fn text(&self) -> &str {
        match &self.0 {
            Refused::NoCall(text) => text,
            Refused::Json(refused) => refused.text(),
        }
    }

    /// What is wrong with the text; `None` where it was never meant as arguments.
    pub const fn error(&self) -> Option<&JsonError> {
        match &self.0 {
            Refused::NoCall(_) => None,
            Refused::Json(refused) => Some(refused.error()),
        }
    }

    /// Which argument is not acceptable, as an RFC 6901 pointer; `None` where it is not a single
    /// one. See [`RefusedJson::pointer`].
    pub fn pointer(&self) -> Option<String> {
        match &self.0 {
            Refused::NoCall(_) => None,
            Refused::Json(refused) => refused.pointer(),
        }
    }

    /// The digest of the text's bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(self.text().as_bytes())
    }
}

impl From<RefusedJson> for RefusedArguments {
    fn from(refused: RefusedJson) -> Self {
        Self(Refused::Json(refused))
    }
}

/// Shows what is wrong, never the text.
impl std::fmt::Debug for RefusedArguments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefusedArguments")
            .field("bytes", &self.text().len())
            .field("error", &self.error())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(call: &ToolCall, expected: Option<CallFault>) {
        assert_eq!(call.fault(), expected);
    }

    #[test]
    fn faults() {
        check(&ToolCall::new("t", Arguments::default()), None);
        check(&ToolCall::new("t", Arguments::default()).id("c"), None);
        check(&ToolCall::from_text("", "{}"), Some(CallFault::ToolName));
        check(
            &ToolCall::from_text("a\nb", "{}"),
            Some(CallFault::ToolName),
        );
        check(
            &ToolCall::from_text("t", "{}").id("x".repeat(257)),
            Some(CallFault::CallId),
        );
        check(&ToolCall::malformed("[1]"), Some(CallFault::Malformed));
    }

    #[test]
    fn refused_text_is_kept_and_never_shown() {
        let call = ToolCall::from_text("t", r#"{"password": "hunter2""#);
        let refused = call.arguments().unwrap_err();
        assert_eq!(refused.text(), r#"{"password": "hunter2""#);
        assert_eq!(refused.digest(), Digest::of(refused.text().as_bytes()));
        assert!(!format!("{call:?}").contains("hunter2"));
    }
}
