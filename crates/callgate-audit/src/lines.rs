//! Reading lines of bounded length out of a stream.

use std::io::{self, BufRead, BufReader, Read};

use crate::line::MAX_LINE;

/// Lines of a stream, one after the other, in bounded memory.
pub(crate) struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    /// Where the last piece began.
    start: u64,
    /// Behind the last piece.
    end: u64,
}

/// What comes next in a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A line, without its line feed.
    Line(&'a [u8]),
    /// What no line feed ends: the last piece of the stream, or the start of a line that is too
    /// long. Zeros at its end are left out.
    Open(&'a [u8]),
    /// Nothing, or nothing but zeros.
    End,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(stream: R) -> Self {
        Self {
            reader: BufReader::with_capacity(256 << 10, stream),
            line: Vec::new(),
            start: 0,
            end: 0,
        }
    }

    pub(crate) fn next(&mut self) -> io::Result<Piece<'_>> {
        self.line.clear();
        self.start = self.end;
        let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
        let mut bounded = self.reader.by_ref().take(limit);
        let read = bounded.read_until(b'\n', &mut self.line)?;
        self.end = self
            .start
            .saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        if self.line.pop_if(|last| *last == b'\n').is_some() {
            return Ok(Piece::Line(&self.line));
        }
        let zeros = self
            .line
            .iter()
            .rev()
            .take_while(|byte| **byte == 0)
            .count();
        self.line.truncate(self.line.len().saturating_sub(zeros));
        if self.line.is_empty() && self.rest_is_zeros()? {
            return Ok(Piece::End);
        }
        Ok(Piece::Open(&self.line))
    }

    /// Where the last piece began.
    pub(crate) const fn start(&self) -> u64 {
        self.start
    }

    /// Behind the last piece, its line feed included.
    pub(crate) const fn end(&self) -> u64 {
        self.end
    }

    /// Whether nothing but zeros follows; reads them.
    pub(crate) fn rest_is_zeros(&mut self) -> io::Result<bool> {
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok([]) => return Ok(true),
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let zeros = chunk.iter().take_while(|byte| **byte == 0).count();
            let all = zeros == chunk.len();
            self.reader.consume(zeros);
            self.end = self
                .end
                .saturating_add(u64::try_from(zeros).unwrap_or(u64::MAX));
            if !all {
                return Ok(false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stream: &[u8], expected: &[(Piece<'_>, u64)]) {
        let mut lines = Lines::new(stream);
        for (piece, start) in expected {
            assert_eq!(lines.next().unwrap(), *piece);
            assert_eq!(lines.start(), *start);
        }
    }

    #[test]
    fn pieces() {
        use Piece::{End, Line, Open};
        check(b"", &[(End, 0), (End, 0)]);
        check(b"a\nbc\n", &[(Line(b"a"), 0), (Line(b"bc"), 2), (End, 5)]);
        check(b"a\nbc", &[(Line(b"a"), 0), (Open(b"bc"), 2), (End, 4)]);
        check(b"a\n\0\0\0", &[(Line(b"a"), 0), (End, 2)]);
        check(b"a\nb\0\0", &[(Line(b"a"), 0), (Open(b"b"), 2), (End, 5)]);
        check(b"\0\0b\n", &[(Line(b"\0\0b"), 0)]);
        check(b"\n", &[(Line(b""), 0), (End, 1)]);
    }

    #[test]
    fn long_lines_come_in_pieces() {
        let mut stream = vec![b'x'; MAX_LINE];
        stream.extend_from_slice(b"\nz\n");
        let mut lines = Lines::new(&*stream);
        assert_eq!(lines.next().unwrap(), Piece::Open(&vec![b'x'; MAX_LINE]));
        assert_eq!(lines.next().unwrap(), Piece::Line(b""));
        assert_eq!(lines.next().unwrap(), Piece::Line(b"z"));
    }

    #[test]
    fn much_padding() {
        let mut stream = b"a\n".to_vec();
        stream.resize(MAX_LINE * 3, 0);
        let mut lines = Lines::new(&*stream);
        assert_eq!(lines.next().unwrap(), Piece::Line(b"a"));
        assert_eq!(lines.next().unwrap(), Piece::End);
        stream.push(b'x');
        let mut lines = Lines::new(&*stream);
        assert_eq!(lines.next().unwrap(), Piece::Line(b"a"));
        assert_eq!(lines.next().unwrap(), Piece::Open(b""));
    }
}
