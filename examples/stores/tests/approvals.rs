//! The example `approvals`: two terminals, each a process of its own.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails its test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

#[path = "../approvals/main.rs"]
#[expect(dead_code, reason = "what only the program itself needs")]
mod approvals;

/// Says in which terminal the process is, and where.
const TERMINAL: &str = "CALLGATE_EXAMPLE_TERMINAL";

/// Is a terminal, where it was started as one.
#[test]
fn terminal() {
    let Ok(terminal) = std::env::var(TERMINAL) else {
        return;
    };
    let (mode, folder) = terminal.split_once(' ').unwrap();
    let (folder, mut out) = (Path::new(folder), std::io::stdout());
    match mode {
        "agent" => approvals::agent(folder, &mut out).unwrap(),
        _ => approvals::lead(folder, &mut std::io::stdin().lock(), &mut out).unwrap(),
    }
}

fn start(mode: &str, folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "terminal", "--nocapture"])
        .env(TERMINAL, format!("{mode} {}", folder.display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Starts the agent, and reads until it waits.
fn agent(folder: &Path) -> (Child, BufReader<ChildStdout>, String) {
    let mut agent = start("agent", folder);
    let mut out = BufReader::new(agent.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("waiting for approval") {
        assert_ne!(out.read_line(&mut said).unwrap(), 0, "{said}");
    }
    (agent, out, said)
}

fn lead(folder: &Path, word: &str) -> String {
    let mut lead = start("lead", folder);
    writeln!(lead.stdin.take().unwrap(), "{word}").unwrap();
    let output = lead.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

fn rest(mut agent: Child, mut out: BufReader<ChildStdout>) -> String {
    let mut said = String::new();
    out.read_to_string(&mut said).unwrap();
    assert!(agent.wait().unwrap().success());
    said
}

#[test]
fn approved_in_the_other_terminal_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (mut first, _out, said) = agent(folder.path());
    assert!(
        said.contains("agent: a lead agrees to refunds above 50"),
        "{said}"
    );
    first.kill().unwrap();
    first.wait().unwrap();

    let (again, out, said) = agent(folder.path());
    assert!(said.contains("agent: back, and still waiting\n"), "{said}");
    let seen = lead(folder.path(), "yes");
    assert!(
        seen.contains("/amount = 80\n/order = \"ord_7f3a\"\n"),
        "{seen}"
    );
    assert!(seen.contains("is approved\n"), "{seen}");
    let said = rest(again, out);
    assert!(said.contains("agent: \"refunded "), "{said}");
    assert!(!folder.path().join("waiting.json").exists());
    let of_agent = kinds(&folder.path().join("audit"));
    let expected = ["decision", "approval_asked", "approval_consumed", "outcome"];
    for kind in expected {
        assert!(
            of_agent.iter().any(|one| one == kind),
            "{kind}: {of_agent:?}"
        );
    }
    // Whoever takes an answer records it.
    let of_lead = kinds(&folder.path().join("audit-lead"));
    assert_eq!(of_lead, ["policy_loaded", "approval_answered"]);
    assert!(!of_agent.iter().any(|one| one == "approval_answered"));
}

/// The kinds of the records of a log, which is good.
fn kinds(log: &Path) -> Vec<String> {
    let options = callgate_audit::VerifyOptions::new();
    let report = callgate_audit::verify_folder(log, &options).unwrap();
    assert!(report.is_good(), "{report:?}");
    let mut files: Vec<_> = std::fs::read_dir(log)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let text: String = files
        .iter()
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .collect();
    let kind = |line: &str| {
        let record: serde_json::Value = serde_json::from_str(line).ok()?;
        record.get("kind")?.as_str().map(str::to_owned)
    };
    text.lines().filter_map(kind).collect()
}

#[test]
fn refused_in_the_other_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let (agent, out, _) = agent(folder.path());
    let seen = lead(folder.path(), "no");
    assert!(seen.contains("is refused\n"), "{seen}");
    let said = rest(agent, out);
    assert!(said.contains("a person refused this call"), "{said}");
}

/// Of the refunds that follow, three run at once; then it is asked again.
#[test]
fn approved_ahead_in_the_other_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let (first, out, _) = agent(folder.path());
    let seen = lead(folder.path(), "ahead");
    assert!(seen.contains("lead: 3 more until "), "{seen}");
    assert!(rest(first, out).contains("agent: \"refunded "));
    for _ in 0..3 {
        let next = start("agent", folder.path()).wait_with_output().unwrap();
        let said = String::from_utf8(next.stdout).unwrap();
        let expected = "agent: approved ahead by a standing approval\nagent: \"refunded ";
        assert!(said.contains(expected), "{said}");
    }
    let (mut last, _out, _) = agent(folder.path());
    last.kill().unwrap();
    last.wait().unwrap();
}
