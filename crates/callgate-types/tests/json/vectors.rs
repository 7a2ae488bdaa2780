//! Every vector of `docs/spec/vectors/arguments.json`.

use std::cmp::Ordering;

use callgate_types::{Arguments, Decimal, Json, JsonRef, Number};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    accepted: Vec<Accepted>,
    refused: Vec<Refused>,
    refused_as_arguments: Vec<RefusedAsArguments>,
    equal_numbers: Vec<[String; 2]>,
    ordered_numbers: Vec<[String; 2]>,
    least_scale: Vec<LeastScale>,
    embedded: Vec<Embedded>,
}

/// A text, or pieces and how often each is repeated.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Whole(String),
    Pieces(Vec<(String, usize)>),
}

impl Text {
    fn whole(&self) -> String {
        match self {
            Self::Whole(text) => text.clone(),
            Self::Pieces(pieces) => pieces
                .iter()
                .map(|(piece, times)| piece.repeat(*times))
                .collect(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    #[serde(alias = "pieces")]
    text: Text,
    canonical: Option<String>,
    digest: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    #[serde(alias = "pieces")]
    text: Text,
    error: String,
    at: usize,
    pointer: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefusedAsArguments {
    text: String,
    found: String,
    at: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LeastScale {
    number: String,
    scale: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Embedded {
    text: String,
    embedded: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../../docs/spec/vectors/arguments.json")).unwrap()
}

fn number(root: JsonRef<'_>) -> Number<'_> {
    root.as_number().unwrap()
}

#[test]
fn accepted() {
    for vector in vectors().accepted {
        let text = vector.text.whole();
        let json = Json::parse(text.as_str()).unwrap();
        assert_eq!(json.text(), text);
        assert_eq!(json.digest().to_string(), vector.digest, "{text:.200}");
        if let Some(canonical) = vector.canonical {
            assert_eq!(json.canonical(), canonical, "{text}");
        }
    }
}

#[test]
fn refused() {
    for vector in vectors().refused {
        let text = vector.text.whole();
        let refused = Json::parse(text.as_str()).unwrap_err();
        let got = (refused.error().as_str(), refused.error().position());
        assert_eq!(got, (vector.error.as_str(), vector.at), "{text:.200}");
        assert_eq!(refused.pointer(), vector.pointer, "{text:.200}");
        assert_eq!(refused.into_text(), text);
    }
}

#[test]
fn refused_as_arguments() {
    for vector in vectors().refused_as_arguments {
        assert!(Json::parse(vector.text.as_str()).is_ok());
        let refused = Arguments::parse(vector.text.as_str()).unwrap_err();
        let expected = format!(
            "expected an object at byte {}, found {}",
            vector.at, vector.found
        );
        assert_eq!(refused.to_string(), expected);
        assert_eq!(refused.error().as_str(), "not_an_object");
        assert_eq!(refused.error().position(), vector.at);
        assert_eq!(refused.text(), vector.text);
    }
}

#[track_caller]
fn check_order(one: &str, other: &str, expected: Ordering) {
    let (one, other) = (Json::parse(one).unwrap(), Json::parse(other).unwrap());
    let (one, other) = (one.root(), other.root());
    let equal = expected.is_eq();
    assert_eq!(number(one).cmp(&number(other)), expected);
    assert_eq!(number(other).cmp(&number(one)), expected.reverse());
    assert_eq!(number(one) == number(other), equal);
    assert_eq!(one.equals(other), equal);
    assert_eq!(one.digest() == other.digest(), equal);

    let limit: Decimal = number(other).as_str().parse().unwrap();
    assert_eq!(limit.compare(number(one)), expected);
    assert_eq!(Decimal::from(number(one)).cmp(&limit), expected);
    assert_eq!(Decimal::from(number(one)) == limit, equal);
}

#[test]
fn equal_numbers() {
    for [one, other] in vectors().equal_numbers {
        check_order(&one, &other, Ordering::Equal);
    }
}

#[test]
fn ordered_numbers() {
    for [below, above] in vectors().ordered_numbers {
        check_order(&below, &above, Ordering::Less);
        check_order(&below, &below, Ordering::Equal);
    }
}

#[test]
fn least_scale() {
    for vector in vectors().least_scale {
        let json = Json::parse(vector.number.as_str()).unwrap();
        for scale in 0..500 {
            let got = number(json.root()).has_scale(scale);
            assert_eq!(got, scale >= vector.scale, "{} {scale}", vector.number);
        }
    }
}

#[test]
fn embedded() {
    for vector in vectors().embedded {
        let json = Json::parse(vector.text.as_str()).unwrap();
        let mut bytes = b"before ".to_vec();
        json.root().write_minified(&mut bytes);
        let embedded = String::from_utf8(bytes).unwrap();
        assert_eq!(embedded, format!("before {}", vector.embedded));
        let again = Json::parse(vector.embedded.as_str()).unwrap();
        assert_eq!(again.digest(), json.digest());
    }
}

#[test]
fn example_of_the_page() {
    let page = include_str!("../../../../docs/spec/arguments.md");
    let line = |name: &str| {
        let line = page.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim()
    };
    let arguments = Arguments::parse(line("text ")).unwrap();
    assert_eq!(arguments.canonical(), line("canonical "));
    assert_eq!(arguments.digest().to_string(), line("digest "));
}
