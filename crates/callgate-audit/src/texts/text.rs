//! A clear text, on its way into a store and out of it.

use std::fmt;

use callgate_types::{Arguments, Digest, JsonRef};

use super::Salt;
use crate::encode::push_string;
use crate::record::write_apart;

/// A text to be stored, under its commitment.
///
/// The text is JSON in one line, as it would stand in a record: for arguments the arguments, for
/// other texts a string.
#[derive(Clone, Copy)]
pub struct ClearText<'a> {
    commitment: Digest,
    salt: Salt,
    text: &'a str,
}

impl<'a> ClearText<'a> {
    /// The longest text, in bytes: 256 KiB.
    pub const MAX_BYTES: usize = 256 << 10;

    /// Commits to `text`. `None` where it is longer than [`ClearText::MAX_BYTES`], or holds a
    /// control character, which no JSON in one line does.
    pub fn new(salt: Salt, text: &'a str) -> Option<Self> {
        // Without a way out of the loop, many bytes are looked at in one step.
        let controls = text
            .bytes()
            .fold(0, |found, byte| found | u8::from(byte < b' '));
        let fits = text.len() <= Self::MAX_BYTES && controls == 0;
        fits.then(|| Self {
            commitment: salt.commit_to(text),
            salt,
            text,
        })
    }

    /// What a record keeps of it.
    pub const fn commitment(&self) -> Digest {
        self.commitment
    }

    /// The salt.
    pub const fn salt(&self) -> Salt {
        self.salt
    }

    /// The text.
    pub const fn text(&self) -> &'a str {
        self.text
    }
}

/// Shows the commitment, never the text.
impl fmt::Debug for ClearText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClearText")
            .field("commitment", &self.commitment)
            .finish_non_exhaustive()
    }
}

/// A text out of a store.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredText {
    salt: Salt,
    text: String,
}

impl StoredText {
    /// `text`, stored with `salt`.
    pub fn new(salt: Salt, text: impl Into<String>) -> Self {
        Self {
            salt,
            text: text.into(),
        }
    }

    /// Whether this is the text of which a record keeps `commitment`.
    pub fn matches(&self, commitment: Digest) -> bool {
        self.salt.commit_to(&self.text) == commitment
    }

    /// The text, as it would stand in a record.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Shows the length, never the text.
impl fmt::Debug for StoredText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredText")
            .field("bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}

/// The text of `arguments` as a record would hold it, with `null` in the place of those values
/// whose numbers (see [`JsonRef::index`]) stand in `apart`.
pub fn arguments_text(arguments: &Arguments, apart: &[u32]) -> String {
    let mut out = Vec::with_capacity(arguments.text().len());
    write_apart(arguments.root(), apart, &mut out);
    made(out)
}

/// The text of one argument as a record would hold it.
pub fn argument_text(value: JsonRef<'_>) -> String {
    let mut out = Vec::new();
    value.write_minified(&mut out);
    made(out)
}

/// `text` as a record would hold it: a JSON string.
pub fn string_text(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len().saturating_add(2));
    push_string(&mut out, text);
    made(out)
}

/// What was written is text. Were it not, there would be none at all, which is no JSON: a gate that is to
/// keep such a text denies the call.
fn made(out: Vec<u8>) -> String {
    String::from_utf8(out).unwrap_or_default()
}
