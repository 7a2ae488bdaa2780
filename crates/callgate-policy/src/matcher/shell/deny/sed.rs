//! sed: a script in which no `e` runs a command.

use super::command::Call;
use super::options::{One, Options};
use super::reader::Reader;

const OPTIONS: Options = Options {
    flags: "nErsuz",
    values: "efl",
    long: &[
        "quiet",
        "silent",
        "regexp-extended",
        "in-place",
        "null-data",
        "separate",
        "posix",
        "follow-symlinks",
        "unbuffered",
        "debug",
        "sandbox",
    ],
    long_values: &["expression", "file", "line-length"],
    idle: &["--help", "--version"],
};

/// Judges the words behind `sed`.
pub(super) fn judge(reader: &mut Reader<'_, '_>, mut call: Call<'_, '_>) {
    let mut has_script = false;
    loop {
        let (first, second) = (call.words.first(), call.words.get(1));
        let text = first.map_or("", |word| &*word.text);
        // `-i` takes a suffix in the same word.
        if text.starts_with("-i") || text.starts_with("-ni") {
            call = call.with(call.words.get(1..).unwrap_or_default());
            continue;
        }
        match OPTIONS.one(call) {
            One::Then(words) => {
                let value = match text.split_once('=') {
                    Some((name, value)) if name.starts_with("--") => Some(value),
                    _ if text.starts_with("--") => second.map(|word| &*word.text),
                    _ => text.split_once('e').map(|(_, value)| match value {
                        "" => second.map_or("", |word| &*word.text),
                        _ => value,
                    }),
                };
                if is_script(text) {
                    has_script = true;
                    reader.found.unclear |= value.is_none_or(runs) && all_known(call);
                }
                has_script |= text.starts_with("-f") || text.starts_with("--file");
                call = call.with(words);
            }
            One::Idle => return,
            One::Unclear => {
                reader.found.unclear = true;
                return;
            }
            One::Last(words) => {
                call = call.with(words);
                break;
            }
        }
    }
    if !has_script && let Some(script) = call.words.first() {
        reader.found.unclear |= call.knows(script) && runs(&script.text);
    }
}

fn is_script(option: &str) -> bool {
    if option.starts_with("--") {
        return option.starts_with("--e");
    }
    option.contains('e')
}

/// Whether the script behind an option is written out.
fn all_known(call: Call<'_, '_>) -> bool {
    call.words.iter().take(2).all(|word| call.knows(word))
}

/// Whether a script runs a command, or cannot be told from one that does.
fn runs(script: &str) -> bool {
    let mut script = Script { rest: script };
    while !script.rest.is_empty() {
        if script.command().is_none() {
            return true;
        }
    }
    false
}

struct Script<'s> {
    rest: &'s str,
}

impl<'s> Script<'s> {
    /// Reads one command; `None` where it is `e`, or not known.
    fn command(&mut self) -> Option<()> {
        self.skip_while(|letter| letter.is_whitespace() || ";{}!".contains(letter));
        self.address()?;
        self.skip_while(|letter| letter.is_whitespace() || "!".contains(letter));
        let Some(letter) = self.rest.chars().next() else {
            return Some(());
        };
        self.skip(letter.len_utf8());
        match letter {
            's' => {
                let delimiter = self.delimited(None)?;
                self.delimited(Some(delimiter))?;
                let flags = self.skip_while(|flag| flag.is_ascii_alphanumeric());
                let written = flags.find('w');
                if flags.get(..written.unwrap_or(flags.len()))?.contains('e') {
                    return None;
                }
                if written.is_some() {
                    self.line();
                }
            }
            'y' => {
                let delimiter = self.delimited(None)?;
                self.delimited(Some(delimiter))?;
            }
            'a' | 'i' | 'c' | 'r' | 'R' | 'w' | 'W' | '#' => self.line(),
            'b' | 't' | 'T' | ':' => {
                self.skip_while(|letter| letter != ';' && letter != '\n');
            }
            'q' | 'Q' | 'l' | 'L' => {
                self.skip_while(|letter| letter.is_ascii_digit() || letter == ' ');
            }
            '{' | '}' | ';' | 'd' | 'D' | 'g' | 'G' | 'h' | 'H' | 'n' | 'N' | 'p' | 'P' | 'x'
            | 'z' | 'F' | '=' => {}
            _ => return None,
        }
        Some(())
    }

    fn address(&mut self) -> Option<()> {
        loop {
            match self.rest.chars().next() {
                Some('0'..='9' | '$' | '+' | '~' | ',' | ' ' | 'I' | 'M') => self.skip(1),
                Some('/') => {
                    self.delimited(None)?;
                }
                Some('\\') => {
                    self.skip(1);
                    self.delimited(None)?;
                }
                _ => return Some(()),
            }
        }
    }

    /// Reads up to the next unescaped delimiter, which comes first where it is not known yet.
    fn delimited(&mut self, delimiter: Option<char>) -> Option<char> {
        let delimiter = if let Some(delimiter) = delimiter {
            delimiter
        } else {
            let delimiter = self.rest.chars().next()?;
            self.skip(delimiter.len_utf8());
            delimiter
        };
        let mut letters = self.rest.char_indices();
        while let Some((at, letter)) = letters.next() {
            if letter == '\\' {
                letters.next();
            } else if letter == delimiter {
                self.skip(at.saturating_add(letter.len_utf8()));
                return Some(delimiter);
            }
        }
        None
    }

    fn line(&mut self) {
        // A backslash continues a text on the next line.
        while let Some((line, rest)) = self.rest.split_once('\n') {
            self.rest = rest;
            if !line.ends_with('\\') {
                return;
            }
        }
        self.rest = "";
    }

    fn skip_while(&mut self, skips: impl Fn(char) -> bool) -> &'s str {
        let length = self.rest.find(|letter| !skips(letter));
        let (skipped, rest) = self
            .rest
            .split_at_checked(length.unwrap_or(self.rest.len()))
            .unwrap_or_default();
        self.rest = rest;
        skipped
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expected: bool, scripts: &[&str]) {
        for script in scripts {
            assert_eq!(runs(script), expected, "{script}");
        }
    }

    #[test]
    fn scripts_that_run_nothing() {
        check(
            false,
            &[
                "s/e/x/g",
                "s|/usr|e|",
                "1,5p",
                "/re/d",
                "$!N;P;D",
                "s/a/b/;s/c\\/e/d/gI",
                "/a/,/b/{s/x/y/;p}",
                "a\\\nrm e",
                "y/abc/efg/",
                ":a;N;$!ba;s/\\n/ /g",
                "\\,x,d",
                "s/a/b/w out",
                "2q",
                "10~2p",
            ],
        );
    }

    #[test]
    fn scripts_that_run_others() {
        check(
            true,
            &[
                "1e rm x",
                "e",
                "s/x/rm y/e",
                "s/x/y/ge",
                "p;e id",
                "/a/e",
                "s/a/b",
                "k",
            ],
        );
    }
}
