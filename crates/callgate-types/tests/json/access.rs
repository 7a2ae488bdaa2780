//! Looking at values, and what errors and `Debug` say.

use callgate_types::{Arguments, Decimal, Json, JsonKind, JsonRef};

const CALL: &str = r#"{"account": {"id": "acc_1", "tags": ["a", "\u0062", null]},
    "amount": 20.50, "": 0, "a/b": 1, "m~n": 2, "12": true, "k\"": false}"#;

/// What a pointer names, as written.
#[track_caller]
fn check(pointer: &str, expected: Option<&str>) {
    let arguments = Arguments::parse(CALL).unwrap();
    assert_eq!(arguments.pointer(pointer).map(JsonRef::raw), expected);
}

#[test]
fn pointers() {
    check("", Some(CALL));
    check("/", Some("0"));
    check("/account/id", Some("\"acc_1\""));
    check("/account/tags/0", Some("\"a\""));
    check("/account/tags/2", Some("null"));
    check("/a~1b", Some("1"));
    check("/m~0n", Some("2"));
    check("/12", Some("true"));
    check("/k\"", Some("false"));
    check("/account/tags/00", None);
    check("/account/tags/01", None);
    check("/account/tags/-", None);
    check("/account/tags/+1", None);
    check("/account/tags/", None);
    check("/account/tags/3", None);
    check("/account/tags/99999999999999999999", None);
    check("/amount/0", None);
    check("/account/id/", None);
    check("/m~n", None);
    check("/m~2n", None);
    check("/m~", None);
    check("amount", None);
    check("/Amount", None);
}

#[test]
fn kinds_are_not_converted() {
    let json = Json::parse(r#"[null, true, 50, "50", [], {}]"#).unwrap();
    let kinds: Vec<_> = json.root().items().map(JsonRef::kind).collect();
    assert_eq!(
        kinds,
        [
            JsonKind::Null,
            JsonKind::Boolean,
            JsonKind::Number,
            JsonKind::Text,
            JsonKind::Array,
            JsonKind::Object,
        ]
    );
    let words: Vec<_> = kinds.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        ["null", "boolean", "number", "text", "array", "object"]
    );
    for item in json.root().items() {
        assert_eq!(item.as_bool().is_some(), item.kind() == JsonKind::Boolean);
        assert_eq!(item.as_str().is_some(), item.kind() == JsonKind::Text);
        assert_eq!(item.as_number().is_some(), item.kind() == JsonKind::Number);
        assert_eq!(
            (item.len(), item.items().len(), item.members().len()),
            (0, 0, 0)
        );
        assert!(item.is_empty());
    }
    let (number, text) = (json.root().at(2).unwrap(), json.root().at(3).unwrap());
    assert!(!number.equals(text));
    assert_ne!(number.digest(), text.digest());
}

#[test]
fn members_and_items() {
    let arguments = Arguments::parse(CALL).unwrap();
    let keys: Vec<_> = arguments.members().map(|(key, _)| key).collect();
    assert_eq!(keys, ["account", "amount", "", "a/b", "m~n", "12", "k\""]);
    assert_eq!((arguments.len(), arguments.is_empty()), (7, false));
    let tags = arguments.pointer("/account/tags").unwrap();
    let texts: Vec<_> = tags.items().map(JsonRef::as_str).collect();
    assert_eq!(texts, [Some("a"), Some("b"), None]);
    assert!(
        arguments
            .get("account")
            .unwrap()
            .get("tags")
            .unwrap()
            .equals(tags)
    );
    assert!(arguments.get("Account").is_none());
    assert!(tags.get("0").is_none());
    assert!(arguments.root().at(0).is_none());
}

#[test]
fn elements_are_found_again() {
    let json = Json::parse(CALL).unwrap();
    assert_eq!(json.root().index(), 0);
    for (_, value) in json.root().members() {
        assert_eq!(json.element(value.index()).unwrap().raw(), value.raw());
    }
    assert!(json.element(9999).is_none());
}

#[test]
fn no_arguments() {
    for none in [Arguments::default(), Arguments::parse("{}").unwrap()] {
        assert_eq!((none.text(), none.len()), ("{}", 0));
        assert_eq!(none.canonical(), "{}");
        assert_eq!(none.digest(), Json::parse(" { } ").unwrap().digest());
        assert!(none.is_empty());
        assert!(none.root().items().next().is_none());
    }
}

#[test]
fn equality() {
    let value = |text: &str| Json::parse(text).unwrap();
    for (one, other, expected) in [
        ("[1,2]", "[1.0,2e0]", true),
        ("[1,2]", "[2,1]", false),
        ("[1,2]", "[1,2,3]", false),
        (r#"{"a":1,"b":2}"#, r#"{"b":2,"\u0061":1}"#, true),
        (r#"{"a":1,"b":2}"#, r#"{"a":1,"c":2}"#, false),
        (r#"{"a":1}"#, r#"{"a":null}"#, false),
        ("true", "false", false),
        ("null", "null", true),
        (r#""é""#, r#""\u00e9""#, true),
        (r#""é""#, r#""e\u0301""#, false),
        ("[]", "{}", false),
        ("0", "-0", true),
    ] {
        let (one, other) = (value(one), value(other));
        assert_eq!(one.root().equals(other.root()), expected);
        assert_eq!(one.digest() == other.digest(), expected);
    }
}

#[test]
fn debug_shows_no_contents() {
    let secret = r#"{"password": ["hunter2", 4711]}"#;
    let json = Json::parse(secret).unwrap();
    let list = json.root().get("password").unwrap();
    let refused = Json::parse(format!("{secret}{secret}")).unwrap_err();
    let shown = format!(
        "{json:?} {:?} {list:?} {:?} {:?} {:?} {refused:?} {refused}",
        json.root(),
        list.items(),
        json.root().members(),
        list.at(1).unwrap().as_number(),
    );
    for part in ["password", "hunter2", "4711"] {
        assert!(!shown.contains(part), "{shown}");
    }
}

#[track_caller]
fn check_message(text: &str, expected: &str) {
    assert_eq!(Json::parse(text).unwrap_err().to_string(), expected);
}

#[test]
fn messages() {
    check_message("", "text ends at byte 0, expected a value");
    check_message("[!", "expected a value or `]` at byte 1");
    check_message("[1,]", "expected a value at byte 3");
    check_message("{!", "expected a key or `}` at byte 1");
    check_message(r#"{"a":1,}"#, "expected a key at byte 7");
    check_message(r#"{"a"}"#, "expected `:` at byte 4");
    check_message("[1 2]", "expected `,` or `]` at byte 3");
    check_message(r#"{"a":1 2}"#, "expected `,` or `}` at byte 7");
    check_message(r#""abc"#, "text ends at byte 4, expected `\"`");
    check_message("[] 1", "text goes on after its value at byte 3");
    check_message("[01]", "malformed number at byte 1");
    check_message("1e999", "exponent beyond ±400 in the number at byte 0");
    check_message(r#""\x""#, "bad escape at byte 1");
    check_message(r#""\ud800""#, "lone surrogate at byte 1");
    check_message("\"\n\"", "control character in a string at byte 1");
    check_message(r#"{"a":1,"a":2}"#, "repeated key at byte 7");
    check_message(&"[".repeat(65), "nested deeper than 64 at byte 64");
    check_message(&"[".repeat(1 << 21), "text is longer than 1048576 bytes");
}

#[test]
fn integers() {
    for (text, signed, unsigned) in [
        ("0", Some(0), Some(0)),
        ("-1", Some(-1), None),
        ("9223372036854775807", Some(i64::MAX), Some(1 << 63)),
        ("-9223372036854775808", Some(i64::MIN), None),
        ("18446744073709551615", None, Some(u64::MAX)),
        ("18446744073709551616", None, None),
        ("-0", None, None),
        ("1.0", None, None),
        ("1e2", None, None),
    ] {
        let json = Json::parse(text).unwrap();
        let number = json.root().as_number().unwrap();
        let unsigned = unsigned.map(|value| {
            if text.starts_with("92") {
                value - 1
            } else {
                value
            }
        });
        assert_eq!(
            (number.as_i64(), number.as_u64()),
            (signed, unsigned),
            "{text}"
        );
        let integer = !text.contains(['.', 'e']) && text != "-0";
        assert_eq!(number.is_integer(), integer, "{text}");
        assert_eq!(number.is_negative(), text.starts_with('-') && text != "-0");
        assert_eq!(number.is_zero(), matches!(text, "0" | "-0"));
    }
}

#[test]
fn decimals() {
    let word = "expected a decimal number such as `0`, `-12.50` or `1e6`";
    let exponent = "expected an exponent within ±400";
    for (text, expected) in [
        ("500.00", "5e2"),
        ("-0.0", "0"),
        ("0.50", "5e-1"),
        ("123", "123"),
        ("", word),
        (" 1", word),
        ("1 ", word),
        ("+1", word),
        (".5", word),
        ("1.", word),
        ("01", word),
        ("1,5", word),
        ("1e", word),
        ("nan", word),
        ("1e401", exponent),
    ] {
        let got = match Decimal::parse(text) {
            Ok(decimal) => decimal.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(got, expected, "{text}");
    }
    assert_eq!(Decimal::from(-1_200_i64).to_string(), "-12e2");
    assert_eq!(
        Decimal::from(i64::MIN),
        Decimal::parse("-9223372036854775808").unwrap()
    );
    let long = "9".repeat(Json::MAX_BYTES + 1);
    assert!(Decimal::parse(&long).is_err());
}
