//! The rules of this repository that a machine can check.
//!
//! Every rule is a function from what it looks at to a list of faults; next to it stands a test
//! that shows a bad sample being found. What the rules are for is said in `docs/ARCHITECTURE.md`
//! and `CONTRIBUTING.md`.

mod documents;
mod graph;
mod lexer;
mod lock;
mod manifest;
mod purity;
mod signature;
mod source;
mod tree;

use std::error::Error;

use tree::{File, Workspace};

type Outcome = Result<(), Box<dyn Error>>;

/// Applies `rule` to the repository as it lies there.
#[track_caller]
fn check(rule: impl FnOnce(&Workspace) -> Vec<String>) -> Outcome {
    let faults = rule(&Workspace::load()?);
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    Ok(())
}

/// Applies `rule` to every file that `chosen` picks; that it picks none is a fault.
#[track_caller]
fn check_files(chosen: impl Fn(&File) -> bool, rule: impl Fn(&File) -> Vec<String>) -> Outcome {
    check(|workspace| {
        let files: Vec<&File> = workspace.files.iter().filter(|file| chosen(file)).collect();
        if files.is_empty() {
            return vec!["expected files to look at, found none".to_owned()];
        }
        files.into_iter().flat_map(rule).collect()
    })
}

#[test]
fn crate_graph() -> Outcome {
    check(|workspace| graph::faults(&workspace.packages))
}

#[test]
fn third_party_crates_are_decided_upon() -> Outcome {
    check(|workspace| {
        let decision = workspace.text("docs/decisions/0006-third-party-crates.md");
        graph::undecided(&workspace.packages, decision)
    })
}

#[test]
fn no_default_features() -> Outcome {
    check(|workspace| graph::default_features(&workspace.packages))
}

#[test]
fn no_async_runtime() -> Outcome {
    check(|workspace| {
        let roots: Vec<&str> = graph::libraries(&workspace.packages).collect();
        lock::runtimes(workspace.text("Cargo.lock"), &roots)
    })
}

#[test]
fn locked_crates_come_from_the_public_registry() -> Outcome {
    check_files(|file| file.path.ends_with("Cargo.lock"), lock::sources)
}

#[test]
fn unsafe_code_is_forbidden() -> Outcome {
    check(|workspace| {
        let mut faults = manifest::workspace_lints(workspace.text("Cargo.toml"));
        for package in &workspace.packages {
            let text = workspace.text(&package.manifest);
            faults.extend(manifest::member_lints(package, text));
        }
        faults
    })
}

#[test]
fn members_are_commented() -> Outcome {
    check(|workspace| manifest::uncommented_members(workspace.text("Cargo.toml")))
}

#[test]
fn pure_crates_read_nothing_but_their_arguments() -> Outcome {
    check_files(|file| purity::is_pure(&file.path), purity::faults)
}

#[test]
fn principals_are_verified_by_the_identity_crate() -> Outcome {
    check_files(File::is_rust, signature::principal_makers)
}

#[test]
fn public_signatures_name_no_third_party_types() -> Outcome {
    check_files(File::is_library_source, signature::foreign_types)
}

#[test]
fn banned_words() -> Outcome {
    check_files(File::is_rust, source::banned)
}

#[test]
fn files_are_short() -> Outcome {
    check_files(File::is_rust, source::too_long)
}

#[test]
fn reference_evaluator_fits_on_a_few_pages() -> Outcome {
    let is_it = |file: &File| file.path == "crates/callgate-policy/tests/reference/evaluator.rs";
    check_files(is_it, source::too_long_to_compare)
}

#[test]
fn no_paths_of_a_machine() -> Outcome {
    check_files(|_| true, source::machine_paths)
}

#[test]
fn links_resolve() -> Outcome {
    check(documents::broken_links)
}

#[test]
fn controls_are_shown_by_tests() -> Outcome {
    check(|workspace| documents::unshown_controls(workspace.text("docs/controls.md"), workspace))
}

#[test]
fn documents_named_in_sources_exist() -> Outcome {
    check(documents::missing_documents)
}

#[test]
fn commands_of_the_readme_are_run_by_ci() -> Outcome {
    check(|workspace| {
        let readme = workspace.text("README.md");
        documents::unchecked_commands(readme, workspace.text(".ci/run"))
    })
}
