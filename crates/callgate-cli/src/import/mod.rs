//! `callgate import`: a tool list of an MCP server as entries of a catalogue.
//!
//! All that a server says is untrusted: nothing of it leaves its quotes, a hint of it raises a tier
//! and never lowers one, and a schema that cannot be said in matchers is noticed.

mod against;
mod entry;
mod list;
mod schema;
#[cfg(test)]
mod tests;
mod toml;

use std::io::Write as _;

use callgate::policy::Policy;
use serde_json::{Value, json};

use crate::options::Import;
use crate::output::{Output, chain, shown};
use crate::{Found, Unusable};

use entry::Entry;
use list::List;

/// The most findings that are written; each stands beside its tool, too.
const MAX_FINDINGS: usize = 200;

/// Writes the entries, and on standard error what was noticed about them.
pub(crate) fn run(command: &Import, output: &mut Output) -> Result<Found, Unusable> {
    let list = List::read(&command.lists)?;
    if let Some(policy) = &command.against {
        return against::run(&list, policy, output);
    }
    let entries = entries(&list)?;
    let mut notes = list.notes.clone();
    for entry in &entries {
        notes.extend(entry.notes());
    }
    if output.is_json() {
        output.json(&json(&entries))?;
    } else {
        output.line(text(&entries).trim_end())?;
    }
    note(&notes);
    Ok(if notes.is_empty() {
        Found::Nothing
    } else {
        Found::Something
    })
}

/// The entries of a list, which load in a policy.
fn entries(list: &List) -> Result<Vec<Entry>, Unusable> {
    let tools = list.tools.iter();
    let entries: Vec<Entry> = tools.map(|(name, tool)| Entry::of(name, tool)).collect();
    loads(&text(&entries))?;
    Ok(entries)
}

/// The entries as TOML, to be pasted into a policy.
fn text(entries: &[Entry]) -> String {
    let mut text = String::from(
        "# Imported from what a tool server says of itself. Read what each tool does, and write\n\
         # `access`, `scope`, `tier` and `resources` as you know them to be.\n",
    );
    if entries.iter().any(Entry::is_privileged) {
        text.push_str("# Some tools are privileged: the policy needs [friction.privileged].\n");
    }
    for entry in entries {
        text.push('\n');
        entry.write(&mut text);
    }
    text
}

/// The entries as JSON, for a policy that is written so.
fn json(entries: &[Entry]) -> Value {
    let tools: serde_json::Map<String, Value> = entries
        .iter()
        .map(|entry| (entry.name.clone(), entry.json()))
        .collect();
    json!({ "tools": tools })
}

/// Checks that a policy takes the entries, by its own reader.
fn loads(entries: &str) -> Result<(), Unusable> {
    let policy = format!("{HEAD}{entries}");
    match Policy::parse(&policy, "import") {
        Ok(_) => Ok(()),
        Err(why) => Err(Unusable(format!(
            "the tools cannot be imported: {}",
            why.first().message
        ))),
    }
}

/// The least policy that entries can stand in.
const HEAD: &str = "format = 1\nname = \"import\"\n[friction.privileged]\n\
                    [[rules]]\nid = \"none\"\neffect = \"forbid\"\n";

/// What a server wrote, as messages show it: short, on one line, without backticks of its own.
fn shown_word(word: &str) -> String {
    const MAX: usize = 64;
    let start: String = word.chars().take(MAX).collect();
    let more = if word.chars().nth(MAX).is_some() {
        "..."
    } else {
        ""
    };
    format!("{}{more}", shown(&start.replace('`', "'")))
}

/// Writes what was noticed on standard error.
fn note(notes: &[String]) {
    let mut out = std::io::stderr().lock();
    for one in notes.iter().take(MAX_FINDINGS) {
        // Where nobody can read it, it is nothing to stop for.
        writeln!(out, "callgate: {}", shown(one)).ok();
    }
    let more = notes.len().saturating_sub(MAX_FINDINGS);
    if more > 0 {
        writeln!(out, "callgate: … and {more} more").ok();
    }
}

/// An error with what it is about.
fn about(what: &str, error: &dyn std::error::Error) -> Unusable {
    Unusable(format!("{what}: {}", chain(error)))
}
