//! Writing one record at once, while nobody else writes and nothing waits: it is never queued.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::MutexGuard;
use std::sync::atomic::Ordering;

use super::Shared;
use super::entry::{Answer, Entry};
use super::lead::unless_there;
use super::state::State;
use super::store::Told;
use super::turns::Task;
use crate::sink::guarded;
use crate::{Batch, Head, SinkError, chain};

impl State {
    /// Whether a record that comes now could go to the sink at once, and by itself.
    #[inline]
    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty()
            && !self.appends.is_taken()
            && !self.trouble.is_any()
            && self.lost == 0
            && !self.seals.is_signed
    }

    /// What became of a record that was written by itself.
    #[inline]
    fn settle_alone(
        &mut self,
        answer: Result<(), SinkError>,
        mut entry: Entry,
        after: Head,
        end: Head,
    ) -> Answer {
        match answer {
            Ok(()) => {
                self.arrived(end);
                Answer::stored(after.records, end.digest, entry.body)
            }
            Err(error) => {
                entry.body.truncate(entry.bare);
                entry.digest = end.digest;
                let failed = self.not_known(error, after, end, VecDeque::from([entry]));
                Answer::error(failed)
            }
        }
    }
}

impl Shared {
    /// Writes `entry`; the journal must be idle. What goes wrong is settled as for any batch.
    #[inline]
    pub(super) fn write_alone<'s>(
        &'s self,
        mut state: MutexGuard<'s, State>,
        mut entry: Entry,
    ) -> Told<'s> {
        state.appends.take();
        state.set_off(entry.ticket);
        let after = state.head;
        drop(state);

        let (end, answer) = self.link_and_append(after, &mut entry);

        let mut state = self.lock();
        let answer = state.settle_alone(answer, entry, after, end);
        self.count_batch(&state);
        (self.end_turn(state, Task::Append), answer)
    }

    /// As [`Shared::write_alone`], to a sink that waits for nothing: the lock is kept, so that nobody
    /// has to be told of a turn; and where the sink is all the safety there is, it is durable.
    #[inline]
    pub(super) fn write_in_memory<'s>(
        &'s self,
        mut state: MutexGuard<'s, State>,
        mut entry: Entry,
    ) -> Told<'s> {
        state.set_off(entry.ticket);
        let after = state.head;
        let (end, answer) = self.link_and_append(after, &mut entry);
        let stored = answer.is_ok();
        let answer = state.settle_alone(answer, entry, after, end);
        self.count_batch(&state);
        if !stored {
            // Those who wait for something else learn what went wrong.
            return (self.end_turn(state, Task::Append), answer);
        }
        state.durable = end.records;
        self.durable.store(end.records, Ordering::Release);
        (state, answer)
    }

    /// Gives a single record its place behind `after`, and hands it to the sink.
    #[inline]
    fn link_and_append(&self, after: Head, entry: &mut Entry) -> (Head, Result<(), SinkError>) {
        let end = chain::end_line(after, &entry.started, &mut entry.body, 0);
        let batch = Batch::of(Cow::Borrowed(&entry.body), after, end);
        let answer = unless_there(guarded(|| self.sink.append(after, &batch)), end);
        (end, answer)
    }
}
