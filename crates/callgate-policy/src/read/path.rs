//! The matcher `path`.

use super::fact::Place;
use super::faults::Faults;
use super::fields::{Fields, shown, text, word};
use super::node::Node;
use crate::DiagnosticCode as Code;
use crate::document::FactRoot;
use crate::document::path::{AbsolutePath, PathDeny, PathGlob, PathLinks, PathSpec};

const KEYS: &[&str] = &[
    "under",
    "relative_to",
    "links",
    "links_default",
    "deny",
    "glob",
];

/// Reads `path`.
pub(super) fn path(node: &Node<'_>, place: &Place<'_>) -> Option<PathSpec> {
    let faults = place.faults;
    let fields = Fields::of(node, "`path`", KEYS, faults)?;
    let list = |key, what| {
        fields.list(key, what);
        fields.each(key, what, |node| absolute(node, faults))
    };
    let under = list("under", "directories");
    let relative_to = fields.get("relative_to");
    let relative_to = relative_to.and_then(|node| absolute(node, faults));
    fields.list("glob", "globs");
    let glob = fields.each("glob", "globs", |node| glob(node, faults));
    if fields.get("under").is_none() && fields.get("glob").is_none() {
        let help = "write `under = [\"/workspace\"]`; `/` is everywhere";
        let message = "`path` says neither `under` nor `glob`";
        faults.add_with_help(Code::MissingKey, node.span, message, help);
    }
    let deny = fields.get("deny").map(|node| deny(node, faults));
    Some(PathSpec {
        under,
        relative_to,
        links: links(&fields, place)?,
        deny: deny.unwrap_or_default(),
        glob,
    })
}

fn links(fields: &Fields<'_, '_>, place: &Place<'_>) -> Option<PathLinks> {
    let faults = place.faults;
    let words = [("none", true), ("unknown", false)];
    let default = fields.get("links_default");
    let default_none = default.and_then(|node| word(node, &words, faults));
    let Some(node) = fields.get("links") else {
        let help = "name a fact as in `links = \"context/symlinks\"`, or write `\"ignored\"`";
        let message = "missing key `links`";
        faults.add_with_help(Code::MissingKey, fields.span(), message, help);
        return None;
    };
    let written = text(node, "the place of a fact", faults)?;
    if written == "ignored" {
        fields.refuse("links_default", "says what holds without a fact");
        return Some(PathLinks::Ignored);
    }
    let fact = place.fact(written, node.span)?;
    if fact.root != FactRoot::Context {
        let help = "what links there are is a fact of the host: `context/symlinks`";
        let message = format!("`{}` is no place for links", shown(written));
        faults.add_with_help(Code::UnknownFact, node.span, message, help);
        return None;
    }
    Some(PathLinks::Fact {
        fact,
        default_none: default_none.unwrap_or(false),
    })
}

fn deny(node: &Node<'_>, faults: &Faults<'_>) -> PathDeny {
    let keys = &["components", "names", "except"];
    let Some(fields) = Fields::of(node, "`deny`", keys, faults) else {
        return PathDeny::default();
    };
    let list = |key| {
        fields.list(key, "names");
        fields.each(key, "names", |node| component(node, faults))
    };
    let [components, names, except] = [list("components"), list("names"), list("except")];
    if fields.get("names").is_none() {
        fields.refuse("except", "stands without `names`");
    }
    if fields.get("components").is_none() && fields.get("names").is_none() {
        let message = "`deny` names nothing";
        faults.add(Code::EmptyCondition, node.span, message);
    }
    PathDeny::new(components, names, except)
}

/// One component of a path.
fn component<'t>(node: &Node<'t>, faults: &Faults<'_>) -> Option<&'t str> {
    let name = text(node, "a name", faults)?;
    let is_one = !matches!(name, "" | "." | "..") && !name.contains('/');
    if !is_one {
        let message = format!("`{}` is no component of a path", shown(name));
        let help = "write the name of a file or directory, without `/`";
        faults.add_with_help(Code::BadName, node.span, message, help);
    }
    is_one.then_some(name)
}

fn absolute(node: &Node<'_>, faults: &Faults<'_>) -> Option<AbsolutePath> {
    let written = text(node, "an absolute path", faults)?;
    let path = AbsolutePath::parse(written);
    if let Err(error) = &path {
        let message = format!("`{}` {error}", shown(written));
        let help = "write an absolute path in its simplest form, as in `/workspace`";
        faults.add_with_help(Code::BadName, node.span, message, help);
    }
    path.ok()
}

fn glob(node: &Node<'_>, faults: &Faults<'_>) -> Option<PathGlob> {
    let written = text(node, "a glob", faults)?;
    let glob = PathGlob::parse(written);
    if let Err(error) = &glob {
        let message = format!("`{}` {error}", shown(written));
        let help = "write an absolute path in which `*` stands for a part of a name and `**` for directories";
        faults.add_with_help(Code::BadPattern, node.span, message, help);
    }
    glob.ok()
}
