//! How, by whom and when an identity was established.

use chrono::{DateTime, Utc};

/// How an identity was established.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// The host says so, and answers for it.
    Asserted,
    /// A verifier that the host names has checked a client certificate.
    MutualTls,
    /// A verifier that the host names has checked a SAML assertion.
    Saml,
    /// The signature of a JSON Web Token was checked, by `callgate-identity`.
    Jwt,
    /// The signature of a SPIFFE JWT-SVID was checked, by `callgate-identity`.
    JwtSvid,
    /// The signatures of a capability token were checked, by `callgate-identity`.
    Capability,
}

impl Method {
    /// All methods.
    pub const ALL: [Self; 6] = [
        Self::Asserted,
        Self::MutualTls,
        Self::Saml,
        Self::Jwt,
        Self::JwtSvid,
        Self::Capability,
    ];

    /// The word for it in records and policies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asserted => "asserted",
            Self::MutualTls => "mutual_tls",
            Self::Saml => "saml",
            Self::Jwt => "jwt",
            Self::JwtSvid => "jwt_svid",
            Self::Capability => "capability",
        }
    }

    /// Whether Callgate itself has checked a signature; the others are the host's word.
    pub const fn is_cryptographic(self) -> bool {
        matches!(self, Self::Jwt | Self::JwtSvid | Self::Capability)
    }
}

/// How, by whom and when the identity of a principal was established, and until when that holds.
///
/// Records keep it, and conditions read it as `caller/verified/…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    method: Method,
    issuer: Option<Box<str>>,
    at: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

impl Verification {
    /// By the host alone, at a time that it does not state.
    pub const ASSERTED: Self = Self::by(Method::Asserted, None);

    /// By `method`, where `issuer` vouches: the issuer of a token, or a verifier.
    pub fn new(method: Method, issuer: impl Into<Box<str>>) -> Self {
        Self::by(method, Some(issuer.into()))
    }

    /// By `method`, as it would be; see [`AssertedBy::supposed`].
    pub const fn supposed(method: Method, issuer: Option<Box<str>>) -> Self {
        Self::by(method, issuer)
    }

    const fn by(method: Method, issuer: Option<Box<str>>) -> Self {
        Self {
            method,
            issuer,
            at: None,
            until: None,
        }
    }

    /// When the principal last proved who it is. That a credential is looked at once more does
    /// not count: it makes no proof fresher.
    #[must_use]
    pub fn at(mut self, time: DateTime<Utc>) -> Self {
        self.at = Some(time);
        self
    }

    /// The end: from `time` on, the principal is nobody.
    #[must_use]
    pub fn until(mut self, time: DateTime<Utc>) -> Self {
        self.until = Some(time);
        self
    }

    /// How.
    pub const fn method(&self) -> Method {
        self.method
    }

    /// By whom; `None` where the host alone says so.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// When the principal last proved who it is; `None` where that is not known.
    pub const fn proved_at(&self) -> Option<DateTime<Utc>> {
        self.at
    }

    /// From when on it no longer holds; `None` where there is no end.
    pub const fn expires(&self) -> Option<DateTime<Utc>> {
        self.until
    }

    /// How many whole seconds before `now` the principal proved who it is; `None` where that is
    /// not known, or has not been yet.
    pub fn age(&self, now: DateTime<Utc>) -> Option<u64> {
        let age = now.signed_duration_since(self.at?).num_seconds();
        // A part of a second ahead of its proof is ahead, too.
        (now >= self.at?).then_some(u64::try_from(age).ok()?)
    }
}

/// What a host says of how it knows a principal: who has checked, by what, and when.
///
/// The host answers for all of it. What Callgate checks itself is made in `callgate-identity`.
///
/// # Examples
///
/// ```
/// use callgate_types::{AssertedBy, Principal};
///
/// let alice = Principal::asserted("user:alice".parse()?)
///     .by(AssertedBy::mutual_tls("edge-proxy").at("2026-05-04T10:00:00Z".parse()?));
/// assert_eq!(alice.verification().method().as_str(), "mutual_tls");
/// assert_eq!(alice.verification().issuer(), Some("edge-proxy"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertedBy(Verification);

impl AssertedBy {
    /// The host itself, by means of its own.
    pub const fn host() -> Self {
        Self(Verification::ASSERTED)
    }

    /// `verifier`, by means of its own.
    pub fn verifier(verifier: impl Into<Box<str>>) -> Self {
        Self(Verification::new(Method::Asserted, verifier))
    }

    /// `verifier`, by the client's certificate: a proxy that ends TLS, say.
    pub fn mutual_tls(verifier: impl Into<Box<str>>) -> Self {
        Self(Verification::new(Method::MutualTls, verifier))
    }

    /// `verifier`, by a SAML assertion.
    pub fn saml(verifier: impl Into<Box<str>>) -> Self {
        Self(Verification::new(Method::Saml, verifier))
    }

    /// As if somebody had checked it so: for trying what a policy says of such a principal.
    ///
    /// **Nothing was checked.** It is for the examples of policies alone, from which no call comes.
    pub const fn supposed(verification: Verification) -> Self {
        Self(verification)
    }

    /// When the principal proved who it is.
    #[must_use]
    pub fn at(self, time: DateTime<Utc>) -> Self {
        Self(self.0.at(time))
    }

    /// The end: from `time` on, the principal is nobody.
    #[must_use]
    pub fn until(self, time: DateTime<Utc>) -> Self {
        Self(self.0.until(time))
    }

    pub(crate) fn into_verification(self) -> Verification {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(at: Option<&str>, now: &str, expected: Option<u64>) {
        let mut verification = Verification::ASSERTED;
        if let Some(at) = at {
            verification = verification.at(at.parse().unwrap());
        }
        assert_eq!(verification.age(now.parse().unwrap()), expected);
    }

    #[test]
    fn ages() {
        let at = Some("2026-05-04T10:00:00.5Z");
        check(at, "2026-05-04T10:00:00.5Z", Some(0));
        check(at, "2026-05-04T10:05:00.4Z", Some(299));
        check(at, "2026-05-04T10:05:00.5Z", Some(300));
        check(at, "2026-05-04T10:00:00.4Z", None);
        check(at, "2026-05-04T09:00:00Z", None);
        check(None, "2026-05-04T10:00:00Z", None);
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        assert!(Verification::ASSERTED.at(first).age(last) > Some(1 << 43));
        assert_eq!(Verification::ASSERTED.at(last).age(first), None);
    }

    #[test]
    fn words() {
        let words = Method::ALL.map(Method::as_str);
        assert_eq!(
            words,
            [
                "asserted",
                "mutual_tls",
                "saml",
                "jwt",
                "jwt_svid",
                "capability"
            ]
        );
        let checked = Method::ALL.map(Method::is_cryptographic);
        assert_eq!(checked, [false, false, false, true, true, true]);
    }
}
