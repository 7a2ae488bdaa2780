//! What no file may hold.

use crate::lexer::code_of;
use crate::tree::File;

/// Most lines of code in a file.
const MAX_LINES: usize = 400;
/// The most lines of the evaluator that the real one is compared with.
const MAX_REFERENCE: usize = 250;

/// Code that is never right here, written without white space.
const BANNED: [&str; 8] = [
    "#[allow(",
    "#![allow(",
    ",allow(",
    "#[ignore",
    "should_panic",
    "todo!(",
    "unimplemented!(",
    "dbg!(",
];

/// Folders that are one machine's own affair; in two parts, so that this file holds none.
const MACHINES: [(&str, &str); 4] = [
    ("/wo", "rk/"),
    ("/ho", "me/"),
    ("/ro", "ot/"),
    ("/Us", "ers/"),
];

/// Banned code in `file`.
pub(crate) fn banned(file: &File) -> Vec<String> {
    let code: String = code_of(&file.text).split_whitespace().collect();
    BANNED
        .iter()
        .filter(|banned| code.contains(**banned))
        .map(|banned| format!("{}: `{banned}` is banned", file.path))
        .collect()
}

/// Whether `file` holds more code than one idea needs.
pub(crate) fn too_long(file: &File) -> Vec<String> {
    let lines = lines_of_code(&file.text);
    if lines > MAX_LINES {
        vec![format!(
            "{}: {lines} lines of code, expected at most {MAX_LINES}",
            file.path
        )]
    } else {
        Vec::new()
    }
}

/// Whether `file`, which is right as far as its reader sees it, is longer than a few pages, comments
/// included.
pub(crate) fn too_long_to_compare(file: &File) -> Vec<String> {
    let lines = file.text.lines().count();
    if lines > MAX_REFERENCE {
        vec![format!(
            "{}: {lines} lines, expected at most {MAX_REFERENCE}",
            file.path
        )]
    } else {
        Vec::new()
    }
}

/// Lines that are neither blank nor comment, without the tests at the end.
fn lines_of_code(source: &str) -> usize {
    let code = code_of(source);
    let body = code.split("\n#[cfg(test)]\nmod ").next().unwrap_or(&code);
    body.lines().filter(|line| !line.trim().is_empty()).count()
}

/// Paths of a particular machine in `file`.
pub(crate) fn machine_paths(file: &File) -> Vec<String> {
    let mut faults = Vec::new();
    // The inputs of tests hold whatever a model may write.
    if file.path.contains("/intents/cases/") {
        return faults;
    }
    for (number, line) in (1_usize..).zip(file.text.lines()) {
        for (one, other) in MACHINES {
            let folder = format!("{one}{other}");
            if line.contains(&folder) {
                faults.push(format!(
                    "{}:{number}: `{folder}` is a path of a machine",
                    file.path
                ));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rule: fn(&File) -> Vec<String>, text: &str, expected: &[&str]) {
        assert_eq!(rule(&File::sample("a.rs", text)), expected);
    }

    #[test]
    fn banned_code() {
        check(
            banned,
            "#[allow(dead_code)]\nfn a() {}",
            &["a.rs: `#[allow(` is banned"],
        );
        check(
            banned,
            "# ! [ allow (dead_code) ]",
            &["a.rs: `#![allow(` is banned"],
        );
        check(
            banned,
            "#[cfg_attr(x, allow(y))]",
            &["a.rs: `,allow(` is banned"],
        );
        check(
            banned,
            "#[ignore = \"slow\"]",
            &["a.rs: `#[ignore` is banned"],
        );
        check(
            banned,
            "#[should_panic]",
            &["a.rs: `should_panic` is banned"],
        );
        check(banned, "fn a() { todo!() }", &["a.rs: `todo!(` is banned"]);
        check(banned, "// #[allow(dead_code)]\nlet a = \"todo!()\";", &[]);
    }

    #[test]
    fn length_without_comments_and_tests() {
        let code = "a();\n// why\n\n".repeat(MAX_LINES);
        let tests = format!("{code}\n#[cfg(test)]\nmod tests {{\n{code}}}\n");
        check(too_long, &tests, &[]);
        check(
            too_long,
            &format!("b();\n{tests}"),
            &["a.rs: 401 lines of code, expected at most 400"],
        );
    }

    #[test]
    fn file_of_many_pages() {
        let text = "// why\n".repeat(MAX_REFERENCE);
        check(too_long_to_compare, &text, &[]);
        check(
            too_long_to_compare,
            &format!("a();\n{text}"),
            &["a.rs: 251 lines, expected at most 250"],
        );
    }

    #[test]
    fn path_of_a_machine() {
        for (one, other) in MACHINES {
            let folder = format!("{one}{other}");
            let expected = format!("a.rs:2: `{folder}` is a path of a machine");
            check(machine_paths, &format!("see\n{folder}alice"), &[&expected]);
        }
        check(machine_paths, "docs/spec and homework/", &[]);
    }
}
