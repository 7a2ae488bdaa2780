//! Lines of a stream that may grow, one after the other, in bounded memory.

use std::io::{self, BufRead, BufReader, Read};

use crate::line::MAX_LINE;

/// A stream, and the line that was read last.
pub(crate) struct Feed<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    /// Behind the last line that ends.
    end: u64,
    /// Where the last line begins.
    start: u64,
}

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A line that ends.
    Line,
    /// A line that is too long for a record; it was skipped.
    TooLong,
    /// The end; so many bytes stand behind the last line that ends, padding aside.
    End(u64),
}

impl<R: Read> Feed<R> {
    /// `stream` begins `offset` bytes behind the start of its file.
    pub(crate) fn new(stream: R, offset: u64) -> Self {
        Self {
            reader: BufReader::with_capacity(64 << 10, stream),
            line: Vec::new(),
            end: offset,
            start: offset,
        }
    }

    /// The line that was read last, without its line feed.
    pub(crate) fn line(&self) -> &[u8] {
        &self.line
    }

    /// Where that line begins, in bytes from the start of its file.
    pub(crate) const fn start(&self) -> u64 {
        self.start
    }

    /// Behind the last line that ends.
    pub(crate) const fn end(&self) -> u64 {
        self.end
    }

    pub(crate) fn step(&mut self) -> io::Result<Step> {
        self.line.clear();
        self.start = self.end;
        let bound = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
        let mut bounded = self.reader.by_ref().take(bound);
        let read = bounded.read_until(b'\n', &mut self.line)?;
        let mut read = u64::try_from(read).unwrap_or(u64::MAX);
        if self.line.pop_if(|last| *last == b'\n').is_some() {
            self.end = self.end.saturating_add(read);
            return Ok(Step::Line);
        }
        let zeros = self.line.iter().rev().take_while(|byte| **byte == 0);
        let left = self.line.len().saturating_sub(zeros.count());
        self.line.truncate(left);
        let (more, ended) = self.rest()?;
        read = read.saturating_add(more.bytes);
        if ended {
            self.end = self.end.saturating_add(read);
            return Ok(Step::TooLong);
        }
        let unended = if more.blank {
            u64::try_from(left).unwrap_or(u64::MAX)
        } else {
            read
        };
        Ok(Step::End(unended))
    }

    /// Reads on behind what may be the start of a line that is too long: up to its line feed, or
    /// to the end.
    fn rest(&mut self) -> io::Result<(Rest, bool)> {
        let mut rest = Rest {
            bytes: 0,
            blank: true,
        };
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok([]) => return Ok((rest, false)),
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let feed = chunk.iter().position(|byte| *byte == b'\n');
            let used = feed.map_or(chunk.len(), |at| at.saturating_add(1));
            rest.blank &= chunk.iter().take(used).all(|byte| *byte == 0);
            rest.bytes = rest
                .bytes
                .saturating_add(u64::try_from(used).unwrap_or(u64::MAX));
            self.reader.consume(used);
            if feed.is_some() {
                return Ok((rest, true));
            }
        }
    }
}

/// What follows the bytes that were looked at first.
struct Rest {
    bytes: u64,
    /// Whether all of it is zeros.
    blank: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stream: &[u8], expected: &[(Step, &[u8], u64)]) {
        let mut feed = Feed::new(stream, 0);
        for (step, line, start) in expected {
            assert_eq!(feed.step().unwrap(), *step);
            assert_eq!(feed.start(), *start);
            if *step == Step::Line {
                assert_eq!(feed.line(), *line);
            }
        }
    }

    #[test]
    fn lines() {
        use Step::{End, Line};
        check(b"", &[(End(0), b"", 0)]);
        check(
            b"a\nbc\n",
            &[(Line, b"a", 0), (Line, b"bc", 2), (End(0), b"", 5)],
        );
        check(b"a\nbc", &[(Line, b"a", 0), (End(2), b"", 2)]);
        check(b"a\n\0\0", &[(Line, b"a", 0), (End(0), b"", 2)]);
        check(b"a\nbc\0\0", &[(Line, b"a", 0), (End(2), b"", 2)]);
        check(b"\0\0b\n", &[(Line, b"\0\0b", 0), (End(0), b"", 4)]);
    }

    #[test]
    fn long_lines_and_much_padding() {
        use Step::{End, Line, TooLong};
        let mut stream = vec![b'x'; MAX_LINE + 9];
        stream.extend_from_slice(b"\nz\n");
        let behind = u64::try_from(MAX_LINE + 10).unwrap();
        check(&stream, &[(TooLong, b"", 0), (Line, b"z", behind)]);

        let mut padded = b"a\nb".to_vec();
        padded.resize(MAX_LINE * 3, 0);
        check(&padded, &[(Line, b"a", 0), (End(1), b"", 2)]);
        padded.push(b'x');
        let left = u64::try_from(padded.len() - 2).unwrap();
        check(&padded, &[(Line, b"a", 0), (End(left), b"", 2)]);
    }
}
