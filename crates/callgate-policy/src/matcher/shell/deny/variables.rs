//! Variables whose values programs run.

use super::Unclear;
use super::reader::Reader;
use super::word::Word;

/// Variables that hold a command line.
const COMMANDS: &[&str] = &[
    "BROWSER",
    "EDITOR",
    "FCEDIT",
    "GIT_ASKPASS",
    "GIT_EDITOR",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_PROXY_COMMAND",
    "GIT_SEQUENCE_EDITOR",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "LESSCLOSE",
    "LESSOPEN",
    "MANPAGER",
    "PAGER",
    "PROMPT_COMMAND",
    "RSYNC_RSH",
    "SSH_ASKPASS",
    "SUDO_ASKPASS",
    "SUDO_EDITOR",
    "SYSTEMD_EDITOR",
    "SYSTEMD_PAGER",
    "TAR_OPTIONS",
    "VISUAL",
];

/// Variables that load or run what they name, whatever it is.
const LOADING: &[&str] = &[
    "BASH_ENV",
    "ENV",
    "LD_AUDIT",
    "LD_PRELOAD",
    "PS0",
    "PS4",
    "SHELLOPTS",
    "BASHOPTS",
    "PERL5OPT",
    "PYTHONSTARTUP",
    "RUBYOPT",
    "BASH_ALIASES",
    "BASH_CMDS",
];

impl Reader<'_, '_> {
    /// Judges `NAME=value`.
    pub(super) fn assigned(&mut self, word: &Word<'_>) -> Result<(), Unclear> {
        let Some((name, value)) = word.text.split_once('=') else {
            return Ok(());
        };
        self.found.note(value);
        let name = name.split(['[', '+']).next().unwrap_or(name);
        if LOADING.contains(&name) {
            self.found.unclear = true;
        } else if COMMANDS.contains(&name) {
            if !word.fixed {
                self.found.unclear = true;
            } else if !value.is_empty() {
                self.line(value.trim_start_matches('|'))?;
            }
        }
        Ok(())
    }
}
