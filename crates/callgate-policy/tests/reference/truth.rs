//! Kleene's truth values, and the values that are judged.

use callgate_policy::document::Pointer;
use callgate_types::{JsonKind, JsonRef, Number};

/// Of several truths, the least is *all* of them and the greatest *any*.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Truth {
    No,
    Unknown,
    Yes,
}

impl Truth {
    pub(crate) fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    /// What is no becomes yes, and the other way round.
    pub(crate) fn not(self) -> Self {
        [Self::Yes, Self::Unknown, Self::No][self as usize]
    }

    pub(crate) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().min().unwrap_or(Self::Yes)
    }

    pub(crate) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().max().unwrap_or(Self::No)
    }
}

/// What stands at a place.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Absent,
    Unknown,
    /// A text of the host.
    Name(&'a str),
    Json(JsonRef<'a>),
}

impl<'a> Value<'a> {
    /// The value where `path` leads from `json`.
    pub(crate) fn at(json: JsonRef<'a>, path: &[&str]) -> Self {
        let Some((token, rest)) = path.split_first() else { return Value::Json(json) };
        let index = token.parse::<usize>().ok().filter(|index| index.to_string() == **token);
        let next = match (json.kind(), index) {
            (JsonKind::Object, _) => json.members().find(|(key, _)| key == token).map(|(_, value)| value),
            (JsonKind::Array, Some(index)) => json.items().nth(index),
            _ => return Value::Unknown,
        };
        next.map_or(Value::Absent, |next| Self::at(next, rest))
    }

    pub(crate) fn pointed(json: JsonRef<'a>, pointer: &Pointer) -> Self {
        Self::at(json, &pointer.tokens().collect::<Vec<_>>())
    }

    pub(crate) fn text(self) -> Option<&'a str> {
        match self {
            Value::Name(name) => Some(name),
            Value::Json(json) => json.as_str(),
            Value::Absent | Value::Unknown => None,
        }
    }

    pub(crate) fn number(self) -> Option<Number<'a>> {
        self.of_kind(JsonKind::Number)?.as_number()
    }

    pub(crate) fn boolean(self) -> Option<bool> {
        self.of_kind(JsonKind::Boolean)?.as_bool()
    }

    pub(crate) fn object(self) -> Option<JsonRef<'a>> {
        self.of_kind(JsonKind::Object)
    }

    pub(crate) fn array(self) -> Option<Vec<Value<'a>>> {
        self.of_kind(JsonKind::Array).map(|json| json.items().map(Value::Json).collect())
    }

    pub(crate) fn is_null(self) -> bool {
        self.of_kind(JsonKind::Null).is_some()
    }

    /// Whether two values are the same, numbers by exact value; `None` where they are of different
    /// types, or null.
    pub(crate) fn same(self, other: Self) -> Option<bool> {
        match (self, other) {
            (Value::Json(one), Value::Json(other)) if one.kind() == other.kind() && one.kind() != JsonKind::Null => {
                Some(one.digest() == other.digest())
            }
            _ => Some(self.text()? == other.text()?),
        }
    }

    fn of_kind(self, kind: JsonKind) -> Option<JsonRef<'a>> {
        match self {
            Value::Json(json) if json.kind() == kind => Some(json),
            _ => None,
        }
    }
}

/// A number that is written as an integer.
pub(crate) fn is_integer(number: Number<'_>) -> bool {
    number.as_str().bytes().all(|byte| byte == b'-' || byte.is_ascii_digit()) && number.as_str() != "-0"
}
