//! Files that a policy includes.
//!
//! A name is a path from the folder of the including file downwards, and has one spelling: what
//! can only be found by asking a file system is refused before anyone asks.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::fields::{array, shown, text};
use super::join::joined;
use super::node::{Node, Span};
use super::{Faults, Parsed};
use crate::DiagnosticCode as Code;
use crate::sources::{IncludeError, Included, MAX_INCLUDED, Source, Sources, has_ending};

/// How deep files include one another.
const MAX_DEPTH: usize = 16;
/// The most bytes of all files together.
const MAX_TOTAL: usize = 64 << 20;
/// The longest name, in bytes.
const MAX_NAME: usize = 1024;

/// Who opens files, by their names from the folder of the root file.
pub(crate) type Files<'f> = dyn FnMut(&str) -> Result<Included, IncludeError> + 'f;

/// Reads the tree of the root and of what it includes, as one, and hands it to `read`.
pub(super) fn with_tree<'t, R>(
    sources: &'t Sources<'_>,
    files: &mut Files<'_>,
    faults: &Faults<'_>,
    read: impl FnOnce(&Node<'_>) -> Option<R>,
) -> Option<R> {
    let root = sources.root();
    let parsed = Parsed::of(&root.text, root.notation, 0, faults)?;
    let node = parsed.tree(0, faults);
    if node.member("include").is_none() {
        return read(&node);
    }
    let slots: Vec<OnceCell<Parsed<'t>>> = (0..MAX_INCLUDED).map(|_| OnceCell::new()).collect();
    let mut walk = Walk {
        sources,
        files,
        faults,
        slots: &slots,
        parts: Vec::new(),
        open: Vec::new(),
        seen: HashSet::new(),
        bytes: root.text.len(),
        is_whole: true,
        is_over: false,
    };
    walk.enter(node, &root.name);
    // Whatever is missing now would be reported once more wherever it is named.
    let parts = walk.is_whole.then_some(walk.parts)?;
    read(&joined(parts, faults)?)
}

/// Goes through the files that include one another, each before those that it includes.
struct Walk<'w, 't, 'f> {
    sources: &'t Sources<'t>,
    files: &'w mut Files<'f>,
    faults: &'w Faults<'w>,
    slots: &'w [OnceCell<Parsed<'t>>],
    /// The trees of the files so far.
    parts: Vec<Node<'w>>,
    /// The names of the files that are being gone through, each included by the one before.
    open: Vec<String>,
    /// The names of all included files so far.
    seen: HashSet<String>,
    bytes: usize,
    is_whole: bool,
    /// Whether a bound is passed, and nothing more is read.
    is_over: bool,
}

impl<'w, 't> Walk<'w, 't, '_> {
    /// Goes through the file `name` and all that it includes; [`MAX_DEPTH`] bounds the recursion.
    fn enter(&mut self, node: Node<'w>, name: &str) {
        let listed = self.listed(&node);
        self.parts.push(node);
        self.open.push(name.to_owned());
        let folder = name.rsplit_once('/').map(|(folder, _)| folder);
        for (written, span) in listed {
            let name = match folder {
                Some(folder) => format!("{folder}/{written}"),
                None => written.to_owned(),
            };
            self.include(&name, span);
        }
        self.open.pop();
    }

    /// What the file whose tree is `node` includes, as it is written.
    fn listed(&mut self, node: &Node<'w>) -> Vec<(&'w str, Span)> {
        let Some(entry) = node.member("include") else {
            return Vec::new();
        };
        let items = array(&entry.node, "names of files", self.faults);
        let Some(items) = items else {
            self.is_whole = false;
            return Vec::new();
        };
        if items.is_empty() {
            let help = "name files, or leave `include` out";
            self.refuse_as(Code::EmptyList, entry.node.span, "`include` is empty", help);
        }
        let mut listed: Vec<(&'w str, Span)> = Vec::with_capacity(items.len().min(MAX_INCLUDED));
        let mut written = HashSet::new();
        for item in items {
            let Some(name) = text(item, "the name of a file", self.faults) else {
                self.is_whole = false;
                continue;
            };
            if let Some((why, help)) = fault_of(name) {
                self.refuse(item.span, format!("`{}` {why}", shown(name)), help);
            } else if !written.insert(name) {
                let message = format!("`{}` is included twice", shown(name));
                self.refuse(item.span, message, "each file is named once");
            } else {
                listed.push((name, item.span));
            }
        }
        listed
    }

    /// Reads the file `name`, which is included at `span`, unless it was read before.
    fn include(&mut self, name: &str, span: Span) {
        if self.is_over {
            return;
        }
        if let Some(at) = self.open.iter().position(|open| open == name) {
            let circle = self.open.iter().skip(at).map(String::as_str).chain([name]);
            let circle: Vec<String> = circle.map(|one| format!("`{}`", shown(one))).collect();
            let message = format!("`{}` includes itself: {}", shown(name), circle.join(" -> "));
            let help = "files must not include one another in a circle";
            self.refuse_as(Code::IncludeCycle, span, message, help);
            return;
        }
        if self.seen.contains(name) {
            return;
        }
        if self.open.len() > MAX_DEPTH {
            let message = format!("files include one another more than {MAX_DEPTH} deep");
            let help = "include more of them from the root file";
            self.refuse_as(Code::TooDeep, span, message, help);
            return;
        }
        let Some(source) = self.source(name, span) else {
            return;
        };
        self.bytes = self.bytes.saturating_add(source.text.len());
        if self.bytes > MAX_TOTAL {
            self.is_over = true;
            let message = format!("all files together have more than {MAX_TOTAL} bytes");
            self.refuse_as(Code::TooLarge, span, message, "include less");
            return;
        }
        let base = self.faults.open(&source.text, &source.file);
        let parsed = Parsed::of(&source.text, source.notation, base, self.faults);
        let slot = self.slots.get(self.seen.len());
        self.seen.insert(name.to_owned());
        match (parsed, slot) {
            (Some(parsed), Some(slot)) => {
                let node = slot.get_or_init(|| parsed).tree(base, self.faults);
                self.enter(node, name);
            }
            _ => self.is_whole = false,
        }
    }

    fn refuse(&mut self, span: Span, message: impl Into<String>, help: &str) {
        self.refuse_as(Code::BadInclude, span, message, help);
    }

    fn refuse_as(&mut self, code: Code, span: Span, message: impl Into<String>, help: &str) {
        self.is_whole = false;
        self.faults.add_with_help(code, span, message, help);
    }

    /// The file `name`, which is opened where it was not yet.
    fn source(&mut self, name: &str, span: Span) -> Option<&'t Source> {
        if let Some(source) = self.sources.find(name) {
            return Some(source);
        }
        let included = match (self.files)(name) {
            Ok(included) => included,
            Err(error) => {
                self.is_whole = false;
                let message = format!("cannot include `{}`: {error}", shown(name));
                self.faults.add(Code::UnreadableInclude, span, message);
                return None;
            }
        };
        let source = self.sources.add(name, included);
        if source.is_none() {
            self.is_over = true;
            let message = format!("more than {MAX_INCLUDED} files are included");
            self.refuse_as(Code::TooMany, span, message, "join some of them");
        }
        source
    }
}

/// Why `name` is no name of a file to include, and what to write instead.
fn fault_of(name: &str) -> Option<(String, &'static str)> {
    const BELOW: &str = "name a file of this folder or below it, as in `tools/billing.toml`";
    let has = |wanted: &str| name.split('/').any(|component| component == wanted);
    let fault = if name.is_empty() {
        "is no name"
    } else if name.len() > MAX_NAME {
        return Some((format!("has more than {MAX_NAME} bytes"), BELOW));
    } else if name.contains("://") {
        "is a URL"
    } else if name.chars().any(char::is_control) {
        "holds a control character"
    } else if name.contains('\\') {
        return Some(("holds a backslash".into(), "write `/` between folders"));
    } else if name.contains(':') {
        "holds a `:`"
    } else if name.starts_with('/') {
        "is an absolute path"
    } else if has("..") {
        "leads upwards"
    } else if has(".") || has("") {
        return Some((
            "is no plain path".into(),
            "leave out `.` and what stands between two slashes",
        ));
    } else if name.contains('*') {
        return Some(("holds a `*`".into(), "name each file"));
    } else if !has_ending(name, ".toml") && !has_ending(name, ".json") {
        "ends in neither `.toml` nor `.json`"
    } else {
        return None;
    };
    Some((fault.into(), BELOW))
}
