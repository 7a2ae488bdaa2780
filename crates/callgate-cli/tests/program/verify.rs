//! `callgate verify`.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::run::{callgate, folder};

fn log(folder: &Path) {
    let call = b"{\"tool\":\"look\"}\n{\"tool\":\"nope\"}\n";
    let arguments = ["eval", "policy.toml", "-", "--audit", "log"];
    assert_eq!(callgate(folder, &arguments, call).code, 0);
}

fn segment(folder: &Path) -> std::path::PathBuf {
    folder.join("log/00000000000000000000.jsonl")
}

#[track_caller]
fn check(folder: &Path, further: &[&str], code: i32, integrity: &str, completeness: &str) -> Value {
    let arguments = [&["verify", "log", "--format", "json"], further].concat();
    let ran = callgate(folder, &arguments, b"");
    assert_eq!(ran.code, code, "{} {}", ran.out, ran.err);
    let answer = ran.json().remove(0);
    assert_eq!(answer["integrity"], integrity);
    assert_eq!(answer["completeness"], completeness);
    assert_eq!(answer["authenticity"], "not_checked");
    let faultless = code == 0 || integrity == "empty";
    assert_eq!(answer["first_fault"].is_null(), faultless, "{answer}");
    answer
}

#[test]
fn whole_log() {
    let folder = folder();
    log(folder.path());
    let answer = check(folder.path(), &[], 0, "ok", "not_checked");
    assert_eq!(answer["records"], 4);
    let text = callgate(folder.path(), &["verify", "log"], b"").out;
    assert!(text.starts_with("log verified: 4 records\n"), "{text}");
    let head = text.split("head ").nth(1).unwrap().lines().next().unwrap();
    check(folder.path(), &["--head", head], 0, "ok", "ok");
    log(folder.path());
    check(folder.path(), &["--head", head], 0, "ok", "ok");

    let bytes = fs::read(segment(folder.path())).unwrap();
    let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    fs::write(segment(folder.path()), &bytes[..second]).unwrap();
    check(folder.path(), &[], 0, "ok", "not_checked");
    check(folder.path(), &["--head", head], 1, "ok", "short");
}

#[test]
fn damaged_logs() {
    let folder = folder();
    log(folder.path());
    let whole = fs::read(segment(folder.path())).unwrap();
    let damage = |bytes: &[u8], integrity| {
        fs::write(segment(folder.path()), bytes).unwrap();
        check(folder.path(), &[], 1, integrity, "not_checked")
    };
    let mut changed = whole.clone();
    let place = whole.windows(4).position(|word| word == b"look").unwrap();
    changed[place] = b'L';
    assert_eq!(damage(&changed, "broken")["first_fault"]["record"], 1);
    damage(&[whole.as_slice(), b"\xff\xfe not json"].concat(), "torn");
    damage(&[b"\xff\n", whole.as_slice()].concat(), "broken");
    damage(b"", "empty");
}

#[test]
fn nothing_to_verify() {
    let folder = folder();
    fs::create_dir(folder.path().join("log")).unwrap();
    check(folder.path(), &[], 1, "empty", "not_checked");
    let ran = callgate(folder.path(), &["verify", "nope"], b"");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let ran = callgate(folder.path(), &["verify", "log", "--head", "3"], b"");
    assert_eq!(ran.code, 2);
    let ran = callgate(folder.path(), &["verify", "log", "--key", "key.pub"], b"");
    assert_eq!(ran.code, 2, "what cannot be checked is not passed over");
}
