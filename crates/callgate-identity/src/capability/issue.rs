//! Making a token.

use callgate_types::PrincipalId;

use super::biscuit;
use super::fault::TokenFault;
use super::key::SecretKey;
use super::restrictions::Restrictions;
use super::token::CapabilityToken;
use super::vocabulary::{self, Authority};

/// What a token is to confer: whose authority, in which tenant, for which task, how far.
///
/// # Examples
///
/// ```
/// use callgate_identity::capability::{Capability, CapabilityToken, Restrictions, SecretKey};
/// use chrono::DateTime;
/// # let seed = |n: u8| std::array::from_fn(|at| (at as u8).wrapping_mul(7) ^ n);
/// let root = SecretKey::from_seed(seed(1))?;
/// let until = DateTime::from_timestamp(1_796_126_400, 0).ok_or("no such time")?;
///
/// let reach = Restrictions::new().tool("read_account").resource("account", "acc_1").before(until);
/// let capability = Capability::new("user:alice".parse()?, "acme", "task-7", reach);
/// let token = capability.issue(1, &root, &SecretKey::from_seed(seed(2))?)?;
///
/// // The text travels; whoever has it can narrow it.
/// let token = CapabilityToken::parse(token.as_str())?;
/// let earlier = Restrictions::new().before(until - chrono::TimeDelta::hours(3));
/// let narrower = token.attenuate(&earlier, &SecretKey::from_seed(seed(3))?)?;
/// assert_ne!(narrower.digest(), token.digest());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Capability {
    authority: Authority,
    restrictions: Restrictions,
}

impl Capability {
    /// The authority of `subject` in `tenant` for `task`, as far as `restrictions` say: at least
    /// which tools, and until when.
    pub fn new(
        subject: PrincipalId,
        tenant: impl Into<Box<str>>,
        task: impl Into<Box<str>>,
        restrictions: Restrictions,
    ) -> Self {
        let (tenant, task) = (tenant.into(), task.into());
        Self {
            authority: Authority {
                subject,
                tenant,
                task,
            },
            restrictions,
        }
    }

    /// Whose authority it is.
    pub const fn subject(&self) -> &PrincipalId {
        &self.authority.subject
    }

    /// The tenant in which it counts.
    pub fn tenant(&self) -> &str {
        &self.authority.tenant
    }

    /// The task for which it counts.
    pub fn task(&self) -> &str {
        &self.authority.task
    }

    /// How far it goes.
    pub const fn restrictions(&self) -> &Restrictions {
        &self.restrictions
    }

    /// Signs a token with the root key of which the id is `root_id`.
    ///
    /// `next` is a fresh key, not used for anything else; it may be dropped afterwards.
    ///
    /// # Errors
    ///
    /// Refuses restrictions without tools or end, or that cannot stand in a token, and a key that
    /// is the root key.
    pub fn issue(
        &self,
        root_id: u32,
        root: &SecretKey,
        next: &SecretKey,
    ) -> Result<CapabilityToken, IssueError> {
        if root.public() == next.public() {
            return Err(IssueError::RepeatedKey);
        }
        if let Some(tools) = &self.restrictions.tools {
            let mut bounded = self.restrictions.arguments.iter();
            if let Some(bound) = bounded.find(|bound| !tools.contains(&bound.tool)) {
                let tool = bound.tool.clone();
                return Err(IssueError::NotGranted { tool });
            }
        }
        let content = vocabulary::content(Some(&self.authority), &self.restrictions);
        let bytes = biscuit::issue(&content, root_id, root, next).ok_or(IssueError::NotSigned)?;
        Ok(CapabilityToken::of_bytes(&bytes)?)
    }
}

/// Why a token was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// Whoever reads the token would refuse it.
    #[error(transparent)]
    Refused(#[from] TokenFault),
    /// It speaks of a tool that cannot be called with it.
    #[error("expected tools that the token grants, found `{tool}`")]
    NotGranted {
        /// The tool.
        tool: Box<str>,
    },
    /// A narrower copy was asked for that is not narrower.
    #[error("expected something that the narrower copy demands, found nothing")]
    NothingDemanded,
    /// The next key is in the token already, so that the new block could be cut off.
    #[error("expected a fresh key, found one that the token has already")]
    RepeatedKey,
    /// The signature could not be made.
    #[error("the token could not be signed")]
    NotSigned,
}
