//! The lines of a log as they are read: in chunks, in their order, in bounded memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::slice;

use super::chain::Place;
use super::examine::{Examined, examine};
use crate::lines::{Lines, Piece};
use crate::segment::Segment;
use crate::{LineFault, json};

/// About how many bytes a chunk has.
const CHUNK: usize = 256 << 10;

/// What comes next in a log.
pub(super) enum Step<'p> {
    /// A file begins, named after that record.
    Segment(&'p Path, u64),
    /// Lines.
    Lines(Chunk<'p>),
    /// A line that does not end.
    Open(Open<'p>),
    /// It could not be read.
    Failed(Option<&'p Path>, io::Error),
}

/// A line that does not end.
pub(super) struct Open<'p> {
    pub(super) place: Place<'p>,
    /// How many bytes it has, as far as it was read.
    pub(super) bytes: u64,
    /// Nothing but zeros follows.
    pub(super) is_end: bool,
    /// No other file follows.
    pub(super) is_last: bool,
}

/// Whole lines of one file.
#[derive(Default)]
pub(super) struct Chunk<'p> {
    path: Option<&'p Path>,
    /// Where the first line begins in the file.
    start: u64,
    bytes: Vec<u8>,
    /// Where each line ends, its line feed included.
    ends: Vec<usize>,
    examined: Vec<Result<Examined, LineFault>>,
}

impl<'p> Chunk<'p> {
    /// Looks at each line by itself.
    pub(super) fn examine(&mut self) {
        let mut examined = std::mem::take(&mut self.examined);
        examined.clear();
        let mut checker = json::Checker::new();
        let lines = self.lines();
        examined.extend(lines.map(|(line, _)| examine(&mut checker, line)));
        self.examined = examined;
    }

    /// Each line without its line feed, and where it begins in the file.
    fn lines(&self) -> impl Iterator<Item = (&[u8], u64)> {
        let mut from = 0;
        self.ends.iter().map(move |to| {
            let start = from;
            from = *to;
            let line = self.bytes.get(start..to.saturating_sub(1));
            let offset = u64::try_from(start).unwrap_or(u64::MAX);
            (line.unwrap_or_default(), self.start.saturating_add(offset))
        })
    }

    /// Each line, where it stands, and what was found when it was examined.
    pub(super) fn found(
        &self,
    ) -> impl Iterator<Item = (&[u8], Place<'p>, &Result<Examined, LineFault>)> {
        let path = self.path;
        self.lines()
            .zip(&self.examined)
            .map(move |((line, at), found)| (line, (path, at), found))
    }

    pub(super) fn end(&self) -> (Place<'p>, u64) {
        let bytes = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        ((self.path, self.start.saturating_add(bytes)), bytes)
    }
}

/// Reads a log: its segments one after the other, or one stream.
pub(super) struct Source<'p, R> {
    segments: slice::Iter<'p, Segment>,
    open: Option<(Option<&'p Path>, Lines<Reading<R>>)>,
    /// What comes behind the chunk before it; nothing follows that.
    last: Option<Step<'p>>,
    /// Chunks to use again.
    spare: Vec<Chunk<'p>>,
    /// Behind what was read last.
    end: Place<'p>,
}

/// What lines are read from.
enum Reading<R> {
    Stream(R),
    File(io::Take<File>),
}

impl<R: Read> Read for Reading<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Stream(stream) => stream.read(buffer),
            Self::File(file) => file.read(buffer),
        }
    }
}

impl<'p> Source<'p, io::Empty> {
    pub(super) fn of_segments(segments: &'p [Segment]) -> Self {
        Self::of(segments.iter(), None)
    }
}

impl<'p, R: Read> Source<'p, R> {
    pub(super) fn of_stream(stream: R) -> Self {
        let lines = Lines::new(Reading::Stream(stream));
        Self::of([].iter(), Some((None, lines)))
    }

    const fn of(
        segments: slice::Iter<'p, Segment>,
        open: Option<(Option<&'p Path>, Lines<Reading<R>>)>,
    ) -> Self {
        Self {
            segments,
            open,
            last: None,
            spare: Vec::new(),
            end: (None, 0),
        }
    }

    /// Behind what was read last.
    pub(super) const fn end(&self) -> Place<'p> {
        self.end
    }

    /// A chunk to use again.
    pub(super) fn give(&mut self, chunk: Chunk<'p>) {
        self.spare.push(chunk);
    }

    pub(super) fn next(&mut self) -> Option<Step<'p>> {
        if self.last.is_some() {
            return self.last.take();
        }
        loop {
            let Some((path, lines)) = &mut self.open else {
                return self.next_segment();
            };
            let path = *path;
            let mut chunk = self.spare.pop().unwrap_or_default();
            let filled = chunk.fill(path, lines);
            self.end = (path, lines.end());
            let last = match filled {
                Ok(Filled::Full) => None,
                Ok(Filled::End) => {
                    self.open = None;
                    None
                }
                Ok(Filled::Open(mut open)) => {
                    open.is_last = self.segments.len() == 0;
                    self.stop();
                    Some(Step::Open(open))
                }
                Err(error) => {
                    self.stop();
                    Some(Step::Failed(path, error))
                }
            };
            if !chunk.ends.is_empty() {
                self.last = last;
                return Some(Step::Lines(chunk));
            }
            self.spare.push(chunk);
            if last.is_some() {
                return last;
            }
        }
    }

    fn next_segment(&mut self) -> Option<Step<'p>> {
        let segment = self.segments.next()?;
        let path = &*segment.path;
        match opened(path) {
            Ok(file) => {
                self.open = Some((Some(path), Lines::new(Reading::File(file))));
                Some(Step::Segment(path, segment.first))
            }
            Err(error) => {
                self.stop();
                Some(Step::Failed(Some(path), error))
            }
        }
    }

    /// Nothing more is read.
    fn stop(&mut self) {
        self.open = None;
        self.segments = [].iter();
    }
}

/// What is appended meanwhile is not looked at.
fn opened(path: &Path) -> io::Result<io::Take<File>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    Ok(file.take(length))
}

/// Why a chunk is not larger.
enum Filled<'p> {
    Full,
    End,
    Open(Open<'p>),
}

impl<'p> Chunk<'p> {
    fn fill<R: Read>(
        &mut self,
        path: Option<&'p Path>,
        lines: &mut Lines<R>,
    ) -> io::Result<Filled<'p>> {
        self.path = path;
        self.start = lines.end();
        self.bytes.clear();
        self.ends.clear();
        while self.bytes.len() < CHUNK {
            let bytes = match lines.next()? {
                Piece::End => return Ok(Filled::End),
                Piece::Open(rest) => u64::try_from(rest.len()).unwrap_or(u64::MAX),
                Piece::Line(line) => {
                    self.bytes.extend_from_slice(line);
                    self.bytes.push(b'\n');
                    self.ends.push(self.bytes.len());
                    continue;
                }
            };
            let place = (path, lines.start());
            let is_end = lines.rest_is_zeros()?;
            return Ok(Filled::Open(Open {
                place,
                bytes,
                is_end,
                is_last: false,
            }));
        }
        Ok(Filled::Full)
    }
}
