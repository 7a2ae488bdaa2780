//! Why a broker did not do what it was asked.

/// Why there is no credential, or why it was not taken back.
///
/// It has no text of the broker's: what a service answers may hold the very secret that nobody is
/// to see. A broker that wants to say more says it to its own host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrokerError {
    /// The broker does not issue a credential for this call.
    #[error("the broker refused")]
    Refused,
    /// It cannot be done now.
    #[error("the broker failed")]
    Failed,
}
