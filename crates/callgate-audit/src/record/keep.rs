//! How much of a text from outside a record keeps.

use callgate_types::{Arguments, Digest, ToolCall};

use super::apart::{self, Apart};
use super::extent::Extent;
use crate::encode::{Object, push_string};
use crate::texts::ClearText;

/// What a record keeps of arguments and the like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Keep {
    /// The digest: whoever has the text can show that it is the one.
    #[default]
    Digest,
    /// The text itself. A text over the bound is kept by its digest, and the record says so.
    Text,
    /// The commitment to the text, which is in a store beside the log.
    Commitment(Digest),
    /// The digest, for the text is too long to be kept.
    TooLong,
    /// The digest, for the store beside the log did not take the text.
    Lost,
}

/// What is kept of a text.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Kept<'a> {
    /// The text itself. A text over the bound is kept by its digest, and the record says so.
    Text(&'a str),
    /// The digest of the text's bytes.
    Digest(Digest),
    /// The commitment to the text, which is in a store beside the log.
    Commitment(Digest),
    /// The digest of the text's bytes, for the text is too long to be kept.
    TooLong(Digest),
    /// The digest of the text's bytes, for the store beside the log did not take the text.
    Lost(Digest),
}

/// Shows the digest, never the text.
impl std::fmt::Debug for Kept<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.debug_struct("Text").field("bytes", &text.len()).finish(),
            Self::Digest(digest) => f.debug_tuple("Digest").field(digest).finish(),
            Self::Commitment(digest) => f.debug_tuple("Commitment").field(digest).finish(),
            Self::TooLong(digest) => f.debug_tuple("TooLong").field(digest).finish(),
            Self::Lost(digest) => f.debug_tuple("Lost").field(digest).finish(),
        }
    }
}

/// Writes the arguments of `call` as a tagged object. Refused text is always kept by its digest.
pub(super) fn write_arguments(
    call: &ToolCall,
    keep: Keep,
    known: Option<Digest>,
    apart: &[Apart<'_>],
    extent: Extent,
    out: &mut Vec<u8>,
) {
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
    if apart.is_empty() {
        let write = |out: &mut Vec<u8>| arguments.root().write_minified(out);
        let digest = || known.unwrap_or_else(|| arguments.digest());
        write_kept(keep, extent, out, write, digest).end();
    } else {
        write_in_parts(arguments, keep, apart, extent, out);
    }
}

/// Writes arguments of which some are kept in another way than the rest.
#[cold]
fn write_in_parts(
    arguments: &Arguments,
    keep: Keep,
    apart: &[Apart<'_>],
    extent: Extent,
    out: &mut Vec<u8>,
) {
    let places = apart::places(arguments, apart);
    let write = |out: &mut Vec<u8>| apart::write(arguments.root(), &places, out);
    let digest = || {
        let mut text = Vec::new();
        apart::write(arguments.root(), &places, &mut text);
        apart::digest(text)
    };
    let mut object = write_kept(keep, extent, out, write, digest);
    let mut members = Object::begin(object.key("apart"));
    for part in apart {
        let Some(value) = arguments.pointer(part.pointer) else {
            continue;
        };
        let out = members.text_key(part.pointer);
        let write = |out: &mut Vec<u8>| value.write_minified(out);
        write_kept(part.keep, extent, out, write, || value.digest()).end();
    }
    members.end();
    object.end();
}

/// Writes a text as a tagged object; its digest is that of its bytes.
pub(super) fn write_text(text: &str, keep: Keep, extent: Extent, out: &mut Vec<u8>) {
    let write = |out: &mut Vec<u8>| push_string(out, text);
    write_kept(keep, extent, out, write, || Digest::of(text.as_bytes())).end();
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
        Some(Kept::Digest(digest)) => write_hex(object.key(key), "digest", digest).end(),
        Some(Kept::Commitment(digest)) => write_hex(object.key(key), "commitment", digest).end(),
        Some(Kept::TooLong(digest)) => {
            let mut inner = write_hex(object.key(key), "digest", digest);
            inner.bool("too_long", true);
            inner.end();
        }
        Some(Kept::Lost(digest)) => {
            let mut inner = write_hex(object.key(key), "digest", digest);
            inner.bool("lost", true);
            inner.end();
        }
        None => object.null(key),
    }
}

/// Begins an object with `digest` under `key`.
fn write_hex<'o>(out: &'o mut Vec<u8>, key: &str, digest: Digest) -> Object<'o> {
    let mut object = Object::begin(out);
    object.hex(key, digest);
    object
}

/// Writes what is kept of a text; the object is for the caller to end.
fn write_kept(
    keep: Keep,
    extent: Extent,
    out: &mut Vec<u8>,
    text: impl FnOnce(&mut Vec<u8>),
    digest: impl FnOnce() -> Digest,
) -> Object<'_> {
    if let Keep::Commitment(commitment) = keep {
        return write_hex(out, "commitment", commitment);
    }
    let start = out.len();
    if keep == Keep::Text && extent.texts() {
        out.extend_from_slice(TEXT);
        let before = out.len();
        text(out);
        if out.len().saturating_sub(before) <= ClearText::MAX_BYTES {
            return Object::resume(out);
        }
        out.truncate(start);
    }
    let mut object = write_hex(out, "digest", digest());
    match keep {
        Keep::Text | Keep::TooLong => object.bool("too_long", true),
        Keep::Lost => object.bool("lost", true),
        Keep::Digest | Keep::Commitment(_) => {}
    }
    object
}

/// How a text begins that is kept as it is.
const TEXT: &[u8] = b"{\"text\":";

/// A length or position as it is written.
pub(super) fn number(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}
