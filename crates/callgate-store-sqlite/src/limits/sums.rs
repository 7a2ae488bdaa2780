//! What is used under one key, slice by slice, as it stands in its row.

use callgate_approval::limit::Window;
use callgate_types::Amount;

/// Bytes of one slice: its number and its sum, the highest byte first.
const ENTRY: usize = 24;

/// What is used under one key, oldest slice first. What is reserved counts as used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums(Vec<(i64, Amount)>);

impl Sums {
    /// Reads a row; `None` where it is none that was written here.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (entries, rest) = bytes.as_chunks::<ENTRY>();
        let entry = |entry: &[u8; ENTRY]| {
            let (slice, units) = entry.split_first_chunk::<8>()?;
            let units = i128::from_be_bytes(units.try_into().ok()?);
            let amount = Amount::of_units(units).filter(|amount| !amount.is_negative())?;
            Some((i64::from_be_bytes(*slice), amount))
        };
        let all: Option<Vec<(i64, Amount)>> = entries.iter().map(entry).collect();
        let all = all.filter(|all| rest.is_empty() && all.is_sorted_by_key(|(slice, _)| *slice))?;
        Some(Self(all))
    }

    /// As it stands in a row.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len().saturating_mul(ENTRY));
        for (slice, amount) in &self.0 {
            bytes.extend_from_slice(&slice.to_be_bytes());
            bytes.extend_from_slice(&amount.units().to_be_bytes());
        }
        bytes
    }

    /// The slice of a moment: never one before the latest so far.
    pub(super) fn slice(&self, window: Window, millis: i64) -> i64 {
        let slice = window.slice(millis);
        self.0
            .last()
            .map_or(slice, |(newest, _)| slice.max(*newest))
    }

    /// Leaves out what does not count in `slice` any more.
    pub(super) fn forget(&mut self, window: Window, slice: i64) {
        let oldest = window.oldest(slice);
        self.0
            .retain(|(of, amount)| *of >= oldest && *amount != Amount::ZERO);
    }

    /// All together; `None` beyond all bounds.
    pub(super) fn total(&self) -> Option<Amount> {
        let mut amounts = self.0.iter().map(|(_, amount)| *amount);
        amounts.try_fold(Amount::ZERO, Amount::checked_add)
    }

    /// Adds to the latest slice; `None` beyond all bounds.
    pub(super) fn add(&mut self, slice: i64, amount: Amount) -> Option<()> {
        match self.0.last_mut() {
            Some((newest, sum)) if *newest == slice => *sum = sum.checked_add(amount)?,
            _ => self.0.push((slice, amount)),
        }
        Some(())
    }

    /// Takes back what was added to a slice, if it is still there. More than is there, is not: what
    /// cannot be told restricts.
    pub(super) fn take_back(&mut self, slice: i64, amount: Amount) {
        let mut slices = self.0.iter_mut();
        if let Some((_, sum)) = slices.find(|(of, _)| *of == slice)
            && let Some(left) = sum.checked_sub(amount).filter(|left| !left.is_negative())
        {
            *sum = left;
        }
    }

    /// From which moment on nothing of it counts.
    pub(super) fn over_at(&self, window: Window) -> i64 {
        self.0.last().map_or(0, |(newest, _)| window.end(*newest))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What is written is read again, and any other bytes are never a panic.
        #[test]
        fn rows(entries in prop::collection::vec((any::<i64>(), 0_u32..1_000), 0..70), bytes: Vec<u8>) {
            let mut sums: Vec<(i64, Amount)> =
                entries.into_iter().map(|(slice, whole)| (slice, Amount::whole(whole))).collect();
            sums.sort_by_key(|(slice, _)| *slice);
            let sums = Sums(sums);
            prop_assert_eq!(Sums::read(&sums.write()), Some(sums));
            if let Some(read) = Sums::read(&bytes) {
                prop_assert_eq!(read.write(), bytes);
            }
        }
    }

    #[test]
    fn adds_and_forgets() {
        let window = Window::Sliding(Duration::from_secs(60));
        let mut sums = Sums::default();
        for second in [0, 1, 30] {
            let slice = sums.slice(window, second * 1_000);
            sums.forget(window, slice);
            sums.add(slice, Amount::whole(5)).unwrap();
        }
        assert_eq!(sums.total(), Some(Amount::whole(15)));
        // The clock goes back, and the key's does not.
        assert_eq!(sums.slice(window, 10_000), 30);
        sums.take_back(1, Amount::whole(2));
        sums.take_back(1, Amount::whole(9));
        sums.take_back(2, Amount::whole(1));
        assert_eq!(sums.total(), Some(Amount::whole(13)));
        sums.forget(window, 61);
        assert_eq!(sums.total(), Some(Amount::whole(8)));
        assert_eq!(sums.over_at(window), 91_000);
    }
}
