//! Handing questions to the thread that talks to the server, and waiting for its answers.

use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep};

use crate::error::Weight;
use crate::{PostgresAction, PostgresSinkError};

/// The thread answers by the deadline. Who asks waits so much longer, for one that is stuck.
const GRACE: Duration = Duration::from_secs(1);
/// Before the first attempt anew; each further pause is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LAST_PAUSE: Duration = Duration::from_millis(320);

/// Where questions are put. Those of one lane are answered one after the other.
pub(crate) struct Lane<Q, A> {
    questions: UnboundedSender<Asked<Q, A>>,
    timeout: Duration,
}

/// What is asked, of the thread that answers.
pub(crate) struct Asked<Q, A> {
    pub(crate) question: Q,
    /// What is tried by it.
    pub(crate) action: PostgresAction,
    pub(crate) deadline: Instant,
    pub(crate) answer: SyncSender<Result<A, PostgresSinkError>>,
}

/// The other end of a lane.
pub(crate) type Questions<Q, A> = UnboundedReceiver<Asked<Q, A>>;

impl<Q, A> Lane<Q, A> {
    pub(crate) fn new(timeout: Duration) -> (Self, Questions<Q, A>) {
        let (questions, asked) = unbounded_channel();
        (Self { questions, timeout }, asked)
    }

    /// Asks, and blocks until there is an answer or the deadline comes.
    pub(crate) fn ask(&self, question: Q, action: PostgresAction) -> Result<A, PostgresSinkError> {
        self.ask_within(question, action, self.timeout)
    }

    /// As [`Lane::ask`], with a deadline that may be nearer.
    pub(crate) fn ask_within(
        &self,
        question: Q,
        action: PostgresAction,
        timeout: Duration,
    ) -> Result<A, PostgresSinkError> {
        let timeout = timeout.min(self.timeout);
        let (answer, told) = mpsc::sync_channel(1);
        let asked = Asked {
            question,
            action,
            deadline: deadline_in(timeout),
            answer,
        };
        let sent = self.questions.send(asked);
        sent.map_err(|_| PostgresSinkError::NoThread)?;
        match told.recv_timeout(timeout.saturating_add(GRACE)) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => Err(PostgresSinkError::TimedOut { action }),
            Err(RecvTimeoutError::Disconnected) => Err(PostgresSinkError::NoThread),
        }
    }
}

/// When `timeout` will have passed.
pub(crate) fn deadline_in(timeout: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(timeout).unwrap_or(now)
}

/// How often it was tried, and why it did not succeed.
#[derive(Default)]
pub(crate) struct Attempts {
    pause: Option<Duration>,
    last: Option<PostgresSinkError>,
}

impl Attempts {
    /// Waits a little where another attempt may succeed; says whether the connection is of any
    /// further use.
    ///
    /// # Errors
    ///
    /// Gives the error back where another attempt is of no use.
    pub(crate) async fn again(
        &mut self,
        error: PostgresSinkError,
    ) -> Result<bool, PostgresSinkError> {
        let connected = match error.weight() {
            Weight::Lost => false,
            Weight::Again => true,
            Weight::Passing | Weight::Full | Weight::Final => return Err(error),
        };
        self.last = Some(error);
        let pause = self.pause.map_or(FIRST_PAUSE, |it| it.saturating_mul(2));
        let pause = pause.min(LAST_PAUSE);
        self.pause = Some(pause);
        sleep(pause).await;
        Ok(connected)
    }

    /// The deadline has come.
    pub(crate) fn out_of_time(&mut self, action: PostgresAction) -> PostgresSinkError {
        let last = self.last.take();
        last.unwrap_or(PostgresSinkError::TimedOut { action })
    }
}
