//! Whether one number is a multiple of another, exactly.

use callgate_types::{Decimal, Number};

/// A number above zero, of which others may be multiples.
#[derive(Debug)]
pub(crate) struct Divisor {
    /// Its digits without zeros at the end, and their power of ten.
    digits: u64,
    power: i64,
}

impl Divisor {
    /// The most digits: products of two remainders have to fit into 128 bits.
    pub(crate) const MAX_DIGITS: usize = 18;

    /// `None` where `decimal` is not above zero, or has too many digits.
    pub(crate) fn new(decimal: &Decimal) -> Option<Self> {
        let (digits, power) = parts(decimal)?;
        let fits = digits.len() <= Self::MAX_DIGITS && !digits.starts_with('-');
        let digits = digits.parse().ok().filter(|digits| fits && *digits > 0)?;
        Some(Self { digits, power })
    }

    /// Whether `number` divided by this is whole.
    pub(super) fn divides(&self, number: Number<'_>) -> bool {
        if number.is_zero() {
            return true;
        }
        let number = Decimal::from(number);
        let Some((digits, power)) = parts(&number) else {
            return false;
        };
        // Digits that end in no zero are no multiple of ten.
        let Ok(shift) = u64::try_from(power.saturating_sub(self.power)) else {
            return false;
        };
        let rest = digits
            .bytes()
            .filter(u8::is_ascii_digit)
            .fold(0, |rest, byte| {
                let digit = u128::from(byte.wrapping_sub(b'0'));
                self.rest(u128::from(rest).saturating_mul(10).saturating_add(digit))
            });
        self.times(rest, self.power_of_ten(shift)) == 0
    }

    /// The remainder of ten to the power of `exponent`.
    fn power_of_ten(&self, exponent: u64) -> u64 {
        let (mut result, mut square) = (self.rest(1), self.rest(10));
        let mut exponent = exponent;
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = self.times(result, square);
            }
            square = self.times(square, square);
            exponent >>= 1;
        }
        result
    }

    fn times(&self, one: u64, other: u64) -> u64 {
        // Neither reaches 10^18.
        self.rest(u128::from(one).saturating_mul(u128::from(other)))
    }

    fn rest(&self, of: u128) -> u64 {
        let rest = of.checked_rem(u128::from(self.digits)).unwrap_or_default();
        u64::try_from(rest).unwrap_or_default()
    }
}

/// The significant digits with their sign, and the power of ten of the last one, out of the
/// canonical spelling.
fn parts(decimal: &Decimal) -> Option<(&str, i64)> {
    let token = decimal.as_number().as_str();
    match token.split_once('e') {
        Some((digits, power)) => Some((digits, power.parse().ok()?)),
        None => Some((token, 0)),
    }
}

#[cfg(test)]
mod tests {
    use callgate_types::Json;

    use super::*;

    #[track_caller]
    fn check(number: &str, divisor: &str, expected: bool) {
        let divisor = Divisor::new(&divisor.parse().unwrap()).unwrap();
        let number = Json::parse(number).unwrap();
        let number = number.root().as_number().unwrap();
        assert_eq!(divisor.divides(number), expected, "{number} {divisor:?}");
    }

    #[test]
    fn exact() {
        for (number, divisor, expected) in [
            ("0", "7", true),
            ("-0.0", "0.3", true),
            ("14", "7", true),
            ("-14", "7", true),
            ("15", "7", false),
            ("0.3", "0.1", true),
            ("0.35", "0.1", false),
            ("1.15", "0.01", true),
            ("1.155", "0.01", false),
            ("19.99", "0.01", true),
            ("4.35", "0.05", true),
            ("7", "0.5", true),
            ("7.25", "0.5", false),
            ("1e300", "3", false),
            ("3e300", "3", true),
            ("1e-300", "1", false),
            ("1e400", "1e-400", true),
            ("9007199254740993", "2", false),
            ("9007199254740993", "3", true),
            ("100", "1e2", true),
            ("50", "1e2", false),
            ("1000000000000000000000000000000001", "11", true),
            ("999999999999999999e300", "999999999999999999", true),
            ("123456789012345678", "999999999999999999", false),
        ] {
            check(number, divisor, expected);
        }
    }

    #[test]
    fn no_divisor() {
        for text in [
            "0",
            "-1",
            "0e5",
            "1234567890123456789",
            "0.1234567890123456789",
        ] {
            assert!(Divisor::new(&text.parse().unwrap()).is_none(), "{text}");
        }
    }
}
