//! `callgate verify --texts`: the clear texts beside a log.

use std::io::{self, Read};
use std::path::Path;

use callgate::audit::read::LogReader;
use callgate::audit::{TextReport, verify_texts};
use serde_json::{Value, json};

use crate::Unusable;
use crate::database::{self, Log};
use crate::output::{Output, Tone, chain, shown};

/// Whether the texts in `store`, a folder or an SQLite file, are those of which `log` keeps commitments.
pub(crate) fn check(log: &Log, store: &Path) -> Result<TextReport, Unusable> {
    let store = database::texts(store)?;
    // It is read more than once. Whether it can be is seen here; what goes wrong later is read as an error.
    drop(log.records()?);
    let read = || match log.records() {
        Ok(records) => records,
        Err(Unusable(why)) => LogReader::stream(Failing(why)),
    };
    verify_texts(read, &*store).map_err(|error| Unusable(chain(&error)))
}

/// A log that could be opened a moment ago, and cannot be now.
struct Failing(String);

impl Read for Failing {
    fn read(&mut self, _into: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other(self.0.clone()))
    }
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
