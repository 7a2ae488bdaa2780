//! The specification and the code say the same: what `docs/spec/policy.md` shows can be read, and
//! every code is listed there.

#![expect(
    clippy::unwrap_used,
    reason = "a specification that cannot be read fails the test"
)]

use callgate_policy::{DiagnosticCode, IncludeError, Included, Policy, Sources};

const SPEC: &str = include_str!("../../../docs/spec/policy.md");

/// A policy around the parts that the specification shows one by one.
const AROUND: &str = r#"
format = 1
name = "around"

[roles]
lead = {}
support = {}

[tools.adjust_billing]
access = "write"
resources = [{ kind = "account", id = "/account" }]
[tools.adjust_billing.arguments]
"/account" = { text = {} }
"/currency" = { text = {} }
"/amount" = { decimal = {} }

[tools.send]
access = "write"

[[rules]]
id = "first"
effect = "permit"
"#;

#[test]
fn examples_load() {
    let blocks = blocks();
    assert!(blocks.len() >= 8, "{} blocks", blocks.len());
    for block in blocks {
        if block.contains(".url]") && !cfg!(feature = "url")
            || block.contains(".sql]") && !cfg!(feature = "sql")
            || block.contains(".schema]") && !cfg!(feature = "schema")
            || block.contains("zone =") && !cfg!(feature = "zones")
        {
            continue;
        }
        let text = if block.starts_with("format = 1") {
            block.to_owned()
        } else if block.starts_with("[rules.when]") {
            // The condition of the last rule.
            format!("{AROUND}{block}\n[friction.privileged]\n")
        } else {
            // The tool that has arguments in the block has them there alone.
            let around = AROUND.replace("[[rules]]\nid", "FIRST");
            let (tools, first) = around.split_once("FIRST").unwrap();
            let friction = if block.contains("[friction.privileged]") {
                ""
            } else {
                "[friction.privileged]\n"
            };
            format!("{tools}\n{block}\n{friction}[[rules]]\nid{first}")
        };
        // What the root lacks stands in the files that it includes.
        let mut parts = [
            AROUND.replace("name = \"around\"\n", ""),
            "format = 1\n".into(),
        ]
        .into_iter();
        let read = Policy::load(&Sources::of(&*text, "policy.md"), &mut |name| {
            let part = parts.next().ok_or(IncludeError::NoFiles)?;
            Ok(Included::new(part, name.to_owned()))
        });
        if let Err(found) = read {
            panic!("{found}\nin\n{text}");
        }
    }
}

#[test]
fn whole_example_is_that_of_the_tests() {
    let example = blocks().into_iter().next().unwrap();
    let policy = Policy::parse(example, "policy.md").unwrap();
    assert_eq!(policy.document().examples.len(), 1);
}

#[test]
fn every_code_is_listed() {
    let words = |codes: &[DiagnosticCode]| -> Vec<&str> {
        codes.iter().map(|code| code.as_str()).collect()
    };
    assert_eq!(listed("## Diagnostics"), words(DiagnosticCode::ALL));
    assert_eq!(listed("## Lints"), words(DiagnosticCode::LINTS));
}

/// The codes in the table of a section.
fn listed(section: &str) -> Vec<&'static str> {
    let section = SPEC.split_once(section).unwrap().1;
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines();
    rows.filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect()
}

fn blocks() -> Vec<&'static str> {
    let blocks = SPEC.split("```toml\n").skip(1);
    blocks
        .map(|rest| rest.split_once("```").unwrap().0)
        .collect()
}
