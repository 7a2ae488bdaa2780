//! The strict reader: text to flat tree, without recursion.

use super::error::{ExpectedJson, JsonError};
use super::node::{Node, Shape, Span};
use super::{Json, keys, number};

/// Reads all of `text`.
pub(super) fn parse(text: &str) -> Result<Tree, JsonError> {
    if text.len() > Json::MAX_BYTES {
        return Err(JsonError::TooLarge {
            at: Json::MAX_BYTES,
        });
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
#[derive(Clone, Copy)]
struct Open {
    node: u32,
    len: u32,
    object: bool,
}

pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    /// The next byte; the text is far shorter than `u32::MAX`, so counting never wraps.
    pub(super) at: u32,
    pub(super) tree: Tree,
    open: Option<Open>,
    depth: usize,
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
            open: None,
            depth: 0,
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
        while let Some(open) = &mut self.open {
            let object = open.object;
            let closer = if object { b'}' } else { b']' };
            let mut byte = self.bytes.get(self.at as usize).copied();
            if matches!(byte, Some(b' ' | b'\t' | b'\n' | b'\r')) {
                self.skip_space();
                byte = self.peek();
            }
            if byte == Some(b',') {
                if let Some(open) = &mut self.open {
                    open.len = open.len.wrapping_add(1);
                }
                self.step();
                if object {
                    self.key()?;
                }
                return Ok(true);
            }
            if byte != Some(closer) {
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
        self.depth = self.depth.wrapping_add(1);
        if self.depth > Json::MAX_DEPTH {
            return Err(JsonError::TooDeep {
                at: self.position(),
            });
        }
        let node = self.node_count();
        let mut around = 0;
        if let Some(open) = self.open {
            around = open.node;
            self.set_span(open, around_of(&self.tree, open.node));
        }
        let span = Span {
            len: 0,
            after: around,
        };
        let start = self.at;
        self.step();
        self.push(
            start,
            if object {
                Shape::Object(span)
            } else {
                Shape::Array(span)
            },
        );
        self.skip_space();
        let empty = self.peek() == Some(if object { b'}' } else { b']' });
        let len = u32::from(!empty);
        self.open = Some(Open { node, len, object });
        if empty {
            self.close()?;
        } else if object {
            self.key()?;
        }
        Ok(empty)
    }

    /// Closes the container that is open, at its closing bracket.
    fn close(&mut self) -> Result<(), JsonError> {
        let Some(open) = self.open else {
            return Ok(());
        };
        self.step();
        let around = around_of(&self.tree, open.node);
        self.set_span(open, self.node_count());
        if let Some(node) = self.tree.nodes.get_mut(open.node as usize) {
            node.end = self.at;
        }
        self.depth = self.depth.wrapping_sub(1);
        if open.object
            && let Some(at) = keys::repeated(self.text, &self.tree, open.node)
        {
            return Err(JsonError::DuplicateKey { at: at as usize });
        }
        self.open = (open.node != 0)
            .then(|| self.tree.nodes.get(around as usize))
            .flatten()
            .map(|node| match node.shape {
                Shape::Object(span) => (span.len, true),
                Shape::Array(span) => (span.len, false),
                _ => (0, false),
            })
            .map(|(len, object)| Open {
                node: around,
                len,
                object,
            });
        Ok(())
    }

    /// Reads a key and its colon.
    fn key(&mut self) -> Result<(), JsonError> {
        self.skip_space();
        if self.peek() != Some(b'"') {
            let first = self.open.is_some_and(|open| open.len == 1);
            return Err(self.unexpected(if first {
                ExpectedJson::KeyOrEnd
            } else {
                ExpectedJson::Key
            }));
        }
        self.string()?;
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
        self.push(start, Shape::Number);
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

    fn set_span(&mut self, open: Open, after: u32) {
        let span = Span {
            len: open.len,
            after,
        };
        if let Some(node) = self.tree.nodes.get_mut(open.node as usize) {
            node.shape = if open.object {
                Shape::Object(span)
            } else {
                Shape::Array(span)
            };
        }
    }

    fn unexpected_value(&self) -> JsonError {
        let first = self.open.is_some_and(|open| open.len == 1 && !open.object);
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
        let mut first = error;
        let mut open = self.open.map(|open| open.node);
        while let Some(index) = open {
            if let Some(at) = keys::repeated(self.text, &self.tree, index)
                && (at as usize) < first.position()
            {
                first = JsonError::DuplicateKey { at: at as usize };
            }
            open = (index != 0).then(|| around_of(&self.tree, index));
        }
        first
    }
}

/// The container around an open one.
fn around_of(tree: &Tree, index: u32) -> u32 {
    match tree.nodes.get(index as usize).map(|node| node.shape) {
        Some(Shape::Array(span) | Shape::Object(span)) => span.after,
        _ => 0,
    }
}
