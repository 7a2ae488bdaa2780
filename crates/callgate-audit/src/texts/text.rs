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

    /// Appends what a store may keep of it: the 32 bytes of the salt, and the text. See
    /// [`StoredText::read`].
    pub fn write(&self, out: &mut Vec<u8>) {
        let salt = self.salt.as_bytes();
        out.reserve(self.text.len().saturating_add(salt.len()));
        out.extend_from_slice(salt);
        out.extend_from_slice(self.text.as_bytes());
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

    /// Reads what [`ClearText::write`] wrote. What is no such bytes cannot be shown to be the right text:
    /// then it is [`StoredText::foreign`].
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate_audit::texts::{ClearText, Salt, StoredText};
    ///
    /// let note = ClearText::new(Salt::from_bytes([7; 32]), "\"call back\"").ok_or("too long")?;
    /// let mut row = Vec::new();
    /// note.write(&mut row);
    /// assert!(StoredText::read(&row).matches(note.commitment()));
    /// assert!(!StoredText::read(b"something else").matches(note.commitment()));
    /// # Ok::<(), &str>(())
    /// ```
    pub fn read(bytes: &[u8]) -> Self {
        let read = || {
            let (salt, text) = bytes.split_first_chunk()?;
            let text = str::from_utf8(text).ok()?;
            Some(Self::new(Salt::from_bytes(*salt), text))
        };
        read().unwrap_or_else(Self::foreign)
    }

    /// What stands for bytes in the place of a text that are none: the empty text, which is no JSON, so that no
    /// record commits to it.
    pub fn foreign() -> Self {
        Self::new(Salt::from_bytes([0; 32]), "")
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What is written is read again; any bytes are read as a text that is written as they are, or as none.
        #[test]
        fn written_and_read(salt: [u8; 32], text in "[^\\x00-\\x1f]{0,40}", bytes: Vec<u8>) {
            let clear = ClearText::new(Salt::from_bytes(salt), &text).unwrap();
            let mut written = Vec::new();
            clear.write(&mut written);
            let found = StoredText::read(&written);
            prop_assert_eq!(found.text(), &text);
            prop_assert!(found.matches(clear.commitment()));

            let found = StoredText::read(&bytes);
            let same = [found.salt.as_bytes().as_slice(), found.text.as_bytes()].concat() == bytes;
            prop_assert!(same || found == StoredText::foreign());
        }
    }

    #[test]
    fn bytes_that_are_no_text() {
        let half = [[7; 32].as_slice(), &[0xff, b'x']].concat();
        for bytes in [b"".as_slice(), b"short", &half] {
            assert_eq!(StoredText::read(bytes), StoredText::foreign());
        }
    }
}
