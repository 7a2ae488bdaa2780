//! Programs that run the command which their words end in.

use super::command::{Call, Next};
use super::elsewhere::ELSEWHERE;
use super::options::{Options, Skipped};
use super::reader::Reader;

/// How a program is told what to run.
#[derive(Debug)]
pub(super) struct Wrapper {
    pub(super) names: &'static [&'static str],
    pub(super) options: Options,
    /// How many words stand between the options and the command.
    pub(super) operands: usize,
    /// Whether `NAME=value` can stand before the command.
    pub(super) assigns: bool,
    /// Whether it runs something, such as a shell, where no command is named.
    pub(super) alone: bool,
}

const NONE: Options = Options::NONE;

pub(super) const PLAIN: Wrapper = Wrapper {
    names: &[],
    options: NONE,
    operands: 0,
    assigns: false,
    alone: false,
};

/// How the program `name` is told what to run, if it is known to run others.
pub(super) fn of(name: &str) -> Option<&'static Wrapper> {
    let mut wrappers = WRAPPERS.iter().chain(ELSEWHERE);
    wrappers.find(|wrapper| wrapper.names.contains(&name))
}

impl Reader<'_, '_> {
    /// The command that a wrapper runs.
    pub(super) fn wrapper<'w, 't>(
        &mut self,
        wrapper: &Wrapper,
        call: Call<'w, 't>,
    ) -> Next<'w, 't> {
        let mut words = match wrapper.options.skip(call) {
            Skipped::At(words) => words,
            Skipped::Idle => return Ok(None),
            Skipped::Unclear => {
                self.found.unclear = true;
                return Ok(None);
            }
        };
        while wrapper.assigns
            && let Some((word, rest)) = words.split_first()
            && word.raw.contains('=')
            && !word.text.starts_with('=')
        {
            if word.splits || !call.knows(word) && !word.quoted {
                self.found.unclear = true;
            }
            self.assigned(word)?;
            words = rest;
        }
        for _ in 0..wrapper.operands {
            let Some((word, rest)) = words.split_first() else {
                break;
            };
            self.found.unclear |= word.splits || !call.knows(word) && !word.quoted;
            words = rest;
        }
        self.found.unclear |= words.is_empty() && (wrapper.alone || call.open);
        if words.is_empty() {
            return Ok(None);
        }
        Ok(Some(call.with(words)))
    }
}

const WRAPPERS: &[Wrapper] = &[
    Wrapper {
        names: &["sudo"],
        options: Options {
            flags: "AbBEHknNPSis",
            values: "ughpCrtTDRcUa",
            long: &[
                "askpass",
                "background",
                "bell",
                "preserve-env",
                "set-home",
                "login",
                "shell",
                "non-interactive",
                "no-update",
                "stdin",
                "preserve-groups",
                "reset-timestamp",
            ],
            long_values: &[
                "user",
                "group",
                "host",
                "prompt",
                "close-from",
                "role",
                "type",
                "command-timeout",
                "chdir",
                "chroot",
                "other-user",
            ],
            idle: &[
                "--help",
                "--version",
                "-l",
                "--list",
                "-v",
                "--validate",
                "-K",
                "-V",
                "-e",
                "--edit",
                "--remove-timestamp",
            ],
        },
        assigns: true,
        alone: true,
        ..PLAIN
    },
    Wrapper {
        names: &["doas"],
        options: Options {
            flags: "nsL",
            values: "Cua",
            ..NONE
        },
        alone: true,
        ..PLAIN
    },
    Wrapper {
        names: &["env"],
        options: Options {
            flags: "-i0v",
            values: "uC",
            long: &[
                "ignore-environment",
                "null",
                "debug",
                "list-signal-handling",
            ],
            long_values: &["unset", "chdir"],
            ..NONE
        },
        assigns: true,
        ..PLAIN
    },
    Wrapper {
        names: &["command"],
        options: Options {
            flags: "p",
            idle: &["-v", "-V", "-pv", "-pV", "-vp", "-Vp"],
            ..NONE
        },
        ..PLAIN
    },
    Wrapper {
        names: &["exec"],
        options: Options {
            flags: "cl",
            values: "a",
            ..NONE
        },
        ..PLAIN
    },
    Wrapper {
        names: &[
            "builtin",
            "nohup",
            "fakeroot",
            "catchsegv",
            "torify",
            "torsocks",
            "dumb-init",
            "eatmydata",
            "dbus-run-session",
            "proxychains",
            "proxychains4",
            "rlwrap",
            "ltrace",
        ],
        ..PLAIN
    },
    Wrapper {
        names: &["busybox", "toybox"],
        options: Options {
            idle: &[
                "--help",
                "--version",
                "--list",
                "--list-full",
                "--install",
                "--long",
            ],
            ..NONE
        },
        ..PLAIN
    },
    Wrapper {
        names: &["timeout", "gtimeout"],
        options: Options {
            flags: "fpv",
            values: "sk",
            long: &["foreground", "preserve-status", "verbose"],
            long_values: &["signal", "kill-after"],
            ..NONE
        },
        operands: 1,
        ..PLAIN
    },
    Wrapper {
        names: &["nice"],
        options: Options {
            flags: "-0123456789",
            values: "n",
            long_values: &["adjustment"],
            ..NONE
        },
        ..PLAIN
    },
    Wrapper {
        names: &["ionice"],
        options: Options {
            flags: "t0123456789",
            values: "cn",
            long: &["ignore"],
            long_values: &["class", "classdata"],
            idle: &["--help", "--version", "-p", "-P", "-u", "-h", "-V", "--pid"],
        },
        ..PLAIN
    },
    Wrapper {
        names: &["time"],
        options: Options {
            flags: "apqv",
            values: "fo",
            long: &["append", "portability", "quiet", "verbose"],
            long_values: &["format", "output"],
            idle: &["--help", "--version", "-V"],
        },
        ..PLAIN
    },
    Wrapper {
        names: &["stdbuf"],
        options: Options {
            values: "ioe",
            long_values: &["input", "output", "error"],
            ..NONE
        },
        ..PLAIN
    },
    Wrapper {
        names: &["setsid"],
        options: Options {
            flags: "cfw",
            long: &["ctty", "fork", "wait"],
            ..NONE
        },
        ..PLAIN
    },
];
