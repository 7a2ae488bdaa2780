//! The signatures under a gate's log.

use std::sync::Arc;

use callgate_audit::{Anchor, AnchorError, Sealed, SignedNote, Signer};

use crate::{AuditError, Gate};

impl Gate {
    /// Signs the log as it is now, and returns what was signed once it is durable.
    ///
    /// A gate with a signer does that by itself while it writes; it has no thread of its own, so a
    /// host that wants a signature over a quiet log asks for one.
    ///
    /// # Errors
    ///
    /// Where the gate was built without a signer, where the signer fails, and where the log does
    /// not take the record.
    pub fn checkpoint(&self) -> Result<SignedNote, AuditError> {
        let inner = self.inner();
        let journal = inner.ledger.journal();
        journal.checkpoint(inner.clock.now(), inner.ledger.deadline())
    }

    /// Signs the log as it is now, and has `anchor` keep what was signed.
    ///
    /// Whoever has the key can write anew what came since an anchor was last told: how often a
    /// host calls this is how long that window is. Other calls do not wait for the anchor.
    ///
    /// # Errors
    ///
    /// As [`Gate::checkpoint`], and where the anchor does not keep it.
    pub fn anchor_to(&self, anchor: &dyn Anchor) -> Result<SignedNote, AnchorError> {
        let inner = self.inner();
        let journal = inner.ledger.journal();
        journal.anchor_to(anchor, inner.clock.now(), inner.ledger.deadline())
    }

    /// From now on `next` signs the log, whose key has the same name; the key until now signs
    /// that it does. Its secret can be destroyed then.
    ///
    /// # Errors
    ///
    /// As [`Gate::checkpoint`].
    pub fn change_key(&self, next: Arc<dyn Signer>) -> Result<SignedNote, AuditError> {
        let inner = self.inner();
        let journal = inner.ledger.journal();
        journal.change_key(next, inner.clock.now(), inner.ledger.deadline())
    }

    /// How far the log is signed, and whether the last attempt failed; `None` without a signer.
    ///
    /// A signer that fails stops no call: records are written all the same, and a verifier says
    /// how many of them nothing has sealed.
    pub fn sealed(&self) -> Option<Sealed> {
        self.inner().ledger.journal().sealed()
    }
}
