//! A short list that lives on the stack until it grows long.

/// Up to `N` items in place, any number on the heap.
#[derive(Clone, Debug)]
pub(crate) struct List<T, const N: usize> {
    inline: [T; N],
    len: usize,
    heap: Vec<T>,
}

impl<T: Copy, const N: usize> List<T, N> {
    /// An empty list; `filler` is never seen.
    pub(crate) const fn new(filler: T) -> Self {
        Self {
            inline: [filler; N],
            len: 0,
            heap: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, item: T) {
        if self.heap.is_empty() {
            if let Some(place) = self.inline.get_mut(self.len) {
                *place = item;
                self.len = self.len.saturating_add(1);
                return;
            }
            self.heap.extend_from_slice(&self.inline);
        }
        self.heap.push(item);
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn as_slice(&self) -> &[T] {
        if self.heap.is_empty() {
            self.inline.get(..self.len).unwrap_or(&self.inline)
        } else {
            &self.heap
        }
    }
}

impl<T: Copy, const N: usize> Extend<T> for List<T, N> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.push(item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_past_its_place() {
        let mut list = List::<u32, 2>::new(0);
        for length in 0..5 {
            assert_eq!(list.as_slice(), (0..length).collect::<Vec<_>>());
            assert_eq!(list.is_empty(), length == 0);
            list.push(length);
        }
    }
}
