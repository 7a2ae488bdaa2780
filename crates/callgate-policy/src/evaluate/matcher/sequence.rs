//! Simple regular expressions, without the machinery for others.
//!
//! Identifiers mostly look like `acc_[0-9a-z]{8}`: so many characters, each out of a class, and
//! perhaps a last run of varying length. Such an expression says of each place between which bytes
//! its own must lie, and sixteen places are looked at in one step.

/// An expression whose pieces can only match in one way.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sequence {
    /// How many bytes the text has at least and at most.
    least: usize,
    most: usize,
    /// The places where each byte has a class of its own.
    head: Box<[Piece]>,
    /// How many these are.
    head_len: usize,
    /// The class of all bytes behind them.
    tail: Option<AnyOf>,
}

/// Sixteen places of a text.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    /// The first of them.
    at: usize,
    bounds: AnyOf,
}

/// Each byte must lie within some of these.
#[derive(Debug, PartialEq, Eq)]
struct AnyOf {
    few: [Bounds; 2],
    /// Few classes need more.
    more: Option<Box<[Bounds; 2]>>,
}

/// For each of sixteen bytes the lowest one, and how far beyond it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bounds {
    low: [u8; WIDTH],
    span: [u8; WIDTH],
}

const WIDTH: usize = 16;

/// Most bytes before the last run.
const MAX_BYTES: usize = 256;

/// Bytes within any of these bounds, both ends included; some may be the same.
type Class = [(u8, u8); 4];

impl Sequence {
    /// Reads `source` as literals and classes of ASCII letters and digits, each perhaps with
    /// `{n}`, the last perhaps with any other count; `None` where it holds anything else.
    pub(crate) fn new(source: &str) -> Option<Self> {
        let mut rest = source.as_bytes();
        let mut head: Vec<Class> = Vec::new();
        let (mut tail, mut varies) = (None, (0, 0));
        while let Some((class, after)) = class(rest) {
            let (least, most, after) = count(after)?;
            rest = after;
            if head.len() > MAX_BYTES {
                return None;
            }
            if least != most {
                (tail, varies) = (Some(class), (least, most));
                break;
            }
            head.extend(std::iter::repeat_n(class, least));
        }
        if !rest.is_empty() {
            return None;
        }
        let least = head.len().saturating_add(varies.0);
        let tail = tail.map(|class| AnyOf::new(&[class; WIDTH]));
        Some(Self {
            least,
            most: head.len().saturating_add(varies.1),
            head: pieces(&head, least),
            head_len: head.len(),
            tail,
        })
    }

    #[inline]
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        (self.least..=self.most).contains(&text.len())
            && self.head.iter().all(|piece| {
                let places = text.get(piece.at..).unwrap_or_default();
                match places.first_chunk() {
                    Some(places) => piece.bounds.hold(places),
                    None => piece.bounds.hold(&padded(places)),
                }
            })
            && self.is_tail(text)
    }

    #[inline]
    fn is_tail(&self, text: &[u8]) -> bool {
        // Without a last run the text ends where its length says.
        let Some(class) = &self.tail else {
            return true;
        };
        let tail = text.get(self.head_len..).unwrap_or_default();
        let (chunks, rest) = tail.as_chunks();
        chunks.iter().all(|chunk| class.hold(chunk))
            && match tail.last_chunk() {
                _ if rest.is_empty() => true,
                // Some of them are looked at once more.
                Some(end) => class.hold(end),
                None => {
                    let filler = class.few.first().map_or(0, Bounds::inside);
                    class.hold(&padded_with(filler, rest))
                }
            }
    }
}

impl AnyOf {
    fn new(classes: &[Class; WIDTH]) -> Self {
        let [one, two, three, four] = [0, 1, 2, 3].map(|number| Bounds::new(classes, number));
        Self {
            few: [one, two],
            more: ([three, four] != [one; 2]).then(|| Box::new([three, four])),
        }
    }

    /// Whether each byte is within some of the bounds.
    #[inline]
    fn hold(&self, bytes: &[u8; WIDTH]) -> bool {
        let [one, two] = &self.few;
        match &self.more {
            None => {
                // Without an early end all bytes are looked at in one step.
                let mut outside = false;
                for ((byte, one), two) in bytes.iter().zip(one.each()).zip(two.each()) {
                    outside |= is_beyond(*byte, one) & is_beyond(*byte, two);
                }
                !outside
            }
            Some(more) => {
                let [three, four] = &**more;
                let mut outside = false;
                let few = bytes.iter().zip(one.each()).zip(two.each());
                for (((byte, one), two), (three, four)) in few.zip(three.each().zip(four.each())) {
                    outside |= is_beyond(*byte, one)
                        & is_beyond(*byte, two)
                        & is_beyond(*byte, three)
                        & is_beyond(*byte, four);
                }
                !outside
            }
        }
    }
}

#[inline]
const fn is_beyond(byte: u8, (low, span): (u8, u8)) -> bool {
    byte.wrapping_sub(low) > span
}

impl Bounds {
    /// Those of so many of the bounds of each class, which may be its first ones again.
    fn new(classes: &[Class; WIDTH], number: usize) -> Self {
        let bounds = classes.map(|class| {
            let mut distinct = class.to_vec();
            distinct.sort_unstable();
            distinct.dedup();
            let bounds = distinct.get(number).or(distinct.first());
            bounds.copied().unwrap_or_default()
        });
        Self {
            low: bounds.map(|(low, _)| low),
            span: bounds.map(|(low, high)| high.saturating_sub(low)),
        }
    }

    #[inline]
    fn each(&self) -> impl Iterator<Item = (u8, u8)> {
        self.low.iter().copied().zip(self.span.iter().copied())
    }

    /// A byte that is within, where all have the same bounds.
    fn inside(&self) -> u8 {
        self.low.first().copied().unwrap_or(0)
    }
}

/// A short text, and zeros behind it.
#[inline(never)]
fn padded(text: &[u8]) -> [u8; WIDTH] {
    padded_with(0, text)
}

#[inline(never)]
fn padded_with(filler: u8, text: &[u8]) -> [u8; WIDTH] {
    let mut padded = [filler; WIDTH];
    for (place, byte) in padded.iter_mut().zip(text) {
        *place = *byte;
    }
    padded
}

/// What is asked of the places of a text that has at least so many bytes.
fn pieces(head: &[Class], least: usize) -> Box<[Piece]> {
    // The last one reaches back, so that it ends with the text.
    let back = least.saturating_sub(WIDTH);
    let starts = (0..head.len()).step_by(WIDTH);
    let pieces = starts.map(|start| {
        let at = start.min(back);
        // Behind these any byte will do.
        let mut classes = [[(0, u8::MAX); 4]; WIDTH];
        let known = head.get(at..).unwrap_or_default();
        for (class, known) in classes.iter_mut().zip(known) {
            *class = *known;
        }
        let bounds = AnyOf::new(&classes);
        Piece { at, bounds }
    });
    pieces.collect()
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
        // Every length, and a byte at every place that its class may not have.
        let long = "acct-2001-0123abcd-a0b1c2d3e4f5g6h7i8j9k0l1";
        for length in 0..=long.len() {
            let (text, _) = long.split_at(length);
            texts.push(text.to_owned());
            for other in ["{", "`", "/", ":", "@", "Z", "\0", "\u{7f}", "é", "g"] {
                let (before, _) = long.split_at(length.saturating_sub(1));
                let (_, behind) = long.split_at(length);
                texts.push(format!("{before}{other}"));
                texts.push(format!("{before}{other}{behind}"));
            }
        }
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
            "acct-[0-9]{4}-[0-9a-f]{8}-[a-z0-9]{16,24}",
            "acct-[0-9]{4}-[0-9a-f]{8}-[a-z0-9]{16}",
            "acct-[0-9]{4}-[0-9a-f]{8}-[a-z0-9]{4,8}",
            "acct-[0-9]{4}-[0-9a-f]{8}-[a-z0-9]+",
            "acct-[0-9]{4}-[0-9a-f]{8}[a-z0-9]*",
            "acct-[0-9]{2}",
            "acct[a-z0-9A-Z_]*",
            "[a-z0-9]{3,}",
            "[a-z0-9]{9,12}",
            "[a-z]?",
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
