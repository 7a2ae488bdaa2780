//! What signs notes.

use crate::{Cause, VerifyingKey};

/// What signs notes: a key in memory, in a device, or in a service.
///
/// A journal calls it while it writes, so that others wait for it up to their deadlines: it bounds
/// its own time. A panic of a signer counts as a failure.
pub trait Signer: Send + Sync {
    /// The public half of the key. It stays the same.
    fn key(&self) -> &VerifyingKey;

    /// Signs `message` by the algorithm of the key.
    ///
    /// # Errors
    ///
    /// Says why it cannot sign now.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// Why a note is not signed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The signer failed.
    #[error("the signer failed")]
    Failed(#[source] Cause),
    /// There is no signer.
    #[error("there is no signer")]
    NoSigner,
    /// It panicked.
    #[error("the signer panicked")]
    Panicked,
    /// The origin can be no name of a log.
    #[error("expected the name of a log without spaces and `+`")]
    BadName,
    /// What came back cannot be a signature.
    #[error("what the signer gave back is no signature")]
    NotANote,
    /// The key signs notes as a log does, not as a witness.
    #[error("expected the key of a witness")]
    NotAWitness,
}
