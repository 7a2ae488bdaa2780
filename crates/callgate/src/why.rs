//! Which rule let a call through, and why.

use std::sync::OnceLock;

use callgate_types::DecisionKind;

use crate::cause::{Cause, permitted_by};
use crate::judged::Judged;

/// Which rule decided, if one did, and why, for people.
///
/// Most permits are used up without anybody asking, so the sentence is put together for the first
/// one who does.
#[derive(Debug)]
pub(crate) struct Why {
    /// The id of the rule, and behind it the words that are there already: none, where all there is
    /// to say is that the rule permitted the call.
    text: Text,
    /// How many bytes of the text are the id.
    rule: Option<usize>,
    sentence: OnceLock<Box<str>>,
}

impl Why {
    pub(crate) fn new(judged: &Judged<'_>) -> Self {
        let id = judged.rule().unwrap_or_default();
        let text = match &judged.cause {
            Cause::Rule(deciding) if judged.decision == DecisionKind::Allow => {
                Text::new(id, deciding.reason)
            }
            _ => Text::new(id, &judged.message()),
        };
        Self {
            text,
            rule: judged.rule().map(str::len),
            sentence: OnceLock::new(),
        }
    }

    pub(crate) fn rule(&self) -> Option<&str> {
        self.text.as_str().get(..self.rule?)
    }

    pub(crate) fn message(&self) -> &str {
        let words = self.text.as_str().get(self.rule.unwrap_or(0)..);
        match (words.unwrap_or_default(), self.rule()) {
            ("", Some(id)) => {
                let sentence = || permitted_by(id).concat().into();
                self.sentence.get_or_init(sentence)
            }
            (words, _) => words,
        }
    }
}

/// A text that stands in place where it is short.
#[derive(Debug)]
enum Text {
    Short { bytes: [u8; Self::ROOM], len: u8 },
    Long(Box<str>),
}

impl Text {
    /// As much as most ids and reasons take together.
    const ROOM: usize = 94;

    fn new(start: &str, end: &str) -> Self {
        let (mut bytes, len) = ([0; Self::ROOM], start.len().saturating_add(end.len()));
        if let Some((first, rest)) = bytes.split_at_mut_checked(start.len())
            && let Some(second) = rest.get_mut(..end.len())
            && let Ok(len) = u8::try_from(len)
        {
            first.copy_from_slice(start.as_bytes());
            second.copy_from_slice(end.as_bytes());
            return Self::Short { bytes, len };
        }
        Self::Long([start, end].concat().into())
    }

    fn as_str(&self) -> &str {
        match self {
            // They were texts before.
            Self::Short { bytes, len } => bytes
                .get(..usize::from(*len))
                .and_then(|bytes| str::from_utf8(bytes).ok())
                .unwrap_or_default(),
            Self::Long(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_texts() {
        for (start, end) in [
            (0, 0),
            (5, 0),
            (0, 7),
            (40, 54),
            (40, 55),
            (94, 0),
            (300, 9),
        ] {
            let (start, end) = ("ü".repeat(start / 2), "x".repeat(end));
            let text = Text::new(&start, &end);
            assert_eq!(text.as_str(), format!("{start}{end}"));
        }
    }
}
