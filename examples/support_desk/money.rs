//! Amounts of money, exactly.

/// The hundredths in the JSON number `amount`, where it is a whole number of them and fits.
///
/// `20`, `20.00` and `2e1` are the same amount; no binary fraction is involved.
pub fn cents(amount: &str) -> Option<i64> {
    let (mantissa, exponent) = match amount.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
        None => (amount, 0_i32),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits: i64 = format!("{whole}{fraction}").parse().ok()?;
    let places = i32::try_from(fraction.len()).ok()?;
    // The value is digits × 10^(exponent - places).
    let shift = exponent.checked_add(2)?.checked_sub(places)?;
    if digits == 0 {
        return Some(0);
    }
    let power = 10_i64.checked_pow(shift.unsigned_abs())?;
    if shift >= 0 {
        return digits.checked_mul(power);
    }
    (digits.checked_rem(power)? == 0).then(|| digits.checked_div(power))?
}

/// Hundredths, as people write them.
pub fn shown(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(amount: &str, expected: Option<&str>) {
        assert_eq!(cents(amount).map(shown).as_deref(), expected);
    }

    #[test]
    fn amounts() {
        check("20", Some("20.00"));
        check("20.00", Some("20.00"));
        check("2e1", Some("20.00"));
        check("125E-1", Some("12.50"));
        check("0.01", Some("0.01"));
        check("-3.5", Some("-3.50"));
        check("-0.05", Some("-0.05"));
        check("0e300", Some("0.00"));
        check("0.005", None);
        check("1e300", None);
        check("1e-300", None);
        check("92233720368547758.08", None);
    }
}
