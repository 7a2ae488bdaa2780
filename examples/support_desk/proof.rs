//! Whether the log is what was written, and what happens to one that is not.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use callgate_audit::{Head, VerifyOptions, verify_folder};

/// Verifies the log in `audit`, and gives its head.
pub fn verify(audit: &Path, out: &mut impl Write) -> Result<Head, Box<dyn Error>> {
    let report = verify_folder(audit, &VerifyOptions::new())?;
    if let Some(fault) = report.first_fault {
        return Err(format!("the log does not verify: {fault}").into());
    }
    if !report.is_good() {
        return Err(format!("the log in {} is empty", audit.display()).into());
    }
    writeln!(
        out,
        "log verified: {} records in {}\n  head {}",
        report.records,
        audit.display(),
        report.head
    )?;
    Ok(report.head)
}

/// Copies the log to `copy`, changes one byte there, and makes sure that this is found.
pub fn change_one_byte(
    audit: &Path,
    copy: &Path,
    head: Head,
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
    let report = verify_folder(copy, &VerifyOptions::new().head(head))?;
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
