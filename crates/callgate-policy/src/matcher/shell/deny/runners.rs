//! Programs that run a command for each of many things.

use super::Unclear;
use super::command::{Call, Next};
use super::options::{One, Options, Skipped};
use super::reader::Reader;
use super::word::Word;

const NONE: Options = Options::NONE;

/// `find … -exec …`, `fd … -x …`.
pub(super) fn find(reader: &mut Reader<'_, '_>, call: Call<'_, '_>) -> Result<(), Unclear> {
    const RUNNING: &[&str] = &[
        "-exec",
        "-execdir",
        "-ok",
        "-okdir",
        "-x",
        "-X",
        "--exec",
        "--exec-batch",
    ];
    let mut words = call.words;
    reader.found.unclear |= call.open;
    while let Some((word, rest)) = words.split_first() {
        words = rest;
        // What becomes several words can hold such an option.
        reader.found.unclear |= word.splits || !call.knows(word) && word.text.starts_with('-');
        let text = &*word.text;
        if text.starts_with("--exec=") || text.starts_with("--exec-batch=") {
            reader.found.unclear = true;
        }
        if !RUNNING.contains(&text) {
            continue;
        }
        // `-exec … + ` ends behind `{}` alone.
        let mut before = "";
        let end = words.iter().position(|word| {
            let ends = word.text == ";" || (word.text == "+" && before == "{}");
            before = &word.text;
            ends
        });
        let (command, behind) = words
            .split_at_checked(end.unwrap_or(words.len()))
            .unwrap_or_default();
        reader.found.unclear |= command.is_empty();
        reader.call(Call {
            placeholder: "{}",
            ..call.with(command)
        })?;
        words = behind;
    }
    Ok(())
}

/// `xargs`: what it reads follows its words.
pub(super) fn xargs<'w, 't>(
    reader: &mut Reader<'_, '_>,
    call: Call<'w, 't>,
) -> Option<Call<'w, 't>> {
    const OPTIONS: Options = Options {
        flags: "0oprtx",
        values: "adEInLPsJRS",
        long: &[
            "null",
            "open-tty",
            "interactive",
            "no-run-if-empty",
            "verbose",
            "exit",
            "show-limits",
            "eof",
            "replace",
            "max-lines",
        ],
        long_values: &[
            "arg-file",
            "delimiter",
            "max-args",
            "max-procs",
            "max-chars",
            "process-slot-var",
        ],
        ..NONE
    };
    // `-i` and `-l` take a value in the same word alone.
    let is_old = |word: &Word<'_>| {
        let letters = word.text.strip_prefix('-').unwrap_or_default();
        letters.starts_with(['i', 'l', 'e'])
    };
    let mut words = call.words;
    let mut placeholder = "";
    while let Some((word, rest)) = words.split_first() {
        if is_old(word) && call.knows(word) {
            if word.text.starts_with("-i") {
                placeholder = replaced(word.text.get(2..).unwrap_or_default());
            }
            words = rest;
            continue;
        }
        if !word.text.starts_with('-') || !call.knows(word) {
            break;
        }
        let taken = match OPTIONS.one(call.with(words)) {
            One::Then(rest) => rest,
            One::Last(rest) => {
                words = rest;
                break;
            }
            One::Idle => return None,
            One::Unclear => {
                reader.found.unclear = true;
                return None;
            }
        };
        if let Some(value) = word.text.strip_prefix("-I") {
            let value_is_empty = value.is_empty();
            placeholder = if value_is_empty {
                rest.first().map_or("{}", |value| replaced(&value.text))
            } else {
                value
            };
            let unknown = |value: &Word<'_>| value_is_empty && !value.fixed;
            reader.found.unclear |= rest.first().is_some_and(unknown);
        } else if let Some(value) = word.text.strip_prefix("--replace") {
            placeholder = replaced(value.strip_prefix('=').unwrap_or_default());
        } else if word.text.contains(['I', 'J']) && !word.text.starts_with("--") {
            reader.found.unclear = true;
        }
        words = taken;
    }
    if words.is_empty() {
        // It echoes.
        reader.found.unclear |= call.open;
        return None;
    }
    Some(Call {
        words,
        open: placeholder.is_empty() || call.open,
        placeholder,
        reads: true,
    })
}

const fn replaced(written: &str) -> &str {
    if written.is_empty() { "{}" } else { written }
}

/// `parallel`: what stands before `:::` is a line for a shell.
pub(super) fn parallel(reader: &mut Reader<'_, '_>, call: Call<'_, '_>) -> Result<(), Unclear> {
    const OPTIONS: Options = Options {
        flags: "0kmqtuvxX",
        values: "aCdEIjLlnNPS",
        long: &[
            "bar",
            "progress",
            "eta",
            "dry-run",
            "keep-order",
            "no-notice",
            "null",
            "quote",
            "verbose",
            "will-cite",
            "xargs",
            "link",
            "lb",
            "line-buffer",
            "no-run-if-empty",
            "group",
            "ungroup",
            "tag",
            "halt-on-error",
        ],
        long_values: &[
            "arg-file",
            "colsep",
            "delay",
            "halt",
            "jobs",
            "joblog",
            "max-args",
            "max-procs",
            "max-replace-args",
            "results",
            "retries",
            "timeout",
        ],
        ..NONE
    };
    let words = match OPTIONS.skip(call) {
        Skipped::At(words) => words,
        Skipped::Idle => return Ok(()),
        Skipped::Unclear => {
            reader.found.unclear = true;
            return Ok(());
        }
    };
    let is_list = |word: &Word<'_>| word.text.starts_with(":::");
    let command = words.split(is_list).next().unwrap_or_default();
    if command.is_empty()
        || call.open
        || command
            .first()
            .is_some_and(|first| first.text.starts_with('{'))
        || command.iter().any(names_argument)
    {
        // Its arguments are the commands.
        reader.found.unclear = true;
        return Ok(());
    }
    reader.joined(call.with(command))
}

/// Whether a command in a line of `parallel` is an argument: `{}`, `{1}`, `cd x; {.}`.
fn names_argument(word: &Word<'_>) -> bool {
    let mut commands = word.text.split([';', '&', '|', '(', '`', '\n']);
    let begins = |command: &str| {
        let command = command.trim_start().strip_prefix('{');
        command.is_some_and(|rest| !rest.starts_with(char::is_whitespace))
    };
    // Only the first word of a line begins with a command.
    let is_line = commands.clone().count() > 1;
    is_line && commands.any(begins)
}

/// `watch`: its words are joined to a line for a shell.
pub(super) fn watch<'w, 't>(reader: &mut Reader<'_, '_>, call: Call<'w, 't>) -> Next<'w, 't> {
    const OPTIONS: Options = Options {
        flags: "bcdegtwxprf",
        values: "nqs",
        long: &[
            "beep",
            "color",
            "differences",
            "errexit",
            "chgexit",
            "no-title",
            "no-wrap",
            "exec",
            "precise",
            "no-rerun",
            "no-color",
        ],
        long_values: &["interval", "equexit", "shotsdir"],
        idle: &["--help", "--version", "-h", "-v"],
    };
    let words = match OPTIONS.skip(call) {
        Skipped::At(words) => words,
        Skipped::Idle => return Ok(None),
        Skipped::Unclear => {
            reader.found.unclear = true;
            return Ok(None);
        }
    };
    reader.found.unclear |= words.is_empty() && call.open;
    if words.is_empty() {
        return Ok(None);
    }
    // One of the two alone, so that no nesting doubles the work.
    let options = call
        .words
        .iter()
        .take(call.words.len().saturating_sub(words.len()));
    let is_exec = |word: &Word<'_>| match word.text.strip_prefix("--") {
        Some(long) => long == "exec",
        None => word.text.starts_with('-') && word.text.contains('x'),
    };
    if options.into_iter().any(is_exec) {
        return Ok(Some(call.with(words)));
    }
    reader.joined(call.with(words))?;
    Ok(None)
}

/// `flock FILE command`, `flock FILE -c 'line'`.
pub(super) fn flock<'w, 't>(reader: &mut Reader<'_, '_>, call: Call<'w, 't>) -> Next<'w, 't> {
    const OPTIONS: Options = Options {
        flags: "snxueoFv",
        values: "wE",
        long: &[
            "shared",
            "exclusive",
            "nonblock",
            "nb",
            "unlock",
            "close",
            "no-fork",
            "verbose",
        ],
        long_values: &["timeout", "wait", "conflict-exit-code"],
        idle: &["--help", "--version", "-h", "-V"],
    };
    let words = match OPTIONS.skip(call) {
        Skipped::At(words) => words,
        Skipped::Idle => return Ok(None),
        Skipped::Unclear => {
            reader.found.unclear = true;
            return Ok(None);
        }
    };
    let Some((file, words)) = words.split_first() else {
        reader.found.unclear |= call.open;
        return Ok(None);
    };
    reader.found.unclear |= file.splits;
    match words.split_first() {
        Some((option, words)) if matches!(&*option.text, "-c" | "--command") => {
            reader.code(call.with(words.get(..1).unwrap_or_default()))?;
            Ok(None)
        }
        Some(_) => Ok(Some(call.with(words))),
        None => {
            reader.found.unclear |= call.open;
            Ok(None)
        }
    }
}
