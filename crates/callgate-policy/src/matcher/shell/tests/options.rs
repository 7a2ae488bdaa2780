//! Options that are listed, and options that are refused.

use super::check;

const LISTED: &str = r#"
[[tools.t.arguments.'/v'.shell.commands]]
names = ["a"]
style = "STYLE"
operands = {}
options = [
  "-q", "-v", "--long",
  { names = ["-o", "--out"], value = { one_of = ["x", "=x"] } },
  { names = ["-k"], value = {}, form = "next" },
  { names = ["--max"], value = { matches = '\d+' }, form = "joined" },
]
"#;

fn listed(style: &str) -> String {
    LISTED.replace("STYLE", style)
}

#[test]
fn listed_options() {
    for style in ["getopt", "pflag", "words"] {
        let table = listed(style);
        check(
            &table,
            "yes",
            &[
                "a",
                "a x",
                "a -q x -v",
                "a --long",
                "a -o x",
                "a --out x",
                "a --out=x",
                "a -k y",
                "a -k ''",
                "a --max=12",
                "a -q -q",
                "a '-'q",
                "a -\\q",
            ],
        );
        check(
            &table,
            "no",
            &[
                "a -x",
                "a --longer",
                "a --lon",
                "a --long=1",
                "a -o y",
                "a --out=y",
                "a -o",
                "a --out",
                "a -k -q",
                "a -k --",
                "a --max 12",
                "a --max=",
                "a --max=1x",
                "a -",
                "a --",
                "a -- x",
                "a ---long",
                "a -q-",
                "a -é",
                "a --out=x*",
            ],
        );
    }
}

#[test]
fn bundles() {
    for style in ["getopt", "pflag"] {
        check(
            &listed(style),
            "yes",
            &["a -qv", "a -qvo x", "a -qox", "a -ox"],
        );
        check(
            &listed(style),
            "no",
            &["a -qx", "a -oq", "a -qo", "a -ky", "a -qky", "a -qé"],
        );
    }
    check(&listed("words"), "no", &["a -qv", "a -ox"]);
    check(&listed("getopt"), "yes", &["a -o=x"]);
    // pflag takes `-o=` for the value `=`; the first sign of two is no part of the value.
    check(
        &listed("pflag"),
        "yes",
        &["a -o=x", "a -o==x", "a --long=true", "a --long=false"],
    );
    check(
        &listed("pflag"),
        "no",
        &["a -o=", "a -q=true", "a --long=", "a --long=yes"],
    );
    check(&listed("words"), "yes", &["a -o=x"]);
    check(&listed("words"), "no", &["a -k=y", "a -q=1"]);
}

#[test]
fn end_of_options() {
    let table = "commands = [{ names = ['a'], options = ['--', '-q'], operands = { max = 1 } }]";
    check(table, "yes", &["a --", "a -- x", "a -q -- -x", "a -- --"]);
    check(table, "no", &["a -x", "a -- x y", "a x -- y"]);
}

#[test]
fn refused_options() {
    let table = r#"
[[tools.t.arguments.'/v'.shell.commands]]
names = ["a"]
refuse = ["--output", "--no-index", "-z"]
values = ["-e", "--regexp"]
operands = {}
"#;
    check(
        table,
        "yes",
        &[
            "a",
            "a x --stat",
            "a -p -1",
            "a --outputs",
            "a --other=--output",
            "a -- --output",
            "a x -- -z",
            "a -",
            "a -xy",
            "a -ez",
            "a -xez",
            "a --no-indexed",
            "a --x=y -- z",
        ],
    );
    check(
        table,
        "no",
        &[
            "a --output",
            "a --output=x",
            "a --outpu=x",
            "a --ou",
            "a --o",
            "a --no-i",
            "a --no",
            "a x --output y",
            "a '--out'put",
            "a -z",
            "a -xz",
            "a -zx",
            "a -xz=y",
            "a -e --output",
            "a -e -- --output",
            "a -x -- --output",
            "a --long -- -z",
            "a --regexp -- -z",
            "a -xe -- -z",
            "a --no-index=1",
        ],
    );
}

#[test]
fn values_are_no_operands() {
    let table = r#"
[[tools.t.arguments.'/v'.shell.commands]]
names = ["uniq"]
refuse = ["-z"]
values = ["-f", "--skip"]
operands = { max = 1 }
"#;
    check(
        table,
        "yes",
        &[
            "uniq",
            "uniq x",
            "uniq -f 1 x",
            "uniq -cf 1 x",
            "uniq -f1 x",
            "uniq --skip 1 x",
            "uniq --skip=1 x",
            "uniq x -c",
        ],
    );
    check(
        table,
        "no",
        &[
            "uniq x y",
            "uniq -c 1 x",
            "uniq -f1 x y",
            "uniq --skip=1 x y",
            "uniq -f 1 x y",
            "uniq -- x y",
            "uniq x -- y",
        ],
    );
}

#[test]
fn options_as_words() {
    let table = "commands = [{ names = ['find'], style = 'words', refuse = ['-exec', '-delete', '-ok'], operands = {} }]";
    check(
        table,
        "yes",
        &[
            "find",
            "find . -name x",
            "find -executable",
            "find . ! -name x \\( -o \\)",
            "find . -e -o",
        ],
    );
    check(
        table,
        "no",
        &[
            "find . -delete",
            "find -- -delete",
            "find . -exec rm",
            "find . -de\\lete",
            "find . $'\\055delete'",
            "find -name -ok",
        ],
    );
}
