//! Pointers into JSON.

use std::fmt;
use std::sync::Arc;

use callgate_types::push_pointer_token;

/// A JSON Pointer (RFC 6901).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pointer(Arc<Parts>);

/// The text comes first: by it pointers are put in order.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Parts {
    text: Box<str>,
    tokens: Box<[Box<str>]>,
}

impl Pointer {
    /// Reads a pointer: empty, or tokens with `/` before each, where `~0` is `~` and `~1` is `/`.
    pub fn parse(text: &str) -> Option<Self> {
        let tokens = match text.strip_prefix('/') {
            None if text.is_empty() => Box::default(),
            None => return None,
            Some(rest) => rest.split('/').map(unescape).collect::<Option<_>>()?,
        };
        Some(Self(Arc::new(Parts {
            text: text.into(),
            tokens,
        })))
    }

    /// The pointer to the member `name` of an object.
    pub fn to_member(name: &str) -> Self {
        let mut text = String::new();
        push_pointer_token(&mut text, name);
        Self(Arc::new(Parts {
            text: text.into(),
            tokens: [name.into()].into(),
        }))
    }

    /// The pointer as written.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// Its tokens, with the escapes undone.
    pub fn tokens(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.0.tokens.iter().map(|token| &**token)
    }
}

fn unescape(token: &str) -> Option<Box<str>> {
    let mut plain = String::with_capacity(token.len());
    let mut chars = token.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '~' => match chars.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return None,
            },
            other => other,
        });
    }
    Some(plain.into())
}

impl fmt::Debug for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers() {
        let tokens =
            |text| Pointer::parse(text).map(|at| at.tokens().collect::<Vec<_>>().join("|"));
        assert_eq!(tokens(""), Some(String::new()));
        assert_eq!(tokens("/a/b~1c/~0"), Some("a|b/c|~".into()));
        assert_eq!(tokens("/"), Some(String::new()));
        assert_eq!(tokens("a"), None);
        assert_eq!(tokens("/a~2"), None);
        assert_eq!(tokens("/a~"), None);
        for name in ["", "a", "a/b~", "~1"] {
            let member = Pointer::to_member(name);
            assert_eq!(Pointer::parse(member.as_str()), Some(member.clone()));
            assert_eq!(member.tokens().collect::<Vec<_>>(), [name]);
        }
    }
}
