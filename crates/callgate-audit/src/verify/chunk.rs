//! Some whole lines of a log, and what was found in them.

use std::ops::Range;
use std::path::Path;

use super::chain::Place;
use super::examine::{Examined, examine};
use super::part::{Line, Part, Run};
use crate::{LineFault, json};

/// Whole lines of one file.
#[derive(Default)]
pub(super) struct Chunk<'p> {
    path: Option<&'p Path>,
    /// Where the first line begins in the file.
    start: u64,
    /// The lines stand at its start; what is behind them is of no account.
    buffer: Vec<u8>,
    /// How many bytes the lines have.
    length: usize,
    parts: Vec<Part>,
}

impl<'p> Chunk<'p> {
    /// Lines of that file come, from that byte on.
    pub(super) fn begin(&mut self, path: Option<&'p Path>, start: u64) {
        (self.path, self.start, self.length) = (path, start, 0);
        self.parts.clear();
    }

    /// Begins with `bytes`; returns how many they are.
    pub(super) fn put(&mut self, bytes: &[u8]) -> usize {
        let room = self.room(0, bytes.len());
        room.copy_from_slice(bytes);
        bytes.len()
    }

    /// The room between two places.
    pub(super) fn room(&mut self, from: usize, to: usize) -> &mut [u8] {
        if self.buffer.len() < to {
            self.buffer.resize(to, 0);
        }
        self.buffer.get_mut(from..to).unwrap_or_default()
    }

    /// The lines end at `whole`; returns what stands between there and `read`.
    pub(super) fn end_at(&mut self, whole: usize, read: usize) -> &[u8] {
        self.length = whole;
        self.buffer.get(whole..read).unwrap_or_default()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(super) fn bytes(&self) -> u64 {
        u64::try_from(self.length).unwrap_or(u64::MAX)
    }

    /// Looks at each line by itself, and which of them follow each other.
    pub(super) fn examine(&mut self, checker: &mut json::Checker) {
        let mut parts = std::mem::take(&mut self.parts);
        for line in self.lines(0..self.length) {
            let found = examine(checker, self.text(&line));
            let with_end = line.start..line.end.saturating_add(1);
            if let Ok(record) = &found {
                if let Some(Part::Run(run)) = parts.last_mut()
                    && run.extend(&with_end, record)
                {
                    continue;
                }
                if let Some(run) = Run::of(with_end, record) {
                    parts.push(Part::Run(run));
                    continue;
                }
            }
            parts.push(Part::Line(Line { bytes: line, found }));
        }
        self.parts = parts;
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The lines of a part once more, one by one.
    pub(super) fn examined(
        &self,
        bytes: &Range<usize>,
        checker: &mut json::Checker,
    ) -> impl Iterator<Item = (&[u8], Place<'p>, Result<Examined, LineFault>)> {
        self.lines(bytes.clone()).map(|line| {
            let (text, place) = (self.text(&line), self.place(line.start));
            (text, place, examine(checker, text))
        })
    }

    pub(super) fn text(&self, line: &Range<usize>) -> &[u8] {
        self.buffer.get(line.clone()).unwrap_or_default()
    }

    pub(super) fn place(&self, start: usize) -> Place<'p> {
        let start = u64::try_from(start).unwrap_or(u64::MAX);
        (self.path, self.start.saturating_add(start))
    }

    /// Where each line stands, without its line feed.
    fn lines(&self, bytes: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let mut start = bytes.start;
        let text = self.buffer.get(bytes).unwrap_or_default();
        let first = start;
        memchr::memchr_iter(b'\n', text).map(move |end| {
            let end = first.saturating_add(end);
            let line = start..end;
            start = end.saturating_add(1);
            line
        })
    }
}
