//! A call as it is put to a grant, and why the grant does not allow it.

use callgate_types::{CallerError, Digest, ResourceName, ToolCall};
use chrono::{DateTime, Utc};

use super::holder::Possession;
use super::key::PublicKey;

/// A call, with what the host knows of it.
///
/// What is not said is unknown, and what is unknown is not allowed: a grant is for one tenant and
/// one task.
#[derive(Clone, Copy, Debug)]
pub struct Use<'a> {
    pub(super) call: &'a ToolCall,
    pub(super) now: DateTime<Utc>,
    pub(super) tenant: Option<&'a str>,
    pub(super) task: Option<&'a str>,
    pub(super) resources: &'a [ResourceName<'a>],
    proofs: &'a [Possession],
}

impl<'a> Use<'a> {
    /// The use of a grant for `call` at `now`.
    pub const fn new(call: &'a ToolCall, now: DateTime<Utc>) -> Self {
        Self {
            call,
            now,
            tenant: None,
            task: None,
            resources: &[],
            proofs: &[],
        }
    }

    /// The tenant of the caller.
    #[must_use]
    pub const fn in_tenant(mut self, tenant: &'a str) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// The task for which the agent works.
    #[must_use]
    pub const fn for_task(mut self, task: &'a str) -> Self {
        self.task = Some(task);
        self
    }

    /// All resources that the arguments of the call name, as the catalogue tells them.
    #[must_use]
    pub const fn naming(mut self, resources: &'a [ResourceName<'a>]) -> Self {
        self.resources = resources;
        self
    }

    /// Which holders have proved that their keys are at hand.
    #[must_use]
    pub const fn proved_by(mut self, proofs: &'a [Possession]) -> Self {
        self.proofs = proofs;
        self
    }

    pub(super) fn proves(&self, token: Digest, key: PublicKey) -> bool {
        let proofs = self.proofs.iter();
        proofs
            .into_iter()
            .any(|proof| proof.is_of(token, key, self.now))
    }
}

/// Why a grant does not allow a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CapabilityFault {
    /// The call itself is malformed.
    #[error("the call is malformed")]
    InvalidCall,
    /// The arguments are not acceptable.
    #[error("the arguments are not acceptable")]
    InvalidArguments,
    /// It is too early.
    #[error("block {block} of the capability is not valid yet")]
    NotYetValid {
        /// The block, counted from 0.
        block: usize,
    },
    /// It is too late.
    #[error("block {block} of the capability has expired")]
    Expired {
        /// The block, counted from 0.
        block: usize,
    },
    /// It is of another tenant, or of one that is unknown.
    #[error("the capability is for another tenant")]
    OutsideTenant,
    /// It is for another task, or for one that is unknown.
    #[error("the capability is for another task")]
    OutsideTask,
    /// Its tool is not listed.
    #[error("block {block} of the capability does not list the tool")]
    ToolNotGranted {
        /// The block, counted from 0.
        block: usize,
    },
    /// It names a resource that is not listed.
    #[error("block {block} of the capability does not list a resource of the call")]
    ResourceNotGranted {
        /// The block, counted from 0.
        block: usize,
    },
    /// An argument is not within its bound.
    #[error("block {block} of the capability does not allow an argument")]
    ArgumentNotGranted {
        /// The block, counted from 0.
        block: usize,
    },
    /// A holder has not proved that its key is at hand.
    #[error("the holder that block {block} of the capability names has not proved itself")]
    HolderNotProven {
        /// The block, counted from 0.
        block: usize,
    },
}

impl CapabilityFault {
    /// The stable word for the cause.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidCall => "invalid_call",
            Self::InvalidArguments => "invalid_arguments",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::Expired { .. } => "expired",
            Self::OutsideTenant => "outside_tenant",
            Self::OutsideTask => "outside_task",
            Self::ToolNotGranted { .. } => "tool_not_granted",
            Self::ResourceNotGranted { .. } => "resource_not_granted",
            Self::ArgumentNotGranted { .. } => "argument_not_granted",
            Self::HolderNotProven { .. } => "holder_not_proven",
        }
    }

    /// The block that is the cause, where it is one.
    pub const fn block(self) -> Option<usize> {
        match self {
            Self::NotYetValid { block }
            | Self::Expired { block }
            | Self::ToolNotGranted { block }
            | Self::ResourceNotGranted { block }
            | Self::ArgumentNotGranted { block }
            | Self::HolderNotProven { block } => Some(block),
            _ => None,
        }
    }
}

/// For [`Caller::refused`](callgate_types::Caller::refused): the call is denied, and recorded.
impl From<CapabilityFault> for CallerError {
    fn from(fault: CapabilityFault) -> Self {
        let code = fault.as_str();
        Self::Credential { code }
    }
}
