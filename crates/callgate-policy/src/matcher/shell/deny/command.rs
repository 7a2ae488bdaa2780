//! One simple command: what runs, and through what.

use super::reader::Reader;
use super::word::Word;
use super::{Denied, Unclear, awk, builtins, code, programs, remote, runners, sed, wrappers};

/// A command that is going to run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'w, 't> {
    /// Its name, then what follows; behind the name where a function judges what follows.
    pub(super) words: &'w [Word<'t>],
    /// More words follow that nobody knows.
    pub(super) open: bool,
    /// What is replaced in words, by something that nobody knows.
    pub(super) placeholder: &'w str,
    /// Whether it reads a pipe or a file.
    pub(super) reads: bool,
}

/// The command that another runs in its place.
pub(super) type Next<'w, 't> = Result<Option<Call<'w, 't>>, Unclear>;

impl<'w, 't> Call<'w, 't> {
    /// The same with other words.
    pub(super) const fn with(self, words: &'w [Word<'t>]) -> Self {
        Self { words, ..self }
    }

    /// Whether all of `word` is known.
    pub(super) fn knows(&self, word: &Word<'_>) -> bool {
        let replaced = !self.placeholder.is_empty() && word.text.contains(self.placeholder);
        word.fixed && !replaced
    }
}

impl Reader<'_, '_> {
    /// Judges a command with the assignments before it.
    pub(super) fn judge(
        &mut self,
        assignments: &[Word<'_>],
        words: &[Word<'_>],
        input: bool,
    ) -> Result<(), Unclear> {
        for assignment in assignments {
            self.assigned(assignment)?;
        }
        if words.is_empty() {
            return Ok(());
        }
        self.call(Call {
            words,
            open: false,
            placeholder: "",
            reads: input || self.piped,
        })
    }

    /// Judges a command, and what it runs in its place.
    pub(super) fn call(&mut self, call: Call<'_, '_>) -> Result<(), Unclear> {
        self.deeper(|reader| {
            let mut next = Some(call);
            while let Some(call) = next {
                next = reader.step(call)?;
            }
            Ok(())
        })
    }

    fn step<'w, 't>(&mut self, call: Call<'w, 't>) -> Next<'w, 't> {
        let Some((head, words)) = call.words.split_first() else {
            self.found.unclear |= call.open;
            return Ok(None);
        };
        if !call.knows(head) {
            self.found.unclear = true;
            return Ok(None);
        }
        let name = base(&head.text);
        let call = call.with(words);
        if let Some(denied) = self.deny.denied(name) {
            self.denied(denied, call);
        }
        if let Some(wrapper) = wrappers::of(name) {
            return self.wrapper(wrapper, call);
        }
        if code::is_shell(name) {
            self.shell(call)?;
            return Ok(None);
        }
        match name {
            "find" | "fd" | "fdfind" => runners::find(self, call)?,
            "xargs" => return Ok(runners::xargs(self, call)),
            "parallel" => runners::parallel(self, call)?,
            "watch" => return runners::watch(self, call),
            "flock" => return runners::flock(self, call),
            "hyperfine" => self.each_line(call)?,
            "eval" => self.evaluated(call)?,
            "trap" => self.trap(call)?,
            "source" | "." => self.sourced(call),
            "alias" => self.aliases(call)?,
            "su" | "runuser" | "script" | "sg" | "newgrp" | "expect" | "xterm" => {
                self.session(call)?;
            }
            "at" | "batch" | "coproc" | "fc" => self.found.unclear = true,
            "awk" | "gawk" | "mawk" | "nawk" => awk::judge(self, call),
            "sed" | "gsed" => sed::judge(self, call),
            "ssh" | "slogin" | "mosh" | "rsh" => remote::ssh(self, call)?,
            "git" => return remote::git(self, call),
            _ => {
                builtins::judge(self, name, call)?;
                programs::judge(self, name, call)?;
                remote::launcher(self, name, call)?;
            }
        }
        Ok(None)
    }

    fn denied(&mut self, denied: &Denied, call: Call<'_, '_>) {
        if denied.with.is_empty() {
            self.found.refused = true;
            return;
        }
        self.found.unclear |= call.open;
        for word in call.words {
            if !call.knows(word) {
                self.found.unclear = true;
            } else if denied.with.iter().any(|with| gives(&word.text, with)) {
                self.found.refused = true;
            }
        }
    }

    /// Judges `text` as a command line of its own.
    pub(super) fn line(&mut self, text: &str) -> Result<(), Unclear> {
        let mut inner = self.inner(text)?;
        if inner.program().is_err() {
            self.found.unclear = true;
        }
        Ok(())
    }

    /// Judges the value of `word` as a command line of its own.
    pub(super) fn line_of(&mut self, word: &Word<'_>) -> Result<(), Unclear> {
        if word.fixed {
            self.line(&word.text)
        } else {
            self.found.unclear = true;
            Ok(())
        }
    }
}

/// The name at the end of a path.
pub(super) fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether `word` gives a program what `with` asks for: abbreviated, with a value or in a bundle.
fn gives(word: &str, with: &str) -> bool {
    if word == with {
        return true;
    }
    let name = word.split('=').next().unwrap_or(word);
    if with.starts_with("--") {
        return name.len() > 2 && with.starts_with(name);
    }
    let Some(letters) = with.strip_prefix('-') else {
        return false;
    };
    let bundle = word.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
    name == with || (letters.len() == 1 && bundle.is_some_and(|rest| rest.contains(letters)))
}
