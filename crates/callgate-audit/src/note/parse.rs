//! Reading notes.

use base64ct::{Base64, Encoding as _};
use callgate_types::Digest;

use super::{Signature, SignedNote, key};
use crate::chain;

/// Longest note, in bytes.
const MAX_NOTE: usize = 65_536;
/// Most signatures on one.
const MAX_SIGNATURES: usize = 64;

/// The text is not a signed note about a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseNoteError {
    /// It is too long.
    #[error("expected a note of at most {MAX_NOTE} bytes")]
    TooLong,
    /// The first line is not the name of a log.
    #[error("expected the name of a log in line 1 of the note")]
    BadOrigin,
    /// The second line is not a number.
    #[error("expected a number of records in line 2 of the note")]
    BadSize,
    /// The third line is not a digest.
    #[error("expected a root in base64 in line 3 of the note")]
    BadRoot,
    /// No empty line ends the text: there may be further lines.
    #[error("expected an empty line as line 4 of the note")]
    NoEnd,
    /// A line below the text is not a signature.
    #[error("expected a signature in line {line} of the note")]
    BadSignature {
        /// Counted from 1.
        line: usize,
    },
    /// There is no signature, or there are too many.
    #[error("expected 1 to {MAX_SIGNATURES} signatures")]
    Signatures,
}

pub(super) fn note(text: &str) -> Result<SignedNote, ParseNoteError> {
    if text.len() > MAX_NOTE {
        return Err(ParseNoteError::TooLong);
    }
    let (origin, rest) = text.split_once('\n').ok_or(ParseNoteError::BadOrigin)?;
    if !key::is_name(origin) {
        return Err(ParseNoteError::BadOrigin);
    }
    let (size, rest) = rest.split_once('\n').ok_or(ParseNoteError::BadSize)?;
    let size = chain::number(size.as_bytes()).ok_or(ParseNoteError::BadSize)?;
    let (root, rest) = rest.split_once('\n').ok_or(ParseNoteError::BadRoot)?;
    let root = digest(root).ok_or(ParseNoteError::BadRoot)?;
    let body = text.len().saturating_sub(rest.len());
    let rest = rest.strip_prefix('\n').ok_or(ParseNoteError::NoEnd)?;
    let signatures = signatures(rest)?;
    Ok(SignedNote {
        text: text.to_owned(),
        body,
        origin: origin.to_owned(),
        size,
        root,
        signatures,
    })
}

fn signatures(mut rest: &str) -> Result<Vec<Signature>, ParseNoteError> {
    let mut signatures = Vec::new();
    while !rest.is_empty() {
        let line = signatures.len().saturating_add(5);
        let bad = ParseNoteError::BadSignature { line };
        let (signature, after) = rest.split_once('\n').ok_or(bad)?;
        if signatures.len() == MAX_SIGNATURES {
            return Err(ParseNoteError::Signatures);
        }
        signatures.push(self::signature(signature).ok_or(bad)?);
        rest = after;
    }
    if signatures.is_empty() {
        return Err(ParseNoteError::Signatures);
    }
    Ok(signatures)
}

fn signature(line: &str) -> Option<Signature> {
    let (name, bytes) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    key::is_name(name).then_some(())?;
    let bytes = Base64::decode_vec(bytes).ok()?;
    let (id, bytes) = bytes.split_first_chunk::<4>()?;
    (!bytes.is_empty()).then_some(())?;
    Some(Signature {
        name: name.to_owned(),
        id: *id,
        bytes: bytes.to_vec(),
    })
}

fn digest(base64: &str) -> Option<Digest> {
    let bytes = Base64::decode_vec(base64).ok()?;
    Some(Digest::from_bytes(bytes.try_into().ok()?))
}
