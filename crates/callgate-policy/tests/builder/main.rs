//! Policies that a program puts together.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a policy that cannot be built fails its test"
)]

mod desk;
mod random;
mod refused;

use callgate_policy::Policy;
use callgate_policy::builder::PolicyBuilder;

/// The same policy three times: as it was built, from its JSON, and from its TOML.
#[track_caller]
fn three_ways(built: &PolicyBuilder) -> [Policy; 3] {
    let toml = built.to_toml().unwrap();
    let read = Policy::parse(&toml, "built.toml");
    let read = read.unwrap_or_else(|found| panic!("{found}\nin\n{toml}"));
    let json = Policy::parse_json(&built.to_json(), "built.json").unwrap();
    [built.build().unwrap(), json, read]
}

/// What a policy says, whatever files and lines it stands on.
fn said(policy: &Policy) -> String {
    let shown = format!("{:#?}", policy.document());
    let is_place = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("line: ") || line.starts_with("file: ")
    };
    let lines = shown.lines().filter(|line| !is_place(line));
    lines.collect::<Vec<_>>().join("\n")
}
