//! Words, separators, redirections: what is understood of bash.

use super::check;

const ECHO: &str = r#"
paths = ["/bin"]
join = ["&&", "||", ";", "|", "newline"]
redirect = "dev-null"
commands = [{ names = ["a", "b"], any = true, globs = "any" }]
"#;

#[test]
fn commands_of_a_line() {
    let lines = [
        "a",
        " a ",
        "\ta\n",
        "a x y",
        "a;",
        "a ; ",
        "\n\na\n\nb\n",
        "a && b",
        "a&&b",
        "a||b",
        "a|b",
        "a;b;a",
        "a &&\n\nb",
        "a |\nb",
        "a\n# comment ` $(\nb",
        "# first\na",
        "a # last",
        "a;# c",
        "a && # c\n b",
        "/bin/a x",
        "a \\\n x",
        "a\\\n",
        "\\\na",
        "a;\\\nb",
    ];
    check(ECHO, "yes", &lines);
    check(
        ECHO,
        "no",
        &[
            "c", "a; c", "c; a", "a\nc", "a && c x", "a | c", "a || c", "aa", "A", "''",
        ],
    );
}

#[test]
fn paths_before_names() {
    check(ECHO, "yes", &["/bin/a", "'/bin'/b", "/bi\\n/a"]);
    let others = [
        "/a",
        "./a",
        "bin/a",
        "/bin//a",
        "//bin/a",
        "/bin/../a",
        "/usr/bin/a",
        "/bin/a/",
        "/bin/",
    ];
    check(ECHO, "no", &others);
}

#[test]
fn separators_without_commands() {
    let lines = [
        "",
        " ",
        "\n",
        "\\\n",
        "#a",
        "# a\n",
        ";",
        "&&",
        "|",
        "a &&",
        "a ||",
        "a |",
        "a && ;b",
        "a;;b",
        "a ; ;",
        "; a",
        "&& a",
        "| a",
        "a && && b",
        "a | | b",
        "a |\n",
        "a\n;b",
        "a\n&& b",
        "a && # b",
    ];
    check(ECHO, "unknown", &lines);
}

#[test]
fn what_is_not_understood() {
    let lines = [
        "a &",
        "a & b",
        "a |& b",
        "a;&b",
        "(a)",
        "a (x)",
        "a)",
        "a()",
        "`a`",
        "a `b`",
        "a \"`b`\"",
        "$a",
        "a $b",
        "a ${b}",
        "a $(b)",
        "a $((1))",
        "a $[1]",
        "a \"$b\"",
        "a \"${b}\"",
        "a $\"b\"",
        "a $1",
        "a $?",
        "a $$",
        "a $!",
        "a $@",
        "a $#x",
        "a $-",
        "a $_",
        "a$b",
        "a $\\\nb",
        "a <(b)",
        "a >(b)",
        "a > >(b)",
        "a 'b",
        "a \"b",
        "a $'b",
        "a b\\",
        "a 'b\n",
        "a ~",
        "a ~b",
        "a x=~",
        "a x:~",
        "a x=\\\n~",
        "a \\\n~",
        "a ''~",
        "a {b,c}",
        "a {1..3}",
        "a x{b,}",
        "a {u},v}",
        "a {b\\,c}",
        "a {a'},'b}",
        "a {\\\na,b}",
        "a {..}",
        "a {a.\\\n.b}",
        "a @{1}..@{2}",
        "a\0",
        "a\u{b}b",
        "a\rb",
        "a \u{7f}",
        "a\u{1b}[0m",
        "a \u{85}",
        "a\u{a0}b",
        "a \u{200b}",
        "a # \u{202e}",
        "'a\u{feff}'",
        "a $'\\0'",
        "a $'\\xff'",
        "a $'\\u00e9'",
        "a $'\\cx'",
    ];
    check(ECHO, "unknown", &lines);
}

/// A line that nobody understands is unknown even where a command in it is not listed.
#[test]
fn the_whole_line_is_read() {
    check(
        ECHO,
        "unknown",
        &["c; a $x", "c 'x", "a; c `", "c > file", "c &&"],
    );
}

#[test]
fn words_that_only_look_like_expansions() {
    let lines = [
        "a '$b' \\$b \"\\$b\" \"$\" \"end$\" 'x$' x$ $",
        "a \"$|b\" x$;b",
        "a '`b`' \\`b\\`",
        "a \"~\" '~' \\~ x~ HEAD~1 a/~",
        "a {} {x} @{1} HEAD@{u} } { '{a,b}' \\{a,b\\}",
        "a @{u}..HEAD",
        "a x# '#' \\# x#y",
        "a !! ! !x ^x^y",
        "a == =x x=y -x=",
        "a 'b\nc' \"b\nc\" 'x\ty'",
        "a 'über' größe 日本 \u{1f389}",
        "a '' \"\" $''",
        "a %1 @x +x -x",
        "a ']' ] x]",
    ];
    check(ECHO, "yes", &lines);
}

#[test]
fn redirections() {
    let lines = [
        "a >/dev/null",
        "a > /dev/null",
        "a>/dev/null",
        "a 2>/dev/null",
        "a 2> /dev/null",
        "a >>/dev/null",
        "a 2>>/dev/null",
        "a &>/dev/null",
        "a &> /dev/null x",
        "a </dev/null",
        "a < /dev/null",
        "a 2>&1",
        "a >&2",
        "a 1>&2",
        "a 10>/dev/null",
        "a 2>& 1",
        "a > \\\n /dev/null",
        "a >'/dev/null' 2>&\"1\"",
        "a >/dev/null 2>&1 x",
        "2>/dev/null a",
        ">/dev/null a x",
        "a 2>&1|b",
        "a 2>&1>/dev/null;b",
        "a 2\\\n>/dev/null",
        "a 2&>/dev/null",
    ];
    check(ECHO, "yes", &lines);
    let lines = [
        "a >x",
        "a > x",
        "a >>x",
        "a 2>x",
        "a &>x",
        "a &>>/dev/null",
        "a <x",
        "a 0</dev/null",
        "a >|/dev/null",
        "a <>/dev/null",
        "a <<x",
        "a <<<x",
        "a <<-x",
        "a >&x",
        "a >&3",
        "a >&/dev/null",
        "a 2>&1x",
        "a 2>&1-",
        "a 2>&-",
        "a <&0",
        "a >/dev/null/x",
        "a >/dev/nul?",
        "a >/dev/nullx",
        "a >",
        "a 2>",
        "a > # x",
        "a {x}>/dev/null",
        "a x{y}>/dev/null",
        "a 123>/dev/null",
        "a >$x",
        "a >~",
        ">/dev/null",
        "2>&1",
        "a; >/dev/null",
        ">/dev/null; a",
        "a | >/dev/null",
        "a >/dev/tcp/x/1",
        "a >\n/dev/null",
    ];
    check(ECHO, "unknown", &lines);
}

#[test]
fn digits_that_are_no_descriptor() {
    let table = r#"
redirect = "dev-null"
commands = [{ names = ["a"], exactly = [["2"]] }]
"#;
    check(
        table,
        "yes",
        &[
            "a 2",
            "a '2'>/dev/null",
            "a \\2>/dev/null",
            "a 2 >/dev/null",
            "a 2&>/dev/null",
            "a 2>/dev/null 2",
        ],
    );
    check(table, "no", &["a 2>/dev/null", "a 2\\\n>/dev/null", "a"]);
}

#[test]
fn nothing_is_joined_or_redirected_unless_listed() {
    let table = "commands = [{ names = ['a'], any = true }]";
    check(table, "yes", &["a", "a x", "a;", "a\n", "\n a"]);
    check(
        table,
        "no",
        &[
            "a;a",
            "a\na",
            "a&&a",
            "a||a",
            "a|a",
            "a >/dev/null",
            "a 2>&1",
            "a *",
            "a x?",
        ],
    );
}

#[test]
fn long_lines() {
    let line = |bytes: usize| format!("a {}", "x".repeat(bytes - 2));
    check(ECHO, "yes", &[&line(65_536)]);
    check(ECHO, "unknown", &[&line(65_537)]);
    check(ECHO, "no", &[&format!("{}c", "a;".repeat(32_767))]);
    for deep in [
        "(", "{ ", "$(", "\"$(", "${a:-", "`", "[", "{", "'\"", "\\\n", "$'",
    ] {
        let line = format!("a {}", deep.repeat(65_000 / deep.len()));
        assert_ne!(super::shell(ECHO).test(&line), Some(false), "{deep}");
    }
}

/// What bash does not take for the name of a command is not understood, and so no `no`.
#[test]
fn words_of_the_grammar_and_assignments() {
    let table = "commands = [{ names = ['ls'], any = true }]\njoin = [';']";
    check(
        table,
        "unknown",
        &[
            "! ls",
            "time ls",
            "coproc ls",
            "{ ls; }",
            "if ls; then ls; fi",
            "while ls; do ls; done",
            "for x in a; do ls; done",
            "function f { ls; }",
            "[[ -f x ]]",
            "A=1",
            "A=1 ls",
            "A+=1 ls",
            "_a1='x y' ls",
            "a[1]=2 ls",
            "ls; A=1 ls",
        ],
    );
    check(table, "no", &["ifs", "./a=b", "1=2", "[ -f x ]", "rm"]);
    check(table, "yes", &["ls if", "ls A=1", "ls { }"]);
}
