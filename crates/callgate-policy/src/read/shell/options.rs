//! The options of a command.

use super::super::faults::Faults;
use super::super::fields::{Fields, array, shown, text, word};
use super::super::node::{Node, Value};
use super::rule::rule;
use super::texts;
use crate::DiagnosticCode as Code;
use crate::document::shell::{Form, Opt, Style};

const KEYS: &[&str] = &["names", "value", "form", "once", "required", "anywhere"];

/// Reads the options of one command, and gives each a number.
pub(super) struct OptionReader<'n> {
    pub(super) style: Style,
    pub(super) has_cwd: bool,
    pub(super) faults: &'n Faults<'n>,
    next_id: u32,
    /// Those that may stand before a sub-command, too.
    pub(super) anywhere: Vec<Opt>,
}

impl<'n> OptionReader<'n> {
    pub(super) const fn new(style: Style, has_cwd: bool, faults: &'n Faults<'n>) -> Self {
        Self {
            style,
            has_cwd,
            faults,
            next_id: 0,
            anywhere: Vec::new(),
        }
    }

    /// Reads the list `key`; absent is none.
    pub(super) fn list(&mut self, fields: &Fields<'_, '_>, key: &str) -> Vec<Opt> {
        fields.list(key, "options");
        let Some(node) = fields.get(key) else {
            return Vec::new();
        };
        let items = array(node, "options", self.faults).unwrap_or_default();
        let mut options: Vec<Opt> = Vec::new();
        for item in items {
            if self.next_id >= u64::BITS {
                let message = "a command has at most 64 options";
                self.faults.add(Code::TooMany, item.span, message);
                break;
            }
            let Some(option) = self.option(item) else {
                continue;
            };
            for name in &option.names {
                if options.iter().any(|one| one.names.contains(name)) {
                    let message = format!("option `{}` is listed twice", shown(name));
                    self.faults.add(Code::DuplicateId, item.span, message);
                }
            }
            options.push(option);
        }
        options
    }

    fn option(&mut self, node: &Node<'_>) -> Option<Opt> {
        let id = self.next_id;
        self.next_id = id.saturating_add(1);
        if let Value::Text(name) = node.value {
            return self.check_name(node, name).then(|| Opt {
                names: [name.into()].into(),
                value: None,
                form: Form::Either,
                required: false,
                once: false,
                id,
            });
        }
        let fields = Fields::of(node, "an option", KEYS, self.faults)?;
        fields.need("names")?;
        let names = texts(&fields, "names", "options", self.faults, |node, name| {
            self.check_name(node, name)
        });
        let value = fields.get("value");
        if value.is_none() {
            fields.refuse("form", "says how a `value` is written, and there is none");
        }
        let forms = [
            ("either", Form::Either),
            ("next", Form::Next),
            ("joined", Form::Joined),
        ];
        let form = fields
            .get("form")
            .and_then(|node| word(node, &forms, self.faults));
        let option = Opt {
            names,
            value: value.and_then(|node| rule(node, self.has_cwd, self.faults)),
            form: form.unwrap_or_default(),
            required: fields.flag("required"),
            once: fields.flag("once"),
            id,
        };
        if fields.flag("anywhere") {
            self.anywhere.push(option.clone());
        }
        Some(option)
    }

    /// Whether `name` is an option that can be told from others.
    pub(super) fn check_name(&self, node: &Node<'_>, name: &str) -> bool {
        let is_clean = |letter: char| letter.is_ascii_graphic() && letter != '=';
        let is_name = name.starts_with('-') && name.len() > 1 && name.chars().all(is_clean);
        if !is_name {
            let message = format!("`{}` is no option", shown(name));
            let help = "write the option with its dashes and without its value";
            self.faults
                .add_with_help(Code::BadName, node.span, message, help);
            return false;
        }
        if self.style != Style::Words && !name.starts_with("--") && name.len() > 2 {
            let message = format!("`{}` is a bundle of options, not one", shown(name));
            let help = "write `style = \"words\"` where the program reads it as one";
            self.faults
                .add_with_help(Code::BadName, node.span, message, help);
            return false;
        }
        true
    }

    /// Reads names of options that are refused, or take a value.
    pub(super) fn names(&self, fields: &Fields<'_, '_>, key: &str) -> Vec<Box<str>> {
        let names = texts(fields, key, "options", self.faults, |node, name| {
            self.check_name(node, name)
        });
        names.into_vec()
    }
}

/// Reads the words of a sub-command: `rollout status` has two.
pub(super) fn sub_words(node: &Node<'_>, faults: &Faults<'_>) -> Option<Box<[Box<str>]>> {
    let name = text(node, "a sub-command", faults)?;
    let is_word = |word: &str| {
        let is_clean = |letter: char| letter.is_ascii_alphanumeric() || "-_.:".contains(letter);
        !word.is_empty() && !word.starts_with('-') && word.chars().all(is_clean)
    };
    if !name.split(' ').all(is_word) {
        let message = format!("`{}` is no sub-command", shown(name));
        let help = "write words of letters, digits, `-`, `_`, `.` and `:`, one blank between them";
        faults.add_with_help(Code::BadName, node.span, message, help);
        return None;
    }
    Some(name.split(' ').map(Box::from).collect())
}
