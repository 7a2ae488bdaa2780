//! Code for a shell: in a word, in a file, or in what the shell reads.

use super::command::{Call, base};
use super::reader::Reader;
use super::word::Word;
use super::{Code, Unclear};

const SHELLS: &[&str] = &[
    "sh", "bash", "zsh", "dash", "ash", "ksh", "ksh93", "mksh", "lksh", "pdksh", "yash", "posh",
    "rbash", "fish", "csh", "tcsh", "hush", "elvish", "nu", "xonsh",
];

/// Whether a program of this name runs the commands that it is given.
pub(super) fn is_shell(name: &str) -> bool {
    SHELLS.contains(&name)
}

impl Reader<'_, '_> {
    /// `sh -c code`, `sh file`, or a shell that reads commands.
    pub(super) fn shell(&mut self, call: Call<'_, '_>) -> Result<(), Unclear> {
        const VALUES: &[&str] = &["-o", "+o", "-O", "+O"];
        const LONG: &[&str] = &[
            "--login",
            "--noprofile",
            "--norc",
            "--posix",
            "--restricted",
            "--verbose",
            "--noediting",
        ];
        let mut words = call.words;
        while let Some((word, rest)) = words.split_first() {
            let text = &*word.text;
            if !call.knows(word) {
                self.found.unclear = true;
                return Ok(());
            }
            if matches!(text, "--version" | "--help") {
                return Ok(());
            }
            if !text.starts_with(['-', '+']) {
                // What reads a pipe may be given code there.
                let reads = self.piped || !is_file(text) || call.placeholder == text;
                self.found.unclear |= reads;
                return Ok(());
            }
            words = rest;
            if VALUES.contains(&text) {
                words = words.get(1..).unwrap_or_default();
            } else if text.starts_with("--") {
                if !LONG.contains(&text) {
                    self.found.unclear = true;
                    return Ok(());
                }
            } else if text.starts_with('-') && text.contains('c') {
                return self.code(call.with(words.get(..1).unwrap_or_default()));
            } else if text.contains(['s', 'i']) || text == "-" {
                self.found.unclear = true;
                return Ok(());
            }
        }
        // It reads commands.
        self.found.unclear = true;
        Ok(())
    }

    /// Judges words that are code for a shell.
    pub(super) fn code(&mut self, call: Call<'_, '_>) -> Result<(), Unclear> {
        match self.deny.code {
            Code::Refuse => {
                self.found.refused = true;
                Ok(())
            }
            Code::Read => {
                let is_code = |word: &Word<'_>| !word.text.starts_with('-');
                self.found.unclear |= !call.words.first().is_some_and(is_code);
                self.joined(call)
            }
        }
    }

    /// Judges words that become one line for a shell.
    pub(super) fn joined(&mut self, call: Call<'_, '_>) -> Result<(), Unclear> {
        self.found.unclear |= call.open || !call.words.iter().all(|word| call.knows(word));
        let words: Vec<&str> = call.words.iter().map(|word| &*word.text).collect();
        self.line(&words.join(" "))
    }

    /// Judges each operand as a line for a shell.
    pub(super) fn each_line(&mut self, call: Call<'_, '_>) -> Result<(), Unclear> {
        self.found.unclear |= call.open;
        for word in call.words {
            if !word.text.starts_with('-') {
                self.line_of(word)?;
            }
        }
        Ok(())
    }

    /// `eval`.
    pub(super) fn evaluated(&mut self, call: Call<'_, '_>) -> Result<(), Unclear> {
        if call.words.is_empty() && !call.open {
            return Ok(());
        }
        self.code(call)
    }

    /// `trap code signal`.
    pub(super) fn trap(&mut self, call: Call<'_, '_>) -> Result<(), Unclear> {
        match call.words.split_first() {
            None => {
                self.found.unclear |= call.open;
                Ok(())
            }
            Some((word, _)) if matches!(&*word.text, "-l" | "-p") && word.fixed => Ok(()),
            Some((word, _)) if self.deny.code == Code::Read && word.text == "-" => Ok(()),
            Some(_) => self.code(call.with(call.words.get(..1).unwrap_or_default())),
        }
    }

    /// `source file`.
    pub(super) fn sourced(&mut self, call: Call<'_, '_>) {
        let first = call.words.iter().find(|word| word.text != "--");
        let is_file = |word: &Word<'_>| {
            call.knows(word) && !word.text.starts_with('-') && is_file(&word.text)
        };
        self.found.unclear |= !first.is_some_and(is_file);
    }

    /// `alias name=code`.
    pub(super) fn aliases(&mut self, call: Call<'_, '_>) -> Result<(), Unclear> {
        self.found.unclear |= call.open;
        for word in call.words {
            if !call.knows(word) {
                self.found.unclear = true;
            } else if let Some((_, code)) = word.text.split_once('=') {
                // An alias may end in a blank, or in nothing whole.
                self.line(code.trim())?;
            }
        }
        Ok(())
    }

    /// `su -c code`, and others that start a shell for somebody.
    pub(super) fn session(&mut self, call: Call<'_, '_>) -> Result<(), Unclear> {
        self.found.unclear |= call.open || call.reads;
        for (at, word) in call.words.iter().enumerate() {
            let text = &*word.text;
            if !call.knows(word) {
                self.found.unclear = true;
            }
            let is_bundle = text.starts_with('-') && !text.starts_with("--");
            if is_bundle && text.contains(['c', 'e']) || text.starts_with("--command") {
                let behind = at.saturating_add(1);
                let code = call.words.get(behind..).unwrap_or_default();
                return self.code(call.with(code.get(..1).unwrap_or_default()));
            }
            self.found.refused |= self.deny.denied(base(text)).is_some();
        }
        Ok(())
    }
}

/// Whether a path names a file, not what a command writes.
pub(super) fn is_file(path: &str) -> bool {
    let leads_out = path.starts_with('/') || path.contains("..");
    let is_device = path.split('/').any(|part| matches!(part, "dev" | "proc"));
    !path.is_empty() && path != "-" && !(leads_out && is_device)
}
