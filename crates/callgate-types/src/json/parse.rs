//! The strict reader: text to flat tree, without recursion.

use super::digits::Few;
use super::error::{ExpectedJson, JsonError};
use super::keys;
use super::node::{Node, Shape, Span};
use super::open::{Open, Outer};
use super::{Json, number};

/// The longest text that any caller can allow: every place in it fits in its node.
const LONGEST: usize = 1 << 30;

/// Reads all of `text`, if it has at most `max_bytes` bytes; it must be an object if `of_object`
/// says so.
#[expect(clippy::inline_always, reason = "a part of its only caller")]
#[inline(always)]
pub(super) fn parse(text: &str, max_bytes: usize, of_object: bool) -> Result<Tree, JsonError> {
    let at = max_bytes.min(LONGEST);
    if text.len() > at {
        return Err(JsonError::TooLarge { at });
    }
    let mut reader = Reader::new(text);
    if let Err(error) = reader.document() {
        return Err(reader.earliest(error));
    }
    let Reader { tree, unusual, .. } = reader;
    if of_object && let Some(error) = tree.not_an_object() {
        return Err(error);
    }
    Ok(Tree {
        nodes: tree.nodes,
        decoded: tree.decoded,
        spaced: tree.spaced,
        unusual: unusual != 0,
    })
}

/// What reading a text gives.
#[derive(Clone)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// The contents of all strings with escapes, one behind the other.
    pub(super) decoded: String,
    /// Whether white space stands between the tokens.
    pub(super) spaced: bool,
    /// Whether a string may hold something beyond printable ASCII.
    pub(super) unusual: bool,
}

impl Tree {
    /// Nothing has been read.
    pub(super) const EMPTY: Self = Self {
        nodes: Vec::new(),
        decoded: String::new(),
        spaced: false,
        unusual: false,
    };

    /// The error of a text that should have been an object, where it is none.
    #[inline]
    fn not_an_object(&self) -> Option<JsonError> {
        let root = self.nodes.first().unwrap_or(&Node::NULL);
        (!matches!(root.shape, Shape::Object(_))).then(|| JsonError::NotAnObject {
            at: root.start as usize,
            found: root.kind(),
        })
    }

    /// The tree of `{}`.
    pub(super) fn empty_object() -> Self {
        let shape = Shape::Object(Span { len: 0, after: 1 });
        Self {
            nodes: vec![Node {
                start: 0,
                end: 2,
                shape,
            }],
            decoded: String::new(),
            spaced: false,
            unusual: false,
        }
    }
}

pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    /// The next byte of a string with escapes; all other places are handed on.
    ///
    /// The text is far shorter than `u32::MAX`, so counting never wraps.
    pub(super) at: u32,
    pub(super) tree: Tree,
    /// Not zero if a string may hold something beyond printable ASCII.
    pub(super) unusual: u64,
    /// The innermost container.
    open: Open,
    /// Those around it.
    outer: Outer,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        // One node for eight bytes is the common density; a dense text makes the list grow.
        let guess = (text.len() >> 3).saturating_add(4).min(1024);
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            tree: Tree {
                nodes: Vec::with_capacity(guess),
                ..Tree::EMPTY
            },
            unusual: 0,
            open: Open::DOCUMENT,
            outer: Outer::new(),
        }
    }

    fn document(&mut self) -> Result<(), JsonError> {
        let (mut at, mut byte) = self.token(0);
        loop {
            if self.open.is_object() {
                let colon = self.key(at, byte)?;
                (at, byte) = self.token(colon);
            }
            let end = match byte {
                b'"' => self.string(at)?,
                b'-' | b'0'..=b'9' => self.number(at)?,
                b'{' | b'[' => {
                    self.open(at, if byte == b'{' { b'}' } else { b']' })?;
                    (at, byte) = self.token(at.wrapping_add(1));
                    if byte != self.open.end {
                        self.open.len = 1;
                        continue;
                    }
                    self.close(at)?
                }
                b't' => self.literal(at, "true", Shape::True)?,
                b'f' => self.literal(at, "false", Shape::False)?,
                b'n' => self.literal(at, "null", Shape::Null)?,
                _ => return Err(self.unexpected_value(at)),
            };
            match self.next_value(end)? {
                Some(next) => (at, byte) = next,
                None => return Ok(()),
            }
        }
    }

    /// Goes on to where the next value or member begins, closing what ends before it; `None` at
    /// the end of the text.
    #[inline]
    fn next_value(&mut self, at: u32) -> Result<Option<(u32, u8)>, JsonError> {
        let mut at = at;
        loop {
            let (here, byte) = self.token(at);
            if self.outer.depth() == 0 {
                return if here as usize >= self.bytes.len() {
                    Ok(None)
                } else {
                    Err(JsonError::TrailingText { at: here as usize })
                };
            }
            if byte == b',' {
                self.open.len = self.open.len.wrapping_add(1);
                return Ok(Some(self.token(here.wrapping_add(1))));
            }
            if byte != self.open.end {
                return Err(self.unexpected_end_of_value(here));
            }
            at = self.close(here)?;
        }
    }

    /// Opens the container whose bracket stands at `start`.
    #[inline]
    fn open(&mut self, start: u32, end: u8) -> Result<(), JsonError> {
        if self.outer.depth() >= Json::MAX_DEPTH {
            return Err(JsonError::TooDeep { at: start as usize });
        }
        self.outer.push(self.open);
        let node = self.node_count();
        self.open = Open {
            node,
            len: 0,
            end,
            seen: 0,
            doubtful: false,
        };
        self.push(start, start, container(end, Span::OPEN));
        Ok(())
    }

    /// Closes the innermost container, whose closing bracket stands at `at`; gives the place
    /// behind it.
    #[inline]
    fn close(&mut self, at: u32) -> Result<u32, JsonError> {
        let (end, after) = (at.wrapping_add(1), self.node_count());
        if let Some(node) = self.tree.nodes.get_mut(self.open.node as usize) {
            let len = self.open.len;
            node.end = end;
            node.shape = container(self.open.end, Span { len, after });
        }
        if let Some(at) = self.repeated(&self.open) {
            return Err(JsonError::DuplicateKey { at });
        }
        self.open = self.outer.pop();
        Ok(end)
    }

    /// Reads a key, which begins with `byte`, and its colon; gives the place behind it.
    #[inline]
    fn key(&mut self, start: u32, byte: u8) -> Result<u32, JsonError> {
        if byte != b'"' {
            return Err(self.unexpected_key(start));
        }
        let (end, bit) = match self.short_string(start) {
            Ok(short) => (short.end, keys::bit_of_short(short.length, short.content)),
            Err(special) => self.long_key(start, special)?,
        };
        // Few keys share a bit with another one.
        if self.open.seen & bit != 0 {
            self.open.doubtful |= keys::is_known(self.text, &self.tree, &self.open);
        }
        self.open.seen |= bit;
        let (colon, byte) = self.token(end);
        if byte != b':' {
            return Err(self.unexpected(colon, ExpectedJson::Colon));
        }
        Ok(colon.wrapping_add(1))
    }

    /// Reads a key whose first special byte is known; gives the place behind it, and its bit.
    #[inline(never)]
    fn long_key(&mut self, start: u32, special: u32) -> Result<(u32, u64), JsonError> {
        let end = self.rest_of_string(start, special)?;
        let last = self.tree.nodes.last();
        let bit = last.map_or(0, |key| {
            keys::bit(keys::content(self.text, &self.tree, *key))
        });
        Ok((end, bit))
    }

    #[inline]
    fn number(&mut self, start: u32) -> Result<u32, JsonError> {
        match Few::read(self.bytes, start) {
            Some((end, few)) => {
                self.push(start, end, Shape::Few(few));
                Ok(end)
            }
            None => self.any_number(start),
        }
    }

    #[inline(never)]
    fn any_number(&mut self, start: u32) -> Result<u32, JsonError> {
        let rest = self.bytes.get(start as usize..).unwrap_or_default();
        let length = number::scan(rest).map_err(|fault| fault.at(start as usize))?;
        let end = start.wrapping_add(length);
        let token = self.text.get(start as usize..end as usize);
        let few = token.and_then(Few::of);
        self.push(start, end, few.map_or(Shape::Number, Shape::Few));
        Ok(end)
    }

    fn literal(&mut self, start: u32, word: &str, shape: Shape) -> Result<u32, JsonError> {
        let rest = self.bytes.get(start as usize..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(self.unexpected_value(start));
        }
        let length = u32::try_from(word.len()).unwrap_or(0);
        let end = start.wrapping_add(length);
        self.push(start, end, shape);
        Ok(end)
    }

    /// The next byte that is no white space, and its place; 0 at the end.
    #[inline]
    fn token(&mut self, at: u32) -> (u32, u8) {
        let byte = self.byte(at);
        if byte > b' ' {
            return (at, byte);
        }
        // Nearly always it is a single blank.
        let next = at.wrapping_add(1);
        if byte == b' ' {
            self.tree.spaced = true;
            let byte = self.byte(next);
            if byte > b' ' {
                return (next, byte);
            }
        }
        self.token_behind_space(at)
    }

    #[inline(never)]
    fn token_behind_space(&mut self, at: u32) -> (u32, u8) {
        let mut at = at;
        while let b' ' | b'\t' | b'\n' | b'\r' = self.byte(at) {
            self.tree.spaced = true;
            at = at.wrapping_add(1);
        }
        (at, self.byte(at))
    }

    /// The byte at a place; 0 at the end.
    #[inline]
    pub(super) fn byte(&self, at: u32) -> u8 {
        self.bytes.get(at as usize).copied().unwrap_or(0)
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at as usize).copied()
    }

    pub(super) const fn step(&mut self) {
        self.at = self.at.wrapping_add(1);
    }

    pub(super) const fn position(&self) -> usize {
        self.at as usize
    }

    /// Adds the node of what stands between two places.
    #[inline]
    pub(super) fn push(&mut self, start: u32, end: u32, shape: Shape) {
        self.tree.nodes.push(Node { start, end, shape });
    }

    /// A text has fewer nodes than bytes, so their number fits.
    #[inline]
    fn node_count(&self) -> u32 {
        u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX)
    }

    #[cold]
    fn unexpected_value(&self, at: u32) -> JsonError {
        let first = self.open.len == 1 && !self.open.is_object();
        self.unexpected(
            at,
            if first {
                ExpectedJson::ValueOrEnd
            } else {
                ExpectedJson::Value
            },
        )
    }

    #[cold]
    fn unexpected_end_of_value(&self, at: u32) -> JsonError {
        self.unexpected(
            at,
            if self.open.is_object() {
                ExpectedJson::CommaOrObjectEnd
            } else {
                ExpectedJson::CommaOrArrayEnd
            },
        )
    }

    #[cold]
    fn unexpected_key(&self, at: u32) -> JsonError {
        self.unexpected(
            at,
            if self.open.len == 1 {
                ExpectedJson::KeyOrEnd
            } else {
                ExpectedJson::Key
            },
        )
    }

    #[cold]
    pub(super) fn unexpected(&self, at: u32, expected: ExpectedJson) -> JsonError {
        let at = at as usize;
        match self.bytes.get(at) {
            Some(_) => JsonError::UnexpectedByte { at, expected },
            None => JsonError::UnexpectedEnd { at, expected },
        }
    }

    /// A repeated key in a container that is still open stands before whatever went wrong inside.
    #[cold]
    fn earliest(&self, error: JsonError) -> JsonError {
        let open = self.outer.iter().chain([&self.open]);
        match open.filter_map(|open| self.repeated(open)).min() {
            Some(at) if at < error.position() => JsonError::DuplicateKey { at },
            _ => error,
        }
    }

    /// Where the first repeated key of the container stands.
    #[inline]
    fn repeated(&self, open: &Open) -> Option<usize> {
        if open.doubtful {
            keys::repeated(self.text, &self.tree, open.node).map(|at| at as usize)
        } else {
            None
        }
    }
}

/// What `end` closes.
#[inline]
const fn container(end: u8, span: Span) -> Shape {
    if end == b'}' {
        Shape::Object(span)
    } else {
        Shape::Array(span)
    }
}
