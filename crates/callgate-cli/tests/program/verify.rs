//! `callgate verify`.

use std::fs;
use std::path::Path;

use callgate::audit::{
    CheckpointRecord, Ed25519Signer, GapRecord, Head, Record, SignedNote, Signer, Tree,
};

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

/// A log of three records and a checkpoint, signed with a key of this seed.
fn signed(folder: &Path, seed: u8) {
    let signer = Ed25519Signer::new("example.org/log", [seed; 32]).unwrap();
    let time = "2026-11-20T12:00:00Z".parse().unwrap();
    let (mut head, mut tree, mut lines, mut body) = (Head::EMPTY, Tree::new(), vec![], vec![]);
    for lost in 0..3 {
        Record::Gap(GapRecord::new(time, lost)).encode(0, &mut body);
        head = head.link(&body, &mut lines);
        tree.push(head.digest);
    }
    let note = SignedNote::sign("example.org/log", 3, tree.root(), &[&signer]).unwrap();
    Record::Checkpoint(CheckpointRecord::new(time, &tree, &note)).encode(0, &mut body);
    let _head = head.link(&body, &mut lines);
    fs::create_dir_all(folder.join("log")).unwrap();
    fs::write(segment(folder), lines).unwrap();
}

fn key(seed: u8) -> String {
    let signer = Ed25519Signer::new("example.org/log", [seed; 32]).unwrap();
    signer.key().to_string()
}

#[test]
fn goes_on_from_what_was_verified() {
    let folder = folder();
    signed(folder.path(), 1);
    fs::write(folder.path().join("key"), key(1)).unwrap();
    let text = fs::read_to_string(segment(folder.path())).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let head = |records: usize| {
        let digest = callgate::audit::record_digest(lines[records - 1].as_bytes());
        format!("{records}:{digest}")
    };
    let checkpoint: Value = serde_json::from_str(lines[3]).unwrap();
    fs::write(
        folder.path().join("note"),
        checkpoint["note"].as_str().unwrap(),
    )
    .unwrap();
    fs::write(folder.path().join("start"), format!("{}\n", head(2))).unwrap();
    fs::write(folder.path().join("none"), "no note").unwrap();
    let line = |completeness: &str, from: u64| {
        format!(
            "{{\"records\":4,\"integrity\":\"ok\",\"completeness\":\"{completeness}\",\"authenticity\":\"ok\",\"erasures\":0,\"first_fault\":null,\"verified_from\":{from}}}\n"
        )
    };
    let json = [
        "verify", "log", "--key", "key", "--format", "json", "--from",
    ];
    let run = |start: &str| callgate(folder.path(), &[&json[..], &[start]].concat(), b"");
    for (start, expected) in [
        (&*head(2), line("not_checked", 2)),
        ("start", line("not_checked", 2)),
        ("note", line("ok", 3)),
    ] {
        let ran = run(start);
        assert_eq!((ran.code, ran.out, ran.err), (0, expected, String::new()));
    }
    let told = callgate(folder.path(), &["verify", "log", "--from", "start"], b"").out;
    let from = "  verified from record 2: the records before it were not looked at\n";
    assert!(told.contains(from), "{told}");
    // The records before are not looked at, but the one that is known.
    let changed = text.replacen("\"lost\":0", "\"lost\":9", 1);
    fs::write(segment(folder.path()), changed).unwrap();
    assert_eq!(run(&head(2)).code, 0);
    let other = format!("2:{}", "a".repeat(64));
    assert_eq!(run(&other).code, 1);
    for (start, why) in [
        (
            "2:zz",
            "callgate: 2:zz: expected SIZE:DIGEST, or a file that holds it or a signed note",
        ),
        (
            "none",
            "callgate: none: expected SIZE:DIGEST, or a file that holds it or a signed note",
        ),
        (
            "log",
            "callgate: log: expected SIZE:DIGEST, or a file that holds it or a signed note",
        ),
    ] {
        let ran = run(start);
        assert_eq!((ran.code, &*ran.out), (2, ""));
        assert!(ran.err.starts_with(why), "{}", ran.err);
    }
}

/// A note on which the log has no checkpoint: then nothing is left out.
#[test]
fn note_without_checkpoint() {
    let folder = folder();
    signed(folder.path(), 1);
    let signer = Ed25519Signer::new("example.org/log", [1; 32]).unwrap();
    let text = fs::read_to_string(segment(folder.path())).unwrap();
    let digest = callgate::audit::record_digest(text.lines().next().unwrap().as_bytes());
    let note = SignedNote::sign("example.org/log", 1, digest, &[&signer]).unwrap();
    fs::write(folder.path().join("note"), note.as_str()).unwrap();
    check(folder.path(), &["--from", "note"], 0, "ok", "ok");
    let told = callgate(folder.path(), &["verify", "log", "--from", "note"], b"").out;
    assert!(!told.contains("verified from"), "{told}");
}

#[test]
fn several_heads() {
    let folder = folder();
    log(folder.path());
    let head = |records: usize| {
        let text = fs::read_to_string(segment(folder.path())).unwrap();
        let line = text.lines().nth(records - 1).unwrap();
        let digest = callgate::audit::record_digest(line.as_bytes());
        format!("{records}:{digest}")
    };
    let (two, four) = (head(2), head(4));
    check(
        folder.path(),
        &["--head", &four, "--head", &two],
        0,
        "ok",
        "ok",
    );
    let beyond = format!("9:{}", "a".repeat(64));
    check(
        folder.path(),
        &["--head", &two, "--head", &beyond],
        1,
        "ok",
        "short",
    );
}

#[test]
fn calls_left_open() {
    let folder = folder();
    log(folder.path());
    let told = callgate(folder.path(), &["verify", "log"], b"").out;
    assert!(!told.contains("dangling"), "{told}");
    // The last record but one says that the allowed call was not begun.
    let text = fs::read_to_string(segment(folder.path())).unwrap();
    let place = text
        .lines()
        .position(|line| line.contains("not_begun"))
        .unwrap();
    let kept: String = text.split_inclusive('\n').take(place).collect();
    fs::write(segment(folder.path()), kept).unwrap();
    let told = callgate(folder.path(), &["verify", "log"], b"").out;
    let left = "\n  dangling      1: nothing says what became of these calls\n";
    assert!(told.contains(left), "{told}");
}

#[test]
fn signed_log() {
    let folder = folder();
    signed(folder.path(), 1);
    fs::write(
        folder.path().join("key"),
        format!("# of the log\n\n{}\n", key(1)),
    )
    .unwrap();
    fs::write(folder.path().join("other"), key(2)).unwrap();
    let verify = |further: &[&str]| {
        let arguments = [&["verify", "log", "--format", "json"], further].concat();
        let ran = callgate(folder.path(), &arguments, b"");
        let answer = ran.json().remove(0);
        (ran.code, answer)
    };
    let line = |authenticity: &str, fault: &str| {
        let line = format!(
            "{{\"records\":4,\"integrity\":\"ok\",\"completeness\":\"not_checked\",\"authenticity\":\"{authenticity}\",\"erasures\":0,\"first_fault\":{fault}}}"
        );
        serde_json::from_str::<Value>(&line).unwrap()
    };
    assert_eq!(verify(&["--key", "key"]), (0, line("ok", "null")));
    let named = ["--key", "key", "--origin", "example.org/log"];
    assert_eq!(verify(&named), (0, line("ok", "null")));
    assert_eq!(verify(&[]), (0, line("not_checked", "null")));
    let fault = |message: &str| {
        format!(
            "{{\"record\":3,\"file\":\"log/00000000000000000000.jsonl\",\"offset\":483,\"message\":\"{message}\"}}"
        )
    };
    let expected = line(
        "failed",
        &fault("its note is not signed by the key in force"),
    );
    assert_eq!(verify(&["--key", "other"]), (1, expected));
    let expected = line("failed", &fault("it belongs to a log of another origin"));
    assert_eq!(
        verify(&["--key", "key", "--origin", "other"]),
        (1, expected)
    );

    let text = callgate(folder.path(), &["verify", "log", "--key", "key"], b"").out;
    let expected = "log verified: 4 records
  integrity     ok
  completeness  not_checked
  authenticity  ok: 3 records are signed
  erasures      0
head 4:";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn unsigned_log_with_a_key() {
    let folder = folder();
    log(folder.path());
    fs::write(folder.path().join("key"), key(1)).unwrap();
    let ran = callgate(folder.path(), &["verify", "log", "--key", "key"], b"");
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("authenticity  failed\n"), "{}", ran.out);
    assert!(ran.out.contains("the log ends here without a checkpoint"));
}

#[test]
fn files_without_a_key() {
    let folder = folder();
    log(folder.path());
    let check = |text: &str, expected: &str| {
        fs::write(folder.path().join("key"), text).unwrap();
        let ran = callgate(folder.path(), &["verify", "log", "--key", "key"], b"");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(ran.err.contains(expected), "{}", ran.err);
    };
    check(
        "",
        "key: expected a key in the form NAME+ID+BASE64, found none",
    );
    check(
        "# nothing\n",
        "key: expected a key in the form NAME+ID+BASE64, found none",
    );
    check("\nkey\n", "key, line 2: expected a key: `NAME+ID+BASE64`");
    let unknown = "log+00000000+BgAA";
    check(
        unknown,
        "key, line 1: the algorithm 6 of the key is not known here",
    );
    check(
        &"#".repeat(70_000),
        "key: expected a file of keys of at most 65536 bytes",
    );
}

#[test]
fn chains_of_others_in_the_folder() {
    let folder = folder();
    signed(folder.path(), 1);
    let chain = |name: &str| {
        let to = folder.path().join("log").join(name);
        fs::create_dir(&to).unwrap();
        to.join("00000000000000000000.jsonl")
    };
    let bytes = fs::read(segment(folder.path())).unwrap();
    fs::write(chain("chain-0000000000000002"), &bytes).unwrap();
    fs::write(chain("chain-0000000000000001"), &bytes[..400]).unwrap();
    fs::write(chain("chain-other"), b"not a log").unwrap();
    let ran = callgate(folder.path(), &["verify", "log", "--format", "json"], b"");
    assert_eq!(ran.code, 1);
    let told: Vec<_> = ran
        .json()
        .iter()
        .map(|line| {
            format!(
                "{} {} {}",
                line["chain"], line["integrity"], line["records"]
            )
        })
        .collect();
    let expected = [
        "null \"ok\" 4",
        "\"chain-0000000000000001\" \"torn\" 2",
        "\"chain-0000000000000002\" \"ok\" 4",
    ];
    assert_eq!(told, expected);
    let text = callgate(folder.path(), &["verify", "log"], b"").out;
    assert!(
        text.contains("chain-0000000000000001: log not verified: 2 records\n"),
        "{text}"
    );
}
