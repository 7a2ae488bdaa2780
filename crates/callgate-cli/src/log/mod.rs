//! `callgate log`.

mod clear;
mod phrase;
mod since;
mod story;
mod tell;

pub(crate) use since::Since;

use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use callgate::audit::read::{Filter, LogReader, ReadItem, RecordView, Sieve};
use chrono::Utc;

use self::clear::Clear;
use self::phrase::Phrase;
use self::story::Story;
use crate::database::Log;
use crate::options;
use crate::output::{Output, Tone, complain, shown};
use crate::{Found, Unusable, verify};

/// How long to wait before looking again for what was appended.
const PAUSE: Duration = Duration::from_millis(200);

/// Shows the records of a log.
pub(crate) fn run(command: &options::Log, output: &mut Output) -> Result<Found, Unusable> {
    let mut log = open(&command.from, command.follow)?;
    let mut sieve = Sieve::new(filter(command));
    let mut telling = Telling {
        output,
        follow: command.follow,
        clear: Clear::new(command.texts.as_deref())?,
        story: Story::default(),
        next: 0,
        found: Found::Nothing,
    };
    loop {
        while !telling.output.is_closed()
            && let Some(item) = log.next_item()?
        {
            telling.item(&item, &mut sieve)?;
        }
        if !command.follow {
            break;
        }
        telling.output.finish()?;
        if telling.output.is_closed() {
            break;
        }
        thread::sleep(PAUSE);
    }
    if let Some(bytes) = log.unfinished().filter(|_| !telling.output.is_closed()) {
        telling.amiss(&format!(
            "the last line does not end, {bytes} bytes are left over"
        ))?;
    }
    let found = telling.end()?;
    others(&command.from, output)?;
    Ok(found)
}

/// Says that logs of other writers stand in the folder or file, which are not shown.
fn others(log: &Path, output: &mut Output) -> Result<(), Unusable> {
    if output.is_json() || log == Path::new("-") {
        return Ok(());
    }
    for (name, _) in verify::logs(log)? {
        if let Some(name) = name {
            let note = format!("note: `{name}` is the log of another writer; it is read by itself");
            output.line("")?;
            output.line(&output.tone(Tone::Faint, &note))?;
        }
    }
    Ok(())
}

/// The log as a folder, one of its files, an SQLite file, or what comes from standard input.
fn open(log: &Path, follow: bool) -> Result<LogReader<'static>, Unusable> {
    if log.is_dir() {
        return Ok(LogReader::folder(log));
    }
    if follow {
        let why = format!("{}: only a folder can be followed", log.display());
        return Err(Unusable(why));
    }
    if log == Path::new("-") {
        return Ok(LogReader::stream(io::stdin()));
    }
    Log::at(log)?.records()
}

fn filter(command: &options::Log) -> Filter {
    let mut filter = Filter::new();
    filter.principal.clone_from(&command.principal);
    filter.tool.clone_from(&command.tool);
    filter.session.clone_from(&command.session);
    filter.decision = command.decision.map(Into::into);
    filter.since = command.since.map(|since| since.before(Utc::now()));
    filter
}

/// What is being told, in the format that was asked for.
struct Telling<'o> {
    output: &'o mut Output,
    follow: bool,
    clear: Clear,
    story: Story,
    /// Behind the last record.
    next: u64,
    found: Found,
}

impl Telling<'_> {
    fn item(&mut self, item: &ReadItem<'_>, sieve: &mut Sieve) -> Result<(), Unusable> {
        let (file, offset, fault) = match *item {
            ReadItem::Record(record) => {
                self.next = record.seq().saturating_add(1);
                return if sieve.lets_pass(&record) {
                    self.record(&record)
                } else {
                    Ok(())
                };
            }
            ReadItem::Broken {
                file,
                offset,
                fault,
            } => (file, offset, fault.to_string()),
            ReadItem::Unended { file, offset } => {
                let fault = "the line does not end, and another file follows";
                (Some(file), offset, fault.into())
            }
            ReadItem::Stranger { file } => {
                let fault = "the file is not named like a file of the log";
                (Some(file), 0, fault.into())
            }
            _ => return Ok(()),
        };
        let file = file.and_then(Path::file_name).unwrap_or_default();
        let file = shown(&file.to_string_lossy());
        let place = if file.is_empty() {
            file
        } else {
            format!("`{file}`, ")
        };
        self.amiss(&format!("no record at {place}byte {offset}: {fault}"))
    }

    fn record(&mut self, record: &RecordView<'_>) -> Result<(), Unusable> {
        if self.output.is_json() {
            return self.output.json_text(record.line());
        }
        if self.follow {
            return tell::live(self.output, record, &self.clear);
        }
        match self.story.add(record, &self.clear) {
            Some(story) => tell::story(self.output, story),
            None => Ok(()),
        }
    }

    /// Something is wrong with the log itself: it is a finding, and is said where it stands.
    fn amiss(&mut self, what: &str) -> Result<(), Unusable> {
        self.found = Found::Something;
        if self.output.is_json() || self.follow {
            self.output.finish()?;
            complain(what);
        } else {
            self.story
                .note(self.next, Phrase::new(Tone::Bad, "broken", what));
        }
        Ok(())
    }

    fn end(self) -> Result<Found, Unusable> {
        if !self.output.is_json() && !self.follow {
            tell::story(self.output, self.story)?;
        }
        Ok(self.found)
    }
}
