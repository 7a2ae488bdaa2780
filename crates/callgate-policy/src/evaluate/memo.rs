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

    /// The truth of `node`, worked out by `judge` where it is not known yet.
    #[inline]
    pub(super) fn truth(&self, node: u32, judge: impl FnOnce() -> Truth) -> Truth {
        let Some(place) = self.0.get(node as usize % PLACES) else {
            return judge();
        };
        let known = place.get();
        // A place that was never written is 0, which stands for no answer.
        if known >> 2 == node {
            match known & 3 {
                1 => return Truth::No,
                2 => return Truth::Unknown,
                3 => return Truth::Yes,
                _ => {}
            }
        }
        let truth = judge();
        let answer = match truth {
            Truth::No => 1,
            Truth::Unknown => 2,
            Truth::Yes => 3,
        };
        if node >> 30 == 0 {
            place.set((node << 2) | answer);
        }
        truth
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_answers_apart() {
        let memo = Memo::new();
        for node in [0, 1, 32, 33, 64, 0, u32::MAX, 31] {
            for truth in [Truth::Yes, Truth::No, Truth::Unknown] {
                let memo = Memo::new();
                assert_eq!(memo.truth(node, || truth), truth);
            }
            assert_eq!(memo.truth(node, || Truth::Yes), Truth::Yes);
        }
        assert_eq!(memo.truth(31, || Truth::No), Truth::Yes);
        assert_eq!(memo.truth(32, || Truth::No), Truth::No);
    }
}
