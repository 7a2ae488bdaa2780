//! The features are on, and a number that only they allow is checked.

use callgate_types::{Arguments, Json};
use serde_json::{Number, Value};

#[test]
fn features_are_on() {
    let text = r#"{"b":1.000000000000000000000001,"a":0}"#;
    let value: Value = serde_json::from_str(text).unwrap();
    assert_eq!(value.to_string(), text);
}

#[test]
fn exact_numbers_stay_exact() {
    let text = r#"{"b":1.000000000000000000000001,"a":18446744073709551616}"#;
    let value: Value = serde_json::from_str(text).unwrap();
    let arguments = Arguments::from_value(&value).unwrap();
    assert_eq!(arguments.text(), text);
    assert_eq!(arguments.digest(), Json::parse(text).unwrap().digest());
    let error = arguments.to_value().unwrap_err().to_string();
    assert_eq!(error, "the number at byte 5 has no exact counterpart");
}

#[track_caller]
fn check(token: &str, expected: &str) {
    let number = Number::from_string_unchecked(token.to_owned());
    let value = Value::Array(vec![Value::Number(number)]);
    let error = Json::from_value(&value).unwrap_err();
    assert_eq!(error.to_string(), expected, "{token}");
}

#[test]
fn numbers_that_are_none() {
    check("", "malformed number at byte 1");
    check("1,2", "malformed number at byte 1");
    check("1]", "malformed number at byte 1");
    check("\"text\"", "malformed number at byte 1");
    check("1 ", "malformed number at byte 1");
    check("01", "malformed number at byte 1");
    check("1e401", "exponent beyond ±400 in the number at byte 1");
}
