//! Simple regular expressions, without the machinery for others.
//!
//! Identifiers mostly look like `acc_[0-9a-z]{8}`: so many characters, each out of a class, and
//! perhaps a last run of varying length. Such an expression is a list of classes, and matching looks
//! at every byte once.

use callgate_types::quick_hash;

/// An expression whose pieces can only match in one way.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sequence {
    /// For each byte the set of classes that it is in.
    classes: Box<[Set; 256]>,
    pieces: Box<[Piece]>,
    /// What follows them: between so many and so many bytes out of a class.
    tail: Option<(Set, usize, usize)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    /// These bytes.
    Literal(Box<[u8]>),
    /// So many bytes out of a class.
    Run(Set, usize),
}

/// A set of classes, a bit each.
type Set = u16;

/// Most bytes before the tail, but for its last run.
const MAX_BYTES: usize = 256;

/// Bytes within any of these bounds, both ends included; some may be the same.
type Class = [(u8, u8); 4];

impl Sequence {
    /// Reads `source` as literals and classes of ASCII letters and digits, each perhaps with
    /// `{n}`, the last perhaps with any other count; `None` where it holds anything else.
    pub(crate) fn new(source: &str) -> Option<Self> {
        let mut rest = source.as_bytes();
        let mut known: Vec<Class> = Vec::new();
        let mut pieces: Vec<Piece> = Vec::new();
        let (mut tail, mut bytes) = (None, 0_usize);
        while let Some((class, after)) = class(rest) {
            let (least, most, after) = count(after)?;
            rest = after;
            if bytes > MAX_BYTES {
                return None;
            }
            bytes = bytes.saturating_add(least);
            if let ((1, 1), [(low, high), ..]) = ((least, most), class)
                && class == [(low, low); 4]
                && low == high
            {
                match pieces.last_mut() {
                    Some(Piece::Literal(literal)) => {
                        *literal = literal.iter().copied().chain([low]).collect();
                    }
                    _ => pieces.push(Piece::Literal(Box::new([low]))),
                }
                continue;
            }
            let number = known.iter().position(|one| *one == class);
            let number = number.unwrap_or_else(|| {
                known.push(class);
                known.len().saturating_sub(1)
            });
            let set = Set::try_from(1_u64.checked_shl(number.try_into().ok()?)?).ok()?;
            if least != most {
                tail = Some((set, least, most));
                break;
            }
            pieces.push(Piece::Run(set, least));
        }
        let mut classes = Box::new([0; 256]);
        for (byte, sets) in (0..=u8::MAX).zip(classes.iter_mut()) {
            let inside = |class: &Class| {
                class
                    .iter()
                    .any(|(low, high)| (low..=high).contains(&&byte))
            };
            for class in known.iter().rev() {
                *sets = *sets << 1 | Set::from(inside(class));
            }
        }
        rest.is_empty().then(|| Self {
            classes,
            pieces: pieces.into(),
            tail,
        })
    }

    #[inline]
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        let mut rest = text;
        for piece in &self.pieces {
            let len = match piece {
                Piece::Literal(literal) => literal.len(),
                Piece::Run(_, len) => *len,
            };
            let Some((bytes, after)) = rest.split_at_checked(len) else {
                return false;
            };
            let is_match = match piece {
                Piece::Literal(literal) => quick_hash::same(literal, bytes),
                Piece::Run(set, _) => self.are_in(*set, bytes),
            };
            if !is_match {
                return false;
            }
            rest = after;
        }
        match self.tail {
            None => rest.is_empty(),
            Some((set, least, most)) => {
                least <= rest.len() && rest.len() <= most && self.are_in(set, rest)
            }
        }
    }

    /// Whether all bytes are in a class: of no byte at all they are.
    #[inline]
    fn are_in(&self, set: Set, bytes: &[u8]) -> bool {
        // Without an early end the bytes need not wait for each other.
        let sets = bytes.iter().fold(Set::MAX, |sets, byte| {
            sets & self.classes.get(usize::from(*byte)).copied().unwrap_or(0)
        });
        sets & set != 0
    }
}

/// One literal or class, and what follows.
fn class(source: &[u8]) -> Option<(Class, &[u8])> {
    match source {
        [b'\\', b'd', rest @ ..] => Some(([(b'0', b'9'); 4], rest)),
        [b'[', rest @ ..] => bracketed(rest),
        [literal, rest @ ..]
            if is_plain(*literal) || matches!(literal, b'-' | b':' | b'/' | b'@') =>
        {
            Some(([(*literal, *literal); 4], rest))
        }
        _ => None,
    }
}

/// The inside of a class, up to its end.
fn bracketed(source: &[u8]) -> Option<(Class, &[u8])> {
    let mut rest = source;
    let mut bounds: Vec<(u8, u8)> = Vec::new();
    loop {
        rest = match rest {
            [b']', after @ ..] => {
                let first = *bounds.first()?;
                bounds.resize(4, first);
                return Some((bounds.try_into().ok()?, after));
            }
            [low, b'-', high, after @ ..] if is_plain(*low) && is_plain(*high) => {
                bounds.push((*low, *high));
                after
            }
            [one, after @ ..] if is_plain(*one) && after.first() != Some(&b'-') => {
                bounds.push((*one, *one));
                after
            }
            _ => return None,
        };
        if bounds.len() > 4 {
            return None;
        }
    }
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// How often at least and at most, and what follows.
fn count(source: &[u8]) -> Option<(usize, usize, &[u8])> {
    let (least, most, rest) = match source {
        [b'+', rest @ ..] => (1, usize::MAX, rest),
        [b'*', rest @ ..] => (0, usize::MAX, rest),
        [b'?', rest @ ..] => (0, 1, rest),
        [b'{', rest @ ..] => {
            let (least, rest) = number(rest)?;
            match rest {
                [b'}', rest @ ..] => (least, least, rest),
                [b',', b'}', rest @ ..] => (least, usize::MAX, rest),
                [b',', rest @ ..] => match number(rest)? {
                    (most, [b'}', rest @ ..]) => (least, most, rest),
                    _ => return None,
                },
                _ => return None,
            }
        }
        _ => (1, 1, source),
    };
    // What else may follow says how often, too.
    let again = matches!(rest, [b'{' | b'?' | b'*' | b'+' | b'|', ..]);
    (!again).then_some((least, most, rest))
}

/// A number of one or two digits.
fn number(source: &[u8]) -> Option<(usize, &[u8])> {
    let digit = |byte: u8| char::from(byte).to_digit(10).map(|digit| digit as usize);
    match source {
        [tens, ones, rest @ ..] if ones.is_ascii_digit() => {
            let tens = digit(*tens)?.checked_mul(10)?;
            Some((tens.checked_add(digit(*ones)?)?, rest))
        }
        [ones, rest @ ..] => Some((digit(*ones)?, rest)),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Pattern;

    /// Texts that look like matches of any of the sources.
    fn texts() -> Vec<String> {
        let pieces = [
            "", "a", "b", "z", "A", "0", "7", "_", "-", "acc_", "é", "\n", "[", "]",
        ];
        let mut texts = vec![String::new()];
        for _ in 0..3 {
            let longer = texts
                .iter()
                .flat_map(|text| pieces.map(|piece| format!("{text}{piece}")));
            texts = longer.collect();
        }
        texts.extend(["acc_0123abcd", "acc_0123abcD", "acc_0123abcd\n"].map(str::to_owned));
        texts
    }

    #[track_caller]
    fn check(source: &str, simple: bool) {
        let pattern = Pattern::new(source).unwrap();
        let sequence = Sequence::new(source);
        assert_eq!(sequence.is_some(), simple, "{source}");
        for text in texts() {
            if let Some(sequence) = &sequence {
                assert_eq!(
                    sequence.is_match(text.as_bytes()),
                    pattern.is_match(&text),
                    "{source} {text:?}"
                );
            }
        }
    }

    #[test]
    fn agrees_with_the_engine() {
        for source in [
            "",
            "a",
            "a{3}",
            "a{0}",
            "aa",
            "[ab]",
            "[a-z]{2}",
            "[a-zA-Z0-9_]{3}",
            r"\d\d",
            r"\d{2}b",
            "acc_[0-9a-z]{8}",
            "[_]",
            "a-b",
            "[a-b0-9]{2}",
            "acc_",
            "[a-zA]a",
            "a{12}",
            "a{01}",
        ] {
            check(source, true);
        }
        for source in [
            "a|b",
            "(a)",
            ".",
            "a+b",
            "a?b",
            "a{1,2}b",
            "a+?",
            "[ab]+a",
            "[^a]",
            "[a-]",
            "[-a]",
            r"\w",
            "a{2}{2}",
            "a{2}?",
            "a{2}+",
            r"\-",
            "^a",
            "a$",
            "[[:alpha:]]",
            "[a&&b]",
            "é",
            "[a-z0-9A-Z_é]",
            "a{100}",
            "[a-c-e]",
            r"[\d]",
            "[abcde]",
        ] {
            check(source, false);
        }
    }
}
