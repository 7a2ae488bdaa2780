//! `callgate verify`.

use std::fs::File;
use std::io::BufReader;

use callgate::audit::{Completeness, Integrity, Report, VerifyOptions};
use serde_json::{Value, json};

use crate::options::Verify;
use crate::output::{Output, Tone, chain, shown};
use crate::{Found, Unusable};

/// Checks a log and writes the answers.
pub(crate) fn run(command: &Verify, output: &mut Output) -> Result<Found, Unusable> {
    if command.key.is_some() || command.origin.is_some() {
        let why = "logs of this version are not signed: there is nothing to check against a key";
        return Err(Unusable(why.into()));
    }
    let mut options = VerifyOptions::new();
    if let Some(head) = command.head {
        options = options.head(head);
    }
    let log = &command.log;
    let report = if log.is_dir() {
        callgate::audit::verify_folder(log, &options)
    } else {
        let file =
            File::open(log).map_err(|error| Unusable(format!("{}: {error}", log.display())))?;
        callgate::audit::verify_reader(BufReader::new(file), &options)
    }
    .map_err(|error| Unusable(chain(&error)))?;
    if output.is_json() {
        output.json(&as_json(&report))?;
    } else {
        for line in as_text(output, &report) {
            output.line(&line)?;
        }
    }
    Ok(if report.is_good() {
        Found::Nothing
    } else {
        Found::Something
    })
}

fn as_json(report: &Report) -> Value {
    let first_fault = report.first_fault.as_ref().map(|fault| {
        json!({
            "record": fault.record,
            "file": fault.segment.as_ref().map(|file| file.display().to_string()),
            "offset": fault.offset,
            "message": fault.kind.to_string(),
        })
    });
    json!({
        "records": report.records,
        "integrity": report.integrity.as_str(),
        "completeness": report.completeness.as_str(),
        "authenticity": report.authenticity.as_str(),
        "erasures": report.erasures,
        "first_fault": first_fault,
    })
}

fn as_text(output: &Output, report: &Report) -> Vec<String> {
    let answer = if report.is_good() {
        output.tone(Tone::Good, "log verified")
    } else {
        output.tone(Tone::Bad, "log not verified")
    };
    let mut lines = vec![
        format!("{answer}: {} records", report.records),
        format!("  integrity     {}", report.integrity.as_str()),
        format!("  completeness  {}", report.completeness.as_str()),
        format!("  authenticity  {}", report.authenticity.as_str()),
        format!("  erasures      {}", report.erasures),
    ];
    if let Some(fault) = &report.first_fault {
        lines.push(format!("first fault: {}", shown(&fault.to_string())));
    }
    if report.integrity == Integrity::Ok && report.completeness == Completeness::NotChecked {
        let head = format!("head {}", report.head);
        lines.push(output.tone(Tone::Faint, &head));
        let note = "note: without --head, records cut off the end are not noticed";
        lines.push(output.tone(Tone::Faint, note));
    }
    lines
}
