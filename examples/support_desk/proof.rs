//! Whether the log is what was written, and what happens to one that is not.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use callgate::audit::read::LogReader;
use callgate::audit::texts::FileTexts;
use callgate::audit::{
    Authenticity, Head, SignedNote, TextReport, VerifyOptions, VerifyingKey, verify_folder,
    verify_texts,
};

/// What somebody needs who does not trust whoever has the files: neither of the two is among them.
#[derive(Debug)]
pub struct Trusted {
    pub key: VerifyingKey,
    /// Where the log ended when an anchor was told.
    pub note: SignedNote,
}

impl Trusted {
    fn options(&self) -> VerifyOptions {
        let options = VerifyOptions::new().key(self.key.clone());
        options.anchored(self.note.clone())
    }
}

/// Verifies the log in `audit`, and gives its head.
pub fn verify(
    audit: &Path,
    trusted: &Trusted,
    out: &mut impl Write,
) -> Result<Head, Box<dyn Error>> {
    let report = verify_folder(audit, &trusted.options())?;
    if let Some(fault) = report.first_fault {
        return Err(format!("the log does not verify: {fault}").into());
    }
    if !report.is_good() || report.authenticity != Authenticity::Ok {
        return Err(format!("the log in {} is empty, or not signed", audit.display()).into());
    }
    let (records, sealed) = (report.records, report.sealed.unwrap_or(0));
    writeln!(
        out,
        "log verified: {records} records in {}\n  head {}\n  \
         {sealed} of them signed by {}; an anchor keeps a note of {}",
        audit.display(),
        report.head,
        trusted.key.name(),
        trusted.note.size(),
    )?;
    Ok(report.head)
}

/// Holds the texts in `store` against the commitments in the log.
pub fn verify_store(
    audit: &Path,
    store: &Path,
    out: &mut impl Write,
) -> Result<TextReport, Box<dyn Error>> {
    let store = FileTexts::open_to_read(store)?;
    let texts = verify_texts(|| LogReader::folder(audit), &store)?;
    if let Some(fault) = &texts.first_fault {
        let record = fault.text.record;
        return Err(format!(
            "a text of record {record} is not as it should be: {}",
            fault.kind
        )
        .into());
    }
    let (present, erased) = (texts.present, texts.erased);
    writeln!(out, "  texts beside it: {present} present, {erased} erased")?;
    Ok(texts)
}

/// Copies the log to `copy`, changes one byte there, and makes sure that this is found.
pub fn change_one_byte(
    audit: &Path,
    copy: &Path,
    trusted: &Trusted,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let segments = copy_log(audit, copy)?;
    let segment = segments.first().ok_or("the log has no file")?;
    let mut log = fs::read(segment)?;
    let change = Change::make(&mut log).ok_or("the log has no credit to change")?;
    fs::write(segment, &log)?;
    writeln!(
        out,
        "one byte changed in a copy, {}: byte {}\n  record {} said {}, and now says {}",
        copy.display(),
        change.at,
        change.record,
        change.before,
        change.after
    )?;
    let report = verify_folder(copy, &trusted.options())?;
    let fault = report.first_fault.ok_or("the changed byte was not found")?;
    if fault.record != change.record {
        return Err(format!("record {} was changed, found: {fault}", change.record).into());
    }
    writeln!(out, "  found: {fault}")?;
    Ok(())
}

/// One digit of an amount that was credited: what somebody might want to be another one.
struct Change {
    record: u64,
    /// The place of the digit, in bytes from the start of the file.
    at: usize,
    before: String,
    after: String,
}

impl Change {
    /// Finds the first allowed credit in `log`, and writes another amount into it.
    fn make(log: &mut [u8]) -> Option<Self> {
        const NAME: &str = "\"amount\":";
        let text = str::from_utf8(log).ok()?;
        let mut start = 0_usize;
        for (record, line) in (0_u64..).zip(text.split_inclusive('\n')) {
            let allowed = line.contains("\"decision\":\"allow\"");
            if let Some((before, value)) = line.split_once(NAME).filter(|_| allowed) {
                let at = start.checked_add(before.len())?.checked_add(NAME.len())?;
                let value = value.split([',', '}']).next()?;
                let digit = if value.starts_with('9') { '1' } else { '9' };
                let other: String = value.chars().skip(1).collect();
                let change = Self {
                    record,
                    at,
                    before: format!("{NAME}{value}"),
                    after: format!("{NAME}{digit}{other}"),
                };
                *log.get_mut(at)? = u8::try_from(digit).ok()?;
                return Some(change);
            }
            start = start.checked_add(line.len())?;
        }
        None
    }
}

fn copy_log(from: &Path, to: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    fs::create_dir_all(to)?;
    let mut copied = Vec::new();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            let target = to.join(entry.file_name());
            fs::copy(entry.path(), &target)?;
            copied.push(target);
        }
    }
    copied.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    copied.sort();
    Ok(copied)
}
