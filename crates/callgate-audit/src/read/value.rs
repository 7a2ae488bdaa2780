//! Values of a line, read where they stand.

use std::borrow::Cow;

/// One JSON value of a record, as it stands in the line.
///
/// The line was checked before; nothing is built. Where keys are repeated inside, the first one
/// counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueView<'a>(&'a str);

impl<'a> ValueView<'a> {
    /// `raw` is one JSON value without white space.
    pub(crate) const fn new(raw: &'a str) -> Self {
        Self(raw)
    }

    /// The value as it is written.
    pub const fn raw(self) -> &'a str {
        self.0
    }

    /// Whether it is null.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// True or false.
    pub fn as_bool(self) -> Option<bool> {
        match self.0 {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// A number without sign, fraction or exponent, where it has 64 bits.
    pub fn as_u64(self) -> Option<u64> {
        let digits = self.0.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| self.0.parse().ok()).flatten()
    }

    /// A string, without its escapes.
    pub fn as_text(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        Some(if inner.contains('\\') {
            Cow::Owned(unescaped(inner))
        } else {
            Cow::Borrowed(inner)
        })
    }

    /// The member `key` of an object.
    pub fn get(self, key: &str) -> Option<Self> {
        self.members()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// The members of an object; none, where it is something else.
    pub fn members(self) -> ValueMembers<'a> {
        ValueMembers(self.0.strip_prefix('{').unwrap_or_default())
    }

    /// The items of an array; none, where it is something else.
    pub fn items(self) -> ValueItems<'a> {
        ValueItems(self.0.strip_prefix('[').unwrap_or_default())
    }
}

/// The members of an object.
#[derive(Clone, Debug)]
pub struct ValueMembers<'a>(&'a str);

impl<'a> Iterator for ValueMembers<'a> {
    type Item = (Cow<'a, str>, ValueView<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.0.strip_prefix(',').unwrap_or(self.0);
        let (key, rest) = rest.split_at_checked(string(rest)?)?;
        let rest = rest.strip_prefix(':')?;
        let (value, rest) = rest.split_at_checked(value(rest)?)?;
        self.0 = rest;
        Some((ValueView(key).as_text()?, ValueView(value)))
    }
}

/// The items of an array.
#[derive(Clone, Debug)]
pub struct ValueItems<'a>(&'a str);

impl<'a> Iterator for ValueItems<'a> {
    type Item = ValueView<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.0.strip_prefix(',').unwrap_or(self.0);
        let (value, rest) = rest.split_at_checked(value(rest)?)?;
        self.0 = rest;
        Some(ValueView(value))
    }
}

/// Behind the value with which `text` begins.
fn value(text: &str) -> Option<usize> {
    match text.as_bytes().first()? {
        b'"' => string(text),
        b'{' | b'[' => container(text),
        b']' | b'}' => None,
        _ => Some(text.find([',', ']', '}']).unwrap_or(text.len())),
    }
}

/// Behind the string with which `text` begins.
fn string(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('"')?;
    let mut escaped = false;
    let end = inner.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    end.checked_add(2)
}

/// Behind the object or array with which `text` begins.
fn container(text: &str) -> Option<usize> {
    let (mut depth, mut inside, mut escaped) = (0_usize, false, false);
    let end = text.bytes().position(|byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b'{' | b'[' if !inside => depth = depth.saturating_add(1),
            b'}' | b']' if !inside => {
                depth = depth.saturating_sub(1);
                return depth == 0;
            }
            _ => {}
        }
        false
    })?;
    end.checked_add(1)
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(char) = rest.next() {
        if char != '\\' {
            out.push(char);
            continue;
        }
        out.push(match rest.next() {
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => numbered(&mut rest),
            Some(plain) => plain,
            None => char::REPLACEMENT_CHARACTER,
        });
    }
    out
}

/// The character of an escape by number; two of them where it is beyond 16 bits.
fn numbered(rest: &mut std::str::Chars<'_>) -> char {
    let first = unit(rest);
    let code = if (0xd800..0xdc00).contains(&first) {
        let second = (rest.next() == Some('\\') && rest.next() == Some('u')).then(|| unit(rest));
        let low = second.unwrap_or(0).wrapping_sub(0xdc00) & 0x3ff;
        0x1_0000_u32.saturating_add((first & 0x3ff) << 10 | low)
    } else {
        first
    };
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn unit(rest: &mut std::str::Chars<'_>) -> u32 {
    let digits = rest
        .by_ref()
        .take(4)
        .map(|digit| digit.to_digit(16).unwrap_or(0));
    digits.fold(0, |unit, digit| unit << 4 | digit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn built(view: ValueView<'_>) -> Value {
        match view.raw().as_bytes().first() {
            Some(b'{') => Value::Object(
                view.members()
                    .map(|(key, value)| (key.into_owned(), built(value)))
                    .collect(),
            ),
            Some(b'[') => view.items().map(built).collect(),
            Some(b'"') => view.as_text().unwrap().into(),
            _ => serde_json::from_str(view.raw()).unwrap(),
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[\\\\\"{}\\[\\],:a]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            let map = proptest::collection::btree_map("[a\"\\\\,:{}]{0,3}", inner.clone(), 0..4);
            prop_oneof![
                proptest::collection::vec(inner, 0..4).prop_map(Value::from),
                map.prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn agrees_with_a_parser(value in json()) {
            prop_assert_eq!(built(ValueView::new(&value.to_string())), value);
        }

        #[test]
        fn any_text_is_walked_to_an_end(text in any::<String>()) {
            let view = ValueView::new(&text);
            for (_, value) in view.members() {
                let _read = (value.as_text(), value.as_u64(), value.items().count());
            }
            prop_assert!(view.items().count() <= text.len());
        }
    }

    #[test]
    fn scalars() {
        assert_eq!(
            ValueView::new("18446744073709551615").as_u64(),
            Some(u64::MAX)
        );
        for text in ["-1", "1.0", "18446744073709551616", "1e3", "\"1\"", ""] {
            assert_eq!(ValueView::new(text).as_u64(), None, "{text}");
        }
        assert_eq!(ValueView::new("true").as_bool(), Some(true));
        assert_eq!(ValueView::new("null").as_bool(), None);
        assert!(ValueView::new("null").is_null());
    }

    #[test]
    fn escapes() {
        let view = ValueView::new(r#""\u0041\ud83d\ude00\n\/\"\\\u202e\b\f\r\t""#);
        let expected = "A\u{1f600}\n/\"\\\u{202e}\u{8}\u{c}\r\t";
        assert_eq!(view.as_text().unwrap(), expected);
        assert_eq!(ValueView::new(r#""\udc00""#).as_text().unwrap(), "\u{fffd}");
    }

    #[test]
    fn first_of_repeated_keys() {
        let view = ValueView::new(r#"{"a":1,"a":2,"b":[]}"#);
        assert_eq!(view.get("a").unwrap().raw(), "1");
        assert_eq!(view.get("b").unwrap().items().count(), 0);
        assert_eq!(view.get("c"), None);
    }
}
