//! Patterns for names.

use std::sync::Arc;

/// A pattern for a name: `*` stands for any run of characters, everything else for itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NamePattern {
    text: Arc<str>,
}

impl NamePattern {
    /// The pattern `text`.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into() }
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The one name that matches; `None` where there are several.
    pub fn exact(&self) -> Option<&str> {
        (!self.text.contains('*')).then_some(&*self.text)
    }

    /// Whether `name` matches. Takes time in proportion to the product of both lengths at worst.
    pub fn matches(&self, name: &str) -> bool {
        let mut pieces = self.text.split('*');
        let Some(mut rest) = pieces.next().and_then(|first| name.strip_prefix(first)) else {
            return false;
        };
        let mut last = None;
        for piece in pieces {
            // Every piece but the last may match at its first place: what follows can only gain.
            if let Some(middle) = last.replace(piece) {
                match rest.split_once(middle) {
                    Some((_, after)) => rest = after,
                    None => return false,
                }
            }
        }
        last.map_or(rest.is_empty(), |end| rest.ends_with(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, name: &str, expected: bool) {
        assert_eq!(
            NamePattern::new(pattern).matches(name),
            expected,
            "{pattern} {name}"
        );
    }

    #[test]
    fn name_patterns() {
        check("read_file", "read_file", true);
        check("read_file", "read_files", false);
        check("*", "", true);
        check("*", "anything", true);
        check("billing.*", "billing.adjust", true);
        check("billing.*", "billing", false);
        check("*.read", "a.read", true);
        check("a*a", "a", false);
        check("a*a", "aa", true);
        check("a*b*c", "a-b-b-c", true);
        check("a*b*c", "a-c-b", false);
        check("**", "x", true);
        check("*ab", "aab", true);
    }
}
