//! The strict reader: text to flat tree, without recursion.

use super::digits::Few;
use super::error::{ExpectedJson, JsonError};
use super::keys::{self, Seen};
use super::node::{Node, Shape, Span};
use super::{Json, number};

/// The longest text that any caller can allow: every place in it fits in its node.
const LONGEST: usize = 1 << 30;

/// Reads all of `text`, if it has at most `max_bytes` bytes.
pub(super) fn parse(text: &str, max_bytes: usize) -> Result<Tree, JsonError> {
    let at = max_bytes.min(LONGEST);
    if text.len() > at {
        return Err(JsonError::TooLarge { at });
    }
    let mut reader = Reader::new(text);
    match reader.document() {
        Ok(()) => Ok(reader.tree),
        Err(error) => Err(reader.earliest(error)),
    }
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

/// A container that is being read.
struct Open {
    node: u32,
    /// Items or members so far, the one that is being read included.
    len: u32,
    object: bool,
    seen: Seen,
}

pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    /// The next byte; the text is far shorter than `u32::MAX`, so counting never wraps.
    pub(super) at: u32,
    pub(super) tree: Tree,
    /// The containers around the next byte, outermost first.
    open: Vec<Open>,
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
                decoded: String::new(),
                spaced: false,
                unusual: false,
            },
            open: Vec::new(),
        }
    }

    fn document(&mut self) -> Result<(), JsonError> {
        loop {
            let complete = self.value()?;
            if complete && !self.next_value()? {
                break;
            }
        }
        self.skip_space();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(JsonError::TrailingText {
                at: self.position(),
            }),
        }
    }

    /// Reads a value, or only the opening of a container: then `false`, and the first value
    /// inside comes next.
    fn value(&mut self) -> Result<bool, JsonError> {
        self.skip_space();
        match self.peek() {
            Some(b'"') => self.string()?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'{') => return self.open(true),
            Some(b'[') => return self.open(false),
            Some(b't') => self.literal("true", Shape::True)?,
            Some(b'f') => self.literal("false", Shape::False)?,
            Some(b'n') => self.literal("null", Shape::Null)?,
            _ => return Err(self.unexpected_value()),
        }
        Ok(true)
    }

    /// Goes on to where the next value begins, closing what ends before it; `false` where no
    /// container is open any more.
    fn next_value(&mut self) -> Result<bool, JsonError> {
        while !self.open.is_empty() {
            self.skip_space();
            let byte = self.peek();
            let Some(open) = self.open.last_mut() else {
                break;
            };
            let object = open.object;
            if byte == Some(b',') {
                open.len = open.len.wrapping_add(1);
                self.step();
                if object {
                    self.key()?;
                }
                return Ok(true);
            }
            if byte != Some(if object { b'}' } else { b']' }) {
                return Err(self.unexpected(if object {
                    ExpectedJson::CommaOrObjectEnd
                } else {
                    ExpectedJson::CommaOrArrayEnd
                }));
            }
            self.close()?;
        }
        Ok(false)
    }

    /// Opens the container at `at`; `true` if it ends at once.
    fn open(&mut self, object: bool) -> Result<bool, JsonError> {
        if self.open.len() >= Json::MAX_DEPTH {
            return Err(JsonError::TooDeep {
                at: self.position(),
            });
        }
        let node = self.node_count();
        let start = self.at;
        self.step();
        self.push(start, container(object, Span::OPEN));
        self.skip_space();
        let empty = self.peek() == Some(if object { b'}' } else { b']' });
        self.open.push(Open {
            node,
            len: u32::from(!empty),
            object,
            seen: Seen::default(),
        });
        if empty {
            self.close()?;
        } else if object {
            self.key()?;
        }
        Ok(empty)
    }

    /// Closes the innermost container, at its closing bracket.
    fn close(&mut self) -> Result<(), JsonError> {
        self.step();
        let (end, after) = (self.at, self.node_count());
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        if let Some(node) = self.tree.nodes.get_mut(open.node as usize) {
            let len = open.len;
            node.end = end;
            node.shape = container(open.object, Span { len, after });
        }
        match self.repeated(&open) {
            Some(at) => Err(JsonError::DuplicateKey { at }),
            None => Ok(()),
        }
    }

    /// Reads a key and its colon.
    fn key(&mut self) -> Result<(), JsonError> {
        self.skip_space();
        if self.peek() != Some(b'"') {
            let first = self.open.last().is_some_and(|open| open.len == 1);
            return Err(self.unexpected(if first {
                ExpectedJson::KeyOrEnd
            } else {
                ExpectedJson::Key
            }));
        }
        self.string()?;
        if let (Some(open), Some(key)) = (self.open.last_mut(), self.tree.nodes.last()) {
            let key = keys::content(self.text, &self.tree, *key);
            open.seen.add(open.len, key);
        }
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected(ExpectedJson::Colon));
        }
        self.step();
        Ok(())
    }

    fn number(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        let rest = self.bytes.get(start as usize..).unwrap_or_default();
        let length = number::scan(rest).map_err(|fault| fault.at(start as usize))?;
        self.at = start.wrapping_add(length);
        let token = self.text.get(start as usize..self.position());
        let few = token.and_then(Few::of);
        self.push(start, few.map_or(Shape::Number, Shape::Few));
        Ok(())
    }

    fn literal(&mut self, word: &str, shape: Shape) -> Result<(), JsonError> {
        let start = self.at;
        let rest = self.bytes.get(start as usize..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(self.unexpected_value());
        }
        for _ in word.bytes() {
            self.step();
        }
        self.push(start, shape);
        Ok(())
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.tree.spaced = true;
            self.step();
        }
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

    /// Adds the node of what stands between `start` and here.
    pub(super) fn push(&mut self, start: u32, shape: Shape) {
        let end = self.at;
        self.tree.nodes.push(Node { start, end, shape });
    }

    /// A text has fewer nodes than bytes, so their number fits.
    fn node_count(&self) -> u32 {
        u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX)
    }

    fn unexpected_value(&self) -> JsonError {
        let open = self.open.last();
        let first = open.is_some_and(|open| open.len == 1 && !open.object);
        self.unexpected(if first {
            ExpectedJson::ValueOrEnd
        } else {
            ExpectedJson::Value
        })
    }

    pub(super) fn unexpected(&self, expected: ExpectedJson) -> JsonError {
        let at = self.position();
        match self.peek() {
            Some(_) => JsonError::UnexpectedByte { at, expected },
            None => JsonError::UnexpectedEnd { at, expected },
        }
    }

    /// A repeated key in a container that is still open stands before whatever went wrong inside.
    fn earliest(&self, error: JsonError) -> JsonError {
        let repeated = self.open.iter().filter_map(|open| self.repeated(open));
        match repeated.min() {
            Some(at) if at < error.position() => JsonError::DuplicateKey { at },
            _ => error,
        }
    }

    /// Where the first repeated key of the container stands.
    fn repeated(&self, open: &Open) -> Option<usize> {
        if !open.seen.is_doubtful() {
            return None;
        }
        keys::repeated(self.text, &self.tree, open.node).map(|at| at as usize)
    }
}

const fn container(object: bool, span: Span) -> Shape {
    if object {
        Shape::Object(span)
    } else {
        Shape::Array(span)
    }
}
