//! Why a text is not acceptable JSON.

use std::fmt;

use super::{Json, JsonKind, place};

/// A text that is not acceptable, kept whole, and the reason why.
///
/// Neither `Display` nor `Debug` shows the text: it may hold secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct RefusedJson {
    text: String,
    error: JsonError,
}

impl RefusedJson {
    pub(crate) const fn new(text: String, error: JsonError) -> Self {
        Self { text, error }
    }

    /// The text, as it came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is wrong with it.
    pub const fn error(&self) -> &JsonError {
        &self.error
    }

    /// Gives the text back.
    pub fn into_text(self) -> String {
        self.text
    }

    /// The RFC 6901 pointer to the value in which the error stands, as in `/payment/amount`; `None`
    /// where it is the outermost one, or stands outside of it.
    ///
    /// A repeated key, and what is wrong between a key and its value, belong to that member. A key
    /// that is itself malformed belongs to its object. The names are the text's own: show them with care.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate_types::Json;
    ///
    /// let refused = Json::parse(r#"{"items": [{"price": 1}, {"price": NaN}]}"#).unwrap_err();
    /// assert_eq!(refused.pointer().as_deref(), Some("/items/1/price"));
    /// ```
    pub fn pointer(&self) -> Option<String> {
        if matches!(self.error, JsonError::TooLarge { .. }) {
            return None;
        }
        Some(place::pointer(&self.text, self.error.position()))
            .filter(|pointer| !pointer.is_empty())
    }

    pub(crate) fn into_error(self) -> JsonError {
        self.error
    }
}

impl fmt::Display for RefusedJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl fmt::Debug for RefusedJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefusedJson")
            .field("bytes", &self.text.len())
            .field("error", &self.error)
            .finish()
    }
}

impl std::error::Error for RefusedJson {}

/// The first thing that is wrong with a text, and the byte where it stands.
///
/// Where several things are wrong, it is the one that stands first. A message never repeats
/// any part of the text. Words and positions are specified in `docs/spec/arguments.md`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// The text has more than [`Json::MAX_BYTES`] bytes, or than its reader allows.
    #[error("text is longer than {at} bytes")]
    TooLarge {
        /// The first byte beyond the limit.
        at: usize,
    },
    /// Containers are nested deeper than [`Json::MAX_DEPTH`].
    #[error("nested deeper than {} at byte {at}", Json::MAX_DEPTH)]
    TooDeep {
        /// The bracket that opens the container which is too deep.
        at: usize,
    },
    /// An object has the same key twice.
    #[error("repeated key at byte {at}")]
    DuplicateKey {
        /// The opening quote of the repeated key.
        at: usize,
    },
    /// Half of a surrogate pair is escaped without the other half.
    #[error("lone surrogate at byte {at}")]
    LoneSurrogate {
        /// The backslash of the escape.
        at: usize,
    },
    /// A backslash is followed by something that JSON does not define.
    #[error("bad escape at byte {at}")]
    BadEscape {
        /// The backslash.
        at: usize,
    },
    /// A control character stands unescaped in a string.
    #[error("control character in a string at byte {at}")]
    ControlCharacter {
        /// The control character.
        at: usize,
    },
    /// A number is not spelled as JSON spells numbers.
    #[error("malformed number at byte {at}")]
    BadNumber {
        /// The first byte of the number.
        at: usize,
    },
    /// The exponent of a number, as written, is beyond ±[`Json::MAX_EXPONENT`].
    #[error("exponent beyond ±{} in the number at byte {at}", Json::MAX_EXPONENT)]
    ExponentOutOfRange {
        /// The first byte of the number.
        at: usize,
    },
    /// Something stands where something else belongs.
    #[error("expected {expected} at byte {at}")]
    UnexpectedByte {
        /// The byte that does not belong there.
        at: usize,
        /// What belongs there.
        expected: ExpectedJson,
    },
    /// The text ends too early.
    #[error("text ends at byte {at}, expected {expected}")]
    UnexpectedEnd {
        /// The length of the text.
        at: usize,
        /// What is missing.
        expected: ExpectedJson,
    },
    /// Something follows after the value.
    #[error("text goes on after its value at byte {at}")]
    TrailingText {
        /// The first byte that is not white space.
        at: usize,
    },
    /// Arguments must be an object.
    #[error("expected an object at byte {at}, found {found}")]
    NotAnObject {
        /// The first byte of the value.
        at: usize,
        /// What was there.
        found: JsonKind,
    },
}

impl JsonError {
    /// The byte where the error stands, counted from 0.
    pub const fn position(&self) -> usize {
        match *self {
            Self::TooLarge { at }
            | Self::TooDeep { at }
            | Self::DuplicateKey { at }
            | Self::LoneSurrogate { at }
            | Self::BadEscape { at }
            | Self::ControlCharacter { at }
            | Self::BadNumber { at }
            | Self::ExponentOutOfRange { at }
            | Self::UnexpectedByte { at, .. }
            | Self::UnexpectedEnd { at, .. }
            | Self::TrailingText { at }
            | Self::NotAnObject { at, .. } => at,
        }
    }

    /// The stable word for the error, as in `duplicate_key`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::TooDeep { .. } => "too_deep",
            Self::DuplicateKey { .. } => "duplicate_key",
            Self::LoneSurrogate { .. } => "lone_surrogate",
            Self::BadEscape { .. } => "bad_escape",
            Self::ControlCharacter { .. } => "control_character",
            Self::BadNumber { .. } => "bad_number",
            Self::ExponentOutOfRange { .. } => "exponent_out_of_range",
            Self::UnexpectedByte { .. } => "unexpected_byte",
            Self::UnexpectedEnd { .. } => "unexpected_end",
            Self::TrailingText { .. } => "trailing_text",
            Self::NotAnObject { .. } => "not_an_object",
        }
    }
}

/// What belongs where something else was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExpectedJson {
    /// A value.
    Value,
    /// A value, or the end of an array that is still empty.
    ValueOrEnd,
    /// A key.
    Key,
    /// A key, or the end of an object that is still empty.
    KeyOrEnd,
    /// The colon between key and value.
    Colon,
    /// A comma, or the end of the array.
    CommaOrArrayEnd,
    /// A comma, or the end of the object.
    CommaOrObjectEnd,
    /// The closing quote of a string.
    Quote,
}

impl fmt::Display for ExpectedJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value => "a value",
            Self::ValueOrEnd => "a value or `]`",
            Self::Key => "a key",
            Self::KeyOrEnd => "a key or `}`",
            Self::Colon => "`:`",
            Self::CommaOrArrayEnd => "`,` or `]`",
            Self::CommaOrObjectEnd => "`,` or `}`",
            Self::Quote => "`\"`",
        })
    }
}
