//! A finding with the place that it is about, as `rustc` shows it.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use callgate::{Position, Severity};

use crate::output::shown;

/// Most bytes of a line that are shown; what is written on one long line is only named.
const MAX_LINE: usize = 400;

/// What is wrong, and where.
pub(crate) struct Finding<'a> {
    pub(crate) severity: Severity,
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
    pub(crate) help: Option<&'a str>,
    pub(crate) file: &'a str,
    pub(crate) start: Position,
    pub(crate) end: Position,
}

impl Finding<'_> {
    /// The lines to show; `text` is what the place is in.
    pub(crate) fn shown(&self, text: &str, colourful: bool) -> String {
        let level = match self.severity {
            Severity::Warning => Level::WARNING,
            _ => Level::ERROR,
        };
        let file = shown(self.file);
        let lines = usize::try_from(self.start.line).unwrap_or(usize::MAX);
        let line = text.lines().nth(lines.saturating_sub(1)).unwrap_or("");
        let (before, marked) = self.parts(line);
        let (before, marked) = (shown(before), shown(marked));
        let rest = shown(line.get(self.offset_after(line)..).unwrap_or(""));
        let source = format!("{before}{marked}{rest}");
        let to = before.len().saturating_add(marked.len());
        let snippet = Snippet::source(&*source)
            .path(&*file)
            .line_start(lines)
            .annotation(AnnotationKind::Primary.span(before.len()..to));
        let title = level.primary_title(shown(self.message)).id(self.code);
        let mut group = if line.len() > MAX_LINE || line.is_empty() {
            let origin = annotate_snippets::Origin::path(&*file);
            let column = usize::try_from(self.start.column).unwrap_or(usize::MAX);
            title.element(origin.line(lines).char_column(column))
        } else {
            title.element(snippet)
        };
        if let Some(help) = self.help {
            group = group.element(Level::HELP.message(shown(help)));
        }
        let renderer = if colourful {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.render(&[group])
    }

    /// What stands on the line before the place, and the part of the place on this line.
    fn parts<'l>(&self, line: &'l str) -> (&'l str, &'l str) {
        let from = offset(line, self.start.column);
        let to = self.offset_after(line);
        (
            line.get(..from).unwrap_or(""),
            line.get(from..to).unwrap_or(""),
        )
    }

    /// Where the place ends on its first line.
    fn offset_after(&self, line: &str) -> usize {
        if self.end.line > self.start.line {
            return line.len();
        }
        offset(line, self.end.column.max(self.start.column))
    }
}

/// The byte at which the character of column `column` begins.
fn offset(line: &str, column: u32) -> usize {
    let before = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    let mut places = line.char_indices().map(|(at, _)| at);
    places.nth(before).unwrap_or(line.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, columns: (u32, u32), expected: &str) {
        let finding = Finding {
            severity: Severity::Warning,
            code: "loose_dot",
            message: "a `.` stands for any character",
            help: Some("write `[.]`"),
            file: "policy.toml",
            start: Position {
                line: 2,
                column: columns.0,
            },
            end: Position {
                line: 2,
                column: columns.1,
            },
        };
        assert_eq!(finding.shown(text, false), expected);
    }

    #[test]
    fn caret_and_help() {
        check(
            "a = 1\nbcd = 2\n",
            (1, 4),
            "warning[loose_dot]: a `.` stands for any character\n --> policy.toml:2:1\n  |\n\
             2 | bcd = 2\n  | ^^^\n  |\n  = help: write `[.]`",
        );
    }

    #[test]
    fn text_that_steers_a_terminal() {
        check(
            "a = 1\n\u{1b}[2J = 2\n",
            (6, 7),
            "warning[loose_dot]: a `.` stands for any character\n --> policy.toml:2:11\n  |\n\
             2 | \\u{1b}[2J = 2\n  |           ^\n  |\n  = help: write `[.]`",
        );
    }

    #[test]
    fn place_beyond_the_text() {
        check(
            "a = 1",
            (6, 7),
            "warning[loose_dot]: a `.` stands for any character\n--> policy.toml:2:6\n = help: write `[.]`",
        );
    }
}
