//! The commitments in a record.

use callgate_types::Digest;

use super::{KeptView, RecordView, ValueView};

/// The members of a record that keep texts.
const FIELDS: [&str; 4] = ["arguments", "prompt", "result", "purpose"];

/// A text of which a record keeps a commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommittedText {
    /// The commitment.
    pub commitment: Digest,
    /// The record that keeps it.
    pub record: u64,
    /// Where in the record: `arguments`, `arguments/note`, `prompt`, `result`, `purpose`.
    pub field: String,
}

impl RecordView<'_> {
    /// The texts of which this record keeps commitments.
    pub fn committed(&self) -> Vec<CommittedText> {
        let mut found = Vec::new();
        // Other kinds name commitments, and keep none.
        if !matches!(self.kind(), "decision" | "outcome" | "task_begun") {
            return found;
        }
        for field in FIELDS {
            let Some(kept) = self.field(field) else {
                continue;
            };
            self.note(kept, field.to_owned(), &mut found);
            for (pointer, kept) in kept
                .get("apart")
                .map(ValueView::members)
                .into_iter()
                .flatten()
            {
                self.note(kept, format!("{field}{pointer}"), &mut found);
            }
        }
        found
    }

    /// The commitments to texts that this record says are erased.
    pub fn erased(&self) -> Vec<Digest> {
        if self.kind() != "erased" {
            return Vec::new();
        }
        let texts = self.field("texts").map(ValueView::items);
        let commitments = texts.into_iter().flatten().filter_map(|text| {
            let commitment = text.get("commitment")?.as_text()?;
            commitment.parse().ok()
        });
        commitments.collect()
    }

    fn note(&self, kept: ValueView<'_>, field: String, found: &mut Vec<CommittedText>) {
        if let Some(KeptView::Commitment(commitment)) = KeptView::of(kept) {
            let record = self.seq();
            found.push(CommittedText {
                commitment,
                record,
                field,
            });
        }
    }
}
