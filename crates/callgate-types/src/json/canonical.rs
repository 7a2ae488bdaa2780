//! The canonical form: one text for all spellings of a value.
//!
//! The bytes are specified in `docs/spec/arguments.md`; change neither without the other.

use sha2::{Digest as _, Sha256};

use super::JsonRef;
use super::digits::Parts;
use super::node::Shape;
use super::sorted::Sorted;
use crate::Digest;

/// What stands before the canonical form when it is hashed, so that no other use of SHA-256 in
/// this project can give the same digest.
const DOMAIN: &str = "callgate:json:v1\n";

/// The digest of the canonical form, which is never held as a whole.
pub(super) fn digest(value: JsonRef<'_>) -> Digest {
    let mut hasher = Hasher::new();
    hasher.put(DOMAIN);
    put(value, &mut hasher);
    hasher.finish()
}

/// The digest of the canonical form of `object` without the members named in `but`; `domain` is
/// hashed before it.
pub(super) fn digest_without(object: JsonRef<'_>, but: &[&str], domain: &str) -> Digest {
    let mut hasher = Hasher::new();
    hasher.put(domain);
    put_members(object, but, &mut hasher);
    hasher.finish()
}

/// Where the canonical form goes, piece by piece.
pub(super) trait Sink {
    fn put(&mut self, piece: &str);

    /// Puts one ASCII character.
    fn push(&mut self, character: u8);
}

impl Sink for String {
    fn put(&mut self, piece: &str) {
        self.push_str(piece);
    }

    fn push(&mut self, character: u8) {
        Self::push(self, char::from(character));
    }
}

/// Writes the canonical form of `value`; [`Json::MAX_DEPTH`](super::Json::MAX_DEPTH) bounds the
/// recursion.
pub(super) fn put(value: JsonRef<'_>, out: &mut impl Sink) {
    match value.shape() {
        Shape::Null => out.put("null"),
        Shape::True => out.put("true"),
        Shape::False => out.put("false"),
        Shape::Few(_) | Shape::Number => put_number(value.raw(), out),
        // Without escapes there is nothing in it that needs one.
        Shape::Plain | Shape::Short(_) => out.put(value.raw()),
        Shape::Escaped { .. } => put_text(value.as_str().unwrap_or_default(), out),
        Shape::Array(_) => {
            out.push(b'[');
            for (place, item) in value.items().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                put(item, out);
            }
            out.push(b']');
        }
        Shape::Object(_) => put_members(value, &[], out),
    }
}

/// Writes the canonical form of `object` without the member to which `path` leads, and without the
/// objects on the way to it that are empty then. `path` bounds the recursion.
pub(super) fn put_without(object: JsonRef<'_>, path: &[&str], out: &mut String) {
    out.push('{');
    let before = out.len();
    for (key, member) in Sorted::of(object) {
        let at = out.len();
        if at > before {
            out.push(',');
        }
        put(key, out);
        out.push(':');
        let inside = out.len();
        let is_left_out = match path {
            [first, rest @ ..] if key.as_str() == Some(first) => {
                if let [_, ..] = rest
                    && let Shape::Object(_) = member.shape()
                {
                    put_without(member, rest, out);
                    out.get(inside..) == Some("{}")
                } else {
                    put(member, out);
                    rest.is_empty()
                }
            }
            _ => {
                put(member, out);
                false
            }
        };
        if is_left_out {
            out.truncate(at);
        }
    }
    out.push('}');
}

fn put_members(object: JsonRef<'_>, but: &[&str], out: &mut impl Sink) {
    out.push(b'{');
    let left_out =
        |key: JsonRef<'_>| !but.is_empty() && key.as_str().is_some_and(|key| but.contains(&key));
    let members = Sorted::of(object).filter(|(key, _)| !left_out(*key));
    for (place, (key, member)) in members.enumerate() {
        if place > 0 {
            out.push(b',');
        }
        put(key, out);
        out.push(b':');
        put(member, out);
    }
    out.push(b'}');
}

/// Writes a string with the fewest escapes.
pub(super) fn put_text(text: &str, out: &mut impl Sink) {
    out.push(b'"');
    let mut rest = text;
    while let Some(at) = rest
        .bytes()
        .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
    {
        let Some((before, behind)) = rest.split_at_checked(at) else {
            break;
        };
        let Some((special, behind)) = behind.split_at_checked(1) else {
            break;
        };
        out.put(before);
        match special {
            "\"" => out.put("\\\""),
            "\\" => out.put("\\\\"),
            control => {
                let code = control.bytes().next().unwrap_or_default();
                out.put(if code < 0x10 { "\\u000" } else { "\\u001" });
                let digit = char::from_digit(u32::from(code % 16), 16);
                let digit = digit.and_then(|digit| u8::try_from(digit).ok());
                out.push(digit.unwrap_or(b'0'));
            }
        }
        rest = behind;
    }
    out.put(rest);
    out.push(b'"');
}

/// Writes the one spelling of the number's value.
pub(super) fn put_number(token: &str, out: &mut impl Sink) {
    let parts = Parts::of(token);
    if parts.is_zero() {
        return out.push(b'0');
    }
    if parts.is_negative() {
        out.push(b'-');
    }
    for digits in parts.digits() {
        out.put(digits);
    }
    if parts.power() != 0 {
        out.push(b'e');
        put_integer(parts.power(), out);
    }
}

/// Writes an integer, without a buffer on the heap.
fn put_integer(value: i64, out: &mut impl Sink) {
    if value.is_negative() {
        out.push(b'-');
    }
    let mut rest = value.unsigned_abs();
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    for (place, digit) in digits.iter_mut().enumerate().rev() {
        *digit = u8::try_from(rest % 10).map_or(b'0', |value| b'0'.wrapping_add(value));
        first = place;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    for digit in digits.iter().skip(first) {
        out.push(*digit);
    }
}

/// Collects small pieces before they are hashed.
struct Hasher {
    state: Sha256,
    pending: [u8; Self::PENDING],
    used: usize,
}

impl Hasher {
    const PENDING: usize = 512;

    fn new() -> Self {
        Self {
            state: Sha256::new(),
            pending: [0; Self::PENDING],
            used: 0,
        }
    }

    fn flush(&mut self) {
        self.state
            .update(self.pending.get(..self.used).unwrap_or(&self.pending));
        self.used = 0;
    }

    fn finish(mut self) -> Digest {
        self.flush();
        Digest::from_bytes(self.state.finalize().into())
    }
}

impl Sink for Hasher {
    fn put(&mut self, piece: &str) {
        if piece.len() > Self::PENDING.saturating_sub(self.used) {
            self.flush();
        }
        let end = self.used.saturating_add(piece.len());
        match self.pending.get_mut(self.used..end) {
            Some(room) => {
                room.copy_from_slice(piece.as_bytes());
                self.used = end;
            }
            None => self.state.update(piece),
        }
    }

    fn push(&mut self, character: u8) {
        if self.used >= Self::PENDING {
            self.flush();
        }
        if let Some(room) = self.pending.get_mut(self.used) {
            *room = character;
            self.used = self.used.saturating_add(1);
        }
    }
}
