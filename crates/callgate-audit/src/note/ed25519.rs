//! Ed25519 (RFC 8032).

use std::fmt;

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey as Public};
use zeroize::Zeroizing;

use super::key::{self, KeyAlgorithm, ParseKeyError, VerifyingKey};
use super::signer::{SignError, Signer};

const PRIVATE: &str = "PRIVATE+KEY+";

/// A key in memory. It is wiped when it is dropped, and shows only its public half.
///
/// # Examples
///
/// ```
/// use callgate_audit::{Ed25519Signer, Signer};
///
/// // From a source of randomness; this one is for the example.
/// let signer = Ed25519Signer::new("example.org/log", [7; 32])?;
/// let kept = signer.to_private_text();
/// let again = Ed25519Signer::from_private_text(&kept)?;
/// assert_eq!(again.key(), signer.key());
/// # Ok::<(), callgate_audit::ParseKeyError>(())
/// ```
pub struct Ed25519Signer {
    key: VerifyingKey,
    secret: SigningKey,
}

impl Ed25519Signer {
    /// The key of the log `name`, made of 32 bytes that nobody else can know.
    ///
    /// # Errors
    ///
    /// Refuses a name that can be none.
    pub fn new(name: &str, seed: [u8; 32]) -> Result<Self, ParseKeyError> {
        Self::of(name, KeyAlgorithm::ED25519, &Zeroizing::new(seed))
    }

    /// The key of the witness `name`, made of 32 bytes that nobody else can know.
    ///
    /// # Errors
    ///
    /// Refuses a name that can be none.
    pub fn witness(name: &str, seed: [u8; 32]) -> Result<Self, ParseKeyError> {
        let seed = Zeroizing::new(seed);
        Self::of(name, KeyAlgorithm::ED25519_COSIGNATURE, &seed)
    }

    fn of(name: &str, algorithm: KeyAlgorithm, seed: &[u8; 32]) -> Result<Self, ParseKeyError> {
        let secret = SigningKey::from_bytes(seed);
        let public = secret.verifying_key();
        let key = VerifyingKey::from_parts(name, algorithm, public.as_bytes())?;
        Ok(Self { key, secret })
    }

    /// Reads `PRIVATE+KEY+NAME+ID+BASE64`.
    ///
    /// # Errors
    ///
    /// Refuses what is not such a key.
    pub fn from_private_text(text: &str) -> Result<Self, ParseKeyError> {
        let text = text.strip_prefix(PRIVATE).ok_or(ParseKeyError::Malformed)?;
        let (name, id, base64) = key::parts(text).ok_or(ParseKeyError::Malformed)?;
        let bytes = Base64::decode_vec(base64).map_err(|_| ParseKeyError::Malformed)?;
        let bytes = Zeroizing::new(bytes);
        let (algorithm, seed) = bytes.split_first().ok_or(ParseKeyError::Malformed)?;
        let algorithm = KeyAlgorithm::from_byte(*algorithm);
        if algorithm != KeyAlgorithm::ED25519 {
            let algorithm = algorithm.as_byte();
            return Err(ParseKeyError::UnknownAlgorithm { algorithm });
        }
        let seed: &[u8; 32] = seed.try_into().map_err(|_| ParseKeyError::BadKey)?;
        let signer = Self::of(name, algorithm, seed)?;
        if signer.key.id() == id {
            Ok(signer)
        } else {
            Err(ParseKeyError::WrongId)
        }
    }

    /// The private key as text. Whoever has it can sign.
    pub fn to_private_text(&self) -> String {
        let id = u32::from_be_bytes(self.key.id());
        let mut bytes = Zeroizing::new(vec![self.key.algorithm().as_byte()]);
        bytes.extend_from_slice(self.secret.as_bytes());
        let base64 = Zeroizing::new(Base64::encode_string(&bytes));
        format!("{PRIVATE}{}+{id:08x}+{}", self.key.name(), *base64)
    }
}

impl Signer for Ed25519Signer {
    fn key(&self) -> &VerifyingKey {
        &self.key
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(self.secret.sign(message).to_bytes().to_vec())
    }
}

/// Never shows the secret.
impl fmt::Debug for Ed25519Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ed25519Signer")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Whether `bytes` are a key, and not one for which anybody can sign.
pub(super) fn is_key(bytes: &[u8]) -> bool {
    read(bytes).is_some_and(|key| !key.is_weak())
}

pub(super) fn verify(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let (Some(key), Ok(signature)) = (read(public), Signature::from_slice(signature)) else {
        return false;
    };
    key.verify_strict(message, &signature).is_ok()
}

fn read(public: &[u8]) -> Option<Public> {
    Public::from_bytes(public.try_into().ok()?).ok()
}
