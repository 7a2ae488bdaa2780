//! Names and principals, as records write them.

use std::borrow::Cow;
use std::fmt;

use callgate_types::Digest;

use super::ValueView;

/// A name: whole, or its beginning where it was over 256 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NameView<'a> {
    /// The name, or its beginning.
    pub text: Cow<'a, str>,
    /// Length in bytes and digest of the whole, where this is only its beginning.
    pub cut: Option<(u64, Digest)>,
}

impl<'a> NameView<'a> {
    /// `None` where `value` is null, or no name at all.
    pub fn of(value: ValueView<'a>) -> Option<Self> {
        if let Some(text) = value.as_text() {
            return Some(Self { text, cut: None });
        }
        let text = value.get("cut")?.as_text()?;
        let bytes = value.get("bytes")?.as_u64()?;
        let digest = value.get("digest")?.as_text()?.parse().ok()?;
        Some(Self {
            text,
            cut: Some((bytes, digest)),
        })
    }

    /// Whether the whole name is `name`.
    pub fn is(&self, name: &str) -> bool {
        match self.cut {
            None => self.text == name,
            Some((_, digest)) => {
                name.starts_with(&*self.text) && Digest::of(name.as_bytes()) == digest
            }
        }
    }
}

/// As it is; of one that was cut, with three dots and the length of the whole.
impl fmt::Display for NameView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cut {
            None => f.write_str(&self.text),
            Some((bytes, _)) => write!(f, "{}... ({bytes} bytes)", self.text),
        }
    }
}

/// A principal, and how it was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrincipalView<'a> {
    /// Kind and id: `user:alice`.
    pub id: NameView<'a>,
    /// The word for how it was verified.
    pub verified: Cow<'a, str>,
}

impl<'a> PrincipalView<'a> {
    /// `None` where `value` is null, or no principal.
    pub fn of(value: ValueView<'a>) -> Option<Self> {
        Some(Self {
            id: NameView::of(value.get("id")?)?,
            verified: value.get("verified")?.as_text()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let name = |raw| NameView::of(ValueView::new(raw));
        assert!(name("null").is_none());
        assert!(name("{}").is_none());
        let plain = name(r#""a\nb""#).unwrap();
        assert!(plain.is("a\nb") && !plain.is("a"));
        let whole = "x".repeat(300);
        let digest = Digest::of(whole.as_bytes());
        let raw = format!(r#"{{"cut":"xx","bytes":300,"digest":"{digest}"}}"#);
        let cut = name(&raw).unwrap();
        assert!(cut.is(&whole) && !cut.is("xx") && !cut.is(&"x".repeat(299)));
        assert_eq!(cut.to_string(), "xx... (300 bytes)");
    }
}
