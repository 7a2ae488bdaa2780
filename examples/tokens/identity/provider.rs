//! An identity provider in a few lines, for the example: it makes a key, and signs tokens.

use std::error::Error;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

/// Signs tokens with a key that nobody else has.
pub struct Provider {
    key: SigningKey,
    key_id: &'static str,
}

impl Provider {
    pub const ISSUER: &'static str = "https://idp.example";

    /// A provider with a fresh key.
    pub fn with_fresh_key(key_id: &'static str) -> Result<Self, Box<dyn Error>> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| error.to_string())?;
        let key = SigningKey::from_bytes(&seed);
        Ok(Self { key, key_id })
    }

    /// The public half, as providers publish it.
    pub fn key_set(&self) -> String {
        let point = Base64UrlUnpadded::encode_string(self.key.verifying_key().as_bytes());
        let key = json!({
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
            "kid": self.key_id, "x": point,
        });
        json!({ "keys": [key] }).to_string()
    }

    /// A token with these claims, and the issuer's.
    pub fn sign(&self, mut claims: Value) -> String {
        if let Some(claims) = claims.as_object_mut() {
            claims.insert("iss".to_owned(), json!(Self::ISSUER));
        }
        let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": self.key_id });
        let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
        let message = format!("{}.{}", part(&header), part(&claims));
        let signature = self.key.sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", Base64UrlUnpadded::encode_string(&signature))
    }
}
