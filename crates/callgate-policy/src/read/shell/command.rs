//! One command and what may follow its name.

use super::super::faults::Faults;
use super::super::fields::{Fields, array, shown, word};
use super::super::node::{Node, Span, Value};
use super::options::{OptionReader, sub_words};
use super::rule::{operands, repeated};
use super::texts;
use crate::DiagnosticCode as Code;
use crate::document::shell::{
    Command, Exact, ExactWord, Globs, Grammar, Listed, Operands, Opt, OptionList, Options, Style,
    Sub, Tail, Words,
};

const KEYS: &[&str] = &[
    "names", "globs", "any", "exactly", "style", "globals", "sub", "options", "refuse", "values",
    "operands",
];
const SUB: &[&str] = &["name", "options", "refuse", "operands"];
const GRAMMAR: &[&str] = &[
    "style", "globals", "sub", "options", "refuse", "values", "operands",
];

/// The words that bash itself reads as more than the name of a program.
const RESERVED: &[&str] = &[
    "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
    "select", "then", "time", "until", "while",
];
/// The commands of bash that run, read or evaluate more than their words show.
const EVALUATING: &[&str] = &[
    "alias",
    "bind",
    "builtin",
    "command",
    "compgen",
    "complete",
    "declare",
    "enable",
    "eval",
    "exec",
    "export",
    "fc",
    "getopts",
    "hash",
    "let",
    "local",
    "mapfile",
    "printf",
    "read",
    "readarray",
    "readonly",
    "set",
    "shopt",
    "source",
    "test",
    "trap",
    "typeset",
    "unset",
    "wait",
];

/// Reads a command, or several that take the same words.
pub(super) fn commands(
    node: &Node<'_>,
    has_cwd: bool,
    faults: &Faults<'_>,
) -> Option<Vec<(Command, Span)>> {
    let fields = Fields::of(node, "a command", KEYS, faults)?;
    let span = fields.need("names")?.span;
    let names = texts(&fields, "names", "commands", faults, |node, name| {
        check_name(node, name, faults)
    });
    let globs = [
        ("none", Globs::None),
        ("literal-first", Globs::LiteralFirst),
        ("any", Globs::Any),
    ];
    let globs = fields
        .get("globs")
        .and_then(|node| word(node, &globs, faults));
    let words = if fields.flag("any") {
        for key in GRAMMAR.iter().chain(&["exactly"]) {
            fields.refuse(key, "stands beside `any`, which asks nothing");
        }
        Words::Any
    } else if let Some(node) = fields.get("exactly") {
        for key in GRAMMAR {
            fields.refuse(key, "stands beside `exactly`, which says everything");
        }
        fields.list("exactly", "lists of words");
        exactly(node, has_cwd, faults)?
    } else {
        Words::Grammar(Box::new(grammar(&fields, has_cwd, faults)?))
    };
    let command = |name: &str| Command {
        name: name.into(),
        globs: globs.unwrap_or_default(),
        words: words.clone(),
    };
    Some(names.iter().map(|name| (command(name), span)).collect())
}

fn check_name(node: &Node<'_>, name: &str, faults: &Faults<'_>) -> bool {
    let is_clean = |letter: char| letter.is_ascii_alphanumeric() || "-_.+".contains(letter);
    let starts = name.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_');
    if !starts || !name.chars().all(is_clean) {
        let message = format!("`{}` is no name of a command", shown(name));
        let help = "write a name without a path; the paths before it are `paths` of `shell`";
        faults.add_with_help(Code::BadName, node.span, message, help);
        return false;
    }
    let why = if RESERVED.contains(&name) {
        "is a word of bash itself, no command"
    } else if EVALUATING.contains(&name) {
        "makes bash evaluate what its words hold: it can't be judged"
    } else {
        return true;
    };
    faults.add(Code::BadName, node.span, format!("`{name}` {why}"));
    false
}

fn exactly(node: &Node<'_>, has_cwd: bool, faults: &Faults<'_>) -> Option<Words> {
    let lists = array(node, "lists of words", faults)?;
    if lists.len() > 64 {
        let message = format!("expected at most 64 lists, found {}", lists.len());
        faults.add(Code::TooMany, node.span, message);
        return None;
    }
    let lists = lists.iter().filter_map(|node| {
        let items = array(node, "words", faults)?;
        let mut list = Exact {
            words: Box::default(),
            rest: None,
        };
        let mut words = Vec::new();
        for (at, item) in items.iter().enumerate() {
            if let Value::Text(word) = item.value {
                words.push(ExactWord::Literal(word.into()));
                continue;
            }
            let (rule, repeats) = repeated(item, has_cwd, faults)?;
            if !repeats {
                words.push(ExactWord::Rule(rule));
            } else if at.saturating_add(1) == items.len() {
                list.rest = Some(rule);
            } else {
                let message = "only the last word of a list can `repeat`";
                faults.add(Code::MisplacedKey, item.span, message);
            }
        }
        list.words = words.into();
        Some(list)
    });
    Some(Words::Exactly(lists.collect()))
}

fn grammar(fields: &Fields<'_, '_>, has_cwd: bool, faults: &Faults<'_>) -> Option<Grammar> {
    let styles = [
        ("getopt", Style::Getopt),
        ("pflag", Style::Pflag),
        ("words", Style::Words),
    ];
    let style = match fields.get("style") {
        Some(node) => word(node, &styles, faults)?,
        None => Style::Getopt,
    };
    let mut reader = OptionReader::new(style, has_cwd, faults);
    if fields.get("sub").is_none() {
        fields.refuse("globals", "stands before a sub-command, and there is none");
    }
    let mut globals = reader.list(fields, "globals");
    let common = Tails::read(fields, &mut reader);
    let mut subs: Vec<Sub> = Vec::new();
    for node in fields.list("sub", "sub-commands").unwrap_or_default() {
        let Some(sub) = sub(node, &common, &mut reader) else {
            continue;
        };
        let clash = |one: &Sub| {
            let both = one.words.iter().zip(&sub.words);
            both.filter(|(one, other)| one == other).count() == one.words.len().min(sub.words.len())
        };
        if subs.iter().any(clash) {
            let message = format!("`{}` is, or starts with, another one", sub.words.join(" "));
            faults.add(Code::DuplicateId, node.span, message);
        }
        subs.push(sub);
    }
    if subs.is_empty() && !reader.anywhere.is_empty() {
        let message = "`anywhere` is said of a command without sub-commands";
        faults.add(Code::MisplacedKey, fields.span(), message);
    }
    globals.append(&mut reader.anywhere);
    Some(Grammar {
        style,
        globals: OptionList::new(globals),
        subs: Listed::new(subs),
        tail: common.tail(),
    })
}

/// The refused options, and those whose value is the next word.
type Refused = (Vec<Box<str>>, Vec<Box<str>>);

/// What a command says of what follows it, or each of its sub-commands.
#[derive(Clone)]
struct Tails {
    options: Vec<Opt>,
    /// Refused options and those with values; `None` where the accepted ones are listed.
    refused: Option<Refused>,
    operands: Option<Operands>,
}

impl Tails {
    fn read(fields: &Fields<'_, '_>, reader: &mut OptionReader<'_>) -> Self {
        let refused = fields.get("refuse").map(|_| {
            fields.refuse("options", "stands beside `refuse`: write one of them");
            let refused = reader.names(fields, "refuse");
            (refused, reader.names(fields, "values"))
        });
        if refused.is_none() {
            fields.refuse(
                "values",
                "stands beside `refuse`: options say it themselves",
            );
        }
        let node = fields.get("operands");
        Self {
            options: reader.list(fields, "options"),
            refused,
            operands: node.and_then(|node| operands(node, reader.has_cwd, reader.faults)),
        }
    }

    fn tail(self) -> Tail {
        let options = match self.refused {
            None => Options::Only(OptionList::new(self.options)),
            Some((refused, values)) => Options::AllBut {
                refused: Listed::new(refused),
                values: Listed::new(values),
            },
        };
        Tail {
            options,
            operands: self.operands,
        }
    }
}

fn sub(node: &Node<'_>, common: &Tails, reader: &mut OptionReader<'_>) -> Option<Sub> {
    let faults = reader.faults;
    if let Value::Text(_) = node.value {
        return Some(Sub {
            words: sub_words(node, faults)?,
            tail: common.clone().tail(),
        });
    }
    let fields = Fields::of(node, "a sub-command", SUB, faults)?;
    let words = sub_words(fields.need("name")?, faults)?;
    let own = Tails::read(&fields, reader);
    let mut all = common.clone();
    match (&mut all.refused, own.refused) {
        (Some((refused, _)), Some((more, _))) => refused.extend(more),
        (Some(_), None) => fields.refuse("options", "stands below a `refuse` of the command"),
        (None, Some(own)) if all.options.is_empty() => all.refused = Some(own),
        (None, Some(_)) => fields.refuse("refuse", "stands below the `options` of the command"),
        (None, None) => {}
    }
    for option in own.options {
        if let Some(name) = option
            .names
            .iter()
            .find(|name| all.options.iter().any(|one| one.names.contains(name)))
        {
            let message = format!("option `{}` is listed twice", shown(name));
            faults.add(Code::DuplicateId, node.span, message);
        }
        all.options.push(option);
    }
    all.operands = own.operands.or(all.operands);
    Some(Sub {
        words,
        tail: all.tail(),
    })
}
