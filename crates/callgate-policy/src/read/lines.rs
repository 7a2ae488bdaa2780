//! Where a byte of a text stands.

use crate::Position;

/// A text, and the places at which its lines begin.
pub(super) struct Lines<T> {
    text: T,
    starts: Vec<usize>,
}

impl<T: AsRef<str>> Lines<T> {
    pub(super) fn of(text: T) -> Self {
        let after = text
            .as_ref()
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(at, _)| at.saturating_add(1));
        Self {
            starts: std::iter::once(0).chain(after).collect(),
            text,
        }
    }

    /// How many bytes the text has.
    pub(super) fn length(&self) -> usize {
        self.text.as_ref().len()
    }

    /// The line of byte `at`, from 1.
    pub(super) fn line(&self, at: usize) -> u32 {
        u32::try_from(self.index(at)).unwrap_or(u32::MAX)
    }

    /// Line and column of byte `at`. Takes time in proportion to the length of the line.
    pub(super) fn position(&self, at: usize) -> Position {
        let start = self
            .index(at)
            .checked_sub(1)
            .and_then(|line| self.starts.get(line));
        let start = start.copied().unwrap_or(0);
        let rest = self.text.as_ref().get(start..).unwrap_or_default();
        let wanted = at.saturating_sub(start);
        let before = rest.char_indices().take_while(|(i, _)| *i < wanted).count();
        Position {
            line: self.line(at),
            column: u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1),
        }
    }

    /// How many lines begin at or before byte `at`.
    fn index(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns() {
        let lines = Lines::of("ab\n\näöx\n");
        let place = |at| {
            let Position { line, column } = lines.position(at);
            (line, column)
        };
        assert_eq!(place(0), (1, 1));
        assert_eq!(place(2), (1, 3));
        assert_eq!(place(3), (2, 1));
        assert_eq!(place(4), (3, 1));
        assert_eq!(place(6), (3, 2));
        assert_eq!(place(8), (3, 3));
        assert_eq!(place(9), (3, 4));
        assert_eq!(place(10), (4, 1));
        assert_eq!(lines.line(8), 3);
    }
}
