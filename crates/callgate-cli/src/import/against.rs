//! What of a tool list a policy does not know, or knows otherwise.

use std::path::Path;

use callgate::Digest;
use serde_json::json;

use super::list::List;
use crate::output::{Output, Tone, chain, shown};
use crate::{Found, Unusable, check};

/// How a tool of the list stands to the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// Its definition is not the one that is pinned.
    Changed,
    /// The catalogue does not have it.
    New,
    /// The catalogue pins a definition of it, and the list does not have it.
    Gone,
    /// The catalogue has it, and pins no definition.
    NotPinned,
}

impl Change {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::New => "new",
            Self::Gone => "gone",
            Self::NotPinned => "not_pinned",
        }
    }
}

/// Compares the tools of a list with the catalogue of a policy.
pub(super) fn run(list: &List, policy: &Path, output: &mut Output) -> Result<Found, Unusable> {
    let snapshot = check::load(policy).map_err(|error| Unusable(chain(&error)))?;
    let known = &snapshot.policy().document().tools;
    let mut changes: Vec<(&str, Change, Option<Digest>)> = Vec::new();
    for (name, definition) in &list.tools {
        let shown = definition.digest();
        let change = match known.get(&**name).map(|tool| tool.definition) {
            None => Change::New,
            Some(None) => Change::NotPinned,
            Some(Some(pinned)) if pinned != shown => Change::Changed,
            Some(Some(_)) => continue,
        };
        changes.push((name, change, Some(shown)));
    }
    for (name, tool) in known {
        if tool.definition.is_some() && !list.tools.contains_key(&**name) {
            changes.push((name, Change::Gone, None));
        }
    }
    changes.sort_unstable_by_key(|(name, ..)| *name);
    for (name, change, definition) in &changes {
        write(output, name, *change, *definition)?;
    }
    super::note(&list.notes);
    Ok(if changes.is_empty() && list.notes.is_empty() {
        Found::Nothing
    } else {
        Found::Something
    })
}

fn write(
    output: &mut Output,
    name: &str,
    change: Change,
    definition: Option<Digest>,
) -> Result<(), Unusable> {
    let definition = definition.map(|digest| digest.to_string());
    if output.is_json() {
        return output.json(&json!({
            "change": change.as_str(), "tool": name, "definition": definition,
        }));
    }
    let tone = match change {
        Change::Changed => Tone::Bad,
        _ => Tone::Care,
    };
    let word = output.tone(tone, &format!("{:<10}", change.as_str().replace('_', " ")));
    let definition = definition.unwrap_or_else(|| "-".to_owned());
    output.line(&format!("{word}  {definition:<64}  {}", shown(name)))
}
