//! The guide says what happens.

use std::collections::BTreeMap;

use crate::run::{callgate, folder};

const GUIDE: &str = include_str!("../../../../docs/guides/write-a-policy.md");

/// The blocks of the guide: what stands behind the three ticks, and what is inside.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let fences = GUIDE.split("```").skip(1).step_by(2);
    fences
        .map(|block| block.split_once('\n').unwrap())
        .collect()
}

#[test]
fn commands_print_what_it_shows() {
    // The parts of the policy are one file; other files are named.
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    let mut commands = 0;
    let folder = folder();
    for (info, text) in blocks() {
        let (kind, file) = info.split_once(' ').unwrap_or((info, "policy.toml"));
        match kind {
            "toml" | "json" => {
                let content = files.entry(file).or_default();
                content.push_str(text);
                content.push('\n');
                std::fs::write(folder.path().join(file), content.trim_end()).unwrap();
            }
            "console" => {
                let (command, expected) = text.split_once('\n').unwrap();
                let command = command.strip_prefix("$ callgate ").unwrap();
                let arguments: Vec<&str> = command.split(' ').collect();
                let ran = callgate(folder.path(), &arguments, b"");
                assert_eq!((ran.code, &*ran.err), (0, ""), "{command}");
                assert_eq!(ran.out.trim_end(), expected.trim_end(), "{command}");
                commands += 1;
            }
            "text" => {}
            other => assert!(other.starts_with("rust"), "{other}"),
        }
    }
    assert_eq!((files.len(), commands), (3, 3));
}
