//! Giving back the room of what was erased.
//!
//! A file of mostly blanks is taken away in four steps, each durable before the next: the texts in it
//! are copied to the end of the last file; they are written over where they stood; the file is removed; the folder is
//! synced. A crash leaves a text in one place or in two, and erasing reaches both. A file that comes back
//! holds blanks.

use callgate_types::Digest;

use super::append::Appender;
use super::files::Files;
use super::index::{Index, Place, Shelf};
use super::line::{self, Line};
use crate::read::{Feed, Step};
use crate::sink::{Disk, DiskFile as _, Stream};
use crate::texts::TextError;

/// How many bytes are copied at once, at least.
const COPIED: usize = 1 << 20;

/// What stands in a file.
#[derive(Debug, Default)]
struct Sheet {
    /// Texts that stand nowhere else.
    texts: Vec<Place>,
    /// What is written over, because the right text stands in another file.
    doubles: Vec<Place>,
    /// How long those texts are together, and the file, in bytes.
    needed: u64,
    length: u64,
}

impl Shelf {
    /// Takes away what files there are of mostly blanks, and says how many bytes are free by that.
    pub(super) fn compact<D: Disk>(
        &self,
        files: &Files<D>,
        appender: &Appender<D>,
    ) -> Result<u64, TextError> {
        let last = appender.last();
        let numbers = files.numbers().map_err(TextError::failed)?;
        let mut freed: u64 = 0;
        for number in numbers.into_iter().filter(|number| *number < last) {
            freed = freed.saturating_add(self.take_away(files, appender, number)?);
        }
        Ok(freed)
    }

    fn take_away<D: Disk>(
        &self,
        files: &Files<D>,
        appender: &Appender<D>,
        number: u64,
    ) -> Result<u64, TextError> {
        // Held until the file is gone: nothing is erased between its copy and its end.
        let mut index = self.fresh(files).map_err(TextError::failed)?;
        let file = files.disk.open(&files.file(number));
        let file = file.map_err(TextError::failed)?;
        let sheet = read(files, &index, &file, number).map_err(TextError::failed)?;
        let Some(sheet) = sheet else { return Ok(0) };
        let freed = sheet.length.saturating_sub(sheet.needed);
        if freed < sheet.needed {
            return Ok(0);
        }
        copy(files, appender, &file, &sheet.texts)?;
        for place in sheet.texts.iter().chain(&sheet.doubles) {
            place.blank(&file).map_err(TextError::failed)?;
        }
        file.sync_data().map_err(TextError::failed)?;
        index.forget(number);
        files.remove(number).map_err(TextError::failed)?;
        Ok(freed)
    }
}

/// `None` where something stands there that must stay.
fn read<D: Disk>(
    files: &Files<D>,
    index: &Index,
    file: &D::File,
    number: u64,
) -> std::io::Result<Option<Sheet>> {
    let length = file.look()?.length;
    let mut sheet = Sheet {
        length,
        ..Sheet::default()
    };
    let mut feed = Feed::new(Stream::new(file, 0, length), 0);
    loop {
        match feed.step()? {
            Step::End(rest) => return Ok((rest == 0).then_some(sheet)),
            Step::TooLong => return Ok(None),
            Step::Line => {}
        }
        let place = Place {
            number,
            offset: feed.start(),
            length: feed.end().saturating_sub(feed.start()),
        };
        let (commitment, right): (Digest, bool) = match line::read(feed.line()) {
            Line::Erased => continue,
            Line::Strange => return Ok(None),
            Line::Damaged(commitment) => (commitment, false),
            Line::Text(commitment, text) => (commitment, text.matches(commitment)),
        };
        if index.elsewhere(files, commitment, number)? {
            sheet.doubles.push(place);
        } else if right {
            sheet.needed = sheet.needed.saturating_add(place.length);
            sheet.texts.push(place);
        } else {
            return Ok(None);
        }
    }
}

/// Appends the lines at `places`, and makes them durable.
fn copy<D: Disk>(
    files: &Files<D>,
    appender: &Appender<D>,
    file: &D::File,
    places: &[Place],
) -> Result<(), TextError> {
    let mut lines = Vec::new();
    for place in places {
        let line = place.bytes(file).map_err(TextError::failed)?;
        lines.extend_from_slice(&line);
        lines.push(b'\n');
        if lines.len() >= COPIED {
            appender.copy(files, &lines)?;
            lines.clear();
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    appender.copy(files, &lines)
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::path::Path;
    use std::thread;

    use super::super::tests::{FOLDER, SOON, commitment, find, json, put};
    use super::super::{FileTextsError, Store};
    use crate::Durability::{Accepted, Durable};
    use crate::sink::System;
    use crate::sink::file::tests::machine::{Fault, Machine};
    use crate::sink::file::tests::model::random;
    use crate::sink::file::tests::sim::Sim;
    use crate::texts::{ClearText, Salt, TextError};

    /// Two or three texts fill a file.
    const MOST: u64 = 600;

    fn open(machine: &Machine) -> Result<Store<Sim>, FileTextsError> {
        Store::open(machine.disk(), Path::new(FOLDER), Some(MOST))
    }

    fn texts(machine: &Machine) -> Vec<String> {
        let names = machine.names(FOLDER).into_iter();
        names.filter(|name| name != "lock").collect()
    }

    fn erase(store: &Store<Sim>, numbers: &[u8]) -> Result<(), TextError> {
        let all: Vec<_> = numbers.iter().map(|number| commitment(*number)).collect();
        store.erase(&all)
    }

    /// Nothing of it is in any file.
    #[track_caller]
    fn no_trace(machine: &Machine, number: u8) {
        let secret = format!("secret {number} ");
        for name in texts(machine) {
            let bytes = machine.content(&format!("{FOLDER}/{name}"));
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(&secret), "{secret} in {name}: {text}");
        }
    }

    #[derive(Default)]
    struct Done {
        put: Vec<u8>,
        erasing: Vec<u8>,
        erased: Vec<u8>,
    }

    impl Done {
        fn erase(&mut self, store: &Store<Sim>, numbers: &[u8]) -> Option<()> {
            self.erasing.extend(numbers);
            erase(store, numbers).ok()?;
            self.erased.extend(numbers);
            Some(())
        }

        /// All that was put is there, nothing that was erased.
        #[track_caller]
        fn holds(&self, machine: &Machine, store: &Store<Sim>) {
            for number in &self.put {
                if !self.erasing.contains(number) {
                    assert_eq!(find(store, *number), Some(true), "{number}");
                }
            }
            for number in &self.erased {
                assert_eq!(find(store, *number), Some(false), "{number}");
                no_trace(machine, *number);
            }
        }
    }

    /// Puts some, erases most, has the files taken away, and erases what was moved.
    fn script(machine: &Machine, done: &mut Done) -> Option<()> {
        let store = open(machine).ok()?;
        for number in 1..8 {
            put(&store, number, Durable).ok()?;
            done.put.push(number);
        }
        done.erase(&store, &[1, 2, 5])?;
        store.compact().ok()?;
        done.erase(&store, &[3])?;
        put(&store, 8, Durable).ok()?;
        done.put.push(8);
        Some(())
    }

    #[test]
    fn room_is_given_back() {
        let machine = Machine::new(512);
        let (mut done, before) = (Done::default(), |machine: &Machine| {
            let lengths = texts(machine).into_iter();
            let lengths = lengths.map(|name| machine.content(&format!("{FOLDER}/{name}")).len());
            lengths.sum::<usize>()
        });
        script(&machine, &mut done).unwrap();
        let store = open(&machine).unwrap();
        done.holds(&machine, &store);
        let names = texts(&machine);
        assert!(!names.contains(&format!("{:020}.texts", 0)), "{names:?}");
        let full = before(&machine);
        let freed = store.compact().unwrap();
        let now = before(&machine);
        assert_eq!(u64::try_from(full - now).unwrap(), freed);
        // There is nothing more to give.
        assert_eq!(store.compact().unwrap(), 0);
        erase(&store, &[4, 6, 7, 8]).unwrap();
        store.compact().unwrap();
        assert_eq!(texts(&machine).len(), 1);
        assert_eq!(store.list(None, 9).unwrap(), []);
    }

    #[test]
    fn power_is_lost_at_every_step() {
        for sector in [1, 64, 4096] {
            let whole = Machine::new(sector);
            script(&whole, &mut Done::default()).unwrap();
            for step in 0..=whole.steps() {
                for choice in 0..6 {
                    let (machine, mut done) = (Machine::new(sector), Done::default());
                    machine.fault(step, Fault::Dead);
                    let _stopped = script(&machine, &mut done);
                    machine.crash(random(step.wrapping_mul(100).wrapping_add(choice)));
                    let store = open(&machine).unwrap();
                    done.holds(&machine, &store);
                    // What was left undone is done, through another crash.
                    done.erase(&store, &done.erasing.clone()).unwrap();
                    store.compact().unwrap();
                    done.holds(&machine, &store);
                    machine.crash(|| false);
                    done.holds(&machine, &open(&machine).unwrap());
                }
            }
        }
    }

    /// Gives whether there were so many steps.
    fn refused(step: u64, again: bool) -> bool {
        let (machine, mut done) = (Machine::new(64), Done::default());
        let store = open(&machine).unwrap();
        for number in 1..8 {
            put(&store, number, Durable).unwrap();
            done.put.push(number);
        }
        done.erase(&store, &[1, 2, 5]).unwrap();
        let before = machine.steps();
        machine.fault(step, Fault::Error(ErrorKind::Other));
        let compacted = store.compact();
        let reached = machine.steps().abs_diff(before) > step;
        machine.heal();
        done.holds(&machine, &store);
        // After a sync that failed nothing can be relied on, and nothing more is taken.
        if !matches!(compacted, Err(TextError::Poisoned(_))) {
            if again {
                store.compact().unwrap();
            }
            // A file that was taken away, which nobody could make durable, comes back without it.
            done.erase(&store, &[3]).unwrap();
        }
        drop(store);
        machine.crash(|| false);
        let store = open(&machine).unwrap();
        done.holds(&machine, &store);
        store.compact().unwrap();
        done.holds(&machine, &store);
        reached
    }

    #[test]
    fn step_that_is_refused() {
        for again in [false, true] {
            let steps = (0..1000).take_while(|step| refused(*step, again)).count();
            assert!((31..1000).contains(&steps), "{steps}");
        }
    }

    /// Whoever reads beside has places in mind that are no more.
    #[test]
    fn readers_beside() {
        let machine = Machine::new(512);
        let store = open(&machine).unwrap();
        for number in 1..8 {
            put(&store, number, Accepted).unwrap();
        }
        let reader = Store::open(machine.disk(), Path::new(FOLDER), None).unwrap();
        assert_eq!(find(&reader, 3), Some(true));
        erase(&store, &[1, 2, 5]).unwrap();
        assert!(store.compact().unwrap() > 0);
        for number in [3, 4, 6, 7] {
            assert_eq!(find(&reader, number), Some(true), "{number}");
        }
        assert_eq!(find(&reader, 1), Some(false));
        assert!(reader.compact().is_err());
        let mut left = [3, 4, 6, 7].map(commitment);
        left.sort_unstable();
        assert_eq!(reader.list(None, 9).unwrap(), left);
    }

    /// A file with something that is no text, or no right one, stays as it is.
    #[test]
    fn files_with_strange_lines() {
        for damage in [
            |bytes: &mut Vec<u8>| bytes.extend_from_slice(b"strange\n"),
            |bytes: &mut Vec<u8>| bytes.extend_from_slice(b"torn"),
            |bytes: &mut Vec<u8>| {
                let at = bytes.len() - 5;
                bytes[at] = b'y';
            },
            |bytes: &mut Vec<u8>| {
                let at = bytes.len() - 5;
                bytes[at] = 7;
            },
        ] {
            let machine = Machine::new(512);
            let store = open(&machine).unwrap();
            for number in 1..8 {
                put(&store, number, Durable).unwrap();
            }
            erase(&store, &[1, 2]).unwrap();
            let path = format!("{FOLDER}/{:020}.texts", 0);
            machine.tamper(&path, damage);
            let before = machine.content(&path);
            assert_eq!(store.compact().unwrap(), 0);
            assert_eq!(machine.content(&path), before);
        }
    }

    /// On the disk of the system, while others put and find.
    #[test]
    fn beside_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("texts");
        let store = Store::open(System, &path, Some(4096)).unwrap();
        let work = |own: u8| {
            for round in 0..30_u8 {
                let number = own * 30 + round;
                let text = json(number);
                let text = ClearText::new(Salt::from_bytes([number; 32]), &text).unwrap();
                store.put(&[text], Accepted, SOON).unwrap();
                if round % 3 > 0 {
                    store.erase(&[text.commitment()]).unwrap();
                }
                for earlier in (0..=round).step_by(3).map(|round| own * 30 + round) {
                    let found = store.find(commitment(earlier)).unwrap().unwrap();
                    assert!(found.matches(commitment(earlier)));
                }
            }
        };
        let freed = thread::scope(|scope| {
            for own in 0..4 {
                let work = &work;
                scope.spawn(move || work(own));
            }
            let freed: Vec<u64> = (0..40).map(|_| store.compact().unwrap()).collect();
            freed.iter().sum::<u64>()
        });
        let freed = freed + store.compact().unwrap();
        assert!(freed > 10_000, "{freed}");
        drop(store);
        let store = Store::open(System, &path, None).unwrap();
        let mut kept: Vec<_> = (0..120).filter(|it| it % 3 == 0).map(commitment).collect();
        kept.sort_unstable();
        assert_eq!(store.list(None, 999).unwrap(), kept);
    }
}
