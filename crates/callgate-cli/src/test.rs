//! `callgate test`.

use callgate::{LoadError, Tested};
use serde_json::json;

use crate::options::Test;
use crate::output::{Output, Tone, chain, shown};
use crate::{Found, Unusable, check};

/// Tries the examples of a policy, and those of further files.
pub(crate) fn run(command: &Test, output: &mut Output) -> Result<Found, Unusable> {
    let read = |path| check::read(path).map_err(|error| Unusable(chain(&error)));
    let policy = check::open(&command.policy).map_err(|error| Unusable(chain(&error)))?;
    let mut further = Vec::new();
    for path in &command.tests {
        further.push((read(path)?, path.display().to_string()));
    }
    let tests: Vec<(&str, &str)> = further
        .iter()
        .map(|(text, file)| (&**text, &**file))
        .collect();
    let all = match policy.test(&tests) {
        Ok(all) => all,
        Err(LoadError::Invalid(diagnostics)) => {
            // What is wrong with a policy is for people here; `check` has it for programs.
            if output.is_json() {
                return Err(Unusable(diagnostics.to_string()));
            }
            let text_of = |wanted: &str| {
                let further = tests.iter().find(|(_, file)| *file == wanted);
                let text = further.map(|(text, _)| *text);
                text.or_else(|| policy.sources().text_of(wanted))
                    .unwrap_or_default()
            };
            check::write_all(output, &diagnostics, &text_of)?;
            return Ok(Found::Something);
        }
        Err(error) => return Err(Unusable(chain(&error))),
    };
    let failed = all.iter().filter(|tested| !tested.ok).count();
    if !output.is_json() {
        let passed = all.len().saturating_sub(failed);
        let tone = if failed == 0 { Tone::Good } else { Tone::Bad };
        let sum = format!("{passed} passed, {failed} failed");
        let sum = output.tone(tone, &sum);
        output.line(&sum)?;
    }
    for tested in &all {
        write(output, tested)?;
    }
    Ok(if failed == 0 {
        Found::Nothing
    } else {
        Found::Something
    })
}

fn write(output: &mut Output, tested: &Tested) -> Result<(), Unusable> {
    let place = format!("{}:{}", tested.file, tested.line);
    if output.is_json() {
        return output.json(&json!({
            "test": place,
            "expected": tested.expected.decision.as_str(),
            "got": tested.got.decision.as_str(),
            "rule": tested.got.rule,
            "ok": tested.ok,
        }));
    }
    let (tone, word) = if tested.ok {
        (Tone::Good, "ok    ")
    } else {
        (Tone::Bad, "failed")
    };
    let word = output.tone(tone, word);
    output.line(&format!("{word}  {place}  {}", shown(&tested.to_string())))
}
