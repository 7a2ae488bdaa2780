//! The algorithms of signatures.

use jsonwebtoken::Algorithm as Foreign;

/// An algorithm of signatures with a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// Ed25519.
    EdDsa,
    /// RSA of PKCS#1 1.5 with SHA-256.
    Rs256,
    /// RSA of PKCS#1 1.5 with SHA-384.
    Rs384,
    /// RSA of PKCS#1 1.5 with SHA-512.
    Rs512,
    /// RSA-PSS with SHA-256.
    Ps256,
    /// RSA-PSS with SHA-384.
    Ps384,
    /// RSA-PSS with SHA-512.
    Ps512,
}

impl Algorithm {
    /// All algorithms.
    pub const ALL: [Self; 9] = [
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
    ];

    /// The word for it in tokens and keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
        }
    }

    /// The algorithm that `word` stands for; RFC 9864 calls `EdDSA` on this curve `Ed25519`.
    pub(super) fn of(word: &str) -> Option<Self> {
        let word = match word {
            "Ed25519" => "EdDSA",
            word => word,
        };
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    pub(super) const fn foreign(self) -> Foreign {
        match self {
            Self::Es256 => Foreign::ES256,
            Self::Es384 => Foreign::ES384,
            Self::EdDsa => Foreign::EdDSA,
            Self::Rs256 => Foreign::RS256,
            Self::Rs384 => Foreign::RS384,
            Self::Rs512 => Foreign::RS512,
            Self::Ps256 => Foreign::PS256,
            Self::Ps384 => Foreign::PS384,
            Self::Ps512 => Foreign::PS512,
        }
    }
}
