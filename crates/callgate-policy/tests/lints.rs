//! Policies that load, and exactly what their authors are told all the same.
//!
//! Beside each `tests/lints/NAME.toml` stands `NAME.txt` with one line for each finding: its code,
//! and what `Display` shows; a policy named for a code shows that code. With `CALLGATE_BLESS=1` the
//! texts are written anew; read the difference before you keep it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a case that cannot be read fails the test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use callgate_policy::{DiagnosticCode, Policy, Severity, Sources};

#[track_caller]
fn lints(text: &str, file: &str) -> String {
    let policy = Policy::parse(text, file).unwrap_or_else(|found| panic!("{found}"));
    let Some(found) = policy.lints(&Sources::of(text, file)) else {
        return String::new();
    };
    for one in found.iter() {
        assert_eq!(one.severity, Severity::Warning, "{one}");
        assert!(one.help.is_some(), "{one}");
        assert!(one.start < one.end, "{one}");
        assert!(!one.message.ends_with('.'), "{one}");
    }
    let lines: Vec<String> = found
        .iter()
        .map(|one| format!("{} {one}\n", one.code))
        .collect();
    lines.concat()
}

#[test]
fn policies_with_findings() {
    let mut shown = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in cases() {
        let text = fs::read_to_string(&case).unwrap();
        let file = case.file_name().unwrap().to_str().unwrap();
        let found = lints(&text, file);
        shown.extend(
            found
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned())),
        );
        let named = case.file_stem().unwrap().to_str().unwrap();
        assert!(
            named == "clean" || found.lines().all(|line| line.starts_with(named)),
            "{file} shows something else, too\n{found}"
        );
        let expected = case.with_extension("txt");
        if std::env::var_os("CALLGATE_BLESS").is_some() {
            fs::write(&expected, &found).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default() != found {
            wrong.push(format!("{file} gives\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for code in DiagnosticCode::LINTS {
        assert!(shown.contains(code.as_str()), "no policy shows {code}");
    }
}

#[test]
fn another_text_gives_no_place() {
    let text = include_str!("lints/unused_role.toml");
    let policy = Policy::parse(text, "one.toml").unwrap();
    let found = policy
        .lints(&Sources::of("format = 1", "other.toml"))
        .unwrap();
    assert_eq!(
        (found.first().start.line, found.first().start.column),
        (1, 1)
    );
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lints");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|found| found == "toml"))
        .collect();
    files.sort();
    files
}
