//! The three parts of a token, before anything of it is believed.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use callgate_types::{Json, JsonError, JsonKind, JsonRef};

use super::Algorithm;
use crate::{CredentialError, UnverifiedCredential};

/// A signed token in its compact form, taken apart.
pub(super) struct Token<'a> {
    header: Json,
    /// Header and claims as they were signed.
    message: &'a str,
    claims: &'a str,
    signature: Vec<u8>,
}

impl<'a> Token<'a> {
    /// Takes `credential` apart.
    pub(super) fn of(credential: &'a UnverifiedCredential) -> Result<Self, CredentialError> {
        if credential.is_too_long() {
            return Err(CredentialError::TooLong);
        }
        let text = credential.text();
        if text.is_empty() {
            return Err(CredentialError::Empty);
        }
        let dots = text.bytes().filter(|byte| *byte == b'.').count();
        let parts = text
            .rsplit_once('.')
            .and_then(|(message, signature)| Some((message, message.split_once('.')?, signature)));
        let (message, (header, claims), signature) = match (dots, parts) {
            (2, Some(parts)) => parts,
            (4, _) => return Err(CredentialError::Encrypted),
            _ => return Err(CredentialError::NotAToken),
        };
        let header = object(header).map_err(|fault| match fault {
            Fault::Encoding => CredentialError::BadEncoding,
            Fault::Json(JsonError::DuplicateKey { .. }) => CredentialError::RepeatedHeader,
            Fault::Json(_) => CredentialError::BadHeader,
        })?;
        Ok(Self {
            header,
            message,
            claims,
            signature: decoded(signature).ok_or(CredentialError::BadEncoding)?,
        })
    }

    /// What the header says of the key and of itself. `types` are the types that are accepted.
    pub(super) fn header(&self, types: &[Box<str>]) -> Result<Header<'_>, CredentialError> {
        let root = self.header.root();
        let text = |name: &str| match root.get(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or(CredentialError::BadHeader),
        };
        let algorithm = text("alg")?.ok_or(CredentialError::BadHeader)?;
        if algorithm.eq_ignore_ascii_case("none") {
            return Err(CredentialError::AlgorithmNone);
        }
        // Whatever changes how the rest is to be read, and is not read so here.
        if ["crit", "b64", "zip", "enc"]
            .iter()
            .any(|name| root.get(name).is_some())
        {
            return Err(CredentialError::CriticalHeader);
        }
        if let Some(found) = text("typ")? {
            let found = found.to_ascii_lowercase();
            let found = found.strip_prefix("application/").unwrap_or(&found);
            if !types.iter().any(|known| **known == *found) {
                return Err(CredentialError::WrongType);
            }
        }
        // A token within a token.
        if text("cty")?.is_some() {
            return Err(CredentialError::WrongType);
        }
        Ok(Header {
            algorithm: Algorithm::of(algorithm),
            key: text("kid")?,
        })
    }

    /// What was signed, and the signature.
    pub(super) fn signed(&self) -> (&[u8], &Vec<u8>) {
        (self.message.as_bytes(), &self.signature)
    }

    /// The claims, which nobody has vouched for until the signature was checked.
    pub(super) fn claims(&self) -> Result<Json, CredentialError> {
        object(self.claims).map_err(|fault| match fault {
            Fault::Encoding => CredentialError::BadEncoding,
            Fault::Json(JsonError::DuplicateKey { .. }) => CredentialError::RepeatedClaim,
            Fault::Json(JsonError::TooDeep { .. }) => CredentialError::NestedTooDeep,
            Fault::Json(_) => CredentialError::BadClaims,
        })
    }
}

/// What a header says.
pub(super) struct Header<'a> {
    /// The algorithm; `None` is one that is not known.
    pub(super) algorithm: Option<Algorithm>,
    /// The id of the key.
    pub(super) key: Option<&'a str>,
}

enum Fault {
    Encoding,
    Json(JsonError),
}

fn decoded(part: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(part).ok()
}

/// A part of a token as an object, read strictly: no key twice.
fn object(part: &str) -> Result<Json, Fault> {
    let bytes = decoded(part).ok_or(Fault::Encoding)?;
    let text = String::from_utf8(bytes).map_err(|_| Fault::Encoding)?;
    let json = Json::parse(text).map_err(|refused| Fault::Json(refused.error().clone()))?;
    match json.root().kind() {
        JsonKind::Object => Ok(json),
        found => Err(Fault::Json(JsonError::NotAnObject { at: 0, found })),
    }
}

/// Of whom a token claims to be, which nobody has checked.
pub(super) struct Claimed {
    pub(super) issuer: Option<Box<str>>,
    /// Of a SPIFFE id that is its subject.
    pub(super) trust_domain: Option<Box<str>>,
}

/// Of whom a token claims to be, to find its verifier by.
pub(super) fn claimed_issuer(
    credential: &UnverifiedCredential,
) -> Result<Claimed, CredentialError> {
    let claims = Token::of(credential)?.claims()?;
    let text = |name: &str| claims.root().get(name).and_then(JsonRef::as_str);
    let workload = text("sub").and_then(|subject| subject.strip_prefix("spiffe://"));
    Ok(Claimed {
        issuer: text("iss").map(Box::from),
        trust_domain: workload.and_then(|id| id.split('/').next()).map(Box::from),
    })
}

/// The value at `pointer`, where it is there and not null.
pub(super) fn stated<'a>(claims: JsonRef<'a>, pointer: &str) -> Option<JsonRef<'a>> {
    let found = claims.pointer(pointer)?;
    (found.kind() != JsonKind::Null).then_some(found)
}
