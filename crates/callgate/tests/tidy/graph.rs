//! Which crate may know which.

use crate::tree::Package;

/// The libraries, each with all that it knows of this workspace. Siblings never see each other.
const LIBRARIES: [(&str, &[&str]); 7] = [
    ("callgate-types", &[]),
    ("callgate-identity", &["callgate-types"]),
    ("callgate-policy", &["callgate-types"]),
    ("callgate-risk", &["callgate-types"]),
    ("callgate-audit", &["callgate-types"]),
    ("callgate-approval", &["callgate-types"]),
    (
        "callgate",
        &[
            "callgate-approval",
            "callgate-audit",
            "callgate-identity",
            "callgate-policy",
            "callgate-risk",
            "callgate-types",
        ],
    ),
];

/// Adapters to databases: they implement the traits of siblings, and no library knows them. A client
/// may bring a runtime of its own, which nobody who does not ask for it compiles.
const STORES: [(&str, &[&str]); 2] = [
    (
        "callgate-store-postgres",
        &[
            "callgate-approval",
            "callgate-audit",
            "callgate-identity",
            "callgate-types",
        ],
    ),
    (
        "callgate-store-sqlite",
        &[
            "callgate-approval",
            "callgate-audit",
            "callgate-identity",
            "callgate-types",
        ],
    ),
];

/// Programs go through the facade; these they may name beside it, for what it hands out.
const PROGRAMS: [(&str, &[&str]); 1] = [(
    "callgate-cli",
    &[
        "callgate",
        "callgate-audit",
        "callgate-policy",
        "callgate-store-sqlite",
        "callgate-types",
    ],
)];

/// Names of the library crates among `packages`, without the stores.
pub(crate) fn libraries(packages: &[Package]) -> impl Iterator<Item = &str> {
    let is_store = |package: &Package| STORES.iter().any(|(store, _)| *store == package.name);
    let libraries = packages
        .iter()
        .filter(move |package| package.published && package.library && !is_store(package));
    libraries.map(|package| package.name.as_str())
}

/// Edges that should not be there, and crates of which nothing is said.
pub(crate) fn faults(packages: &[Package]) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, _) in LIBRARIES.iter().chain(&STORES).chain(&PROGRAMS) {
        if !packages.iter().any(|package| package.name == *name) {
            faults.push(format!("expected a crate `{name}`, found none"));
        }
    }
    for package in packages {
        let name = &package.name;
        let known = edges(package, packages);
        let unpublished =
            |edge: &&&str| !packages.iter().any(|to| to.name == **edge && to.published);
        for edge in known.iter().filter(unpublished) {
            faults.push(format!(
                "`{name}` depends on `{edge}`, which is not published"
            ));
        }
        let mut exact = LIBRARIES.iter().chain(&STORES);
        if let Some((_, expected)) = exact.find(|(library, _)| library == name) {
            if known != *expected {
                faults.push(format!("`{name}` knows {known:?}, expected {expected:?}"));
            }
        } else if let Some((_, allowed)) = PROGRAMS.iter().find(|(program, _)| program == name) {
            for edge in known.iter().filter(|edge| !allowed.contains(edge)) {
                faults.push(format!(
                    "`{name}` depends on `{edge}`: go through the facade"
                ));
            }
        } else if package.published {
            faults.push(format!("`{name}` has no place in the crate graph yet"));
        }
    }
    faults
}

/// What `package` knows of the workspace, for development or not, each once and in order.
fn edges<'a>(package: &'a Package, packages: &[Package]) -> Vec<&'a str> {
    let names = package.dependencies.iter().map(|(name, _)| name.as_str());
    let mut known: Vec<&str> = names
        .filter(|name| packages.iter().any(|other| other.name == *name))
        .collect();
    known.sort_unstable();
    known.dedup();
    known
}

/// Third-party crates that a published crate needs and `decision` does not name.
pub(crate) fn undecided(packages: &[Package], decision: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for package in packages.iter().filter(|package| package.published) {
        for (needed, _) in package
            .dependencies
            .iter()
            .filter(|(_, development)| !development)
        {
            let ours = packages.iter().any(|other| other.name == *needed);
            if !ours && !decision.contains(&format!("`{needed}`")) {
                let name = &package.name;
                faults.push(format!(
                    "`{name}` needs `{needed}`, which no decision names"
                ));
            }
        }
    }
    faults
}

/// Libraries that switch something on by default.
pub(crate) fn default_features(packages: &[Package]) -> Vec<String> {
    let switched_on = packages
        .iter()
        .filter(|package| package.library && !package.default_features.is_empty());
    switched_on
        .map(|package| format!("`{}` has default features", package.name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The graph as it should be.
    fn good() -> Vec<Package> {
        LIBRARIES
            .iter()
            .chain(&STORES)
            .chain(&PROGRAMS)
            .map(|(name, edges)| Package {
                name: (*name).to_owned(),
                published: true,
                library: *name != "callgate-cli",
                dependencies: edges
                    .iter()
                    .map(|edge| ((*edge).to_owned(), false))
                    .collect(),
                ..Package::default()
            })
            .collect()
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Vec<Package>), expected: &[&str]) {
        let mut packages = good();
        change(&mut packages);
        assert_eq!(faults(&packages), expected);
    }

    fn add(packages: &mut [Package], from: &str, to: &str, development: bool) {
        let package = packages
            .iter_mut()
            .find(|package| package.name == from)
            .unwrap();
        package.dependencies.push((to.to_owned(), development));
    }

    #[test]
    fn as_it_should_be() {
        check(|_| (), &[]);
    }

    #[test]
    fn sibling_edge() {
        let fault = r#"`callgate-risk` knows ["callgate-policy", "callgate-types"], expected ["callgate-types"]"#;
        check(
            |it| add(it, "callgate-risk", "callgate-policy", false),
            &[fault],
        );
        check(
            |it| add(it, "callgate-risk", "callgate-policy", true),
            &[fault],
        );
    }

    #[test]
    fn missing_edge() {
        check(
            |it| it[1].dependencies.clear(),
            &[r#"`callgate-identity` knows [], expected ["callgate-types"]"#],
        );
    }

    #[test]
    fn store_below_a_library() {
        let fault = r#"`callgate-audit` knows ["callgate-store-sqlite", "callgate-types"], expected ["callgate-types"]"#;
        check(
            |it| add(it, "callgate-audit", "callgate-store-sqlite", true),
            &[fault],
        );
        assert!(libraries(&good()).all(|name| !name.contains("store")));
    }

    #[test]
    fn program_past_the_facade() {
        check(
            |it| add(it, "callgate-cli", "callgate-risk", false),
            &["`callgate-cli` depends on `callgate-risk`: go through the facade"],
        );
    }

    #[test]
    fn missing_and_unplaced_crates() {
        check(
            |it| it[4].name = "callgate-log".to_owned(),
            &[
                "expected a crate `callgate-audit`, found none",
                "`callgate-log` has no place in the crate graph yet",
                r#"`callgate` knows ["callgate-approval", "callgate-identity", "callgate-policy", "callgate-risk", "callgate-types"], expected ["callgate-approval", "callgate-audit", "callgate-identity", "callgate-policy", "callgate-risk", "callgate-types"]"#,
                r#"`callgate-store-postgres` knows ["callgate-approval", "callgate-identity", "callgate-types"], expected ["callgate-approval", "callgate-audit", "callgate-identity", "callgate-types"]"#,
                r#"`callgate-store-sqlite` knows ["callgate-approval", "callgate-identity", "callgate-types"], expected ["callgate-approval", "callgate-audit", "callgate-identity", "callgate-types"]"#,
            ],
        );
    }

    #[test]
    fn crate_that_nobody_decided_upon() {
        let mut packages = good();
        add(&mut packages, "callgate-risk", "left-pad", false);
        add(&mut packages, "callgate-risk", "right-pad", true);
        assert_eq!(
            undecided(&packages, "- `regex`"),
            ["`callgate-risk` needs `left-pad`, which no decision names"]
        );
        assert!(undecided(&packages, "- `left-pad`: why").is_empty());
    }

    #[test]
    fn feature_on_by_default() {
        let mut packages = good();
        assert!(default_features(&packages).is_empty());
        packages[0].default_features.push("std".to_owned());
        assert_eq!(
            default_features(&packages),
            ["`callgate-types` has default features"]
        );
        assert!(libraries(&packages).all(|name| name != "callgate-cli"));
    }
}
