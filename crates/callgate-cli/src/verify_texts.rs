//! `callgate verify --texts`: the clear texts beside a log.

use std::fs::File;
use std::path::Path;

use callgate::audit::read::LogReader;
use callgate::audit::texts::FileTexts;
use callgate::audit::{TextReport, verify_texts};
use serde_json::{Value, json};

use crate::Unusable;
use crate::output::{Output, Tone, chain, shown};

/// Whether the texts in `folder` are those of which `log` keeps commitments.
pub(crate) fn check(log: &Path, folder: &Path) -> Result<TextReport, Unusable> {
    let store = FileTexts::open_to_read(folder)?;
    // That it can be read was seen before.
    let read = || match File::open(log) {
        Ok(file) if !log.is_dir() => LogReader::stream(file),
        _ => LogReader::folder(log),
    };
    verify_texts(read, &store).map_err(|error| Unusable(chain(&error)))
}

pub(crate) fn as_json(report: &TextReport) -> Value {
    let first_fault = report.first_fault.as_ref().map(|fault| {
        json!({
            "record": fault.text.record,
            "field": fault.text.field,
            "commitment": fault.text.commitment.to_string(),
            "message": fault.kind.to_string(),
        })
    });
    json!({
        "present": report.present,
        "erased": report.erased,
        "missing": report.missing,
        "mismatching": report.mismatching,
        "not_erased": report.not_erased,
        "unnamed": report.unnamed,
        "first_fault": first_fault,
    })
}

pub(crate) fn as_text(output: &Output, report: &TextReport) -> Vec<String> {
    let counts = [
        (report.present, "present", Tone::Plain),
        (report.erased, "erased", Tone::Plain),
        (report.missing, "missing", Tone::Bad),
        (report.mismatching, "mismatching", Tone::Bad),
        (report.not_erased, "not erased", Tone::Bad),
        (report.unnamed, "in no record", Tone::Plain),
    ];
    let said = counts
        .iter()
        .take(2)
        .chain(counts.iter().skip(2).filter(|(count, ..)| *count > 0));
    let said: Vec<_> = said
        .map(|(count, what, tone)| output.tone(*tone, &format!("{count} {what}")))
        .collect();
    let mut lines = vec![format!("  texts         {}", said.join(", "))];
    if let Some(fault) = &report.first_fault {
        let text = &fault.text;
        let field = shown(&text.field);
        lines.push(format!(
            "first text at fault: record {}, `{field}`: {}",
            text.record, fault.kind
        ));
    }
    lines
}
