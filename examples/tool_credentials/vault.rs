//! The broker: signs a token for one call, good for one account and a minute.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use callgate::{BrokerError, CredentialBroker, CredentialRequest, Secret, ToolCredential};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use serde_json::json;

/// The audience of the tokens: whoever is somebody else takes none of them.
pub const BILLING: &str = "billing.example";

/// Signs tokens with a key that no tool ever sees.
#[derive(Debug)]
pub struct Vault {
    key: SigningKey,
    revoked: Revoked,
}

/// The ids of tokens that are good for nothing any more; the service asks it, too.
#[derive(Clone, Debug, Default)]
pub struct Revoked(Arc<Mutex<HashSet<String>>>);

impl Revoked {
    pub fn contains(&self, id: &str) -> bool {
        let ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids.contains(id)
    }

    fn insert(&self, id: &str) {
        let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids.insert(id.to_owned());
    }
}

impl Vault {
    pub fn new(seed: &[u8; 32], revoked: Revoked) -> Self {
        let key = SigningKey::from_bytes(seed);
        Self { key, revoked }
    }

    /// What the service checks signatures with.
    pub fn public(&self) -> VerifyingKey {
        self.key.verifying_key()
    }
}

impl CredentialBroker for Vault {
    fn knows(&self, credential: &str) -> bool {
        credential == "billing-api"
    }

    fn issue(&self, request: &CredentialRequest) -> Result<ToolCredential, BrokerError> {
        let (Some(tenant), [account]) = (request.caller().tenant(), request.resources()) else {
            return Err(BrokerError::Refused);
        };
        let id = format!("{tenant}-{}", request.decision());
        let claims = json!({
            "id": id, "audience": BILLING, "tenant": tenant, "account": account.name().id,
            "scope": request.scope(), "ends": request.expires().timestamp(),
        });
        let claims = Base64UrlUnpadded::encode_string(claims.to_string().as_bytes());
        let signature = self.key.sign(claims.as_bytes()).to_bytes();
        let signature = Base64UrlUnpadded::encode_string(&signature);
        let token = Secret::new(format!("{claims}.{signature}"));
        let credential = ToolCredential::new(id, "vault", token, request.expires());
        Ok(credential.audience(BILLING).scopes(request.scope()))
    }

    fn revoke(&self, id: &str) -> Result<(), BrokerError> {
        self.revoked.insert(id);
        Ok(())
    }
}
