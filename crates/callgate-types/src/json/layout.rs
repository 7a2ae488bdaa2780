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
pub struct Layout(Box<[Step]>);

/// One node of the tree. The kinds of all nodes and the numbers of members give the whole tree.
#[derive(Debug)]
enum Step {
    Key(Box<str>),
    Scalar,
    Object { members: u32 },
}

impl Layout {
    /// A text with more keys and values has no layout.
    pub const MAX_NODES: usize = 64;

    /// The layout of `json`; `None` where there is an array in it, or much.
    pub fn of(json: &Json) -> Option<Self> {
        let nodes = &json.tree.nodes;
        if nodes.len() > Self::MAX_NODES {
            return None;
        }
        let mut is_key = vec![false; nodes.len()];
        for (index, node) in (0_u32..).zip(nodes) {
            if let Shape::Object(_) = node.shape {
                for (key, _) in json.element(index)?.pairs() {
                    *is_key.get_mut(key.index() as usize)? = true;
                }
            }
        }
        let steps = (0_u32..)
            .zip(nodes)
            .zip(is_key)
            .map(|((index, node), key)| {
                Some(match node.shape {
                    Shape::Array(_) => return None,
                    Shape::Object(span) => Step::Object { members: span.len },
                    _ if key => Step::Key(json.element(index)?.as_str()?.into()),
                    _ => Step::Scalar,
                })
            });
        steps.collect::<Option<_>>().map(Self)
    }

    /// Whether `json` has this layout: then every value is the
    /// [`element`](Json::element) of the same index. Keys with escapes never fit.
    #[inline]
    pub fn fits(&self, json: &Json) -> bool {
        let nodes = &json.tree.nodes;
        nodes.len() == self.0.len()
            && nodes
                .iter()
                .zip(&self.0)
                .all(|(node, step)| step.fits(node, json.text.as_bytes()))
    }
}

impl Step {
    #[inline]
    fn fits(&self, node: &Node, text: &[u8]) -> bool {
        match (self, node.shape) {
            (Self::Key(key), Shape::Plain) => {
                // The quotes stand around it.
                let from = node.start.wrapping_add(1) as usize;
                let to = node.end.wrapping_sub(1) as usize;
                let found = text.get(from..to);
                found.is_some_and(|found| quick_hash::same(found, key.as_bytes()))
            }
            (Self::Object { members }, Shape::Object(span)) => span.len == *members,
            (Self::Scalar, Shape::Array(_) | Shape::Object(_)) => false,
            (Self::Scalar, _) => true,
            _ => false,
        }
    }
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
