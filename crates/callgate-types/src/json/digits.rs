//! Decimal arithmetic on the tokens of numbers: exact, and without allocation.

use std::cmp::Ordering;

use super::word;

/// Bytes of a token, without its sign, up to which its digits fit into a `u64`.
const SHORT: u32 = 19;

/// The powers of ten that fit into a `u64`.
const POWERS: [u64; 20] = {
    let mut powers = [1; 20];
    let mut rest = powers.as_mut_slice();
    let mut power = 1_u64;
    while let Some((place, behind)) = rest.split_first_mut() {
        *place = power;
        power = power.wrapping_mul(10);
        rest = behind;
    }
    powers
};

/// A number with few digits: mantissa × 10^exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Short {
    negative: bool,
    mantissa: u64,
    exponent: i32,
}

impl Short {
    /// A mantissa has no more.
    pub(super) const MAX_DIGITS: usize = 20;

    /// The value of a well-formed token, where it is short enough.
    pub(super) fn of(token: &str) -> Option<Self> {
        Self::read(token).map(|(short, _)| short)
    }

    /// As [`Short::of`], and whether there is nothing but a sign and digits.
    fn read(token: &str) -> Option<(Self, bool)> {
        let (negative, unsigned) = match token.as_bytes() {
            [b'-', unsigned @ ..] => (true, unsigned),
            unsigned => (false, unsigned),
        };
        if unsigned.len() > SHORT as usize {
            return None;
        }
        let mut mantissa = 0_u64;
        let mut exponent = 0_i32;
        let mut place = 0;
        let mut only_digits = true;
        let mut rest = unsigned.iter();
        while let Some(byte) = rest.next() {
            let digit = byte.wrapping_sub(b'0');
            if digit < 10 {
                mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
                exponent = exponent.wrapping_sub(place);
            } else if *byte == b'.' {
                only_digits = false;
                place = 1;
            } else {
                only_digits = false;
                exponent = exponent.saturating_add(written_exponent(rest.as_slice()));
                break;
            }
        }
        let short = Self {
            negative,
            mantissa,
            exponent,
        };
        Some((short, only_digits))
    }

    /// The value in millionths, where that is a whole number of 64 bits.
    pub(super) fn in_millionths(self) -> Option<i64> {
        let places = self.exponent.checked_add(MILLIONTHS)?;
        let magnitude = match POWERS.get(usize::try_from(places).ok()?) {
            Some(power) => self.mantissa.checked_mul(*power)?,
            None => return None,
        };
        let magnitude = i64::try_from(magnitude).ok()?;
        Some(if self.negative {
            magnitude.wrapping_neg()
        } else {
            magnitude
        })
    }

    /// So many millionths.
    #[inline]
    pub(super) const fn of_millionths(millionths: i64) -> Self {
        Self {
            negative: millionths < 0,
            mantissa: millionths.unsigned_abs(),
            exponent: MILLIONTHS.wrapping_neg(),
        }
    }

    /// Its digits, which are written into `digits`.
    pub(super) fn parts(self, digits: &mut [u8; Self::MAX_DIGITS]) -> Parts<'_> {
        let mut rest = self.mantissa;
        for digit in digits.iter_mut().rev() {
            *digit = b'0'.wrapping_add((rest % 10).to_le_bytes()[0]);
            rest /= 10;
        }
        let all = str::from_utf8(digits).unwrap_or_default();
        let head = all.trim_end_matches('0');
        let zeros = all.len().saturating_sub(head.len());
        Parts {
            negative: self.negative,
            head: head.trim_start_matches('0'),
            tail: "",
            power: i64::from(self.exponent).saturating_add_unsigned(zeros as u64),
        }
    }

    #[inline]
    pub(super) const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// Whether the value × 10^`places` is whole; `None` leaves that to the digits.
    #[inline]
    pub(super) fn has_scale(self, places: u32) -> Option<bool> {
        let lacking = i64::from(self.exponent).saturating_add(i64::from(places));
        if lacking >= 0 || self.is_zero() {
            return Some(true);
        }
        let power = POWERS.get(usize::try_from(lacking.unsigned_abs()).ok()?)?;
        Some(self.mantissa.checked_rem(*power)? == 0)
    }

    #[inline]
    pub(super) fn compare(self, other: Self) -> Ordering {
        if self.exponent == other.exponent && !self.negative && !other.negative {
            return self.mantissa.cmp(&other.mantissa);
        }
        match self.sign().cmp(&other.sign()) {
            Ordering::Equal if self.negative => other.compare_magnitude(self),
            Ordering::Equal => self.compare_magnitude(other),
            different => different,
        }
    }

    #[inline]
    fn sign(self) -> i8 {
        match (self.mantissa, self.negative) {
            (0, _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        }
    }

    /// Both are zero, or neither is.
    #[inline]
    fn compare_magnitude(self, other: Self) -> Ordering {
        let higher = self.exponent.saturating_sub(other.exponent);
        if higher == 0 {
            return self.mantissa.cmp(&other.mantissa);
        }
        if higher < 0 {
            other
                .higher_magnitude(self, higher.unsigned_abs())
                .reverse()
        } else {
            self.higher_magnitude(other, higher.unsigned_abs())
        }
    }

    /// As [`Short::compare_magnitude`], where the exponent is higher by so much.
    #[inline]
    fn higher_magnitude(self, other: Self, by: u32) -> Ordering {
        // Neither mantissa reaches 10^19: a higher power decides alone, any other product fits.
        match POWERS.get(by as usize) {
            Some(power) => u128::from(self.mantissa)
                .wrapping_mul(u128::from(*power))
                .cmp(&u128::from(other.mantissa)),
            None if self.mantissa == 0 => Ordering::Equal,
            None => Ordering::Greater,
        }
    }
}

/// Decimal places of a millionth.
const MILLIONTHS: i32 = 6;

/// A number of few digits that is a whole number of millionths, in little room: those, and how it
/// is written.
#[derive(Clone, Copy)]
pub(super) struct Few {
    /// The lower 24 bits of the millionths, and a byte: [`INTEGER`](Self::INTEGER) and the decimal
    /// places as written.
    low: u32,
    /// The upper part of the millionths.
    high: i32,
}

impl Few {
    const INTEGER: u8 = 0x80;

    /// The value of a well-formed token, where it is one of these.
    #[inline]
    pub(super) fn of(token: &str) -> Option<Self> {
        let (short, only_digits) = Short::read(token)?;
        let millionths = short.in_millionths()?;
        let places = u8::try_from(short.exponent.min(0).unsigned_abs()).ok()?;
        let integer = only_digits && !(short.negative && short.is_zero());
        let written = if integer {
            places | Self::INTEGER
        } else {
            places
        };
        let packed = millionths.checked_mul(1 << 8)? | i64::from(written);
        Self::unpack(packed)
    }

    /// The number that stands at `at`, and the place behind it, where it is spelled without an
    /// exponent and has few digits. `None` leaves it, malformed or not, to whoever reads any.
    #[inline]
    pub(super) fn read(bytes: &[u8], at: u32) -> Option<(u32, Self)> {
        let word = word::word(bytes, at);
        let negative = word & 0xff == u64::from(b'-');
        let (at, word) = if negative {
            (at.wrapping_add(1), word::word(bytes, at.wrapping_add(1)))
        } else {
            (at, word)
        };
        let (count, whole) = word::leading_digits(word)?;
        if count == 0 || (count > 1 && word & 0xff == u64::from(b'0')) {
            return None;
        }
        let mut end = at.wrapping_add(count);
        let mut millionths = whole.wrapping_mul(1_000_000);
        let mut written = Self::INTEGER;
        let mut behind = byte_of(word, count);
        if behind == b'.' {
            let word = word::word(bytes, end.wrapping_add(1));
            let (places, fraction) = word::leading_digits(word)?;
            if places == 0 {
                return None;
            }
            let power = POWERS.get(6_u32.checked_sub(places)? as usize)?;
            end = end.wrapping_add(places).wrapping_add(1);
            millionths = millionths.wrapping_add(fraction.wrapping_mul(*power));
            written = u8::try_from(places).ok()?;
            behind = byte_of(word, places);
        }
        if matches!(behind, b'e' | b'E') {
            return None;
        }
        // It has at most 7 digits, then 6: it takes 44 bits.
        let mut millionths = i64::try_from(millionths).ok()?;
        if negative {
            millionths = millionths.wrapping_neg();
            if millionths == 0 {
                written &= !Self::INTEGER;
            }
        }
        let few = Self::unpack((millionths << 8) | i64::from(written))?;
        Some((end, few))
    }

    #[inline]
    fn unpack(packed: i64) -> Option<Self> {
        Some(Self {
            high: i32::try_from(packed >> 32).ok()?,
            low: u32::try_from(packed & 0xffff_ffff).ok()?,
        })
    }

    /// Whether it is written as an integer: see [`Number::is_integer`](super::Number::is_integer).
    #[inline]
    pub(super) const fn is_integer(self) -> bool {
        self.written() & Self::INTEGER != 0
    }

    /// Whether it is written with at most so many decimal places. With more, those may be zeros.
    #[inline]
    pub(super) fn has_scale(self, places: u32) -> bool {
        u32::from(self.written() & !Self::INTEGER) <= places
    }

    #[inline]
    const fn written(self) -> u8 {
        self.low.to_le_bytes()[0]
    }

    /// The value in millionths.
    #[inline]
    pub(super) fn in_millionths(self) -> i64 {
        ((i64::from(self.high) << 32) | i64::from(self.low)) >> 8
    }

    #[inline]
    pub(super) fn short(self) -> Short {
        Short::of_millionths(self.in_millionths())
    }
}

/// The byte of a word at a place, of eight.
#[inline]
const fn byte_of(word: u64, place: u32) -> u8 {
    word.wrapping_shr(place.wrapping_mul(8)).to_le_bytes()[0]
}

/// The exponent that stands behind the `e` of a well-formed token.
fn written_exponent(digits: &[u8]) -> i32 {
    let magnitude =
        digits
            .iter()
            .filter(|byte| byte.is_ascii_digit())
            .fold(0_i32, |exponent, byte| {
                let digit = i32::from(byte.wrapping_sub(b'0'));
                exponent.saturating_mul(10).saturating_add(digit)
            });
    if digits.first() == Some(&b'-') {
        magnitude.saturating_neg()
    } else {
        magnitude
    }
}

/// The significant digits of a well-formed token, and where they stand.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    negative: bool,
    /// The digits without leading and trailing zeros are `head`, then `tail`; both are empty for
    /// zero.
    head: &'a str,
    tail: &'a str,
    /// The power of ten of the last digit.
    power: i64,
}

impl<'a> Parts<'a> {
    pub(super) fn of(token: &'a str) -> Self {
        let unsigned = token.strip_prefix('-');
        let negative = unsigned.is_some();
        let unsigned = unsigned.unwrap_or(token);
        let (digits, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, ""));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let exponent = i64::from(written_exponent(exponent.as_bytes()));

        let mut head = whole.trim_start_matches('0');
        let mut tail = fraction.trim_end_matches('0');
        let mut power = exponent.saturating_sub_unsigned(tail.len() as u64);
        if tail.is_empty() {
            let all = head.len();
            head = head.trim_end_matches('0');
            power = exponent.saturating_add_unsigned(all.saturating_sub(head.len()) as u64);
        } else if head.is_empty() {
            tail = tail.trim_start_matches('0');
        }
        Self {
            negative,
            head,
            tail,
            power,
        }
    }

    pub(super) const fn is_zero(self) -> bool {
        self.head.is_empty() && self.tail.is_empty()
    }

    /// Whether the value × 10^`places` is whole.
    pub(super) const fn has_scale(self, places: u32) -> bool {
        self.is_zero() || self.power.saturating_add(places as i64) >= 0
    }

    /// The power of ten of the last significant digit.
    pub(super) const fn power(self) -> i64 {
        self.power
    }

    /// The significant digits, in two pieces.
    pub(super) const fn digits(self) -> [&'a str; 2] {
        [self.head, self.tail]
    }

    /// Whether the value is below zero.
    pub(super) const fn is_negative(self) -> bool {
        self.negative && !self.is_zero()
    }

    pub(super) fn compare(self, other: Self) -> Ordering {
        match self.sign().cmp(&other.sign()) {
            Ordering::Equal if self.negative => other.compare_magnitude(self),
            Ordering::Equal => self.compare_magnitude(other),
            different => different,
        }
    }

    const fn sign(self) -> i8 {
        match (self.is_zero(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    /// Both are zero, or neither is.
    fn compare_magnitude(self, other: Self) -> Ordering {
        // Without leading and trailing zeros, digits that begin at the same place are ordered as
        // texts are.
        let digits = |parts: Self| parts.head.bytes().chain(parts.tail.bytes());
        self.first_place()
            .cmp(&other.first_place())
            .then_with(|| digits(self).cmp(digits(other)))
    }

    /// One above the power of ten of the first significant digit; the same for every zero.
    fn first_place(self) -> i64 {
        if self.is_zero() {
            return 0;
        }
        let digits = self.head.len().saturating_add(self.tail.len());
        self.power.saturating_add_unsigned(digits as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(token: &str, is_read_at_once: bool) {
        for behind in ["", ",", "}}}}}}}}}", " 1234567.5"] {
            let read = Few::read(format!("{token}{behind}").as_bytes(), 0);
            assert_eq!(read.is_some(), is_read_at_once, "{token}{behind}");
            let Some((end, few)) = read else { continue };
            assert_eq!(end as usize, token.len(), "{token}{behind}");
            let same = Few::of(token).unwrap();
            assert_eq!((few.high, few.low), (same.high, same.low), "{token}");
        }
    }

    #[test]
    fn few_digits_are_read_at_once_as_by_the_digits() {
        for token in ["0", "-0", "7", "20.50", "-0.000001", "1234567", "-1000.0"] {
            check(token, true);
        }
        for token in ["9999999.999999", "-9999999.999999", "0.0", "-0.00", "1.10"] {
            check(token, true);
        }
        for token in ["12345678", "-12345678", "1e2", "1.5E0", "0.0000001", "01"] {
            check(token, false);
        }
        for token in ["", "-", "1.", ".5", "+1", "-01", "--1", "1.e1"] {
            check(token, false);
        }
    }
}
