//! Reads a command line: what is written plainly in large steps, all else by the lexer.
//!
//! Nearly all words are written plainly, between blanks and separators. A [window](Window) of 64
//! bytes is a few numbers, of which each bit speaks of one byte: words begin and end where bits
//! change. Whatever any other byte is part of is left to the [lexer](super::lexer), which says the
//! same of plain words.

use super::lexer::{Join, Lexer, Token, Unclear, Word};
use super::listed::Key;
use super::visible::is_visible;
use super::window::{WIDTH, Window};

/// A command line, as far as it has been read.
#[derive(Debug)]
pub(super) struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// Where the window begins.
    base: usize,
    /// Of what is in it, all that is still to come.
    window: Window,
    /// Begins with the first piece that is not written plainly.
    lexer: Option<Lexer<'t>>,
}

impl<'t> Reader<'t> {
    /// Begins with `text`; `None` where it may hold what nobody sees.
    #[inline]
    pub(super) fn new(text: &'t str) -> Option<Self> {
        let bytes = text.as_bytes();
        let window = Window::of(bytes);
        if (window.hidden || bytes.len() > WIDTH) && !is_visible(text) {
            return None;
        }
        Some(Self {
            text,
            bytes,
            base: 0,
            window,
            lexer: None,
        })
    }

    /// The next piece, where that is a word that is written plainly.
    #[expect(clippy::inline_always, reason = "the loops over all words of a line")]
    #[inline(always)]
    pub(super) fn plain_word(&mut self) -> Option<Word<'t>> {
        let Window {
            words,
            rest,
            equals,
            ..
        } = self.window;
        let place = rest.trailing_zeros();
        // Where there is nothing, `behind` lies beyond the window.
        let length = (!words.wrapping_shr(place)).trailing_zeros();
        let behind = place.wrapping_add(length);
        if length == 0 || behind >= u64::BITS {
            return None;
        }
        // The text is far shorter than `usize::MAX`.
        let start = self.base.wrapping_add(place as usize);
        let end = self.base.wrapping_add(behind as usize);
        if rest.wrapping_shr(behind) & 1 != 0 && !self.is_join(end) {
            return None;
        }
        self.window.rest = rest & u64::MAX.wrapping_shl(behind);
        Some(Word {
            text: self.bytes.get(start..end)?,
            key: Key::of_part(self.bytes, start, length),
            may_have_equals: equals,
            glob: None,
        })
    }

    /// Whether a separator begins at `at`.
    #[inline]
    fn is_join(&self, at: usize) -> bool {
        matches!(self.bytes.get(at), Some(b'|' | b'&' | b';' | b'\n'))
    }

    /// Whether there is nothing more.
    #[inline]
    pub(super) fn is_at_end(&self) -> bool {
        self.window.rest == 0 && self.bytes.len() <= self.base.saturating_add(WIDTH)
    }

    /// Passes plain words that nobody asks for.
    #[inline]
    pub(super) fn pass_words(&mut self) {
        let Window { words, rest, .. } = self.window;
        let is_last = self.bytes.len() <= self.base.saturating_add(WIDTH);
        if is_last && rest & !words == 0 {
            self.window.rest = 0;
        }
    }

    /// The next piece, however it is written.
    pub(super) fn other(&mut self) -> Result<Token, Unclear> {
        let mut place = self.window.rest.trailing_zeros();
        while place >= u64::BITS {
            let next = self.base.saturating_add(WIDTH);
            if next >= self.bytes.len() {
                return Ok(Token::End);
            }
            self.look(next);
            place = self.window.rest.trailing_zeros();
        }
        let at = self.base.saturating_add(place as usize);
        let pair = (self.bytes.get(at), self.bytes.get(at.saturating_add(1)));
        let (join, length) = match pair {
            (Some(b'\n'), _) => (Join::Newline, 1),
            (Some(b'&'), Some(b'&')) => (Join::And, 2),
            (Some(b'|'), Some(b'|')) => (Join::Or, 2),
            (Some(b';'), next) if !matches!(next, Some(b';' | b'&')) => (Join::Semicolon, 1),
            (Some(b'|'), next) if !matches!(next, Some(b'&')) => (Join::Pipe, 1),
            _ => {
                let lexer = self.lexer.get_or_insert_with(|| Lexer::new(self.text));
                lexer.go_to(at);
                let token = lexer.next()?;
                let at = lexer.at();
                self.skip_to(at);
                return Ok(token);
            }
        };
        self.skip_to(at.saturating_add(length));
        Ok(Token::Join(join))
    }

    /// The word that [`other`](Self::other) has read.
    pub(super) fn word(&self) -> Result<Word<'_>, Unclear> {
        self.lexer.as_ref().map(Lexer::word).ok_or(Unclear)
    }

    /// Goes on at `at`, which is no less far than before.
    fn skip_to(&mut self, at: usize) {
        match u32::try_from(at.saturating_sub(self.base)) {
            Ok(place) if place < u64::BITS => {
                self.window.rest &= from(place);
            }
            _ => self.look(at),
        }
    }

    /// Looks at the bytes from `base` on.
    fn look(&mut self, base: usize) {
        self.base = base;
        self.window = Window::of(self.bytes.get(base..).unwrap_or_default());
    }
}

/// The bits from a place on; none from 64 on.
#[inline]
const fn from(place: u32) -> u64 {
    match u64::MAX.checked_shl(place) {
        Some(bits) => bits,
        None => 0,
    }
}
