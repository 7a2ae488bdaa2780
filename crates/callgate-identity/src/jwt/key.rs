//! One key of a set.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use callgate_types::JsonRef;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;

use super::{Algorithm, KeySetError};

/// A public key, with the one algorithm that it is for.
///
/// Its parts were looked at when it was read, so that checking a signature with it cannot fail
/// for the key.
#[derive(Clone)]
pub(super) struct Key {
    algorithm: Algorithm,
    key: DecodingKey,
}

/// What a key of a set can be used for.
pub(super) enum Use {
    /// Checking signatures.
    Signatures(Key),
    /// Something else, or in a way that is not supported: nothing here.
    Nothing,
}

impl Key {
    /// The algorithm, which is the key's and never the token's.
    pub(super) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether `signature` is that of `message` by this key.
    pub(super) fn has_signed(&self, message: &[u8], signature: &Vec<u8>) -> bool {
        let factory = DEFAULT_PROVIDER.verifier_factory;
        factory(&self.algorithm.foreign(), &self.key)
            .is_ok_and(|verifier| verifier.verify(message, signature).is_ok())
    }
}

/// Reads the key at `place` of a set.
pub(super) fn read(jwk: JsonRef<'_>, place: usize, uses: &[&str]) -> Result<Use, KeySetError> {
    let text = |name: &str| jwk.get(name).and_then(JsonRef::as_str);
    let kind = text("kty").ok_or(KeySetError::Malformed { place })?;
    if kind == "oct" {
        return Err(KeySetError::Symmetric { place });
    }
    if ["d", "p", "q", "dp", "dq", "qi", "oth"]
        .iter()
        .any(|part| jwk.get(part).is_some())
    {
        return Err(KeySetError::Private { place });
    }
    if !is_for_signatures(jwk, uses) {
        return Ok(Use::Nothing);
    }
    let bytes = |name: &str| {
        let decoded = text(name).and_then(|text| Base64UrlUnpadded::decode_vec(text).ok());
        decoded.ok_or(KeySetError::Malformed { place })
    };
    let (key, possible): (_, &[Algorithm]) = match (kind, text("crv")) {
        ("RSA", _) => {
            let (n, e) = (bytes("n")?, bytes("e")?);
            check_rsa(&n, &e, place)?;
            (DecodingKey::from_rsa_raw_components(&n, &e), RSA)
        }
        ("EC", Some("P-256")) => (
            point(&bytes("x")?, &bytes("y")?, 32, place)?,
            &[Algorithm::Es256],
        ),
        ("EC", Some("P-384")) => (
            point(&bytes("x")?, &bytes("y")?, 48, place)?,
            &[Algorithm::Es384],
        ),
        ("OKP", Some("Ed25519")) => (edwards(&bytes("x")?, place)?, &[Algorithm::EdDsa]),
        _ => return Ok(Use::Nothing),
    };
    let algorithm = match (text("alg"), possible) {
        // The first is what a key is for that does not say: RS256, as OpenID Connect has it.
        (None, [first, ..]) => *first,
        (Some(word), _) => match Algorithm::of(word) {
            Some(named) if possible.contains(&named) => named,
            Some(_) => return Err(KeySetError::WrongAlgorithm { place }),
            None => return Ok(Use::Nothing),
        },
        (None, []) => return Ok(Use::Nothing),
    };
    let key = Key { algorithm, key };
    // Reads the point of an elliptic curve: one that is not on it is no key.
    let factory = DEFAULT_PROVIDER.verifier_factory;
    match factory(&algorithm.foreign(), &key.key) {
        Ok(_) => Ok(Use::Signatures(key)),
        Err(_) => Err(KeySetError::Malformed { place }),
    }
}

const RSA: &[Algorithm] = &[
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
];

/// Whether `use` and `key_ops`, where they are there, let the key check signatures.
fn is_for_signatures(jwk: JsonRef<'_>, uses: &[&str]) -> bool {
    let is_listed = jwk
        .get("use")
        .is_none_or(|word| word.as_str().is_some_and(|word| uses.contains(&word)));
    let verifies = |list: JsonRef<'_>| list.items().any(|word| word.as_str() == Some("verify"));
    is_listed && jwk.get("key_ops").is_none_or(verifies)
}

/// Of 2048 to 8192 bits, odd, with an odd exponent from 65537 to 2^32.
fn check_rsa(n: &[u8], e: &[u8], place: usize) -> Result<(), KeySetError> {
    let significant = |bytes: &[u8]| {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let first = bytes.get(zeros).map_or(0, |first| first.leading_zeros());
        let bits = bytes.len().saturating_sub(zeros).saturating_mul(8);
        bits.saturating_sub(first as usize)
    };
    let is_odd = |bytes: &[u8]| bytes.last().is_some_and(|last| last & 1 == 1);
    if !is_odd(n) || !is_odd(e) || significant(n) > 8192 || significant(e) > 32 {
        return Err(KeySetError::Malformed { place });
    }
    if significant(n) < 2048 || significant(e) < 17 {
        return Err(KeySetError::Weak { place });
    }
    Ok(())
}

/// A point of an elliptic curve, uncompressed.
fn point(x: &[u8], y: &[u8], bytes: usize, place: usize) -> Result<DecodingKey, KeySetError> {
    if x.len() != bytes || y.len() != bytes {
        return Err(KeySetError::Malformed { place });
    }
    Ok(DecodingKey::from_ec_der(&[&[4], x, y].concat()))
}

fn edwards(x: &[u8], place: usize) -> Result<DecodingKey, KeySetError> {
    let malformed = || KeySetError::Malformed { place };
    let bytes = <&[u8; 32]>::try_from(x).map_err(|_| malformed())?;
    let point = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| malformed())?;
    if point.is_weak() {
        // Anybody could sign for a key of small order.
        return Err(KeySetError::Weak { place });
    }
    Ok(DecodingKey::from_ed_der(x))
}
