//! What a verified token allows.

use callgate_types::{Delegation, Digest, PrincipalId, ToolCall};
use chrono::{DateTime, Utc};

use super::fault::TokenFault;
use super::key::PublicKey;
use super::restrictions::{ArgumentBound, Ids, Restrictions};
use super::signature::RevocationId;
use super::token::holders;
use super::usage::{CapabilityFault, Use};
use super::vocabulary::Authority;

/// What a verified token allows: nothing in it is parsed or evaluated any more.
///
/// A grant is no permit. It says how far an authority was handed on, and whoever judges a call
/// still asks the policy.
#[derive(Clone, Debug)]
pub struct Grant {
    digest: Digest,
    authority: Authority,
    /// Block 0 first; a call must be as each of them demands.
    blocks: Vec<Restrictions>,
    ids: Vec<RevocationId>,
    /// The latest beginning and the earliest end of any block.
    counts: (DateTime<Utc>, DateTime<Utc>),
}

impl Grant {
    pub(super) fn new(
        digest: Digest,
        authority: Authority,
        blocks: Vec<Restrictions>,
        ids: Vec<RevocationId>,
    ) -> Self {
        let starts = blocks.iter().filter_map(|block| block.not_before);
        let ends = blocks.iter().filter_map(|block| block.before);
        // Block 0 has an end; a token without any would be over.
        let never = DateTime::<Utc>::MIN_UTC;
        let counts = (starts.max().unwrap_or(never), ends.min().unwrap_or(never));
        Self {
            digest,
            authority,
            blocks,
            ids,
            counts,
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

    /// The digest of the token's text.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// What its blocks are revoked by, block 0 first.
    pub fn revocation_ids(&self) -> &[RevocationId] {
        &self.ids
    }

    /// The tools that every block lists, in order of bytes.
    pub fn tools(&self) -> impl Iterator<Item = &str> {
        let first = self.blocks.first();
        let listed = first.into_iter().flat_map(Restrictions::tools);
        listed.filter(|tool| super::token::grants_tool(&self.blocks, tool))
    }

    /// When it ends: the earliest end of any block.
    pub const fn expires_at(&self) -> DateTime<Utc> {
        self.counts.1
    }

    /// The keys of which the holders have to prove that they are at hand.
    pub fn holders(&self) -> impl Iterator<Item = PublicKey> {
        holders(&self.blocks).map(|(_, key)| key)
    }

    /// The delegation to whoever came with the token: its tools, until it ends.
    ///
    /// A delegation knows tools and an end. **Arguments, resources, tenant, task and holders are not
    /// in it**: [`allows`](Grant::allows) has to be asked for every call as well.
    pub fn delegation(&self) -> Delegation {
        let tools = Delegation::new().tools(self.tools());
        tools.until(self.expires_at())
    }

    /// Checks that the grant counts at `now`.
    ///
    /// # Errors
    ///
    /// Names the first block that is not valid yet, or else the first that has expired.
    #[inline]
    pub fn is_valid_at(&self, now: DateTime<Utc>) -> Result<(), TokenFault> {
        if self.counts.0 <= now && now < self.counts.1 {
            return Ok(());
        }
        self.invalid_at(now)
    }

    #[cold]
    fn invalid_at(&self, now: DateTime<Utc>) -> Result<(), TokenFault> {
        let early = |block: &Restrictions| block.not_before.is_some_and(|moment| now < moment);
        if let Some(block) = self.blocks.iter().position(early) {
            return Err(TokenFault::NotYetValid { block });
        }
        let late = |block: &Restrictions| block.before.is_some_and(|moment| now >= moment);
        let block = self.blocks.iter().position(late).unwrap_or(0);
        Err(TokenFault::Expired { block })
    }

    /// Checks that every block allows a call as it is put here.
    ///
    /// # Errors
    ///
    /// Names the first cause in the order of `docs/spec/capability.md`, and the block.
    pub fn allows(&self, asked: &Use<'_>) -> Result<(), CapabilityFault> {
        let call = asked.call;
        if call.fault().is_some() {
            return Err(CapabilityFault::InvalidCall);
        }
        let Ok(arguments) = call.arguments() else {
            return Err(CapabilityFault::InvalidArguments);
        };
        self.is_valid_at(asked.now).map_err(|fault| match fault {
            TokenFault::NotYetValid { block } => CapabilityFault::NotYetValid { block },
            fault => CapabilityFault::Expired {
                block: fault.block().unwrap_or(0),
            },
        })?;
        if asked.tenant != Some(self.tenant()) {
            return Err(CapabilityFault::OutsideTenant);
        }
        if asked.task != Some(self.task()) {
            return Err(CapabilityFault::OutsideTask);
        }
        let first = |forbids: &dyn Fn(&Restrictions) -> bool| self.blocks.iter().position(forbids);
        if let Some(block) = first(&|block| !allows_tool(block, call)) {
            return Err(CapabilityFault::ToolNotGranted { block });
        }
        if let Some(block) = first(&|block| !allows_resources(block, asked)) {
            return Err(CapabilityFault::ResourceNotGranted { block });
        }
        let meets = |bound: &ArgumentBound| {
            let value = arguments.pointer(&bound.pointer);
            *bound.tool != *call.tool() || value.is_some_and(|value| bound.bound.admits(value))
        };
        if let Some(block) = first(&|block| !block.arguments.iter().all(meets)) {
            return Err(CapabilityFault::ArgumentNotGranted { block });
        }
        for (block, key) in holders(&self.blocks) {
            if !asked.proves(self.digest, key) {
                return Err(CapabilityFault::HolderNotProven { block });
            }
        }
        Ok(())
    }
}

fn allows_tool(block: &Restrictions, call: &ToolCall) -> bool {
    let tools = block.tools.as_ref();
    tools.is_none_or(|tools| tools.contains(call.tool()))
}

fn allows_resources(block: &Restrictions, asked: &Use<'_>) -> bool {
    let Some(kinds) = &block.resources else {
        return true;
    };
    asked
        .resources
        .iter()
        .all(|resource| match kinds.get(resource.kind) {
            None => false,
            Some(Ids::All) => true,
            Some(Ids::Listed(ids)) => resource.id.is_some_and(|id| ids.contains(id)),
        })
}
