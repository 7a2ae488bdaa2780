//! Texts as far as the log, or a store beside it, has them in clear.

use callgate::audit::read::{KeptView, ValueView};

use super::phrase::shorter;
use crate::output::shown;

/// The longest text that is shown whole, in characters.
const MAX_SHOWN: usize = 400;

/// Which texts are shown, and how much of each.
#[derive(Debug)]
pub(super) struct Clear {
    most: usize,
}

impl Default for Clear {
    fn default() -> Self {
        Self { most: MAX_SHOWN }
    }
}

impl Clear {
    /// What is known of a text, for people.
    pub(super) fn of(&self, kept: KeptView<'_>) -> String {
        match kept {
            KeptView::Text(text) => match text.as_text() {
                Some(text) => self.cut(&text),
                None => self.cut(text.raw()),
            },
            KeptView::Commitment(commitment) => {
                format!("(kept apart: {})", shorter(&commitment.to_string()))
            }
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
