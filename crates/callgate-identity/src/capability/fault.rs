//! Why a token is refused.

use callgate_types::CallerError;

/// Why a token is refused; the first cause in the order of `docs/spec/capability.md`.
///
/// Nothing of the token's text is in it, but for numbers of blocks, counted from 0, and words of
/// the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenFault {
    /// It is longer than [`CapabilityToken::MAX_BYTES`](super::CapabilityToken::MAX_BYTES).
    #[error(
        "expected a token of at most {} characters",
        super::CapabilityToken::MAX_BYTES
    )]
    TooLarge,
    /// It is not base64 for URLs in its one spelling.
    #[error("expected a token in base64 for URLs, with padding")]
    NotBase64,
    /// It is no container, or something in it is no block, in the one spelling that counts.
    #[error("expected the container of a token, found something else")]
    Malformed,
    /// It is sealed, so that nobody can narrow it.
    #[error("expected a token that is not sealed")]
    Sealed,
    /// It has too many blocks.
    #[error(
        "expected at most {} blocks, found {found}",
        super::CapabilityToken::MAX_BLOCKS
    )]
    TooManyBlocks {
        /// How many there are.
        found: usize,
    },
    /// A third party signed a block.
    #[error("block {block} is signed by a third party")]
    ThirdPartyBlock {
        /// The block.
        block: usize,
    },
    /// A key is not an Ed25519 key.
    #[error("block {block} has a key or signature that is not of Ed25519")]
    KeyAlgorithm {
        /// The block.
        block: usize,
    },
    /// A key occurs twice, so that a block could be cut off.
    #[error("the key of block {block} was used before in this token")]
    RepeatedKey {
        /// The later block.
        block: usize,
    },
    /// A block holds something that is not in the vocabulary.
    #[error("block {block} holds what is not in the vocabulary of capabilities")]
    UnknownContent {
        /// The block.
        block: usize,
    },
    /// A block holds more than allowed.
    #[error("block {block} has more checks, values or symbols than allowed")]
    TooMuch {
        /// The block.
        block: usize,
    },
    /// A block says something with a value that cannot stand there.
    #[error("block {block} has `{word}` with a value that cannot stand there, or twice")]
    BadValue {
        /// The block.
        block: usize,
        /// The word of the vocabulary.
        word: &'static str,
    },
    /// Block 0 does not say all that it has to.
    #[error("block 0 lacks `{word}`")]
    Incomplete {
        /// The word of the vocabulary.
        word: &'static str,
    },
    /// It names no root key that the verifier has.
    #[error("the root key of the token is not known here")]
    UnknownRoot,
    /// It is not signed as it says.
    #[error("a signature of the token is wrong")]
    BadSignature,
    /// Its root key may not sign for its tenant.
    #[error("the root key of the token may not sign for its tenant")]
    ForeignTenant,
    /// It is too early.
    #[error("block {block} is not valid yet")]
    NotYetValid {
        /// The block.
        block: usize,
    },
    /// It is too late.
    #[error("block {block} has expired")]
    Expired {
        /// The block.
        block: usize,
    },
    /// A block was revoked.
    #[error("block {block} was revoked")]
    Revoked {
        /// The block.
        block: usize,
    },
    /// It cannot be told whether a block was revoked.
    #[error("it cannot be told whether block {block} was revoked")]
    RevocationUnknown {
        /// The block.
        block: usize,
    },
}

impl TokenFault {
    /// The stable word for the cause.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::NotBase64 => "not_base64",
            Self::Malformed => "malformed",
            Self::Sealed => "sealed",
            Self::TooManyBlocks { .. } => "too_many_blocks",
            Self::ThirdPartyBlock { .. } => "third_party_block",
            Self::KeyAlgorithm { .. } => "key_algorithm",
            Self::RepeatedKey { .. } => "repeated_key",
            Self::UnknownContent { .. } => "unknown_content",
            Self::TooMuch { .. } => "too_much",
            Self::BadValue { .. } => "bad_value",
            Self::Incomplete { .. } => "incomplete",
            Self::UnknownRoot => "unknown_root",
            Self::BadSignature => "bad_signature",
            Self::ForeignTenant => "foreign_tenant",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
            Self::RevocationUnknown { .. } => "revocation_unknown",
        }
    }

    /// The block that is the cause, where it is one.
    pub const fn block(self) -> Option<usize> {
        match self {
            Self::ThirdPartyBlock { block }
            | Self::KeyAlgorithm { block }
            | Self::RepeatedKey { block }
            | Self::UnknownContent { block }
            | Self::TooMuch { block }
            | Self::BadValue { block, .. }
            | Self::NotYetValid { block }
            | Self::Expired { block }
            | Self::Revoked { block }
            | Self::RevocationUnknown { block } => Some(block),
            Self::Incomplete { .. } => Some(0),
            _ => None,
        }
    }
}

/// For [`Caller::refused`](callgate_types::Caller::refused): calls of it are denied, and recorded.
impl From<TokenFault> for CallerError {
    fn from(fault: TokenFault) -> Self {
        let code = fault.as_str();
        Self::Credential { code }
    }
}

impl From<super::wire::Malformed> for TokenFault {
    fn from(_: super::wire::Malformed) -> Self {
        Self::Malformed
    }
}
