//! Decimal arithmetic on the tokens of numbers: exact, and without allocation.

use std::cmp::Ordering;

/// Digits that a [`Short`] can hold: one more would not fit into a `u64`.
const SHORT_DIGITS: u32 = 19;

/// A number with few digits: mantissa × 10^exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Short {
    negative: bool,
    mantissa: u64,
    exponent: i32,
}

impl Short {
    /// The value of a well-formed token, where it has few enough digits.
    pub(super) fn of(token: &str) -> Option<Self> {
        let mut short = Self {
            negative: false,
            mantissa: 0,
            exponent: 0,
        };
        let mut digits = 0_u32;
        let mut place = 0;
        let mut bytes = token.as_bytes().iter();
        while let Some(&byte) = bytes.next() {
            match byte {
                b'0'..=b'9' => {
                    let digit = u64::from(byte.wrapping_sub(b'0'));
                    short.mantissa = short.mantissa.wrapping_mul(10).wrapping_add(digit);
                    short.exponent = short.exponent.wrapping_sub(place);
                    digits = digits.wrapping_add(1);
                }
                b'-' => short.negative = true,
                b'.' => place = 1,
                _ => {
                    let written = str::from_utf8(bytes.as_slice()).ok()?;
                    let written: i32 = written.parse().ok()?;
                    short.exponent = short.exponent.saturating_add(written);
                    break;
                }
            }
            if digits > SHORT_DIGITS {
                return None;
            }
        }
        Some(short)
    }

    pub(super) fn compare(self, other: Self) -> Ordering {
        match self.sign().cmp(&other.sign()) {
            Ordering::Equal if self.negative => other.compare_magnitude(self),
            Ordering::Equal => self.compare_magnitude(other),
            different => different,
        }
    }

    fn sign(self) -> i8 {
        match (self.mantissa, self.negative) {
            (0, _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        }
    }

    /// Both are zero, or neither is.
    fn compare_magnitude(self, other: Self) -> Ordering {
        let higher = self.exponent.saturating_sub(other.exponent);
        if higher == 0 {
            return self.mantissa.cmp(&other.mantissa);
        }
        if higher < 0 {
            return other.compare_magnitude(self).reverse();
        }
        // With both below 10^19, twenty more places decide alone.
        let scaled = 10_u128
            .checked_pow(higher.unsigned_abs())
            .filter(|_| higher.unsigned_abs() <= SHORT_DIGITS)
            .and_then(|power| u128::from(self.mantissa).checked_mul(power));
        match scaled {
            Some(scaled) => scaled.cmp(&u128::from(other.mantissa)),
            None if self.mantissa == 0 => Ordering::Equal,
            None => Ordering::Greater,
        }
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
        let (digits, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let exponent: i64 = exponent.parse().unwrap_or_default();

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
