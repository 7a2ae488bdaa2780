//! What a record keeps of a text.

use callgate_types::Digest;

use super::ValueView;

/// What a record keeps of a text from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeptView<'a> {
    /// The text itself: for arguments JSON, for other texts a string.
    Text(ValueView<'a>),
    /// The commitment to a text that is, or was, in a store beside the log.
    Commitment(Digest),
    /// The digest alone; `too_long` where the text should have been kept.
    Digest {
        /// The digest.
        digest: Digest,
        /// Whether the text was too long to be kept.
        too_long: bool,
    },
    /// Arguments that were refused: the word for why, where one was given.
    Refused(ValueView<'a>),
    /// Something that this version does not know.
    Unknown(ValueView<'a>),
}

impl<'a> KeptView<'a> {
    /// `None` where `value` is null.
    pub fn of(value: ValueView<'a>) -> Option<Self> {
        if value.is_null() {
            return None;
        }
        let digest = |key| value.get(key)?.as_text()?.parse().ok();
        let (commitment, digest) = (digest("commitment"), digest("digest"));
        Some(if let Some(text) = value.get("text") {
            Self::Text(text)
        } else if let Some(commitment) = commitment {
            Self::Commitment(commitment)
        } else if let Some(digest) = digest {
            let too_long = value.get("too_long").and_then(ValueView::as_bool);
            Self::Digest {
                digest,
                too_long: too_long.unwrap_or(false),
            }
        } else if let Some(refused) = value.get("refused") {
            Self::Refused(refused)
        } else {
            Self::Unknown(value)
        })
    }
}
