//! Ed25519 keys, made of bytes that the host chose.

use std::fmt;
use std::str::FromStr;

use biscuit_auth::builder::Algorithm;
use biscuit_auth::{KeyPair, PrivateKey};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};

use super::signature::Signature;

/// A secret Ed25519 key: of a root, of a holder, or the next one in a token.
///
/// It cannot be copied, is wiped when dropped, and is never shown. This crate has no source of
/// randomness: the 32 bytes come from the host's. **The next key of a token is used once**: with
/// the same bytes in two blocks of a token, whoever holds the token can drop the later one.
///
/// # Examples
///
/// ```
/// use callgate_identity::capability::SecretKey;
///
/// let key = SecretKey::from_seed([7, 1, 9, 4, 2, 8, 6, 5, 3, 0, 7, 1, 9, 4, 2, 8,
///                                 6, 5, 3, 0, 7, 1, 9, 4, 2, 8, 6, 5, 3, 0, 1, 1])?;
/// assert_eq!(format!("{key:?}"), format!("SecretKey(of {})", key.public()));
/// assert!(SecretKey::from_seed([0; 32]).is_err());
/// # Ok::<(), callgate_identity::capability::KeyError>(())
/// ```
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key made of 32 random bytes.
    ///
    /// # Errors
    ///
    /// Refuses 32 equal bytes, which is what a source of randomness gives that has failed.
    pub fn from_seed(seed: [u8; 32]) -> Result<Self, KeyError> {
        let [first, rest @ ..] = seed;
        if rest.iter().all(|byte| *byte == first) {
            return Err(KeyError::NotRandom);
        }
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// The public key that belongs to it.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// As the crate for the tokens knows it.
    pub(super) fn pair(&self) -> Option<KeyPair> {
        let private = PrivateKey::from_bytes(self.0.as_bytes(), Algorithm::Ed25519);
        Some(KeyPair::from(&private.ok()?))
    }

    pub(super) fn sign(&self, message: &[u8]) -> Signature {
        Signature::from_bytes(self.0.sign(message).to_bytes())
    }
}

/// Names the public key alone.
impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public())
    }
}

/// A public Ed25519 key; written as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The key that these bytes are.
    ///
    /// # Errors
    ///
    /// Refuses bytes that are no point of the curve, and keys for which anybody can sign.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, KeyError> {
        match VerifyingKey::from_bytes(&bytes) {
            Ok(key) if !key.is_weak() => Ok(Self(bytes)),
            _ => Err(KeyError::NotAKey),
        }
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As the crate for the tokens knows it.
    pub(super) fn theirs(&self) -> Option<biscuit_auth::PublicKey> {
        biscuit_auth::PublicKey::from_bytes(&self.0, Algorithm::Ed25519).ok()
    }

    /// Whether `signature` is that of `message` by this key, in its one spelling.
    pub(super) fn has_signed(&self, message: &[u8], signature: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        callgate_types::Digest::from_bytes(self.0).fmt(f)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes: callgate_types::Digest = text.parse().map_err(|_| KeyError::NotHex)?;
        Self::from_bytes(*bytes.as_bytes())
    }
}

/// Why bytes are no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// All bytes of a seed are the same.
    #[error("expected 32 random bytes, found one byte 32 times")]
    NotRandom,
    /// The bytes are no point of the curve, or one of small order.
    #[error("expected an Ed25519 key")]
    NotAKey,
    /// The text is not a key in hex.
    #[error("expected 64 lower-case hex digits")]
    NotHex,
}
