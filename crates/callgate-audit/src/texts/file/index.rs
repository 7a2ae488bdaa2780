//! Finding texts again, for those who look them up, list or erase them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind, Read as _};
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
pub(super) struct Index {
    places: BTreeMap<Digest, Vec<Place>>,
    /// How far the files were read: number and offset.
    read: (u64, u64),
    /// The files in which these places are.
    files: BTreeSet<u64>,
}

/// One line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) number: u64,
    pub(super) offset: u64,
    pub(super) length: u64,
}

impl Shelf {
    pub(super) fn find<D: Disk>(
        &self,
        files: &Files<D>,
        commitment: Digest,
    ) -> io::Result<Option<StoredText>> {
        let (mut looked_at, mut found) = (Vec::new(), None);
        loop {
            let index = self.fresh(files)?;
            let places = index.places.get(&commitment).map_or(&[][..], |it| it);
            if places == looked_at {
                return Ok(found);
            }
            found = None;
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
            // Whoever writes the store may have moved it in the meantime: its new place was there first.
            looked_at = places.to_vec();
        }
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

    /// The index, with what was appended since somebody looked, and without what was taken away.
    pub(super) fn fresh<D: Disk>(&self, files: &Files<D>) -> io::Result<MutexGuard<'_, Index>> {
        // An index that a panic left half made lacks only what is read again.
        let mut index = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let numbers = files.numbers()?;
        let gone = |number: &u64| numbers.binary_search(number).is_err();
        let gone: Vec<u64> = index.files.iter().copied().filter(gone).collect();
        for number in gone {
            index.forget(number);
        }
        for number in numbers {
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
        let file = match files.disk.open_to_read(&files.file(number)) {
            // It was taken away since it was listed: what it held was copied to a later one before.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            file => file?,
        };
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
            self.files.insert(number);
        }
    }

    /// Whether the right text stands in another file than this one.
    pub(super) fn elsewhere<D: Disk>(
        &self,
        files: &Files<D>,
        commitment: Digest,
        number: u64,
    ) -> io::Result<bool> {
        let places = self.places.get(&commitment).into_iter().flatten();
        for place in places.filter(|place| place.number != number) {
            if let Line::Text(_, text) = place.line(files)?
                && text.matches(commitment)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Nothing that is looked for is in this file any more.
    pub(super) fn forget(&mut self, number: u64) {
        self.files.remove(&number);
        self.places.retain(|_, places| {
            places.retain(|place| place.number != number);
            !places.is_empty()
        });
    }
}

impl Place {
    fn line<D: Disk>(self, files: &Files<D>) -> io::Result<Line> {
        let file = match files.disk.open_to_read(&files.file(self.number)) {
            // Whoever writes the store has taken it away.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Line::Erased),
            file => file?,
        };
        Ok(line::read(&self.bytes(&file)?))
    }

    /// The line without its line feed.
    pub(super) fn bytes(self, file: &impl crate::sink::DiskFile) -> io::Result<Vec<u8>> {
        let end = self.offset.saturating_add(self.length).saturating_sub(1);
        let mut bytes = Vec::new();
        Stream::new(file, self.offset, end).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Writes blanks over salt and text; the line stays one, with its commitment.
    pub(super) fn blank(self, file: &impl crate::sink::DiskFile) -> io::Result<()> {
        let length = usize::try_from(self.length).unwrap_or(usize::MAX);
        // Before the brace and the line feed at the end.
        let blanks = length.saturating_sub(ERASED_FROM).saturating_sub(2);
        let from = u64::try_from(ERASED_FROM).unwrap_or(u64::MAX);
        let at = self.offset.saturating_add(from);
        write_all(file, &vec![b' '; blanks], at)
    }
}
