//! The log, as the gate uses it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use callgate_audit::{
    AbandonedRecord, AppendError, Ask, AuditSink, CredentialIssuedRecord, DecisionRecord,
    Durability, Journal, JournalOptions, JournalState, LimitReachedRecord, NotBegunReason,
    NotBegunRecord, OpenError, OutcomeRecord, PolicyLoadedRecord, Record, Revocable, RevokedRecord,
};
use callgate_types::Code;
use chrono::{DateTime, Utc};

use crate::brokering::Loan;
use crate::{AuditError, Snapshot};

/// The log of a gate: what must be written before, and what may be written after.
#[derive(Debug)]
pub(crate) struct Ledger {
    journal: Journal,
    deadline: Duration,
    /// How many outcomes could not be recorded at once, or are not known.
    debts: AtomicU64,
    /// How many of these are in the log by now. While it is less, no write begins.
    paid: AtomicU64,
}

impl Ledger {
    pub(crate) fn open(
        sink: Arc<dyn AuditSink>,
        options: &JournalOptions,
        deadline: Duration,
    ) -> Result<Self, OpenError> {
        Ok(Self {
            journal: Journal::open_with(sink, options)?,
            deadline,
            debts: AtomicU64::new(0),
            paid: AtomicU64::new(0),
        })
    }

    /// What writes the log.
    pub(crate) const fn journal(&self) -> &Journal {
        &self.journal
    }

    /// How long a call waits for its record to be in safety.
    pub(crate) const fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Whether the log takes records; and, for a call that writes, whether it has taken all
    /// outcomes so far. Tries first to mend what is amiss.
    pub(crate) fn accepts(&self, writes: impl FnOnce() -> bool) -> Result<(), Code> {
        match self.journal.state() {
            JournalState::Open => {}
            JournalState::InDoubt => self.journal.settle().map_err(|error| code(&error))?,
            _ => return Err(Code::AuditFailed),
        }
        if self.pay_off().is_err() && writes() {
            return Err(Code::OutcomeUnrecorded);
        }
        Ok(())
    }

    /// Writes the outcomes that could not be recorded so far, where there are any.
    fn pay_off(&self) -> Result<(), AuditError> {
        let debts = self.debts.load(Ordering::Acquire);
        if self.paid.load(Ordering::Acquire) < debts {
            self.journal.flush(self.deadline)?;
            self.paid.fetch_max(debts, Ordering::AcqRel);
        }
        Ok(())
    }

    /// Writes and syncs all that waits.
    pub(crate) fn flush(&self) -> Result<(), AuditError> {
        let debts = self.debts.load(Ordering::Acquire);
        self.journal.flush(self.deadline)?;
        self.paid.fetch_max(debts, Ordering::AcqRel);
        Ok(())
    }

    /// Records a decision on a call that `runs`, or does not; returns the number of its record, or the code to deny the call with.
    pub(crate) fn decision(&self, record: &DecisionRecord<'_>, runs: bool) -> Result<u64, Code> {
        let mut ask = Ask::new(record.durability, self.deadline);
        if runs {
            ask = ask.opens();
        }
        let stored = self.journal.append(&Record::Decision(record), ask);
        stored
            .map(|stored| stored.seq)
            .map_err(|error| code(&error))
    }

    /// Records something about an approval.
    pub(crate) fn approval(&self, record: &Record<'_>, durability: Durability) -> Result<(), Code> {
        let stored = self
            .journal
            .append(record, Ask::new(durability, self.deadline));
        stored.map(drop).map_err(|error| code(&error))
    }

    /// Records that a policy is in force.
    pub(crate) fn policy(&self, snapshot: &Snapshot, now: DateTime<Utc>) -> Result<(), AuditError> {
        let record = PolicyLoadedRecord::new(now, snapshot.name(), snapshot.digest());
        let ask = Ask::new(Durability::Durable, self.deadline);
        let stored = self.journal.append(&Record::PolicyLoaded(record), ask);
        stored.map(drop)
    }

    /// Records, durably, what comes into force afterwards.
    pub(crate) fn note(&self, record: &Record<'_>) -> Result<(), AuditError> {
        let ask = Ask::new(Durability::Durable, self.deadline);
        self.journal.append(record, ask).map(drop)
    }

    /// Records what is in force already. Where it cannot be written, it stays waiting.
    pub(crate) fn keep(&self, record: &Record<'_>) -> Result<(), AuditError> {
        let ask = Ask::new(Durability::Durable, self.deadline).keeps();
        self.journal.append(record, ask).map(drop)
    }

    /// Records how a call has ended. The record is not lost: where it cannot be written, it
    /// stays waiting, and closes the gate for writes.
    pub(crate) fn outcome(&self, record: OutcomeRecord<'_>) -> Result<(), AuditError> {
        let ask = Ask::new(Durability::Accepted, self.deadline).keeps();
        let stored = self.journal.append(&Record::Outcome(record), ask);
        if stored.is_err() {
            self.debts.fetch_add(1, Ordering::AcqRel);
        }
        stored.map(drop)
    }

    /// Records that a credential was issued for a call; only then may the tool have it.
    pub(crate) fn credential_issued(
        &self,
        record: &CredentialIssuedRecord<'_>,
        durability: Durability,
    ) -> Result<(), Code> {
        let ask = Ask::new(durability, self.deadline);
        let stored = self.journal.append(&Record::CredentialIssued(record), ask);
        stored.map(drop).map_err(|error| code(&error))
    }

    /// Queues the record that a credential was taken back; never waits.
    pub(crate) fn credential_revoked(&self, loan: &Loan, now: DateTime<Utc>) {
        let mut record = RevokedRecord::new(now, Revocable::Credential, loan.id());
        record.tenant = loan.caller().tenant();
        record.reason = Some(loan.ended().as_str());
        self.journal.queue(&Record::Revoked(&record));
    }

    /// Queues the record that nobody knows how a call ended; never waits.
    pub(crate) fn abandoned(&self, seq: u64, now: DateTime<Utc>) {
        let record = AbandonedRecord::new(now, seq);
        self.journal.queue(&Record::Abandoned(record));
        self.debts.fetch_add(1, Ordering::AcqRel);
    }

    /// Queues the record that a call ran into a limit; never waits.
    pub(crate) fn limit_reached(&self, record: &LimitReachedRecord<'_>) {
        self.journal.queue(&Record::LimitReached(record));
    }

    /// Queues the record that a call was not begun; never waits.
    pub(crate) fn not_begun(&self, seq: u64, reason: NotBegunReason, now: DateTime<Utc>) {
        let record = NotBegunRecord::new(now, seq, reason);
        self.journal.queue(&Record::NotBegun(record));
    }
}

/// The code with which a call is denied whose record failed in this way.
const fn code(error: &AppendError) -> Code {
    match error {
        AppendError::TimedOut => Code::AuditTimeout,
        AppendError::Unknown(_) => Code::AuditUnknown,
        _ => Code::AuditFailed,
    }
}
