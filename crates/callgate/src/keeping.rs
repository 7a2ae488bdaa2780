//! What the log keeps of the texts of a call: in clear, apart from it, or as a digest.

use callgate_audit::texts::{argument_text, arguments_text, string_text};
use callgate_audit::{Apart, Durability, Keep, Kept};
use callgate_policy::ToolRef;
use callgate_policy::document::Keeping;
use callgate_types::{Context, Digest, ToolCall};

use crate::cabinet::{Cabinet, Unstored};

/// What the record of a decision keeps of the texts of its call.
#[derive(Debug, Default)]
pub(crate) struct KeptCall<'p> {
    pub(crate) arguments: Keep,
    pub(crate) apart: Vec<Apart<'p>>,
    pub(crate) prompt: Keep,
}

/// Which text of a call goes to the store.
#[derive(Clone, Copy)]
enum Slot {
    Arguments,
    Apart(usize),
    Prompt,
}

/// Works out what is kept of `call`, a call of `tool`, and stores what goes beside the log. Of
/// refused text a digest is kept.
///
/// # Errors
///
/// Where the store did not take the texts; what is kept all the same stands in `kept`.
pub(crate) fn keep<'p>(
    kept: &mut KeptCall<'p>,
    cabinet: Option<&Cabinet>,
    tool: ToolRef<'p>,
    call: &ToolCall,
    context: &Context,
    durability: Durability,
) -> Result<(), Unstored> {
    let recording = tool.recording();
    let or_default = |keeping: Option<Keeping>| keeping.unwrap_or_else(|| unstated(cabinet));
    let mut texts = Texts::default();
    if let Ok(arguments) = call.arguments() {
        let mut places = Vec::new();
        for (pointer, keeping) in &recording.apart {
            let Some(value) = arguments.pointer(pointer.as_str()) else {
                continue;
            };
            places.push(value.index());
            let slot = Slot::Apart(kept.apart.len());
            let keep = texts.keep(slot, *keeping, || argument_text(value));
            kept.apart.push(Apart::new(pointer.as_str(), keep));
        }
        let keeping = or_default(recording.arguments);
        let text = || arguments_text(arguments, &places);
        kept.arguments = texts.keep(Slot::Arguments, keeping, text);
    }
    if let Some(prompt) = context.prompt_fragment() {
        let keeping = or_default(recording.prompt);
        kept.prompt = texts.keep(Slot::Prompt, keeping, || string_text(prompt));
    }
    texts.store(kept, cabinet, durability)
}

impl KeptCall<'_> {
    fn set(&mut self, slot: Slot, keep: Keep) {
        match slot {
            Slot::Arguments => self.arguments = keep,
            Slot::Prompt => self.prompt = keep,
            Slot::Apart(place) => {
                if let Some(apart) = self.apart.get_mut(place) {
                    apart.keep = keep;
                }
            }
        }
    }
}

/// Texts on their way into the store.
#[derive(Default)]
struct Texts {
    /// Most of the time there is one.
    first: Option<(Slot, String)>,
    others: Vec<(Slot, String)>,
}

impl Texts {
    /// Keeps a text in this way. One that goes to the store counts as lost until it is there.
    #[inline]
    fn keep(&mut self, slot: Slot, keeping: Keeping, text: impl FnOnce() -> String) -> Keep {
        match keeping {
            Keeping::Commitment => {
                let text = (slot, text());
                match &mut self.first {
                    None => self.first = Some(text),
                    Some(_) => self.others.push(text),
                }
                Keep::Lost
            }
            Keeping::Text => Keep::Text,
            _ => Keep::Digest,
        }
    }

    #[inline]
    fn store(
        &self,
        kept: &mut KeptCall<'_>,
        cabinet: Option<&Cabinet>,
        durability: Durability,
    ) -> Result<(), Unstored> {
        let Some((slot, text)) = &self.first else {
            return Ok(());
        };
        // A policy that asks for a store is in force only where there is one.
        let cabinet = cabinet.ok_or(Unstored::Failed)?;
        if !self.others.is_empty() {
            return self.store_all(kept, cabinet, durability);
        }
        let (keep, clear) = Cabinet::commit(text)?;
        cabinet.put(clear.as_slice(), durability)?;
        kept.set(*slot, keep);
        Ok(())
    }

    fn store_all(
        &self,
        kept: &mut KeptCall<'_>,
        cabinet: &Cabinet,
        durability: Durability,
    ) -> Result<(), Unstored> {
        let all = self.first.iter().chain(&self.others);
        let all: Vec<_> = all
            .map(|(slot, text)| Ok((*slot, Cabinet::commit(text)?)))
            .collect::<Result<_, _>>()?;
        let clear: Vec<_> = all.iter().filter_map(|(_, (_, clear))| *clear).collect();
        cabinet.put(&clear, durability)?;
        for (slot, (keep, _)) in all {
            kept.set(slot, keep);
        }
        Ok(())
    }
}

/// What is kept of the result of a call that ran. That it ran is recorded whatever the store says.
pub(crate) fn keep_result<'t>(
    cabinet: Option<&Cabinet>,
    keeping: Option<Keeping>,
    text: &'t str,
    durability: Durability,
) -> Kept<'t> {
    let digest = || Digest::of(text.as_bytes());
    match keeping.unwrap_or_else(|| unstated(cabinet)) {
        Keeping::Text => Kept::Text(text),
        Keeping::Commitment => match put_result(cabinet, text, durability) {
            Ok(Keep::Commitment(commitment)) => Kept::Commitment(commitment),
            Ok(Keep::TooLong) => Kept::TooLong(digest()),
            _ => Kept::Lost(digest()),
        },
        _ => Kept::Digest(digest()),
    }
}

fn put_result(
    cabinet: Option<&Cabinet>,
    text: &str,
    durability: Durability,
) -> Result<Keep, Unstored> {
    let cabinet = cabinet.ok_or(Unstored::Failed)?;
    let text = string_text(text);
    let (keep, clear) = Cabinet::commit(&text)?;
    cabinet.put(clear.as_slice(), durability)?;
    Ok(keep)
}

/// What is kept where the policy says nothing.
const fn unstated(cabinet: Option<&Cabinet>) -> Keeping {
    match cabinet {
        Some(_) => Keeping::Commitment,
        None => Keeping::Digest,
    }
}
