//! Which keys a text has, and in which order.

use super::Json;
use super::node::{Node, Shape};
use crate::quick_hash;

/// The keys of a text, in their order, where all other values are texts, numbers, truth values
/// and `null`.
///
/// A model writes the arguments of a tool in one order nearly always. Whoever has found out what
/// the values of one text are need not do so again for the next one of the same layout.
///
/// # Examples
///
/// ```
/// use callgate_types::{Json, Layout};
///
/// let known = Layout::of(&Json::parse(r#"{"to": {"id": 7}, "note": "x"}"#)?).unwrap();
/// assert!(known.fits(&Json::parse(r#"{"to":{"id":"seven"},"note":null}"#)?));
/// assert!(!known.fits(&Json::parse(r#"{"note": "x", "to": {"id": 7}}"#)?));
/// assert!(!known.fits(&Json::parse(r#"{"to": {"id": 7}, "note": []}"#)?));
/// # Ok::<_, callgate_types::RefusedJson>(())
/// ```
#[derive(Debug)]
pub struct Layout {
    outermost: Inside,
    /// Without arrays, keys and values take turns behind the outermost value: where the numbers of
    /// members are the same, so is the tree.
    members: Box<[Member]>,
}

#[derive(Debug)]
struct Member {
    key: Key,
    value: Inside,
}

#[derive(Debug)]
enum Key {
    /// The content of a short string.
    Short(u64),
    Long(Box<str>),
}

/// How many members there are inside of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Inside(u32);

impl Inside {
    /// It is no container.
    const NOTHING: Self = Self(u32::MAX);
    /// An object never has so many members.
    const ARRAY: Self = Self(u32::MAX - 1);

    #[inline]
    const fn of(node: &Node) -> Self {
        match node.shape {
            Shape::Array(_) => Self::ARRAY,
            Shape::Object(span) => Self(span.len),
            _ => Self::NOTHING,
        }
    }

    fn of_known(node: &Node) -> Option<Self> {
        Some(Self::of(node)).filter(|inside| *inside != Self::ARRAY)
    }
}

impl Key {
    fn of(node: &Node, text: &[u8]) -> Option<Self> {
        Some(match node.shape {
            Shape::Short(content) => Self::Short(content.get()),
            Shape::Plain => Self::Long(str::from_utf8(plain(node, text)).ok()?.into()),
            _ => return None,
        })
    }

    #[inline]
    fn is(&self, node: &Node, text: &[u8]) -> bool {
        match (self, node.shape) {
            (Self::Short(known), Shape::Short(content)) => *known == content.get(),
            (Self::Long(known), Shape::Plain) => {
                quick_hash::same(plain(node, text), known.as_bytes())
            }
            _ => false,
        }
    }
}

impl Layout {
    /// A text with more keys and values has no layout.
    pub const MAX_NODES: usize = 64;

    /// The layout of `json`; `None` where there is an array in it, or much.
    pub fn of(json: &Json) -> Option<Self> {
        let (outermost, inner) = json.tree.nodes.split_first()?;
        if inner.len() >= Self::MAX_NODES {
            return None;
        }
        let (pairs, rest) = inner.as_chunks::<2>();
        let text = json.text.as_bytes();
        let members = pairs.iter().map(|[key, value]| {
            Some(Member {
                key: Key::of(key, text)?,
                value: Inside::of_known(value)?,
            })
        });
        // With an array in it, values may follow each other; then there is none.
        let members = members.collect::<Option<_>>()?;
        let outermost = Inside::of_known(outermost)?;
        rest.is_empty().then_some(Self { outermost, members })
    }

    /// Whether `json` has this layout: then every value is the
    /// [`element`](Json::element) of the same index. Keys with escapes never fit.
    #[inline]
    pub fn fits(&self, json: &Json) -> bool {
        let Some((outermost, inner)) = json.tree.nodes.split_first() else {
            return false;
        };
        let (pairs, rest) = inner.as_chunks::<2>();
        let text = json.text.as_bytes();
        pairs.len() == self.members.len()
            && rest.is_empty()
            && Inside::of(outermost) == self.outermost
            && pairs
                .iter()
                .zip(&self.members)
                .all(|([key, value], member)| {
                    member.key.is(key, text) && Inside::of(value) == member.value
                })
    }
}

/// The content of a string without escapes: the quotes stand around it.
#[inline]
fn plain<'a>(node: &Node, text: &'a [u8]) -> &'a [u8] {
    let from = node.start.wrapping_add(1) as usize;
    let to = node.end.wrapping_sub(1) as usize;
    text.get(from..to).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(known: &str, other: &str, fits: bool) {
        let known = Layout::of(&Json::parse(known).unwrap()).unwrap();
        assert_eq!(known.fits(&Json::parse(other).unwrap()), fits, "{other}");
    }

    #[test]
    fn the_same_keys_in_the_same_order() {
        let known = r#"{"a": 1, "b": {"c": "x", "d": null}, "e": true}"#;
        check(known, known, true);
        check(known, r#"{"a":"","b":{"c":1e9,"d":"d"},"e":"e"}"#, true);
        check(known, r#"{"a": 1, "b": {"c": "x", "d": null}}"#, false);
        check(
            known,
            r#"{"a": 1, "b": {"c": "x"}, "d": null, "e": true}"#,
            false,
        );
        check(
            known,
            r#"{"a": 1, "b": {"c": "x", "d": null, "e": true}}"#,
            false,
        );
        check(
            known,
            r#"{"a": 1, "b": {"c": "x", "D": null}, "e": true}"#,
            false,
        );
        check(
            known,
            r#"{"\u0061": 1, "b": {"c": "x", "d": null}, "e": true}"#,
            false,
        );
        check(
            known,
            r#"{"a": 1, "b": ["c", "x", "d", null], "e": true}"#,
            false,
        );
        check(
            known,
            r#"{"a": {"b": 1}, "c": "x", "d": null, "e": true}"#,
            false,
        );
    }

    #[test]
    fn keys_of_any_length() {
        for length in 0..20 {
            let key = "k".repeat(length);
            let known = format!(r#"{{"{key}": 1}}"#);
            check(&known, &known, true);
            check(&known, &format!(r#"{{"{key}x": 1}}"#), false);
            let other = "k".repeat(length.saturating_sub(1));
            check(&known, &format!(r#"{{"{other}x": 1}}"#), false);
            check(&known, &format!(r#"{{"{key}\u0000": 1}}"#), false);
        }
    }

    #[test]
    fn values_are_no_keys() {
        let known = r#"{"a": "b", "c": "d"}"#;
        check(known, r#"{"a": "c", "c": "a"}"#, true);
        check(known, r#"{"a": ["c", "c"]}"#, false);
        check(r#"{"a": 1}"#, r#"["a", 1]"#, false);
        check("1", "2", true);
        check("1", "[]", false);
        check("{}", "{}", true);
        check("{}", "[]", false);
    }

    #[test]
    fn some_have_none() {
        let many: Vec<String> = (0..40).map(|n| format!("\"k{n}\":1")).collect();
        for text in [r#"{"a": []}"#, "[1]", &format!("{{{}}}", many.join(","))] {
            assert!(Layout::of(&Json::parse(text).unwrap()).is_none(), "{text}");
        }
    }
}
