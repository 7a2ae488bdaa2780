//! `callgate verify`.

use std::fs;
use std::io::{self, BufReader, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use callgate::audit::{
    Authenticity, Completeness, Integrity, Progress, Report, TextReport, VerifyOptions,
    VerifyingKey,
};
use serde_json::{Value, json};

use crate::database::Log;
use crate::options::Verify;
use crate::output::{Output, Tone, chain, shown};
use crate::{Found, Unusable, verify_from, verify_texts};

/// Longest file of keys, in bytes.
const MAX_KEYS: u64 = 64 << 10;

/// Checks a log, and the chains of others in its folder, and writes the answers.
pub(crate) fn run(command: &Verify, output: &mut Output) -> Result<Found, Unusable> {
    let mut options = VerifyOptions::new();
    for key in keys(command)? {
        options = options.key(key);
    }
    if let Some(origin) = &command.origin {
        options = options.origin(origin);
    }
    if let Ok(threads) = std::thread::available_parallelism() {
        options = options.threads(threads);
    }
    if io::stderr().is_terminal() {
        let told = AtomicU64::new(0);
        options = options.progress(move |progress| tell(progress, &told));
    }
    let mut found = Found::Nothing;
    for (name, log) in logs(&command.log)? {
        let mut options = options.clone();
        // Heads were taken from one log: that of the folder itself.
        if name.is_none() {
            options.heads.clone_from(&command.head);
            if let Some(start) = &command.from {
                options = verify_from::begin(start, &log, options)?;
            }
        }
        let report = verify(&log, &options)?;
        // So were the texts: a writer that comes second has a store of its own.
        let texts = command.texts.as_ref().filter(|_| name.is_none());
        let texts = texts
            .map(|store| verify_texts::check(&log, store))
            .transpose()?;
        if output.is_json() {
            output.json_text(&as_json(&report, name.as_deref(), texts.as_ref()))?;
        } else {
            for line in as_text(output, &report, name.as_deref(), texts.as_ref()) {
                output.line(&line)?;
            }
        }
        let good = texts.as_ref().is_none_or(TextReport::is_good);
        if !report.is_good() || !good {
            found = Found::Something;
        }
    }
    Ok(found)
}

/// The keys in the file that was named, one a line.
fn keys(command: &Verify) -> Result<Vec<VerifyingKey>, Unusable> {
    let Some(path) = &command.key else {
        return Ok(Vec::new());
    };
    let place = path.display();
    let unusable = |error: io::Error| Unusable(format!("{place}: {error}"));
    let length = fs::metadata(path).map_err(unusable)?.len();
    if length > MAX_KEYS {
        let why = format!("{place}: expected a file of keys of at most {MAX_KEYS} bytes");
        return Err(Unusable(why));
    }
    let text = fs::read_to_string(path).map_err(unusable)?;
    let mut keys = Vec::new();
    for (number, line) in (1_usize..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let key = line.parse::<VerifyingKey>();
        keys.push(key.map_err(|error| Unusable(format!("{place}, line {number}: {error}")))?);
    }
    if keys.is_empty() {
        let why = format!("{place}: expected a key in the form NAME+ID+BASE64, found none");
        return Err(Unusable(why));
    }
    Ok(keys)
}

/// The log itself, without a name, and the logs of others in its folder or file.
pub(crate) fn logs(path: &Path) -> Result<Vec<(Option<String>, Log)>, Unusable> {
    let own = Log::at(path)?;
    let others = own.others()?.into_iter();
    let mut logs: Vec<_> = others.map(|(name, log)| (Some(name), log)).collect();
    if let Log::Folder(folder) = &own {
        let unusable = |error: io::Error| Unusable(format!("{}: {error}", folder.display()));
        for entry in fs::read_dir(folder).map_err(unusable)? {
            let entry = entry.map_err(unusable)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_chain(&name) && entry.path().is_dir() {
                logs.push((Some(name), Log::Folder(entry.path())));
            }
        }
    }
    logs.push((None, own));
    logs.sort();
    Ok(logs)
}

/// Whether a folder of this name holds the log of a writer that came second.
fn is_chain(name: &str) -> bool {
    let plain = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
    name.strip_prefix("chain-")
        .is_some_and(|hex| hex.len() == 16 && hex.bytes().all(plain))
}

fn verify(log: &Log, options: &VerifyOptions) -> Result<Report, Unusable> {
    let report = match log {
        Log::Folder(folder) => callgate::audit::verify_folder(folder, options),
        Log::File(_) | Log::Chain(..) => {
            callgate::audit::verify_reader(BufReader::new(log.lines()?), options)
        }
    };
    let report = report.map_err(|error| Unusable(chain(&error)));
    if io::stderr().is_terminal() {
        // Takes back what was told of the progress.
        let _unseen = write!(io::stderr(), "\r\u{1b}[K");
    }
    report
}

/// Shows how far a verification has come, at every hundredth of it.
fn tell(progress: Progress, told: &AtomicU64) {
    let all = progress.all_bytes.filter(|all| *all > 0);
    let percent = all.and_then(|all| progress.bytes.saturating_mul(100).checked_div(all));
    let percent = percent.map(|percent| percent.min(100));
    let step = percent.unwrap_or(progress.bytes >> 24).saturating_add(1);
    if told.swap(step, Ordering::Relaxed) == step {
        return;
    }
    let so_far = match percent {
        Some(percent) => {
            let filled = usize::try_from(percent / 5).unwrap_or(0);
            let bar: String = (0..20)
                .map(|n| if n < filled { '#' } else { '.' })
                .collect();
            format!("[{bar}] {percent:>3} %")
        }
        None => format!("{} MiB", progress.bytes >> 20),
    };
    // Nobody is helped by an error about it.
    let _unseen = write!(
        io::stderr(),
        "\rverifying {so_far}, {} records",
        progress.records
    );
}

fn as_json(report: &Report, name: Option<&str>, texts: Option<&TextReport>) -> String {
    let first_fault = report.first_fault.as_ref().map(|fault| {
        json!({
            "record": fault.record,
            "file": fault.segment.as_ref().map(|file| file.display().to_string()),
            "offset": fault.offset,
            "message": fault.kind.to_string(),
        })
    });
    let mut members = vec![
        ("records", report.records.into()),
        ("integrity", report.integrity.as_str().into()),
        ("completeness", report.completeness.as_str().into()),
        ("authenticity", report.authenticity.as_str().into()),
        ("erasures", report.erasures.into()),
        ("first_fault", first_fault.unwrap_or(Value::Null)),
    ];
    // Said only where there is something to say.
    if report.verified_from > 0 {
        members.push(("verified_from", report.verified_from.into()));
    }
    if let Some(name) = name {
        members.push(("chain", name.into()));
    }
    if let Some(texts) = texts {
        members.push(("texts", verify_texts::as_json(texts)));
    }
    in_order(&members)
}

/// An object with its members in this order, which a map of them would not keep.
fn in_order(members: &[(&str, Value)]) -> String {
    let members = members
        .iter()
        .map(|(key, value)| format!("{}:{value}", Value::from(*key)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn as_text(
    output: &Output,
    report: &Report,
    name: Option<&str>,
    texts: Option<&TextReport>,
) -> Vec<String> {
    let good = report.is_good() && texts.is_none_or(TextReport::is_good);
    let answer = if good {
        output.tone(Tone::Good, "log verified")
    } else {
        output.tone(Tone::Bad, "log not verified")
    };
    let answer = match name {
        Some(name) => format!("{name}: {answer}"),
        None => answer,
    };
    let authenticity = report.authenticity.as_str();
    let mut lines = vec![
        format!("{answer}: {} records", report.records),
        format!("  integrity     {}", report.integrity.as_str()),
        format!("  completeness  {}", report.completeness.as_str()),
        match report.sealed {
            Some(size) => format!("  authenticity  {authenticity}: {size} records are signed"),
            None => format!("  authenticity  {authenticity}"),
        },
        format!("  erasures      {}", report.erasures),
    ];
    if report.dangling > 0 {
        let calls = report.dangling;
        let line = format!("  dangling      {calls}: nothing says what became of these calls");
        lines.push(output.tone(Tone::Care, &line));
    }
    if let Some(texts) = texts {
        lines.extend(verify_texts::as_text(output, texts));
    }
    if report.verified_from > 0 {
        let why = match report.pruned {
            Some(_) => "were removed",
            None => "were not looked at",
        };
        let from = format!(
            "  verified from record {}: the records before it {why}",
            report.verified_from
        );
        lines.push(output.tone(Tone::Care, &from));
    }
    if let Some(fault) = &report.first_fault {
        lines.push(format!("first fault: {}", shown(&fault.to_string())));
    }
    if report.integrity == Integrity::Ok && report.completeness == Completeness::NotChecked {
        let head = format!("head {}", report.head);
        lines.push(output.tone(Tone::Faint, &head));
        let note = "note: without --head, records cut off the end are not noticed";
        lines.push(output.tone(Tone::Faint, note));
    }
    if report.sealed.is_none() && report.authenticity == Authenticity::NotChecked {
        let note = "note: without --key, it is not known who wrote the log";
        lines.push(output.tone(Tone::Faint, note));
    }
    lines
}
