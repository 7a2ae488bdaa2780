//! `callgate check`.

use std::path::Path;

use callgate::{
    Diagnostic, Diagnostics, LoadError, PolicyFile, Position, Severity, Snapshot, Tested,
};
use chrono::Utc;
use serde_json::json;

use crate::options::Check;
use crate::output::{Output, Tone, chain, shown};
use crate::snippet::Finding;
use crate::{Found, Unusable, lines, timing};

/// Largest policy, in bytes; the reader says so where it is passed.
const MAX_POLICY: u64 = 8 << 20;

/// Loads every policy and writes what is wrong with it, or what its author should look at.
pub(crate) fn run(command: &Check, output: &mut Output) -> Result<Found, Unusable> {
    let mut found = Found::Nothing;
    for path in &command.policies {
        let policy = open(path).map_err(|error| Unusable(chain(&error)))?;
        let loaded = policy.load();
        let sources = policy.sources();
        let text_of = |file: &str| sources.text_of(file).unwrap_or_default();
        match loaded {
            Ok(snapshot) => {
                let lints = snapshot.policy().lints(sources);
                if let Some(lints) = &lints {
                    found = Found::Something;
                    write_all(output, lints, &text_of)?;
                } else if !output.is_json() {
                    let line = well(output, path, &snapshot);
                    output.line(&line)?;
                }
                timing::write(output, sources, &snapshot, Utc::now())?;
            }
            Err(LoadError::Invalid(diagnostics)) => {
                found = Found::Something;
                write_all(output, &diagnostics, &text_of)?;
            }
            Err(LoadError::Examples { failed }) => {
                found = Found::Something;
                for example in &failed {
                    write_example(output, example, text_of(&example.file))?;
                }
            }
            Err(error) => return Err(Unusable(chain(&error))),
        }
    }
    Ok(found)
}

fn write_example(output: &mut Output, example: &Tested, text: &str) -> Result<(), Unusable> {
    let (file, message) = (&example.file, example.to_string());
    let start = Position {
        line: example.line,
        column: 1,
    };
    if output.is_json() {
        let place = json!({"line": start.line, "column": start.column});
        return output.json(&json!({
            "file": &**file, "code": "example_failed", "severity": "error",
            "message": message, "help": null, "start": place, "end": place,
        }));
    }
    let finding = Finding {
        severity: Severity::Error,
        code: "example_failed",
        message: &message,
        help: None,
        file,
        start,
        end: start,
    };
    output.block(&finding.shown(text, output.is_colourful()))
}

/// Loads one policy; `-` is standard input.
pub(crate) fn load(path: &Path) -> Result<Snapshot, LoadError> {
    open(path)?.load()
}

/// Opens one policy; `-` is standard input, which includes nothing.
pub(crate) fn open(path: &Path) -> Result<PolicyFile, LoadError> {
    if path == Path::new("-") {
        return Ok(PolicyFile::of_text(read(path)?, "-"));
    }
    PolicyFile::open(path)
}

/// Reads the text of a policy or of tests; `-` is standard input.
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

/// Writes all that is wrong with texts; `text_of` gives each by its name.
pub(crate) fn write_all<'t>(
    output: &mut Output,
    all: &Diagnostics,
    text_of: &dyn Fn(&str) -> &'t str,
) -> Result<(), Unusable> {
    for diagnostic in all.iter() {
        write(output, diagnostic, text_of(&diagnostic.file))?;
    }
    if all.omitted() > 0 && !output.is_json() {
        output.line(&format!("… and {} more", all.omitted()))?;
    }
    Ok(())
}

fn write(output: &mut Output, diagnostic: &Diagnostic, text: &str) -> Result<(), Unusable> {
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
    let finding = Finding {
        severity: diagnostic.severity,
        code: diagnostic.code.as_str(),
        message: &diagnostic.message,
        help: diagnostic.help.as_deref(),
        file: &diagnostic.file,
        start,
        end,
    };
    output.block(&finding.shown(text, output.is_colourful()))
}
