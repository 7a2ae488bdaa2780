//! Appending texts: one thread writes, one syncs for all that wait, and nobody holds a lock
//! meanwhile.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::error::{FileTextsError, at};
use super::files::Files;
use super::line;
use crate::read::{Feed, Step};
use crate::sink::{Disk, DiskFile, Stream, write_all};
use crate::texts::{ClearText, TextError};
use crate::{Durability, FileAction};

/// The end of the last file, and who is at work there.
#[derive(Debug)]
pub(super) struct Appender<D: Disk> {
    state: Mutex<State<D>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<D: Disk> {
    last: Last<D>,
    /// Somebody writes.
    writing: bool,
    /// Somebody syncs.
    syncing: bool,
    /// How often something was written, and how much of that is durable.
    written: u64,
    synced: u64,
    poisoned: Option<TextError>,
    /// A file that has reached this many bytes is followed by another one.
    most: u64,
}

/// The file that is appended to.
#[derive(Debug)]
struct Last<D: Disk> {
    number: u64,
    file: Arc<D::File>,
    length: u64,
}

impl<D: Disk> Clone for Last<D> {
    fn clone(&self) -> Self {
        Self {
            number: self.number,
            file: Arc::clone(&self.file),
            length: self.length,
        }
    }
}

impl<D: Disk> Appender<D> {
    /// Goes on behind the last whole line; what a crash left behind it is cut off.
    pub(super) fn open(files: &Files<D>, most: u64) -> Result<Self, FileTextsError> {
        let folder = &files.path;
        let numbers = files.numbers().map_err(at(FileAction::Open, folder))?;
        let last = match numbers.last() {
            Some(number) => reopen(files, *number),
            None => create(files, 0),
        };
        Ok(Self {
            state: Mutex::new(State {
                last: last.map_err(at(FileAction::Open, folder))?,
                writing: false,
                syncing: false,
                written: 0,
                synced: 0,
                poisoned: None,
                most,
            }),
            changed: Condvar::new(),
        })
    }

    /// Writes `texts`, and waits until they are as safe as `durability` says.
    pub(super) fn put(
        &self,
        files: &Files<D>,
        texts: &[ClearText<'_>],
        durability: Durability,
        deadline: Duration,
    ) -> Result<(), TextError> {
        let until = Instant::now().checked_add(deadline);
        let mut lines = Vec::new();
        for text in texts {
            line::push(&mut lines, text);
        }
        let ticket = self.append(files, &lines, until)?;
        if durability == Durability::Durable {
            self.sync(ticket, until)?;
        }
        Ok(())
    }

    /// Writes whole lines, and returns once they are durable.
    pub(super) fn copy(&self, files: &Files<D>, lines: &[u8]) -> Result<(), TextError> {
        let ticket = self.append(files, lines, None)?;
        self.sync(ticket, None)
    }

    /// The number of the file that is appended to.
    pub(super) fn last(&self) -> u64 {
        self.lock().last.number
    }

    fn append(
        &self,
        files: &Files<D>,
        lines: &[u8],
        until: Option<Instant>,
    ) -> Result<u64, TextError> {
        let state = self.wait(until, |state| state.writing)?;
        self.write(files, state, lines)
    }

    /// Writes at the end; nobody else is writing. Gives the number of this write.
    fn write(
        &self,
        files: &Files<D>,
        mut state: MutexGuard<'_, State<D>>,
        lines: &[u8],
    ) -> Result<u64, TextError> {
        state.writing = true;
        let (last, most) = (state.last.clone(), state.most);
        drop(state);
        let written = append(files, last, lines, most);
        let mut state = self.lock();
        state.writing = false;
        self.changed.notify_all();
        match written {
            Ok((last, followed)) => {
                // A file that is followed by another one was synced before.
                if followed {
                    state.synced = state.written;
                }
                state.last = last;
                state.written = state.written.saturating_add(1);
                Ok(state.written)
            }
            Err(error) => {
                if let TextError::Poisoned(_) = error {
                    state.poisoned = Some(error.clone());
                }
                Err(error)
            }
        }
    }

    /// Waits until write `ticket` is durable, or sees to it.
    fn sync(&self, ticket: u64, until: Option<Instant>) -> Result<(), TextError> {
        loop {
            let mut state = self.wait(until, |state| state.syncing && state.synced < ticket)?;
            if state.synced >= ticket {
                return Ok(());
            }
            state.syncing = true;
            let (file, upto) = (Arc::clone(&state.last.file), state.written);
            drop(state);
            let synced = file.sync_data();
            let mut state = self.lock();
            state.syncing = false;
            self.changed.notify_all();
            match synced {
                Ok(()) => state.synced = state.synced.max(upto),
                Err(error) => {
                    // What the device did is not known, and asking it again would not tell.
                    state.poisoned = Some(TextError::poisoned(error));
                }
            }
        }
    }

    /// The state, once `busy` says no more that somebody is at work.
    fn wait(
        &self,
        until: Option<Instant>,
        busy: impl Fn(&State<D>) -> bool,
    ) -> Result<MutexGuard<'_, State<D>>, TextError> {
        let mut state = self.lock();
        loop {
            if let Some(error) = &state.poisoned {
                return Err(error.clone());
            }
            if !busy(&state) {
                return Ok(state);
            }
            let left = until.map_or(Duration::MAX, |until| {
                until.saturating_duration_since(Instant::now())
            });
            if left.is_zero() {
                return Err(TextError::TimedOut);
            }
            let waited = self.changed.wait_timeout(state, left);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Says that somebody is at work.
    #[cfg(test)]
    pub(super) fn pretend(&self, writing: bool, syncing: bool) {
        let mut state = self.lock();
        (state.writing, state.syncing) = (writing, syncing);
    }

    /// Nothing that holds the lock calls foreign code, so a panic leaves no half-made state.
    fn lock(&self) -> MutexGuard<'_, State<D>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Appends `lines`, to another file where this one is full; says whether it did that.
fn append<D: Disk>(
    files: &Files<D>,
    mut last: Last<D>,
    lines: &[u8],
    most: u64,
) -> Result<(Last<D>, bool), TextError> {
    let followed = last.length >= most;
    if followed {
        last.file.sync_all().map_err(TextError::poisoned)?;
        last = create(files, last.number.saturating_add(1)).map_err(TextError::failed)?;
    }
    if let Err(error) = write_all(&*last.file, lines, last.length) {
        // Half a line must not stand before the next one.
        return Err(match last.file.set_len(last.length) {
            Ok(()) if !followed => TextError::failed(error),
            _ => TextError::poisoned(error),
        });
    }
    let bytes = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    last.length = last.length.saturating_add(bytes);
    Ok((last, followed))
}

fn create<D: Disk>(files: &Files<D>, number: u64) -> io::Result<Last<D>> {
    let path = files.file(number);
    // A crash, or a write that failed, may have left it, with nothing in it.
    let file = match files.disk.create(&path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => files.disk.open(&path)?,
        created => created?,
    };
    files.sync()?;
    Ok(Last {
        number,
        file: Arc::new(file),
        length: 0,
    })
}

fn reopen<D: Disk>(files: &Files<D>, number: u64) -> io::Result<Last<D>> {
    let file = files.disk.open(&files.file(number))?;
    let length = file.look()?.length;
    let mut feed = Feed::new(Stream::new(&file, 0, length), 0);
    while !matches!(feed.step()?, Step::End(_)) {}
    let whole = feed.end();
    if whole < length {
        file.set_len(whole)?;
    }
    // What a process that was killed had written counts as durable from here on.
    file.sync_all()?;
    Ok(Last {
        number,
        file: Arc::new(file),
        length: whole,
    })
}
