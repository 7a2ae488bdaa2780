//! Exact numbers against a big-integer oracle.

use std::cmp::Ordering;

use callgate_types::{Decimal, Json};
use proptest::prelude::*;

use crate::documents::number;

/// value × 10^`SHIFT` of every number here is whole.
const SHIFT: i32 = 1_000;

/// The value times 10^[`SHIFT`] as sign and decimal digits.
fn oracle(token: &str) -> (bool, String) {
    let (digits, exponent) = token.split_once(['e', 'E']).unwrap_or((token, "0"));
    let exponent: i32 = exponent.parse().unwrap();
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let zeros = SHIFT + exponent - i32::try_from(fraction.len()).unwrap();
    let zeros = "0".repeat(usize::try_from(zeros).unwrap());
    let magnitude = format!("{whole}{fraction}{zeros}");
    let magnitude = magnitude.trim_start_matches(['-', '0']).to_owned();
    (whole.starts_with('-') && !magnitude.is_empty(), magnitude)
}

fn oracle_order(one: &str, other: &str) -> Ordering {
    let larger = |one: &str, other: &str| one.len().cmp(&other.len()).then(one.cmp(other));
    match (oracle(one), oracle(other)) {
        ((true, _), (false, _)) => Ordering::Less,
        ((false, _), (true, _)) => Ordering::Greater,
        ((true, one), (true, other)) => larger(&other, &one),
        ((false, one), (false, other)) => larger(&one, &other),
    }
}

fn oracle_has_scale(token: &str, places: u32) -> bool {
    let (_, magnitude) = oracle(token);
    let zeros = magnitude.len() - magnitude.trim_end_matches('0').len();
    magnitude.is_empty() || zeros + places as usize >= SHIFT as usize
}

/// Numbers close to one another, so that the last digit decides.
fn close_pair() -> impl Strategy<Value = (String, String)> {
    (number(), 0_u8..10, 0_u8..10).prop_map(|(token, one, other)| {
        let (digits, exponent) = token.split_at(token.find(['e', 'E']).unwrap_or(token.len()));
        let point = if digits.contains('.') { "" } else { "." };
        (
            format!("{digits}{point}{one}{exponent}"),
            format!("{digits}{point}{other}{exponent}"),
        )
    })
}

fn check(one: &str, other: &str) -> Result<(), TestCaseError> {
    let expected = oracle_order(one, other);
    let (left, right) = (Json::parse(one).unwrap(), Json::parse(other).unwrap());
    let left = left.root().as_number().unwrap();
    let right = right.root().as_number().unwrap();
    prop_assert_eq!(left.cmp(&right), expected);
    let (low, high) = (Decimal::parse(one).unwrap(), Decimal::parse(other).unwrap());
    prop_assert_eq!(high.compare(left), expected);
    prop_assert_eq!(low.compare(right), expected.reverse());
    prop_assert_eq!(low.cmp(&high), expected);
    prop_assert_eq!(low == high, expected.is_eq());
    prop_assert_eq!(left.is_negative(), oracle_order(one, "0").is_lt());
    prop_assert_eq!(left.is_zero(), oracle_order(one, "0").is_eq());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn order(one in number(), other in number()) {
        check(&one, &other)?;
    }

    #[test]
    fn order_of_close_numbers((one, other) in close_pair()) {
        check(&one, &other)?;
    }

    #[test]
    fn scale(token in number(), places in 0_u32..60) {
        let json = Json::parse(token.as_str()).unwrap();
        let got = json.root().as_number().unwrap().has_scale(places);
        prop_assert_eq!(got, oracle_has_scale(&token, places));
    }

    #[test]
    fn a_decimal_is_its_own_spelling(token in number()) {
        let decimal = Decimal::parse(&token).unwrap();
        let again = Decimal::parse(&decimal.to_string()).unwrap();
        prop_assert_eq!(decimal.to_string(), again.to_string());
        prop_assert_eq!(decimal, again);
    }
}

#[test]
fn very_long_numbers() {
    let nines = "9".repeat(400);
    let (one, other) = (format!("{nines}8"), format!("{nines}9"));
    check(&one, &other).unwrap();
    check(&format!("{nines}.{nines}"), &format!("{nines}.{nines}1")).unwrap();
    check(&format!("-{nines}.{nines}"), &format!("-{nines}.{nines}1")).unwrap();
    check(&format!("0.{}1e400", "0".repeat(399)), "1").unwrap();
}
