//! The table on the terminal: call, decision, rule, why.

use std::env;
use std::io::{self, IsTerminal, Write};

use callgate::DecisionKind;

use super::answer::Answer;

/// Characters in the columns before the last.
const WIDTHS: [usize; 4] = [8, 15, 8, 18];
/// Characters in the last column; longer texts go on in the next line.
const WHY: usize = 68;

/// Writes the table.
#[derive(Debug)]
pub struct Table<W> {
    out: W,
    colour: bool,
}

impl<W: Write> Table<W> {
    /// A table without any row.
    pub const fn new(out: W, colour: bool) -> Self {
        Self { out, colour }
    }

    /// What the columns are.
    pub fn head(&mut self) -> io::Result<()> {
        let head = ["CALL", "TOOL", "DECISION", "RULE OR CODE"].map(String::from);
        self.line(&head, "", "WHY")
    }

    /// What is tried in the rows that follow.
    pub fn title(&mut self, note: &str) -> io::Result<()> {
        writeln!(self.out, "\n{}", self.paint("1", &plain(note, 100)))
    }

    /// What somebody does between two calls.
    pub fn say(&mut self, what: &str) -> io::Result<()> {
        writeln!(self.out, "  {}", plain(what, 150))
    }

    /// One call.
    pub fn row(&mut self, answer: &Answer) -> io::Result<()> {
        let id = answer.id.as_deref().unwrap_or("-");
        let tool = match answer.tool.as_str() {
            "" => "-",
            tool => tool,
        };
        let decided = answer.rule.as_deref();
        let decided = decided.unwrap_or_else(|| answer.code.as_str());
        let colour = match answer.decision {
            DecisionKind::Allow => "32",
            DecisionKind::Ask => "33",
            DecisionKind::Deny => "31",
        };
        let cells = [id, tool, answer.decision.as_str(), decided].map(String::from);
        self.line(&cells, colour, &answer.why)
    }

    fn line(&mut self, cells: &[String; 4], colour: &str, why: &str) -> io::Result<()> {
        for (place, (cell, width)) in cells.iter().zip(WIDTHS).enumerate() {
            let cell = format!("{:width$}", plain(cell, width));
            let cell = if place == 2 {
                self.paint(colour, &cell)
            } else {
                cell
            };
            write!(self.out, "  {cell}")?;
        }
        let indent: usize = WIDTHS.iter().map(|width| width.saturating_add(2)).sum();
        for (number, line) in wrapped(&plain(why, 1_000), WHY).iter().enumerate() {
            let indent = if number == 0 { 0 } else { indent };
            writeln!(self.out, "{:indent$}  {line}", "")?;
        }
        Ok(())
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if self.colour && !colour.is_empty() {
            format!("\u{1b}[{colour}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Whether to colour: on a terminal only, and not where `NO_COLOR` is set.
pub fn wants_colour() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdout().is_terminal() && !set("NO_COLOR") && !dumb
}

/// The text, at most `most` characters of it, without anything that could steer a terminal: a
/// model chose some of these words.
fn plain(text: &str, most: usize) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(c, '\u{2060}'..='\u{2069}' | '\u{61c}' | '\u{feff}')
    };
    let clean = |c| if steers(c) { '\u{fffd}' } else { c };
    if text.chars().count() <= most {
        return text.chars().map(clean).collect();
    }
    let kept = text.chars().take(most.saturating_sub(1));
    kept.map(clean).chain(['…']).collect()
}

/// The words of `text` in lines of at most `width` characters; a longer word has its own line.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let needed = word.chars().count().saturating_add(1);
        match lines.last_mut() {
            Some(line) if line.chars().count().saturating_add(needed) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, most: usize, expected: &str) {
        assert_eq!(plain(text, most), expected);
    }

    #[test]
    fn text_that_steers_a_terminal() {
        check("plain", 5, "plain");
        check("longer", 5, "long…");
        check("a\u{1b}[2Kb\n", 9, "a\u{fffd}[2Kb\u{fffd}");
        check("\u{202e}x\u{9b}", 9, "\u{fffd}x\u{fffd}");
    }

    #[test]
    fn lines_of_words() {
        assert_eq!(wrapped("aa bb cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrapped("aaaaaaa b", 5), ["aaaaaaa", "b"]);
        assert_eq!(wrapped("", 5), [""]);
    }
}
