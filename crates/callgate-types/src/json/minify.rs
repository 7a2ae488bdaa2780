//! The form in which a value is embedded in one line of a log.

use super::JsonRef;

/// Appends `value` without white space between tokens, and with invisible characters escaped.
pub(super) fn write(value: JsonRef<'_>, out: &mut Vec<u8>) {
    let tree = &value.json().tree;
    let raw = value.raw();
    if !tree.spaced && !tree.unusual {
        out.extend_from_slice(raw.as_bytes());
        return;
    }
    out.reserve(raw.len());
    let mut rest = raw;
    while let Some((between, behind)) = rest.split_once('"') {
        put_tokens(between, out);
        out.push(b'"');
        let (content, behind) = split_string(behind);
        put_content(content, out);
        out.push(b'"');
        rest = behind;
    }
    put_tokens(rest, out);
}

/// Splits behind an opening quote: the content, and what follows the closing quote.
fn split_string(text: &str) -> (&str, &str) {
    let mut escaped = false;
    let close = text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    close
        .and_then(|at| text.split_at_checked(at))
        .map_or((text, ""), |(content, behind)| {
            (content, behind.strip_prefix('"').unwrap_or(behind))
        })
}

fn put_tokens(tokens: &str, out: &mut Vec<u8>) {
    out.extend(tokens.bytes().filter(|byte| !byte.is_ascii_whitespace()));
}

fn put_content(content: &str, out: &mut Vec<u8>) {
    let mut rest = content;
    while let Some(at) = rest.find(is_invisible) {
        let Some((before, behind)) = rest.split_at_checked(at) else {
            break;
        };
        let mut behind = behind.chars();
        let code = behind.next().map_or(0, u32::from);
        out.extend_from_slice(before.as_bytes());
        out.extend_from_slice(format!("\\u{code:04x}").as_bytes());
        rest = behind.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
}

/// Characters that a terminal or an editor obeys instead of showing them.
const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}
