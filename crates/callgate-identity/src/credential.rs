//! A credential before anybody has looked at it.

use std::fmt;

use callgate_types::Digest;

/// What somebody shows to prove who they are: a token, as it came.
///
/// It proves nothing yet. The text is a secret: nothing shows it, and what is kept of it is its
/// digest.
///
/// # Examples
///
/// ```
/// use callgate_identity::UnverifiedCredential;
///
/// let credential = UnverifiedCredential::new("eyJhbGciOiJFZERTQSJ9.e30.c2ln");
/// assert_eq!(format!("{credential:?}"), "UnverifiedCredential(29 bytes)");
/// ```
#[derive(Clone)]
pub struct UnverifiedCredential {
    text: Box<str>,
    digest: Digest,
    is_too_long: bool,
}

impl UnverifiedCredential {
    /// The longest text that any verifier looks at, in bytes: 16 KiB.
    pub const MAX_BYTES: usize = 16 << 10;

    /// The credential with this text. Of one that is too long, nothing is kept.
    pub fn new(text: &str) -> Self {
        // Nothing that long is verified, so nothing has to be told from it.
        let is_too_long = text.len() > Self::MAX_BYTES;
        let looked_at = if is_too_long { "" } else { text };
        Self {
            digest: Digest::of(looked_at.as_bytes()),
            text: looked_at.into(),
            is_too_long,
        }
    }

    /// The text; empty where it was too long.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the text was too long to be looked at.
    pub const fn is_too_long(&self) -> bool {
        self.is_too_long
    }

    /// The SHA-256 of the text, which may be kept and shown.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }
}

impl fmt::Debug for UnverifiedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnverifiedCredential({} bytes)", self.text.len())
    }
}
