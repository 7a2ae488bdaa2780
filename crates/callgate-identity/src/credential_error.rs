//! Why a credential is refused.

use std::fmt;

use callgate_types::CallerError;

macro_rules! codes {
    ($($(#[$doc:meta])+ $name:ident = $word:literal,)+) => {
        /// Why a credential is refused; the word never changes its meaning.
        ///
        /// It says nothing of what stood in the credential. `docs/spec/identity.md` says which
        /// check gives which.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum CredentialError {
            $($(#[$doc])+ $name,)+
        }

        impl CredentialError {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The word for it in records and output.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

codes! {
    /// The text is empty.
    Empty = "empty",
    /// The text is longer than 16 KiB.
    TooLong = "too_long",
    /// The text is not three parts with dots between them.
    NotAToken = "not_a_token",
    /// The token is encrypted; nobody here can read it.
    Encrypted = "encrypted",
    /// A part is not base64url without padding.
    BadEncoding = "bad_encoding",
    /// The header is not acceptable JSON, or not an object, or lacks its algorithm.
    BadHeader = "bad_header",
    /// The header has a key twice.
    RepeatedHeader = "repeated_header",
    /// The header names extensions that have to be understood; none is.
    CriticalHeader = "critical_header",
    /// The token is of a type that is not accepted here.
    WrongType = "wrong_type",
    /// The token says that it is not signed.
    AlgorithmNone = "algorithm_none",
    /// The token names another algorithm than its key is for.
    WrongAlgorithm = "wrong_algorithm",
    /// The token names no key, and there is more than one.
    MissingKeyId = "missing_key_id",
    /// The token names a key that is not known.
    UnknownKey = "unknown_key",
    /// The token names a key that is not for signatures, or of a kind that is not supported.
    UnusableKey = "unusable_key",
    /// The signature is not that of the key.
    BadSignature = "bad_signature",
    /// The claims are not acceptable JSON, or not an object.
    BadClaims = "bad_claims",
    /// A claim stands twice.
    RepeatedClaim = "repeated_claim",
    /// The claims are nested deeper than 64.
    NestedTooDeep = "nested_too_deep",
    /// There is no issuer.
    MissingIssuer = "missing_issuer",
    /// The issuer is another one.
    WrongIssuer = "wrong_issuer",
    /// There is no audience.
    MissingAudience = "missing_audience",
    /// The token is for somebody else.
    WrongAudience = "wrong_audience",
    /// There is no subject.
    MissingSubject = "missing_subject",
    /// The subject, or what stands for its id, is not text that can be one.
    BadSubject = "bad_subject",
    /// There is no end.
    MissingExpiry = "missing_expiry",
    /// A time is not a number of seconds.
    BadTime = "bad_time",
    /// The token has ended.
    Expired = "expired",
    /// The token has not begun.
    NotYetValid = "not_yet_valid",
    /// The token, or the proof behind it, is of a time to come.
    IssuedInFuture = "issued_in_future",
    /// The token lives longer than it may, or does not say since when.
    LivesTooLong = "lives_too_long",
    /// The token was issued to a party that is not listed.
    WrongParty = "wrong_party",
    /// There is no tenant where one is to be found.
    MissingTenant = "missing_tenant",
    /// The tenant is not text that can name one.
    BadTenant = "bad_tenant",
    /// The roles are not a list of names, or too many.
    BadRoles = "bad_roles",
    /// The scopes are not a list of names, or too many.
    BadScopes = "bad_scopes",
    /// The tools are not a list of names, or too many.
    BadTools = "bad_tools",
    /// An attribute is too long.
    BadAttribute = "bad_attribute",
    /// An actor is not an object with a subject.
    BadActor = "bad_actor",
    /// An actor is of another issuer, which did not vouch for it.
    ActorOfOtherIssuer = "actor_of_other_issuer",
    /// There are more than eight actors.
    TooManyActors = "too_many_actors",
    /// An actor stands twice in the chain.
    ActorLoop = "actor_loop",
    /// An actor poses as the subject.
    ActorIsSubject = "actor_is_subject",
    /// Who may act is not an object with a subject.
    BadMayAct = "bad_may_act",
    /// The subject is not a SPIFFE id.
    BadSpiffeId = "bad_spiffe_id",
    /// The SPIFFE id is of another trust domain.
    WrongTrustDomain = "wrong_trust_domain",
    /// The path of the SPIFFE id is not listed.
    PathNotAllowed = "path_not_allowed",
    /// No verifier is there for the issuer.
    UnknownIssuer = "unknown_issuer",
    /// The credential was revoked, or nobody can tell.
    Revoked = "revoked",
    /// The clock was moved back: what has ended could seem to be valid again.
    ClockMovedBack = "clock_moved_back",
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "credential refused: {}", self.as_str())
    }
}

impl std::error::Error for CredentialError {}

impl From<CredentialError> for CallerError {
    fn from(error: CredentialError) -> Self {
        Self::Credential {
            code: error.as_str(),
        }
    }
}
