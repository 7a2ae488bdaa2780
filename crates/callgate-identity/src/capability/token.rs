//! The token: what travels, and nobody has verified.

use std::fmt;

use callgate_types::Digest;
use chrono::{DateTime, Utc};

use super::biscuit;
use super::block::{self, Symbols};
use super::envelope;
use super::fault::TokenFault;
use super::grant::Grant;
use super::issue::IssueError;
use super::key::SecretKey;
use super::restrictions::Restrictions;
use super::roots::Roots;
use super::signature::RevocationId;
use super::text;
use super::vocabulary::{self, Authority};

/// Most holders that a token names.
const MAX_HOLDERS: usize = 4;

/// A capability token that was read and not verified.
///
/// It can be narrowed by whoever has it; what it says counts for nothing until it is
/// [verified](CapabilityToken::verify). It is a secret, and no `Debug` and no error shows it.
#[derive(Clone)]
pub struct CapabilityToken {
    text: Box<str>,
    bytes: Box<[u8]>,
    root: Option<u32>,
    authority: Authority,
    blocks: Vec<Restrictions>,
    ids: Vec<RevocationId>,
    keys: Vec<[u8; 32]>,
}

impl CapabilityToken {
    /// Longest text of a token, in bytes.
    pub const MAX_BYTES: usize = 16_384;
    /// Most blocks of a token.
    pub const MAX_BLOCKS: usize = 16;

    /// Reads `text`.
    ///
    /// # Errors
    ///
    /// Refuses everything that `docs/spec/capability.md` refuses, but for what takes a key or a
    /// clock to see.
    pub fn parse(text: &str) -> Result<Self, TokenFault> {
        if text.len() > Self::MAX_BYTES {
            return Err(TokenFault::TooLarge);
        }
        let bytes = text::decode(text).ok_or(TokenFault::NotBase64)?;
        let envelope = envelope::read(&bytes)?;
        let mut symbols = Symbols::default();
        let (mut authority, mut blocks) = (None, Vec::new());
        for (block, signed) in envelope.blocks.iter().enumerate() {
            let content = block::read(signed.content, block, &mut symbols)?;
            let restrictions = if block == 0 {
                let (read, restrictions) = vocabulary::authority(&content)?;
                authority = Some(read);
                restrictions
            } else {
                vocabulary::attenuation(&content, block)?
            };
            blocks.push(restrictions);
            if holders(&blocks).count() > MAX_HOLDERS {
                return Err(TokenFault::TooMuch { block });
            }
        }
        let (root, ids, keys) = (
            envelope.root,
            envelope.blocks.iter().map(|block| block.id).collect(),
            envelope.blocks.iter().map(|block| block.next).collect(),
        );
        Ok(Self {
            text: text.into(),
            bytes: bytes.into(),
            root,
            authority: authority.ok_or(TokenFault::Malformed)?,
            blocks,
            ids,
            keys,
        })
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Result<Self, TokenFault> {
        Self::parse(&text::encode(bytes))
    }

    /// The text to hand on: whoever has it can use the token.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The digest of the text, under which the token may be spoken of.
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    /// What its blocks are revoked by, block 0 first. Keep that of block 0 when you issue a token.
    pub fn revocation_ids(&self) -> &[RevocationId] {
        &self.ids
    }

    /// A narrower copy: as this token, and as `restrictions` demand. Needs no key but the token.
    ///
    /// `next` is a fresh key, not used for anything else.
    ///
    /// # Errors
    ///
    /// Refuses restrictions that demand nothing, that speak of a tool that the token does not
    /// grant, or that cannot stand in a token; a key that is in the token already; and a token
    /// that would be too large.
    pub fn attenuate(
        &self,
        restrictions: &Restrictions,
        next: &SecretKey,
    ) -> Result<Self, IssueError> {
        if *restrictions == Restrictions::new() {
            return Err(IssueError::NothingDemanded);
        }
        let bounded = restrictions.arguments.iter().map(|bound| &*bound.tool);
        for tool in restrictions.tools().chain(bounded) {
            if !grants_tool(&self.blocks, tool) {
                return Err(IssueError::NotGranted { tool: tool.into() });
            }
        }
        if self.keys.contains(next.public().as_bytes()) {
            return Err(IssueError::RepeatedKey);
        }
        let content = vocabulary::content(None, restrictions);
        let bytes = biscuit::append(&self.bytes, &content, next).ok_or(IssueError::NotSigned)?;
        Ok(Self::of_bytes(&bytes)?)
    }

    /// Checks every signature, and that the token is valid at `now`.
    ///
    /// Whether it was revoked is not looked at: see [`Grants`](super::Grants).
    ///
    /// # Errors
    ///
    /// Refuses what `docs/spec/capability.md` says.
    pub fn verify(&self, roots: &Roots, now: DateTime<Utc>) -> Result<Grant, TokenFault> {
        let id = self.root.ok_or(TokenFault::UnknownRoot)?;
        let root = roots.get(id).ok_or(TokenFault::UnknownRoot)?;
        let same = |key: &[u8; 32]| key == root.key.as_bytes();
        if let Some(block) = self.keys.iter().position(same) {
            return Err(TokenFault::RepeatedKey { block });
        }
        let envelope = envelope::read(&self.bytes)?;
        if !biscuit::is_signed(&self.bytes, &envelope, root.key) {
            return Err(TokenFault::BadSignature);
        }
        if !root.may_sign_for(&self.authority.tenant) {
            return Err(TokenFault::ForeignTenant);
        }
        let grant = Grant::new(
            self.digest(),
            self.authority.clone(),
            self.blocks.clone(),
            self.ids.clone(),
        );
        grant.is_valid_at(now)?;
        Ok(grant)
    }
}

/// The keys that blocks name as holders, with the blocks.
pub(super) fn holders(
    blocks: &[Restrictions],
) -> impl Iterator<Item = (usize, super::key::PublicKey)> {
    let named = blocks.iter().enumerate();
    named.filter_map(|(block, restrictions)| Some((block, restrictions.holder?)))
}

pub(super) fn grants_tool(blocks: &[Restrictions], tool: &str) -> bool {
    let listed = |block: &Restrictions| {
        let tools = block.tools.as_ref();
        tools.is_none_or(|tools| tools.contains(tool))
    };
    blocks.iter().all(listed)
}

/// Shows the digest alone.
impl fmt::Debug for CapabilityToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CapabilityToken")
            .field("digest", &self.digest())
            .field("blocks", &self.blocks.len())
            .finish_non_exhaustive()
    }
}
