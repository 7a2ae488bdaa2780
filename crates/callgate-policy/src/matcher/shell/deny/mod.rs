//! `shell.deny`: a command line for `bash -c` in which no listed command is seen to run.
//!
//! Weaker than a list of what is permitted, and by its nature: what runs under another name, from a
//! file, from a variable or from the configuration of a program is not seen. It keeps an agent
//! from the plain mistake; it holds no adversary.
//!
//! The whole of bash is read, as far as it can be: pipelines, lists, groups, loops, conditions,
//! functions, substitutions, here-documents. Every simple command in it is judged by itself, through
//! programs that run others, such as `sudo` and `xargs`. What does not parse, whose name is not
//! written out, and what is code for an interpreter is never yes.
//!
//! The recursion is bounded: commands, substitutions and code in words are read 32 levels deep, and
//! each level reads its text once.

mod arithmetic;
mod awk;
mod brackets;
mod builtins;
mod code;
mod command;
mod compound;
mod elsewhere;
mod expansion;
mod grammar;
mod heredoc;
mod options;
mod programs;
mod reader;
mod redirect;
mod remote;
mod runners;
mod sed;
#[cfg(test)]
mod tests;
mod variables;
mod word;
mod wrappers;

use self::reader::Reader;
use super::judge::MAX_BYTES;
use super::visible::is_visible;

/// How deep commands, substitutions and code in words may be nested.
const MAX_DEPTH: u32 = 32;

/// A command line for `bash -c` in which none of these commands is seen to run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Deny {
    /// The commands, ordered by the bytes of their names; no name twice.
    pub commands: Box<[Denied]>,
    /// What becomes of code that is given to an interpreter.
    pub code: Code,
}

/// A command that must not run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Denied {
    /// Its name, as the last part of a path.
    pub name: Box<str>,
    /// Where not empty: it must not run with any of these words.
    pub with: Box<[Box<str>]>,
}

/// What becomes of code that a command line gives to an interpreter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// It is refused.
    #[default]
    Refuse,
    /// Code for a shell is judged as the line itself; other code is refused.
    Read,
}

/// The command line is not one that this module understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unclear;

/// What has been seen of a command line.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four observations that do not exclude each other"
)]
struct Findings {
    /// A listed command runs, or an interpreter is given code.
    refused: bool,
    /// Something runs of which it cannot be told what it is.
    unclear: bool,
    /// A variable is given a text that would run commands where it is evaluated.
    holds_code: bool,
    /// Variables are evaluated, as arithmetic does.
    evaluates: bool,
}

impl Deny {
    /// Whether no listed command is seen to run in the line `text`; `None` where that cannot be
    /// told: bash would not parse it, the name of a command is not written out, or it has more than
    /// 65 536 bytes.
    pub fn test(&self, text: &str) -> Option<bool> {
        // bash reads options behind `-c`, too.
        if text.len() > MAX_BYTES || text.starts_with(['-', '+']) || !is_visible(text) {
            return None;
        }
        let mut found = Findings::default();
        let mut reader = Reader::new(text, self, &mut found, 0);
        let any = reader.program().ok()?;
        if found.refused {
            return Some(false);
        }
        let evaluated = found.holds_code && found.evaluates;
        (any && !found.unclear && !evaluated).then_some(true)
    }

    /// What is said of commands of this name.
    fn denied(&self, name: &str) -> Option<&Denied> {
        let at = self
            .commands
            .binary_search_by(|command| (*command.name).cmp(name));
        self.commands.get(at.ok()?)
    }
}
