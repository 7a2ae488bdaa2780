//! Regular expressions that mean what they seem to mean.

use std::sync::Arc;

use regex_syntax::ast::{self, AssertionKind, Ast, ClassPerl, ClassPerlKind, ClassSetItem, Flag};

/// The longest expression, in bytes.
const MAX_BYTES: usize = 4096;
/// The largest size of a compiled expression, in bytes.
const MAX_COMPILED: usize = 1 << 20;
/// The deepest nesting of groups and classes.
const MAX_NESTING: u32 = 64;

/// A regular expression for a whole text: always anchored at both ends, classes are ASCII.
///
/// `\d`, `\w`, `\s` and `\b` are ASCII, for a digit that only looks like one is no digit to the
/// tool. Whatever would change the meaning of the rest of an expression is refused: the flags
/// `i` (unless with `-u`, for `(?i)k` matches the Kelvin sign, too), `m`, `x`, `R` and `u`, and
/// Unicode properties. Matching takes time in proportion to the text.
///
/// A clone is the same expression: it is compiled once, and kept once.
///
/// # Examples
///
/// ```
/// use callgate_policy::document::Pattern;
///
/// let account = Pattern::new(r"acc_\d{4}|root")?;
/// assert!(account.is_match("acc_0123"));
/// assert!(!account.is_match("acc_0123; root"));
/// assert!(!account.is_match("acc_٠١٢٣"));
/// # Ok::<_, callgate_policy::document::PatternError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pattern(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    source: Box<str>,
    regex: regex::Regex,
}

impl Pattern {
    /// Compiles `source`.
    ///
    /// # Errors
    ///
    /// Refuses what is no regular expression, what holds a flag or class named above, what has
    /// more than 4096 bytes, and what compiles to more than 1 MiB.
    pub fn new(source: &str) -> Result<Self, PatternError> {
        if source.len() > MAX_BYTES {
            return Err(PatternError(Fault::TooLong));
        }
        let ast = ast::parse::ParserBuilder::new()
            .nest_limit(MAX_NESTING)
            .build()
            .parse(source)
            .map_err(|error| PatternError(Fault::Malformed(error.kind().clone())))?;
        let replacements = ast::visit(&ast, Survey::default()).map_err(PatternError)?;
        let replaced = replacements.apply(source);
        let replaced = replaced.ok_or(PatternError(Fault::Overlap))?;
        let whole = format!(r"\A(?:{replaced})\z");
        let regex = regex::RegexBuilder::new(&whole)
            .size_limit(MAX_COMPILED)
            // The group put around counts, too, and so do the replacements.
            .nest_limit(MAX_NESTING.saturating_add(3))
            .build()
            .map_err(|error| PatternError(Fault::of(&error, &whole)))?;
        Ok(Self(Arc::new(Compiled {
            source: source.into(),
            regex,
        })))
    }

    /// The expression as written.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// Whether the whole of `text` matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.regex.is_match(text)
    }
}

/// Why a text is not a usable regular expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct PatternError(Fault);

impl PatternError {
    /// What to write instead, where that is known.
    pub const fn help(&self) -> Option<&'static str> {
        match self.0 {
            Fault::CaseOfUnicode => {
                Some("write `(?i-u:…)`: it folds the case of ASCII letters only")
            }
            Fault::Property => Some("write the characters, as in `[a-z]`"),
            Fault::Flag(_) => Some("write the expression without it"),
            Fault::HalfCharacter => {
                Some("without Unicode, name the ASCII characters that are meant")
            }
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Fault {
    #[error("malformed regular expression: {0}")]
    Malformed(ast::ErrorKind),
    #[error("the regular expression has more than {MAX_BYTES} bytes")]
    TooLong,
    #[error("the compiled regular expression has more than {MAX_COMPILED} bytes")]
    TooLarge,
    #[error("flag `i` would match characters that only look like ASCII letters")]
    CaseOfUnicode,
    #[error("flag `{0}` would change what the rest of the expression means")]
    Flag(char),
    #[error("Unicode properties are not supported")]
    Property,
    #[error("the regular expression could match half a character")]
    HalfCharacter,
    #[error("the regular expression is nested in a way that is not supported")]
    Overlap,
}

impl Fault {
    /// What the compiler refused after the expression was found well-formed.
    fn of(error: &regex::Error, whole: &str) -> Self {
        if matches!(error, regex::Error::CompiledTooBig(_)) {
            return Self::TooLarge;
        }
        match regex_syntax::parse(whole) {
            Err(regex_syntax::Error::Parse(error)) => Self::Malformed(error.kind().clone()),
            _ => Self::HalfCharacter,
        }
    }
}

/// Goes through an expression, refuses what is unsafe in it, and finds what to replace.
#[derive(Default)]
struct Survey {
    replacements: Replacements,
}

impl ast::Visitor for Survey {
    type Output = Replacements;
    type Err = Fault;

    fn finish(self) -> Result<Replacements, Fault> {
        Ok(self.replacements)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Fault> {
        match ast {
            Ast::Flags(flags) => check_flags(&flags.flags),
            Ast::Group(group) => group.flags().map_or(Ok(()), check_flags),
            Ast::ClassPerl(class) => {
                self.replacements.add_class(class);
                Ok(())
            }
            Ast::Assertion(assertion) => {
                if is_of_words(&assertion.kind) {
                    self.replacements.add(&assertion.span, "(?-u:", ")");
                }
                Ok(())
            }
            Ast::ClassUnicode(_) => Err(Fault::Property),
            _ => Ok(()),
        }
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Fault> {
        match item {
            ClassSetItem::Perl(class) => self.replacements.add_class(class),
            ClassSetItem::Unicode(_) => return Err(Fault::Property),
            _ => {}
        }
        Ok(())
    }
}

fn check_flags(flags: &ast::Flags) -> Result<(), Fault> {
    let on = |flag| flags.flag_state(flag) == Some(true);
    for (flag, letter) in [
        (Flag::MultiLine, 'm'),
        (Flag::IgnoreWhitespace, 'x'),
        (Flag::CRLF, 'R'),
        (Flag::Unicode, 'u'),
    ] {
        if on(flag) {
            return Err(Fault::Flag(letter));
        }
    }
    if on(Flag::CaseInsensitive) && flags.flag_state(Flag::Unicode) != Some(false) {
        return Err(Fault::CaseOfUnicode);
    }
    Ok(())
}

const fn is_of_words(kind: &AssertionKind) -> bool {
    !matches!(
        kind,
        AssertionKind::StartLine
            | AssertionKind::EndLine
            | AssertionKind::StartText
            | AssertionKind::EndText
    )
}

/// What to put in place of which bytes, in the order of the text.
#[derive(Default)]
struct Replacements(Vec<Replacement>);

struct Replacement {
    start: usize,
    end: usize,
    before: &'static str,
    /// `None` drops what stood there.
    after: Option<&'static str>,
}

impl Replacements {
    fn add_class(&mut self, class: &ClassPerl) {
        let ascii = match (&class.kind, class.negated) {
            (ClassPerlKind::Digit, false) => "[0-9]",
            (ClassPerlKind::Digit, true) => "[^0-9]",
            (ClassPerlKind::Space, false) => r"[\t\n\v\f\r ]",
            (ClassPerlKind::Space, true) => r"[^\t\n\v\f\r ]",
            (ClassPerlKind::Word, false) => "[0-9A-Za-z_]",
            (ClassPerlKind::Word, true) => "[^0-9A-Za-z_]",
        };
        self.push(&class.span, ascii, None);
    }

    fn add(&mut self, span: &ast::Span, before: &'static str, after: &'static str) {
        self.push(span, before, Some(after));
    }

    fn push(&mut self, span: &ast::Span, before: &'static str, after: Option<&'static str>) {
        self.0.push(Replacement {
            start: span.start.offset,
            end: span.end.offset,
            before,
            after,
        });
    }

    /// The expression with all replacements; none where one would lie in another.
    fn apply(mut self, source: &str) -> Option<String> {
        self.0.sort_unstable_by_key(|one| one.start);
        let mut text = String::with_capacity(source.len());
        let mut done = 0;
        for one in &self.0 {
            text.push_str(source.get(done..one.start)?);
            text.push_str(one.before);
            if let Some(after) = one.after {
                text.push_str(source.get(one.start..one.end)?);
                text.push_str(after);
            }
            done = one.end;
        }
        text.push_str(source.get(done..)?);
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, matching: &[&str], other: &[&str]) {
        let pattern = Pattern::new(source).unwrap();
        for text in matching {
            assert!(pattern.is_match(text), "{source} {text}");
        }
        for text in other {
            assert!(!pattern.is_match(text), "{source} {text}");
        }
    }

    #[test]
    fn overlapping_replacements() {
        let one = |start, end| Replacement {
            start,
            end,
            before: "(",
            after: Some(")"),
        };
        let apply = |all| Replacements(all).apply("abcd");
        assert_eq!(
            apply(vec![one(2, 4), one(0, 1)]).as_deref(),
            Some("(a)b(cd)")
        );
        assert_eq!(apply(vec![one(0, 3), one(1, 2)]), None);
    }

    #[track_caller]
    fn refused(source: &str, expected: &str) {
        let error = Pattern::new(source).unwrap_err();
        let help = error
            .help()
            .map(|help| format!("; {help}"))
            .unwrap_or_default();
        assert_eq!(format!("{error}{help}"), expected);
    }

    #[test]
    fn anchored() {
        check("a|b", &["a", "b"], &["ab", "xb", "ax", "a\n", "\na"]);
        check("a|", &["a", ""], &["aa", "b"]);
        check("^a$", &["a"], &["a\n", "ab"]);
        check("", &[""], &["a"]);
        check("a?", &["", "a"], &["aa", "b"]);
        check("a #", &["a #"], &["a"]);
        check(r"\Aa\z", &["a"], &["aa"]);
    }

    #[test]
    fn ascii_classes() {
        check(r"\d", &["7"], &["٧", "x"]);
        check(r"\D", &["x", "٧"], &["7"]);
        check(r"\w+", &["a_9"], &["é", "a-b"]);
        check(r"\W", &["é", "-"], &["a"]);
        check(r"a\sb", &["a b", "a\tb"], &["a\u{a0}b", "a\u{2003}b"]);
        check(r"\S", &["\u{2003}", "a"], &[" "]);
        check(r"[\d.]+", &["1.5"], &["١.5"]);
        check(r"[^\d.]", &["x", "١"], &["1", "."]);
        check(r"[\w--\d]+", &["ab"], &["a1", "é"]);
        check(r"[\d-]+", &["1-2"], &["a"]);
        check(r"[x\D]", &["x", "y"], &["1"]);
        check("[[:alpha:]]", &["a"], &["é", "1"]);
    }

    #[test]
    fn ascii_word_boundaries() {
        check(r"a\b.", &["a-", "aé"], &["ab"]);
        check(r"a\B.", &["ab"], &["a-", "aé"]);
        check(r".+\b{end}.", &["ab-"], &["--"]);
    }

    #[test]
    fn characters_are_unicode() {
        check(".", &["a", "é", "\u{1f600}"], &["", "\n", "ab"]);
        check("[^a]", &["é", "\n"], &["a"]);
        check("é{2}", &["éé"], &["é"]);
        check("(?s:.)", &["\n"], &[""]);
    }

    #[test]
    fn case_of_ascii() {
        check("(?i-u:k)", &["k", "K"], &["\u{212a}"]);
        check("(?i-u)[a-z]+", &["KÿK".get(..1).unwrap()], &["\u{212a}"]);
        let unicode = "flag `i` would match characters that only look like ASCII letters; \
                       write `(?i-u:…)`: it folds the case of ASCII letters only";
        refused("(?i)k", unicode);
        refused("(?i:k)", unicode);
        refused("a(?:b(?si:k))", unicode);
        refused("(?-u)(?i:k)", unicode);
    }

    #[test]
    fn unsafe_flags() {
        let flag = |letter| {
            format!(
                "flag `{letter}` would change what the rest of the expression means; \
                 write the expression without it"
            )
        };
        refused("(?x)a #", &flag('x'));
        refused("(?x:a #)", "malformed regular expression: unclosed group");
        refused("(?m)^a$", &flag('m'));
        refused("(?R)a", &flag('R'));
        refused("(?i-u:(?u:k))", &flag('u'));
    }

    #[test]
    fn malformed() {
        refused("a)(b", "malformed regular expression: unopened group");
        refused("(a", "malformed regular expression: unclosed group");
        refused("a)|(", "malformed regular expression: unopened group");
        refused(
            "[a",
            "malformed regular expression: unclosed character class",
        );
        refused(
            "*",
            "malformed regular expression: repetition operator missing expression",
        );
        refused(
            "a\\",
            "malformed regular expression: incomplete escape sequence, reached end of pattern prematurely",
        );
        refused(
            "(?=a)",
            "malformed regular expression: look-around, including look-ahead and look-behind, is not supported",
        );
        refused(
            r"\pL",
            "Unicode properties are not supported; write the characters, as in `[a-z]`",
        );
        refused(
            r"[\p{Greek}]",
            "Unicode properties are not supported; write the characters, as in `[a-z]`",
        );
        refused(
            "(?-u:.)",
            "the regular expression could match half a character; \
             without Unicode, name the ASCII characters that are meant",
        );
        refused(
            r"(?-u:\D)",
            "the regular expression could match half a character; \
             without Unicode, name the ASCII characters that are meant",
        );
    }

    #[test]
    fn bounded() {
        refused(
            &"a".repeat(4097),
            "the regular expression has more than 4096 bytes",
        );
        refused(
            "(a{1000}){1000}",
            "the compiled regular expression has more than 1048576 bytes",
        );
        refused(
            &format!("{}a{}", "(".repeat(100), ")".repeat(100)),
            "malformed regular expression: exceed the maximum number of nested parentheses/brackets (64)",
        );
        let deepest = format!("{}[\\d]{}", "(".repeat(62), ")".repeat(62));
        check(&deepest, &["1"], &["x"]);
    }
}
