//! Numbers that look random and are the same in every run.

/// A generator with a fixed seed (`SplitMix64`).
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 where `bound` is 0.
    pub(super) const fn below(&mut self, bound: u32) -> u32 {
        match self.next().checked_rem(bound as u64) {
            // Smaller than `bound`.
            #[expect(clippy::cast_possible_truncation, reason = "the remainder of a `u32`")]
            Some(rest) => rest as u32,
            None => 0,
        }
    }
}
