//! What loads passes the schema, and what is broken in its shape does not.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use callgate_policy_schema::{PolicySchema, of_text, value_of};

/// The broken policies that the schema takes: their faults lie between two places of the text, in
/// how deep it nests, or in what a name or a pattern means.
const BEYOND_A_SCHEMA: &[&str] = &[
    "arguments_in_when.toml",
    "arguments_of_no_tool.toml",
    "deep_fact.toml",
    "ids_twice.toml",
    "isolation_clash.toml",
    "json_key_twice.json",
    "more_than_a_hundred.toml",
    "nested_conditions.toml",
    "nested_matchers.toml",
    "nested_schemas.toml",
    "no_friction_for_raise.toml",
    "no_friction_for_tool.toml",
    "no_roles_at_all.toml",
    "patterns.toml",
    "principals.toml",
    "schema_circles.toml",
    "schema_patterns.toml",
    "schema_ranges.toml",
    "unicode_columns.toml",
    "unknown_resources.toml",
    "unknown_roles.toml",
    "unknown_tools.toml",
];

/// Those that are no TOML or no JSON.
const NOT_READ: &[&str] = &[
    "json_ends.json",
    "json_surrogate.json",
    "json_syntax.json",
    "json_trailing.json",
    "key_twice.toml",
    "nested_brackets.toml",
    "nested_keys.toml",
    "nested_tables.toml",
    "not_toml.toml",
    "table_twice.toml",
    "unclosed_string.toml",
];

#[test]
fn policies_that_load() {
    let schema = PolicySchema::new();
    let mut seen = 0;
    for folder in [
        "crates/callgate-policy/tests/policies",
        "crates/callgate-policy/tests/intents",
        "crates/callgate-policy/tests/lints",
        "examples/support_desk",
    ] {
        for path in policies(folder) {
            let value = value_of(&path).unwrap();
            if let Some(refusal) = schema.refusal(&value) {
                panic!("{}: {refusal}", path.display());
            }
            seen += 1;
        }
    }
    assert!(seen >= 45, "{seen} policies are too few");
}

#[test]
fn policies_of_the_specification() {
    let schema = PolicySchema::new();
    let text = fs::read_to_string(root().join("docs/spec/policy.md")).unwrap();
    let mut seen = 0;
    for block in text.split("```toml\n").skip(1) {
        let block = block.split("```").next().unwrap();
        // Whole, or a part of a policy, as an included file is. A condition alone is neither.
        if block.starts_with("[rules.when]") {
            continue;
        }
        let text = if block.starts_with("format") {
            block.to_owned()
        } else {
            let head = if block.contains("[rules.") && !block.contains("[[rules]]") {
                "[[rules]]\nid = \"one\"\neffect = \"permit\"\n"
            } else {
                ""
            };
            let access = if block.contains("[tools.send.") && !block.contains("[tools.send]") {
                "[tools.send]\naccess = \"write\"\n"
            } else {
                ""
            };
            format!("format = 1\n{access}{head}{block}")
        };
        let value = of_text(&text, false).unwrap_or_else(|| panic!("no TOML:\n{text}"));
        if let Some(refusal) = schema.refusal(&value) {
            panic!("{refusal} in\n{text}");
        }
        seen += 1;
    }
    assert!(seen >= 10, "{seen} blocks are too few");
}

#[test]
fn broken_policies() {
    let schema = PolicySchema::new();
    let (mut beyond, mut unread) = (BTreeSet::new(), BTreeSet::new());
    let mut refused = 0;
    for path in policies("crates/callgate-policy/tests/diagnostics") {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        match value_of(&path) {
            None => {
                unread.insert(name);
            }
            Some(value) => match schema.refusal(&value) {
                Some(_) => refused += 1,
                None => {
                    beyond.insert(name);
                }
            },
        }
    }
    let listed = |names: &[&str]| -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    };
    assert_eq!(beyond, listed(BEYOND_A_SCHEMA));
    assert_eq!(unread, listed(NOT_READ));
    assert!(refused >= 55, "{refused} refused are too few");
}

/// Each change to a policy that passes is refused.
#[track_caller]
fn check(from: &str, to: &str) {
    let path = root().join("crates/callgate-policy/tests/policies/support-desk.toml");
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    let changed = of_text(&text.replacen(from, to, 1), false).unwrap();
    let schema = PolicySchema::new();
    assert_eq!(schema.refusal(&of_text(&text, false).unwrap()), None);
    assert!(schema.refusal(&changed).is_some(), "{to}");
}

#[test]
fn typos() {
    for (from, to) in [
        ("format ", "formt "),
        ("format = 1", "format = 2"),
        ("[roles]", "[rolse]"),
        ("access ", "acess "),
        ("\"write\"", "\"writes\""),
        ("scopes ", "scope "),
        ("effect ", "efect "),
        ("\"permit\"", "\"allow\""),
        ("decimal = ", "decmal = "),
        ("at_most = ", "atmost = "),
        ("caller/tenant", "caller/tenent"),
        ("resource/tenant", "resurce/tenant"),
        ("gets ", "get "),
        ("call ", "calls "),
    ] {
        check(from, to);
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The policies in a folder, by name.
fn policies(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let ending = path.extension().and_then(|ending| ending.to_str());
            let is_other = path.ends_with("state.json") || path.ends_with("mail_tools.json");
            matches!(ending, Some("toml" | "json")) && !is_other
        })
        .collect();
    paths.sort();
    paths
}
