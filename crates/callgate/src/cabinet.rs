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

    /// Commits to `texts` and stores them; says for each what a record keeps of it.
    pub(crate) fn put(
        &self,
        texts: &[String],
        durability: Durability,
    ) -> Result<Vec<Keep>, Unstored> {
        let (mut clear, mut kept) = (Vec::new(), Vec::new());
        for text in texts {
            let salt = salts::next().ok_or(Unstored::Failed)?;
            kept.push(match ClearText::new(salt, text) {
                Some(text) => {
                    clear.push(text);
                    Keep::Commitment(text.commitment())
                }
                None => Keep::TooLong,
            });
        }
        if !clear.is_empty() {
            let put = || self.store.put(&clear, durability, self.deadline);
            // A store that panics has not said that it stored anything.
            match catch_unwind(AssertUnwindSafe(put)) {
                Ok(Ok(())) => {}
                Ok(Err(TextError::TimedOut)) => return Err(Unstored::TimedOut),
                Ok(Err(_)) | Err(_) => return Err(Unstored::Failed),
            }
        }
        Ok(kept)
    }
}

impl fmt::Debug for Cabinet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cabinet")
    }
}
