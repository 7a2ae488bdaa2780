//! What the lock files pin.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::File;

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

const RUNTIMES: [&str; 8] = [
    "actix-rt",
    "async-executor",
    "async-global-executor",
    "async-std",
    "futures-executor",
    "glommio",
    "smol",
    "tokio",
];

/// Async runtimes in what `roots` need, also for development and on other platforms.
pub(crate) fn runtimes(lock: &str, roots: &[&str]) -> Vec<String> {
    let edges = edges(lock);
    let mut faults = Vec::new();
    for root in roots {
        if !edges.contains_key(root) {
            faults.push(format!("expected `{root}` in the lock file, found none"));
        }
    }
    let mut seen = BTreeSet::new();
    let mut open = roots.to_vec();
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            open.extend(edges.get(name).into_iter().flatten());
        }
    }
    let found = RUNTIMES.iter().filter(|runtime| seen.contains(**runtime));
    faults.extend(found.map(|runtime| format!("`{runtime}` is among what the libraries need")));
    faults
}

/// Names of packages, each with the names of what it needs; versions of a package are united.
fn edges(lock: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut edges: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut package = "";
    for line in lock.lines() {
        if let Some(name) = line.strip_prefix("name = ") {
            package = name.trim_matches('"');
            edges.entry(package).or_default();
        } else if let Some(needed) = line.strip_prefix(" \"") {
            let name = needed.split(['"', ' ']).next().unwrap_or_default();
            edges.entry(package).or_default().push(name);
        }
    }
    edges
}

/// Packages that come from anywhere but the public registry.
pub(crate) fn sources(lock: &File) -> Vec<String> {
    let sources = lock
        .text
        .lines()
        .filter_map(|line| line.strip_prefix("source = "));
    sources
        .map(|source| source.trim_matches('"'))
        .filter(|source| *source != REGISTRY)
        .map(|source| format!("{}: `{source}` is not the public registry", lock.path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
[[package]]
name = "callgate"
dependencies = [
 "serde",
 "syn 2.0.119",
]

[[package]]
name = "syn"
dependencies = [
 "tokio",
]

[[package]]
name = "tokio"
source = "registry+https://registry.example/index"

[[package]]
name = "callgate-types"
source = "registry+https://github.com/rust-lang/crates.io-index"
"#;

    #[track_caller]
    fn check(root: &str, expected: &[&str]) {
        assert_eq!(runtimes(LOCK, &[root]), expected);
    }

    #[test]
    fn runtime_far_down_the_tree() {
        check("callgate", &["`tokio` is among what the libraries need"]);
        check("callgate-types", &[]);
        check(
            "callgate-risk",
            &["expected `callgate-risk` in the lock file, found none"],
        );
    }

    #[test]
    fn private_registry() {
        assert_eq!(
            sources(&File::sample("Cargo.lock", LOCK)),
            ["Cargo.lock: `registry+https://registry.example/index` is not the public registry"]
        );
    }
}
