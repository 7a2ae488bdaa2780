//! What the intent of a few commands that must not run does not show.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::{Code, Denied, Deny, MAX_BYTES};

fn deny(code: Code) -> Deny {
    let with = |name: &str, with: &[&str]| Denied {
        name: name.into(),
        with: with.iter().map(|&word| word.into()).collect(),
    };
    let git = with("git", &["push", "--force", "-D"]);
    Deny {
        commands: [with("curl", &[]), git, with("rm", &[])].into(),
        code,
    }
}

/// Checks each line against what is written before it: `yes`, `no` or `unknown`.
#[track_caller]
fn check(code: Code, expected: &str, lines: &[&str]) {
    for line in lines {
        assert_eq!(answer(&deny(code), line), expected, "{line:?}");
    }
}

fn answer(deny: &Deny, line: &str) -> &'static str {
    match deny.test(line) {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}

/// A subscript is expanded when its name is evaluated, even where it was quoted.
#[test]
fn subscripts_run_what_is_written_in_them() {
    check(
        Code::Refuse,
        "unknown",
        &[
            "[[ -v 'a[$(rm x)]' ]]",
            "[[ 'a[$(rm x)]' -eq 0 ]]",
            "[[ 0 -lt 'a[`rm x`]' ]]",
            "test -v 'a[$(rm x)]'",
            "[ -v 'a[$(rm x)]' ]",
            "let 'a[$(rm x)]=1'",
            "let 'a=`rm x`'",
        ],
    );
    let fine = &[
        "[[ -v a ]]",
        "[[ 1 -eq 0 ]]",
        "[[ 'a[$(rm x)]' == b ]]",
        "test -v a",
        "[ -n 'a[$(rm x)]' ]",
    ];
    check(Code::Refuse, "yes", fine);
}

#[test]
fn wrappers_with_odd_options() {
    let code = Code::Refuse;
    check(
        code,
        "no",
        &["env - rm x", "env - A=1 rm x", "env -i - rm x"],
    );
    check(
        code,
        "yes",
        &[
            "env - ls",
            "env -",
            "parallel ls ::: a b",
            "parallel 'echo {}; ls' ::: a",
        ],
    );
    // The word behind `-h` is a host, where there is one.
    check(code, "unknown", &["sudo -h rm"]);
    check(code, "no", &["sudo -h host rm"]);
    // What they are given is the command.
    let arguments = &[
        "parallel '{}' ::: 'rm x'",
        "parallel {} x ::: rm",
        "parallel {1} {2} ::: rm ::: x",
        "parallel 'cd y; {}' ::: 'rm x'",
        "parallel 'true && {.}' ::: rm.c",
    ];
    check(code, "unknown", arguments);
}

#[test]
fn listed_and_unknown_are_told_apart() {
    let code = Code::Refuse;
    check(
        code,
        "no",
        &[
            "rm x",
            "sudo rm",
            "ls; rm",
            "$x; rm",
            "a() { rm; }",
            "sh -c ls",
            "eval ls",
        ],
    );
    check(
        code,
        "unknown",
        &[
            "$x",
            "sudo $x",
            "sudo --odd ls",
            "rm 'x",
            "rm )",
            "",
            " ",
            "# rm",
            "-c",
            "ls\u{0}",
        ],
    );
    check(code, "yes", &["ls", "echo rm", "echo $x", "sudo ls $x"]);
}

#[test]
fn words_that_a_command_must_not_have() {
    let code = Code::Refuse;
    let refused = [
        "git push",
        "git -C x push",
        "git p\\ush o",
        "git branch --force",
        "git branch --forc x",
        "git x --force=1",
        "git branch -D x",
        "git branch -rD x",
        "sudo git push",
    ];
    check(code, "no", &refused);
    check(
        code,
        "yes",
        &[
            "git",
            "git pull",
            "git log pushed",
            "git log --forced",
            "git branch -d x",
        ],
    );
    check(
        code,
        "unknown",
        &["git $x", "git log \"$x\"", "ls | xargs git", "git l{a,b}"],
    );
}

#[test]
fn code_that_is_read() {
    let code = Code::Read;
    let clean = [
        "sh -c 'ls; echo rm'",
        "bash -ec ls",
        "sudo sh -c 'cd x && make'",
        "eval ls -l",
        "trap 'echo done' EXIT",
        "trap - INT",
        "ssh host uptime",
        "flock f -c ls",
        "find . -exec sh -c 'wc \"$1\"' _ {} \\;",
    ];
    check(code, "yes", &clean);
    let refused = [
        "sh -c 'rm x'",
        "sh -c \"sh -c 'rm x'\"",
        "eval r\"m x\"",
        "trap 'rm x' EXIT",
        "ssh host 'cd x; rm y'",
        "ssh host sudo rm",
        "env bash -c 'ls $(rm)'",
        "su -c 'rm x'",
    ];
    check(code, "no", &refused);
    let unclear = [
        "sh -c \"$x\"",
        "sh -c 'ls",
        "sh -c \"ls '\"",
        "eval \"$x\"",
        "sh -c",
        "sh",
        "python -c x",
        "find . -exec sh -c '{}' \\;",
        "ls | xargs sh -c",
        "bash -c -- ls",
    ];
    check(code, "unknown", &unclear);
}

#[test]
fn values_that_run_when_they_are_evaluated() {
    let code = Code::Refuse;
    check(
        code,
        "unknown",
        &[
            "x='a[$(rm y)]'; echo $((x))",
            "x='a[$(rm y)]'; ((x))",
            "x='$(rm)'; echo ${x@P}",
        ],
    );
    check(
        code,
        "yes",
        &["x='$(rm y)'; echo \"$x\"", "x=1; echo $((x + 1))"],
    );
    check(
        code,
        "unknown",
        &[
            "ls 2>&'$(rm x)'",
            "cat <<E$x\nls\nE\n",
            "BASH_CMDS[ls]=/bin/rm; ls",
            "hash -p /bin/rm ls; ls",
        ],
    );
    check(
        code,
        "no",
        &[
            "PAGER='rm x' man ls",
            "export GIT_SSH_COMMAND='curl x'",
            "git -c core.pager='rm x' log",
        ],
    );
}

#[test]
fn whatever_is_nested_is_bounded() {
    let deny = deny(Code::Read);
    let shapes: &[(&str, &str)] = &[
        ("(", ")"),
        ("$(", ")"),
        ("\"$(", ")\""),
        ("{ ", ";}"),
        ("`", "`"),
        ("${a:-", "}"),
        ("$((", "))"),
        ("((", "))"),
        ("if ", ""),
        ("[[ (", ""),
        ("<(", ")"),
        ("a() ", ""),
        ("sudo ", ""),
        ("watch ", ""),
        ("eval ", ""),
        ("find -exec ", ""),
        ("! ", ""),
        ("time ", ""),
        ("case a in a) ", ""),
        ("a=(", ""),
        ("<<a ", ""),
        ("'", ""),
        ("$[", ""),
        ("ls | ", "ls"),
        ("ls;", ""),
        ("xargs ", ""),
        ("a[", ""),
        ("x=1 ", ""),
        ("for i in a; do ", ""),
    ];
    for (open, close) in shapes {
        let most = MAX_BYTES / (open.len() + close.len()) - 8;
        for count in [33, 1000, most] {
            let line = [&open.repeat(count), "rm x", &close.repeat(count)].concat();
            assert!(line.len() <= MAX_BYTES);
            let start = Instant::now();
            let answer = answer(&deny, &line);
            assert_ne!(answer, "yes", "{open} {count}");
            let took = start.elapsed();
            assert!(took < Duration::from_secs(4), "{open} {count}: {took:?}");
        }
    }
    let mut documents = String::new();
    for at in 0..2000 {
        let _ = write!(documents, "cat <<E{at}; ");
    }
    assert_eq!(answer(&deny, &documents), "unknown");
    assert_eq!(answer(&deny, &"ls;".repeat(30_000)), "unknown");
    assert_eq!(answer(&deny, &"ls;".repeat(20_000)), "yes");
}
