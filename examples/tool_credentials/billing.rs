//! The service behind the tool. It knows nothing of agents and policies: it checks tokens.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use chrono::{DateTime, Utc};
use ed25519_dalek::{Signature, VerifyingKey};
use serde::Deserialize;

use crate::vault::{BILLING, Revoked};

/// Adjusts accounts for whoever shows a token that is for just that.
#[derive(Debug)]
pub struct Billing {
    trusted: VerifyingKey,
    revoked: Revoked,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    id: String,
    audience: String,
    tenant: String,
    account: String,
    scope: String,
    ends: i64,
}

impl Billing {
    pub fn new(trusted: VerifyingKey, revoked: Revoked) -> Self {
        Self { trusted, revoked }
    }

    /// Credits an account.
    ///
    /// # Errors
    ///
    /// Refuses a token that is not for just this, as services do.
    pub fn credit(
        &self,
        token: &str,
        account: &str,
        amount: &str,
        now: DateTime<Utc>,
    ) -> Result<String, &'static str> {
        let claims = self.verify(token, now)?;
        if claims.account != account || claims.scope != "billing:adjust" {
            return Err("403: the token is for something else");
        }
        Ok(format!(
            "{account} of {} credited by {amount}",
            claims.tenant
        ))
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, &'static str> {
        let bad = "401: the token is not acceptable";
        let (claims, signature) = token.split_once('.').ok_or(bad)?;
        let signature = Base64UrlUnpadded::decode_vec(signature).map_err(|_| bad)?;
        let signature = Signature::from_slice(&signature).map_err(|_| bad)?;
        let checked = self.trusted.verify_strict(claims.as_bytes(), &signature);
        checked.map_err(|_| "401: the token is not signed by the vault")?;
        let claims = Base64UrlUnpadded::decode_vec(claims).map_err(|_| bad)?;
        let claims: Claims = serde_json::from_slice(&claims).map_err(|_| bad)?;
        if claims.audience != BILLING {
            return Err("401: the token is for somebody else");
        }
        if claims.ends <= now.timestamp() {
            return Err("401: the token has expired");
        }
        if self.revoked.contains(&claims.id) {
            return Err("401: the token was revoked");
        }
        Ok(claims)
    }
}
