//! The canonical form: one text for all spellings of a value.
//!
//! The bytes are specified in `docs/spec/arguments.md`; change neither without the other.

use sha2::{Digest as _, Sha256};

use super::digits::Parts;
use super::node::Shape;
use super::sorted::Sorted;
use super::{JsonRef, Number};
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

/// Where the canonical form goes, piece by piece.
pub(super) trait Sink {
    fn put(&mut self, piece: &str);
}

impl Sink for String {
    fn put(&mut self, piece: &str) {
        self.push_str(piece);
    }
}

/// Writes the canonical form of `value`; [`Json::MAX_DEPTH`](super::Json::MAX_DEPTH) bounds the
/// recursion.
pub(super) fn put(value: JsonRef<'_>, out: &mut impl Sink) {
    match value.shape() {
        Shape::Null => out.put("null"),
        Shape::True => out.put("true"),
        Shape::False => out.put("false"),
        Shape::Number => put_number(Number::of_token(value.raw()), out),
        // Without escapes there is nothing in it that needs one.
        Shape::Plain => out.put(value.raw()),
        Shape::Escaped { .. } => put_text(value.as_str().unwrap_or_default(), out),
        Shape::Array(_) => {
            let mut before = "[";
            for item in value.items() {
                out.put(before);
                put(item, out);
                before = ",";
            }
            out.put(if before == "[" { "[]" } else { "]" });
        }
        Shape::Object(_) => {
            let mut before = "{";
            for (key, member) in Sorted::of(value) {
                out.put(before);
                put_text(key, out);
                out.put(":");
                put(member, out);
                before = ",";
            }
            out.put(if before == "{" { "{}" } else { "}" });
        }
    }
}

/// Writes a string with the fewest escapes.
pub(super) fn put_text(text: &str, out: &mut impl Sink) {
    out.put("\"");
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
                out.put(&format!("\\u{code:04x}"));
            }
        }
        rest = behind;
    }
    out.put(rest);
    out.put("\"");
}

/// Writes the one spelling of the number's value.
pub(super) fn put_number(number: Number<'_>, out: &mut impl Sink) {
    let parts = Parts::of(number.as_str());
    if parts.is_zero() {
        return out.put("0");
    }
    if parts.is_negative() {
        out.put("-");
    }
    for digits in parts.digits() {
        out.put(digits);
    }
    if parts.power() != 0 {
        out.put("e");
        out.put(&parts.power().to_string());
    }
}

/// Collects small pieces before they are hashed.
struct Hasher {
    state: Sha256,
    pending: Vec<u8>,
}

impl Hasher {
    const PENDING: usize = 512;

    fn new() -> Self {
        Self {
            state: Sha256::new(),
            pending: Vec::with_capacity(Self::PENDING),
        }
    }

    fn finish(mut self) -> Digest {
        self.state.update(&self.pending);
        Digest::from_bytes(self.state.finalize().into())
    }
}

impl Sink for Hasher {
    fn put(&mut self, piece: &str) {
        let room = Self::PENDING.saturating_sub(self.pending.len());
        if piece.len() > room {
            self.state.update(&self.pending);
            self.pending.clear();
        }
        if piece.len() > Self::PENDING {
            self.state.update(piece);
        } else {
            self.pending.extend_from_slice(piece.as_bytes());
        }
    }
}
