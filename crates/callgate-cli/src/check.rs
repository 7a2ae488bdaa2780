//! `callgate check`.

use std::path::Path;

use callgate::{Diagnostic, Diagnostics, LoadError, Position, Severity, Snapshot, Tested};
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
        let text = read(path).map_err(|error| Unusable(chain(&error)))?;
        let file = path.display().to_string();
        let sources = [(&*text, &*file)];
        match parse(&text, path) {
            Ok(snapshot) => {
                let lints = snapshot.policy().lints(&text, &file);
                if let Some(lints) = &lints {
                    found = Found::Something;
                    write_all(output, lints, &sources)?;
                } else if !output.is_json() {
                    let line = well(output, path, &snapshot);
                    output.line(&line)?;
                }
                timing::write(output, (&text, &file), &snapshot, Utc::now())?;
            }
            Err(LoadError::Invalid(diagnostics)) => {
                found = Found::Something;
                write_all(output, &diagnostics, &sources)?;
            }
            Err(LoadError::Examples { failed }) => {
                found = Found::Something;
                for example in &failed {
                    write_example(output, example, &text)?;
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
    parse(&read(path)?, path)
}

fn parse(text: &str, path: &Path) -> Result<Snapshot, LoadError> {
    let file = path.to_string_lossy();
    let ending = path.extension();
    let is_json = if path == Path::new("-") {
        // No TOML begins with a brace, and every policy in JSON does.
        text.trim_start().starts_with('{')
    } else {
        ending.is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
    };
    if is_json {
        callgate::parse_policy_json(text, &file)
    } else {
        callgate::parse_policy(text, &file)
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

/// Writes all that is wrong with a text; `sources` are texts with their names.
pub(crate) fn write_all(
    output: &mut Output,
    all: &Diagnostics,
    sources: &[(&str, &str)],
) -> Result<(), Unusable> {
    for diagnostic in all.iter() {
        let source = sources.iter().find(|(_, file)| *file == &*diagnostic.file);
        write(output, diagnostic, source.map_or("", |(text, _)| text))?;
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
