//! What the documents point at.

use std::collections::BTreeSet;

use crate::tree::{File, Workspace, has_extension};

/// Relative links in Markdown that lead nowhere, heading included.
pub(crate) fn broken_links(workspace: &Workspace) -> Vec<String> {
    let documents = || workspace.files.iter().filter(|file| file.is_markdown());
    let mut faults: Vec<String> = documents()
        .flat_map(|document| links(&document.text).map(move |link| (document, link)))
        .filter(|(document, link)| !resolves(&workspace.files, document, link))
        .map(|(document, link)| format!("{}: link `{link}` leads nowhere", document.path))
        .collect();
    if documents().next().is_none() {
        faults.push("expected documents, found none".to_owned());
    }
    faults
}

/// The relative links of a document, code blocks left out.
fn links(text: &str) -> impl Iterator<Item = &str> {
    prose(text)
        .flat_map(|line| line.split("](").skip(1))
        .filter_map(|rest| rest.split(')').next())
        .filter(|link| !link.contains("://") && !link.starts_with("mailto:"))
}

/// The lines of a document outside its code blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

fn resolves(files: &[File], from: &File, link: &str) -> bool {
    let (path, heading) = link
        .split_once('#')
        .map_or((link, None), |(path, at)| (path, Some(at)));
    let path = absolute(&from.path, path);
    let target = files.iter().find(|file| file.path == path);
    match (target, heading) {
        (Some(target), Some(heading)) => headings(&target.text).any(|known| known == heading),
        (Some(_), None) => true,
        (None, heading) => {
            let folder = format!("{}/", path.trim_end_matches('/'));
            heading.is_none() && files.iter().any(|file| file.path.starts_with(&folder))
        }
    }
}

/// `link`, as it stands in the file `from`, as a path from the root.
fn absolute(from: &str, link: &str) -> String {
    if link.is_empty() {
        return from.to_owned();
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The names under which the headings of a document can be linked to.
fn headings(text: &str) -> impl Iterator<Item = String> {
    prose(text)
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
}

/// Documents that a source speaks of and that do not exist.
pub(crate) fn missing_documents(workspace: &Workspace) -> Vec<String> {
    let known: BTreeSet<&str> = workspace
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    let sources = workspace.files.iter().filter(|file| file.is_rust());
    sources
        .flat_map(|file| named_documents(&file.text).map(move |name| (file, name)))
        .filter(|(_, name)| !known.contains(name))
        .map(|(file, name)| format!("{}: there is no `{name}`", file.path))
        .collect()
}

/// What stands in backticks and looks like the path of a document.
fn named_documents(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| line.trim_start().starts_with("//"))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|name| name.starts_with("docs/") && has_extension(name, "md"))
}

/// Commands that the readme tells and the script does not run.
pub(crate) fn unchecked_commands(readme: &str, script: &str) -> Vec<String> {
    let commands: Vec<&str> = readme
        .lines()
        .filter(|line| line.starts_with("cargo "))
        .collect();
    if commands.is_empty() {
        return vec!["README.md: expected commands, found none".to_owned()];
    }
    let unchecked = commands.iter().filter(|command| {
        let mut lines = script.lines().map(str::trim);
        !lines.any(|line| line == **command)
    });
    unchecked
        .map(|command| format!("README.md: `{command}` is not run by .ci/run"))
        .collect()
}

/// Tests that `page` names as `path::name` and that are not there, and rows of its tables that name
/// neither a test nor rows of the specification.
pub(crate) fn unshown_controls(page: &str, workspace: &Workspace) -> Vec<String> {
    let mut faults = Vec::new();
    let mut named = 0_u32;
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let spans = row.split('`').skip(1).step_by(2);
        let tests: Vec<(&str, &str)> = spans.filter_map(|span| span.split_once("::")).collect();
        let is_head = row == "| mechanism | shown by |";
        if tests.is_empty() && !is_head && !row.contains("| row") {
            faults.push(format!("nothing shows `{row}`"));
        }
        for (path, name) in tests {
            named = named.saturating_add(1);
            let file = workspace.files.iter().find(|file| file.path == path);
            let test = format!("#[test]\nfn {name}(");
            let is_there = file.is_some_and(|file| {
                let lines = file.text.lines().map(str::trim).collect::<Vec<_>>();
                lines.join("\n").contains(&test)
            });
            if !is_there {
                faults.push(format!("there is no test `{path}::{name}`"));
            }
        }
    }
    if named == 0 {
        faults.push("expected tests, found none".to_owned());
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(link: &str) -> Workspace {
        let files = vec![
            File::sample("README.md", "# Callgate\n"),
            File::sample(
                "docs/a.md",
                &format!("# A\n[x](http://b.c) [y]({link})\n```\n[z](q)\n```\n"),
            ),
            File::sample("docs/spec/b.md", "# B\n## One call's way, in short\n"),
            File::sample("src/lib.rs", "//! See `docs/a.md` and `docs/none.md`.\n"),
        ];
        Workspace {
            files,
            packages: Vec::new(),
        }
    }

    #[track_caller]
    fn check(link: &str, good: bool) {
        let faults = broken_links(&workspace(link));
        let expected = [format!("docs/a.md: link `{link}` leads nowhere")];
        assert_eq!(faults, if good { &[][..] } else { &expected });
    }

    #[test]
    fn links_of_documents() {
        check("../README.md", true);
        check("./spec/b.md", true);
        check("spec/", true);
        check("#a", true);
        check("spec/b.md#one-calls-way-in-short", true);
        check("spec/c.md", false);
        check("../docs/spec/b.md#c", false);
        check("#b", false);
        check("b.md", false);
    }

    #[test]
    fn document_that_is_not_there() {
        assert_eq!(
            missing_documents(&workspace("#a")),
            ["src/lib.rs: there is no `docs/none.md`"]
        );
    }

    #[test]
    fn command_that_nobody_runs() {
        let readme = "```sh\ncargo test\ncargo run\n```\n";
        let script = "step_test() {\n  cargo test\n}\n# cargo run\n";
        assert_eq!(
            unchecked_commands(readme, script),
            ["README.md: `cargo run` is not run by .ci/run"]
        );
        assert_eq!(unchecked_commands("", script).len(), 1);
    }

    #[test]
    fn control_that_nothing_shows() {
        let mut workspace = workspace("");
        workspace.files.push(File {
            path: "tests/x.rs".to_owned(),
            text: "    #[test]\n    fn there() {}\n    fn helper() {}".to_owned(),
        });
        let check = |row: &str, expected: &[&str]| {
            let page =
                format!("| mechanism | shown by |\n|---|---|\n| it | `tests/x.rs::there` |\n{row}");
            assert_eq!(unshown_controls(&page, &workspace), expected);
        };
        check("| it | row D01 |", &[]);
        check("| it | trust us |", &["nothing shows `| it | trust us |`"]);
        check(
            "| it | `tests/x.rs::gone` |",
            &["there is no test `tests/x.rs::gone`"],
        );
        check(
            "| it | `tests/x.rs::helper` |",
            &["there is no test `tests/x.rs::helper`"],
        );
        check(
            "| it | `tests/y.rs::there` |",
            &["there is no test `tests/y.rs::there`"],
        );
    }
}
