//! Batches to try a sink with.

use std::borrow::Cow;

use crate::line::MAX_LINE;
use crate::{Batch, Head};

/// Texts that a store may change unasked, each with what it is about. All are JSON.
pub(super) const TEXTS: [(&str, &str); 14] = [
    ("printable ASCII", " !#$%&'()*+,-./0:;<=>?@AZ[]^_`az{|}~"),
    ("escapes", r#"\"\\\/\b\f\n\r\t\u0000\ud83d\ude00"#),
    ("two bytes a character", "\u{80}\u{e9}\u{7ff}"),
    ("three bytes a character", "\u{800}\u{20ac}\u{ffff}"),
    ("four bytes a character", "\u{10000}\u{1f600}\u{10ffff}"),
    (
        "characters that are composed in two ways",
        "\u{e9} e\u{301}",
    ),
    ("DEL and C1 controls", "\u{7f}\u{85}\u{9f}"),
    ("separators of lines", "\u{2028}\u{2029}"),
    ("direction of text", "\u{202e}\u{2066}\u{200f}"),
    ("a byte order mark", "\u{feff}"),
    ("white space at both ends", "  x  "),
    ("quoting of SQL", "'; DROP TABLE records; --"),
    ("marks of parameters", "%s %n ? $1 :name @p {0} ${x}"),
    ("numbers beyond a binary fraction", "9007199254740993 1e400"),
];

/// A chain that grows by batches, and knows what a sink must hold of it.
#[derive(Debug)]
pub(super) struct Chain {
    head: Head,
    number: u64,
    /// All lines, each with its line feed.
    lines: Vec<Vec<u8>>,
    /// The head behind each record; the first is the empty one.
    heads: Vec<Head>,
}

impl Chain {
    pub(super) fn new() -> Self {
        Self {
            head: Head::EMPTY,
            number: 0,
            lines: Vec::new(),
            heads: vec![Head::EMPTY],
        }
    }

    pub(super) const fn head(&self) -> Head {
        self.head
    }

    /// The head behind so many records.
    pub(super) fn head_at(&self, records: u64) -> Option<Head> {
        let place = usize::try_from(records).ok()?;
        self.heads.get(place).copied()
    }

    /// All bytes from record `from` on, so many records.
    pub(super) fn bytes(&self, from: u64, records: u64) -> Vec<u8> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let records = usize::try_from(records).unwrap_or(usize::MAX);
        let lines = self.lines.iter().skip(from).take(records);
        lines.flatten().copied().collect()
    }

    /// The next batch, with a record for each text.
    pub(super) fn batch<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) -> Batch<'static> {
        let batch = self.branch(texts);
        self.take(&batch);
        batch
    }

    /// The next batch of so many small records.
    pub(super) fn records(&mut self, records: usize) -> Batch<'static> {
        self.batch(vec![""; records])
    }

    /// A batch behind the head that the chain does not become longer by.
    pub(super) fn branch<'t>(
        &mut self,
        texts: impl IntoIterator<Item = &'t str>,
    ) -> Batch<'static> {
        let (start, mut end, mut lines) = (self.head, self.head, Vec::new());
        for text in texts {
            // No two are alike, on whatever branch they are.
            self.number = self.number.saturating_add(1);
            let body = format!(
                r#"{{"v":1,"kind":"gap","time":"2026-11-20T12:00:00.000000Z","durable":0,"lost":{},"text":"{text}""#,
                self.number
            );
            end = end.link(body.as_bytes(), &mut lines);
        }
        Batch::of(Cow::Owned(lines), start, end)
    }

    /// A batch of one record, whose line has the greatest length.
    pub(super) fn longest(&mut self) -> Batch<'static> {
        let empty = self.branch([""]).bytes().len();
        let number = self.number.to_string().len();
        let next = self.number.saturating_add(1).to_string().len();
        let shorter = MAX_LINE.saturating_sub(empty).saturating_add(number);
        let text = "x".repeat(shorter.saturating_sub(next));
        self.batch([&*text])
    }

    /// Records get other numbers than those of `other` had.
    pub(super) const fn go_on_from(&mut self, other: &Self) {
        self.number = other.number;
    }

    /// `batch` was stored.
    pub(super) fn take(&mut self, batch: &Batch<'_>) {
        self.head = batch.end();
        for line in batch.bytes().split_inclusive(|byte| *byte == b'\n') {
            self.lines.push(line.to_vec());
            let records = u64::try_from(self.lines.len()).unwrap_or(u64::MAX);
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            self.heads
                .push(Head::new(records, crate::chain::digest(line)));
        }
    }
}
