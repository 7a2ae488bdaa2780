//! `callgate check`.

use std::path::Path;

use callgate::{Diagnostic, Diagnostics, LoadError, Severity, Snapshot};
use serde_json::json;

use crate::options::Check;
use crate::output::{Output, Tone, chain, shown};
use crate::{Found, Unusable, lines};

/// Largest policy, in bytes; the reader says so where it is passed.
const MAX_POLICY: u64 = 8 << 20;

/// Loads every policy and writes what is wrong with it.
pub(crate) fn run(command: &Check, output: &mut Output) -> Result<Found, Unusable> {
    let mut found = Found::Nothing;
    for path in &command.policies {
        match load(path) {
            Ok(snapshot) => {
                if !output.is_json() {
                    let line = well(output, path, &snapshot);
                    output.line(&line)?;
                }
            }
            Err(LoadError::Invalid(diagnostics)) => {
                found = Found::Something;
                write_all(output, &diagnostics)?;
            }
            Err(LoadError::Examples { failed }) => {
                found = Found::Something;
                for example in &failed {
                    let place = json!({"line": example.line, "column": 1});
                    if output.is_json() {
                        output.json(&json!({
                            "file": &*example.file, "code": "example_failed", "severity": "error",
                            "message": example.to_string(), "help": null,
                            "start": place, "end": place,
                        }))?;
                    } else {
                        let error = output.tone(Tone::Bad, "error[example_failed]");
                        let (file, line) = (&example.file, example.line);
                        let what = shown(&example.to_string());
                        output.line(&format!("{file}:{line}:1: {error}: {what}"))?;
                    }
                }
            }
            Err(error) => return Err(Unusable(chain(&error))),
        }
    }
    Ok(found)
}

/// Loads one policy; `-` is standard input.
pub(crate) fn load(path: &Path) -> Result<Snapshot, LoadError> {
    if path != Path::new("-") {
        return callgate::load_policy(path);
    }
    let text = read(path)?;
    // No TOML begins with a brace, and every policy in JSON does.
    if text.trim_start().starts_with('{') {
        callgate::parse_policy_json(&text, "-")
    } else {
        callgate::parse_policy(&text, "-")
    }
}

/// Reads the text of a policy, or of tests.
pub(crate) fn read(path: &Path) -> Result<String, LoadError> {
    lines::read_text(path, MAX_POLICY).map_err(|source| LoadError::Read {
        path: path.into(),
        source,
    })
}

fn well(output: &Output, path: &Path, snapshot: &Snapshot) -> String {
    let document = snapshot.policy().document();
    let ok = output.tone(Tone::Good, "ok");
    format!(
        "{}: {ok}: policy `{}` with {} tools, {} rules, {} examples",
        path.display(),
        shown(snapshot.name()),
        document.tools.len(),
        document.rules.len(),
        document.examples.len(),
    )
}

/// Writes all that is wrong with a text.
pub(crate) fn write_all(output: &mut Output, all: &Diagnostics) -> Result<(), Unusable> {
    for diagnostic in all.iter() {
        write(output, diagnostic)?;
    }
    if all.omitted() > 0 && !output.is_json() {
        output.line(&format!("… and {} more", all.omitted()))?;
    }
    Ok(())
}

fn write(output: &mut Output, diagnostic: &Diagnostic) -> Result<(), Unusable> {
    let (start, end) = (diagnostic.start, diagnostic.end);
    if output.is_json() {
        return output.json(&json!({
            "file": &*diagnostic.file,
            "code": diagnostic.code.as_str(),
            "severity": diagnostic.severity.as_str(),
            "message": diagnostic.message,
            "help": diagnostic.help,
            "start": {"line": start.line, "column": start.column},
            "end": {"line": end.line, "column": end.column},
        }));
    }
    let tone = match diagnostic.severity {
        Severity::Warning => Tone::Care,
        _ => Tone::Bad,
    };
    let word = format!(
        "{}[{}]",
        diagnostic.severity.as_str(),
        diagnostic.code.as_str()
    );
    let word = output.tone(tone, &word);
    let (file, message) = (&diagnostic.file, shown(&diagnostic.message));
    let (line, column) = (start.line, start.column);
    output.line(&format!("{file}:{line}:{column}: {word}: {message}"))?;
    match &diagnostic.help {
        Some(help) => output.line(&format!("    help: {}", shown(help))),
        None => Ok(()),
    }
}
