//! What must not compile: a way past the gate.
//!
//! The documentation of `Permit` and `Authorized` holds the same cases as examples that must not
//! compile, for every compiler. Here the reason is pinned too, in the words of one compiler.

use std::process::Command;

/// The release whose messages the expected ones are.
const PINNED: &str = "rustc 1.95.";

#[test]
fn ways_past_the_gate() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    if !version
        .as_deref()
        .is_ok_and(|version| version.starts_with(PINNED))
    {
        println!("skipped: the messages are those of {PINNED}x, this is {version:?}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
