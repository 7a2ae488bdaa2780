//! Exact amounts, to be added up.

use std::fmt;
use std::str::FromStr;

use crate::{Decimal, Number, ParseDecimalError};

/// An exact amount that can be added up: a whole number of 10⁻¹⁸, within ±10²⁰.
///
/// It is never rounded: what has more than eighteen decimal places, or is larger, is no amount.
/// Sums that would leave the range are `None`, and whoever counts takes that for too much.
///
/// # Examples
///
/// ```
/// use callgate_types::Amount;
///
/// let [tenth, fifth]: [Amount; 2] = ["0.1".parse()?, "0.20".parse()?];
/// let sum = tenth.checked_add(fifth).ok_or("too much")?;
/// assert_eq!(sum, "0.3".parse()?);
/// assert_eq!(sum.to_string(), "0.3");
/// assert!("1e-19".parse::<Amount>().is_err());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i128);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The most decimal places.
    pub const PLACES: u32 = 18;

    /// The largest amount: 10²⁰.
    pub const MAX: Self = Self(UNIT.wrapping_mul(100_000_000_000_000_000_000));

    /// So many whole ones.
    pub const fn whole(count: u32) -> Self {
        // At most 2³² × 10¹⁸, which is within the range.
        Self((count as i128).wrapping_mul(UNIT))
    }

    /// The exact value of `number`; `None` where it has too many places or is too large.
    ///
    /// ```
    /// use callgate_types::{Amount, Decimal};
    ///
    /// let one: Decimal = "1e2".parse()?;
    /// assert_eq!(Amount::of(one.as_number()), Some(Amount::whole(100)));
    /// # Ok::<_, callgate_types::ParseDecimalError>(())
    /// ```
    pub fn of(number: Number<'_>) -> Option<Self> {
        read(number.as_str())
    }

    /// So many units of 10⁻¹⁸, as [`Amount::units`] gives them; `None` beyond ±10²⁰.
    pub const fn of_units(units: i128) -> Option<Self> {
        if units.unsigned_abs() <= Self::MAX.0.unsigned_abs() {
            Some(Self(units))
        } else {
            None
        }
    }

    /// How many units of 10⁻¹⁸ it is: for stores.
    pub const fn units(self) -> i128 {
        self.0
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The exact sum; `None` beyond ±10²⁰.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(units) => Self::of_units(units),
            None => None,
        }
    }

    /// The exact difference; `None` beyond ±10²⁰.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(units) => Self::of_units(units),
            None => None,
        }
    }
}

/// 10¹⁸.
const UNIT: i128 = 1_000_000_000_000_000_000;

/// Reads a number as JSON spells it, exactly.
fn read(token: &str) -> Option<Amount> {
    let (negative, unsigned) = match token.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, token),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut units = 0_i128;
    for byte in whole.bytes().chain(fraction.bytes()) {
        let digit = i128::from(byte.checked_sub(b'0')?);
        units = units.checked_mul(10)?.checked_add(digit)?;
    }
    if units == 0 {
        return Some(Amount::ZERO);
    }
    let places = i32::try_from(fraction.len()).ok()?;
    let mut shift = exponent.checked_sub(places)?.checked_add(18)?;
    while shift > 0 {
        units = units.checked_mul(10)?;
        shift = shift.wrapping_sub(1);
    }
    while shift < 0 {
        if units.checked_rem(10)? != 0 {
            return None;
        }
        units = units.checked_div(10)?;
        shift = shift.wrapping_add(1);
    }
    Amount::of_units(if negative {
        units.checked_neg()?
    } else {
        units
    })
}

/// Plain decimal notation, without needless zeros.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let unit = UNIT.unsigned_abs();
        let (whole, rest) = (
            magnitude.checked_div(unit).unwrap_or(magnitude),
            magnitude.checked_rem(unit).unwrap_or(0),
        );
        if self.is_negative() {
            f.write_str("-")?;
        }
        write!(f, "{whole}")?;
        if rest != 0 {
            let places = format!("{rest:018}");
            write!(f, ".{}", places.trim_end_matches('0'))?;
        }
        Ok(())
    }
}

impl From<Amount> for Decimal {
    fn from(amount: Amount) -> Self {
        Self::of_plain(&amount.to_string())
    }
}

impl FromStr for Amount {
    type Err = ParseAmountError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let decimal = Decimal::parse(text)?;
        Self::of(decimal.as_number()).ok_or(ParseAmountError::OutOfRange)
    }
}

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseAmountError {
    /// It is no number.
    #[error(transparent)]
    Number(#[from] ParseDecimalError),
    /// It has too many decimal places, or is too large.
    #[error(
        "expected at most {} decimal places and a value within ±1e20",
        Amount::PLACES
    )]
    OutOfRange,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown = match text.parse::<Amount>() {
            Ok(amount) => amount.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn exact() {
        check("0", "0");
        check("-0.00", "0");
        check("0.10", "0.1");
        check("1e2", "100");
        check("12.5E-1", "1.25");
        check("-3.000000000000000001", "-3.000000000000000001");
        check("1e-18", "0.000000000000000001");
        check("1.0000000000000000000000000", "1");
        check("1e20", "100000000000000000000");
        check("0e400", "0");
    }

    #[test]
    fn refused() {
        let range = "expected at most 18 decimal places and a value within ±1e20";
        for text in [
            "1e-19",
            "0.0000000000000000001",
            "1e21",
            "100000000000000000000.1",
            "1e300",
            "-1e300",
        ] {
            check(text, range);
        }
        check(
            "five",
            "expected a decimal number such as `0`, `-12.50` or `1e6`",
        );
    }

    #[test]
    fn sums_stay_in_range() {
        assert_eq!(Amount::MAX.checked_add("1e-18".parse().unwrap()), None);
        let least = Amount::ZERO.checked_sub(Amount::MAX).unwrap();
        assert_eq!(least.checked_sub(Amount::whole(1)), None);
        assert_eq!(Amount::of_units(i128::MIN), None);
        assert_eq!(Decimal::from(Amount::whole(500)).to_string(), "5e2");
    }

    proptest! {
        /// Whatever is shown is read as the same, and units are kept exactly.
        #[test]
        fn shown_and_read(units in -Amount::MAX.0..=Amount::MAX.0) {
            let amount = Amount::of_units(units).unwrap();
            prop_assert_eq!(amount.to_string().parse::<Amount>().unwrap(), amount);
            prop_assert_eq!(amount.units(), units);
            let decimal = Decimal::from(amount);
            prop_assert_eq!(Amount::of(decimal.as_number()), Some(amount));
        }

        /// What is no number is refused, and never a panic.
        #[test]
        fn any_text(text in "[-+0-9.eE]{0,40}") {
            if let Ok(amount) = text.parse::<Amount>() {
                let decimal: Decimal = text.parse().unwrap();
                prop_assert!(decimal.compare(Decimal::from(amount).as_number()).is_eq());
            }
        }
    }
}
