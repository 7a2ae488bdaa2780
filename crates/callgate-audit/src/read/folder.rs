//! Reading the files of a log, one after the other, while somebody may be writing.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::feed::{Feed, Step};
use super::log::{ReadError, ReadItem, item};
use crate::segment::{self, Segment};

/// The files of a log.
pub(super) struct Folder {
    path: PathBuf,
    /// The file that is being read, or was read to its end.
    current: Option<Segment>,
    feed: Option<Feed<File>>,
    /// Behind the last line of that file that ends.
    offset: u64,
    /// Another file follows, so that nothing more is written to this one.
    closed: bool,
    /// It was said that the last line of this file does not end.
    unended: bool,
    /// How many bytes stand behind its last line that ends, at the end of the log.
    left: u64,
    /// A name that is no file's of the log, and whether that was said.
    stranger: Option<(PathBuf, bool)>,
}

/// What was found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found {
    Step(Step),
    Unended,
    Stranger,
    Nothing,
}

impl Folder {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self {
            path,
            current: None,
            feed: None,
            offset: 0,
            closed: false,
            unended: false,
            left: 0,
            stranger: None,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn unfinished(&self) -> Option<u64> {
        (self.left > 0).then_some(self.left)
    }

    pub(super) fn next(&mut self) -> Result<Found, ReadError> {
        self.left = 0;
        loop {
            if self.feed.is_none() {
                self.open()?;
            }
            let Some(feed) = &mut self.feed else {
                return Ok(self.end());
            };
            let step = match feed.step() {
                Ok(step) => step,
                Err(source) => return Err(self.failed(source)),
            };
            let Step::End(left) = step else {
                self.offset = feed.end();
                return Ok(Found::Step(step));
            };
            // It is opened anew: the writer may put lines where there was padding.
            self.feed = None;
            match self.following()? {
                None => {
                    self.left = left;
                    return Ok(self.end());
                }
                // What was written just before the next file was made is still to be read.
                Some(_) if !self.closed => self.closed = true,
                Some(_) if left > 0 && !self.unended => {
                    self.unended = true;
                    return Ok(Found::Unended);
                }
                Some(next) => self.go_on(next),
            }
        }
    }

    pub(super) fn item(&self, found: Found) -> Option<ReadItem<'_>> {
        let file = self.current.as_ref().map(|segment| &*segment.path);
        match found {
            Found::Step(step) => item(step, self.feed.as_ref()?, file),
            Found::Unended => Some(ReadItem::Unended {
                file: file?,
                offset: self.offset,
            }),
            Found::Stranger => Some(ReadItem::Stranger {
                file: &self.stranger.as_ref()?.0,
            }),
            Found::Nothing => None,
        }
    }

    /// Opens the file that is to be read, where there is one.
    fn open(&mut self) -> Result<(), ReadError> {
        if self.current.is_none() {
            let Some(first) = self.following()? else {
                return Ok(());
            };
            self.go_on(first);
        }
        let Some(segment) = &self.current else {
            return Ok(());
        };
        let opened = File::open(&segment.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.offset))?;
            Ok(file)
        });
        match opened {
            Ok(file) => self.feed = Some(Feed::new(file, self.offset)),
            Err(source) => return Err(self.failed(source)),
        }
        Ok(())
    }

    /// The file behind the one that is being read.
    fn following(&mut self) -> Result<Option<Segment>, ReadError> {
        let listing = segment::list(&self.path).map_err(|source| ReadError::Io {
            path: self.path.clone(),
            source,
        })?;
        if self.stranger.is_none() {
            self.stranger = listing.stranger.map(|path| (path, false));
        }
        let behind = self.current.as_ref().map(|segment| segment.first);
        let mut segments = listing.segments.into_iter();
        Ok(segments.find(|segment| behind.is_none_or(|behind| segment.first > behind)))
    }

    fn go_on(&mut self, next: Segment) {
        self.current = Some(next);
        self.offset = 0;
        self.closed = false;
        self.unended = false;
    }

    /// At the end of the log it is said what does not belong there.
    fn end(&mut self) -> Found {
        match &mut self.stranger {
            Some((_, told @ false)) => {
                *told = true;
                Found::Stranger
            }
            _ => Found::Nothing,
        }
    }

    fn failed(&self, source: io::Error) -> ReadError {
        let segment = self.current.as_ref().map(|segment| segment.path.clone());
        ReadError::Io {
            path: segment.unwrap_or_else(|| self.path.clone()),
            source,
        }
    }
}
