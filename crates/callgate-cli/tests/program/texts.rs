//! Clear texts beside a log: `eval --texts`, `log --texts`, `verify --texts`.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use callgate::Principal;
use callgate::audit::read::LogReader;
use callgate::audit::texts::{Erasure, ErasureScope, FileTexts, TextStore as _, erase};
use callgate::audit::{FileSink, Journal};
use chrono::Utc;
use serde_json::{Value, json};

use crate::run::{ALICE, callgate, folder};

const FILE: &str = "texts/00000000000000000000.texts";

fn log(folder: &Path) {
    let call = format!(
        r#"{{{ALICE},"tool":"change","arguments":{{"amount":20,"note":"call\u202eback"}}}}"#
    );
    let arguments = [
        "eval",
        "policy.toml",
        "-",
        "--audit",
        "log",
        "--texts",
        "texts",
    ];
    let ran = callgate(folder, &arguments, call.as_bytes());
    assert_eq!((ran.code, &*ran.err), (0, ""));
}

#[track_caller]
fn check(folder: &Path, code: i32, expected: &Value) {
    let arguments = ["verify", "log", "--texts", "texts", "--format", "json"];
    let ran = callgate(folder, &arguments, b"");
    assert_eq!(ran.code, code, "{} {}", ran.out, ran.err);
    let mut answer = ran.json().remove(0);
    let texts = answer["texts"].as_object_mut().unwrap();
    let fault = texts.remove("first_fault").unwrap();
    assert_eq!(fault.is_null(), code == 0, "{fault}");
    assert_eq!(answer["texts"], *expected);
}

fn counts(present: u64, erased: u64, missing: u64, mismatching: u64, not_erased: u64) -> Value {
    json!({
        "present": present, "erased": erased, "missing": missing,
        "mismatching": mismatching, "not_erased": not_erased, "unnamed": 0,
    })
}

#[test]
fn shown_and_checked() {
    let folder = folder();
    let folder = folder.path();
    log(folder);
    let told =
        |arguments: &[&str]| callgate(folder, &[&["log", "log"], arguments].concat(), b"").out;
    let apart = told(&[]);
    assert!(apart.contains("change (kept apart: "), "{apart}");
    assert!(!apart.contains("back"), "{apart}");
    let clear = told(&["--texts", "texts"]);
    let arguments = r#"change {"amount":20,"note":"call\u202eback"}"#;
    assert!(clear.contains(arguments), "{clear}");
    check(folder, 0, &counts(1, 0, 0, 0, 0));

    // Somebody changes the text.
    let whole = fs::read_to_string(folder.join(FILE)).unwrap();
    fs::write(folder.join(FILE), whole.replace("back", "bacK")).unwrap();
    check(folder, 1, &counts(0, 0, 0, 1, 0));
    let other = told(&["--texts", "texts"]);
    assert!(other.contains("but the store has another text"), "{other}");
    // Somebody deletes it.
    fs::write(folder.join(FILE), "").unwrap();
    check(folder, 1, &counts(0, 0, 1, 0, 0));
    let gone = told(&["--texts", "texts"]);
    assert!(gone.contains("and no more in the store"), "{gone}");

    // It is erased as it should be; then somebody brings it back.
    fs::write(folder.join(FILE), &whole).unwrap();
    let journal = Journal::open(Arc::new(FileSink::open(folder.join("log")).unwrap())).unwrap();
    let store = FileTexts::open(folder.join("texts")).unwrap();
    let officer = Principal::asserted("user:officer".parse().unwrap());
    let erasure = Erasure::new(ErasureScope::Subject("user:alice"), &officer);
    let mut reader = LogReader::folder(folder.join("log"));
    let soon = Duration::from_secs(5);
    let erased = erase(
        &journal,
        &store,
        &mut reader,
        &erasure.reason("she asked"),
        Utc::now(),
        soon,
    );
    assert_eq!(erased.unwrap().texts, 1);
    assert_eq!(store.list(None, 9).unwrap(), []);
    drop((journal, store));
    check(folder, 0, &counts(0, 1, 0, 0, 0));
    let text = callgate(folder, &["verify", "log", "--texts", "texts"], b"").out;
    assert!(text.starts_with("log verified: 4 records\n"), "{text}");
    assert!(
        text.contains("\n  erasures      1\n  texts         0 present, 1 erased\n"),
        "{text}"
    );
    let told = told(&["--texts", "texts"]);
    assert!(
        told.contains("erased    1 text of user:alice, by user:officer: she asked"),
        "{told}"
    );
    fs::write(folder.join(FILE), &whole).unwrap();
    check(folder, 1, &counts(0, 0, 0, 0, 1));
    let text = callgate(folder, &["verify", "log", "--texts", "texts"], b"").out;
    assert!(text.starts_with("log not verified: 4 records\n"), "{text}");
    let fault = "first text at fault: record 1, `arguments`: the store has the text, though a record says that it was erased";
    assert!(text.contains(fault), "{text}");
}

#[test]
fn no_such_folder() {
    let folder = folder();
    log(folder.path());
    for command in ["log", "verify"] {
        let ran = callgate(folder.path(), &[command, "log", "--texts", "nope"], b"");
        assert_eq!((ran.code, &*ran.out), (2, ""), "{command}");
    }
}
