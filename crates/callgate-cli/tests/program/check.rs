//! `callgate check`.

use crate::run::{POLICY, callgate, folder};

#[track_caller]
fn check(policy: &str, code: i32, expected: &str) {
    let folder = folder();
    std::fs::write(folder.path().join("policy.toml"), policy).unwrap();
    let ran = callgate(folder.path(), &["check", "policy.toml"], b"");
    assert_eq!(
        (ran.code, ran.out.trim_end()),
        (code, expected),
        "{}",
        ran.err
    );
}

#[test]
fn text() {
    check(
        POLICY,
        0,
        "policy.toml: ok: policy `desk` with 2 tools, 3 rules, 0 examples",
    );
    let typo = POLICY.replace("effect = \"ask\"", "effect = \"aks\"");
    let folder = folder();
    std::fs::write(folder.path().join("policy.toml"), typo).unwrap();
    let ran = callgate(folder.path(), &["check", "policy.toml"], b"");
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.out,
        "error[unknown_word]: expected `permit`, `ask` or `forbid`, found `aks`
  --> policy.toml:35:10
   |
35 | effect = \"aks\"
   |          ^^^^^
   |
   = help: did you mean `ask`?

"
    );
}

#[test]
fn lints() {
    let policy = POLICY.replace("tools = [\"look\"]", "tools = [\"*\"]");
    check(
        &policy,
        1,
        "warning[wide_name]: `*` in `tools` of a permit is every tool, later ones too
  --> policy.toml:31:1
   |
31 | tools = [\"*\"]
   | ^^^^^
   |
   = help: name those that are meant",
    );
    let folder = folder();
    let arguments = ["check", "-", "--format", "json"];
    let ran = callgate(folder.path(), &arguments, policy.as_bytes());
    assert_eq!(ran.code, 1);
    let [finding] = &ran.json()[..] else {
        panic!("expected one finding, got {}", ran.out);
    };
    assert_eq!(finding["code"], "wide_name");
    assert_eq!(finding["severity"], "warning");
    assert_eq!(finding["start"]["line"], 31);
    assert_eq!(finding["end"]["column"], 6);
}

#[test]
fn failed_example() {
    let example = "\n[[examples]]\ncall = { tool = \"look\" }\ngets = \"deny\"\n";
    check(
        &format!("{POLICY}{example}"),
        1,
        "error[example_failed]: example gets `allow` with code `permitted` by rule `look`, \
         expected `deny`: permitted by rule `look`
  --> policy.toml:39:1
   |
39 | [[examples]]
   | ^",
    );
}

#[test]
fn json_from_standard_input() {
    let folder = folder();
    let example = "\n[[examples]]\ncall = { tool = \"look\", arguments = {} }\ngets = \"deny\"\n";
    let policy = format!("{POLICY}{example}");
    let run = |policy: &str| {
        let arguments = ["check", "-", "--format", "json"];
        callgate(folder.path(), &arguments, policy.as_bytes())
    };
    let ran = run(&policy);
    assert_eq!(ran.code, 1);
    let [finding] = &ran.json()[..] else {
        panic!("expected one finding, got {}", ran.out);
    };
    let line = POLICY.lines().count() + 2;
    assert_eq!(finding["code"], "example_failed");
    assert_eq!(finding["severity"], "error");
    assert_eq!(finding["file"], "-");
    assert_eq!(finding["start"]["line"], line);
    let keys: Vec<&String> = finding.as_object().unwrap().keys().collect();
    let expected = [
        "code", "end", "file", "help", "message", "severity", "start",
    ];
    assert_eq!(keys, expected);

    let ran = run(POLICY);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    let ran = run("format = 1\nname = \"\u{e9}\u{202e}\"\nnmae = 1\n");
    assert_eq!(ran.code, 1);
    assert!(!ran.json().is_empty());
}

#[test]
fn policy_in_json() {
    let policy = |effect: &str| {
        format!(
            r#"{{"format": 1, "name": "desk", "tools": {{"look": {{"access": "read"}}}},
  "rules": [{{"id": "look", "effect": "{effect}"}}]}}"#
        )
    };
    let folder = folder();
    std::fs::write(folder.path().join("policy.json"), policy("permit")).unwrap();
    std::fs::write(folder.path().join("typo.json"), policy("permt")).unwrap();
    for arguments in [&["check", "policy.json"][..], &["test", "policy.json"]] {
        let ran = callgate(folder.path(), arguments, b"");
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    }
    let ran = callgate(
        folder.path(),
        &["eval", "policy.json"],
        b"{\"tool\": \"look\"}",
    );
    assert!(ran.out.contains("allow"), "{}{}", ran.out, ran.err);
    let ran = callgate(folder.path(), &["check", "-"], policy("permit").as_bytes());
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let ran = callgate(folder.path(), &["check", "typo.json"], b"");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.contains("--> typo.json:2:38"), "{}", ran.out);
}

#[test]
fn policy_in_several_files() {
    let folder = folder();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let root = "format = 1\nname = \"desk\"\ninclude = [\"tools/desk.toml\"]\n";
    let part = POLICY.replace("name = \"desk\"\n", "");
    write("policy.toml", root);
    write("tools/desk.toml", &part);
    let run =
        |arguments: &[&str], input: &str| callgate(folder.path(), arguments, input.as_bytes());
    let ran = run(&["check", "policy.toml"], "");
    assert_eq!(
        ran.out,
        "policy.toml: ok: policy `desk` with 2 tools, 3 rules, 0 examples\n"
    );
    let ran = run(&["explain", "policy.toml"], "{\"tool\": \"look\"}");
    assert!(ran.out.contains("  tools/desk.toml:27"), "{}", ran.out);

    write("tools/desk.toml", &part.replace("\"ask\"", "\"aks\""));
    for command in ["check", "test"] {
        let ran = run(&[command, "policy.toml"], "");
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert_eq!(
            ran.out,
            "error[unknown_word]: expected `permit`, `ask` or `forbid`, found `aks`
  --> tools/desk.toml:34:10
   |
34 | effect = \"aks\"
   |          ^^^^^
   |
   = help: did you mean `ask`?

"
        );
    }

    // Warnings, failed examples and what is expired, each in its file.
    let more = "\n[[rules]]\nid = \"gone\"\neffect = \"permit\"\ntools = [\"*\"]\n\
                until = \"2020-01-01T00:00:00Z\"\n";
    write("tools/desk.toml", &format!("{part}{more}"));
    let ran = run(&["check", "policy.toml", "--format", "json"], "");
    let found: Vec<String> = ran
        .json()
        .iter()
        .map(|one| format!("{} {} {}", one["code"], one["file"], one["start"]["line"]))
        .collect();
    assert_eq!(
        found,
        [
            "\"wide_name\" \"tools/desk.toml\" 41",
            "\"expired\" \"tools/desk.toml\" 38"
        ]
    );
    let example = "\n[[examples]]\ncall = { tool = \"look\" }\ngets = \"deny\"\n";
    write("tools/desk.toml", &format!("{part}{example}"));
    let ran = run(&["check", "policy.toml"], "");
    assert!(
        ran.out
            .contains("--> tools/desk.toml:38:1\n   |\n38 | [[examples]]"),
        "{}",
        ran.out
    );

    let ran = run(&["check", "-"], root);
    assert!(
        ran.out.contains("text alone includes nothing"),
        "{}",
        ran.out
    );
}

#[test]
fn expired_or_not_yet_in_force() {
    let more = r#"
[[rules]]
id = "gone"
effect = "permit"
until = "2020-01-01T00:00:00+01:00"

[[rules]]
id = "coming"
effect = "forbid"
from = "9000-01-01T00:00:00Z"
"#;
    let line = POLICY.lines().count() + 2;
    let folder = folder();
    std::fs::write(folder.path().join("policy.toml"), format!("{POLICY}{more}")).unwrap();
    let ran = callgate(folder.path(), &["check", "policy.toml"], b"");
    assert_eq!(ran.code, 0, "{}", ran.out);
    let ran = callgate(
        folder.path(),
        &["check", "policy.toml", "--format", "json"],
        b"",
    );
    assert_eq!(ran.code, 0, "{}", ran.out);
    let found: Vec<_> = ran
        .json()
        .iter()
        .map(|one| {
            format!(
                "{} {} {}",
                one["start"]["line"], one["code"], one["message"]
            )
        })
        .collect();
    let expected = [
        format!("{line} \"expired\" \"rule `gone` expired at `2019-12-31T23:00:00Z`\""),
        format!(
            "{} \"not_yet_in_force\" \"rule `coming` is not in force before `9000-01-01T00:00:00Z`\"",
            line + 5
        ),
    ];
    assert_eq!(found, expected);
}

#[test]
fn unreadable() {
    let folder = folder();
    for arguments in [
        &["check", "nope.toml"][..],
        &["check"],
        &["check", "policy.toml", "--fmt"],
    ] {
        let ran = callgate(folder.path(), arguments, b"");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(!ran.err.is_empty());
    }
}

#[test]
fn help_ends_with_an_example() {
    let folder = folder();
    for command in [
        "check", "eval", "explain", "import", "schema", "test", "verify",
    ] {
        let ran = callgate(folder.path(), &[command, "--help"], b"");
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("Example:"), "{}", ran.out);
    }
}
