//! Whether a line is JSON: one object, without white space, of known depth.
//!
//! Nothing is built. Keys of the outermost object must be plain words and differ: whoever reads
//! the line with a JSON parser sees the same members as whoever reads its bytes.

mod reader;

use self::reader::Reader;
use crate::line::LineFault;

/// Most members of the outermost object.
const MAX_KEYS: usize = 64;
/// Longest key of the outermost object.
const MAX_KEY: usize = 32;
/// Where the kind begins in a line that is a record.
const KIND: usize = "{\"v\":1,\"kind\":\"".len();
/// How many lines are compared with one that was looked at as a whole.
const FRESH: u32 = 64;
/// Longest line that others are compared with.
const MAX_SHAPE: usize = 64 << 10;

/// Checks one line after the other.
///
/// Records of one kind have the same keys in the same order, and mostly many of the same values: a
/// line is compared with an earlier one of its kind, and only members that differ are read. One
/// that does not have the same keys is read as a whole.
pub(crate) struct Checker {
    /// For the kinds that begin with a letter.
    shapes: [Shape; 16],
}

/// A line that is good, and where its members begin.
#[derive(Default)]
struct Shape {
    line: Vec<u8>,
    members: Vec<Member>,
    /// How many lines may still be compared with it.
    fresh: u32,
}

#[derive(Clone, Copy)]
struct Member {
    /// Where its key begins.
    start: usize,
    /// The length of the key, with quotes and colon.
    key: usize,
}

impl Checker {
    pub(crate) fn new() -> Self {
        Self {
            shapes: Default::default(),
        }
    }

    /// Checks that all of `text`, which is UTF-8, is one object.
    pub(crate) fn check(&mut self, text: &[u8]) -> Result<(), LineFault> {
        let kind = usize::from(text.get(KIND).copied().unwrap_or(0) & 0x0f);
        let Some(shape) = self.shapes.get_mut(kind) else {
            return whole(text, &mut Vec::new());
        };
        if shape.fresh > 0 && shape.is_like(text) {
            shape.fresh = shape.fresh.saturating_sub(1);
            return Ok(());
        }
        shape.fresh = 0;
        whole(text, &mut shape.members)?;
        if text.len() <= MAX_SHAPE {
            shape.line.clear();
            shape.line.extend_from_slice(text);
            shape.fresh = FRESH;
        }
        Ok(())
    }
}

/// Checks all of `text`; notes its members.
fn whole(text: &[u8], members: &mut Vec<Member>) -> Result<(), LineFault> {
    members.clear();
    let mut reader = Reader::new(text);
    reader.expect(b'{')?;
    if reader.peek() == Some(b'}') {
        reader.step();
        return reader.end();
    }
    loop {
        let start = reader.at();
        reader.string()?;
        let key = inside(text, start.saturating_add(1), reader.at().saturating_sub(1));
        let plain = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        let same = |member: &Member| {
            let known = member.start.saturating_add(1);
            let end = member.start.saturating_add(member.key).saturating_sub(2);
            inside(text, known, end) == key
        };
        let fits = (1..=MAX_KEY).contains(&key.len()) && members.len() < MAX_KEYS;
        if !fits || !key.iter().all(plain) || members.iter().any(same) {
            return Err(LineFault::BadKey { at: start });
        }
        reader.expect(b':')?;
        let key = reader.at().saturating_sub(start);
        members.push(Member { start, key });
        reader.value()?;
        match reader.peek() {
            Some(b',') => reader.step(),
            Some(b'}') => {
                reader.step();
                return reader.end();
            }
            _ => return Err(reader.fault()),
        }
    }
}

fn inside(text: &[u8], from: usize, to: usize) -> &[u8] {
    text.get(from..to).unwrap_or_default()
}

impl Shape {
    /// Whether `text` is one object with the same keys; where it is not, it may still be good.
    fn is_like(&self, text: &[u8]) -> bool {
        let mut reader = Reader::new(text);
        let mut members = self.members.iter();
        // Without a member there is nothing to compare.
        let Some(mut member) = members.next() else {
            return false;
        };
        if reader.expect(b'{').is_err() {
            return false;
        }
        loop {
            let old = self.line.get(member.start..).unwrap_or_default();
            let same = common(reader.rest(), old);
            let start = member.start;
            // Members that are wholly the same, their commas included, are as good as they were.
            let next = loop {
                let Some(next) = members.next() else {
                    break None;
                };
                if next.start.saturating_sub(start) > same {
                    break Some(next);
                }
                member = next;
            };
            let passed = member.start.saturating_sub(start);
            let with_key = passed.saturating_add(member.key);
            if with_key > same {
                return false;
            }
            reader.skip(with_key);
            if reader.value().is_err() {
                return false;
            }
            match (reader.peek(), next) {
                (Some(b','), Some(next)) => {
                    reader.step();
                    member = next;
                }
                (Some(b'}'), None) => {
                    reader.step();
                    return reader.end().is_ok();
                }
                _ => return false,
            }
        }
    }
}

/// How many bytes at the start of both are the same.
#[inline]
fn common(one: &[u8], other: &[u8]) -> usize {
    let (words, _) = one.as_chunks::<8>();
    let (others, _) = other.as_chunks::<8>();
    let mut same = 0_usize;
    for (word, other) in words.iter().zip(others) {
        let differs = u64::from_le_bytes(*word) ^ u64::from_le_bytes(*other);
        if differs != 0 {
            let bytes = differs.trailing_zeros() / 8;
            return same.saturating_add(usize::try_from(bytes).unwrap_or(0));
        }
        same = same.saturating_add(8);
    }
    let rest = one.iter().zip(other).skip(same);
    same.saturating_add(rest.take_while(|(one, other)| one == other).count())
}

#[cfg(test)]
mod tests {
    use super::reader::plain_bytes;
    use super::*;

    fn check(text: &[u8]) -> Result<(), LineFault> {
        Checker::new().check(text)
    }

    #[track_caller]
    fn check_text(text: &str, expected: Result<(), LineFault>) {
        assert_eq!(check(text.as_bytes()), expected, "{text}");
        // Whatever stood in the line before.
        let mut checker = Checker::new();
        for before in [
            r#"{"a":1}"#,
            r#"{"a":1,"b":2,"c":3}"#,
            r#"{"b":[],"a":{}}"#,
            "{}",
        ] {
            checker.check(before.as_bytes()).unwrap();
            assert_eq!(
                checker.check(text.as_bytes()),
                expected,
                "{text} behind {before}"
            );
        }
        if expected.is_ok() {
            assert!(
                serde_json::from_str::<serde_json::Value>(text).is_ok(),
                "{text}"
            );
        }
    }

    #[test]
    fn objects() {
        for text in [
            "{}",
            r#"{"a":1}"#,
            r#"{"a":{},"b":[],"c":[[],{}],"d":{"a":{"a":null}}}"#,
            r#"{"a":[1,-0,0.5,1e9,1E-2,-12.50e+3,true,false,null,"x"]}"#,
            r#"{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00","b":{"É":1,"É":2}}"#,
        ] {
            check_text(text, Ok(()));
        }
    }

    #[test]
    fn no_objects() {
        let json = |at| Err(LineFault::NotJson { at });
        for (text, expected) in [
            ("", json(0)),
            ("1", json(0)),
            ("[]", json(0)),
            ("{", json(1)),
            ("{}{}", json(2)),
            ("{} ", json(2)),
            (r#"{"a" :1}"#, json(4)),
            (r#"{"a":1,}"#, json(7)),
            (r#"{"a":[1,]}"#, json(8)),
            (r#"{"a":[1}"#, json(7)),
            (r#"{"a":{"b":1]}"#, json(11)),
            (r#"{"a":01}"#, json(6)),
            (r#"{"a":1.}"#, json(7)),
            (r#"{"a":.5}"#, json(5)),
            (r#"{"a":1e}"#, json(7)),
            (r#"{"a":-}"#, json(6)),
            (r#"{"a":tru}"#, json(8)),
            (r#"{"a":NaN}"#, json(5)),
            (r#"{"a":"x}"#, json(8)),
            ("{\"a\":\"\n\"}", json(6)),
            (r#"{"a":"\x"}"#, json(7)),
            (r#"{"a":"\u12g4"}"#, json(10)),
            (r#"{"a":"\ud800"}"#, json(6)),
            (r#"{"a":"\ude00"}"#, json(6)),
            (r#"{"a":"\ud800\n"}"#, json(6)),
            (r#"{"a":1,"a":2}"#, Err(LineFault::BadKey { at: 7 })),
            (r#"{"b":1,"a":2,"b":3}"#, Err(LineFault::BadKey { at: 13 })),
            (r#"{"a":1,"b":2,"b":3}"#, Err(LineFault::BadKey { at: 13 })),
            (r#"{"a":1,"b":2,"a":3}"#, Err(LineFault::BadKey { at: 13 })),
            (r#"{"\u0061":1}"#, Err(LineFault::BadKey { at: 1 })),
            (r#"{"A":1}"#, Err(LineFault::BadKey { at: 1 })),
            (r#"{"":1}"#, Err(LineFault::BadKey { at: 1 })),
        ] {
            check_text(text, expected);
        }
    }

    #[test]
    fn special_bytes_are_found_wherever_they_stand() {
        for length in 0..30 {
            for special in 0..=255_u8 {
                for at in 0..length {
                    let mut text = vec![b'~'; length];
                    text[at] = special;
                    let ends = matches!(special, b'"' | b'\\' | 0..0x20);
                    let expected = if ends { at } else { length };
                    assert_eq!(
                        plain_bytes(&text),
                        expected,
                        "{special} at {at} of {length}"
                    );
                    // One that ends it hides what follows.
                    text[length - 1] = b'"';
                    let expected = if ends { at } else { length - 1 };
                    assert_eq!(plain_bytes(&text), expected.min(length - 1));
                }
            }
        }
    }

    #[test]
    fn depth_and_number_of_keys_are_bounded() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        check_text(&nested(95), Ok(()));
        let at = LineFault::NotJson { at: 100 };
        assert_eq!(check(nested(96).as_bytes()), Err(at));

        let keys = |count: usize| {
            let all: Vec<_> = (0..count).map(|key| format!("\"k{key}\":0")).collect();
            format!("{{{}}}", all.join(","))
        };
        check_text(&keys(MAX_KEYS), Ok(()));
        assert!(matches!(
            check(keys(MAX_KEYS + 1).as_bytes()),
            Err(LineFault::BadKey { .. })
        ));
    }
}
