//! The four ways of bash to quote.
//!
//! Each function but the first reads one quotation at the start of a text, adds what it stands for to
//! a buffer, and returns how many bytes it took; `None` where it does not end, or where what it
//! stands for depends on more than the text.

/// What a word stands for that is one quotation, where that stands in the text as it is; and how
/// long the word is.
#[inline]
pub(super) fn whole(text: &str) -> Option<(&str, usize)> {
    let quote @ (b'\'' | b'"') = *text.as_bytes().first()? else {
        return None;
    };
    let inside = text.get(1..)?;
    let ends = |byte: u8| byte == quote || quote == b'"' && matches!(byte, b'\\' | b'$' | b'`');
    let length = inside.bytes().position(ends)?;
    let (quoted, rest) = inside.split_at_checked(length)?;
    let is_end = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'|');
    match rest.as_bytes() {
        [end, behind @ ..] if *end == quote && behind.first().is_none_or(is_end) => {
            Some((quoted, length.checked_add(2)?))
        }
        _ => None,
    }
}

/// `'…'`: everything stands for itself.
pub(super) fn single(text: &str, decoded: &mut String) -> Option<usize> {
    let (quoted, _) = text.strip_prefix('\'')?.split_once('\'')?;
    decoded.push_str(quoted);
    quoted.len().checked_add(2)
}

/// `"…"`: a backslash quotes `$`, `` ` ``, `"`, itself and the end of a line.
pub(super) fn double(text: &str, decoded: &mut String) -> Option<usize> {
    let mut rest = text.strip_prefix('"')?;
    loop {
        let at = rest.find(['"', '\\', '$', '`'])?;
        let (plain, special) = rest.split_at_checked(at)?;
        decoded.push_str(plain);
        let mut chars = special.chars();
        match (chars.next()?, chars.next()) {
            ('"', _) => return text.len().checked_sub(special.len())?.checked_add(1),
            ('\\', Some('\n')) => rest = chars.as_str(),
            ('\\', Some(quoted @ ('$' | '`' | '"' | '\\'))) => {
                decoded.push(quoted);
                rest = chars.as_str();
            }
            ('\\', Some(_)) => {
                decoded.push('\\');
                rest = special.get(1..)?;
            }
            ('$', Some(next)) => {
                let after = chars.next();
                if !stands_for_itself_before(next, after) {
                    return None;
                }
                decoded.push('$');
                rest = special.get(1..)?;
            }
            _ => return None,
        }
    }
}

/// `\c`: the character stands for itself; the end of a line vanishes.
pub(super) fn backslash(text: &str, decoded: &mut String) -> Option<usize> {
    let quoted = text.strip_prefix('\\')?.chars().next()?;
    if quoted != '\n' {
        decoded.push(quoted);
    }
    quoted.len_utf8().checked_add(1)
}

/// `$'…'`: escapes as in C, of which those are read that give an ASCII character.
pub(super) fn ansi(text: &str, decoded: &mut String) -> Option<usize> {
    let mut rest = text.strip_prefix("$'")?;
    loop {
        let at = rest.find(['\'', '\\'])?;
        let (plain, special) = rest.split_at_checked(at)?;
        decoded.push_str(plain);
        if special.starts_with('\'') {
            return text.len().checked_sub(special.len())?.checked_add(1);
        }
        let (character, length) = escape(special.strip_prefix('\\')?)?;
        decoded.push(character);
        rest = special.get(length.checked_add(1)?..)?;
    }
}

/// Whether a `$` in double quotes is only a dollar sign, as in `"^end$"`.
const fn stands_for_itself_before(next: char, after: Option<char>) -> bool {
    match next {
        '"' | ' ' | '\t' | '\n' | '|' | ')' | '/' | '.' | ',' | ':' | ';' | '%' | '=' | '\'' => {
            true
        }
        // The end of a line vanishes, and what follows it comes next.
        '\\' => !matches!(after, None | Some('\n')),
        _ => false,
    }
}

/// The character that an escape gives, and how many bytes it takes after the backslash.
fn escape(text: &str) -> Option<(char, usize)> {
    let letter = text.chars().next()?;
    let character = match letter {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'e' | 'E' => '\u{1b}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' | '\'' | '"' | '?' => letter,
        '0'..='7' => return number(text, 8, 3),
        'x' => return prefixed(text, 2),
        'u' => return prefixed(text, 4),
        'U' => return prefixed(text, 8),
        _ => return None,
    };
    Some((character, 1))
}

fn prefixed(text: &str, max_digits: usize) -> Option<(char, usize)> {
    let (character, length) = number(text.get(1..)?, 16, max_digits)?;
    Some((character, length.checked_add(1)?))
}

/// A number of at most so many digits as the ASCII character that it is the code of.
///
/// Beyond ASCII the result depends on the locale, and at zero the word would end.
fn number(text: &str, radix: u32, max_digits: usize) -> Option<(char, usize)> {
    let digits = text.chars().take(max_digits);
    let length = digits.take_while(|digit| digit.is_digit(radix)).count();
    let code = u32::from_str_radix(text.get(..length)?, radix).ok()?;
    let character = char::from_u32(code).filter(|c| c.is_ascii() && *c != '\0')?;
    Some((character, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let mut decoded = String::new();
        let length = match text.as_bytes()[0] {
            b'\'' => single(text, &mut decoded),
            b'"' => double(text, &mut decoded),
            b'$' => ansi(text, &mut decoded),
            _ => backslash(text, &mut decoded),
        };
        let found = length.map(|length| {
            assert_eq!(length, text.len());
            &*decoded
        });
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn single_quotes() {
        check(r#"'a"\$`b'"#, Some(r#"a"\$`b"#));
        check("''", Some(""));
        check("'a", None);
    }

    #[test]
    fn double_quotes() {
        check(r#""a'b""#, Some("a'b"));
        check(r#""\$\`\"\\\n\'""#, Some(r#"$`"\\n\'"#));
        check("\"a\\\nb\"", Some("ab"));
        check(r#""end$""#, Some("end$"));
        check(r#""a$|b""#, Some("a$|b"));
        check(r#""a$\|b""#, Some(r"a$\|b"));
        for expansion in [
            "$a", "$_", "$1", "${a}", "$(a)", "$[1]", "$?", "$$", "$!", "$@", "$*", "$#", "$-",
            "`a`",
        ] {
            check(&format!("\"{expansion}\""), None);
        }
        check("\"$\\\na\"", None);
        check("\"a\\", None);
        check("\"a", None);
    }

    #[test]
    fn backslashes() {
        check(r"\a", Some("a"));
        check(r"\ ", Some(" "));
        check("\\\n", Some(""));
        check(r"\é", Some("é"));
        check("\\", None);
    }

    #[test]
    fn ansi_quotes() {
        check(
            r"$'a\tb\n\\\'\?\x41\x4\101\7'",
            Some("a\tb\n\\'?A\u{4}A\u{7}"),
        );
        check(r"$'\u0041\U00000042\u43'", Some("ABC"));
        check(r"$'\0551'", Some("-1"));
        check(r#"$'a"b$c`'"#, Some(r#"a"b$c`"#));
        for refused in [
            r"\0", r"\x00", r"\xff", r"\377", r"\u00e9", r"\x", r"\u", r"\cA", r"\q", "\\\n",
            r"\777",
        ] {
            check(&format!("$'{refused}'"), None);
        }
        check(r"$'a\'", None);
    }
}
