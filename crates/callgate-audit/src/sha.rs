//! SHA-256 of what is at hand as a whole: block by block, without a buffer in between.
//!
//! Verifying is mostly hashing, and a record has some fifteen blocks: keeping a state that more
//! might be added to would cost as much as one of them.

use std::slice;

use callgate_types::Digest;
use sha2::block_api::compress256;

/// The first byte of what is hashed for a record: a leaf of RFC 6962.
pub(crate) const LEAF: u8 = 0x00;
/// The first byte of what is hashed for a node.
const NODE: u8 = 0x01;

const BLOCK: usize = 64;
/// What stands behind the last byte.
const END: u8 = 0x80;
/// Where the length stands in the last block.
const LENGTH: usize = BLOCK - 8;

/// How SHA-256 begins: FIPS 180-4, section 5.3.3.
pub(crate) const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The leaf that `line` is.
pub(crate) fn leaf(line: &[u8]) -> Digest {
    Leaf::of(line).finish()
}

/// A leaf that is hashed bit by bit, between other work.
///
/// Each instruction of SHA-256 waits for the one before it, so that a core is idle for most of the
/// time that it hashes. What else is to be done with a line is done meanwhile, if it comes in small
/// pieces between the blocks.
pub(crate) struct Leaf<'a> {
    state: [u32; 8],
    /// What is still to be hashed: whole blocks, and what is left.
    blocks: &'a [[u8; BLOCK]],
    rest: &'a [u8],
    /// All of the line.
    line: &'a [u8],
}

impl<'a> Leaf<'a> {
    /// Begins the leaf that `line` is.
    pub(crate) fn of(line: &'a [u8]) -> Self {
        let mut state = START;
        let (mut blocks, mut rest) = (<&[[u8; BLOCK]]>::default(), line);
        if let Some((begin, more)) = line.split_first_chunk::<{ BLOCK - 1 }>() {
            let mut first = [LEAF; BLOCK];
            put(first.get_mut(1..), begin);
            compress256(&mut state, &[first]);
            (blocks, rest) = more.as_chunks();
        }
        Self {
            state,
            blocks,
            rest,
            line,
        }
    }

    /// Hashes a block, where there is one.
    #[inline]
    pub(crate) fn step(&mut self) {
        if let [block, rest @ ..] = self.blocks {
            compress256(&mut self.state, slice::from_ref(block));
            self.blocks = rest;
        }
    }

    /// Hashes the rest.
    pub(crate) fn finish(mut self) -> Digest {
        if !self.blocks.is_empty() {
            compress256(&mut self.state, self.blocks);
        }
        let length = self.line.len().saturating_add(1);
        if self.line.len() < BLOCK - 1 {
            let mut text = [LEAF; BLOCK];
            put(text.get_mut(1..), self.line);
            last(
                &mut self.state,
                text.get(..length).unwrap_or_default(),
                length,
            );
        } else {
            last(&mut self.state, self.rest, length);
        }
        digest(self.state)
    }
}

/// The node above two others.
pub(crate) fn node(left: Digest, right: Digest) -> Digest {
    const BITS: u16 = 65 * 8;
    let mut state = START;
    let mut blocks = [[0; BLOCK]; 2];
    let [first, second] = &mut blocks;
    let ([begin @ .., _], [.., end]) = (right.as_bytes(), right.as_bytes());
    *first = [NODE; BLOCK];
    put(first.get_mut(1..), left.as_bytes());
    put(first.get_mut(33..), begin);
    let [to, mark, .., high, low] = second;
    (*to, *mark) = (*end, END);
    [*high, *low] = BITS.to_be_bytes();
    compress256(&mut state, &blocks);
    digest(state)
}

/// Hashes the last bytes, which do not fill a block, of a text of `length` bytes.
fn last(state: &mut [u32; 8], rest: &[u8], length: usize) {
    let mut blocks = [[0; BLOCK]; 2];
    let [first, second] = &mut blocks;
    put(Some(&mut *first), rest);
    put(first.get_mut(rest.len()..), &[END]);
    let fits = rest.len() < LENGTH;
    let end = if fits { first } else { second };
    let bits = u64::try_from(length).unwrap_or(u64::MAX).wrapping_mul(8);
    put(end.get_mut(LENGTH..), &bits.to_be_bytes());
    let used = if fits { 1 } else { 2 };
    compress256(state, blocks.get(..used).unwrap_or(&blocks));
}

/// Copies `from` to the start of `to`, which has room for it.
#[inline]
fn put(to: Option<&mut [u8]>, from: &[u8]) {
    if let Some(to) = to.and_then(|to| to.get_mut(..from.len())) {
        to.copy_from_slice(from);
    }
}

/// The digest that a state is.
pub(crate) fn digest(state: [u32; 8]) -> Digest {
    let mut bytes = [0; 32];
    let (words, _) = bytes.as_chunks_mut::<4>();
    for (to, word) in words.iter_mut().zip(state) {
        *to = word.to_be_bytes();
    }
    Digest::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_of_any_length() {
        let bytes: Vec<u8> = (0..300_u16)
            .map(|n| u8::try_from(n % 251).unwrap())
            .collect();
        for length in 0..bytes.len() {
            let line = &bytes[..length];
            let expected = Digest::of(&[&[0], line].concat());
            assert_eq!(leaf(line), expected, "{length}");
            for steps in 0..6 {
                let mut leaf = Leaf::of(line);
                (0..steps).for_each(|_| leaf.step());
                assert_eq!(leaf.finish(), expected, "{length}");
            }
        }
    }

    #[test]
    fn nodes() {
        for n in 0..100_u32 {
            let (left, right) = (Digest::of(&n.to_be_bytes()), Digest::of(&n.to_le_bytes()));
            let both = [&[1], left.as_bytes().as_slice(), right.as_bytes()].concat();
            assert_eq!(node(left, right), Digest::of(&both));
        }
    }
}
