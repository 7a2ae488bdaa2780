//! One line of a store in files.

use callgate_types::Digest;

use crate::texts::{ClearText, Salt, StoredText};

const START: &[u8] = b"{\"commitment\":\"";
const SALT: &[u8] = b"\",\"salt\":\"";
const TEXT: &[u8] = b"\",\"text\":";
const END: &[u8] = b"}\n";

/// Where that begins which is erased: behind the commitment and its quote.
pub(super) const ERASED_FROM: usize = 80;

/// What a line holds.
#[derive(Debug)]
pub(super) enum Line {
    /// A text under its commitment; whether it is the right one is not known.
    Text(Digest, StoredText),
    /// The place of a text that was erased.
    Erased,
    /// The place of a text of which only some is there: it was half written, or half erased.
    Damaged(Digest),
    /// Nothing of this store.
    Strange,
}

/// Appends the line of `text`.
pub(super) fn push(out: &mut Vec<u8>, text: &ClearText<'_>) {
    out.extend_from_slice(START);
    out.extend_from_slice(&text.commitment().to_hex());
    out.extend_from_slice(SALT);
    out.extend_from_slice(&Digest::from_bytes(*text.salt().as_bytes()).to_hex());
    out.extend_from_slice(TEXT);
    out.extend_from_slice(text.text().as_bytes());
    out.extend_from_slice(END);
}

/// Reads a line without its line feed.
pub(super) fn read(line: &[u8]) -> Line {
    let Some((commitment, rest)) = line.strip_prefix(START).and_then(hex) else {
        return Line::Strange;
    };
    if let Some(text) = stored(rest) {
        return Line::Text(commitment, text);
    }
    match rest.split_last() {
        Some((b'}', [b'"', blank @ ..])) if blank.iter().all(|byte| *byte == b' ') => Line::Erased,
        _ => Line::Damaged(commitment),
    }
}

/// The digits of a digest, and what follows.
fn hex(text: &[u8]) -> Option<(Digest, &[u8])> {
    let (digits, rest) = text.split_at_checked(64)?;
    Some((str::from_utf8(digits).ok()?.parse().ok()?, rest))
}

fn stored(rest: &[u8]) -> Option<StoredText> {
    let (salt, rest) = hex(rest.strip_prefix(SALT)?)?;
    let text = rest.strip_prefix(TEXT)?.strip_suffix(b"}")?;
    let text = str::from_utf8(text).ok()?;
    let plain = !text.bytes().any(|byte| byte < b' ');
    plain.then(|| StoredText::new(Salt::from_bytes(*salt.as_bytes()), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> (Digest, Vec<u8>) {
        let text = ClearText::new(Salt::from_bytes([7; 32]), text).unwrap();
        let mut out = Vec::new();
        push(&mut out, &text);
        assert_eq!(out.pop(), Some(b'\n'));
        (text.commitment(), out)
    }

    #[test]
    fn lines_come_back() {
        for text in ["{}", "\"\"", "\"ü\\n}\"", "{\"a\":[1,{}]}", "1"] {
            let (commitment, line) = line(text);
            assert_eq!(line[ERASED_FROM - 1], b'"');
            let Line::Text(known, stored) = read(&line) else {
                panic!("{text}");
            };
            assert_eq!((known, stored.text()), (commitment, text));
            assert!(stored.matches(commitment));
        }
    }

    #[test]
    fn erased_half_erased_and_strange() {
        let (commitment, whole) = line("\"call back\"");
        for erased in ERASED_FROM..whole.len() - 1 {
            let mut half = whole.clone();
            half[ERASED_FROM..erased].fill(b' ');
            match read(&half) {
                Line::Text(..) => assert_eq!(erased, ERASED_FROM),
                Line::Damaged(known) => assert_eq!(known, commitment),
                other => panic!("{other:?}"),
            }
        }
        let mut none = whole.clone();
        let end = none.len() - 1;
        none[ERASED_FROM..end].fill(b' ');
        assert!(matches!(read(&none), Line::Erased));
        for strange in ["", "x", "{\"commitment\":\"abc\"}"] {
            assert!(matches!(read(strange.as_bytes()), Line::Strange));
        }
    }
}
