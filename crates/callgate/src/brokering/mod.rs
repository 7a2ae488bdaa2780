//! The credentials that tools need: fetched when a call begins, taken back when it has ended.
//!
//! The broker may be slow, and may fail in any way. So it is called in threads of its own: whoever
//! begins or ends a call waits for them a bounded time, and whoever drops one waits for nobody. A
//! credential that could not be taken back is tried again until it has expired by itself.

mod asking;
mod due;
mod lent;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::sync::{Arc, OnceLock, Weak};
use std::thread;
use std::time::Duration;

use callgate_identity::standing::{Standing, Subject};
use callgate_identity::{BrokerError, CredentialBroker, CredentialRequest, ToolCredential};
use callgate_types::Code;
use chrono::{DateTime, Utc};

use crate::Snapshot;
use crate::gate::Inner;
use due::Due;
use due::Ended;
pub(crate) use due::Loan;
pub(crate) use lent::Lent;

/// Most threads that wait for a credential at a time: one that hangs keeps its thread.
const MAX_ASKING: usize = 256;

/// The broker of a gate, and what it has issued.
#[derive(Clone)]
pub(crate) struct Brokering(Arc<Shared>);

pub(crate) struct Shared {
    broker: Box<dyn CredentialBroker>,
    within: Duration,
    lives_at_most: Duration,
    asking: AtomicUsize,
    due: Due,
    /// Whose log tells what was taken back.
    gate: OnceLock<Weak<Inner>>,
}

impl fmt::Debug for Brokering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Brokering").finish_non_exhaustive()
    }
}

type Issued = Result<ToolCredential, BrokerError>;

impl Brokering {
    pub(crate) fn new(
        broker: Box<dyn CredentialBroker>,
        within: Duration,
        lives_at_most: Duration,
    ) -> Self {
        Self(Arc::new(Shared {
            broker,
            within,
            lives_at_most,
            asking: AtomicUsize::new(0),
            due: Due::default(),
            gate: OnceLock::new(),
        }))
    }

    /// From now on the log of this gate tells what was taken back.
    pub(crate) fn serves(&self, gate: &Arc<Inner>) {
        // It is built for one gate, which says so once.
        self.0.gate.get_or_init(|| Arc::downgrade(gate));
    }

    /// How long a credential may live, at most.
    pub(crate) fn lives_at_most(&self) -> Duration {
        self.0.lives_at_most
    }

    /// The credential for a call that is about to begin.
    ///
    /// # Errors
    ///
    /// Returns the code with which the call does not begin; no credential is out then that will
    /// not be taken back.
    pub(crate) fn issue(&self, request: &CredentialRequest) -> Result<Lent, Code> {
        self.take_back(request.now());
        if self.0.due.is_full() {
            // What cannot be taken back must not pile up.
            return Err(Code::CredentialFailed);
        }
        let credential = self.ask(request.clone())?;
        let fit = credential.check(request);
        let lent = self.lend(request, credential);
        fit.map_err(|_| Code::CredentialFailed)?;
        Ok(lent)
    }

    fn ask(&self, request: CredentialRequest) -> Result<ToolCredential, Code> {
        let asking = Asking::begin(&self.0).ok_or(Code::CredentialTimeout)?;
        let this = self.clone();
        // Without room in between: either it is taken, or the thread that brings it has it still.
        let (give, take) = mpsc::sync_channel(0);
        let thread = thread::Builder::new().name("callgate-broker".into());
        let work = move || {
            this.fetch(&request, &give);
            drop(asking);
        };
        thread.spawn(work).map_err(|_| Code::CredentialFailed)?;
        match take.recv_timeout(self.0.within) {
            Ok(Ok(credential)) => Ok(credential),
            Ok(Err(BrokerError::Refused)) => Err(Code::CredentialRefused),
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(Code::CredentialFailed),
            Err(RecvTimeoutError::Timeout) => Err(Code::CredentialTimeout),
        }
    }

    /// Runs in a thread of its own: asks the broker, and hands over what it says.
    fn fetch(&self, request: &CredentialRequest, give: &SyncSender<Issued>) {
        let issue = std::panic::AssertUnwindSafe(|| self.0.broker.issue(request));
        let issued = std::panic::catch_unwind(issue).unwrap_or(Err(BrokerError::Failed));
        if let Err(mpsc::SendError(Ok(late))) = give.send(issued) {
            // Nobody waits any more: it goes back at once.
            drop(self.lend(request, late));
        }
    }

    fn lend(&self, request: &CredentialRequest, credential: ToolCredential) -> Lent {
        let ticket = self.0.due.lend(Loan::new(request, &credential));
        Lent::new(self.clone(), ticket, credential)
    }

    /// Revokes the credentials that are lent to calls which `ended` says; they end in this moment.
    /// Does not wait for the broker. Returns how many.
    pub(crate) fn revoke_where(&self, which: impl Fn(&Loan) -> bool) -> usize {
        let revoked = self.0.due.end_where(Ended::Revoked, which);
        self.work_off();
        revoked
    }

    /// Whether any credential is with a call.
    pub(crate) fn lends(&self) -> bool {
        self.0.due.lends()
    }

    /// Revokes the credentials of calls that rest on what is not in good standing any more, or whose
    /// caller has ended.
    pub(crate) fn follow(&self, standing: &Standing, now: DateTime<Utc>) {
        let is_barred = |loan: &Loan| {
            if loan.caller().expires().is_some_and(|end| end <= now) {
                return true;
            }
            let subject = Subject::new(loan.caller()).within(loan.context()).at(now);
            standing.look(&subject).is_err()
        };
        self.revoke_where(is_barred);
    }

    /// Tries again what could not be taken back, and waits for it.
    pub(crate) fn flush(&self, now: DateTime<Utc>) {
        self.take_back(now);
        self.0.due.wait_for_all(self.0.within);
    }

    fn take_back(&self, now: DateTime<Utc>) {
        if self.0.due.retry(now) {
            self.work_off();
        }
    }

    /// How many credentials are to be taken back, and are not yet.
    pub(crate) fn unsettled(&self) -> usize {
        self.0.due.unsettled()
    }

    /// Has threads take back what is due. Never waits.
    fn work_off(&self) {
        while self.0.due.hires() {
            let this = self.clone();
            let thread = thread::Builder::new().name("callgate-broker".into());
            let work = move || {
                while let Some(loan) = this.0.due.next() {
                    let revoked = this.revoke(&loan);
                    this.0.due.settle(loan, revoked);
                }
            };
            if thread.spawn(work).is_err() {
                self.0.due.dismiss();
                // It stays due until the broker is needed again.
                return;
            }
        }
    }

    fn revoke(&self, loan: &Loan) -> bool {
        let revoke = std::panic::AssertUnwindSafe(|| self.0.broker.revoke(loan.id()));
        let revoked = matches!(std::panic::catch_unwind(revoke), Ok(Ok(())));
        if revoked
            && loan.can_be_shown()
            && let Some(inner) = self.0.gate.get().and_then(Weak::upgrade)
        {
            inner.ledger.credential_revoked(loan, inner.clock.now());
        }
        revoked
    }
}

/// A place among the threads that wait for a credential.
struct Asking(Arc<Shared>);

impl Asking {
    fn begin(shared: &Arc<Shared>) -> Option<Self> {
        let more = |asking: usize| (asking < MAX_ASKING).then(|| asking.saturating_add(1));
        let counter = &shared.asking;
        let taken = counter.fetch_update(Ordering::AcqRel, Ordering::Acquire, more);
        taken.is_ok().then(|| Self(Arc::clone(shared)))
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.asking.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Snapshot {
    /// Fails where a tool needs a credential that nobody issues.
    pub(crate) fn check_credentials(&self, broker: Option<&Brokering>) -> Result<(), NoBroker> {
        let known = |name: &str| {
            broker.is_some_and(|broker| {
                let knows = std::panic::AssertUnwindSafe(|| broker.0.broker.knows(name));
                std::panic::catch_unwind(knows).unwrap_or(false)
            })
        };
        for (tool, entry) in &self.policy().document().tools {
            if let Some(credential) = entry.credential.as_deref().filter(|name| !known(name)) {
                let (tool, credential) = (tool.clone(), credential.into());
                return Err(NoBroker { tool, credential });
            }
        }
        Ok(())
    }
}

/// A tool needs a credential that no broker of the gate issues.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("tool `{tool}` needs credential `{credential}`: expected a broker that knows it")]
#[non_exhaustive]
pub struct NoBroker {
    /// The first tool that needs one.
    pub tool: Box<str>,
    /// What it needs.
    pub credential: Box<str>,
}
