//! The vectors of `docs/spec/audit-log.md`.

use std::fs;

use callgate_audit::{Report, VerifyOptions, verify_folder, verify_reader};
use serde::Deserialize;

const VECTORS: &str = include_str!("../../../../docs/spec/vectors/audit-log.json");

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
    report: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogFile {
    name: String,
    text: String,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Expected {
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

fn found(report: &Report) -> Expected {
    let name = |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    Expected {
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

#[test]
fn vectors() {
    let vectors: Vectors = serde_json::from_str(VECTORS).unwrap();
    assert!(vectors.cases.len() > 40);
    for case in vectors.cases {
        let folder = tempfile::tempdir().unwrap();
        for file in &case.files {
            fs::write(folder.path().join(&file.name), &file.text).unwrap();
        }
        let mut options = VerifyOptions::new();
        options.heads = case.head.iter().map(|head| head.parse().unwrap()).collect();
        let report = verify_folder(folder.path(), &options).unwrap();
        assert_eq!(found(&report), case.report, "{}", case.name);

        // The same as one stream, where there is one file.
        let [file] = &*case.files else { continue };
        let report = verify_reader(file.text.as_bytes(), &options).unwrap();
        let mut found = found(&report);
        if let Some(place) = &mut found.first_fault {
            place.segment = Some(file.name.clone());
        }
        assert_eq!(found, case.report, "{} as a stream", case.name);
    }
}
