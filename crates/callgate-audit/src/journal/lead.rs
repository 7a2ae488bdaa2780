//! Leading: linking what is queued, handing it to the sink, and finding out after a doubt.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::MutexGuard;
use std::sync::atomic::Ordering;

use super::entry::Entry;
use super::state::State;
use super::trouble::DoubtfulBatch;
use super::turns::Task;
use super::{AppendError, Shared};
use crate::sink::guarded;
use crate::{Batch, Head, SinkError, chain};

/// What a leader comes back with: the lock, and what went wrong.
type Led<'s> = (MutexGuard<'s, State>, Result<(), AppendError>);

impl Shared {
    /// Writes one batch; nobody else may be leading.
    pub(super) fn lead<'s>(&'s self, state: MutexGuard<'s, State>) -> Led<'s> {
        self.leading(state, |state| match self.find_out(state) {
            (state, Ok(())) => self.write(state),
            failed => failed,
        })
    }

    /// Settles a doubt and writes nothing; nobody else may be leading.
    pub(super) fn lead_settling<'s>(&'s self, state: MutexGuard<'s, State>) -> Led<'s> {
        self.leading(state, |state| self.find_out(state))
    }

    fn leading<'s>(
        &'s self,
        mut state: MutexGuard<'s, State>,
        work: impl FnOnce(MutexGuard<'s, State>) -> Led<'s>,
    ) -> Led<'s> {
        state.appends.take();
        let (state, result) = work(state);
        self.count_batch(&state);
        (self.end_turn(state, Task::Append), result)
    }

    /// Tells those who look that a batch has ended; nobody else counts while the lock is held.
    pub(super) fn count_batch(&self, _locked: &State) {
        let count = self.appends.load(Ordering::Relaxed).wrapping_add(1);
        self.appends.store(count, Ordering::Release);
    }

    /// Where there is a doubt, asks the sink for its head.
    fn find_out<'s>(&'s self, state: MutexGuard<'s, State>) -> Led<'s> {
        if !state.trouble.is_doubtful() {
            return (state, Ok(()));
        }
        drop(state);
        let answer = guarded(|| self.sink.head());
        let mut state = self.lock();
        let result = match answer {
            Ok(head) => state.resolve(head),
            Err(SinkError::Unknown(cause)) => {
                let error = AppendError::Unknown(cause);
                state.tell_queued(&error);
                Err(error)
            }
            Err(error) => Err(state.shut(error)),
        };
        (state, result)
    }

    fn write<'s>(&'s self, mut state: MutexGuard<'s, State>) -> Led<'s> {
        if let Some(error) = state.trouble.closed() {
            let error = AppendError::Closed(error.clone());
            return (state, Err(error));
        }
        let mut taken = state.take_batch();
        let order = state.seals.order();
        let mut sealing = state.sealing.take();
        let due = sealing
            .as_ref()
            .is_some_and(|one| one.is_due(taken.len(), order.as_ref()));
        if taken.is_empty() && !due {
            state.seals.settle(order);
            state.sealing = sealing;
            state.put_back(taken);
            return (state, Ok(()));
        }
        let (after, moment) = (state.head, (state.latest, state.durable));
        let mut lines = std::mem::take(&mut state.spare_lines);
        drop(state);

        let mut end = link(&mut taken, after, due, &mut lines);
        let mut sealed = Ok(end);
        if let Some(sealing) = sealing.as_mut().filter(|_| due) {
            sealed = sealing.seal(&taken, end, order.as_ref(), moment, &mut lines);
            end = *sealed.as_ref().unwrap_or(&end);
        }
        let linked = match taken.front() {
            Some(entry) if is_apart(&taken, due) => &entry.body,
            _ => &lines,
        };
        let answer = if end == after {
            // There was nothing but the checkpoint, and it is not signed.
            Ok(())
        } else {
            let batch = Batch::of(Cow::Borrowed(linked), after, end);
            guarded(|| self.sink.append(after, &batch))
        };
        unlink(&mut taken, due);
        let answer = unless_there(answer, end);
        let stored = answer.is_ok();
        let absent = matches!(&answer, Err(SinkError::Conflict(head)) if *head == after);
        let mut checkpoint = None;
        if let Some(sealing) = &mut sealing {
            if stored {
                checkpoint = sealing.stored(&taken);
            } else if absent {
                sealing.absent();
            }
        }

        let mut state = self.lock();
        state.spare_lines = super::buffer::emptied(lines);
        state.sealing = sealing;
        if due {
            state.seals.failed = sealed.err();
        }
        if let Some(checkpoint) = checkpoint {
            state.seals.stored(checkpoint);
        } else if stored {
            state.seals.settle(order);
        }
        let result = match answer {
            Ok(()) => {
                state.stored(taken, end);
                Ok(())
            }
            Err(error) => Err(state.not_known(error, after, end, taken)),
        };
        (state, result)
    }
}

impl State {
    /// The sink has not said that it stored these, which lead from `after` to `end`. Whoever waits
    /// for them is told.
    pub(super) fn not_known(
        &mut self,
        error: SinkError,
        after: Head,
        end: Head,
        mut taken: VecDeque<Entry>,
    ) -> AppendError {
        match error {
            SinkError::Conflict(head) if head == after => {
                let error = AppendError::Refused(error);
                self.tell(&mut taken, &error);
                self.put_back(taken);
                error
            }
            SinkError::Unknown(cause) => {
                let error = AppendError::Unknown(cause);
                self.tell(&mut taken, &error);
                let batch = DoubtfulBatch { after, end, taken };
                self.trouble.doubt_batch(batch);
                error
            }
            error => {
                let told = AppendError::Closed(error.clone());
                self.tell(&mut taken, &told);
                self.shut(error)
            }
        }
    }

    /// The sink has said where its chain ends.
    fn resolve(&mut self, head: Head) -> Result<(), AppendError> {
        match self.trouble.take_doubt().and_then(|doubt| doubt.batch) {
            None if head == self.head => {}
            Some(batch) if head == batch.after => {
                if let Some(sealing) = &mut self.sealing {
                    sealing.absent();
                }
                self.put_back(batch.taken);
            }
            Some(batch) if head == batch.end => {
                let sealing = self.sealing.as_mut();
                if let Some(checkpoint) = sealing.and_then(|one| one.stored(&batch.taken)) {
                    self.seals.stored(checkpoint);
                }
                self.stored(batch.taken, head);
            }
            _ => return Err(self.shut(SinkError::Conflict(head))),
        }
        Ok(())
    }

    fn shut(&mut self, error: SinkError) -> AppendError {
        self.trouble.take_doubt();
        self.close(error.clone());
        AppendError::Closed(error)
    }
}

/// A sink that says that it ends where the batch does has the batch.
pub(super) fn unless_there(answer: Result<(), SinkError>, end: Head) -> Result<(), SinkError> {
    match answer {
        Err(SinkError::Conflict(head)) if head == end => Ok(()),
        answer => answer,
    }
}

/// Whether the batch is a single record, the line of which is written where the record stands.
fn is_apart(taken: &VecDeque<Entry>, due: bool) -> bool {
    taken.len() == 1 && !due
}

/// Gives the records their places behind `after`; returns the head behind them. The line of a
/// single record is written where the record stands, those of many into `lines`, as that of one
/// behind which a checkpoint is due.
fn link(taken: &mut VecDeque<Entry>, after: Head, due: bool, lines: &mut Vec<u8>) -> Head {
    let single = is_apart(taken, due);
    let mut end = after;
    for entry in taken {
        let (line, start) = if single {
            (&mut entry.body, 0)
        } else {
            let start = lines.len();
            lines.extend_from_slice(&entry.body);
            (&mut *lines, start)
        };
        end = chain::end_line(end, &entry.started, line, start);
        entry.digest = end.digest;
    }
    end
}

/// Takes a single record out of its line.
fn unlink(taken: &mut VecDeque<Entry>, due: bool) {
    let single = is_apart(taken, due);
    if let (true, Some(entry)) = (single, taken.front_mut()) {
        entry.body.truncate(entry.bare);
    }
}
