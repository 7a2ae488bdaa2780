//! Broken policies, and exactly what their authors are told.
//!
//! Beside each `tests/diagnostics/NAME.toml` or `NAME.json` stands `NAME.txt` with one line for each diagnostic:
//! its code, and what `Display` shows. With `CALLGATE_BLESS=1` the texts are written anew; read
//! the difference before you keep it.

#![expect(
    clippy::unwrap_used,
    reason = "a case that cannot be read fails the test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use callgate_policy::{DiagnosticCode, Diagnostics, Policy, Position, Severity};

#[test]
fn broken_policies() {
    if !cfg!(all(
        feature = "schema",
        feature = "sql",
        feature = "url",
        feature = "zones"
    )) {
        eprintln!(
            "skipped: matchers that are not there are told about otherwise; add --all-features"
        );
        return;
    }
    let mut codes = BTreeSet::new();
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() >= 40, "{} cases are too few", cases.len());
    for case in &cases {
        let text = fs::read_to_string(case).unwrap();
        let file = case.file_name().unwrap().to_str().unwrap();
        let read = if case.extension().is_some_and(|ending| ending == "json") {
            Policy::parse_json(&text, file)
        } else {
            Policy::parse(&text, file)
        };
        let Err(found) = read else {
            wrong.push(format!("{file} loads"));
            continue;
        };
        for one in found.iter() {
            codes.insert(one.code.as_str());
            assert_eq!(one.severity, Severity::Error);
            assert!(
                is_inside(&text, one.start) && is_inside(&text, one.end),
                "{one}"
            );
            assert!(one.start <= one.end, "{one}");
            assert!(is_in_style(&one.message), "{one}");
        }
        let rendered = render(&found);
        let expected = case.with_extension("txt");
        if std::env::var_os("CALLGATE_BLESS").is_some() {
            fs::write(&expected, &rendered).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default() != rendered {
            wrong.push(format!("{file} gives\n{rendered}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // These need a text of 8 MiB, and several files; they are shown by tests of their own.
    let elsewhere = [
        DiagnosticCode::TooLarge,
        DiagnosticCode::BadInclude,
        DiagnosticCode::IncludeCycle,
        DiagnosticCode::UnreadableInclude,
    ];
    let missing = DiagnosticCode::ALL
        .iter()
        .filter(|code| !elsewhere.contains(code) && !codes.contains(code.as_str()));
    let missing: Vec<&str> = missing.map(|code| code.as_str()).collect();
    assert!(
        missing.is_empty(),
        "no broken policy shows {}",
        missing.join(", ")
    );
}

#[test]
fn no_expectation_without_a_policy() {
    for path in files("txt") {
        let policies = ["toml", "json"].map(|extension| path.with_extension(extension).exists());
        assert!(
            policies == [true, false] || policies == [false, true],
            "{}",
            path.display()
        );
    }
}

/// The cases of what is behind a feature need it, or its absence.
fn cases() -> Vec<PathBuf> {
    let mut cases = files("toml");
    cases.extend(files("json"));
    let starts = |path: &PathBuf, start: &str| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(start))
    };
    cases.retain(|path| cfg!(feature = "url") || !starts(path, "url_"));
    cases.retain(|path| cfg!(feature = "zones") || !starts(path, "zones_"));
    cases.retain(|path| !cfg!(feature = "zones") || !starts(path, "without_zones"));
    cases
}

fn files(extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

fn render(found: &Diagnostics) -> String {
    let shown = found.to_string();
    let mut codes = found.iter().map(|one| one.code.as_str());
    let lines = shown
        .lines()
        .map(|line| format!("{} {line}\n", codes.next().unwrap_or("-")));
    lines.collect()
}

fn is_inside(text: &str, Position { line, column }: Position) -> bool {
    let mut lines = (1..).zip(text.split('\n'));
    let line = lines.find(|(number, _)| *number == line);
    line.is_some_and(|(_, line)| {
        (1..=line.chars().count().saturating_add(1)).contains(&(column as usize))
    })
}

fn is_in_style(message: &str) -> bool {
    let first = message.chars().next();
    // A word in capitals is a name.
    let starts = first.is_some_and(|first| !first.is_uppercase()) || message.starts_with("Unicode");
    starts && !message.ends_with('.') && !message.contains("::")
}
