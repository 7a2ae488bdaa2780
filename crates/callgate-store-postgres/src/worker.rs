//! The thread that talks to the server.

use std::future::poll_fn;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use crate::PostgresSinkError;

/// The process that started a thread. One that was forked from it has no such thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process(u32);

impl Process {
    /// The one that started the thread goes on.
    pub(crate) fn check(self) -> Result<(), PostgresSinkError> {
        if std::process::id() == self.0 {
            return Ok(());
        }
        Err(PostgresSinkError::Forked)
    }

    /// Not this one.
    #[cfg(test)]
    pub(crate) const fn other() -> Self {
        Self(0)
    }
}

/// Starts a thread that opens something, and serves with it if that succeeded. Returns how it went as soon
/// as that is known.
pub(crate) fn start<T>(
    name: &str,
    open: impl AsyncFnOnce() -> Result<T, PostgresSinkError> + Send + 'static,
    serve: impl AsyncFnOnce(T) + Send + 'static,
) -> Result<Process, PostgresSinkError> {
    let (started, start) = mpsc::sync_channel(1);
    // Whoever waits for the start is there until it is told.
    let tell = move |how| drop(started.try_send(how));
    spawn(name, async move || {
        match open().await {
            Ok(opened) => {
                tell(Ok(()));
                serve(opened).await;
            }
            Err(error) => tell(Err(error)),
        }
        Ok(())
    })?;
    start.recv().unwrap_or(Err(PostgresSinkError::NoThread))?;
    Ok(Process(std::process::id()))
}

/// Does `work` in a thread of its own, with a runtime: whoever calls may be within one.
pub(crate) fn spawn(
    name: &str,
    work: impl AsyncFnOnce() -> Result<(), PostgresSinkError> + Send + 'static,
) -> Result<JoinHandle<Result<(), PostgresSinkError>>, PostgresSinkError> {
    let work = move || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_io().enable_time().build();
        let runtime = runtime.map_err(|_| PostgresSinkError::NoThread)?;
        runtime.block_on(work())
    };
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(work).map_err(|_| PostgresSinkError::NoThread)
}

/// Does `first` to its end, and meanwhile `second` in the same thread: neither holds the other up.
pub(crate) fn beside(
    first: impl Future<Output = ()>,
    second: impl Future<Output = ()>,
) -> impl Future<Output = ()> {
    let (mut first, mut second) = (Box::pin(first), Box::pin(second));
    let mut is_done = false;
    poll_fn(move |context| {
        is_done = is_done || second.as_mut().poll(context).is_ready();
        first.as_mut().poll(context)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        open: impl AsyncFnOnce() -> Result<(), PostgresSinkError> + Send + 'static,
        expected: &str,
    ) {
        let told = match start("callgate-test", open, async |()| ()) {
            Ok(process) => process
                .check()
                .map_or_else(|error| error.to_string(), |()| "ok".to_owned()),
            Err(error) => error.to_string(),
        };
        assert_eq!(told, expected);
    }

    #[test]
    fn threads_that_start_or_do_not() {
        check(async || Ok(()), "ok");
        let told = "the log or store was opened by another process";
        check(async || Err(PostgresSinkError::Forked), told);
        let told = "there is no thread to talk to the server";
        check(async || panic!("while it opens"), told);
    }

    #[test]
    fn process_that_was_forked() {
        let told = Process::other().check().unwrap_err().to_string();
        assert_eq!(told, "the log or store was opened by another process");
    }
}
