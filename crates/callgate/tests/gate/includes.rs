//! Policies in several files on disk.

use std::fs;
use std::path::Path;

use callgate::Decision;

use crate::support::{Faulty, POLICY, alice, allowed, context, gate, look};

const RULE: &str = "[[rules]]\nid = \"look\"\neffect = \"permit\"\ntools = [\"look\"]\n";

/// The policy of the other tests, but for its head, as a file that is included.
fn part() -> String {
    POLICY.replace("name = \"desk\"\n", "")
}

fn root(include: &str) -> String {
    format!("format = 1\nname = \"desk\"\ninclude = [{include}]\n")
}

/// Writes files into a folder; folders before what is in them.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Loading the root in `folder` fails so; `DIR/` stands for the folder.
#[track_caller]
fn check(folder: &Path, expected: &str) {
    let error = callgate::load_policy(folder.join("policy.toml")).unwrap_err();
    let shown = format!("{}/", folder.display());
    let error = error.to_string().replace(&shown, "DIR/");
    // The system has words of its own behind this.
    let error = error.split(" (os error").next().unwrap();
    assert_eq!(error, expected);
}

#[test]
fn files_are_found_from_the_including_file() {
    let folder = folder(&[
        ("policy.toml", root("\"tools/desk.toml\"").as_bytes()),
        (
            "tools/desk.toml",
            format!("include = [\"more/rules.json\"]\n{}", part()).as_bytes(),
        ),
        (
            "tools/more/rules.json",
            br#"{"format": 1, "rules": [{"id": "look", "effect": "permit", "tools": ["look"]}]}"#,
        ),
    ]);
    let path = folder.path().join("policy.toml");
    let snapshot = callgate::load_policy(&path).unwrap();
    let document = snapshot.policy().document();
    let file = |id: &str| {
        let rule = document.rules.iter().find(|rule| &*rule.id == id).unwrap();
        Path::new(&*rule.file).to_owned()
    };
    assert_eq!(file("look"), folder.path().join("tools/more/rules.json"));
    assert_eq!(file("support"), folder.path().join("tools/desk.toml"));

    let before = snapshot.digest();
    fs::write(
        folder.path().join("tools/desk.toml"),
        format!("include = [\"more/rules.json\"]\n{}# changed\n", part()),
    )
    .unwrap();
    assert_ne!(callgate::load_policy(path).unwrap().digest(), before);
}

#[test]
fn files_that_cannot_be_included() {
    let all = root("\"roles.toml\", \"bytes.toml\", \"folder.toml\"");
    let folder = folder(&[
        ("policy.toml", all.as_bytes()),
        ("bytes.toml", b"format = 1 # \xff"),
        ("folder.toml/x", b""),
    ]);
    check(
        folder.path(),
        "DIR/policy.toml:3:12: cannot include `roles.toml`: it cannot be read: No such file or directory",
    );
    fs::write(folder.path().join("roles.toml"), "format = 1\n").unwrap();
    check(
        folder.path(),
        "DIR/policy.toml:3:26: cannot include `bytes.toml`: it is not UTF-8\n\
         DIR/policy.toml:3:40: cannot include `folder.toml`: it is no regular file",
    );
    fs::write(folder.path().join("policy.toml"), root("\"large.toml\"")).unwrap();
    let large = fs::File::create(folder.path().join("large.toml")).unwrap();
    large.set_len(1 << 30).unwrap();
    check(
        folder.path(),
        "DIR/large.toml:1:1: the text has 8388609 bytes, at most 8388608 are allowed",
    );
}

#[cfg(unix)]
#[test]
fn links_that_stay_and_links_that_leave() {
    use std::os::unix::fs::symlink;

    let elsewhere = folder(&[("part.toml", part().as_bytes())]);
    let folder = folder(&[
        ("policy.toml", root("\"part.toml\"").as_bytes()),
        ("data/part.toml", part().as_bytes()),
    ]);
    let link = folder.path().join("part.toml");
    symlink("data/part.toml", &link).unwrap();
    assert!(callgate::load_policy(folder.path().join("policy.toml")).is_ok());

    fs::remove_file(&link).unwrap();
    symlink(elsewhere.path().join("part.toml"), &link).unwrap();
    let expected = "DIR/policy.toml:3:12: cannot include `part.toml`: a link leads out of the \
                    folder of the policy";
    check(folder.path(), expected);

    fs::remove_file(&link).unwrap();
    symlink(elsewhere.path(), folder.path().join("away")).unwrap();
    fs::write(
        folder.path().join("policy.toml"),
        root("\"away/part.toml\""),
    )
    .unwrap();
    check(folder.path(), &expected.replace("`part", "`away/part"));

    // A circle of links ends as one of files would.
    symlink(".", folder.path().join("here")).unwrap();
    let circle = root("\"here/policy.toml\"").replace("name = \"desk\"\n", "");
    fs::write(folder.path().join("policy.toml"), circle).unwrap();
    let error = callgate::load_policy(folder.path().join("policy.toml")).unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("files include one another more than 16 deep"),
        "{error}"
    );
}

#[test]
fn examples_of_every_file_are_checked() {
    let example = "\n[[examples]]\ncall = { tool = \"look\" }\ngets = \"ask\"\n";
    let folder = folder(&[
        (
            "policy.toml",
            format!("{}{RULE}", root("\"part.toml\"")).as_bytes(),
        ),
        ("part.toml", format!("{}{example}", part()).as_bytes()),
    ]);
    let line = part().lines().count() + 2;
    check(
        folder.path(),
        &format!(
            "DIR/part.toml:{line}:1: example gets `deny` with code `missing_scope`, \
             expected `ask`: the unknown caller lacks scope `read`"
        ),
    );
}

#[test]
fn reload_that_fails_keeps_the_policy_before() {
    let folder = folder(&[
        ("policy.toml", root("\"part.toml\"").as_bytes()),
        ("part.toml", part().as_bytes()),
    ]);
    let path = folder.path().join("policy.toml");
    let sink = Faulty::new();
    let gate = gate(&sink);
    gate.set_policy(callgate::load_policy(&path).unwrap())
        .unwrap();
    drop(allowed(gate.authorize(&alice(), look(), &context())));

    // One part now forbids everything, and another is broken: nothing of it takes effect.
    let forbid = "[[rules]]\nid = \"stop\"\neffect = \"forbid\"\n";
    fs::write(&path, format!("{}{forbid}", root("\"part.toml\""))).unwrap();
    fs::write(folder.path().join("part.toml"), "format = 1\n[tools").unwrap();
    let reload = || callgate::load_policy(&path).map(|policy| gate.set_policy(policy));
    assert!(reload().is_err());
    drop(allowed(gate.authorize(&alice(), look(), &context())));

    fs::write(folder.path().join("part.toml"), part()).unwrap();
    reload().unwrap().unwrap();
    let Decision::Deny(denial) = gate.authorize(&alice(), look(), &context()) else {
        panic!("the new policy is not in force");
    };
    assert_eq!(denial.code().as_str(), "forbidden");
}

#[test]
fn text_alone_includes_nothing() {
    let text = format!("{}{RULE}", root("\"part.toml\""));
    let error = callgate::parse_policy(&text, "desk.toml").unwrap_err();
    assert_eq!(
        error.to_string(),
        "desk.toml:3:12: cannot include `part.toml`: a policy that is given as text alone includes \
         nothing"
    );
}
