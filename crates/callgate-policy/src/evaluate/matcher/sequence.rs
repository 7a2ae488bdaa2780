//! Simple regular expressions, without the machinery for others.
//!
//! Identifiers mostly look like `acc_[0-9a-z]{8}`: so many characters, each out of a class, and
//! perhaps a last run of varying length. Such an expression is a list of runs, and matching looks
//! at every byte once.

/// An expression whose pieces can only match in one way.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sequence {
    runs: Box<[Run]>,
    /// The bytes of all runs together.
    len: usize,
    /// What follows them: between so many and so many bytes out of a class.
    tail: Option<(Class, usize, usize)>,
}

/// So many bytes in a row out of one class.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    class: Class,
    len: usize,
}

/// Bytes within any of these bounds, both ends included; some may be the same.
type Class = [(u8, u8); 4];

impl Sequence {
    /// Reads `source` as literals and classes of ASCII letters and digits, each perhaps with
    /// `{n}`, the last perhaps with any other count; `None` where it holds anything else.
    pub(crate) fn new(source: &str) -> Option<Self> {
        let mut rest = source.as_bytes();
        let mut runs: Vec<Run> = Vec::new();
        let mut tail = None;
        while let Some((class, after)) = class(rest) {
            let (least, most, after) = count(after)?;
            rest = after;
            match runs.last_mut() {
                _ if least != most => {
                    tail = Some((class, least, most));
                    break;
                }
                Some(run) if run.class == class => run.len = run.len.checked_add(least)?,
                _ => runs.push(Run { class, len: least }),
            }
        }
        let lens = runs.iter().map(|run| run.len);
        let len = lens.fold(0, usize::saturating_add);
        rest.is_empty().then(|| Self {
            runs: runs.into(),
            len,
            tail,
        })
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        let Some((mut rest, end)) = text.as_bytes().split_at_checked(self.len) else {
            return false;
        };
        let end_fits = match self.tail {
            None => end.is_empty(),
            Some((class, least, most)) => {
                least <= end.len() && end.len() <= most && all_inside(class, end)
            }
        };
        end_fits
            && self.runs.iter().all(|run| {
                let Some((these, after)) = rest.split_at_checked(run.len) else {
                    return false;
                };
                rest = after;
                all_inside(run.class, these)
            })
    }
}

#[inline]
fn all_inside([one, two, three, four]: Class, bytes: &[u8]) -> bool {
    // Without an early end many bytes are compared at once.
    let inside = |byte: u8, (low, high): (u8, u8)| byte.wrapping_sub(low) <= high.wrapping_sub(low);
    bytes.iter().fold(true, |all, byte| {
        all & (inside(*byte, one) | inside(*byte, two) | inside(*byte, three) | inside(*byte, four))
    })
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
                    sequence.is_match(&text),
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
