//! Reading files, and lines of bounded length.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

/// Longest line, in bytes: arguments of the largest size, as an escaped string, and the rest.
const MAX_LINE: usize = 8 << 20;

/// One line of input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Its text, without the line feed.
    Text(String),
    /// Not UTF-8.
    NotText(Vec<u8>),
    /// Too long; this is its beginning.
    TooLong(Vec<u8>),
}

/// Opens `path` for reading; `-` is standard input.
pub(crate) fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    Ok(Box::new(BufReader::new(File::open(path)?)))
}

/// Reads all of `path` as text; `-` is standard input. No more than `max` bytes.
pub(crate) fn read_text(path: &Path, max: u64) -> io::Result<String> {
    let mut text = String::new();
    open(path)?
        .take(max.saturating_add(1))
        .read_to_string(&mut text)?;
    Ok(text)
}

/// The next line; `None` at the end. What is too long is skipped up to its end.
pub(crate) fn next(input: &mut dyn BufRead) -> io::Result<Option<Line>> {
    let mut bytes = Vec::new();
    let bound = u64::try_from(MAX_LINE)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    if input.take(bound).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    } else if bytes.len() > MAX_LINE {
        input.skip_until(b'\n')?;
        return Ok(Some(Line::TooLong(bytes)));
    }
    Ok(Some(match String::from_utf8(bytes) {
        Ok(text) => Line::Text(text),
        Err(error) => Line::NotText(error.into_bytes()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let long = "x".repeat(MAX_LINE + 10);
        let input = [b"one\n\nb\xffd\n".as_slice(), long.as_bytes(), b"\nlast"].concat();
        let mut input = input.as_slice();
        let mut read = || next(&mut input).unwrap();
        assert_eq!(read(), Some(Line::Text("one".into())));
        assert_eq!(read(), Some(Line::Text(String::new())));
        assert_eq!(read(), Some(Line::NotText(b"b\xffd".to_vec())));
        assert!(matches!(read(), Some(Line::TooLong(_))));
        assert_eq!(read(), Some(Line::Text("last".into())));
        assert_eq!(read(), None);
    }
}
