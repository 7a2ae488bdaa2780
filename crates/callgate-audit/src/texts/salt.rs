//! What makes a commitment say nothing about its text.

use std::fmt;

use callgate_types::Digest;
use sha2::{Digest as _, Sha256};

/// What stands before salt and text where a commitment is made.
const DOMAIN: &[u8] = b"callgate/commitment/v1\n";

/// 32 random bytes, used for one text alone.
///
/// Whoever knows the salt of a commitment can try texts out. So it is stored with the text and
/// erased with it, and no `Debug` shows it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; 32]);

impl Salt {
    /// Takes 32 bytes that a good source of randomness has given.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The commitment to `text`: `SHA-256("callgate/commitment/v1\n" ‖ salt ‖ text)`.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate_audit::texts::Salt;
    ///
    /// let salt = Salt::from_bytes([7; 32]);
    /// assert_eq!(
    ///     salt.commit_to("{}").to_string(),
    ///     "c71b809899481c4d715d453a017b1e4f8ba2653c2b144709b269cf3c3aa20e04"
    /// );
    /// ```
    pub fn commit_to(&self, text: &str) -> Digest {
        let mut hash = Sha256::new();
        hash.update(DOMAIN);
        hash.update(self.0);
        hash.update(text);
        Digest::from_bytes(hash.finalize().into())
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(..)")
    }
}
