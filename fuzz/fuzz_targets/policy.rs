//! Reading a policy, as TOML or as JSON, never panics, and whatever is wrong with it stands somewhere in it.

#![no_main]

use std::sync::LazyLock;

use callgate_policy::{Policy, Position};
use libfuzzer_sys::fuzz_target;

/// Policies that load: one for a desk, one with a shell, and each that the specification shows,
/// with what it needs around it.
static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let desk = include_str!("../../crates/callgate-policy/tests/policies/support-desk.toml");
    let shell = include_str!("../../crates/callgate-policy/tests/intents/SH-GIT.toml");
    let spec = include_str!("../../docs/spec/policy.md");
    let blocks = spec.split("```toml\n").skip(1);
    let blocks = blocks.filter_map(|block| block.split("\n```").next());
    let whole = |block: &str| match block.starts_with("format = 1") {
        true => block.to_owned(),
        false => format!("format = 1\nname = \"p\"\n[tools.pay]\naccess = \"write\"\n{block}"),
    };
    let known = [desk, shell].into_iter().map(str::to_owned);
    known.chain(blocks.map(whole)).collect()
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        check(text);
    }
    if let Some(text) = changed(bytes) {
        check(&text);
    }
});

/// Takes the bytes for a change to a policy: to which, from where, how much is replaced, and by
/// what. So even a run that no coverage guides goes deep.
fn changed(bytes: &[u8]) -> Option<String> {
    let (&[which, high, low, length], piece) = bytes.split_first_chunk()?;
    let known = TEXTS.get(usize::from(which) % TEXTS.len())?;
    let from = usize::from(u16::from_be_bytes([high, low])) % known.len();
    let to = (from + usize::from(length)).min(known.len());
    let piece = str::from_utf8(piece).ok()?;
    Some([known.get(..from)?, piece, known.get(to..)?].concat())
}

fn check(text: &str) {
    for read in [Policy::parse, Policy::parse_json] {
        let Err(found) = read(text, "p") else {
            continue;
        };
        for one in found.iter() {
            assert!(is_inside(text, one.start), "{one}");
            assert!(is_inside(text, one.end), "{one}");
            assert!(one.start <= one.end, "{one}");
        }
    }
}

fn is_inside(text: &str, Position { line, column }: Position) -> bool {
    let line = text.split('\n').nth(line as usize - 1);
    line.is_some_and(|line| (1..=line.chars().count() + 1).contains(&(column as usize)))
}
