//! Rust source without its comments and without what its literals say.

/// `source` with comments and the contents of literals turned into blanks, line by line as before.
///
/// A rule about code then finds neither a comment that speaks of it nor a text that quotes it.
pub(crate) fn code_of(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let after_name = code.ends_with(|last: char| last.is_alphanumeric() || last == '_');
        let blank = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = raw_string(rest).filter(|_| !after_name) {
            length
        } else if first == '"' {
            closing(rest, '"')
        } else if first == '\'' {
            character(rest)
        } else {
            0
        };
        let (blanked, kept) = match blank {
            0 => ("", first.len_utf8()),
            _ => (rest.get(..blank).unwrap_or(rest), 0),
        };
        code.extend(blanked.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        code.push_str(
            rest.get(blank..blank.saturating_add(kept))
                .unwrap_or_default(),
        );
        rest = rest.get(blank.saturating_add(kept)..).unwrap_or_default();
    }
    code
}

/// The length of the comment, with those nested in it, at the start of `text`.
fn block_comment(text: &str) -> usize {
    let mut depth = 0_u32;
    let mut at = 0_usize;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let step = if rest.starts_with("/*") {
            depth = depth.saturating_add(1);
            2
        } else if rest.starts_with("*/") {
            depth = depth.saturating_sub(1);
            2
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        at = at.saturating_add(step);
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of the raw string at the start of `text`, if there is one.
fn raw_string(text: &str) -> Option<usize> {
    let marked = text.trim_start_matches(['b', 'c']).strip_prefix('r')?;
    let body = marked.trim_start_matches('#');
    let hashes = marked.len().checked_sub(body.len())?;
    let body = body.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end)?.checked_add(end.len())?;
    text.len().checked_sub(body.len())?.checked_add(length)
}

/// The length of the literal at the start of `text`, which `quote` opens and closes.
fn closing(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at.saturating_add(1),
            _ => {}
        }
    }
    text.len()
}

/// The length of the character at the start of `text`; 0 for the quote of a lifetime.
fn character(text: &str) -> usize {
    let mut inside = text.chars().skip(1);
    match (inside.next(), inside.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => closing(text, '\''),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &str) {
        let code = code_of(source);
        assert_eq!(code.lines().count(), source.lines().count());
        let words: Vec<&str> = code.split_whitespace().collect();
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn comments() {
        check("a // b\nc", "a c");
        check("a /* b /* c */ d */ e", "a e");
        check("/// a\n//! b\n#[x] // ü\nf()", "#[x] f()");
        check("a /* open", "a");
    }

    #[test]
    fn literals() {
        check(r#"a("b // c", d)"#, "a( , d)");
        check(r#"a("b \" c") d"#, "a( ) d");
        check("a(\"b\nc\") d", "a( ) d");
        check(r##"a(r#"b " c"#) d"##, "a( ) d");
        check(r#"a(br"b\") d"#, "a( ) d");
        check(r#"for"x" y"#, "for y");
        check(r"a('\'', 'b', '\u{7f}') c", "a( , , ) c");
        check(r"x('ü') y", "x( ) y");
    }

    #[test]
    fn lifetimes_stay() {
        check(
            "fn a<'b>(c: &'b str, d: &'static e)",
            "fn a<'b>(c: &'b str, d: &'static e)",
        );
        check("('a', 'b: loop)", "( , 'b: loop)");
    }
}
