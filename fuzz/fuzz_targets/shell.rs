//! Judging a command line never panics, and what is permitted stays so for the same words.

#![no_main]

use std::sync::LazyLock;

use callgate_policy::Policy;
use callgate_policy::document::Matcher;
use callgate_policy::document::shell::Shell;
use callgate_policy::document::shell::deny::Deny;
use libfuzzer_sys::fuzz_target;

/// Policies of the tests, which use every kind of list.
const POLICIES: [&str; 5] = [
    include_str!("../../crates/callgate-policy/tests/intents/K8S-NS.toml"),
    include_str!("../../crates/callgate-policy/tests/intents/K8S-RO.toml"),
    include_str!("../../crates/callgate-policy/tests/intents/SH-BUILD.toml"),
    include_str!("../../crates/callgate-policy/tests/intents/SH-GIT.toml"),
    include_str!("../../crates/callgate-policy/tests/intents/SH-RO.toml"),
];

const DENY: &str = include_str!("../../crates/callgate-policy/tests/intents/SH-DENY.toml");

const CASES: [&str; 3] = [
    include_str!("../../crates/callgate-policy/tests/intents/cases/shell.jsonl"),
    include_str!("../../crates/callgate-policy/tests/intents/cases/shell-more.jsonl"),
    include_str!("../../crates/callgate-policy/tests/intents/cases/shell-deny.jsonl"),
];

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        check(text);
    }
    if let Some(text) = changed(bytes) {
        check(&text);
    }
});

/// Takes the bytes for a change to a known line: which one, from where, how much is replaced, and
/// by what. So even a run that no coverage guides goes deep.
fn changed(bytes: &[u8]) -> Option<String> {
    static LINES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let lines = CASES.iter().flat_map(|cases| cases.lines());
        let cases = lines.map(|line| serde_json::from_str(line).expect("a case is JSON"));
        let inputs = cases.map(|case: serde_json::Value| case["input"].as_str().map(str::to_owned));
        inputs.flatten().collect()
    });
    let (&[high, low, from, much], put) = bytes.split_first_chunk()?;
    let which = usize::from(u16::from_be_bytes([high, low])) % LINES.len();
    let known = LINES.get(which)?.as_bytes();
    let from = usize::from(from) % (known.len() + 1);
    let behind = (from + usize::from(much % 4)).min(known.len());
    String::from_utf8([&known[..from], put, &known[behind..]].concat()).ok()
}

fn check(text: &str) {
    static SHELLS: LazyLock<Vec<Shell>> = LazyLock::new(|| POLICIES.map(shell).into());
    let mut understood = Vec::new();
    for shell in SHELLS.iter() {
        let answer = shell.test(text);
        understood.push(answer.is_some());
        if answer == Some(true) && text.len() < 60_000 {
            // Neither blanks around a line nor a comment behind it are part of a command.
            assert_eq!(
                shell.test(&format!(" \n{text}\n# comment")),
                answer,
                "{text}"
            );
            assert!(
                text.chars().all(|c| !c.is_control() || "\t\n".contains(c)),
                "{text}"
            );
        }
    }
    // Whether a line is understood does not depend on what is listed.
    assert!(understood.windows(2).all(|two| two[0] == two[1]), "{text}");
    check_denied(text);
}

/// What comes before or behind a line makes a listed command no less seen.
fn check_denied(text: &str) {
    static LIST: LazyLock<Deny> = LazyLock::new(|| match matcher(DENY) {
        Matcher::ShellDeny(deny) => *deny,
        _ => panic!("a policy of the tests has a list"),
    });
    if text.len() < 60_000 {
        // Two ends of a line, for a backslash takes one away. What is appended may end a
        // here-document.
        let behind = LIST.test(&format!("{text}\n\nrm x"));
        assert!(text.contains("<<") || behind != Some(true), "{text}");
        assert_ne!(LIST.test(&format!("rm x;{text}")), Some(true), "{text}");
        let behind = LIST.test(&format!("ls\n{text}"));
        // Alone, what begins so is an option of bash.
        let stands_alone = text.starts_with(['-', '+']) || holds_no_command(text);
        assert!(stands_alone || LIST.test(text) == behind, "{text}");
    }
}

/// Whether there are but blanks and comments: alone that is no line to run.
fn holds_no_command(text: &str) -> bool {
    text.lines().all(|line| {
        let line = line.trim_start_matches([' ', '\t', '\\']);
        line.is_empty() || line.starts_with('#')
    })
}

fn shell(policy: &str) -> Shell {
    match matcher(policy) {
        Matcher::Shell(shell) => *shell,
        _ => panic!("a policy of the tests has a shell"),
    }
}

fn matcher(policy: &str) -> Matcher {
    let policy = Policy::parse(policy, "p").expect("a policy of the tests loads");
    let tool = policy.document().tools.values().next();
    let matcher = tool.and_then(|tool| tool.arguments.first());
    matcher
        .expect("a tool of the tests has an argument")
        .matcher
        .clone()
}
