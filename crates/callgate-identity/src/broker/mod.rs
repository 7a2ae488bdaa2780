//! The credential that a tool itself needs: short-lived, narrow, for one call.
//!
//! A tool that talks to a service has to show something there. Where that is a long-lived key, every
//! agent that reaches the tool has all that the key opens. A [`CredentialBroker`] issues a
//! [`ToolCredential`] for one call instead: when the call begins, for what the call is about, until
//! shortly after; it is taken back when the call has ended.
//!
//! The [`Secret`] in it reaches the tool and nobody else: nothing shows it, and it is wiped from
//! memory when it is dropped. The broker is the host's: this crate opens no connection.

mod credential;
mod error;
mod request;
mod secret;

pub use credential::{ToolCredential, UnfitCredential};
pub use error::BrokerError;
pub use request::CredentialRequest;
pub use secret::Secret;

/// Issues the credentials that tools need, and takes them back.
///
/// Its methods may block, on a network say: the gate calls them in a thread of its own and waits a
/// bounded time. **What is issued too late is revoked at once and handed to nobody.** A broker that
/// panics has failed. A call that hangs for ever keeps its thread: bound the time of requests.
///
/// # Examples
///
/// ```
/// use callgate_identity::{
///     BrokerError, CredentialBroker, CredentialRequest, Secret, ToolCredential,
/// };
///
/// struct Vault;
///
/// impl CredentialBroker for Vault {
///     fn knows(&self, credential: &str) -> bool {
///         credential == "billing-api"
///     }
///
///     fn issue(&self, request: &CredentialRequest) -> Result<ToolCredential, BrokerError> {
///         let Some(tenant) = request.caller().tenant() else {
///             return Err(BrokerError::Refused);
///         };
///         // Here a service is asked for a token for this tenant, this tool and these resources.
///         # let (id, token) = (format!("{tenant}-17"), "8c1f0a66d9".to_owned());
///         Ok(ToolCredential::new(id, "vault", Secret::new(token), request.expires()))
///     }
///
///     fn revoke(&self, id: &str) -> Result<(), BrokerError> {
///         // Here the service is told that the token is good for nothing any more.
///         # drop(id);
///         Ok(())
///     }
/// }
/// ```
pub trait CredentialBroker: Send + Sync {
    /// Whether it issues credentials of this name. A gate asks when a policy comes into force, and
    /// refuses one that names a credential which nobody knows.
    fn knows(&self, credential: &str) -> bool;

    /// Issues the credential for one call: no wider than the request says, and no longer.
    ///
    /// # Errors
    ///
    /// Where this call gets none, and where none can be had; nothing runs then.
    fn issue(&self, request: &CredentialRequest) -> Result<ToolCredential, BrokerError>;

    /// Takes the credential with this id back. It may come twice, or for one that has expired.
    ///
    /// # Errors
    ///
    /// Where that cannot be done now: it is asked again later, until the credential has expired.
    fn revoke(&self, id: &str) -> Result<(), BrokerError>;
}
