//! Plain lines, which are split without the lexer: the answer is the same.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::super::judge::Line;
use super::super::plain::{self, Read};
use crate::Policy;
use crate::document::Matcher;
use crate::document::shell::Shell;

/// Policies that use every kind of list.
static SHELLS: LazyLock<Vec<Shell>> = LazyLock::new(|| {
    let policies = [
        include_str!("../../../../tests/intents/K8S-NS.toml"),
        include_str!("../../../../tests/intents/K8S-RO.toml"),
        include_str!("../../../../tests/intents/SH-BUILD.toml"),
        include_str!("../../../../tests/intents/SH-GIT.toml"),
        include_str!("../../../../tests/intents/SH-RO.toml"),
    ];
    let shells = policies.map(|text| {
        let policy = Policy::parse(text, "p").unwrap();
        let tool = policy.document().tools.values().next().unwrap();
        match &tool.arguments[0].matcher {
            Matcher::Shell(shell) => (**shell).clone(),
            other => panic!("{other:?}"),
        }
    });
    shells.into()
});

/// Words that the policies know, and what stands around words.
const PLAIN: &[&str] = &[
    " ",
    " ",
    " ",
    "\t",
    "  ",
    "a",
    "ls",
    "cat",
    "git",
    "/bin/git",
    "status",
    "log",
    "--output",
    "--out",
    "-p",
    "--",
    "-",
    "kubectl",
    "get",
    "pods",
    "secrets",
    "pod/a",
    "Secret",
    "-n",
    "staging",
    "-nstaging",
    "-n=staging",
    "--namespace=staging",
    "-o",
    "-ojson",
    "rollout",
    "scale",
    "--replicas=2",
    "cargo",
    "test",
    "+nightly",
    "npm",
    "run",
    "lint",
    "pytest",
    "-k",
    "@a",
    "../a",
    "a::b",
    "sed",
    "1,2p",
    "sort",
    "uniq",
    "-c",
    "-f2",
    "cd",
    "b",
    "find",
    "-delete",
    "12345678",
    "%",
    ":",
    "=",
    "x=1",
    ",",
    ".",
    "/",
    "!",
    "if",
    "time",
    "}",
    "^",
    "]",
];

/// What the lexer reads in a way of its own, and separators.
const TRICKY: &[&str] = &[
    "|",
    "||",
    "&&",
    "&",
    ";",
    ";;",
    "\n",
    " | ",
    " && ",
    "; ",
    "|&",
    "'",
    "\"",
    "\\",
    "\\\n",
    "''",
    "\"a b\"",
    "'-n'",
    "$",
    "$'a'",
    "$x",
    "`",
    "~",
    "#",
    " # c",
    "*",
    "?",
    "[",
    "{",
    "{a,b}",
    "<",
    ">",
    ">/dev/null",
    "2>&1",
    " </dev/null",
    "&>",
    "(",
    ")",
    "\r",
    "\u{7f}",
    "\0",
    "é",
    "\u{200b}",
    "\u{a0}",
];

#[track_caller]
fn check(text: &str) {
    for shell in &*SHELLS {
        assert_eq!(shell.test(text), shell.test_any(text, false), "{text:?}");
    }
}

/// Checks whether the line is split without the lexer.
#[track_caller]
fn check_plain(text: &str, expected: bool) {
    let mut line = Line::new(&SHELLS[0]);
    assert_eq!(
        matches!(plain::read(text, &mut line), Read::Whole(_)),
        expected,
        "{text:?}"
    );
    check(text);
}

#[test]
fn what_is_plain() {
    for text in [
        "",
        " \t",
        "ls",
        " ls -la /tmp ",
        "git log|cat",
        "a && b ; c || d\ne",
        "|",
        "a @b %c d=e f:g h,i +j ^k l]",
    ] {
        check_plain(text, true);
    }
    for text in [
        "a 'b'", "a \\b", "a $b", "a # b", "a#b", "a *", "a é", "a & b", "a ;; b", "a |& b",
        "a;\n", "a > b", "a \r", "a \u{7f}", "a {b}", "a ~",
    ] {
        check_plain(text, false);
    }
}

#[test]
fn ends_of_chunks() {
    for length in 55..75 {
        for line in ["ls ", "ls|cat ", "git log "] {
            let long = format!("{line}{}", "a".repeat(length));
            check_plain(&long, true);
            check_plain(&format!("{long} b"), true);
            check_plain(&format!("{long}| cat"), true);
            check_plain(&format!("{long} 'b'"), false);
            check_plain(&format!("{line}{}cat", " ".repeat(length)), true);
        }
    }
}

#[test]
fn longest_line() {
    let longest = "a ".repeat(32_768);
    check_plain(&longest, true);
    assert_eq!(SHELLS[4].test(&format!("ls {longest}")), None);
    assert_eq!(
        SHELLS[4].test(&format!("ls {}", longest.get(3..).unwrap())),
        Some(true)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn agrees_on_plain_lines(pieces in prop::collection::vec(prop::sample::select(PLAIN), 0..40)) {
        check(&pieces.concat());
    }

    #[test]
    fn agrees_on_tricky_lines(
        pieces in prop::collection::vec(
            prop_oneof![
                6 => prop::sample::select(PLAIN),
                1 => prop::sample::select(TRICKY),
            ],
            0..30,
        ),
    ) {
        check(&pieces.concat());
    }
}
