//! A short list of numbers that only goes to the heap when it is not short.

/// A list of numbers, so many of them inline.
#[derive(Clone, Debug)]
pub(crate) struct List<const INLINE: usize> {
    inline: [u32; INLINE],
    len: usize,
    /// All of them, once there are more than fit inline.
    spilled: Vec<u32>,
}

impl<const INLINE: usize> List<INLINE> {
    pub(crate) const EMPTY: Self = Self {
        inline: [0; INLINE],
        len: 0,
        spilled: Vec::new(),
    };

    /// So many zeros.
    #[inline]
    pub(crate) fn zeros(len: usize) -> Self {
        let mut list = Self::EMPTY;
        list.len = len;
        if len > INLINE {
            list.spilled = vec![0; len];
        }
        list
    }

    #[inline]
    pub(crate) fn push(&mut self, number: u32) {
        if self.spilled.is_empty() {
            if let Some(place) = self.inline.get_mut(self.len) {
                *place = number;
                self.len = self.len.saturating_add(1);
                return;
            }
            self.spilled.extend_from_slice(&self.inline);
        }
        self.spilled.push(number);
        self.len = self.spilled.len();
    }

    pub(crate) fn pop(&mut self) -> Option<u32> {
        let last = self.as_slice().last().copied()?;
        self.spilled.pop();
        self.len = self.len.saturating_sub(1);
        Some(last)
    }

    /// Brings the numbers into order, each once.
    #[inline]
    pub(crate) fn sort(&mut self) {
        if !self.as_slice().is_sorted_by(|one, next| one < next) {
            self.sort_disorder();
        }
    }

    #[inline(never)]
    fn sort_disorder(&mut self) {
        self.as_mut_slice().sort_unstable();
        if self.spilled.is_empty() {
            let mut kept = 0_usize;
            let sorted = self.inline;
            for (place, number) in sorted.iter().take(self.len).enumerate() {
                let earlier = place.checked_sub(1).and_then(|before| sorted.get(before));
                if earlier != Some(number) {
                    if let Some(slot) = self.inline.get_mut(kept) {
                        *slot = *number;
                    }
                    kept = kept.saturating_add(1);
                }
            }
            self.len = kept;
        } else {
            self.spilled.dedup();
            self.len = self.spilled.len();
        }
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u32] {
        if self.spilled.is_empty() {
            self.inline.get(..self.len).unwrap_or_default()
        } else {
            &self.spilled
        }
    }

    #[inline]
    pub(crate) fn as_mut_slice(&mut self) -> &mut [u32] {
        if self.spilled.is_empty() {
            self.inline.get_mut(..self.len).unwrap_or_default()
        } else {
            &mut self.spilled
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(numbers: &[u32]) {
        let mut list = List::<16>::EMPTY;
        for number in numbers {
            list.push(*number);
        }
        assert_eq!(list.as_slice(), numbers);
        list.sort();
        let mut expected = numbers.to_vec();
        expected.sort_unstable();
        expected.dedup();
        assert_eq!(list.as_slice(), expected);
    }

    #[test]
    fn keeps_and_sorts() {
        check(&[]);
        check(&[3]);
        check(&[1, 2, 5]);
        check(&[5, 1, 5, 1, 2]);
        let many: Vec<u32> = (0..16).rev().collect();
        check(&many);
        let more: Vec<u32> = (0..40).map(|n| n * 7 % 23).collect();
        check(&more);
    }

    #[test]
    fn zeros_can_be_set() {
        for len in [0, 3, 16, 17, 100] {
            let mut list = List::<16>::zeros(len);
            if let Some(last) = list.as_mut_slice().last_mut() {
                *last = 9;
            }
            assert_eq!(list.as_slice().len(), len);
            assert_eq!(list.as_slice().last().copied(), (len > 0).then_some(9));
        }
    }
}
