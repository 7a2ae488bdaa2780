//! How much of a text from outside a record keeps.

use callgate_types::{Digest, ToolCall};

use super::extent::Extent;
use crate::encode::{Object, push_string};

/// Longest text from outside, in bytes as written, that a record keeps: 256 KiB.
const MAX_TEXT: usize = 256 << 10;

/// What a record keeps of arguments and the like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Keep {
    /// The digest: whoever has the text can show that it is the one.
    #[default]
    Digest,
    /// The text itself. A text over the bound is kept by its digest, and the record says so.
    Text,
}

/// What is kept of a text.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Kept<'a> {
    /// The text itself. A text over the bound is kept by its digest, and the record says so.
    Text(&'a str),
    /// The digest of the text's bytes.
    Digest(Digest),
}

/// Shows the digest, never the text.
impl std::fmt::Debug for Kept<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.debug_struct("Text").field("bytes", &text.len()).finish(),
            Self::Digest(digest) => f.debug_tuple("Digest").field(digest).finish(),
        }
    }
}

/// Writes the arguments of `call` as a tagged object. Refused text is always kept by its digest.
pub(super) fn write_arguments(call: &ToolCall, keep: Keep, extent: Extent, out: &mut Vec<u8>) {
    let arguments = match call.arguments() {
        Ok(arguments) => arguments,
        Err(refused) => {
            let mut object = Object::begin(out);
            let mut inner = Object::begin(object.key("refused"));
            match refused.error() {
                Some(error) => {
                    inner.word("error", error.as_str());
                    inner.number("at", number(error.position()));
                }
                None => inner.null("error"),
            }
            inner.number("bytes", number(refused.text().len()));
            inner.hex("digest", refused.digest());
            inner.end();
            return object.end();
        }
    };
    let write = |out: &mut Vec<u8>| arguments.root().write_minified(out);
    write_kept(keep, extent, out, write, || arguments.digest());
}

/// Writes a text as a tagged object; its digest is that of its bytes.
pub(super) fn write_text(text: &str, keep: Keep, extent: Extent, out: &mut Vec<u8>) {
    let write = |out: &mut Vec<u8>| push_string(out, text);
    write_kept(keep, extent, out, write, || Digest::of(text.as_bytes()));
}

/// Writes what is kept of a text, or null where there was none.
pub(super) fn write_kept_text(
    object: &mut Object<'_>,
    key: &str,
    kept: Option<Kept<'_>>,
    extent: Extent,
) {
    match kept {
        Some(Kept::Text(text)) => write_text(text, Keep::Text, extent, object.key(key)),
        Some(Kept::Digest(digest)) => {
            let mut inner = Object::begin(object.key(key));
            inner.hex("digest", digest);
            inner.end();
        }
        None => object.null(key),
    }
}

fn write_kept(
    keep: Keep,
    extent: Extent,
    out: &mut Vec<u8>,
    text: impl FnOnce(&mut Vec<u8>),
    digest: impl FnOnce() -> Digest,
) {
    let start = out.len();
    if keep == Keep::Text && extent.texts() {
        let mut object = Object::begin(out);
        let value = object.key("text");
        let before = value.len();
        text(value);
        if value.len().saturating_sub(before) <= MAX_TEXT {
            return object.end();
        }
        out.truncate(start);
    }
    let mut object = Object::begin(out);
    object.hex("digest", digest());
    if keep == Keep::Text {
        object.bool("too_long", true);
    }
    object.end();
}

/// A length or position as it is written.
pub(super) fn number(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}
