//! Exact numbers that a policy names.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::canonical;
use super::digits::Short;
use super::number::{self, Number};
use super::{Fault, Json};

/// An exact number, as the limits are that a policy writes.
///
/// It is read from text as JSON spells numbers, with the same bounds. Two spellings of one value
/// are one `Decimal`: `500.00` equals `5e2`.
///
/// # Examples
///
/// ```
/// use callgate_types::{Decimal, Json};
///
/// let limit: Decimal = "0.10".parse()?;
/// let call = Json::parse(r#"{"rate": 0.1}"#)?;
/// let rate = call.root().get("rate").and_then(|rate| rate.as_number()).unwrap();
/// assert!(limit.compare(rate).is_eq());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// The canonical spelling, so that equal values are equal texts.
    token: Box<str>,
    short: Option<Short>,
}

impl Decimal {
    /// Reads a number as JSON spells it.
    ///
    /// # Errors
    ///
    /// Refuses what is not the spelling of a number, an exponent beyond ±[`Json::MAX_EXPONENT`],
    /// and a text longer than [`Json::MAX_BYTES`].
    pub fn parse(text: &str) -> Result<Self, ParseDecimalError> {
        if text.len() > Json::MAX_BYTES {
            return Err(ParseDecimalError::TooLarge);
        }
        match number::scan(text.as_bytes()) {
            Ok(length) if length as usize == text.len() => Ok(Self::of_token(text)),
            Ok(_) | Err(Fault::Malformed) => Err(ParseDecimalError::Malformed),
            Err(Fault::Exponent) => Err(ParseDecimalError::ExponentOutOfRange),
        }
    }

    /// How `number` compares with this limit: `Less` where the number is below it.
    #[inline]
    pub fn compare(&self, number: Number<'_>) -> Ordering {
        match (number.short(), self.short) {
            (Some(number), Some(limit)) => number.compare(limit),
            _ => self.compare_long(number),
        }
    }

    #[cold]
    fn compare_long(&self, number: Number<'_>) -> Ordering {
        number.cmp(&self.as_number())
    }

    /// The value in millionths, where that is a whole number of 64 bits; see
    /// [`JsonRef::in_millionths`](super::JsonRef::in_millionths).
    pub fn in_millionths(&self) -> Option<i64> {
        self.short.and_then(Short::in_millionths)
    }

    /// The same value as a number of a text.
    pub fn as_number(&self) -> Number<'_> {
        Number::of_parts(&self.token, self.short)
    }

    /// The value of a number in plain notation, as an [`Amount`](crate::Amount) is shown.
    pub(crate) fn of_plain(token: &str) -> Self {
        Self::of_token(token)
    }

    fn of_token(token: &str) -> Self {
        let mut canonical = String::new();
        canonical::put_number(token, &mut canonical);
        Self {
            short: Short::of(&canonical),
            token: canonical.into(),
        }
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self::of_token(&value.to_string())
    }
}

impl From<Number<'_>> for Decimal {
    fn from(number: Number<'_>) -> Self {
        Self::of_token(number.as_str())
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_number().cmp(&other.as_number())
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The canonical spelling of `docs/spec/arguments.md`: one for each value, as in `5e2`.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.token)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Why a text is not a decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseDecimalError {
    /// It is not spelled as JSON spells numbers.
    #[error("expected a decimal number such as `0`, `-12.50` or `1e6`")]
    Malformed,
    /// Its exponent is too large or too small.
    #[error("expected an exponent within ±{}", Json::MAX_EXPONENT)]
    ExponentOutOfRange,
    /// It is too long.
    #[error("expected a number of at most {} bytes", Json::MAX_BYTES)]
    TooLarge,
}
