//! From and to `serde_json::Value`.

use callgate_types::{Arguments, Json};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::documents::{Speller, document};

#[track_caller]
fn check(value: &Value, expected: &str) {
    let got = match Json::from_value(value) {
        Ok(json) => json.text().to_owned(),
        Err(error) => error.to_string(),
    };
    assert_eq!(got, expected);
}

#[test]
fn values_become_text() {
    check(&json!(null), "null");
    check(&json!([true, false, -1, 20]), "[true,false,-1,20]");
    check(&json!({"a": {"b": []}}), r#"{"a":{"b":[]}}"#);
    check(&json!("\"\\\n\u{7f}é"), "\"\\\"\\\\\\u000a\u{7f}é\"");
    check(&json!(0.1), "0.1");
    check(&json!(u64::MAX), "18446744073709551615");
    assert_eq!(Json::from_value(&json!(20.0)).unwrap().canonical(), "2e1");
    assert_eq!(
        Json::from_value(&json!(1e300)).unwrap().canonical(),
        "1e300"
    );
}

#[test]
fn values_out_of_bounds() {
    let nested = |depth| (0..depth).fold(json!(1), |inner, _| Value::Array(vec![inner]));
    assert!(Json::from_value(&nested(64)).is_ok());
    check(&nested(65), "nested deeper than 64 at byte 64");
    // Far too deep for a writer that recurses without bound. Dropping it would do just that.
    let deepest = nested(200_000);
    check(&deepest, "nested deeper than 64 at byte 64");
    std::mem::forget(deepest);
    let large = "x".repeat(Json::MAX_BYTES);
    check(&json!(large), "text is longer than 1048576 bytes");
    check(&json!({"a": [large]}), "text is longer than 1048576 bytes");
    check(
        &json!("\0".repeat(1 << 19)),
        "text is longer than 1048576 bytes",
    );
}

#[test]
fn values_as_arguments() {
    let arguments = Arguments::from_value(&json!({"amount": 20})).unwrap();
    assert_eq!(arguments.text(), r#"{"amount":20}"#);
    let error = Arguments::from_value(&json!([1])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected an object at byte 0, found array"
    );
}

/// What a tool sees of the number, or why it cannot.
#[track_caller]
fn check_to_value(text: &str, expected: &str) {
    let got = match Json::parse(text).unwrap().to_value() {
        Ok(value) => Json::from_value(&value).unwrap().canonical(),
        Err(error) => error.to_string(),
    };
    assert_eq!(got, expected);
}

#[test]
fn numbers_that_a_value_can_hold() {
    check_to_value("[20, 2.0e1, -0, 0.1]", "[2e1,2e1,0,1e-1]");
    check_to_value("18446744073709551615", "18446744073709551615");
    check_to_value("-9223372036854775808", "-9223372036854775808");
    check_to_value("1e300", "1e300");
    check_to_value("0.10000000000000000000", "1e-1");
}

#[test]
fn numbers_that_a_value_would_change() {
    let inexact = |at| format!("the number at byte {at} has no exact counterpart");
    check_to_value("18446744073709551616", &inexact(0));
    check_to_value(r#"{"a": 9007199254740993.5}"#, &inexact(6));
    check_to_value("[0.1000000000000000000001]", &inexact(1));
    check_to_value("1e400", &inexact(0));
    check_to_value("-1e400", &inexact(0));
    check_to_value("1e-400", &inexact(0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn there_and_back(document in document(), seed: u64) {
        let json = Json::parse(Speller::spell(&document, seed)).unwrap();
        if let Ok(value) = json.to_value() {
            let again = Json::from_value(&value).unwrap();
            prop_assert_eq!(again.digest(), json.digest());
            prop_assert_eq!(again.to_value().unwrap(), value);
        }
    }

    #[test]
    fn every_binary_fraction_comes_back(bits: u64) {
        let fraction = f64::from_bits(bits);
        if fraction.is_finite() {
            let json = Json::from_value(&json!(fraction)).unwrap();
            let read: f64 = json.text().parse().unwrap();
            prop_assert_eq!(read.to_bits(), fraction.to_bits());
            prop_assert_eq!(json.to_value().unwrap(), json!(fraction));
        }
    }
}
