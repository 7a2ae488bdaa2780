//! The container of a token: who signed what, as far as it can be seen without a key.

use super::fault::TokenFault;
use super::signature::RevocationId;
use super::token::CapabilityToken;
use super::wire::{Fields, Malformed, Value, once};

/// The parts of a container, none of them verified.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    /// The id of the root key, where one is named.
    pub(super) root: Option<u32>,
    /// Block 0 first.
    pub(super) blocks: Vec<Signed<'a>>,
}

/// A block and who can append to it.
#[derive(Debug)]
pub(super) struct Signed<'a> {
    pub(super) content: &'a [u8],
    /// The public key of which the secret appends the next block.
    pub(super) next: [u8; 32],
    pub(super) id: RevocationId,
}

/// Reads a container.
pub(super) fn read(bytes: &[u8]) -> Result<Envelope<'_>, TokenFault> {
    let container = container(bytes)?;
    if container.sealed {
        return Err(TokenFault::Sealed);
    }
    let found = container.blocks.len();
    if found > CapabilityToken::MAX_BLOCKS {
        return Err(TokenFault::TooManyBlocks { found });
    }
    if let Some(block) = container.blocks.iter().position(|block| block.third_party) {
        return Err(TokenFault::ThirdPartyBlock { block });
    }
    let mut blocks: Vec<Signed<'_>> = Vec::with_capacity(found);
    for (block, raw) in container.blocks.iter().enumerate() {
        let signed = raw.signed().ok_or(TokenFault::KeyAlgorithm { block })?;
        blocks.push(signed);
    }
    for (block, signed) in blocks.iter().enumerate() {
        let earlier = blocks.iter().take(block);
        if earlier.into_iter().any(|other| other.next == signed.next) {
            return Err(TokenFault::RepeatedKey { block });
        }
    }
    Ok(Envelope {
        root: container.root,
        blocks,
    })
}

struct Container<'a> {
    root: Option<u32>,
    blocks: Vec<Raw<'a>>,
    sealed: bool,
}

struct Raw<'a> {
    content: &'a [u8],
    algorithm: u32,
    key: &'a [u8],
    signature: &'a [u8],
    third_party: bool,
}

fn container(bytes: &[u8]) -> Result<Container<'_>, Malformed> {
    let mut fields = Fields::of(bytes);
    let (mut root, mut sealed, mut first) = (None, None, None);
    let mut blocks = Vec::new();
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => once(&mut root, value.small()?)?,
            2 => {
                let block = signed_block(value.bytes()?)?;
                once(&mut first, ())?;
                blocks.push(block);
            }
            3 => blocks.push(signed_block(value.bytes()?)?),
            4 => once(&mut sealed, is_seal(value.bytes()?)?)?,
            _ => return Err(Malformed),
        }
    }
    match (first, sealed) {
        (Some(()), Some(sealed)) => Ok(Container {
            root,
            blocks,
            sealed,
        }),
        _ => Err(Malformed),
    }
}

fn signed_block(bytes: &[u8]) -> Result<Raw<'_>, Malformed> {
    let mut fields = Fields::of(bytes);
    let (mut content, mut key, mut signature) = (None, None, None);
    let (mut external, mut version) = (None, None);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => once(&mut content, value.bytes()?)?,
            2 => once(&mut key, public_key(value.bytes()?)?)?,
            3 => once(&mut signature, value.bytes()?)?,
            4 => once(&mut external, value.bytes()?)?,
            5 => once(&mut version, value.number()?)?,
            _ => return Err(Malformed),
        }
    }
    // 0 is what no version means, so it is not written.
    if !matches!(version, None | Some(1)) {
        return Err(Malformed);
    }
    let (algorithm, key) = key.ok_or(Malformed)?;
    Ok(Raw {
        content: content.ok_or(Malformed)?,
        algorithm,
        key,
        signature: signature.ok_or(Malformed)?,
        third_party: external.is_some(),
    })
}

fn public_key(bytes: &[u8]) -> Result<(u32, &[u8]), Malformed> {
    let mut fields = Fields::of(bytes);
    let (mut algorithm, mut key) = (None, None);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => once(&mut algorithm, value.small()?)?,
            2 => once(&mut key, value.bytes()?)?,
            _ => return Err(Malformed),
        }
    }
    Ok((algorithm.ok_or(Malformed)?, key.ok_or(Malformed)?))
}

/// Whether the proof is a seal; the other one is a secret of 32 bytes.
fn is_seal(bytes: &[u8]) -> Result<bool, Malformed> {
    match Fields::only(bytes, 2) {
        Ok(Value::Bytes(_)) => Ok(true),
        _ => Fields::only(bytes, 1)?.exactly::<32>().map(|_| false),
    }
}

impl<'a> Raw<'a> {
    /// The block, where key and signature can be of Ed25519.
    fn signed(&self) -> Option<Signed<'a>> {
        if self.algorithm != 0 {
            return None;
        }
        Some(Signed {
            content: self.content,
            next: self.key.try_into().ok()?,
            id: RevocationId::from_bytes(self.signature.try_into().ok()?),
        })
    }
}
