//! What of a policy is not in force now.

use callgate::policy::Sources;
use callgate::policy::document::{InForce, Timing};
use callgate::{Position, Severity, Snapshot};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use crate::Unusable;
use crate::output::Output;
use crate::snippet::Finding;

/// Warns of statements that are expired at `now`, or not yet in force.
pub(crate) fn write(
    output: &mut Output,
    sources: &Sources<'_>,
    snapshot: &Snapshot,
    now: DateTime<Utc>,
) -> Result<(), Unusable> {
    let document = snapshot.policy().document();
    let rules = document.rules.iter();
    let rules = rules.map(|rule| ("rule", &rule.id, &rule.selector, (&*rule.file, rule.line)));
    let raises = document.raises.iter();
    let raises = raises.map(|raise| {
        (
            "raise",
            &raise.id,
            &raise.selector,
            (&*raise.file, raise.line),
        )
    });
    let mut found: Vec<((&str, u32), &str, String)> = Vec::new();
    for (what, id, selector, place) in rules.chain(raises) {
        let said = selector.timing.as_ref().and_then(|timing| say(timing, now));
        if let Some((code, how)) = said {
            found.push((place, code, format!("{what} `{id}` {how}")));
        }
    }
    found.sort_unstable();
    for ((file, line), code, message) in found {
        let start = Position { line, column: 1 };
        if output.is_json() {
            let place = json!({"line": line, "column": 1});
            output.json(&json!({
                "file": file, "code": code, "severity": "warning", "message": message,
                "help": null, "start": place, "end": place,
            }))?;
        } else {
            let finding = Finding {
                severity: Severity::Warning,
                code,
                message: &message,
                help: None,
                file,
                start,
                end: start,
            };
            let text = sources.text_of(file).unwrap_or_default();
            output.block(&finding.shown(text, output.is_colourful()))?;
        }
    }
    Ok(())
}

fn say(timing: &Timing, now: DateTime<Utc>) -> Option<(&'static str, String)> {
    let moment = |at: Option<DateTime<Utc>>| {
        at.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
            .unwrap_or_default()
    };
    match timing.at(now) {
        InForce::Expired => {
            let until = moment(timing.until);
            Some(("expired", format!("expired at `{until}`")))
        }
        InForce::NotYet => {
            let from = moment(timing.from);
            Some((
                "not_yet_in_force",
                format!("is not in force before `{from}`"),
            ))
        }
        _ => None,
    }
}
