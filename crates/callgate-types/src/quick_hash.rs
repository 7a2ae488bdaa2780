//! A quick hash of bytes.
//!
//! Its tables hold nothing but what the policy names, so nobody who calls can fill them with
//! collisions; and whatever a look-up finds is compared in full.

use std::hash::{BuildHasherDefault, Hasher};

/// Two rounds of this mix every bit into the upper half.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// Takes bytes and numbers in turn.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quick(u64);

/// For maps that live as long as compiling takes.
pub type Build = BuildHasherDefault<Quick>;

impl Quick {
    #[inline]
    const fn mix(self, word: u64) -> Self {
        let product = ((self.0 ^ word) as u128).wrapping_mul(FACTOR as u128);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "both halves are folded into one"
        )]
        Self((product as u64) ^ ((product >> 64) as u64))
    }
}

impl Hasher for Quick {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let mut state = self.mix((bytes.len() as u64) ^ FACTOR);
        let (words, _) = bytes.as_chunks::<8>();
        for word in words {
            state = state.mix(u64::from_le_bytes(*word));
        }
        // The end is read as a whole word again, which overlaps with the one before it.
        *self = match (
            bytes.last_chunk::<8>(),
            bytes.first_chunk::<4>(),
            bytes.last_chunk::<4>(),
        ) {
            (Some(end), _, _) => state.mix(u64::from_le_bytes(*end)),
            (None, Some(first), Some(last)) => {
                let first = u64::from(u32::from_le_bytes(*first));
                state.mix((first << 32) | u64::from(u32::from_le_bytes(*last)))
            }
            _ => {
                let short = bytes.iter();
                state.mix(short.fold(0, |word, byte| (word << 8) | u64::from(*byte)))
            }
        };
    }

    #[inline]
    fn write_u32(&mut self, number: u32) {
        *self = self.mix(u64::from(number));
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        *self = self.mix(number);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.mix(FACTOR).0
    }
}

/// The hash of `bytes`: for most names one multiplication.
#[inline]
pub fn of(bytes: &[u8]) -> u64 {
    let word = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
    let (first, last) = match bytes.len() {
        0..4 => {
            let short = bytes.iter();
            (
                short.fold(0, |word, byte| (word << 8) | u64::from(*byte)),
                0,
            )
        }
        4..8 => (
            bytes.first_chunk().map_or(0, word),
            bytes.last_chunk().map_or(0, word),
        ),
        8..17 => (
            bytes
                .first_chunk()
                .map_or(0, |first| u64::from_le_bytes(*first)),
            bytes
                .last_chunk()
                .map_or(0, |last| u64::from_le_bytes(*last)),
        ),
        _ => return of_many(bytes),
    };
    of_pair(first ^ ((bytes.len() as u64) << 56), last)
}

/// The hash of more than sixteen bytes: the last sixteen overlap with those before them.
#[inline]
fn of_many(bytes: &[u8]) -> u64 {
    let halves = |both: &[u8; 16]| {
        let both = u128::from_le_bytes(*both);
        #[expect(clippy::cast_possible_truncation, reason = "each half is a word")]
        (both as u64, (both >> 64) as u64)
    };
    let add = |hash: u64, chunk| {
        let (one, other) = halves(chunk);
        of_pair(hash.rotate_left(32) ^ one, other)
    };
    let start = bytes.len() as u64;
    if let (Some(first), Some(last), 17..33) =
        (bytes.first_chunk(), bytes.last_chunk(), bytes.len())
    {
        return add(add(start, first), last);
    }
    let (chunks, _) = bytes.as_chunks::<16>();
    chunks.iter().chain(bytes.last_chunk()).fold(start, add)
}

/// The hash of two numbers.
#[inline]
pub const fn of_pair(one: u64, other: u64) -> u64 {
    Quick(one.wrapping_mul(FACTOR)).mix(other.rotate_left(32)).0
}

/// The hash of a number.
#[inline]
pub const fn of_number(number: u64) -> u64 {
    Quick(0).mix(number).0
}

/// Whether both are the same; quick for what is short.
#[inline]
pub fn same(one: &[u8], other: &[u8]) -> bool {
    /// Whether both begin and end with the same `N` bytes.
    #[inline]
    fn ends<const N: usize>(one: &[u8], other: &[u8]) -> bool {
        one.first_chunk::<N>() == other.first_chunk::<N>()
            && one.last_chunk::<N>() == other.last_chunk::<N>()
    }
    // Both ends overlap wherever they do not reach each other exactly.
    match one.len() {
        len if len != other.len() => false,
        0..4 => {
            one.first() == other.first() && one.get(1) == other.get(1) && one.last() == other.last()
        }
        4..8 => ends::<4>(one, other),
        8..17 => ends::<8>(one, other),
        17..33 => ends::<16>(one, other),
        _ => one == other,
    }
}

/// Where probing starts in a table whose length is a power of two, or 0.
#[inline]
pub const fn start(hash: u64, table: usize) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "only the lowest bits count"
    )]
    let hash = hash as usize;
    hash & table.wrapping_sub(1)
}

/// The next place.
#[inline]
pub const fn next(place: usize, table: usize) -> usize {
    place.wrapping_add(1) & table.wrapping_sub(1)
}

/// The length of a table for so many entries: a power of two, and never more than two thirds full;
/// a small one is mostly empty, so that most look-ups end where they start.
pub fn table_len(entries: usize) -> usize {
    const SMALL: usize = 1024;
    let spare = match entries {
        0 => return 0,
        1..=SMALL => entries.saturating_mul(3),
        _ => entries / 2,
    };
    let len = entries.saturating_add(spare).saturating_add(1);
    len.next_power_of_two()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_differ_in_any_byte() {
        for len in 0..70 {
            let text: Vec<u8> = (0..len).collect();
            assert!(same(&text, &text.clone()), "{len}");
            assert_eq!(of(&text), of(&text.clone()));
            for place in 0..text.len() {
                let mut other = text.clone();
                other[place] ^= 0x80;
                assert!(!same(&text, &other), "{len} {place}");
            }
            let mut longer = text.clone();
            longer.push(0);
            assert!(!same(&text, &longer), "{len}");
        }
    }
}
