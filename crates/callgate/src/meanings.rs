//! What rules and tools mean, worked out for those about which somebody is asked.

use std::sync::OnceLock;

use callgate_policy::ToolRef;
use callgate_policy::document::{Document, Rule};
use callgate_types::Digest;

/// The meanings of rules and tools: each is worked out once, when it is first asked for.
#[derive(Debug)]
pub(crate) struct Meanings {
    /// In the order of the document.
    rules: Box<[OnceLock<Digest>]>,
    tools: Box<[OnceLock<Digest>]>,
}

impl Meanings {
    pub(crate) fn new(document: &Document) -> Self {
        let empty = |count: usize| (0..count).map(|_| OnceLock::new()).collect();
        Self {
            rules: empty(document.rules.len()),
            tools: empty(document.tools.len()),
        }
    }

    pub(crate) fn rule(&self, document: &Document, rule: &Rule) -> Digest {
        let place = document
            .rules
            .binary_search_by(|known| known.id.cmp(&rule.id));
        let kept = place.ok().and_then(|place| self.rules.get(place));
        match kept {
            Some(kept) => *kept.get_or_init(|| rule.meaning()),
            None => rule.meaning(),
        }
    }

    pub(crate) fn tool(&self, document: &Document, tool: ToolRef<'_>) -> Digest {
        let meaning = || match document.tools.get(tool.name()) {
            Some(entry) => entry.meaning(tool.name()),
            // Every tool that is found stands in the document; if one did not, it would mean nothing.
            None => Digest::ZERO,
        };
        let kept = self.tools.get(tool.index());
        kept.map_or_else(meaning, |kept| *kept.get_or_init(meaning))
    }
}
