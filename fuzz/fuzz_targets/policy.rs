//! Reading a policy, as TOML or as JSON, never panics, and whatever is wrong with it stands somewhere in it.

#![no_main]

use callgate_policy::{Policy, Position};
use libfuzzer_sys::fuzz_target;

const SUPPORT_DESK: &str =
    include_str!("../../crates/callgate-policy/tests/policies/support-desk.toml");

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        check(text);
    }
    if let Some(text) = changed(bytes) {
        check(&text);
    }
});

/// Takes the bytes for a change to a policy that loads: from where, how much is replaced, and by
/// what. So even a run that no coverage guides goes deep.
fn changed(bytes: &[u8]) -> Option<String> {
    let (&[high, low, length], piece) = bytes.split_first_chunk()?;
    let from = usize::from(u16::from_be_bytes([high, low])) % SUPPORT_DESK.len();
    let to = (from + usize::from(length)).min(SUPPORT_DESK.len());
    let piece = str::from_utf8(piece).ok()?;
    Some([SUPPORT_DESK.get(..from)?, piece, SUPPORT_DESK.get(to..)?].concat())
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
