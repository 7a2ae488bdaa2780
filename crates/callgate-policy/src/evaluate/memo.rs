//! What has been found out while judging one call.

use std::cell::Cell;

use super::Truth;

/// How many answers are kept.
const PLACES: usize = 32;

/// The truth of conditions that several statements share, so that each is worked out once.
///
/// A later answer takes the place of an earlier one whose number ends alike; that one is worked
/// out again when it is asked for.
#[derive(Debug)]
pub(crate) struct Memo([Cell<u32>; PLACES]);

impl Memo {
    pub(crate) const fn new() -> Self {
        Self([const { Cell::new(0) }; PLACES])
    }

    /// The truth of `node`, where it is known.
    #[inline]
    pub(super) fn known(&self, node: u32) -> Option<Truth> {
        let known = self.0.get(node as usize % PLACES)?.get();
        // A place that was never written is 0, which stands for no answer.
        match known & 3 {
            _ if known >> 2 != node => None,
            1 => Some(Truth::No),
            2 => Some(Truth::Unknown),
            3 => Some(Truth::Yes),
            _ => None,
        }
    }

    /// Keeps what was worked out.
    #[inline]
    pub(super) fn keep(&self, node: u32, truth: Truth) {
        let answer = match truth {
            Truth::No => 1,
            Truth::Unknown => 2,
            Truth::Yes => 3,
        };
        if let Some(place) = self.0.get(node as usize % PLACES)
            && node >> 30 == 0
        {
            place.set((node << 2) | answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_answers_apart() {
        for node in [0, 1, 32, 33, 64, 31] {
            let memo = Memo::new();
            for truth in [Truth::Yes, Truth::No, Truth::Unknown] {
                assert_eq!(memo.known(node ^ 32), None);
                memo.keep(node, truth);
                assert_eq!(memo.known(node), Some(truth));
            }
            memo.keep(node ^ 32, Truth::No);
            assert_eq!(memo.known(node), None);
        }
        let memo = Memo::new();
        memo.keep(u32::MAX, Truth::Yes);
        assert_eq!(memo.known(u32::MAX), None);
    }
}
