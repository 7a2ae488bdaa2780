//! Answers for people and for programs.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, BufWriter, IsTerminal as _, StdoutLock, Write as _};

use serde_json::Value;

use crate::Unusable;
use crate::options::Format;

/// Standard output, in the format that was asked for.
pub(crate) struct Output {
    format: Format,
    colour: bool,
    out: BufWriter<StdoutLock<'static>>,
    /// Nobody reads what is written.
    closed: bool,
}

/// How a word is set off on a terminal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tone {
    Good,
    Care,
    Bad,
    Faint,
    Plain,
}

impl Output {
    pub(crate) fn new(format: Format) -> Self {
        let out = io::stdout().lock();
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            format,
            colour: out.is_terminal() && !plain,
            out: BufWriter::new(out),
            closed: false,
        }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Writes one object on one line, in ASCII.
    pub(crate) fn json(&mut self, value: &Value) -> Result<(), Unusable> {
        self.json_text(&value.to_string())
    }

    /// Writes what is JSON already, on one line, in ASCII.
    pub(crate) fn json_text(&mut self, json: &str) -> Result<(), Unusable> {
        self.write(&ascii(json))
    }

    /// Writes one line of text; control characters in it are made visible.
    pub(crate) fn line(&mut self, line: &str) -> Result<(), Unusable> {
        self.write(line)
    }

    /// Writes several lines of text, and an empty one after them.
    pub(crate) fn block(&mut self, lines: &str) -> Result<(), Unusable> {
        self.write(lines)?;
        self.write("")
    }

    /// Whether words may be in colour.
    pub(crate) const fn is_colourful(&self) -> bool {
        self.colour
    }

    /// `word` in a colour, on a terminal.
    pub(crate) fn tone(&self, tone: Tone, word: &str) -> String {
        let number = match tone {
            Tone::Good => 32,
            Tone::Care => 33,
            Tone::Bad => 31,
            Tone::Faint => 2,
            Tone::Plain => 0,
        };
        if self.colour && number > 0 {
            format!("\u{1b}[{number}m{word}\u{1b}[0m")
        } else {
            word.to_owned()
        }
    }

    /// Hands on what was written.
    pub(crate) fn finish(&mut self) -> Result<(), Unusable> {
        let flushed = self.out.flush();
        self.seen(flushed)
    }

    /// Whether nobody reads what is written. What is written then is gone; a command that only writes
    /// has nothing left to do.
    pub(crate) const fn is_closed(&self) -> bool {
        self.closed
    }

    fn write(&mut self, line: &str) -> Result<(), Unusable> {
        if self.closed {
            return Ok(());
        }
        let written = writeln!(self.out, "{line}");
        self.seen(written)
    }

    fn seen(&mut self, written: io::Result<()>) -> Result<(), Unusable> {
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            written => Ok(written?),
        }
    }
}

/// JSON text with everything outside U+0020..U+007E escaped. Such characters stand only inside
/// strings, where an escape means the same.
fn ascii(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    let mut units = [0; 2];
    for c in json.chars() {
        if matches!(c, ' '..='~') {
            line.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut units) {
            // A string takes whatever is written to it.
            write!(line, "\\u{unit:04x}").ok();
        }
    }
    line
}

/// Text from outside, safe to show: what could move the cursor or turn the text is escaped.
pub(crate) fn shown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        let turns = matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{ad}' | '\u{180e}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
        if c.is_control() || turns {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}

/// Says on standard error why the program could not do its work.
pub(crate) fn complain(why: &str) {
    writeln!(io::stderr(), "callgate: {why}").ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_printable_ascii_is_escaped() {
        let json = Value::from("a\u{7f}é\u{1f600}\u{202e}\n~ ").to_string();
        let line = ascii(&json);
        assert_eq!(line, r#""a\u007f\u00e9\ud83d\ude00\u202e\n~ ""#);
        assert_eq!(
            serde_json::from_str::<Value>(&line).unwrap(),
            serde_json::from_str::<Value>(&json).unwrap()
        );
    }

    #[test]
    fn control_characters_are_shown() {
        assert_eq!(shown("a\u{1b}[2J\u{202e}b é"), r"a\u{1b}[2J\u{202e}b é");
    }
}
