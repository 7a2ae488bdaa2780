//! Lists of words, sub-commands, operands and globs.

use super::check;

#[test]
fn exact_words() {
    let table = r#"
cwd = "/ws"
join = [";"]
commands = [
  { names = ["npm"], exactly = [["test"], ["run", "lint"], []] },
  { names = ["sed"], exactly = [["-n", { matches = '\d+p' }, { repeat = true }]] },
  { names = ["cd"], exactly = [[{ inside = {} }]] },
]
"#;
    check(
        table,
        "yes",
        &[
            "npm test",
            "npm run lint",
            "npm",
            "npm 't'est",
            "sed -n 5p",
            "sed -n 5p a b",
            "cd a",
            "cd /ws/b",
        ],
    );
    check(
        table,
        "no",
        &[
            "npm run",
            "npm test x",
            "npm run lint x",
            "npm run test",
            "npm te*t",
            "npm lint",
            "npm ''",
            "sed",
            "sed -n",
            "sed -n 5d",
            "sed -n 5p -i",
            "sed -n 5p a -i b",
            "sed -i 5p",
            "sed 5p -n",
            "sed -n 5p --",
            "sed -n 5p\\\n'\n'w",
            "cd",
            "cd a b",
            "cd ..",
            "cd a/../b",
            "cd -",
            "cd -- a",
            "cd ''",
            "cd /",
            "cd /ws2",
            "cd a*",
        ],
    );
}

#[test]
fn name_alone() {
    let table = "commands = [{ names = ['pwd'] }]";
    check(table, "yes", &["pwd", " 'pw'd "]);
    check(table, "no", &["pwd -P", "pwd x", "pwd ''", "pwd --"]);
}

#[test]
fn sub_commands() {
    let table = r#"
[[tools.t.arguments.'/v'.shell.commands]]
names = ["x"]
globals = ["-g", "--global"]
sub = ["get", "roll out", "roll back", { name = "log", options = ["-f"], operands = { min = 1, max = 2 } }]
options = ["-o", { names = ["-n"], value = { one_of = ["a", "b"] }, anywhere = true, required = true, once = true }]
"#;
    check(
        table,
        "yes",
        &[
            "x get -n a",
            "x -g get -n a",
            "x -g --global -n a get",
            "x roll out -n b -o",
            "x roll -n b out",
            "x -n a roll back",
            "x log 1 -n a -f 2",
            "x log -na 1",
            "x get -on a",
            "x get -onb",
        ],
    );
    check(
        table,
        "no",
        &[
            "x",
            "x -n a",
            "x roll -n a",
            "x roll get -n a",
            "x out -n a",
            "x roll outx -n a",
            "x 'roll out' -n a",
            "x ge? -n a",
            "x get",
            "x get -n c",
            "x get -n a -n a",
            "x -n a get -n a",
            "x get -n",
            "x -n get",
            "x get -n a y",
            "x get -g -n a",
            "x -o get -n a",
            "x -f log 1 -n a",
            "x get -f -n a",
            "x -gg get -n a",
            "x -gn a get",
            "x log -n a",
            "x log 1 2 3 -n a",
            "x log -n a -- 1",
            "x -- get -n a",
            "x get -n=a",
            "x get -n -o",
        ],
    );
}

#[test]
fn operands_inside_a_folder() {
    let table = r#"
cwd = "/ws"
commands = [{ names = ["t"], operands = { inside = { until = "::", dots = true } }, globs = "any" }]
"#;
    check(
        table,
        "yes",
        &["t", "t a b/c", "t a/../b", "t /ws/x '/ws'", "t a::../../b"],
    );
    check(
        table,
        "no",
        &[
            "t ..",
            "t a/../..",
            "t /etc",
            "t /wsx",
            "t ''",
            "t -x",
            "t a*",
            "t a/.*",
        ],
    );
}

#[test]
fn types_of_resources() {
    let all_but =
        "commands = [{ names = ['k'], operands = { refuse_types = ['secret', 'secrets'] } }]";
    check(
        all_but,
        "yes",
        &[
            "k",
            "k pods",
            "k pods,services",
            "k pod/secret",
            "k pod/a svc/b",
            "k pods secret",
            "k secretstores",
            "k externalsecrets.external-secrets.io",
            "k x.secrets",
        ],
    );
    check(
        all_but,
        "no",
        &[
            "k secret",
            "k SECRETS",
            "k s'ecret's",
            "k pods,secrets",
            "k ,Secret",
            "k secret/a",
            "k pod/a secret/b",
            "k secrets.v1.",
            "k secrets.v1./x",
            "k 'pods, secrets'",
            "k pods x secrets/y",
        ],
    );
    let only = "commands = [{ names = ['k'], operands = { types = ['pods', 'svc'] } }]";
    check(
        only,
        "yes",
        &["k pods", "k pods,svc", "k pods/a svc/b", "k svc secret"],
    );
    check(
        only,
        "no",
        &[
            "k PODS",
            "k pods.evil.io",
            "k secrets",
            "k pods,",
            "k pods/a secret/b",
        ],
    );
}

#[test]
fn globs() {
    let table = |globs: &str| {
        format!("commands = [{{ names = ['a'], operands = {{}}, globs = '{globs}' }}]")
    };
    let quoted = ["a 'x*' \\? \"[\"", "a ]"];
    for globs in ["none", "literal-first", "any"] {
        check(&table(globs), "yes", &quoted);
        check(
            &table(globs),
            "no",
            &["a -*", "a '-'*", "a -\\\n?", "a*", "[a]", "?"],
        );
    }
    check(&table("none"), "no", &["a *", "a x*", "a x[y]", "a x?"]);
    check(
        &table("literal-first"),
        "yes",
        &["a x*", "a 'x'*", "a \\**", "a x/*", "a x[y]?"],
    );
    check(
        &table("literal-first"),
        "no",
        &["a *", "a ''*", "a ?x", "a [x]", "a \\\n*"],
    );
    check(
        &table("any"),
        "yes",
        &["a *", "a ''*", "a **/*.rs", "a [!-]x"],
    );
    // How many files there are, nobody knows.
    let counted = "commands = [{ names = ['a'], operands = { max = 3 }, globs = 'any' }]";
    check(counted, "no", &["a x*"]);
}
