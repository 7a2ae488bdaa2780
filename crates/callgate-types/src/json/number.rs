//! Numbers: their tokens, and their exact values.

use std::cmp::Ordering;
use std::fmt;

use super::digits::{Parts, Short};
use super::{Json, JsonError};

/// A number of a JSON text, as it is written there.
///
/// It is compared by its exact value: `100`, `1e2` and `100.0` are equal, `0.1` is not above
/// `0.10`, and no number is too long to be exact. There is no conversion to a binary fraction,
/// which would round.
#[derive(Clone, Copy)]
pub struct Number<'a> {
    token: &'a str,
    /// The same value, read once, so that each further comparison costs little.
    short: Option<Short>,
}

impl<'a> Number<'a> {
    /// `token` must be one that [`scan`] accepts, or a canonical spelling.
    #[inline]
    pub(super) fn of_token(token: &'a str) -> Self {
        let short = Short::of(token);
        Self { token, short }
    }

    /// As [`Number::of_token`] would make it.
    pub(super) const fn of_parts(token: &'a str, short: Option<Short>) -> Self {
        Self { token, short }
    }

    /// The number as it is written.
    pub const fn as_str(self) -> &'a str {
        self.token
    }

    /// Whether it is written as an integer: digits, perhaps a minus sign before them, and not `-0`.
    ///
    /// `1e2` and `1.0` are not, although their values are whole; see [`Number::has_scale`].
    pub fn is_integer(self) -> bool {
        let digits = self.token.strip_prefix('-').unwrap_or(self.token);
        digits.bytes().all(|byte| byte.is_ascii_digit()) && self.token != "-0"
    }

    /// The integer, where it is written as one and fits.
    pub fn as_i64(self) -> Option<i64> {
        self.is_integer().then(|| self.token.parse().ok()).flatten()
    }

    /// The integer, where it is written as one and fits.
    pub fn as_u64(self) -> Option<u64> {
        self.is_integer().then(|| self.token.parse().ok()).flatten()
    }

    /// Whether the value has at most `places` decimal places: whether value × 10^`places` is whole.
    #[inline]
    pub fn has_scale(self, places: u32) -> bool {
        match self.short.and_then(|short| short.has_scale(places)) {
            Some(known) => known,
            None => Parts::of(self.token).has_scale(places),
        }
    }

    /// Whether the value is zero, however spelled.
    pub fn is_zero(self) -> bool {
        match self.short {
            Some(short) => short.is_zero(),
            None => Parts::of(self.token).is_zero(),
        }
    }

    /// Whether the value is below zero; `-0` is not.
    pub fn is_negative(self) -> bool {
        self.token.starts_with('-') && !self.is_zero()
    }

    /// How the value compares with so many millionths: `Less` where it is below them.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate_types::Json;
    ///
    /// let call = Json::parse("12.50000000000000000001")?;
    /// let number = call.root().as_number().unwrap();
    /// assert!(number.compare_with_millionths(12_500_000).is_gt());
    /// assert!(number.compare_with_millionths(12_500_001).is_lt());
    /// # Ok::<_, callgate_types::RefusedJson>(())
    /// ```
    pub fn compare_with_millionths(self, millionths: i64) -> Ordering {
        let few = Short::of_millionths(millionths);
        match self.short {
            Some(short) => short.compare(few),
            None => Parts::of(self.token).compare(few.parts(&mut [0; Short::MAX_DIGITS])),
        }
    }

    #[inline]
    pub(super) const fn short(self) -> Option<Short> {
        self.short
    }
}

impl PartialEq for Number<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number<'_> {}

impl PartialOrd for Number<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.short, other.short) {
            (Some(one), Some(other)) => one.compare(other),
            _ => Parts::of(self.token).compare(Parts::of(other.token)),
        }
    }
}

impl fmt::Display for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.token)
    }
}

/// Shows no more than the length: an argument may be a secret.
impl fmt::Debug for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Number")
            .field("bytes", &self.token.len())
            .finish_non_exhaustive()
    }
}

/// What is wrong with the token of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Malformed,
    Exponent,
}

impl Fault {
    pub(super) const fn at(self, at: usize) -> JsonError {
        match self {
            Self::Malformed => JsonError::BadNumber { at },
            Self::Exponent => JsonError::ExponentOutOfRange { at },
        }
    }
}

/// The length of the number with which `bytes` begin.
pub(super) fn scan(bytes: &[u8]) -> Result<u32, Fault> {
    let mut at = u32::from(bytes.first() == Some(&b'-'));
    let whole = at;
    at = skip_digits(bytes, at)?;
    let leading_zero = bytes.get(whole as usize) == Some(&b'0');
    if leading_zero && at != whole.wrapping_add(1) {
        return Err(Fault::Malformed);
    }
    if bytes.get(at as usize) == Some(&b'.') {
        at = skip_digits(bytes, at.wrapping_add(1))?;
    }
    if let Some(b'e' | b'E') = bytes.get(at as usize) {
        at = at.wrapping_add(1);
        if let Some(b'+' | b'-') = bytes.get(at as usize) {
            at = at.wrapping_add(1);
        }
        let first = at;
        at = skip_digits(bytes, at)?;
        let mut exponent = 0_u32;
        let digits = bytes.get(first as usize..at as usize);
        for byte in digits.ok_or(Fault::Exponent)? {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            exponent = exponent.saturating_mul(10).saturating_add(digit);
        }
        if exponent > Json::MAX_EXPONENT {
            return Err(Fault::Exponent);
        }
    }
    Ok(at)
}

/// Where the digits end that begin at `at`; there must be one.
fn skip_digits(bytes: &[u8], at: u32) -> Result<u32, Fault> {
    let mut end = at;
    while bytes.get(end as usize).is_some_and(u8::is_ascii_digit) {
        end = end.wrapping_add(1);
    }
    if end == at {
        return Err(Fault::Malformed);
    }
    Ok(end)
}
