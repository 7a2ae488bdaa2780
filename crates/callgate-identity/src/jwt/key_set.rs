//! The keys of an issuer.

use std::collections::HashMap;
use std::fmt;

use callgate_types::{Json, JsonError, JsonKind, JsonRef};

use super::KeySetError;
use super::key::{Key, Use, read};
use crate::CredentialError;

/// The public keys of an issuer: a JSON Web Key Set that the host fetched from where it trusts it.
///
/// Each key is for one algorithm: what it says itself, or what its curve says, or for RSA `RS256`.
/// The algorithm that a token names has to be that one, and never chooses. A key that is too weak,
/// symmetric, private, or not to be told from another spoils the set; a key for encryption, or of a
/// kind that is not supported, is put aside.
///
/// # Examples
///
/// ```
/// use callgate_identity::jwt::{KeySet, KeySetError};
///
/// let keys = KeySet::parse(
///     r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "2026-05", "use": "sig",
///         "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
/// )?;
/// assert_eq!(keys.len(), 1);
///
/// let symmetric = KeySet::parse(r#"{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}"#);
/// assert_eq!(symmetric.unwrap_err(), KeySetError::Symmetric { place: 0 });
/// # Ok::<(), KeySetError>(())
/// ```
#[derive(Clone)]
pub struct KeySet {
    /// By id; the empty id is that of an only key without one.
    keys: HashMap<Box<str>, Option<Key>>,
}

impl KeySet {
    /// The longest text, in bytes: 256 KiB.
    pub const MAX_BYTES: usize = 256 << 10;

    /// Most keys of a set.
    pub const MAX_KEYS: usize = 64;

    /// Reads a JSON Web Key Set.
    ///
    /// # Errors
    ///
    /// Refuses what is malformed, and keys that are too weak, symmetric, private, or not to be
    /// told apart.
    pub fn parse(text: &str) -> Result<Self, KeySetError> {
        Self::parse_for(text, &["sig"])
    }

    /// Reads the keys of a SPIFFE trust bundle that check JWT-SVIDs; the others are put aside.
    ///
    /// # Errors
    ///
    /// As [`KeySet::parse`].
    pub fn parse_spiffe_bundle(text: &str) -> Result<Self, KeySetError> {
        Self::parse_for(text, &["jwt-svid"])
    }

    fn parse_for(text: &str, uses: &[&str]) -> Result<Self, KeySetError> {
        let json =
            Json::parse_within(Self::MAX_BYTES, text).map_err(|refused| match refused.error() {
                JsonError::TooLarge { .. } => KeySetError::TooLong,
                error => KeySetError::Json {
                    at: error.position(),
                },
            })?;
        let list = json.root().get("keys").ok_or(KeySetError::Shape)?;
        if list.kind() != JsonKind::Array {
            return Err(KeySetError::Shape);
        }
        if list.len() > Self::MAX_KEYS {
            return Err(KeySetError::TooMany);
        }
        let mut keys = HashMap::new();
        for (place, jwk) in list.items().enumerate() {
            if jwk.kind() != JsonKind::Object {
                return Err(KeySetError::Shape);
            }
            let id = id_of(jwk, place)?;
            let key = match read(jwk, place, uses)? {
                Use::Signatures(key) => Some(key),
                Use::Nothing => None,
            };
            if id.is_empty() && (key.is_none() || list.len() > 1) {
                if key.is_none() {
                    continue;
                }
                return Err(KeySetError::MissingId { place });
            }
            if keys.insert(Box::from(id), key).is_some() {
                return Err(KeySetError::RepeatedId { place });
            }
        }
        let set = Self { keys };
        if set.is_empty() {
            return Err(KeySetError::Nothing);
        }
        Ok(set)
    }

    /// How many keys can check a signature.
    pub fn len(&self) -> usize {
        self.keys.values().flatten().count()
    }

    /// Whether none can; never so for a set that was read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The key that a token names, or the only one.
    pub(super) fn find(&self, id: Option<&str>) -> Result<&Key, CredentialError> {
        match id {
            Some("") => Err(CredentialError::UnknownKey),
            Some(id) => match self.keys.get(id) {
                Some(Some(key)) => Ok(key),
                Some(None) => Err(CredentialError::UnusableKey),
                None => Err(CredentialError::UnknownKey),
            },
            None => {
                let mut usable = self.keys.values().flatten();
                match (usable.next(), usable.next()) {
                    (Some(only), None) => Ok(only),
                    _ => Err(CredentialError::MissingKeyId),
                }
            }
        }
    }
}

/// The id of a key; empty where it has none.
fn id_of(jwk: JsonRef<'_>, place: usize) -> Result<&str, KeySetError> {
    let Some(id) = jwk.get("kid") else {
        return Ok("");
    };
    let id = id.as_str().ok_or(KeySetError::Malformed { place })?;
    if id.is_empty() || id.len() > 256 {
        return Err(KeySetError::Malformed { place });
    }
    Ok(id)
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ids: Vec<&str> = self.keys.keys().map(|id| &**id).collect();
        ids.sort_unstable();
        f.debug_tuple("KeySet").field(&ids).finish()
    }
}
