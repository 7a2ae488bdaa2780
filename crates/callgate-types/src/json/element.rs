//! Looking at one value of a JSON text.

use std::{fmt, iter};

use super::node::{Node, Shape};
use super::number::Number;
use super::sorted::Sorted;
use super::{Json, canonical, pointer};

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JsonKind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A string.
    Text,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl JsonKind {
    /// The word for this kind, as in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::Text => "text",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

impl fmt::Display for JsonKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One value of a [`Json`] text.
///
/// Nothing is converted on the way: a text that spells a number is a text, and what has another
/// kind than the one asked for is `None`.
#[derive(Clone, Copy)]
pub struct JsonRef<'a> {
    json: &'a Json,
    /// The place of its node. With the node itself, a value would be too large for registers.
    index: u32,
}

impl<'a> JsonRef<'a> {
    #[inline]
    pub(super) fn new(json: &'a Json, index: u32) -> Option<Self> {
        json.tree.nodes.get(index as usize)?;
        Some(Self { json, index })
    }

    #[inline]
    pub(super) const fn root(json: &'a Json) -> Self {
        Self { json, index: 0 }
    }

    #[inline]
    fn node(self) -> &'a Node {
        let node = self.json.tree.nodes.get(self.index as usize);
        node.unwrap_or(&Node::NULL)
    }

    /// What the value is.
    #[inline]
    pub fn kind(self) -> JsonKind {
        self.node().kind()
    }

    /// The truth value, if it is one.
    #[inline]
    pub fn as_bool(self) -> Option<bool> {
        match self.node().shape {
            Shape::True => Some(true),
            Shape::False => Some(false),
            _ => None,
        }
    }

    /// The text with its escapes decoded, if it is one.
    #[inline]
    pub fn as_str(self) -> Option<&'a str> {
        match self.node().shape {
            Shape::Plain | Shape::Short(_) => {
                let from = self.node().start.wrapping_add(1) as usize;
                let to = self.node().end.wrapping_sub(1) as usize;
                self.json.text.get(from..to)
            }
            Shape::Escaped { from, to } => self.json.tree.decoded.get(from as usize..to as usize),
            _ => None,
        }
    }

    /// The bytes of the text with its escapes decoded; none of anything else.
    #[inline]
    pub fn text_bytes(self) -> &'a [u8] {
        match self.node().shape {
            Shape::Plain | Shape::Short(_) => {
                let from = self.node().start.wrapping_add(1) as usize;
                let to = self.node().end.wrapping_sub(1) as usize;
                self.json.text.as_bytes().get(from..to).unwrap_or_default()
            }
            _ => self.as_str().unwrap_or_default().as_bytes(),
        }
    }

    /// The bytes of the text with its escapes decoded, if it is one.
    #[inline]
    pub fn as_text_bytes(self) -> Option<&'a [u8]> {
        match self.node().shape {
            Shape::Plain | Shape::Short(_) => {
                let from = self.node().start.wrapping_add(1) as usize;
                let to = self.node().end.wrapping_sub(1) as usize;
                self.json.text.as_bytes().get(from..to)
            }
            Shape::Escaped { .. } => self.as_str().map(str::as_bytes),
            _ => None,
        }
    }

    /// The text in one word, where it is written without escapes and has at most eight bytes: the
    /// first one lowest, with zeros behind the last. No such text holds a zero itself.
    ///
    /// ```
    /// # use callgate_types::Json;
    /// let call = Json::parse(r#"{"currency": "EUR"}"#)?;
    /// let currency = call.root().get("currency").and_then(|value| value.text_word());
    /// assert_eq!(currency, Some(u64::from_le_bytes(*b"EUR\0\0\0\0\0")));
    /// # Ok::<_, callgate_types::RefusedJson>(())
    /// ```
    #[inline]
    pub fn text_word(self) -> Option<u64> {
        match self.node().shape {
            Shape::Short(content) => Some(content.get()),
            _ => None,
        }
    }

    /// How many bytes the text has with its escapes decoded, if it is one.
    #[inline]
    pub fn text_len(self) -> Option<u32> {
        match self.node().shape {
            // The quotes stand around it.
            Shape::Plain | Shape::Short(_) => {
                let node = self.node();
                Some(node.end.wrapping_sub(node.start).wrapping_sub(2))
            }
            Shape::Escaped { from, to } => Some(to.wrapping_sub(from)),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[inline]
    pub fn as_number(self) -> Option<Number<'a>> {
        match self.node().shape {
            Shape::Few(few) => Some(Number::of_parts(self.raw(), Some(few.short()))),
            Shape::Number => Some(Number::of_token(self.raw())),
            _ => None,
        }
    }

    /// The number in millionths, where it is one of few digits and that is whole: a quick way to
    /// compare it with others by exact value.
    ///
    /// ```
    /// # use callgate_types::Json;
    /// let call = Json::parse(r#"{"amount": 12.50, "rate": 0.0000001}"#)?;
    /// let value = |key| call.root().get(key).and_then(|value| value.in_millionths());
    /// assert_eq!(value("amount"), Some(12_500_000));
    /// assert_eq!(value("rate"), None);
    /// # Ok::<_, callgate_types::RefusedJson>(())
    /// ```
    #[inline]
    pub fn in_millionths(self) -> Option<i64> {
        match self.node().shape {
            Shape::Few(few) => Some(few.in_millionths()),
            _ => None,
        }
    }

    /// Whether the number is written as an integer, as [`Number::is_integer`] says; `None` where
    /// it is no number.
    #[inline]
    pub fn is_integer(self) -> Option<bool> {
        match self.node().shape {
            Shape::Few(few) => Some(few.is_integer()),
            Shape::Number => self.is_integer_in_digits(),
            _ => None,
        }
    }

    #[cold]
    fn is_integer_in_digits(self) -> Option<bool> {
        self.as_number().map(Number::is_integer)
    }

    /// Whether the number has at most `places` decimal places, as [`Number::has_scale`] says;
    /// `None` where it is no number.
    #[inline]
    pub fn has_scale(self, places: u32) -> Option<bool> {
        match self.node().shape {
            Shape::Few(few) if few.has_scale(places) => Some(true),
            Shape::Few(_) | Shape::Number => self.has_scale_in_digits(places),
            _ => None,
        }
    }

    #[cold]
    fn has_scale_in_digits(self, places: u32) -> Option<bool> {
        self.as_number().map(|number| number.has_scale(places))
    }

    /// The number of items or members; 0 for everything that is no container.
    #[inline]
    pub fn len(self) -> usize {
        match self.node().shape {
            Shape::Array(span) | Shape::Object(span) => span.len as usize,
            _ => 0,
        }
    }

    /// Whether there are no items and no members.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The items of an array, in order; nothing for everything else.
    #[inline]
    pub fn items(self) -> Items<'a> {
        let left = match self.node().shape {
            Shape::Array(span) => span.len,
            _ => 0,
        };
        Items {
            json: self.json,
            next: self.index.wrapping_add(1),
            left,
        }
    }

    /// The members of an object, in the order of the text; nothing for everything else.
    #[inline]
    pub fn members(self) -> Members<'a> {
        let left = match self.node().shape {
            Shape::Object(span) => span.len,
            _ => 0,
        };
        Members {
            json: self.json,
            next: self.index.wrapping_add(1),
            left,
        }
    }

    /// The member named `key`, which is compared with the decoded keys.
    ///
    /// The members are searched one by one: who asks for many of them walks over
    /// [`members`](Self::members) once.
    pub fn get(self, key: &str) -> Option<JsonRef<'a>> {
        self.members()
            .find_map(|(known, value)| (known == key).then_some(value))
    }

    /// The item at `index`, counted from 0; those before it are passed one by one.
    pub fn at(self, index: usize) -> Option<JsonRef<'a>> {
        self.items().nth(index)
    }

    /// The value that an RFC 6901 pointer names, as in `/lines/0/amount`.
    ///
    /// An index has no leading zeros, and `-` names nothing. A malformed pointer names nothing.
    pub fn pointer(self, pointer: &str) -> Option<JsonRef<'a>> {
        pointer::follow(self, pointer)
    }

    /// The bytes of the value, as written.
    #[inline]
    pub fn raw(self) -> &'a str {
        self.json
            .text
            .get(self.node().start as usize..self.node().end as usize)
            .unwrap_or_default()
    }

    /// The place of the value in its text: [`Json::element`] finds it again.
    #[inline]
    pub const fn index(self) -> u32 {
        self.index
    }

    /// The members of an object, key and value, in the order of the text; a key is a text.
    #[inline]
    pub fn pairs(self) -> impl Iterator<Item = (JsonRef<'a>, JsonRef<'a>)> {
        let mut members = self.members();
        iter::from_fn(move || members.pair())
    }

    /// The members of an object, keys and values, in the order of the canonical form: by the bytes of
    /// their decoded keys.
    pub fn sorted_members(self) -> impl Iterator<Item = (&'a str, JsonRef<'a>)> {
        Sorted::of(self).map(|(key, value)| (key.as_str().unwrap_or_default(), value))
    }

    /// Appends the canonical form of the value.
    pub fn push_canonical(self, out: &mut String) {
        canonical::put(self, out);
    }

    /// The text that the value is a part of.
    #[inline]
    pub const fn json(self) -> &'a Json {
        self.json
    }

    pub(super) fn shape(self) -> Shape {
        self.node().shape
    }

    /// The byte of the text at which the value begins; it ends [`raw`](Self::raw) later.
    pub fn start(self) -> u32 {
        self.node().start
    }
}

/// Shows no contents: an argument may be a secret.
impl fmt::Debug for JsonRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonRef")
            .field("kind", &self.kind())
            .field("bytes", &self.raw().len())
            .finish_non_exhaustive()
    }
}

/// The items of an array.
#[derive(Clone)]
pub struct Items<'a> {
    json: &'a Json,
    next: u32,
    left: u32,
}

impl<'a> Iterator for Items<'a> {
    type Item = JsonRef<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let item = JsonRef::new(self.json, self.next)?;
        self.next = item.node().after(item.index);
        Some(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Items<'_> {}

impl fmt::Debug for Items<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

/// The members of an object: decoded key and value.
#[derive(Clone)]
pub struct Members<'a> {
    json: &'a Json,
    next: u32,
    left: u32,
}

impl<'a> Members<'a> {
    /// The next member with its key as a value.
    #[inline]
    fn pair(&mut self) -> Option<(JsonRef<'a>, JsonRef<'a>)> {
        self.left = self.left.checked_sub(1)?;
        let json = self.json;
        let nodes = json.tree.nodes.get(self.next as usize..)?;
        let [_, value] = nodes.first_chunk::<2>()?;
        let index = self.next.wrapping_add(1);
        let of_key = JsonRef {
            json,
            index: self.next,
        };
        self.next = value.after(index);
        Some((of_key, JsonRef { json, index }))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, JsonRef<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (key, value) = self.pair()?;
        Some((key.as_str()?, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Members<'_> {}

impl fmt::Debug for Members<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Members")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
