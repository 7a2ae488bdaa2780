//! The arguments of a tool call.

use crate::{Digest, InexactNumber, Json, JsonError, JsonRef, Members, RefusedJson};

/// The arguments of a tool call: strict JSON whose value is an object.
///
/// What the model wrote is a claim, not a fact, and never coerced: `"50"` is not `50`. The text
/// stays as it came, for tools and for the log.
///
/// # Examples
///
/// ```
/// use callgate_types::Arguments;
///
/// let arguments = Arguments::parse(r#"{"account": {"id": "acc_1"}, "amount": 20}"#)?;
/// let id = arguments.pointer("/account/id").and_then(|id| id.as_str());
/// assert_eq!(id, Some("acc_1"));
///
/// assert!(Arguments::parse("[1, 2]").is_err());
/// # Ok::<_, callgate_types::RefusedJson>(())
/// ```
#[derive(Clone, Debug)]
pub struct Arguments(Json);

impl Arguments {
    /// Reads `text`.
    ///
    /// # Errors
    ///
    /// Gives the text back where it is not acceptable JSON, or not an object.
    #[inline]
    pub fn parse(text: impl Into<String>) -> Result<Self, RefusedJson> {
        Json::parse_object(text).map(Self)
    }

    /// Takes the arguments from a `serde_json::Value`; see [`Json::from_value`].
    ///
    /// # Errors
    ///
    /// As [`Json::from_value`]; and refuses what is not an object.
    pub fn from_value(value: &serde_json::Value) -> Result<Self, JsonError> {
        Self::read_value(value).map_err(RefusedJson::into_error)
    }

    /// As [`Arguments::from_value`]; gives back the text as far as it was written.
    pub(crate) fn read_value(value: &serde_json::Value) -> Result<Self, RefusedJson> {
        Json::object_from_value(value).map(Self)
    }

    /// No arguments: `{}`.
    pub fn empty() -> Self {
        Self(Json::empty_object())
    }

    /// The text, as it came.
    pub fn text(&self) -> &str {
        self.0.text()
    }

    /// The one text that all spellings of these arguments share.
    pub fn canonical(&self) -> String {
        self.0.canonical()
    }

    /// The canonical form of these arguments without the one to which `path` leads, name by name, and
    /// without the objects around it that hold nothing else.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate_types::Arguments;
    ///
    /// let without = |text: &str| {
    ///     Arguments::parse(text).map(|arguments| arguments.canonical_without(&["mode", "dry"]))
    /// };
    /// assert_eq!(without(r#"{"b": 1, "mode": {"dry": true}}"#)?, r#"{"b":1}"#);
    /// assert_eq!(without(r#"{"mode": {"dry": true, "a": 1}}"#)?, r#"{"mode":{"a":1}}"#);
    /// # Ok::<_, callgate_types::RefusedJson>(())
    /// ```
    pub fn canonical_without(&self, path: &[&str]) -> String {
        self.root().canonical_without(path)
    }

    /// The digest of the canonical form; equal arguments have equal digests.
    pub fn digest(&self) -> Digest {
        self.0.digest()
    }

    /// The object.
    #[inline]
    pub fn root(&self) -> JsonRef<'_> {
        self.0.root()
    }

    /// The argument named `key`.
    pub fn get(&self, key: &str) -> Option<JsonRef<'_>> {
        self.root().get(key)
    }

    /// The value that an RFC 6901 pointer names, as in `/account/id`.
    pub fn pointer(&self, pointer: &str) -> Option<JsonRef<'_>> {
        self.root().pointer(pointer)
    }

    /// How many arguments there are.
    pub fn len(&self) -> usize {
        self.root().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.root().is_empty()
    }

    /// Names and values, in the order of the text.
    pub fn members(&self) -> Members<'_> {
        self.root().members()
    }

    /// The same arguments for code that works on a `serde_json::Value`.
    ///
    /// # Errors
    ///
    /// As [`Json::to_value`].
    pub fn to_value(&self) -> Result<serde_json::Value, InexactNumber> {
        self.0.to_value()
    }

    /// The JSON text that the arguments are.
    #[inline]
    pub const fn as_json(&self) -> &Json {
        &self.0
    }
}

impl Default for Arguments {
    fn default() -> Self {
        Self::empty()
    }
}
