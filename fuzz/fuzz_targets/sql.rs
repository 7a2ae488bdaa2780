//! Judging a statement never panics nor takes long, and what is allowed is one statement for sure.

#![no_main]

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use callgate_policy::Policy;
use callgate_policy::document::Matcher;
use callgate_policy::document::sql::SqlSpec;
use libfuzzer_sys::fuzz_target;

/// Policies of the tests, each with one tool a dialect.
const POLICIES: [&str; 4] = [
    include_str!("../../crates/callgate-policy/tests/intents/SQL-DML.toml"),
    include_str!("../../crates/callgate-policy/tests/intents/SQL-RO.toml"),
    include_str!("../../crates/callgate-policy/tests/intents/SQL-TABLES.toml"),
    include_str!("../../crates/callgate-policy/tests/intents/SQL-TENANT.toml"),
];

const CASES: &str = include_str!("../../crates/callgate-policy/tests/intents/cases/sql.jsonl");

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        check(text);
    }
    if let Some(text) = changed(bytes) {
        check(&text);
    }
});

/// Takes the bytes for a change to a known statement: which one, from where, how much is replaced,
/// and by what, which may be a part of another one. So even a run that no coverage guides goes
/// deep.
fn changed(bytes: &[u8]) -> Option<String> {
    static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let cases = CASES
            .lines()
            .map(|line| serde_json::from_str(line).expect("a case is JSON"));
        let inputs = cases.map(|case: serde_json::Value| case["input"].as_str().map(str::to_owned));
        inputs.flatten().collect()
    });
    let (&[which, from, much, other, at, length], put) = bytes.split_first_chunk()?;
    let text = |which: u8| {
        TEXTS
            .get(usize::from(which) % TEXTS.len())
            .map(String::as_bytes)
    };
    let known = text(which)?;
    let from = usize::from(from) % (known.len() + 1);
    let behind = (from + usize::from(much % 16)).min(known.len());
    let other = text(other)?;
    let at = usize::from(at) % (other.len() + 1);
    let end = (at + usize::from(length % 32)).min(other.len());
    String::from_utf8([&known[..from], &other[at..end], put, &known[behind..]].concat()).ok()
}

fn check(text: &str) {
    static SPECS: LazyLock<Vec<SqlSpec>> =
        LazyLock::new(|| POLICIES.into_iter().flat_map(specs).collect());
    for spec in SPECS.iter() {
        let began = Instant::now();
        let answer = spec.test(text, &[]);
        assert!(began.elapsed() < Duration::from_secs(2), "{text}");
        if answer == Some(true) {
            assert!(!text.contains('\0'), "{text}");
            // A second statement behind it is never read as a part of it.
            for more in ["; DROP TABLE t", "\n; DELETE FROM t"] {
                let two = format!("{text}{more}");
                assert_ne!(
                    spec.test(&two, &[]).filter(|_| !in_comment(text)),
                    Some(true),
                    "{two}"
                );
            }
        }
    }
}

/// Whether what is put behind `text` may belong to a comment at its end.
fn in_comment(text: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or_default();
    last.contains("--") || last.contains('#')
}

fn specs(policy: &str) -> Vec<SqlSpec> {
    let policy = Policy::parse(policy, "p").expect("a policy of the tests loads");
    let tools = policy.document().tools.values();
    let arguments = tools.filter_map(|tool| tool.arguments.first());
    let matchers = arguments.map(|argument| match &argument.matcher {
        Matcher::Sql(spec) => (**spec).clone(),
        _ => panic!("a policy of the tests has a statement"),
    });
    matchers.collect()
}
