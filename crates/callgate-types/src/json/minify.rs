//! The form in which a value is embedded in one line of a log.

use super::JsonRef;
use super::node::Shape;

/// Appends `value` without white space between tokens, and with invisible characters escaped.
pub(super) fn write(value: JsonRef<'_>, out: &mut Vec<u8>) {
    let tree = &value.json().tree;
    if tree.spaced || tree.unusual {
        out.reserve(value.raw().len());
        put(value, tree.unusual, out);
    } else {
        out.extend_from_slice(value.raw().as_bytes());
    }
}

/// Appends `value` token by token; [`Json::MAX_DEPTH`](super::Json::MAX_DEPTH) bounds the
/// recursion.
fn put(value: JsonRef<'_>, unusual: bool, out: &mut Vec<u8>) {
    match value.shape() {
        Shape::Array(_) => {
            out.push(b'[');
            for (place, item) in value.items().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                put(item, unusual, out);
            }
            out.push(b']');
        }
        Shape::Object(_) => {
            out.push(b'{');
            for (place, (key, member)) in value.pairs().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                put(key, unusual, out);
                out.push(b':');
                put(member, unusual, out);
            }
            out.push(b'}');
        }
        Shape::Plain | Shape::Escaped { .. } if unusual => put_visible(value.raw(), out),
        _ => out.extend_from_slice(value.raw().as_bytes()),
    }
}

/// Appends a string as written, but for what cannot be seen.
fn put_visible(string: &str, out: &mut Vec<u8>) {
    let mut rest = string;
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
