//! Nobody reads what the program writes: `callgate log | head`.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::run::{callgate, folder};

/// Closes standard output, after a line or at once, while the program writes more than a pipe holds.
#[track_caller]
fn check(folder: &Path, arguments: &[&str], input: &[u8], code: i32) {
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
    let writing = std::thread::spawn(move || stdin.write_all(&input).ok());
    let mut out = child.stdout.take().unwrap();
    let mut some = [0; 10];
    out.read_exact(&mut some).unwrap();
    drop(out);
    let ran = child.wait_with_output().unwrap();
    writing.join().unwrap();
    let err = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(
        (ran.status.code(), &*err),
        (Some(code), ""),
        "{arguments:?}"
    );
}

#[test]
fn pipe_that_is_closed() {
    let folder = folder();
    let calls = b"{\"tool\":\"look\",\"call\":\"c\"}\n".repeat(3_000);
    let arguments = ["eval", "policy.toml", "-", "--audit", "log"];
    assert_eq!(callgate(folder.path(), &arguments, &calls).code, 0);
    for format in ["text", "json"] {
        check(folder.path(), &["log", "log", "--format", format], b"", 0);
        check(
            folder.path(),
            &["eval", "policy.toml", "-", "--format", format],
            &calls,
            0,
        );
        check(
            folder.path(),
            &["explain", "policy.toml", "-", "--format", format],
            &calls,
            0,
        );
        check(folder.path(), &["schema", "--format", format], b"", 0);
    }
    check(folder.path(), &["log", "log", "--follow"], b"", 0);
    // The log says what was decided until then, and all of it is there.
    let audited = ["eval", "policy.toml", "-", "--audit", "other"];
    check(folder.path(), &audited, &calls, 0);
    assert_eq!(callgate(folder.path(), &["verify", "other"], b"").code, 0);
}

/// What is amiss is told by the exit code, whoever reads.
#[test]
fn findings_nobody_reads() {
    let folder = folder();
    let rule = |number| format!("[[rules]]\nid = \"r{number}\"\neffect = \"nothing\"\n");
    let rules: Vec<_> = (0..3_000).map(rule).collect();
    let policy = format!("format = 1\nname = \"x\"\n{}", rules.concat());
    std::fs::write(folder.path().join("bad.toml"), policy).unwrap();
    for format in ["text", "json"] {
        check(
            folder.path(),
            &["check", "bad.toml", "--format", format],
            b"",
            1,
        );
    }
}
