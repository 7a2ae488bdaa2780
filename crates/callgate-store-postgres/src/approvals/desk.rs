//! Two lanes to a thread: one for those who write, one for those who look.

use callgate_approval::StoreError;

use crate::connect::Target;
use crate::lane::Lane;
use crate::link::{Answers, Link};
use crate::worker::{self, Process};
use crate::{PostgresAction, PostgresSinkError, PostgresSinkOptions};

/// Where a store asks. Over connections of their own: whoever looks does not wait for somebody who writes.
pub(super) struct Desk<W: Answers, R: Answers> {
    writing: Lane<W::Question, W::Answer>,
    reading: Lane<R::Question, R::Answer>,
    process: Process,
}

impl<W, R> Desk<W, R>
where
    W: Answers<About = (), Question: Send, Answer: Send> + 'static,
    R: Answers<About = (), Question: Send, Answer: Send> + 'static,
{
    /// Connects in a thread called `name`, to write at once and to look with the first question.
    pub(super) fn open(
        name: &str,
        database: &str,
        options: &PostgresSinkOptions,
    ) -> Result<Self, PostgresSinkError> {
        let target = Target::parse(database, options)?;
        let (writing, to_write) = Lane::new(target.timeout);
        let (reading, to_read) = Lane::new(target.timeout);
        let to_look_at = target.clone();
        let process = worker::start(
            name,
            async move || Link::<W>::open(target, ()).await,
            async move |link| {
                let looking = Link::<R>::new(to_look_at, ());
                worker::beside(link.serve(to_write), looking.serve(to_read)).await;
            },
        )?;
        Ok(Self {
            writing,
            reading,
            process,
        })
    }

    pub(super) fn write(&self, question: W::Question) -> Result<W::Answer, StoreError> {
        self.process.check().map_err(StoreError::new)?;
        let done = self.writing.ask(question, PostgresAction::KeepApproval);
        done.map_err(StoreError::new)
    }

    pub(super) fn read(&self, question: R::Question) -> Result<R::Answer, StoreError> {
        self.process.check().map_err(StoreError::new)?;
        let told = self.reading.ask(question, PostgresAction::FindApproval);
        told.map_err(StoreError::new)
    }

    /// As if this process were a fork of the one that has the thread.
    #[cfg(test)]
    pub(super) fn forked() -> Self {
        let minute = std::time::Duration::from_secs(60);
        Self {
            writing: Lane::new(minute).0,
            reading: Lane::new(minute).0,
            process: Process::other(),
        }
    }
}
