//! Programs that run code in a language of their own, or commands that an option holds.

use super::Unclear;
use super::code::is_file;
use super::command::Call;
use super::options::{One, Options};
use super::reader::Reader;

/// A program that runs a file or a module, else what it reads.
#[derive(Debug)]
struct Interpreter {
    names: &'static [&'static str],
    /// The options that give it no code.
    options: Options,
    /// Options behind which a module stands instead of a file.
    modules: &'static [&'static str],
    /// Modules and words of the program that take code.
    refused: &'static [&'static str],
}

const BASE: Interpreter = Interpreter {
    names: &[],
    options: Options {
        idle: &["--help", "--version", "-h", "-v", "-V"],
        ..Options::NONE
    },
    modules: &[],
    refused: &[],
};

/// Judges the program `name`, if it is one of these.
pub(super) fn judge(
    reader: &mut Reader<'_, '_>,
    name: &str,
    call: Call<'_, '_>,
) -> Result<(), Unclear> {
    let plain =
        name.trim_end_matches(|letter: char| letter.is_ascii_digit() || ".-".contains(letter));
    let found = INTERPRETERS.iter().find(|one| one.names.contains(&plain));
    if let Some(interpreter) = found {
        reader.found.unclear |= !interpreter.is_harmless(call);
        return Ok(());
    }
    if let Some((_, options)) = COMMANDS.iter().find(|(names, _)| names.contains(&name)) {
        return reader.commands_in(options, call);
    }
    let holds = |text: &str| call.words.iter().any(|word| word.text.contains(text));
    reader.found.unclear |= match name {
        "vi" | "vim" | "nvim" | "ex" | "view" | "less" | "more" | "emacs" | "ed" | "gdb" => {
            call.reads && name == "ed" || holds("!") || holds("system") || holds("shell")
        }
        "sqlite3" => holds(".shell") || holds(".system"),
        "psql" | "mysql" | "mariadb" => holds("\\!") || holds("system "),
        "make" | "gmake" => holds("$(") || holds("--eval") || holds("SHELL="),
        "crontab" => call.reads || holds("-") && call.words.iter().any(|word| word.text == "-"),
        _ => false,
    };
    Ok(())
}

impl Interpreter {
    /// Whether it runs a file, a module or nothing.
    fn is_harmless(&self, mut call: Call<'_, '_>) -> bool {
        loop {
            let Some((word, rest)) = call.words.split_first() else {
                return false;
            };
            let text = &*word.text;
            if self.modules.contains(&text) {
                let module = rest.first();
                return module.is_some_and(|module| {
                    call.knows(module) && !self.refused.contains(&&*module.text)
                });
            }
            match self.options.one(call) {
                One::Then(words) => call = call.with(words),
                One::Idle => return true,
                One::Unclear => return false,
                One::Last(words) => {
                    let is_file = |text: &str| {
                        !text.starts_with('-') && is_file(text) && !self.refused.contains(&text)
                    };
                    return words
                        .first()
                        .is_some_and(|word| call.knows(word) && is_file(&word.text));
                }
            }
        }
    }
}

impl Reader<'_, '_> {
    /// Judges the values of `options` as command lines.
    fn commands_in(&mut self, options: &[&str], call: Call<'_, '_>) -> Result<(), Unclear> {
        self.found.unclear |= call.open && options.contains(&"-e");
        let mut words = call.words.iter();
        while let Some(word) = words.next() {
            let text = &*word.text;
            if !call.knows(word) {
                self.found.unclear |= text.starts_with('-') || word.splits;
                continue;
            }
            if options.contains(&text) {
                match words.next() {
                    Some(value) => self.line_of(value)?,
                    None => self.found.unclear |= call.open,
                }
                continue;
            }
            let value = match text.split_once('=') {
                Some((name, value)) if options.contains(&name) => Some(value),
                _ => options
                    .iter()
                    .filter(|option| option.len() == 2)
                    .find_map(|option| text.strip_prefix(option)),
            };
            if let Some(value) = value {
                let value = value.strip_prefix("exec=").unwrap_or(value);
                self.line(value)?;
            }
        }
        Ok(())
    }
}

/// Options whose values programs run.
const COMMANDS: &[(&[&str], &[&str])] = &[
    (
        &["tar", "gtar", "bsdtar"],
        &[
            "-I",
            "-F",
            "--use-compress-program",
            "--to-command",
            "--checkpoint-action",
            "--info-script",
            "--new-volume-script",
            "--rsh-command",
            "--rmt-command",
        ],
    ),
    (&["rsync"], &["-e", "--rsh", "--rsync-path"]),
    (&["scp", "sftp"], &["-S"]),
    (&["rg"], &["--pre", "--hostname-bin"]),
    (&["sort"], &["--compress-program"]),
    (&["man"], &["-P", "--pager", "-H", "--html"]),
    (&["zip"], &["-TT", "--unzip-command"]),
    (&["tcpdump"], &["-z"]),
    (&["script"], &["-c", "--command"]),
];

const INTERPRETERS: &[Interpreter] = &[
    Interpreter {
        names: &["python", "pypy", "python3-", "micropython"],
        options: Options {
            flags: "bBdEIOqsSuvxPRi",
            values: "WX",
            ..BASE.options
        },
        modules: &["-m"],
        refused: &[
            "timeit", "code", "pdb", "IPython", "trace", "cProfile", "profile",
        ],
    },
    Interpreter {
        names: &["perl"],
        options: Options {
            flags: "cstTuUvwWX",
            values: "I",
            ..BASE.options
        },
        ..BASE
    },
    Interpreter {
        names: &["ruby", "jruby"],
        options: Options {
            flags: "cwvW",
            values: "ICE",
            ..BASE.options
        },
        ..BASE
    },
    Interpreter {
        names: &["node", "nodejs"],
        options: Options {
            flags: "c",
            values: "rC",
            long: &[
                "check",
                "inspect",
                "inspect-brk",
                "trace-warnings",
                "no-warnings",
                "test",
                "watch",
                "enable-source-maps",
                "expose-gc",
                "trace-deprecation",
                "throw-deprecation",
                "harmony",
                "experimental-modules",
                "experimental-vm-modules",
                "max-old-space-size",
                "unhandled-rejections",
                "env-file",
                "stack-trace-limit",
                "preserve-symlinks",
            ],
            long_values: &["require", "conditions"],
            ..BASE.options
        },
        modules: &["--test", "--run"],
        ..BASE
    },
    Interpreter {
        names: &["php"],
        options: Options {
            flags: "nqCw",
            values: "cdtSz",
            idle: &["--help", "--version", "-h", "-v", "-V", "-m", "-i", "--ini"],
            ..BASE.options
        },
        modules: &["-f", "-l", "-S"],
        ..BASE
    },
    Interpreter {
        names: &["deno", "bun"],
        options: BASE.options,
        refused: &["eval", "repl", "exec", "x"],
        ..BASE
    },
    Interpreter {
        names: &["lua", "luajit", "texlua"],
        options: Options {
            flags: "vWE",
            values: "l",
            ..BASE.options
        },
        ..BASE
    },
    Interpreter {
        names: &[
            "Rscript",
            "R",
            "tclsh",
            "wish",
            "osascript",
            "julia",
            "groovy",
            "elixir",
            "scala",
            "jshell",
            "ghci",
            "guile",
            "racket",
            "sbcl",
            "clisp",
            "irb",
            "ipython",
            "swipl",
            "octave",
            "gnuplot",
            "jjs",
            "rhino",
            "qjs",
            "ocaml",
            "raku",
        ],
        options: Options {
            idle: &["--help", "--version", "-v", "-V"],
            ..Options::NONE
        },
        ..BASE
    },
    Interpreter {
        names: &["pwsh", "powershell"],
        options: Options {
            idle: &["--help", "--version", "-Version", "-Help"],
            ..Options::NONE
        },
        modules: &["-File", "-f", "-file"],
        ..BASE
    },
];
