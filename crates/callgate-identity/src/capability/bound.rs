//! What an argument must be.

use std::collections::BTreeSet;
use std::fmt;

use callgate_types::{Decimal, Json, JsonKind, JsonRef};

/// What a capability demands of one argument.
///
/// Numbers are exact and nothing is coerced: `"50"` is not `50`. An argument that is absent meets no
/// bound.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Bound {
    /// It equals one of these.
    OneOf(BTreeSet<Scalar>),
    /// It is a number, and at most this.
    AtMost(Decimal),
    /// It is a number, and at least this.
    AtLeast(Decimal),
    /// It is a text: this one, then one or more of the letters `A-Z a-z 0-9 _ -`, and nothing else.
    ///
    /// For ids such as `acc_eu_17`. What follows can be no separator, so this is not for paths,
    /// addresses or queries.
    StartsWith(Box<str>),
}

impl Bound {
    /// It equals `value`.
    ///
    /// ```
    /// use callgate_identity::capability::Bound;
    /// use callgate_types::Json;
    ///
    /// let bound = Bound::equals(50);
    /// assert!(bound.admits(Json::parse("50.0")?.root()));
    /// assert!(!bound.admits(Json::parse(r#""50""#)?.root()));
    /// # Ok::<(), callgate_types::RefusedJson>(())
    /// ```
    pub fn equals(value: impl Into<Scalar>) -> Self {
        Self::OneOf(BTreeSet::from([value.into()]))
    }

    /// It equals one of `values`.
    pub fn one_of<S: Into<Scalar>>(values: impl IntoIterator<Item = S>) -> Self {
        Self::OneOf(values.into_iter().map(Into::into).collect())
    }

    /// Whether `value` is as demanded.
    pub fn admits(&self, value: JsonRef<'_>) -> bool {
        match self {
            Self::OneOf(scalars) => scalars.iter().any(|scalar| scalar.is(value)),
            Self::AtMost(most) => value
                .as_number()
                .is_some_and(|number| most.compare(number).is_le()),
            Self::AtLeast(least) => value
                .as_number()
                .is_some_and(|number| least.compare(number).is_ge()),
            Self::StartsWith(prefix) => value
                .as_str()
                .and_then(|text| text.strip_prefix(&**prefix))
                .is_some_and(is_rest_of_id),
        }
    }
}

fn is_rest_of_id(rest: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !rest.is_empty() && rest.bytes().all(letter)
}

/// A JSON value that has no parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Scalar {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number, by its exact value.
    Number(Decimal),
    /// A text.
    Text(Box<str>),
}

impl Scalar {
    /// Whether `value` equals it.
    pub fn is(&self, value: JsonRef<'_>) -> bool {
        match self {
            Self::Null => value.kind() == JsonKind::Null,
            Self::Boolean(this) => value.as_bool() == Some(*this),
            Self::Number(this) => value
                .as_number()
                .is_some_and(|number| this.compare(number).is_eq()),
            Self::Text(this) => value.as_str() == Some(this),
        }
    }

    /// Reads the canonical form of a value without parts; `None` for any other text.
    pub(super) fn of_canonical(text: &str) -> Option<Self> {
        let json = Json::parse(text).ok()?;
        if json.canonical() != text {
            return None;
        }
        let value = json.root();
        match value.kind() {
            JsonKind::Null => Some(Self::Null),
            JsonKind::Boolean => value.as_bool().map(Self::Boolean),
            JsonKind::Number => value.as_number().map(|number| Self::Number(number.into())),
            JsonKind::Text => value.as_str().map(|text| Self::Text(text.into())),
            _ => None,
        }
    }

    /// The canonical form, as `docs/spec/arguments.md` has it.
    pub(super) fn canonical(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Boolean(this) => this.to_string(),
            Self::Number(this) => this.to_string(),
            Self::Text(this) => {
                let value = serde_json::Value::String(this.to_string());
                Json::from_value(&value).map_or_else(|_| String::new(), |json| json.canonical())
            }
        }
    }
}

/// The canonical form.
impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical())
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Scalar {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<Decimal> for Scalar {
    fn from(value: Decimal) -> Self {
        Self::Number(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(bound: &Bound, value: &str, expected: bool) {
        let value = Json::parse(value).unwrap();
        assert_eq!(bound.admits(value.root()), expected, "{bound:?}");
    }

    #[test]
    fn equal_values() {
        let bound = Bound::one_of(["EUR", "USD"]);
        check(&bound, r#""EUR""#, true);
        check(&bound, r#""\u0045UR""#, true);
        check(&bound, r#""eur""#, false);
        check(&bound, r#"["EUR"]"#, false);
        check(&bound, "null", false);
        check(&Bound::equals(true), "true", true);
        check(&Bound::equals(true), "1", false);
        check(&Bound::equals(true), r#""true""#, false);
        check(&Bound::equals(Scalar::Null), "null", true);
        check(&Bound::equals(Scalar::Null), "0", false);
        check(
            &Bound::equals(9_007_199_254_740_993),
            "9007199254740993",
            true,
        );
        check(
            &Bound::equals(9_007_199_254_740_993),
            "9007199254740992",
            false,
        );
    }

    #[test]
    fn exact_numbers() {
        let most = Bound::AtMost(decimal("0.3"));
        check(&most, "0.3", true);
        check(&most, "0.30000000000000000001", false);
        check(&most, "-5", true);
        check(&most, r#""0.1""#, false);
        check(&most, "[0.1]", false);
        let least = Bound::AtLeast(decimal("-2"));
        check(&least, "-2.0", true);
        check(&least, "-2.0001", false);
    }

    #[test]
    fn beginnings() {
        let bound = Bound::StartsWith("acc_eu_".into());
        check(&bound, r#""acc_eu_17-b""#, true);
        check(&bound, r#""acc_eu_""#, false);
        check(&bound, r#""acc_us_17""#, false);
        check(&bound, r#""acc_eu_/../acc_us_1""#, false);
        check(&bound, r#""acc_eu_1 ""#, false);
        check(&bound, r#""acc_eu_1\u0000""#, false);
        check(&bound, r#""acc_eu_é""#, false);
        check(&bound, "17", false);
    }

    #[test]
    fn canonical_forms() {
        for text in [
            "null",
            "true",
            "false",
            "5e1",
            "-5e-1",
            r#""a\"b""#,
            r#""""#,
        ] {
            let scalar = Scalar::of_canonical(text).unwrap();
            assert_eq!(scalar.canonical(), text);
        }
        for text in ["50", "0.5", "[]", "{}", r#""\u0041""#, " true", "", "nul"] {
            assert_eq!(Scalar::of_canonical(text), None, "{text}");
        }
    }
}
