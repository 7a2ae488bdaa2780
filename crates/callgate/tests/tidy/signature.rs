//! What public signatures show.

use crate::lexer::code_of;
use crate::tree::File;

/// Crates whose types may change without our doing: no host must come to depend on them.
const FOREIGN: [&str; 12] = [
    "aho_corasick",
    "globset",
    "jsonwebtoken",
    "regex",
    "regex_automata",
    "regex_syntax",
    "rusqlite",
    "sha2",
    "thiserror",
    "tokio",
    "tokio_postgres",
    "toml",
];

/// Public items of `file` that name a type of a third party.
pub(crate) fn foreign_types(file: &File) -> Vec<String> {
    let code = code_of(&file.text);
    let imported = imported(&code);
    let mut faults = Vec::new();
    for (at, _) in code.match_indices("pub ") {
        let item = item(code.get(at..).unwrap_or_default());
        let mut words = item.split(|c: char| !c.is_alphanumeric() && c != '_');
        // `thiserror` is a derive, above the item, and never part of it.
        if let Some(word) = words.find(|word| FOREIGN.contains(word) || imported.contains(word)) {
            let line = line_of(&code, at);
            let path = &file.path;
            faults.push(format!(
                "{path}:{line}: a public item names `{word}` of a third party"
            ));
        }
    }
    faults
}

/// Names that `code` imports from third-party crates.
fn imported(code: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for after in code.split("use ").skip(1) {
        let import = after.split(';').next().unwrap_or_default();
        let path = import.trim_start_matches("::");
        let foreign = FOREIGN.iter().find_map(|name| path.strip_prefix(name));
        if let Some(rest) = foreign.filter(|rest| rest.starts_with("::")) {
            let entries = rest.split([',', '{', '}']).map(str::trim);
            let last =
                |entry: &'_ str| entry.rfind([':', ' ']).map_or(0, |at| at.saturating_add(1));
            names.extend(entries.filter_map(|entry| entry.get(last(entry)..)));
        }
    }
    names.retain(|name| name.starts_with(char::is_uppercase));
    names
}

/// The public item at the start of `text`: a signature, a field, or the whole of an enum or trait.
///
/// The fields of a struct count where they are public, each as an item of its own, or where
/// `#[from]` makes a public conversion of them.
fn item(text: &str) -> &str {
    let starts = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
    let until = |end: Option<usize>| end.and_then(|end| text.get(..end)).unwrap_or(text);
    if starts(&["pub enum", "pub trait"]) {
        until(text.find("\n}"))
    } else if starts(&["pub struct"]) {
        let whole = until(text.find([';', '{']));
        let head = until(text.find(['(', ';', '{']));
        if whole.contains("#[from]") {
            whole
        } else {
            head
        }
    } else if starts(&["pub use"]) {
        until(text.find(';'))
    } else if starts(&["pub fn", "pub const fn"]) {
        until(text.find(['{', ';']))
    } else {
        until(text.find(['{', ';', '\n']))
    }
}

/// Ways to make a principal that are not as they should be.
///
/// `Principal::asserted` is for hosts. A principal that counts as verified is made by
/// `Principal::verified`, which the identity crate alone may call. None is read from data.
pub(crate) fn principal_makers(file: &File) -> Vec<String> {
    let code = code_of(&file.text);
    let joined: String = code.split_whitespace().collect();
    let mut faults = Vec::new();
    if joined.contains("Principal::verified") && !file.path.starts_with("crates/callgate-identity/")
    {
        faults.push("only the identity crate may call `Principal::verified`".to_owned());
    }
    let supposes = [
        "crates/callgate-types/",
        "crates/callgate-policy/src/read/example_caller.rs",
    ];
    if joined.contains("::supposed(") && !supposes.iter().any(|path| file.path.starts_with(path)) {
        faults.push("only the examples of policies may suppose a verification".to_owned());
    }
    if file.path == "crates/callgate-types/src/principal.rs" {
        faults.extend(
            makers(&code)
                .filter(|name| !["asserted", "verified"].contains(name))
                .map(|name| format!("`Principal::{name}` makes a principal out of nothing")),
        );
        if !makers(&code).any(|name| name == "asserted") {
            faults.push("expected to find `Principal::asserted`".to_owned());
        }
        for word in ["Deserialize", "Default"] {
            if joined.contains(word) {
                faults.push(format!("a principal must not be `{word}`"));
            }
        }
    }
    let path = &file.path;
    faults
        .into_iter()
        .map(|fault| format!("{path}: {fault}"))
        .collect()
}

/// Public functions of `impl Principal` that take no principal.
fn makers(code: &str) -> impl Iterator<Item = &str> {
    let blocks = code.split("\nimpl Principal {").skip(1);
    blocks
        .map(|block| block.split("\n}").next().unwrap_or(block))
        .flat_map(|block| block.split("\n    pub ").skip(1))
        .filter_map(|text| {
            let signature = text.split('{').next()?;
            let (name, rest) = signature.split_once("fn ")?.1.split_once('(')?;
            let receives = rest.split([',', ')']).next()?.contains("self");
            let name = name.split('<').next()?;
            (!receives).then_some(name)
        })
}

fn line_of(code: &str, at: usize) -> usize {
    let before = code.get(..at).unwrap_or_default();
    before.matches('\n').count().saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_types(source: &str, expected: &[&str]) {
        assert_eq!(foreign_types(&File::sample("a.rs", source)), expected);
    }

    #[test]
    fn foreign_types_shown() {
        let fault = |line: u32, word: &str| {
            format!("a.rs:{line}: a public item names `{word}` of a third party")
        };
        check_types("pub fn a(b: &toml::Value) {}", &[&fault(1, "toml")]);
        check_types(
            "pub fn a(\n    b: u8,\n) -> regex::Regex {}",
            &[&fault(1, "regex")],
        );
        check_types(
            "\nuse sha2::Sha256;\npub struct A(pub Sha256);",
            &[&fault(3, "Sha256")],
        );
        check_types(
            "use sha2::{Digest as _, Sha256};\nstruct A {\n    pub b: Sha256,\n}",
            &[&fault(3, "Sha256")],
        );
        check_types(
            "pub enum A {\n    B(toml::de::Error),\n}",
            &[&fault(1, "toml")],
        );
        check_types("pub struct A(#[from] regex::Error);", &[&fault(1, "regex")]);
        check_types("pub use regex::Regex;", &[&fault(1, "regex")]);
    }

    #[test]
    fn foreign_types_under_another_name() {
        let fault = "a.rs:2: a public item names `Hash` of a third party";
        check_types("use sha2::Sha256 as Hash;\npub fn a(b: Hash) {}", &[fault]);
        check_types(
            "use sha2::{Digest as _, Sha256};\npub struct Digest([u8; 32]);",
            &[],
        );
    }

    #[test]
    fn foreign_types_within() {
        check_types("use regex::Regex;\npub struct A {\n    b: Regex,\n}", &[]);
        check_types("pub struct A(regex::Error);", &[]);
        check_types("pub(crate) fn a(b: regex::Regex) {}", &[]);
        check_types(
            "pub fn a(b: &str) -> bool {\n    regex::Regex::new(b).is_ok()\n}",
            &[],
        );
        check_types("/// As `regex::Regex`.\npub fn a() {}", &[]);
    }

    #[track_caller]
    fn check_makers(path: &str, source: &str, expected: &[&str]) {
        assert_eq!(principal_makers(&File::sample(path, source)), expected);
    }

    const TYPES: &str = "crates/callgate-types/src/principal.rs";

    #[test]
    fn makers_of_principals() {
        let good = "\nimpl Principal {\n    pub const fn asserted(id: Id) -> Self {\n    }\n    \
                    pub fn id(&self) -> &Id {\n    }\n}\n";
        check_makers(TYPES, good, &[]);
        check_makers(
            TYPES,
            &good.replace("asserted", "of"),
            &[
                "crates/callgate-types/src/principal.rs: `Principal::of` makes a principal out of nothing",
                "crates/callgate-types/src/principal.rs: expected to find `Principal::asserted`",
            ],
        );
        check_makers(
            TYPES,
            &format!("#[derive(Deserialize)]{good}"),
            &["crates/callgate-types/src/principal.rs: a principal must not be `Deserialize`"],
        );
    }

    #[test]
    fn callers_of_the_verified_maker() {
        let call = "let who = Principal::verified(id);";
        check_makers("crates/callgate-identity/src/jwt.rs", call, &[]);
        check_makers(
            "crates/callgate/src/gate.rs",
            call,
            &[
                "crates/callgate/src/gate.rs: only the identity crate may call `Principal::verified`",
            ],
        );
        check_makers(
            "crates/callgate/src/gate.rs",
            "Principal::asserted(id)",
            &[],
        );
        check_makers(
            "crates/callgate/src/gate.rs",
            "let by = AssertedBy::supposed(verification);",
            &[
                "crates/callgate/src/gate.rs: only the examples of policies may suppose a verification",
            ],
        );
    }
}
