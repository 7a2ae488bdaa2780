//! A log as it is read: in chunks of whole lines, in their order, in bounded memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::slice;

use super::chain::Place;
use super::chunk::Chunk;
use crate::line::MAX_LINE;
use crate::segment::Segment;

/// About how many bytes a chunk has.
pub(super) const CHUNK: usize = 64 << 10;

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

/// Reads a log: its segments one after the other, or one stream.
pub(super) struct Source<'p, R> {
    segments: slice::Iter<'p, Segment>,
    open: Option<Reading<'p, R>>,
    /// What comes behind the chunk before it; nothing follows that.
    last: Option<Step<'p>>,
    /// Chunks to use again.
    spare: Vec<Chunk<'p>>,
    /// Behind what was read last.
    end: Place<'p>,
    /// About how many bytes a chunk has.
    chunk: usize,
}

impl<'p> Source<'p, io::Empty> {
    pub(super) fn of_segments(segments: &'p [Segment]) -> Self {
        Self::of(segments.iter(), None)
    }
}

impl<'p, R: Read> Source<'p, R> {
    pub(super) fn of_stream(stream: R) -> Self {
        let reading = Reading::of(None, Stream::Whole(stream));
        Self::of([].iter(), Some(reading))
    }

    const fn of(segments: slice::Iter<'p, Segment>, open: Option<Reading<'p, R>>) -> Self {
        Self {
            segments,
            open,
            last: None,
            spare: Vec::new(),
            end: (None, 0),
            chunk: CHUNK,
        }
    }

    /// In chunks of about so many bytes.
    #[cfg(test)]
    pub(super) const fn in_chunks(mut self, bytes: usize) -> Self {
        self.chunk = bytes;
        self
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
            let Some(reading) = &mut self.open else {
                return self.next_segment();
            };
            let mut chunk = self.spare.pop().unwrap_or_default();
            let filled = reading.fill(&mut chunk, self.chunk);
            let path = reading.path;
            self.end = (path, reading.end);
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
            if !chunk.is_empty() {
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
                self.open = Some(Reading::of(Some(path), Stream::File(file)));
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

/// A file or stream that is being read.
struct Reading<'p, R> {
    path: Option<&'p Path>,
    stream: Stream<R>,
    /// What was read behind the last whole line; there is no line feed in it.
    rest: Vec<u8>,
    /// Behind what was read.
    end: u64,
}

enum Stream<R> {
    Whole(R),
    File(io::Take<File>),
}

/// Why a chunk is not larger.
enum Filled<'p> {
    Full,
    End,
    Open(Open<'p>),
}

impl<'p, R: Read> Reading<'p, R> {
    const fn of(path: Option<&'p Path>, stream: Stream<R>) -> Self {
        Self {
            path,
            stream,
            rest: Vec::new(),
            end: 0,
        }
    }

    /// Fills `chunk` with whole lines. A line that is longer than `size` makes it larger; no line is
    /// longer than lines may be.
    fn fill(&mut self, chunk: &mut Chunk<'p>, size: usize) -> io::Result<Filled<'p>> {
        let start = self.end.saturating_sub(to_u64(self.rest.len()));
        chunk.begin(self.path, start);
        let mut read = chunk.put(&self.rest);
        self.rest.clear();
        let mut whole = 0;
        let mut size = size.max(read).min(MAX_LINE);
        let filled = loop {
            if read == size && (whole > 0 || size == MAX_LINE) {
                break Ok(None);
            }
            if read == size {
                size = size.saturating_mul(2).clamp(1, MAX_LINE);
            }
            let room = chunk.room(read, size);
            match read_some(&mut self.stream, room) {
                Ok(0) => break Ok(Some(())),
                Ok(more) => {
                    let new = room.get(..more).unwrap_or_default();
                    if let Some(last) = memchr::memrchr(b'\n', new) {
                        whole = read.saturating_add(last).saturating_add(1);
                    }
                    read = read.saturating_add(more);
                    self.end = self.end.saturating_add(to_u64(more));
                }
                Err(error) => break Err(error),
            }
        };
        let rest = chunk.end_at(whole, read);
        match filled? {
            None if whole > 0 => {
                self.rest.extend_from_slice(rest);
                Ok(Filled::Full)
            }
            end => self.ended(rest, end.is_some()),
        }
    }

    /// What `rest` is, behind which the stream ends, or which is as long as no line may be.
    fn ended(&mut self, rest: &[u8], is_end: bool) -> io::Result<Filled<'p>> {
        let place = self.end.saturating_sub(to_u64(rest.len()));
        let zeros = rest.iter().rev().take_while(|byte| **byte == 0).count();
        let bytes = to_u64(rest.len().saturating_sub(zeros));
        let is_end = is_end || self.rest_is_zeros()?;
        if is_end && bytes == 0 {
            return Ok(Filled::End);
        }
        Ok(Filled::Open(Open {
            place: (self.path, place),
            bytes,
            is_end,
            is_last: false,
        }))
    }

    /// Whether nothing but zeros follows; reads them.
    fn rest_is_zeros(&mut self) -> io::Result<bool> {
        let mut buffer = vec![0; CHUNK];
        loop {
            let more = read_some(&mut self.stream, &mut buffer)?;
            let new = buffer.get(..more).unwrap_or_default();
            self.end = self.end.saturating_add(to_u64(more));
            if new.is_empty() || new.iter().any(|byte| *byte != 0) {
                return Ok(new.is_empty());
            }
        }
    }
}

fn read_some<R: Read>(stream: &mut Stream<R>, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        let read = match stream {
            Stream::Whole(stream) => stream.read(buffer),
            Stream::File(file) => file.read(buffer),
        };
        match read {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

fn to_u64(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
