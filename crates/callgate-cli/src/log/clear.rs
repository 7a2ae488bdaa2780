//! Texts as far as the log, or a store beside it, has them in clear.

use std::path::Path;

use callgate::Digest;
use callgate::audit::read::{KeptView, ValueView};
use callgate::audit::texts::TextStore;

use super::phrase::shorter;
use crate::output::{chain, shown};
use crate::{Unusable, database};

/// The longest text that is shown whole, in characters.
const MAX_SHOWN: usize = 400;

/// Which texts are shown, and how much of each.
pub(super) struct Clear {
    most: usize,
    /// Where those are of which the log keeps commitments.
    store: Option<Box<dyn TextStore>>,
}

impl Clear {
    /// Looks texts up in `store`, a folder or an SQLite file, where one was named.
    pub(super) fn new(store: Option<&Path>) -> Result<Self, Unusable> {
        Ok(Self {
            most: MAX_SHOWN,
            store: store.map(database::texts).transpose()?,
        })
    }

    /// What is known of a text, for people.
    pub(super) fn of(&self, kept: KeptView<'_>) -> String {
        match kept {
            KeptView::Text(text) => match text.as_text() {
                Some(text) => self.cut(&text),
                None => self.cut(text.raw()),
            },
            KeptView::Commitment(commitment) => self.apart(commitment),
            KeptView::Digest { digest, too_long } => {
                let why = if too_long {
                    "too long to be kept"
                } else {
                    "not kept"
                };
                format!("({why}: digest {})", shorter(&digest.to_string()))
            }
            KeptView::Refused(refused) => {
                let error = refused.get("error").and_then(ValueView::as_text);
                let at = refused.get("at").and_then(ValueView::as_u64);
                let at = at.map_or_else(String::new, |at| format!(" at byte {at}"));
                error.map_or_else(String::new, |error| {
                    format!("(refused: {}{at})", shown(&error))
                })
            }
            KeptView::Unknown(value) => self.cut(value.raw()),
            _ => String::new(),
        }
    }

    /// A text that is not in the log.
    fn apart(&self, commitment: Digest) -> String {
        let short = shorter(&commitment.to_string());
        let Some(store) = &self.store else {
            return format!("(kept apart: {short})");
        };
        match store.find(commitment) {
            Ok(Some(text)) if text.matches(commitment) => {
                let value: Option<String> = serde_json::from_str(text.text()).ok();
                self.cut(value.as_deref().unwrap_or(text.text()))
            }
            Ok(Some(_)) => format!("(kept apart: {short}, but the store has another text)"),
            Ok(None) => format!("(kept apart: {short}, and no more in the store)"),
            Err(error) => format!("(kept apart: {short}; {})", shown(&chain(&error))),
        }
    }

    /// The text; of a long one the beginning, with its length.
    pub(super) fn cut(&self, text: &str) -> String {
        match text.char_indices().nth(self.most) {
            None => shown(text),
            Some((end, _)) => {
                let start = text.get(..end).unwrap_or_default();
                format!("{}... ({} bytes)", shown(start), text.len())
            }
        }
    }
}
