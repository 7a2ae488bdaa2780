//! Tools whose definition is pinned, on the command line.

use crate::run::{callgate, folder};

const PINNED: &str = "6b7800a46531ac12804ebbff7a5da7917d5b13952aee9c5086a06e2dd0174221";
const OTHER: &str = "0000000000000000000000000000000000000000000000000000000000000000";

#[track_caller]
fn check(command: &str, definition: &str, expected: &str) {
    let folder = folder();
    let policy = format!(
        "format = 1\nname = \"desk\"\n[tools.look]\naccess = \"read\"\n\
         definition = \"{PINNED}\"\n[[rules]]\nid = \"look\"\neffect = \"permit\"\n"
    );
    std::fs::write(folder.path().join("pinned.toml"), policy).unwrap();
    let line = format!("{{\"tool\":\"look\"{definition}}}");
    let ran = callgate(folder.path(), &[command, "pinned.toml"], line.as_bytes());
    assert_eq!((ran.code, ran.out.trim_end()), (0, expected), "{}", ran.err);
}

#[test]
fn eval() {
    check(
        "eval",
        &format!(",\"definition\":\"{PINNED}\""),
        "allow  permitted          look                  permitted by rule `look`",
    );
    check(
        "eval",
        &format!(",\"definition\":\"{OTHER}\""),
        "deny   tool_changed       -                     \
         the definition of tool `look` is not the one that is pinned",
    );
    check(
        "eval",
        ",\"definition\":\"sha256:00\"",
        "deny   invalid_call       -                     \
         expected `definition` to be 64 lower-case hex digits",
    );
}

#[test]
fn explain() {
    check(
        "explain",
        "",
        "deny   tool_changed       -                     \
         the catalogue pins a definition of tool `look`, and the call names none
  call         ok
  caller       ok
  tool         ok, pinned.toml:3
  definition   not named by the call",
    );
    check(
        "explain",
        &format!(",\"definition\":\"{PINNED}\""),
        "allow  permitted          look                  permitted by rule `look`
  call         ok
  caller       ok
  tool         ok, pinned.toml:3
  definition   ok
  arguments    ok
  resources    none
  scope        none stated
  tier         read-only, of the tool read-only
  rules        1 of 1 about this tool match
    yes      permit  look                  pinned.toml:6  matches
  friction     none
  obligations  none",
    );
}
