//! Clear texts on their way into the store beside the log.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use callgate_audit::texts::{ClearText, TextError, TextStore};
use callgate_audit::{Durability, Keep};
use callgate_types::Code;

use crate::salts;

/// The store for clear texts, as the gate uses it.
#[derive(Clone)]
pub(crate) struct Cabinet {
    store: Arc<dyn TextStore>,
    deadline: Duration,
}

/// Why texts are not known to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unstored {
    TimedOut,
    Failed,
}

impl Unstored {
    /// The code with which a call is denied whose texts were not stored.
    pub(crate) const fn code(self) -> Code {
        match self {
            Self::TimedOut => Code::AuditTimeout,
            Self::Failed => Code::AuditFailed,
        }
    }
}

impl Cabinet {
    pub(crate) fn new(store: Arc<dyn TextStore>, deadline: Duration) -> Self {
        Self { store, deadline }
    }

    pub(crate) fn store(&self) -> &dyn TextStore {
        &*self.store
    }

    /// Commits to `text`: what a record keeps of it, and what is to be stored for that.
    pub(crate) fn commit(text: &str) -> Result<(Keep, Option<ClearText<'_>>), Unstored> {
        // No JSON is empty: the text was not made, and is not to be taken for kept.
        if text.is_empty() {
            return Err(Unstored::Failed);
        }
        let salt = salts::next().ok_or(Unstored::Failed)?;
        let clear = ClearText::new(salt, text);
        let keep = clear.map_or(Keep::TooLong, |clear| Keep::Commitment(clear.commitment()));
        Ok((keep, clear))
    }

    /// Stores `texts`.
    pub(crate) fn put(
        &self,
        texts: &[ClearText<'_>],
        durability: Durability,
    ) -> Result<(), Unstored> {
        if texts.is_empty() {
            return Ok(());
        }
        let put = || self.store.put(texts, durability, self.deadline);
        // A store that panics has not said that it stored anything.
        match catch_unwind(AssertUnwindSafe(put)) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(TextError::TimedOut)) => Err(Unstored::TimedOut),
            Ok(Err(_)) | Err(_) => Err(Unstored::Failed),
        }
    }
}

impl fmt::Debug for Cabinet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cabinet")
    }
}
