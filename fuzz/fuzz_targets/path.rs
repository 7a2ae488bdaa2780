//! Judging a path never panics, and what is accepted stays inside for a reader that knows nothing
//! but slashes and dots.

#![no_main]

use std::sync::LazyLock;

use callgate_policy::Policy;
use callgate_policy::document::Matcher;
use callgate_policy::document::path::{LinkFact, PathSpec};
use callgate_types::Json;
use libfuzzer_sys::fuzz_target;

const WORKSPACE: &str = include_str!("../../crates/callgate-policy/tests/intents/PATH-WS.toml");
const SECRETS: &str = include_str!("../../crates/callgate-policy/tests/intents/PATH-SECRETS.toml");
const CASES: &str = include_str!("../../crates/callgate-policy/tests/intents/cases/path.jsonl");

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        check(text);
    }
    if let Some(text) = changed(bytes) {
        check(&text);
    }
});

/// Takes the bytes for a change to a known path: which one, from where, how much is replaced, and
/// by what. So even a run that no coverage guides goes deep.
fn changed(bytes: &[u8]) -> Option<String> {
    static PATHS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let cases = CASES.lines();
        let cases = cases.map(|line| serde_json::from_str(line).expect("a case is JSON"));
        let inputs = cases.map(|case: serde_json::Value| case["input"].as_str().map(str::to_owned));
        inputs.flatten().collect()
    });
    let (&[which, from, much], put) = bytes.split_first_chunk()?;
    let known = PATHS.get(usize::from(which) % PATHS.len())?.as_bytes();
    let from = usize::from(from) % (known.len() + 1);
    let behind = (from + usize::from(much % 4)).min(known.len());
    String::from_utf8([&known[..from], put, &known[behind..]].concat()).ok()
}

/// The text is a path, and behind a line feed the target of a link at `/workspace/l`.
fn check(text: &str) {
    static SPECS: LazyLock<[PathSpec; 2]> = LazyLock::new(|| [spec(WORKSPACE), spec(SECRETS)]);
    let [workspace, secrets] = &*SPECS;
    let (path, target) = text.split_once('\n').unwrap_or((text, "src"));
    let as_written = workspace.admits(path, LinkFact::None);
    if as_written == Some(true) {
        assert!(is_inside(path), "{path:?}");
        assert!(
            !path.chars().any(|c| c.is_control() || c == '\\'),
            "{path:?}"
        );
    }
    if secrets.admits(path, LinkFact::None) == Some(true) {
        assert_eq!(as_written, Some(true), "{path:?}");
        assert!(!path.to_lowercase().ends_with("/.git"), "{path:?}");
    }
    assert_eq!(workspace.admits(path, LinkFact::Unknown), None, "{path:?}");
    let links = serde_json::json!({ "/workspace/l": target }).to_string();
    let Ok(links) = Json::parse(links) else {
        return;
    };
    let followed = workspace.admits(path, LinkFact::Given(links.root()));
    // Links can only take away.
    if followed == Some(true) {
        assert_eq!(as_written, Some(true), "{path:?} {target:?}");
        let leads_out = target.starts_with("/etc") && ["l", "/workspace/l"].contains(&path);
        assert!(!leads_out, "{path:?} {target:?}");
    }
}

fn is_inside(path: &str) -> bool {
    let mut at: Vec<&str> = if path.starts_with('/') {
        Vec::new()
    } else {
        vec!["workspace"]
    };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(at.pop()),
            name => at.push(name),
        }
    }
    at.first() == Some(&"workspace")
}

fn spec(policy: &str) -> PathSpec {
    let policy = Policy::parse(policy, "p").expect("a policy of the tests loads");
    let tool = policy.document().tools.values().next();
    let matcher = tool.and_then(|tool| tool.arguments.first());
    match matcher.map(|argument| &argument.matcher) {
        Some(Matcher::Path(spec)) => (**spec).clone(),
        _ => panic!("a policy of the tests has a path"),
    }
}
