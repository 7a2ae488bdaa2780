//! What a text must not hold to be taken for a path at all.
//!
//! Each of these is harmless to a POSIX kernel and a trap elsewhere on the way: in a shell, an
//! URL decoder, a Unicode normaliser, a library that also serves another system.

use unicode_normalization::UnicodeNormalization as _;

use super::encoded;

/// Whether every reader takes `text` for the same path.
pub(super) fn is_plain(text: &str) -> bool {
    // POSIX leaves open what exactly two slashes at the beginning mean.
    let has_two_slashes = text.starts_with("//") && !text.starts_with("///");
    if text.is_empty()
        || text.starts_with('~')
        || text.starts_with(char::is_whitespace)
        || text.ends_with(char::is_whitespace)
        || has_two_slashes
        || has_scheme(text)
    {
        return false;
    }
    let mut is_plain = true;
    let mut has_percent = false;
    for byte in text.bytes() {
        is_plain &= byte >= b' ' && byte != 0x7f && byte != b'\\';
        has_percent |= byte == b'%';
    }
    is_plain
        && text.split('/').all(is_plain_component)
        && (text.is_ascii() || text.chars().all(is_plain_char))
        && !(has_percent && encoded::hides_structure(text))
}

/// Whether a character is neither a control nor, once normalised, what paths are built from.
pub(super) fn is_plain_char(c: char) -> bool {
    c.is_ascii()
        || !(c.is_control()
            || [c]
                .into_iter()
                .nfkc()
                .any(|folded| matches!(folded, '.' | '/' | '\\')))
}

/// Whether a component of dots is one that everybody knows: `...`, `.. ` and the like mean the
/// directory above to some.
fn is_plain_component(component: &str) -> bool {
    let first = component.bytes().next();
    // Most begin with a letter or a digit, or with a dot before one.
    if first.is_none_or(|first| first.is_ascii_alphanumeric()) || matches!(component, "." | "..") {
        return true;
    }
    !component
        .chars()
        .all(|c| c == '.' || c.is_whitespace() || is_invisible(c))
}

/// Characters that take no room, or turn the direction of writing; many readers drop them.
pub(super) const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether the text begins with a drive letter or with the scheme of a URL.
fn has_scheme(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let mut bytes = scheme.bytes();
    let is_scheme = bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte));
    is_scheme && (scheme.len() == 1 || rest.starts_with('/'))
}
