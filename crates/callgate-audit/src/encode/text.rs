//! Strings: JSON that cannot break a line, hide text or turn its direction.

use std::fmt::{self, Write as _};

use callgate_types::Digest;

use super::{Object, push_number};

/// Longest name, in bytes, that is written whole.
const MAX_NAME: usize = 256;

/// Appends `text` as a JSON string.
///
/// Escaped are quote, backslash, control characters (C0, DEL, C1), U+2028, U+2029 and the
/// characters that turn the direction of text; all else stands as it is.
#[inline]
pub(crate) fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    push_escaped(out, text);
    out.push(b'"');
}

/// Appends a name that may come from outside: as a string, or, where it is over [`MAX_NAME`]
/// bytes, cut, with the length and the digest of the whole.
#[inline]
pub(crate) fn push_name(out: &mut Vec<u8>, name: &str) {
    if name.len() <= MAX_NAME {
        push_string(out, name);
    } else {
        push_cut(out, name);
    }
}

#[cold]
fn push_cut(out: &mut Vec<u8>, name: &str) {
    let ends = (0..=MAX_NAME).rev();
    let cut = ends
        .into_iter()
        .find(|at| name.is_char_boundary(*at))
        .unwrap_or(0);
    let mut object = Object::begin(out);
    push_string(object.key("cut"), name.get(..cut).unwrap_or_default());
    push_number(
        object.key("bytes"),
        u64::try_from(name.len()).unwrap_or(u64::MAX),
    );
    object.hex("digest", Digest::of(name.as_bytes()));
    object.end();
}

/// Appends what `value` displays as a JSON string.
pub(crate) fn push_display(out: &mut Vec<u8>, value: &dyn fmt::Display) {
    out.push(b'"');
    // Only the value's own Display can fail; what it wrote until then stands.
    let written = write!(Escaping(out), "{value}");
    debug_assert!(written.is_ok(), "a buffer takes what is written to it");
    out.push(b'"');
}

struct Escaping<'a>(&'a mut Vec<u8>);

impl fmt::Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        push_escaped(self.0, text);
        Ok(())
    }
}

#[inline]
fn push_escaped(out: &mut Vec<u8>, text: &str) {
    if is_plain(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
    } else {
        push_odd(out, text);
    }
}

/// Whether all is ASCII that needs no escape: eight bytes at a time, the last eight once more.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    let (words, rest) = text.as_chunks::<8>();
    let odd = words.iter().fold(0, |odd, word| odd | odd_bytes(*word));
    match text.last_chunk() {
        Some(last) => odd | odd_bytes(*last) == 0,
        None => rest.iter().all(|byte| odd_bytes([*byte; 8]) == 0),
    }
}

/// Not zero where a byte is a quote, a backslash, a control character, or not ASCII.
#[inline]
const fn odd_bytes(bytes: [u8; 8]) -> u64 {
    const HIGH: u64 = all(0x80);
    let word = u64::from_le_bytes(bytes);
    // That exchanges the quote for the blank, the next one above the control characters. Where
    // something is taken from a byte in vain, one below it is odd anyway.
    let quote_or_control = (word ^ all(b'"' ^ b' ')).wrapping_sub(all(b' ' + 1));
    let backslash = (word ^ all(b'\\')).wrapping_sub(all(1));
    // DEL, too; no byte of UTF-8 is 0xff, so nothing is carried over.
    let not_ascii = word | word.wrapping_add(all(1));
    (quote_or_control | backslash | not_ascii) & HIGH
}

/// A byte repeated over a word.
const fn all(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Appends a text in which something may have to be escaped.
fn push_odd(out: &mut Vec<u8>, text: &str) {
    let mut rest = text;
    loop {
        // Only ASCII and three lead bytes can begin what is escaped.
        let suspect = rest
            .bytes()
            .position(|byte| matches!(byte, 0..0x20 | b'"' | b'\\' | 0x7f | 0xc2 | 0xd8 | 0xe2));
        let (plain, odd) = rest
            .split_at_checked(suspect.unwrap_or(rest.len()))
            .unwrap_or((rest, ""));
        out.extend_from_slice(plain.as_bytes());
        let mut chars = odd.chars();
        let Some(first) = chars.next() else { return };
        push_char(out, first);
        rest = chars.as_str();
    }
}

fn push_char(out: &mut Vec<u8>, char: char) {
    match char {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        _ if is_escaped(char) => {
            out.extend_from_slice(b"\\u");
            push_code(out, u32::from(char));
        }
        _ => out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

fn is_escaped(char: char) -> bool {
    matches!(
        char,
        '\0'..'\u{20}'
            | '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

/// Appends four hex digits, lower case.
fn push_code(out: &mut Vec<u8>, value: u32) {
    for shift in [12, 8, 4, 0] {
        let digit = (value >> shift) & 0x0f;
        let digit = char::from_digit(digit, 16).unwrap_or('0');
        out.push(u8::try_from(digit).unwrap_or(b'0'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut out = Vec::new();
        push_string(&mut out, text);
        assert_eq!(
            String::from_utf8(out.clone()).unwrap(),
            format!("\"{expected}\"")
        );
        let back: String = serde_json::from_slice(&out).unwrap();
        assert_eq!(back, text);
        let mut shown = Vec::new();
        push_display(&mut shown, &text);
        assert_eq!(shown, out);
    }

    #[test]
    fn strings() {
        check("", "");
        check("plain ü € 😀 ¿", "plain ü € 😀 ¿");
        check("a\"b\\c", "a\\\"b\\\\c");
        check("\n{\"v\":1}\r\t", "\\n{\\\"v\\\":1}\\r\\t");
        check("\0\u{8}\u{1b}[31m", "\\u0000\\u0008\\u001b[31m");
        check("\u{7f}\u{80}\u{9f}\u{a0}", "\\u007f\\u0080\\u009f\u{a0}");
        check(
            "\u{2027}\u{2028}\u{2029}\u{202a}\u{202e}\u{202f}",
            "\u{2027}\\u2028\\u2029\\u202a\\u202e\u{202f}",
        );
        check(
            "\u{61b}\u{61c}\u{200d}\u{200e}\u{200f}",
            "\u{61b}\\u061c\u{200d}\\u200e\\u200f",
        );
        check(
            "\u{2065}\u{2066}\u{2069}\u{206a}",
            "\u{2065}\\u2066\\u2069\u{206a}",
        );
    }

    #[test]
    fn every_byte_at_every_place() {
        for length in 1..20 {
            for place in 0..length {
                for byte in 0..0x80_u8 {
                    let mut text = b"abcdefghijklmnopqrst"[..length].to_vec();
                    text[place] = byte;
                    let odd = matches!(byte, 0..0x20 | b'"' | b'\\' | 0x7f);
                    assert_eq!(is_plain(&text), !odd, "{byte} at {place} of {length}");
                }
                let text = format!("{}ü{}", "x".repeat(place), "x".repeat(length - place));
                assert!(!is_plain(text.as_bytes()));
            }
        }
        assert!(is_plain(b""));
    }

    #[test]
    fn names_are_bounded() {
        let mut out = Vec::new();
        push_name(&mut out, &"x".repeat(256));
        assert_eq!(out.len(), 258);

        let long = format!("{}€", "x".repeat(255));
        out.clear();
        push_name(&mut out, &long);
        let expected = format!(
            r#"{{"cut":"{}","bytes":258,"digest":"{}"}}"#,
            "x".repeat(255),
            Digest::of(long.as_bytes())
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
