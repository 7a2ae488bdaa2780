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

/// Works out what is kept of `call`, and stores what goes beside the log. Of tools that nobody
/// knows, and of refused text, digests are kept.
///
/// # Errors
///
/// Where the store did not take the texts; with what is kept all the same.
pub(crate) fn keep<'p>(
    cabinet: Option<&Cabinet>,
    tool: Option<ToolRef<'p>>,
    call: &ToolCall,
    context: &Context,
    durability: Durability,
) -> Result<KeptCall<'p>, (Unstored, KeptCall<'p>)> {
    let mut kept = KeptCall::default();
    let Some(tool) = tool else {
        return Ok(kept);
    };
    let recording = tool.recording();
    let or_default = |keeping: Option<Keeping>| keeping.unwrap_or_else(|| unstated(cabinet));
    let (mut slots, mut texts) = (Vec::new(), Vec::new());
    let mut store = |slot, text| {
        slots.push(slot);
        texts.push(text);
        Keep::Lost
    };
    if let Ok(arguments) = call.arguments() {
        let mut places = Vec::new();
        for (pointer, keeping) in &recording.apart {
            let Some(value) = arguments.pointer(pointer.as_str()) else {
                continue;
            };
            places.push(value.index());
            let keep = match keeping {
                Keeping::Commitment => store(Slot::Apart(kept.apart.len()), argument_text(value)),
                other => plain(*other),
            };
            kept.apart.push(Apart::new(pointer.as_str(), keep));
        }
        kept.arguments = match or_default(recording.arguments) {
            Keeping::Commitment => store(Slot::Arguments, arguments_text(arguments, &places)),
            other => plain(other),
        };
    }
    if let Some(prompt) = context.prompt_fragment() {
        kept.prompt = match or_default(recording.prompt) {
            Keeping::Commitment => store(Slot::Prompt, string_text(prompt)),
            other => plain(other),
        };
    }
    if texts.is_empty() {
        return Ok(kept);
    }
    match put(cabinet, &texts, durability) {
        Ok(stored) => {
            for (slot, keep) in slots.into_iter().zip(stored) {
                match slot {
                    Slot::Arguments => kept.arguments = keep,
                    Slot::Prompt => kept.prompt = keep,
                    Slot::Apart(place) => {
                        if let Some(apart) = kept.apart.get_mut(place) {
                            apart.keep = keep;
                        }
                    }
                }
            }
            Ok(kept)
        }
        Err(unstored) => Err((unstored, kept)),
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
        Keeping::Commitment => {
            let stored = put(cabinet, &[string_text(text)], durability);
            match stored.ok().and_then(|kept| kept.first().copied()) {
                Some(Keep::Commitment(commitment)) => Kept::Commitment(commitment),
                Some(Keep::TooLong) => Kept::TooLong(digest()),
                _ => Kept::Lost(digest()),
            }
        }
        _ => Kept::Digest(digest()),
    }
}

fn put(
    cabinet: Option<&Cabinet>,
    texts: &[String],
    durability: Durability,
) -> Result<Vec<Keep>, Unstored> {
    // A policy that asks for a store is in force only where there is one.
    cabinet.map_or(Err(Unstored::Failed), |cabinet| {
        cabinet.put(texts, durability)
    })
}

/// What is kept where the policy says nothing.
const fn unstated(cabinet: Option<&Cabinet>) -> Keeping {
    match cabinet {
        Some(_) => Keeping::Commitment,
        None => Keeping::Digest,
    }
}

/// What is kept in the record itself.
const fn plain(keeping: Keeping) -> Keep {
    match keeping {
        Keeping::Text => Keep::Text,
        _ => Keep::Digest,
    }
}
