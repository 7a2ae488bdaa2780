//! `callgate verify --from`: where a verification goes on.

use std::fmt;
use std::fs;

use callgate::audit::{SignedNote, Trusted, VerifyOptions};

use crate::Unusable;
use crate::database::Log;

/// Longest file that says where to go on, in bytes: notes are no longer.
const MAX_FILE: u64 = 64 << 10;

/// Has `log` verified from `start` on: a head, with or without peaks, or a file that holds one or a
/// signed note. From a note on which the log has no checkpoint nothing is left out.
pub(crate) fn begin(
    start: &str,
    log: &Log,
    options: VerifyOptions,
) -> Result<VerifyOptions, Unusable> {
    if let Ok(trusted) = start.parse::<Trusted>() {
        return Ok(options.start(trusted));
    }
    let unusable = |why: &dyn fmt::Display| Unusable(format!("{start}: {why}"));
    let form = "expected SIZE:DIGEST, or a file that holds it or a signed note";
    let length = match fs::metadata(start) {
        Ok(file) if file.is_file() => file.len(),
        Ok(_) => return Err(unusable(&form)),
        Err(error) => return Err(unusable(&format!("{form}: {error}"))),
    };
    if length > MAX_FILE {
        return Err(unusable(&format!("expected at most {MAX_FILE} bytes")));
    }
    let text = fs::read_to_string(start).map_err(|error| unusable(&error))?;
    if let Ok(trusted) = text.trim_end().parse::<Trusted>() {
        return Ok(options.start(trusted));
    }
    let note: SignedNote = text
        .parse()
        .map_err(|error| unusable(&format!("{form}: {error}")))?;
    let found = match log {
        Log::Folder(folder) => Trusted::of_note(folder, &note)
            .map_err(|error| Unusable(format!("{}: {error}", folder.display())))?,
        Log::File(_) | Log::Chain(..) => None,
    };
    let options = options.anchored(note);
    Ok(match found {
        Some(trusted) => options.start(trusted),
        None => options,
    })
}
