//! Heads that were kept elsewhere, in the order in which a log comes to them.

use std::ops::RangeInclusive;

use callgate_types::Digest;

use crate::Head;

/// Heads that are to come, the last one first.
pub(super) struct Pins {
    rest: Vec<Head>,
    is_any: bool,
}

impl Pins {
    /// Of a log that is read from record `from` on.
    pub(super) fn new(heads: &[Head], from: u64) -> Self {
        let mut rest: Vec<_> = heads.to_vec();
        rest.retain(|head| head.records >= from);
        rest.sort_by_key(|head| head.records);
        rest.reverse();
        let is_any = !rest.is_empty();
        Self { rest, is_any }
    }

    /// Whether there is one about records that are read.
    pub(super) const fn is_any(&self) -> bool {
        self.is_any
    }

    /// Whether one has a size among `sizes`, all of which are still to come.
    pub(super) fn is_in(&self, sizes: &RangeInclusive<u64>) -> bool {
        let next = self.rest.last();
        next.is_some_and(|head| sizes.contains(&head.records))
    }

    /// The log has come to `head`.
    ///
    /// # Errors
    ///
    /// The digest that another one has at its size.
    #[inline]
    pub(super) fn reach(&mut self, head: Head) -> Result<(), Digest> {
        while let Some(pin) = self.rest.pop_if(|pin| pin.records == head.records) {
            if pin != head {
                self.rest.push(pin);
                return Err(pin.digest);
            }
        }
        Ok(())
    }

    /// The largest size that was never reached.
    pub(super) fn unreached(&self) -> Option<u64> {
        self.rest.first().map(|head| head.records)
    }
}
