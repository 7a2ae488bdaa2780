//! Regular expressions of JSON Schema in the words of `matches`.
//!
//! Schemas hold expressions of ECMA-262 (with its flag `u`, as JSON Schema asks), which are
//! searched for; `matches` takes those of the crate `regex`, and the whole text has to match. What
//! means something else in the two, or is not understood here, is refused.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

use super::Pattern;

/// All that `\s` matches: blanks, ends of lines and the byte order mark.
const BLANKS: &str = r"\t\n\x{b}\x{c}\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}";
/// What `.` does not match.
const LINE_ENDS: &str = r"\n\r\x{2028}\x{2029}";

impl Pattern {
    /// The expression that matches a whole text where `source`, an expression of ECMA-262 as JSON
    /// Schema has them, is found in it; `None` where that is not known to be the same.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate_policy::document::Pattern;
    ///
    /// let pattern = Pattern::of_ecma("^[a-z]+$").unwrap();
    /// assert_eq!(pattern.source(), "[a-z]+");
    /// assert!(Pattern::of_ecma("(?=a)b").is_none());
    /// ```
    pub fn of_ecma(source: &str) -> Option<Self> {
        let mut reader = Reader {
            rest: source.chars().peekable(),
            out: String::new(),
            groups: 0,
            alternatives: false,
        };
        reader.read()?;
        let whole = if reader.alternatives {
            None
        } else {
            anchored(&reader.out)
        };
        match whole {
            Some(inner) => Self::new(inner),
            None => Self::new(&format!("(?s:.*)(?:{})(?s:.*)", reader.out)),
        }
        .ok()
    }
}

/// What stands between the anchors of an expression that has both.
fn anchored(expression: &str) -> Option<&str> {
    let inner = expression.strip_prefix('^')?.strip_suffix('$')?;
    // An odd number of backslashes before it make the sign at the end a letter like others.
    let before = inner
        .len()
        .saturating_sub(inner.trim_end_matches('\\').len());
    before.is_multiple_of(2).then_some(inner)
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    /// How many groups are open.
    groups: u32,
    /// Whether `|` stands outside all groups.
    alternatives: bool,
}

impl Reader<'_> {
    fn read(&mut self) -> Option<()> {
        // Whether there is something that can be repeated.
        let mut repeatable = false;
        while let Some(c) = self.rest.next() {
            repeatable = match c {
                '^' | '$' => {
                    self.out.push(c);
                    false
                }
                '|' => {
                    self.alternatives |= self.groups == 0;
                    self.out.push('|');
                    false
                }
                '(' => {
                    self.open()?;
                    false
                }
                ')' => {
                    self.groups = self.groups.checked_sub(1)?;
                    self.out.push(')');
                    true
                }
                '*' | '+' | '?' | '{' => {
                    if !repeatable {
                        return None;
                    }
                    self.repeat(c)?;
                    false
                }
                '[' => {
                    self.class()?;
                    true
                }
                '.' => {
                    self.push_class("^", LINE_ENDS);
                    true
                }
                '\\' => self.escape()?,
                ']' | '}' => return None,
                literal => {
                    self.push(literal);
                    true
                }
            };
        }
        (self.groups == 0).then_some(())
    }

    /// A group, whose number or name nothing refers to.
    fn open(&mut self) -> Option<()> {
        self.groups = self.groups.checked_add(1)?;
        self.out.push_str("(?:");
        if self.rest.next_if_eq(&'?').is_none() {
            return Some(());
        }
        match self.rest.next()? {
            ':' => Some(()),
            '<' => {
                let name = self.until('>')?;
                let plain = name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
                (plain && !name.is_empty()).then_some(())
            }
            // Looking around, and flags.
            _ => None,
        }
    }

    /// What stands before the next `end`, which is passed.
    fn until(&mut self, end: char) -> Option<String> {
        let mut inner = String::new();
        loop {
            match self.rest.next()? {
                c if c == end => return Some(inner),
                c => inner.push(c),
            }
        }
    }

    fn repeat(&mut self, sign: char) -> Option<()> {
        self.out.push(sign);
        if sign == '{' {
            let inner = self.until('}')?;
            let (min, max) = inner.split_once(',').unwrap_or((&inner, ""));
            let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            if min.is_empty() || !digits(min) || !digits(max) {
                return None;
            }
            self.out.push_str(&inner);
            self.out.push('}');
        }
        // Which of several ways to match is tried first makes no difference to whether one does.
        self.rest.next_if_eq(&'?');
        Some(())
    }

    /// What follows a backslash outside brackets; says whether it can be repeated.
    fn escape(&mut self) -> Option<bool> {
        match self.rest.next()? {
            'b' => {
                self.out.push_str(r"\b");
                Some(false)
            }
            class @ ('d' | 'D' | 'w' | 'W') => {
                self.out.extend(['\\', class]);
                Some(true)
            }
            's' => {
                self.push_class("", BLANKS);
                Some(true)
            }
            'S' => {
                self.push_class("^", BLANKS);
                Some(true)
            }
            other => {
                let c = self.character(other)?;
                self.push(c);
                Some(true)
            }
        }
    }

    /// The character that an escape stands for.
    fn character(&mut self, escaped: char) -> Option<char> {
        match escaped {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'f' => Some('\u{c}'),
            'v' => Some('\u{b}'),
            'x' => self.hex(2),
            'u' if self.rest.next_if_eq(&'{').is_some() => {
                let digits = self.until('}')?;
                let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                let code = u32::from_str_radix(&digits, 16).ok();
                code.filter(|_| hex).and_then(char::from_u32)
            }
            // Half a surrogate pair is no character.
            'u' => self.hex(4),
            sign if sign.is_ascii_punctuation() => Some(sign),
            _ => None,
        }
    }

    fn hex(&mut self, count: u32) -> Option<char> {
        let mut code = 0_u32;
        for _ in 0..count {
            let digit = self.rest.next()?.to_digit(16)?;
            code = code.checked_mul(16)?.checked_add(digit)?;
        }
        char::from_u32(code)
    }

    /// A class in brackets, behind the first one.
    fn class(&mut self) -> Option<()> {
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut empty = true;
        loop {
            let c = self.rest.next()?;
            if c == ']' {
                self.out.push(']');
                // Nothing, and anything: written so in the one syntax only.
                return (!empty).then_some(());
            }
            empty = false;
            let Some(from) = self.class_item(c)? else {
                // `[\d-x]` is a range in neither; at the end the sign stands for itself.
                let mut ahead = self.rest.clone();
                if ahead.next() == Some('-') && ahead.next() != Some(']') {
                    return None;
                }
                continue;
            };
            self.push(from);
            let mut ahead = self.rest.clone();
            if ahead.next() == Some('-') && ahead.next().is_some_and(|c| c != ']') {
                self.rest.next();
                let c = self.rest.next()?;
                let to = self.class_item(c)??;
                if from > to {
                    return None;
                }
                self.out.push('-');
                self.push(to);
            }
        }
    }

    /// A character of a class; `Some(None)` is a class, which has been written.
    #[expect(
        clippy::option_option,
        reason = "not understood, a class, or a character: three answers that `?` tells apart"
    )]
    fn class_item(&mut self, c: char) -> Option<Option<char>> {
        if c != '\\' {
            return Some(Some(c));
        }
        match self.rest.next()? {
            'b' => Some(Some('\u{8}')),
            class @ ('d' | 'D' | 'w' | 'W') => {
                self.out.extend(['\\', class]);
                Some(None)
            }
            's' => {
                self.out.push_str(BLANKS);
                Some(None)
            }
            'S' => {
                self.push_class("^", BLANKS);
                Some(None)
            }
            other => self.character(other).map(Some),
        }
    }

    fn push_class(&mut self, sign: &str, members: &str) {
        for part in ["[", sign, members, "]"] {
            self.out.push_str(part);
        }
    }

    /// Writes a character that stands for itself, in brackets or not.
    fn push(&mut self, c: char) {
        if c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '/' | ':' | '@' | ',' | '=') {
            self.out.push(c);
        } else if c.is_ascii_punctuation() {
            self.out.extend(['\\', c]);
        } else {
            // A string takes whatever is written to it.
            write!(self.out, "\\x{{{:x}}}", u32::from(c)).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &str, matching: &[&str], other: &[&str]) {
        let pattern = Pattern::of_ecma(source).unwrap();
        assert_eq!(pattern.source(), expected);
        for text in matching {
            assert!(pattern.is_match(text), "{source} {text:?}");
        }
        for text in other {
            assert!(!pattern.is_match(text), "{source} {text:?}");
        }
    }

    #[test]
    fn anchored_as_a_whole() {
        check("^[a-z]+$", "[a-z]+", &["abc"], &["", "ab1", "abc\n"]);
        check(
            r"^\d{3}-\d{2,}$",
            r"\d{3}\-\d{2,}",
            &["123-45"],
            &["123-4", "٣٣٣-33"],
        );
        check(r"^a\$$", r"a\$", &["a$"], &["a"]);
        check(r"^a\\$", r"a\\", &["a\\"], &["a", "a\\b"]);
        check("^(?<year>[0-9]{4})$", "(?:[0-9]{4})", &["2026"], &["26"]);
    }

    #[test]
    fn searched_for() {
        check("b", "(?s:.*)(?:b)(?s:.*)", &["b", "abc", "\nb\n"], &["ac"]);
        check(
            "^a|b$",
            "(?s:.*)(?:^a|b$)(?s:.*)",
            &["ax", "xb"],
            &["xa", "bx"],
        );
        check("^ab", "(?s:.*)(?:^ab)(?s:.*)", &["abc"], &["cab"]);
        check("^$|x", "(?s:.*)(?:^$|x)(?s:.*)", &["", "axb"], &["a"]);
        check(r"\$", r"(?s:.*)(?:\$)(?s:.*)", &["a$b"], &["ab"]);
        check("^a|^b$", "(?s:.*)(?:^a|^b$)(?s:.*)", &["ab", "b"], &["bc"]);
    }

    #[test]
    fn classes_that_differ() {
        check(
            "^.$",
            r"[^\n\r\x{2028}\x{2029}]",
            &["a", "é"],
            &["\r", "\n", "\u{2028}"],
        );
        let blanks = format!("[{BLANKS}]");
        check(
            r"^\s$",
            &blanks,
            &[" ", "\u{a0}", "\u{feff}"],
            &["\u{85}", "a"],
        );
        check(
            r"^[^\s,]+$",
            &format!("[^{BLANKS},]+"),
            &["ab"],
            &["a b", "a\u{2003}"],
        );
        check(r"^[\w-]+$", r"[\w\-]+", &["a-b"], &["a.b"]);
        check(r"^[\w.-]+$", r"[\w\.\-]+", &["a.b-c"], &["é", "a b"]);
        check(r"^[&~[]+$", r"[\&\~\[]+", &["&&", "~["], &["a"]);
        check(
            r"^[\u00e9\x41-\x43]$",
            r"[\x{e9}A-C]",
            &["é", "B"],
            &["D", "e"],
        );
        check(r"^\u{1F600}$", r"\x{1f600}", &["\u{1f600}"], &["a"]);
    }

    #[test]
    fn not_the_same() {
        for source in [
            "(?=a)b",
            "(?!a)b",
            "(?<=a)b",
            "(?<!a)b",
            r"(a)\1",
            r"\k<a>",
            r"\p{L}",
            r"\cA",
            "(?i)a",
            "(?i:a)",
            "a++",
            "a**",
            "*a",
            "^*",
            "a{,3}",
            "a{x}",
            "a{1",
            "]",
            "}",
            "[]",
            "[^]",
            "[",
            "[b-a]",
            r"[\d-x]",
            r"[a-\d]",
            "(",
            ")",
            r"\B",
            r"\ud83d",
            r"\u{110000}",
            r"\x4",
            "\\",
            r"\e",
            "(a{1000}){1000}",
            "(?<a b>c)",
        ] {
            assert!(Pattern::of_ecma(source).is_none(), "{source}");
        }
    }
}
