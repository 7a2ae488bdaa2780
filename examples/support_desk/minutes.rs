//! What is written down of each answer: the reply to the model, a row for people, a line of the report.

use std::fs::File;
use std::io::{self, Write};

use super::answer::Answer;
use super::report::Report;
use super::table::Table;
use super::transcript::Expected;

/// What is written down of each answer.
#[derive(Debug)]
pub struct Minutes<W> {
    replies: File,
    pub table: Table<W>,
    pub report: Report,
}

impl<W: Write> Minutes<W> {
    /// Of no answer yet. What the model is told goes into `replies`.
    pub fn new(replies: File, table: Table<W>) -> Self {
        Self {
            replies,
            table,
            report: Report::default(),
        }
    }

    /// Takes down an answer, and whether it is the one expected, where one is stated.
    pub fn take(&mut self, answer: Answer, expected: Option<&Expected>) -> io::Result<()> {
        self.table.row(&answer)?;
        self.take_silently(answer, expected)
    }

    /// As [`take`](Self::take), without a row.
    pub fn take_silently(&mut self, answer: Answer, expected: Option<&Expected>) -> io::Result<()> {
        writeln!(self.replies, "{}", answer.as_message())?;
        self.report.add(answer, expected);
        Ok(())
    }
}
