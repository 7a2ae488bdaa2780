//! Crates that read no clock, disk, network or environment.

use crate::lexer::code_of;
use crate::tree::File;

/// Where the pure crates have their source.
const PURE: [&str; 5] = [
    "crates/callgate-types/src/",
    "crates/callgate-approval/src/",
    "crates/callgate-identity/src/",
    "crates/callgate-policy/src/",
    "crates/callgate-risk/src/",
];

/// Modules of the standard library that lead outside.
const MODULES: [&str; 5] = ["env", "fs", "net", "os", "process"];

/// Names that lead outside wherever they come from.
const NAMES: [&str; 10] = [
    "Instant",
    "Local::now",
    "SystemTime",
    "UNIX_EPOCH",
    "Utc::now",
    "io::stderr",
    "io::stdin",
    "io::stdout",
    "thread::sleep",
    "thread::spawn",
];

/// Whether the file at `path` belongs to a pure crate; its tests may look at the clock, and so may
/// what tries the stores of others.
pub(crate) fn is_pure(path: &str) -> bool {
    let tests = ["/tests/", "/testkit/"]
        .iter()
        .any(|part| path.contains(part))
        || path.ends_with("/tests.rs");
    !tests && PURE.iter().any(|folder| path.starts_with(folder))
}

/// What in `file` leads outside.
pub(crate) fn faults(file: &File) -> Vec<String> {
    let code: String = code_of(&file.text).split_whitespace().collect();
    let modules = std_modules(&code);
    let names = NAMES.iter().filter(|name| has_name(&code, name));
    MODULES
        .iter()
        .filter(|module| modules.contains(module))
        .map(|module| format!("std::{module}"))
        .chain(names.map(|name| (*name).to_owned()))
        .map(|name| format!("{}: a pure crate names `{name}`", file.path))
        .collect()
}

/// The modules that follow `std::`, also as members of a list.
fn std_modules(code: &str) -> Vec<&str> {
    let mut modules = Vec::new();
    for after in code.split("std::").skip(1) {
        let Some(list) = after.strip_prefix('{') else {
            modules.push(leading_name(after));
            continue;
        };
        let mut depth = 0_u32;
        let mut start = true;
        for (at, c) in list.char_indices() {
            if start && depth == 0 {
                modules.push(leading_name(list.get(at..).unwrap_or_default()));
            }
            start = c == ',' || c == '{';
            match c {
                '{' => depth = depth.saturating_add(1),
                '}' if depth == 0 => break,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
    modules
}

fn leading_name(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Whether `name` stands in `code` as a name of its own.
fn has_name(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
        let before = code
            .get(..at)
            .is_some_and(|text| text.ends_with(part_of_name));
        let after = code.get(at..).and_then(|text| text.strip_prefix(name));
        !before && !after.is_some_and(|text| text.starts_with(part_of_name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let found = faults(&File::sample("a.rs", source));
        let expected: Vec<String> = expected
            .iter()
            .map(|name| format!("a.rs: a pure crate names `{name}`"))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn ways_outside() {
        check("fn a() { std::fs::read(b) }", &["std::fs"]);
        check("use std::{fmt, net};", &["std::net"]);
        check(
            "use std::{\n    env::{self, args},\n    fmt,\n};",
            &["std::env"],
        );
        check("use ::std::process::Command;", &["std::process"]);
        check("use std::time::{Duration, Instant};", &["Instant"]);
        check("let now = chrono::Utc::now();", &["Utc::now"]);
        check("std::thread::sleep(a)", &["thread::sleep"]);
    }

    #[test]
    fn nothing_of_the_sort() {
        check("use std::{fmt::{self, net}, sync::Arc};", &[]);
        check("// std::fs\nlet a = \"std::fs\";", &[]);
        check("struct InstantNoodles; fn a(time: DateTime<Utc>) {}", &[]);
    }

    #[test]
    fn pure_crates() {
        assert!(is_pure("crates/callgate-policy/src/lib.rs"));
        assert!(!is_pure("crates/callgate-policy/src/read/tests.rs"));
        assert!(!is_pure("crates/callgate-policy/src/read/tests/hostile.rs"));
        assert!(!is_pure("crates/callgate-policy/tests/reference.rs"));
        assert!(!is_pure("crates/callgate/src/lib.rs"));
    }
}
