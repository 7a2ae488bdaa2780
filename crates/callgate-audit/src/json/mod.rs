//! Whether a line is JSON: one object, without white space, of known depth.
//!
//! Nothing is built. Keys of the outermost object must be plain words and differ: whoever reads
//! the line with a JSON parser sees the same members as whoever reads its bytes.

mod reader;
mod shape;

use std::ops::Range;

use self::reader::{Leaf, LeafKind, Reader};
use self::shape::Shape;
use crate::line::LineFault;

/// Most members of the outermost object.
const MAX_KEYS: usize = 64;
/// Longest key of the outermost object.
const MAX_KEY: usize = 32;
/// Where the kind begins in a line that is a record.
const KIND: usize = "{\"v\":1,\"kind\":\"".len();

/// Checks one line after the other.
///
/// Records of one kind have the same keys in the same order, and mostly many of the same values: a
/// line is compared with an earlier one of its kind, and only what differs is read. One that does
/// not have the same keys is read as a whole.
pub(crate) struct Checker {
    /// For the kinds that begin with a letter.
    shapes: [Shape; 16],
}

impl Checker {
    pub(crate) fn new() -> Self {
        Self {
            shapes: Default::default(),
        }
    }

    /// Checks that all of `text`, which is UTF-8, is one object; what stands outside of `open` was
    /// found to be members of it already, the same ones in all lines. `meanwhile` is called again
    /// and again: other work is done in between.
    pub(crate) fn check(
        &mut self,
        text: &[u8],
        open: Range<usize>,
        meanwhile: impl FnMut(),
    ) -> Result<(), LineFault> {
        let kind = usize::from(text.get(KIND).copied().unwrap_or(0) & 0x0f);
        let Some(shape) = self.shapes.get_mut(kind) else {
            return check(text);
        };
        if shape.is_like(text, &open, meanwhile) {
            return Ok(());
        }
        shape.learn(text, open)
    }
}

/// Checks that all of `text`, which is UTF-8, is one object.
pub(crate) fn check(text: &[u8]) -> Result<(), LineFault> {
    whole(Reader::at(text, 0), text, &mut Vec::new())
}

/// The value of a member of the outermost object, in what follows one of its members, from the comma
/// on; of a line that is good.
pub(crate) fn member<'a>(rest: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let mut reader = Reader::at(rest, 0);
    loop {
        reader.expect(b',').ok()?;
        let start = reader.place().checked_add(1)?;
        reader.string().ok()?;
        let found = inside(rest, start, reader.place().checked_sub(1)?);
        reader.expect(b':').ok()?;
        let value = reader.place();
        reader.value().ok()?;
        if found == key {
            return rest.get(value..reader.place());
        }
    }
}

#[derive(Clone, Copy)]
struct Member {
    /// Where its key begins.
    start: usize,
    /// The length of the key, with quotes and colon.
    key: usize,
    /// Behind its value.
    end: usize,
}

impl Member {
    const fn value(&self) -> usize {
        self.start.saturating_add(self.key)
    }
}

/// Checks all of `text`, at the start of which `reader` stands; notes its members.
fn whole(mut reader: Reader<'_>, text: &[u8], members: &mut Vec<Member>) -> Result<(), LineFault> {
    members.clear();
    reader.expect(b'{')?;
    if reader.peek() == Some(b'}') {
        reader.step();
        return reader.end();
    }
    loop {
        let start = reader.place();
        reader.string()?;
        let key = inside(
            text,
            start.saturating_add(1),
            reader.place().saturating_sub(1),
        );
        let plain = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        let same = |member: &Member| {
            let known = member.start.saturating_add(1);
            inside(text, known, member.value().saturating_sub(2)) == key
        };
        let fits = (1..=MAX_KEY).contains(&key.len()) && members.len() < MAX_KEYS;
        if !fits || !key.iter().all(plain) || members.iter().any(same) {
            return Err(LineFault::BadKey { at: start });
        }
        reader.expect(b':')?;
        let key = reader.place().saturating_sub(start);
        reader.value()?;
        let end = reader.place();
        members.push(Member { start, key, end });
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::reader::plain_bytes;
    use super::*;

    fn check(text: &[u8]) -> Result<(), LineFault> {
        let checked = super::check(text);
        assert_eq!(Checker::new().check(text, 0..text.len(), || ()), checked);
        checked
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
            checker
                .check(before.as_bytes(), 0..before.len(), || ())
                .unwrap();
            assert_eq!(
                checker.check(text.as_bytes(), 0..text.len(), || ()),
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

    /// What may stand in the place of something else.
    const PIECES: [&str; 22] = [
        "",
        "1",
        "-",
        "0",
        "1.5e9",
        "\"",
        "\"x\"",
        "\"a\\\"b\"",
        "\\",
        "\\u0041",
        "{",
        "}",
        "[",
        "]",
        "[]",
        "{}",
        "[1,{\"k\":2}]",
        "{\"a\":\"b\"}",
        ",",
        ":",
        "true",
        "null",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        /// Whether a line is good does not depend on those before it.
        #[test]
        fn lines_beside_others(
            changes in prop::collection::vec((any::<Index>(), 0_usize..9, any::<Index>()), 0..4),
            more in prop::collection::vec((any::<Index>(), 0_usize..9, any::<Index>()), 0..4),
        ) {
            const LINE: &str = concat!(
                r#"{"v":1,"kind":"decision","n":12,"text":{"id":"acc_1","list":[1,"two",{"three":null}]},"#,
                r#""empty":{},"flag":true,"note":"a\"b\\","far":[[],[{}]],"last":"end"}"#,
            );
            let change = |line: &str, changes: &[(Index, usize, Index)]| {
                let mut line = line.as_bytes().to_vec();
                for (at, length, piece) in changes {
                    let at = at.index(line.len());
                    let end = line.len().min(at.saturating_add(*length));
                    line.splice(at..end, piece.get(&PIECES).bytes());
                }
                line
            };
            let first = change(LINE, &changes);
            let second = change(str::from_utf8(&first).unwrap(), &more);
            let mut checker = Checker::new();
            for line in [LINE.as_bytes(), &first, &second, LINE.as_bytes()] {
                let found = checker.check(line, 0..line.len(), || ());
                prop_assert_eq!(found, super::check(line), "{}", str::from_utf8(line).unwrap());
            }
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
