//! The vectors of signed logs, and the second verifier on the same logs and on damaged ones.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use callgate_audit::{Report, SignedNote, VerifyOptions, verify_folder};
use serde::{Deserialize, Serialize};

const VECTORS: &str = include_str!("../../../../docs/spec/vectors/audit-log-signed.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    #[serde(rename = "about")]
    _about: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(rename = "why")]
    _why: String,
    files: Vec<LogFile>,
    head: Option<String>,
    keys: Vec<String>,
    origin: Option<String>,
    anchored: Vec<String>,
    report: Answer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogFile {
    name: String,
    text: String,
}

/// What any verifier says.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    records: u64,
    integrity: String,
    completeness: String,
    authenticity: String,
    erasures: u64,
    dangling: u64,
    first_fault: Option<Place>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Place {
    record: u64,
    segment: Option<String>,
    offset: u64,
}

impl Answer {
    pub(crate) fn of(report: &Report) -> Self {
        let name =
            |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        Self {
            records: report.records,
            integrity: report.integrity.as_str().to_owned(),
            completeness: report.completeness.as_str().to_owned(),
            authenticity: report.authenticity.as_str().to_owned(),
            erasures: report.erasures,
            dangling: report.dangling,
            first_fault: report.first_fault.as_ref().map(|fault| Place {
                record: fault.record,
                segment: fault.segment.as_ref().map(name),
                offset: fault.offset,
            }),
        }
    }
}

#[test]
fn signed_logs() {
    let vectors: Vectors = serde_json::from_str(VECTORS).unwrap();
    assert!(vectors.cases.len() > 60);
    for case in vectors.cases {
        let folder = tempfile::tempdir().unwrap();
        for file in &case.files {
            fs::write(folder.path().join(&file.name), &file.text).unwrap();
        }
        let mut options = VerifyOptions::new();
        options.heads = case.head.iter().map(|head| head.parse().unwrap()).collect();
        options.keys = case.keys.iter().map(|key| key.parse().unwrap()).collect();
        options.origin.clone_from(&case.origin);
        let notes = case.anchored.iter().map(|note| note.parse().unwrap());
        options.anchored = notes.collect();
        let report = verify_folder(folder.path(), &options).unwrap();
        assert_eq!(Answer::of(&report), case.report, "{}", case.name);
    }
}

/// Another program that verifies, made from the specification.
pub(crate) struct Second {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

#[derive(Serialize)]
struct Request<'a> {
    log: &'a Path,
    head: Option<String>,
    keys: Vec<String>,
    anchored: Vec<&'a str>,
}

impl Second {
    /// Runs it by the Python that `CALLGATE_SECOND_VERIFIER` names; without that, there is none.
    pub(crate) fn start() -> Option<Self> {
        let python = env::var_os("CALLGATE_SECOND_VERIFIER")?;
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/second-verifier/verify.py"
        );
        let mut child = Command::new(python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Some(Self {
            asks: child.stdin.take().unwrap(),
            answers: BufReader::new(child.stdout.take().unwrap()),
            child,
        })
    }

    pub(crate) fn ask(&mut self, log: &Path, options: &VerifyOptions) -> Answer {
        let request = Request {
            log,
            head: options.heads.first().map(ToString::to_string),
            keys: options.keys.iter().map(ToString::to_string).collect(),
            anchored: options.anchored.iter().map(SignedNote::as_str).collect(),
        };
        let request = serde_json::to_string(&request).unwrap();
        writeln!(self.asks, "{request}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        // It waits for a request that does not come.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}
