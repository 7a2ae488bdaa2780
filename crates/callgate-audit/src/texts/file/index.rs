//! Finding texts again, for those who look them up, list or erase them.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use callgate_types::Digest;

use super::files::Files;
use super::line::{self, ERASED_FROM, Line};
use crate::read::{Feed, Step};
use crate::sink::{Disk, DiskFile as _, Stream, write_all};
use crate::texts::StoredText;

/// Where texts stand, as far as somebody has looked.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<Index>);

#[derive(Debug, Default)]
struct Index {
    places: BTreeMap<Digest, Vec<Place>>,
    /// How far the files were read: number and offset.
    read: (u64, u64),
}

/// One line of a file.
#[derive(Clone, Copy, Debug)]
struct Place {
    number: u64,
    offset: u64,
    length: u64,
}

impl Shelf {
    pub(super) fn find<D: Disk>(
        &self,
        files: &Files<D>,
        commitment: Digest,
    ) -> io::Result<Option<StoredText>> {
        let index = self.fresh(files)?;
        let Some(places) = index.places.get(&commitment) else {
            return Ok(None);
        };
        let mut found = None;
        for place in places {
            let text = match place.line(files)? {
                Line::Text(known, text) if known == commitment => text,
                Line::Erased => continue,
                // What is there is not the text, and cannot be shown to be.
                _ => StoredText::foreign(),
            };
            // Of several the right one counts.
            if text.matches(commitment) {
                return Ok(Some(text));
            }
            found = Some(text);
        }
        Ok(found)
    }

    pub(super) fn list<D: Disk>(
        &self,
        files: &Files<D>,
        after: Option<Digest>,
        most: usize,
    ) -> io::Result<Vec<Digest>> {
        let index = self.fresh(files)?;
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let behind = index.places.range((from, Bound::Unbounded));
        Ok(behind.take(most).map(|(known, _)| *known).collect())
    }

    /// Writes over all that stands under `commitments`, and makes that durable.
    pub(super) fn erase<D: Disk>(
        &self,
        files: &Files<D>,
        commitments: &[Digest],
    ) -> io::Result<()> {
        let mut index = self.fresh(files)?;
        let mut places: Vec<Place> = commitments
            .iter()
            .filter_map(|commitment| index.places.get(commitment))
            .flatten()
            .copied()
            .collect();
        places.sort_unstable_by_key(|place| (place.number, place.offset));
        let mut open: Option<(u64, D::File)> = None;
        for place in places {
            let file = match &open {
                Some((number, file)) if *number == place.number => file,
                _ => {
                    if let Some((_, file)) = open.take() {
                        file.sync_data()?;
                    }
                    let file = files.disk.open(&files.file(place.number))?;
                    &open.insert((place.number, file)).1
                }
            };
            place.blank(file)?;
        }
        if let Some((_, file)) = open {
            file.sync_data()?;
        }
        for commitment in commitments {
            index.places.remove(commitment);
        }
        Ok(())
    }

    /// The index, with what was appended since somebody looked.
    fn fresh<D: Disk>(&self, files: &Files<D>) -> io::Result<MutexGuard<'_, Index>> {
        // An index that a panic left half made lacks only what is read again.
        let mut index = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for number in files.numbers()? {
            if number >= index.read.0 {
                index.extend(files, number)?;
            }
        }
        Ok(index)
    }
}

impl Index {
    fn extend<D: Disk>(&mut self, files: &Files<D>, number: u64) -> io::Result<()> {
        if number > self.read.0 {
            self.read = (number, 0);
        }
        let file = files.disk.open_to_read(&files.file(number))?;
        let (start, length) = (self.read.1, file.look()?.length);
        let mut feed = Feed::new(Stream::new(&file, start, length), start);
        loop {
            match feed.step()? {
                Step::End(_) => return Ok(()),
                Step::TooLong => {}
                Step::Line => self.add(number, &feed),
            }
            self.read.1 = feed.end();
        }
    }

    fn add<R: io::Read>(&mut self, number: u64, feed: &Feed<R>) {
        if let Line::Text(commitment, _) | Line::Damaged(commitment) = line::read(feed.line()) {
            let place = Place {
                number,
                offset: feed.start(),
                length: feed.end().saturating_sub(feed.start()),
            };
            self.places.entry(commitment).or_default().push(place);
        }
    }
}

impl Place {
    fn line<D: Disk>(self, files: &Files<D>) -> io::Result<Line> {
        let file = files.disk.open_to_read(&files.file(self.number))?;
        let end = self.offset.saturating_add(self.length).saturating_sub(1);
        let mut bytes = Vec::new();
        Stream::new(&file, self.offset, end).read_to_end(&mut bytes)?;
        Ok(line::read(&bytes))
    }

    /// Writes blanks over salt and text; the line stays one, with its commitment.
    fn blank(self, file: &impl crate::sink::DiskFile) -> io::Result<()> {
        let length = usize::try_from(self.length).unwrap_or(usize::MAX);
        // Before the brace and the line feed at the end.
        let blanks = length.saturating_sub(ERASED_FROM).saturating_sub(2);
        let from = u64::try_from(ERASED_FROM).unwrap_or(u64::MAX);
        let at = self.offset.saturating_add(from);
        write_all(file, &vec![b' '; blanks], at)
    }
}
