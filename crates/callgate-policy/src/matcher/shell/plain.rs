//! Splits lines that are written plainly: words without quotes, between blanks and separators.
//!
//! Nearly all lines are. Each byte is looked up in a table, and what the table says of 64 bytes
//! makes up a few numbers, of which each bit speaks of one byte: words begin and end where bits
//! change. A line with any other byte is left to the [lexer](super::lexer), from its start.

use super::judge::Line;
use super::lexer::{Join, Unclear, Word, is_plain};

/// How many bytes are looked at together: the bits of a number.
const CHUNK: usize = 64;

/// The byte is part of a word.
const WORD: u32 = 1;
/// The byte is part of what stands between commands.
const JOIN: u32 = 1 << 8;
/// The byte is for the lexer.
const OTHER: u32 = 1 << 16;
/// So it is, and perhaps nobody sees it.
const HIDDEN: u32 = 1 << 24;

/// How far a line was read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Read {
    /// To the end.
    Whole(Result<(), Unclear>),
    /// The lexer has to read it from its start.
    Part {
        /// Whether all characters are known to be visible.
        visible: bool,
    },
}

/// What each byte is; 0 for blanks.
static CLASSES: [u32; 256] = {
    let mut classes = [HIDDEN; 256];
    let mut byte = 0_u8;
    while byte < 0x7f {
        let class = match byte {
            b' ' | b'\t' => 0,
            b'|' | b'&' | b';' | b'\n' => JOIN,
            // It may begin a comment.
            b'#' => OTHER,
            b'!'..=b'~' if is_plain(byte) => WORD,
            b'!'..=b'~' => OTHER,
            _ => HIDDEN,
        };
        #[expect(clippy::indexing_slicing, reason = "a byte is less than 256")]
        {
            classes[byte as usize] = class;
        }
        byte = byte.saturating_add(1);
    }
    classes
};

/// Gives `line` the words and separators of `text`.
#[inline]
pub(super) fn read(text: &str, line: &mut Line<'_>) -> Read {
    let mut seen = 0;
    match pieces(text, line, &mut seen) {
        Some(taken) => Read::Whole(taken),
        None => Read::Part {
            visible: seen < HIDDEN && text.len() <= CHUNK,
        },
    }
}

/// The same; `None` where the lexer has to read the line.
#[inline]
fn pieces(text: &str, line: &mut Line<'_>, seen: &mut u32) -> Option<Result<(), Unclear>> {
    let mut inside = false;
    // Where the word or the gap began that is read now.
    let mut from = 0_usize;
    let mut base = 0_usize;
    for chunk in text.as_bytes().chunks(CHUNK) {
        let words = words(chunk, seen);
        if *seen >= OTHER {
            return None;
        }
        let mut edges = words ^ (words << 1 | u64::from(inside));
        while edges != 0 {
            let at = base.saturating_add(edges.trailing_zeros() as usize);
            edges &= edges.wrapping_sub(1);
            if inside {
                let text = text.get(from..at)?;
                if let Err(unclear) = line.word(Word { text, glob: None }) {
                    return Some(Err(unclear));
                }
            } else if *seen >= JOIN
                && let Err(unclear) = gap(text.get(from..at)?, line)?
            {
                return Some(Err(unclear));
            }
            inside = !inside;
            from = at;
        }
        base = base.saturating_add(CHUNK);
    }
    let text = text.get(from..)?;
    if inside {
        Some(line.word(Word { text, glob: None }))
    } else if *seen >= JOIN {
        gap(text, line)
    } else {
        Some(Ok(()))
    }
}

/// Takes what stands between words.
#[inline]
fn gap(text: &str, line: &mut Line<'_>) -> Option<Result<(), Unclear>> {
    let join = match text.as_bytes().trim_ascii() {
        // The end of a line is a blank to the one who trims.
        [] => match text.bytes().filter(|byte| *byte == b'\n').count() {
            0 => return Some(Ok(())),
            1 => Join::Newline,
            _ => return None,
        },
        _ if text.contains('\n') => return None,
        b"&&" => Join::And,
        b"||" => Join::Or,
        b";" => Join::Semicolon,
        b"|" => Join::Pipe,
        _ => return None,
    };
    Some(line.join(join))
}

/// Which of up to 64 bytes are part of words, a bit each. `seen` gets a bit of every class that is
/// there, or of a greater place.
#[inline]
fn words(chunk: &[u8], seen: &mut u32) -> u64 {
    let mut words = 0;
    let mut add = |bytes: &[u8; 8], place: u32| {
        let classes = classes(*bytes);
        *seen |= classes;
        words |= u64::from(classes & 0xff).wrapping_shl(place);
    };
    let (eights, rest) = chunk.as_chunks::<8>();
    let mut place = 0_u32;
    for eight in eights {
        add(eight, place);
        place = place.wrapping_add(8);
    }
    match chunk.last_chunk::<8>() {
        _ if rest.is_empty() => {}
        // The last bytes, of which some have been looked at.
        Some(last) => {
            let from = chunk.len().saturating_sub(8);
            add(last, u32::try_from(from).unwrap_or(0));
        }
        None => {
            let mut few = [b' '; 8];
            for (to, byte) in few.iter_mut().zip(rest) {
                *to = *byte;
            }
            add(&few, 0);
        }
    }
    words
}

/// The classes of eight bytes, each of which is moved by the place of its byte.
#[inline]
fn classes(bytes: [u8; 8]) -> u32 {
    bytes.iter().rev().fold(0, |classes, byte| {
        let class = CLASSES.get(usize::from(*byte)).copied().unwrap_or(OTHER);
        classes << 1 | class
    })
}
