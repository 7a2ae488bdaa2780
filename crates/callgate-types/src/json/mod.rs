//! Strict JSON: a text, and a flat tree over it.
//!
//! What is accepted, the canonical form and the digest are specified in
//! `docs/spec/arguments.md`; change neither without the other.

mod canonical;
mod decimal;
mod digits;
mod element;
mod equal;
mod error;
mod keys;
mod layout;
mod minify;
mod node;
mod number;
mod open;
mod parse;
mod place;
mod pointer;
mod sorted;
mod string;
mod value;
mod word;

use std::fmt;

use crate::Digest;

pub use decimal::{Decimal, ParseDecimalError};
pub use element::{Items, JsonKind, JsonRef, Members};
pub use error::{ExpectedJson, JsonError, RefusedJson};
pub use layout::Layout;
pub use number::Number;
pub use pointer::push_token as push_pointer_token;
pub use value::InexactNumber;

use number::Fault;
use parse::Tree;

/// A JSON text that was read strictly, and stays as it came.
///
/// Two readers must never disagree on what a text says. So this one refuses whatever readers
/// are known to differ on: repeated keys, lone surrogates, a byte order mark, text behind the
/// value. Numbers keep their digits: nothing is rounded.
///
/// Which features of `serde_json` a host switches on makes no difference.
///
/// Beside the text there are 20 bytes for each key and value, and the decoded form of each string
/// that has escapes: at worst some twenty times the text.
///
/// # Examples
///
/// ```
/// use callgate_types::Json;
///
/// let one = Json::parse(r#"{"amount": 20, "to": "acc_1"}"#)?;
/// let other = Json::parse(r#"{"to":"acc_\u0031","amount":2.0e1}"#)?;
/// assert_eq!(one.canonical(), r#"{"amount":2e1,"to":"acc_1"}"#);
/// assert_eq!(one.digest(), other.digest());
///
/// let refused = Json::parse(r#"{"amount": 20, "amount": 9000}"#).unwrap_err();
/// assert_eq!(refused.to_string(), "repeated key at byte 15");
/// # Ok::<_, callgate_types::RefusedJson>(())
/// ```
#[derive(Clone)]
pub struct Json {
    text: String,
    tree: Tree,
}

impl Json {
    /// The longest text, in bytes: 1 MiB.
    pub const MAX_BYTES: usize = 1 << 20;

    /// How deep arrays and objects may be nested; the outermost is 1.
    pub const MAX_DEPTH: usize = 64;

    /// The largest exponent of a number, as written, up or down.
    pub const MAX_EXPONENT: u32 = 400;

    /// Reads `text`, whose value may be of any kind.
    ///
    /// # Errors
    ///
    /// Gives the text back with the first thing that is wrong with it.
    #[inline]
    pub fn parse(text: impl Into<String>) -> Result<Self, RefusedJson> {
        Self::parse_within(Self::MAX_BYTES, text)
    }

    /// Reads `text` as [`Json::parse`] does, but for its length: at most `max_bytes` bytes.
    ///
    /// For documents that are no arguments, such as a whole policy.
    ///
    /// # Errors
    ///
    /// Gives the text back with the first thing that is wrong with it.
    #[inline]
    pub fn parse_within(max_bytes: usize, text: impl Into<String>) -> Result<Self, RefusedJson> {
        Self::read(text.into(), max_bytes, false)
    }

    /// Reads `text`, which must be an object if `of_object` says so.
    ///
    /// In one piece: each hand that what was read goes through copies it once more.
    #[inline(never)]
    fn read(text: String, max_bytes: usize, of_object: bool) -> Result<Self, RefusedJson> {
        match parse::parse(&text, max_bytes, of_object) {
            Ok(tree) => Ok(Self { text, tree }),
            Err(error) => Err(RefusedJson::new(text, error)),
        }
    }

    /// The text `{}`.
    pub fn empty_object() -> Self {
        Self {
            text: "{}".to_owned(),
            tree: Tree::empty_object(),
        }
    }

    /// Writes `value` as text without white space, and reads that.
    ///
    /// Numbers are taken as `value` displays them: a binary fraction as the shortest decimal that
    /// stands for it.
    ///
    /// # Errors
    ///
    /// Refuses a value that is too deep or too large as text, and a number that is none;
    /// positions are those in the text that was being written.
    pub fn from_value(value: &serde_json::Value) -> Result<Self, JsonError> {
        value::write(value)
            .and_then(|text| Self::read(text, Self::MAX_BYTES, false))
            .map_err(RefusedJson::into_error)
    }

    /// As [`Json::parse`], of an object.
    #[inline]
    pub(crate) fn parse_object(text: impl Into<String>) -> Result<Self, RefusedJson> {
        Self::read(text.into(), Self::MAX_BYTES, true)
    }

    /// As [`Json::from_value`], of an object; gives back the text as far as it was written.
    pub(crate) fn object_from_value(value: &serde_json::Value) -> Result<Self, RefusedJson> {
        let text = value::write(value)?;
        Self::read(text, Self::MAX_BYTES, true)
    }

    /// The outermost value.
    #[inline]
    pub fn root(&self) -> JsonRef<'_> {
        JsonRef::root(self)
    }

    /// The value whose [`index`](JsonRef::index) is `index`; the keys of objects have one, too.
    #[inline]
    pub fn element(&self, index: u32) -> Option<JsonRef<'_>> {
        JsonRef::new(self, index)
    }

    /// The text, as it came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Gives the text back.
    pub fn into_text(self) -> String {
        self.text
    }

    /// The one text that all spellings of this value share.
    pub fn canonical(&self) -> String {
        let mut text = String::with_capacity(self.text.len());
        canonical::put(self.root(), &mut text);
        text
    }

    /// The digest of the canonical form; equal values have equal digests.
    pub fn digest(&self) -> Digest {
        canonical::digest(self.root())
    }

    /// The same value for code that works on a `serde_json::Value`.
    ///
    /// [`Json::from_value`] of the result has the same digest.
    ///
    /// # Errors
    ///
    /// Refuses a number that would be another one afterwards: an integer beyond 64 bits, or a
    /// fraction with more digits than a binary fraction can tell apart.
    pub fn to_value(&self) -> Result<serde_json::Value, InexactNumber> {
        value::read(self.root())
    }
}

impl JsonRef<'_> {
    /// Whether two values are equal: numbers by exact value, objects whatever the order of their
    /// members.
    pub fn equals(self, other: JsonRef<'_>) -> bool {
        equal::equal(self, other)
    }

    /// The digest of the canonical form of this value alone.
    pub fn digest(self) -> Digest {
        canonical::digest(self)
    }

    /// The canonical form of this object without the member to which `path` leads.
    pub(crate) fn canonical_without(self, path: &[&str]) -> String {
        let mut text = String::new();
        canonical::put_without(self, path, &mut text);
        text
    }

    /// The digest of this object without the members named in `but`, in a `domain` of its own.
    pub(crate) fn digest_without(self, but: &[&str], domain: &str) -> Digest {
        canonical::digest_without(self, but, domain)
    }

    /// Appends the value in the form in which a log line embeds it: without white space, tokens as
    /// written, and with DEL, C1 controls, line and paragraph separators and bidirectional controls
    /// escaped.
    pub fn write_minified(self, out: &mut Vec<u8>) {
        minify::write(self, out);
    }
}

/// Shows no contents: arguments may hold secrets.
impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Json")
            .field("kind", &self.root().kind())
            .field("bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}
