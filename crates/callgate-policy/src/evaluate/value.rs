//! What a condition looks at.

use callgate_types::{JsonKind, JsonRef, Number};

use crate::document::Pointer;

/// The value of an argument or a fact.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    /// It is known that there is none.
    Absent,
    /// Nobody said what it is.
    Unknown,
    /// A text that the host gave: a name, a tenant.
    Text(&'a str),
    /// A value out of the arguments or out of a fact.
    Json(JsonRef<'a>),
}

impl<'a> Value<'a> {
    /// A text that is unknown where it was not given.
    #[inline]
    pub(crate) fn given(text: Option<&'a str>) -> Self {
        text.map_or(Self::Unknown, Self::Text)
    }

    /// What `pointer` names below `from`, its first `skip` tokens left out.
    ///
    /// A member or an item that is not there is absent. A step into what has no members of that
    /// sort (a text, a number, `null`, or by a name into an array) is unknown: somebody sent
    /// another type than the policy reckons with.
    pub(crate) fn below(from: JsonRef<'a>, pointer: &Pointer, skip: usize) -> Self {
        let mut value = from;
        for token in pointer.tokens().skip(skip) {
            let next = match value.kind() {
                JsonKind::Object => value.get(token),
                JsonKind::Array => match place(token) {
                    Some(Place::At(place)) => value.at(place),
                    Some(Place::Beyond) => None,
                    None => return Self::Unknown,
                },
                _ => return Self::Unknown,
            };
            match next {
                Some(inner) => value = inner,
                None => return Self::Absent,
            }
        }
        Self::Json(value)
    }

    /// What kind the value is, where it is there.
    #[inline]
    pub(crate) fn kind(self) -> Option<JsonKind> {
        match self {
            Self::Absent | Self::Unknown => None,
            Self::Text(_) => Some(JsonKind::Text),
            Self::Json(json) => Some(json.kind()),
        }
    }

    /// The text, if it is one.
    #[inline]
    pub(crate) fn as_str(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Json(json) => json.as_str(),
            Self::Absent | Self::Unknown => None,
        }
    }

    /// The bytes of the text, if it is one.
    #[inline]
    pub(crate) fn as_bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Text(text) => Some(text.as_bytes()),
            Self::Json(json) => json.as_text_bytes(),
            Self::Absent | Self::Unknown => None,
        }
    }

    /// The number, if it is one.
    #[inline]
    pub(crate) fn as_number(self) -> Option<Number<'a>> {
        match self {
            Self::Json(json) => json.as_number(),
            _ => None,
        }
    }
}

/// The item that a token of a pointer names.
enum Place {
    At(usize),
    /// An index, but of no array that fits into memory.
    Beyond,
}

/// Reads an index: digits without leading zeros.
fn place(token: &str) -> Option<Place> {
    let digits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    let padded = token.len() > 1 && token.starts_with('0');
    (digits && !padded).then(|| token.parse().map_or(Place::Beyond, Place::At))
}

#[cfg(test)]
mod tests {
    use super::*;
    use callgate_types::Json;

    #[track_caller]
    fn check(pointer: &str, expected: &str) {
        let json = Json::parse(r#"{"a": {"0": 1, "b": [5, {"c": null}]}, "t": "x"}"#).unwrap();
        let got = match Value::below(json.root(), &Pointer::parse(pointer).unwrap(), 0) {
            Value::Absent => "absent",
            Value::Unknown => "unknown",
            Value::Text(text) => text,
            Value::Json(json) => json.raw(),
        };
        assert_eq!(got, expected, "{pointer}");
    }

    #[test]
    fn steps() {
        check("/a/0", "1");
        check("/a/b/0", "5");
        check("/a/b/1/c", "null");
        check("/a/b/2", "absent");
        check("/a/x", "absent");
        check("/a/x/y", "absent");
        check("/a/b/99999999999999999999999", "absent");
    }

    #[test]
    fn steps_of_the_wrong_type() {
        check("/t/x", "unknown");
        check("/a/0/0", "unknown");
        check("/a/b/1/c/d", "unknown");
        check("/a/b/01", "unknown");
        check("/a/b/-", "unknown");
        check("/a/b/name", "unknown");
        check("/a/b/", "unknown");
    }
}
