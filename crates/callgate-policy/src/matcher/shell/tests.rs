//! Command lines against small lists of commands.

mod grammar;
mod lines;
mod options;
mod plain;

use super::Shell;
use crate::Policy;
use crate::document::Matcher;

/// Reads the table `shell` of a policy.
#[track_caller]
fn shell(table: &str) -> Shell {
    let head = "format = 1\nname = 'p'\n[[rules]]\nid = 'r'\neffect = 'permit'\n[tools.t]\naccess = 'read'\n";
    let text = format!("{head}[tools.t.arguments.'/v'.shell]\n{table}");
    let policy = match Policy::parse(&text, "p") {
        Ok(policy) => policy,
        Err(found) => panic!("{found}\n{text}"),
    };
    let (_, tool) = policy.document().tools.iter().next().unwrap();
    match &tool.arguments[0].matcher {
        Matcher::Shell(shell) => (**shell).clone(),
        other => panic!("{other:?}"),
    }
}

/// Checks each line against what is written before it: `yes`, `no` or `unknown`.
#[track_caller]
fn check(table: &str, expected: &str, lines: &[&str]) {
    let shell = shell(table);
    for line in lines {
        let found = match shell.test(line) {
            Some(true) => "yes",
            Some(false) => "no",
            None => "unknown",
        };
        assert_eq!(found, expected, "{line:?}");
    }
}
