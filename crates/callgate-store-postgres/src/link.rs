//! What is ready over a connection, which is made anew where it was lost.

use tokio::time::{Instant, timeout_at};

use crate::connect::{Session, Target};
use crate::error::Weight;
use crate::lane::{Attempts, Questions, deadline_in};
use crate::{PostgresAction, PostgresSinkError};

/// What can be made ready over a connection: statements, and what is known of the tables.
pub(crate) trait Connect: Sized {
    /// What of the tables it is about.
    type About;

    /// Connects, and makes it ready.
    async fn connect(target: &Target, about: &Self::About) -> Result<Self, PostgresSinkError>;

    /// The connection.
    fn session(&self) -> &Session;
}

/// What answers questions that may be asked again: nothing is done twice by that.
pub(crate) trait Answers: Connect {
    type Question;
    type Answer;

    async fn answer(
        &mut self,
        question: &Self::Question,
    ) -> Result<Self::Answer, PostgresSinkError>;
}

/// A server, and what is ready over a connection to it, where there is one.
pub(crate) struct Link<R: Connect> {
    target: Target,
    about: R::About,
    ready: Option<R>,
}

impl<R: Connect> Link<R> {
    /// Connects once it is asked something.
    pub(crate) const fn new(target: Target, about: R::About) -> Self {
        Self {
            target,
            about,
            ready: None,
        }
    }

    /// Connects now, to find out whether that is possible.
    pub(crate) async fn open(target: Target, about: R::About) -> Result<Self, PostgresSinkError> {
        let deadline = deadline_in(target.timeout);
        let mut link = Self::new(target, about);
        let action = PostgresAction::Connect;
        let opened = timeout_at(deadline, link.begin()).await;
        opened.unwrap_or(Err(PostgresSinkError::TimedOut { action }))?;
        Ok(link)
    }

    /// Others may be moving what is to be looked at; a server that is not there is told at once.
    async fn begin(&mut self) -> Result<(), PostgresSinkError> {
        let mut attempts = Attempts::default();
        loop {
            match self.ready().await {
                Ok(_) => return Ok(()),
                Err(error) if error.weight() == Weight::Again => {
                    attempts.again(error).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// What is ready; over a new connection where there is none.
    pub(crate) async fn ready(&mut self) -> Result<&mut R, PostgresSinkError> {
        let ready = match self.ready.take() {
            Some(ready) if !ready.session().client.is_closed() => ready,
            _ => R::connect(&self.target, &self.about).await?,
        };
        Ok(self.ready.insert(ready))
    }

    /// The next one who asks connects anew.
    pub(crate) fn cut(&mut self) {
        self.ready = None;
    }
}

impl<R: Answers> Link<R> {
    /// Answers until nobody asks any more.
    pub(crate) async fn serve(mut self, mut questions: Questions<R::Question, R::Answer>) {
        while let Some(asked) = questions.recv().await {
            let told = self
                .ask(&asked.question, asked.deadline, asked.action)
                .await;
            // Whoever asked may have given up.
            drop(asked.answer.try_send(told));
        }
    }

    /// Asks, again where that may help. A connection on which anything failed for good is not used again.
    pub(crate) async fn ask(
        &mut self,
        question: &R::Question,
        deadline: Instant,
        action: PostgresAction,
    ) -> Result<R::Answer, PostgresSinkError> {
        let mut attempts = Attempts::default();
        let told = timeout_at(deadline, self.persist(question, &mut attempts)).await;
        // Where it came too late, nobody knows what becomes of what was asked over it.
        let told = told.unwrap_or_else(|_| Err(attempts.out_of_time(action)));
        if told.is_err() {
            self.cut();
        }
        told
    }

    async fn persist(
        &mut self,
        question: &R::Question,
        attempts: &mut Attempts,
    ) -> Result<R::Answer, PostgresSinkError> {
        loop {
            let told = match self.ready().await {
                Ok(ready) => ready.answer(question).await,
                Err(error) => Err(error),
            };
            match told {
                Ok(answer) => return Ok(answer),
                Err(error) => {
                    if !attempts.again(error).await? {
                        self.cut();
                    }
                }
            }
        }
    }
}
