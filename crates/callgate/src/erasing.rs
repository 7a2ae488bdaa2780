//! Erasing clear texts on somebody's authority.

use callgate_audit::read::LogReader;
use callgate_audit::texts::{self, EraseError, Erased, Erasure};

use crate::Gate;

impl Gate {
    /// Erases clear texts: those of one record, of all calls on behalf of somebody, or those that
    /// are named. That is recorded, durably, before anything is deleted; the log itself does not
    /// change, and the commitments that it keeps say nothing any more.
    ///
    /// What other copies there are, backups of the store say, is not reached; neither is what
    /// a policy has the log keep as text. It reads the whole log.
    ///
    /// # Errors
    ///
    /// Says how far it came. After [`EraseError::Store`] the erasure is recorded, and
    /// [`Gate::complete_erasures`] does what was left undone.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate::audit::texts::{ErasureScope, Erasure, MemoryTexts};
    /// use callgate::{Gate, MemorySink, Principal};
    ///
    /// let policy = callgate::parse_policy(
    ///     "format = 1\nname = \"desk\"\n[tools.look]\naccess = \"read\"\n\
    ///      [[rules]]\nid = \"look\"\neffect = \"permit\"\ntools = [\"look\"]\n",
    ///     "desk.toml",
    /// )?;
    /// let gate = Gate::builder()
    ///     .policy(policy)
    ///     .audit(MemorySink::new())
    ///     .texts(MemoryTexts::new())
    ///     .build()?;
    /// let officer = Principal::asserted("user:officer".parse()?);
    /// let erasure = Erasure::new(ErasureScope::Subject("user:alice"), &officer);
    /// let erased = gate.erase(&erasure.reason("she asked for it"))?;
    /// assert_eq!(erased.texts, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn erase(&self, erasure: &Erasure<'_>) -> Result<Erased, EraseError> {
        let inner = self.inner();
        let cabinet = inner.cabinet.as_ref().ok_or(EraseError::NoStore)?;
        // What still waits to be written may name texts, too.
        inner.ledger.flush()?;
        texts::erase(
            inner.ledger.journal(),
            cabinet.store(),
            &mut LogReader::sink(&*inner.sink),
            erasure,
            inner.clock.now(),
            inner.ledger.deadline(),
        )
    }

    /// Deletes what a record says was erased and the store still has: a crash came in between.
    /// Gives how many texts that were. It reads the whole log.
    ///
    /// # Errors
    ///
    /// Where log or store fail; it can be called again.
    pub fn complete_erasures(&self) -> Result<u64, EraseError> {
        let inner = self.inner();
        let cabinet = inner.cabinet.as_ref().ok_or(EraseError::NoStore)?;
        texts::complete_erasures(&mut LogReader::sink(&*inner.sink), cabinet.store())
    }
}
