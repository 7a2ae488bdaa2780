//! Calling the program.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

pub(crate) const POLICY: &str = r#"
format = 1
name = "desk"

[roles]
support = { scopes = ["write"] }

[tools.look]
access = "read"
scope = "none"

[tools.change]
access = "write"
scope = "write"
obligations = ["mask"]
resources = [{ kind = "account", id = "/account" }]
[tools.change.arguments]
"/account" = { text = { max_chars = 20 }, optional = true }
"/amount" = { decimal = { at_most = "50.00", scale = 2 } }
"/note" = { text = { max_chars = 10 }, optional = true }

[[rules]]
id = "support"
effect = "permit"
roles = ["support"]
reason = "support may change up to 50"

[[rules]]
id = "look"
effect = "permit"
tools = ["look"]

[[rules]]
id = "large"
effect = "ask"
tools = ["change"]
when = { "arguments/amount" = { decimal = { above = "20" } } }
"#;

pub(crate) const ALICE: &str =
    r#""caller":{"subject":{"kind":"user","id":"alice","roles":["support"]},"tenant":"acme"}"#;

/// What a run of the program left.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Standard output, as JSON lines. Nothing else may stand there, and all of it is ASCII.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<Value> {
        let printable = |c: char| matches!(c, ' '..='~' | '\n');
        assert!(self.out.chars().all(printable), "{}", self.out);
        let lines = self.out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// Runs the program in `folder`, which holds `policy.toml`.
pub(crate) fn callgate(folder: &Path, arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_callgate"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // The program may end before it has read everything.
    let writing = std::thread::spawn(move || stdin.write_all(&input).ok());
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder with the policy in it.
pub(crate) fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("policy.toml"), POLICY).unwrap();
    folder
}
