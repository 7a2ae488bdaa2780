//! Judging a URL never panics, and what is accepted names its host for a reader that knows nothing
//! but slashes.

#![no_main]

use std::sync::LazyLock;

use callgate_policy::Policy;
use callgate_policy::document::Matcher;
use callgate_policy::document::url::UrlSpec;
use libfuzzer_sys::fuzz_target;

const POLICIES: [&str; 3] = [
    include_str!("../../crates/callgate-policy/tests/intents/URL-ALLOW.toml"),
    include_str!("../../crates/callgate-policy/tests/intents/URL-PATH.toml"),
    include_str!("../../crates/callgate-policy/tests/intents/URL-SSRF.toml"),
];
const CASES: &str = include_str!("../../crates/callgate-policy/tests/intents/cases/url.jsonl");

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        check(text);
    }
    if let Some(text) = changed(bytes) {
        check(&text);
    }
});

/// Takes the bytes for a change to a known URL: which one, from where, how much is replaced, and
/// by what. So even a run that no coverage guides goes deep.
fn changed(bytes: &[u8]) -> Option<String> {
    static URLS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let cases = CASES.lines();
        let cases = cases.map(|line| serde_json::from_str(line).expect("a case is JSON"));
        let inputs = cases.map(|case: serde_json::Value| case["input"].as_str().map(str::to_owned));
        inputs.flatten().collect()
    });
    let (&[which, from, much], put) = bytes.split_first_chunk()?;
    let known = URLS.get(usize::from(which) % URLS.len())?.as_bytes();
    let from = usize::from(from) % (known.len() + 1);
    let behind = (from + usize::from(much % 4)).min(known.len());
    String::from_utf8([&known[..from], put, &known[behind..]].concat()).ok()
}

fn check(text: &str) {
    static SPECS: LazyLock<[UrlSpec; 3]> = LazyLock::new(|| POLICIES.map(spec));
    let [allow, path, public] = &*SPECS;
    let authority = text.split_once("://").map_or("", |(_, rest)| {
        rest.split(['/', '?', '#']).next().unwrap_or_default()
    });
    let host = authority.strip_suffix(":443").unwrap_or(authority);
    if allow.admits(text) == Some(true) {
        let host = host.to_ascii_lowercase();
        assert!(text.starts_with("https://"), "{text:?}");
        assert!(
            host == "example.com" || host.ends_with(".example.com"),
            "{text:?}"
        );
    }
    if path.admits(text) == Some(true) {
        assert!(host.eq_ignore_ascii_case("api.example.com"), "{text:?}");
        assert!(
            !text.starts_with("https://api.example.com/v1/admin/"),
            "{text:?}"
        );
    }
    if public.admits(text) == Some(true) {
        assert!(!authority.contains(['@', '\\', '%', ' ']), "{text:?}");
        let private = [
            "10.",
            "127.",
            "169.254.",
            "192.168.",
            "localhost",
            "[::",
            "[f",
            "0",
        ];
        let is_address =
            !host.contains(|c: char| c.is_ascii_alphabetic() && !host.starts_with('['));
        let is_private = private.iter().any(|start| host.starts_with(start));
        assert!(!(is_address && is_private), "{text:?}");
    }
}

fn spec(policy: &str) -> UrlSpec {
    let policy = Policy::parse(policy, "p").expect("a policy of the tests loads");
    let tool = policy.document().tools.values().next();
    let matcher = tool.and_then(|tool| tool.arguments.first());
    match matcher.map(|argument| &argument.matcher) {
        Some(Matcher::Url(spec)) => (**spec).clone(),
        _ => panic!("a policy of the tests has a URL"),
    }
}
