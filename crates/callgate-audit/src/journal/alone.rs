//! Writing one record at once, while nobody else writes and nothing waits: it is never queued.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::MutexGuard;

use super::Shared;
use super::entry::{Answer, Entry};
use super::lead::unless_there;
use super::state::State;
use super::store::Told;
use super::turns::Task;
use crate::sink::guarded;
use crate::{Batch, chain};

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

        let end = chain::end_line(after, &entry.started, &mut entry.body, 0);
        let batch = Batch::of(Cow::Borrowed(&entry.body), after, end);
        let answer = unless_there(guarded(|| self.sink.append(after, &batch)), end);

        let mut state = self.lock();
        let answer = match answer {
            Ok(()) => {
                state.arrived(end);
                Answer::stored(after.records, end.digest, entry.body)
            }
            Err(error) => {
                entry.body.truncate(entry.bare);
                entry.digest = end.digest;
                let failed = state.not_known(error, after, end, VecDeque::from([entry]));
                Answer::error(failed)
            }
        };
        self.count_batch(&state);
        (self.end_turn(state, Task::Append), answer)
    }
}
