//! What a broker gives out.

use callgate_types::PrincipalId;
use chrono::{DateTime, Utc};

use super::{CredentialRequest, Secret};

/// The credential of a tool, for one call.
///
/// Everything of it but the [`Secret`] may be shown, and is recorded.
///
/// # Examples
///
/// ```
/// use callgate_identity::{Secret, ToolCredential};
/// use chrono::DateTime;
///
/// let until = DateTime::from_timestamp(1_796_126_400, 0).ok_or("no such time")?;
/// let secret = Secret::new("8c1f0a66d9".to_owned());
/// let credential = ToolCredential::new("c-17", "vault", secret, until)
///     .audience("billing.example")
///     .scopes(["adjust"]);
/// assert!(!format!("{credential:?}").contains("8c1f0a66d9"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct ToolCredential {
    id: Box<str>,
    issuer: Box<str>,
    audience: Option<Box<str>>,
    scopes: Vec<Box<str>>,
    expires: DateTime<Utc>,
    secret: Secret,
}

impl ToolCredential {
    /// The shortest secret, in bytes: a shorter one could not be kept out of results.
    pub const MIN_SECRET: usize = 8;

    /// The longest secret, in bytes.
    pub const MAX_SECRET: usize = 16 << 10;

    /// Most scopes.
    pub const MAX_SCOPES: usize = 256;

    /// The credential with this id, by which it is revoked; `issuer` made it, and from `expires` on
    /// it is good for nothing.
    pub fn new(
        id: impl Into<Box<str>>,
        issuer: impl Into<Box<str>>,
        secret: Secret,
        expires: DateTime<Utc>,
    ) -> Self {
        Self {
            id: id.into(),
            issuer: issuer.into(),
            audience: None,
            scopes: Vec::new(),
            expires,
            secret,
        }
    }

    /// The service for which it is good.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<Box<str>>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// What it confers there, in the issuer's words.
    #[must_use]
    pub fn scopes<S: Into<Box<str>>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// By which it is revoked.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Who made it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The service for which it is good; `None` where the issuer does not say.
    pub fn audience_name(&self) -> Option<&str> {
        self.audience.as_deref()
    }

    /// What it confers there.
    pub fn scope_names(&self) -> impl Iterator<Item = &str> {
        self.scopes.iter().map(|scope| &**scope)
    }

    /// From when on it is good for nothing.
    pub const fn expires(&self) -> DateTime<Utc> {
        self.expires
    }

    /// What the tool shows to its service.
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Checks that it is what was asked for, as far as can be told from it.
    ///
    /// # Errors
    ///
    /// Says what is wrong with it.
    pub fn check(&self, request: &CredentialRequest) -> Result<(), UnfitCredential> {
        let secret = self.secret.reveal();
        if !(Self::MIN_SECRET..=Self::MAX_SECRET).contains(&secret.len()) {
            return Err(UnfitCredential::Secret);
        }
        // What can be the id of a principal can be a name.
        let is_name = |name: &str| PrincipalId::user(name).is_ok();
        let single = [Some(&self.id), Some(&self.issuer), self.audience.as_ref()];
        let shown = || single.into_iter().flatten().chain(&self.scopes);
        if self.scopes.len() > Self::MAX_SCOPES || !shown().all(|name| is_name(name)) {
            return Err(UnfitCredential::Name);
        }
        if shown().any(|name| name.contains(secret)) {
            return Err(UnfitCredential::ShowsSecret);
        }
        if self.expires <= request.now() {
            return Err(UnfitCredential::Expired);
        }
        if self.expires > request.expires() {
            return Err(UnfitCredential::LivesTooLong);
        }
        Ok(())
    }
}

/// Why a credential is not handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnfitCredential {
    /// The secret is too short or too long.
    #[error(
        "expected a secret of {} to {} bytes",
        ToolCredential::MIN_SECRET,
        ToolCredential::MAX_SECRET
    )]
    Secret,
    /// The id, the issuer, the audience or a scope is no name, or there are too many scopes.
    #[error("expected id, issuer, audience and scopes to be names")]
    Name,
    /// What is recorded would show the secret.
    #[error("expected names that do not hold the secret")]
    ShowsSecret,
    /// It is good for nothing already.
    #[error("expected a credential that has not expired")]
    Expired,
    /// It is good for longer than was asked for.
    #[error("expected a credential that ends when the request says, or sooner")]
    LivesTooLong,
}

#[cfg(test)]
mod tests {
    use super::*;
    use callgate_types::Caller;

    #[track_caller]
    fn check(change: impl FnOnce(ToolCredential) -> ToolCredential, expected: &str) {
        let now = DateTime::<Utc>::MIN_UTC;
        let end = DateTime::from_timestamp(60, 0).unwrap();
        let request = CredentialRequest::new("api", "pay", Caller::unknown(), 3, now, end);
        let sound = ToolCredential::new("c-1", "vault", Secret::new("s3cr3t-t0ken".into()), end);
        let got = match change(sound.audience("billing").scopes(["adjust"])).check(&request) {
            Ok(()) => "ok".to_owned(),
            Err(unfit) => unfit.to_string(),
        };
        assert_eq!(got, expected);
        assert!(!got.contains("s3cr3t"), "{got}");
    }

    #[test]
    fn fit_and_unfit() {
        let secret = |text: &str| Secret::new(text.into());
        let names = "expected id, issuer, audience and scopes to be names";
        let sizes = "expected a secret of 8 to 16384 bytes";
        let shows = "expected names that do not hold the secret";
        check(|sound| sound, "ok");
        check(
            |sound| ToolCredential {
                secret: secret("short"),
                ..sound
            },
            sizes,
        );
        let long = "x".repeat(ToolCredential::MAX_SECRET + 1);
        check(
            |sound| ToolCredential {
                secret: secret(&long),
                ..sound
            },
            sizes,
        );
        check(
            |sound| ToolCredential {
                id: "".into(),
                ..sound
            },
            names,
        );
        check(
            |sound| ToolCredential {
                issuer: "a\nb".into(),
                ..sound
            },
            names,
        );
        check(|sound| sound.scopes(vec!["s"; 257]), names);
        check(|sound| sound.audience("x".repeat(257)), names);
        check(
            |sound| ToolCredential {
                id: "id-s3cr3t-t0ken".into(),
                ..sound
            },
            shows,
        );
        check(|sound| sound.scopes(["s3cr3t-t0ken"]), shows);
        check(
            |sound| ToolCredential {
                expires: DateTime::<Utc>::MIN_UTC,
                ..sound
            },
            "expected a credential that has not expired",
        );
        check(
            |sound| ToolCredential {
                expires: DateTime::from_timestamp(61, 0).unwrap(),
                ..sound
            },
            "expected a credential that ends when the request says, or sooner",
        );
    }

    #[test]
    fn nothing_shows_the_secret() {
        let now = DateTime::<Utc>::MIN_UTC;
        let credential = ToolCredential::new("c", "vault", Secret::new("s3cr3t-t0ken".into()), now);
        let shown = format!("{credential:?} {credential:#?} {:?}", credential.secret());
        assert!(!shown.contains("s3cr3t"), "{shown}");
        assert!(shown.contains("Secret(12 bytes)"), "{shown}");
    }
}
