//! Why a set of keys is refused.

/// Why a JSON Web Key Set is refused as a whole: the host has to look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// The text is too long.
    #[error("expected at most {} bytes of keys", super::KeySet::MAX_BYTES)]
    TooLong,
    /// The text is not acceptable JSON.
    #[error("the keys are not acceptable JSON, at byte {at}")]
    Json {
        /// Where.
        at: usize,
    },
    /// There is no list `keys` of objects.
    #[error("expected an object with a list `keys` of objects")]
    Shape,
    /// There are too many keys.
    #[error("expected at most {} keys", super::KeySet::MAX_KEYS)]
    TooMany,
    /// No key can be used to check a signature.
    #[error("none of the keys can check a signature")]
    Nothing,
    /// Two keys have the same id.
    #[error("key {place} has an id that stood before")]
    RepeatedId {
        /// Its place in the list, counted from 0.
        place: usize,
    },
    /// A key cannot be told from others, for it has no id.
    #[error("key {place} has no id, and is not the only one")]
    MissingId {
        /// Its place.
        place: usize,
    },
    /// A part of a key is missing, or is not what it should be.
    #[error("key {place} is malformed")]
    Malformed {
        /// Its place.
        place: usize,
    },
    /// A key is shared with whoever signs; whoever can check with it can sign.
    #[error("key {place} is symmetric")]
    Symmetric {
        /// Its place.
        place: usize,
    },
    /// The private half of a key was given away.
    #[error("key {place} is a private one")]
    Private {
        /// Its place.
        place: usize,
    },
    /// A key is too weak: RSA below 2048 bits or with an exponent below 65537, Ed25519 of small
    /// order.
    #[error("key {place} is too weak")]
    Weak {
        /// Its place.
        place: usize,
    },
    /// A key names an algorithm that its kind cannot have.
    #[error("key {place} is not of the kind that its algorithm needs")]
    WrongAlgorithm {
        /// Its place.
        place: usize,
    },
}
