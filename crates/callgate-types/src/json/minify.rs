//! The form in which a value is embedded in one line of a log.

use super::JsonRef;
use super::node::{Node, Shape};

/// Appends `value` without white space between tokens, and with invisible characters escaped.
pub(super) fn write(value: JsonRef<'_>, out: &mut Vec<u8>) {
    let tree = &value.json().tree;
    if tree.unusual {
        out.reserve(value.raw().len());
        put(value, out);
    } else if tree.spaced {
        out.reserve(value.raw().len());
        put_runs(value, out);
    } else {
        out.extend_from_slice(value.raw().as_bytes());
    }
}

/// Appends what stands between white space, piece by piece. White space stands between tokens only,
/// so keys, strings and numbers are passed as a whole.
fn put_runs(value: JsonRef<'_>, out: &mut Vec<u8>) {
    let json = value.json();
    let index = value.index();
    let nodes = json
        .tree
        .nodes
        .get(index as usize..)
        .unwrap_or_default()
        .split_first();
    let Some((first, behind)) = nodes else { return };
    let inside = first.after(index).wrapping_sub(index).wrapping_sub(1);
    let mut runs = Runs {
        text: json.text.as_bytes(),
        run: first.start as usize,
        at: first.start as usize,
        out,
    };
    for node in behind.iter().take(inside as usize) {
        if !is_container(node) {
            runs.pass(node.start as usize);
            runs.at = node.end as usize;
        }
    }
    if is_container(first) {
        runs.pass(first.end as usize);
    }
    runs.end(first.end as usize);
}

const fn is_container(node: &Node) -> bool {
    matches!(node.shape, Shape::Array(_) | Shape::Object(_))
}

/// What has been passed of a text.
struct Runs<'a> {
    text: &'a [u8],
    /// The first byte that has not been appended.
    run: usize,
    /// The first byte that has not been passed.
    at: usize,
    out: &'a mut Vec<u8>,
}

impl Runs<'_> {
    /// Passes what stands between two tokens, and leaves white space out.
    #[inline]
    fn pass(&mut self, end: usize) {
        let gap = self.text.get(self.at..end).unwrap_or_default();
        for (place, byte) in (self.at..end).zip(gap) {
            if *byte <= b' ' {
                self.end(place);
                self.run = place.wrapping_add(1);
            }
        }
    }

    /// Appends the run that ends before `end`.
    #[inline]
    fn end(&mut self, end: usize) {
        let run = self.text.get(self.run..end).unwrap_or_default();
        self.out.extend_from_slice(run);
    }
}

/// Appends `value` token by token; [`Json::MAX_DEPTH`](super::Json::MAX_DEPTH) bounds the
/// recursion.
fn put(value: JsonRef<'_>, out: &mut Vec<u8>) {
    match value.shape() {
        Shape::Array(_) => {
            out.push(b'[');
            for (place, item) in value.items().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                put(item, out);
            }
            out.push(b']');
        }
        Shape::Object(_) => {
            out.push(b'{');
            for (place, (key, member)) in value.pairs().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                put(key, out);
                out.push(b':');
                put(member, out);
            }
            out.push(b'}');
        }
        Shape::Plain | Shape::Short(_) | Shape::Escaped { .. } => put_visible(value.raw(), out),
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
