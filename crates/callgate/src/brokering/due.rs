//! Which credentials are out, and which are to be taken back.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use callgate_identity::{CredentialRequest, ToolCredential};
use callgate_types::{Caller, Context};
use chrono::{DateTime, Utc};

/// Most threads that take credentials back.
const MAX_WORKERS: usize = 8;

/// With so many credentials that could not be taken back, no more are issued.
const MAX_UNSETTLED: usize = 1_024;

/// A credential that is out: all of it but the secret.
#[derive(Clone, Debug)]
pub(crate) struct Loan {
    ticket: u64,
    id: Box<str>,
    shown: bool,
    caller: Caller,
    /// The session and the task of the call.
    context: Context,
    expires: DateTime<Utc>,
    ended: Ended,
}

/// How the call ended for which a credential was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    NotBegun,
    Finished,
    Abandoned,
    /// What the call rested on has ended before it: its task, say.
    Revoked,
}

impl Ended {
    /// The word for it in records.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::NotBegun => "the call was not begun",
            Self::Finished => "the call has ended",
            Self::Abandoned => "the call was abandoned",
            Self::Revoked => "what the call rested on was taken back",
        }
    }
}

impl Loan {
    pub(super) fn new(request: &CredentialRequest, credential: &ToolCredential) -> Self {
        let mut context = Context::new();
        if let Some(session) = request.session() {
            context = context.session(session);
        }
        if let Some(task) = request.task() {
            context = context.task(task);
        }
        Self {
            ticket: 0,
            id: credential.id().into(),
            shown: credential.check(request).is_ok(),
            caller: request.caller().clone(),
            context,
            // One that says that it lives longer is taken back for as long.
            expires: request.expires().max(credential.expires()),
            ended: Ended::NotBegun,
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Whether the id may stand in a record. That of a credential which was not handed out may hold
    /// its secret.
    pub(super) const fn can_be_shown(&self) -> bool {
        self.shown
    }

    pub(crate) const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The session and the task of the call.
    pub(crate) const fn context(&self) -> &Context {
        &self.context
    }

    pub(crate) const fn ended(&self) -> Ended {
        self.ended
    }
}

/// The credentials that are out. None of its locks is held while the broker is asked.
#[derive(Default)]
pub(super) struct Due {
    state: Mutex<State>,
    settled: Condvar,
}

#[derive(Default)]
struct State {
    tickets: u64,
    /// With a call.
    lent: HashMap<u64, Loan>,
    /// To be taken back, oldest first.
    due: VecDeque<Loan>,
    /// Being taken back.
    under_way: HashSet<u64>,
    /// Could not be taken back when that was tried last.
    failed: Vec<Loan>,
    /// Threads that take back what is due, those with the broker among them.
    workers: usize,
}

impl State {
    fn is_open(&self, ticket: u64) -> bool {
        self.under_way.contains(&ticket) || self.due.iter().any(|loan| loan.ticket == ticket)
    }

    fn is_idle(&self) -> bool {
        self.under_way.is_empty() && self.due.is_empty()
    }

    fn unsettled(&self) -> usize {
        let open = self.due.len().saturating_add(self.under_way.len());
        open.saturating_add(self.failed.len())
    }
}

impl Due {
    /// Nothing that holds this lock can panic halfway through a change.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a credential is out; returns the ticket by which it comes back.
    pub(super) fn lend(&self, mut loan: Loan) -> u64 {
        let mut state = self.lock();
        state.tickets = state.tickets.wrapping_add(1);
        loan.ticket = state.tickets;
        state.lent.insert(loan.ticket, loan);
        state.tickets
    }

    /// Whether any is with a call.
    pub(super) fn lends(&self) -> bool {
        !self.lock().lent.is_empty()
    }

    /// The credential is to be taken back, unless it is already.
    pub(super) fn end(&self, ticket: u64, ended: Ended) {
        let mut state = self.lock();
        if let Some(mut loan) = state.lent.remove(&ticket) {
            loan.ended = ended;
            state.due.push_back(loan);
        }
    }

    /// All that `which` says are to be taken back; returns how many.
    pub(super) fn end_where(&self, ended: Ended, which: impl Fn(&Loan) -> bool) -> usize {
        let mut state = self.lock();
        let state = &mut *state;
        let before = state.due.len();
        let all = state.lent.extract_if(|_, loan| which(loan));
        state
            .due
            .extend(all.map(|(_, loan)| Loan { ended, ..loan }));
        state.due.len().saturating_sub(before)
    }

    /// What failed is due again, but for what has expired by itself. Says whether anything is due.
    pub(super) fn retry(&self, now: DateTime<Utc>) -> bool {
        let mut state = self.lock();
        let state = &mut *state;
        let alive = state.failed.drain(..).filter(|loan| loan.expires > now);
        state.due.extend(alive);
        !state.due.is_empty()
    }

    /// Whether there is work for a further worker, which has to be started then.
    pub(super) fn hires(&self) -> bool {
        let mut state = self.lock();
        // One that is with the broker may be there for long.
        let free = state.workers.saturating_sub(state.under_way.len());
        let hires = state.workers < MAX_WORKERS && free < state.due.len();
        if hires {
            state.workers = state.workers.saturating_add(1);
        }
        hires
    }

    /// What a worker takes back next; without anything it is no worker any more.
    pub(super) fn next(&self) -> Option<Loan> {
        let mut state = self.lock();
        let Some(loan) = state.due.pop_front() else {
            state.workers = state.workers.saturating_sub(1);
            return None;
        };
        state.under_way.insert(loan.ticket);
        Some(loan)
    }

    /// A worker could not be started.
    pub(super) fn dismiss(&self) {
        let mut state = self.lock();
        state.workers = state.workers.saturating_sub(1);
    }

    /// What came of it.
    pub(super) fn settle(&self, loan: Loan, revoked: bool) {
        let mut state = self.lock();
        state.under_way.remove(&loan.ticket);
        if !revoked {
            state.failed.push(loan);
        }
        drop(state);
        self.settled.notify_all();
    }

    /// Waits until this one was tried.
    pub(super) fn wait_for(&self, ticket: u64, within: Duration) {
        self.wait(within, |state| !state.is_open(ticket));
    }

    /// Waits until all were tried.
    pub(super) fn wait_for_all(&self, within: Duration) {
        self.wait(within, State::is_idle);
    }

    fn wait(&self, within: Duration, is_done: impl Fn(&State) -> bool) {
        let begun = Instant::now();
        let mut state = self.lock();
        while !is_done(&state) {
            let Some(left) = within.checked_sub(begun.elapsed()) else {
                return;
            };
            let waited = self.settled.wait_timeout(state, left);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// How many are to be taken back, and are not yet.
    pub(super) fn unsettled(&self) -> usize {
        self.lock().unsettled()
    }

    /// Whether so many are to be taken back that no more are issued.
    pub(super) fn is_full(&self) -> bool {
        self.lock().unsettled() >= MAX_UNSETTLED
    }
}
