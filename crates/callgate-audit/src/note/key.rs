//! The keys that notes are verified with.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256};

#[cfg(feature = "ed25519")]
use super::ed25519;

/// Longest name, in bytes.
const MAX_NAME: usize = 128;

/// How a key signs: one byte, which C2SP gives out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyAlgorithm(u8);

impl KeyAlgorithm {
    /// Ed25519 over the text of a note.
    pub const ED25519: Self = Self(0x01);
    /// Ed25519 over the text of a note and the time at which a witness saw it.
    pub const ED25519_COSIGNATURE: Self = Self(0x04);

    /// The algorithm of that byte.
    pub const fn from_byte(byte: u8) -> Self {
        Self(byte)
    }

    /// The byte.
    pub const fn as_byte(self) -> u8 {
        self.0
    }
}

/// The public half of a key, and its name.
///
/// Its text is `NAME+ID+BASE64`. The name of a log's key is the origin of the log.
///
/// # Examples
///
/// ```
/// use callgate_audit::{ParseKeyError, VerifyingKey};
///
/// let text = "example.org/log+00000000+AAAA";
/// assert!(text.parse::<VerifyingKey>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    name: String,
    algorithm: KeyAlgorithm,
    public: Vec<u8>,
    id: [u8; 4],
}

impl VerifyingKey {
    /// The key `name` of `algorithm` with these public bytes: for those who sign with something
    /// of their own.
    ///
    /// # Errors
    ///
    /// Refuses a name that can be none, an algorithm that this build does not know, and bytes
    /// that are no key of it.
    pub fn from_parts(
        name: &str,
        algorithm: KeyAlgorithm,
        public: &[u8],
    ) -> Result<Self, ParseKeyError> {
        if !is_name(name) {
            return Err(ParseKeyError::BadName);
        }
        check_public(algorithm, public)?;
        Ok(Self {
            name: name.to_owned(),
            algorithm,
            public: public.to_vec(),
            id: id_of(name, algorithm, public),
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it signs.
    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// What tells it from other keys of the same name.
    pub const fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Whether `signature` is one by this key over `message`.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        is_ed25519(self.algorithm) && ed25519::verify(&self.public, message, signature)
    }
}

const fn is_ed25519(algorithm: KeyAlgorithm) -> bool {
    let of_one_kind = matches!(
        algorithm,
        KeyAlgorithm::ED25519 | KeyAlgorithm::ED25519_COSIGNATURE
    );
    of_one_kind && cfg!(feature = "ed25519")
}

/// Whether `name` can be the name of a key or a log.
pub(super) fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'!'..=b'~') && byte != b'+')
}

pub(super) fn id_of(name: &str, algorithm: KeyAlgorithm, public: &[u8]) -> [u8; 4] {
    let mut state = Sha256::new();
    state.update(name.as_bytes());
    state.update([b'\n', algorithm.0]);
    state.update(public);
    let digest: [u8; 32] = state.finalize().into();
    let [first, second, third, fourth, ..] = digest;
    [first, second, third, fourth]
}

fn check_public(algorithm: KeyAlgorithm, public: &[u8]) -> Result<(), ParseKeyError> {
    if !is_ed25519(algorithm) {
        let KeyAlgorithm(algorithm) = algorithm;
        return Err(ParseKeyError::UnknownAlgorithm { algorithm });
    }
    if ed25519::is_key(public) {
        Ok(())
    } else {
        Err(ParseKeyError::BadKey)
    }
}

/// Name, id and bytes of a key in text.
pub(super) fn parts(text: &str) -> Option<(&str, [u8; 4], &str)> {
    // The last part may hold a `+`, and the name holds none.
    let (name, rest) = text.split_once('+')?;
    let (id, base64) = rest.split_once('+')?;
    let plain = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
    if id.len() != 8 || !id.bytes().all(plain) {
        return None;
    }
    let id = u32::from_str_radix(id, 16).ok()?;
    Some((name, id.to_be_bytes(), base64))
}

/// The text is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseKeyError {
    /// It does not have the parts of a key.
    #[error("expected a key: `NAME+ID+BASE64`")]
    Malformed,
    /// The name can be none.
    #[error("expected a name of 1 to {MAX_NAME} characters from `!` to `~`, without `+`")]
    BadName,
    /// The id is not that of the key.
    #[error("the id of the key does not fit the rest of it")]
    WrongId,
    /// This build does not know how the key signs.
    #[error("the algorithm {algorithm} of the key is not known here")]
    UnknownAlgorithm {
        /// The byte that names it.
        algorithm: u8,
    },
    /// The bytes are not a key, or one that anybody can sign for.
    #[error("the bytes of the key are not those of a key")]
    BadKey,
}

impl FromStr for VerifyingKey {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, id, base64) = parts(text).ok_or(ParseKeyError::Malformed)?;
        let bytes = Base64::decode_vec(base64).map_err(|_| ParseKeyError::Malformed)?;
        let (algorithm, public) = bytes.split_first().ok_or(ParseKeyError::Malformed)?;
        let key = Self::from_parts(name, KeyAlgorithm(*algorithm), public)?;
        if key.id == id {
            Ok(key)
        } else {
            Err(ParseKeyError::WrongId)
        }
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u32::from_be_bytes(self.id);
        let bytes = [&[self.algorithm.0], &*self.public].concat();
        write!(
            f,
            "{}+{id:08x}+{}",
            self.name,
            Base64::encode_string(&bytes)
        )
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Without the feature there is no key, and nothing to verify with one.
#[cfg(not(feature = "ed25519"))]
mod ed25519 {
    pub(super) const fn is_key(_public: &[u8]) -> bool {
        false
    }

    pub(super) const fn verify(_public: &[u8], _message: &[u8], _signature: &[u8]) -> bool {
        false
    }
}
