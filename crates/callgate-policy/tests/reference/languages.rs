//! Random texts in the languages that matchers of their own read, and such matchers.
//!
//! Texts are put together from pieces of which most are plain and some are tricks, and the
//! matchers name the same pieces: so that each of yes, no and unknown is likely.

use crate::random::Random;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Path,
    Email,
    Shell,
    Url,
    Sql,
}

impl Language {
    pub(crate) fn text(self, random: &mut Random) -> String {
        match self {
            Self::Path => path(random),
            Self::Email => email(random),
            Self::Shell => command_line(random),
            Self::Url => url(random),
            Self::Sql => statement(random),
        }
    }

    /// A matcher, where this build has it.
    pub(crate) fn matcher(self, random: &mut Random) -> String {
        match self {
            Self::Path => path_matcher(random),
            Self::Email => email_matcher(random),
            Self::Shell => shell_matcher(random),
            Self::Url if cfg!(feature = "url") => url_matcher(random),
            Self::Sql if cfg!(feature = "sql") => sql_matcher(random),
            Self::Url | Self::Sql => "text = {}".to_owned(),
        }
    }
}

/// One of the plain pieces, or now and then of the others.
fn piece<'p>(random: &mut Random, plain: &[&'p str], odd: &[&'p str]) -> &'p str {
    if random.chance(12) { random.of(odd) } else { random.of(plain) }
}

fn list(random: &mut Random, all: &[&str]) -> String {
    format!("{:?}", random.some_of(all))
}

/// An entry of a table, sometimes.
fn perhaps(random: &mut Random, percent: usize, entry: impl FnOnce(&mut Random) -> String) -> String {
    if random.chance(percent) { format!(", {}", entry(random)) } else { String::new() }
}

fn path(random: &mut Random) -> String {
    let start =
        piece(random, &["/ws/", "/ws/", "/ws/src/", "/etc/", ""], &["/", "//", "///ws/", "~/", "C:/", "file:/"]);
    let parts = (0..=random.below(3)).map(|_| {
        piece(
            random,
            &["a", "b.rs", "src", "docs", "x.md", "link", "loop", "..", ".", "", ".git", ".env", "key.pem"],
            &[
                ".GIT", "git~1", ".env.example", "KEY.pem.", "%2e%2e", "%252e", "%2f", "%c0%ae", "%u002e", "%uff0e",
                "%41", "%zz", "%ef%bc%8e", "\u{ff0e}\u{ff47}it", "\u{ff0f}", "...", ".. ", " a", "größe", "a\\b",
                "a:b", ".git:x", "a\u{200b}", "\u{200b}", "a\u{7}", "a%00b", "%2egit",
            ],
        )
    });
    let parts: Vec<&str> = parts.collect();
    format!("{start}{}", parts.join("/"))
}

fn path_matcher(random: &mut Random) -> String {
    let links = random.of(&["'ignored'", "'ignored'", "'context/whole'", "'context/mode', links_default = 'none'"]);
    let where_to = match random.below(3) {
        0 => format!("glob = {}", list(random, &["/ws/*", "/ws/**/*.rs", "/ws/src/*", "/**", "/ws/**/.git/**"])),
        _ => format!("under = {}", list(random, &["/ws", "/ws/src", "/etc", "/"])),
    };
    let start = perhaps(random, 60, |random| format!("relative_to = '{}'", random.of(&["/ws", "/ws/src", "/"])));
    let deny = perhaps(random, 40, |random| {
        let components = list(random, &[".git", ".ssh", "docs"]);
        let names = list(random, &["*.pem", ".env*", "b.rs"]);
        format!("deny = {{ components = {components}, names = {names}, except = ['.env.example'] }}")
    });
    format!("path = {{ {where_to}, links = {links}{start}{deny} }}")
}

fn email(random: &mut Random) -> String {
    let local = piece(random, &["a", "B.c", "a+b", "o'b"], &["a..b", "-a", "a b", "\"a\"", "", "a%b", "a@b", "ä"]);
    let domain = piece(
        random,
        &["acme.org", "ACME.org", "b.acme.org", "evil.com", "xacme.org"],
        &["acme.org.", "acme", "[127.0.0.1]", "1.2.3.4", "acme.org,b@acme.org", "-x.org", "a_b.org", "größe.de"],
    );
    format!("{local}@{domain}")
}

fn email_matcher(random: &mut Random) -> String {
    match random.below(5) {
        0 => "email = {}".to_owned(),
        _ => format!("email = {{ domains = {} }}", list(random, &["acme.org", "*.acme.org", "evil.com"])),
    }
}

fn command_line(random: &mut Random) -> String {
    let mut line = String::new();
    for place in 0..=random.below(3) {
        if place > 0 {
            line += piece(random, &[" && ", " | ", "; ", " || ", "\n"], &[" & ", ";;", " |& ", "&&", " \\\n"]);
        }
        line += piece(random, &["", ""], &["A=1 ", "! ", "if ", "time ", "A+='x' "]);
        line += piece(
            random,
            &["ls", "cat", "git", "npm", "ls"],
            &["rm", "/bin/ls", "/tmp/ls", "l\\s", "'ls'", "\"cat\"", "l*", "", "/bin/"],
        );
        for _ in 0..random.below(4) {
            line += " ";
            line += piece(
                random,
                &["-l", "-n 5", "--max=3", "a.txt", "src/a", "/ws/a", "status", "run", "lint", "'a b'", "*.rs", "a"],
                &[
                    "-la", "-n5", "-ln", "--all", "--max", "-", "--", "../x", "src/../a", "/etc/passwd", "\"x y\"",
                    "a\\ b", "'*.rs'", "-*", "?", "$HOME", "$(id)", "`id`", "{a,b}", "~", "~/x", "x~", "#x", "a#b",
                    ">/dev/null", "2>&1", "> /dev/null", "&>/dev/null", "</dev/null", ">out", "2>/dev/null", ">>x",
                    "'", "\"\\$x\"", "''", "a''b", "\"a", "\u{200b}", "größe", "test", "--ma=3", "(", "a;", "\\\n",
                ],
            );
        }
    }
    line
}

fn shell_matcher(random: &mut Random) -> String {
    if random.chance(15) {
        let code = perhaps(random, 30, |_| "code = 'read'".to_owned());
        let with = list(random, &["-l", "--all", "-n", "a", "lint"]);
        let ls = format!("{{ names = ['ls'], with = {with} }}");
        let commands = random.some_of(&["'rm'", "'cat'", "'npm'", "'git'", &*ls]).join(", ");
        return format!("shell = {{ deny = {{ commands = [{commands}]{code} }} }}");
    }
    let count = "{ names = ['-n', '--max'], value = { matches = '[0-9]+' } }";
    let variants: [(&str, [String; 3]); 4] = [
        (
            "ls",
            [
                "any = true, globs = 'any'".to_owned(),
                format!("options = ['-l', '-a', '--all', {count}], operands = {{}}, globs = 'literal-first'"),
                format!("options = ['-l', {count}], operands = {{ inside = {{ dots = true }}, max = 2 }}"),
            ],
        ),
        (
            "cat",
            [
                "operands = { min = 1, max = 2, inside = {} }".to_owned(),
                "options = ['-n', '--'], operands = { matches = '[a-z./]+' }".to_owned(),
                "any = true".to_owned(),
            ],
        ),
        (
            "git",
            [
                "exactly = [['status'], ['log', { matches = '[a-z]+' }]]".to_owned(),
                "exactly = [['status', { inside = {}, repeat = true }]], globs = 'any'".to_owned(),
                "any = true, globs = 'literal-first'".to_owned(),
            ],
        ),
        (
            "npm",
            [
                "exactly = [['test'], ['run', 'lint']]".to_owned(),
                "exactly = [['run', { one_of = ['a', 'lint'], repeat = true }]]".to_owned(),
                "options = ['-l'], operands = { one_of = ['run', 'lint', 'a'] }".to_owned(),
            ],
        ),
    ];
    let surely = random.below(4);
    let chosen: Vec<usize> = (0..4).filter(|at| *at == surely || random.chance(70)).collect();
    let commands = chosen.iter().map(|at| {
        let (name, words) = &variants[*at];
        format!("{{ names = ['{name}'], {} }}", words[random.below(3)])
    });
    let commands = commands.collect::<Vec<_>>().join(", ");
    let join = perhaps(random, 80, |random| format!("join = {}", list(random, &["&&", "||", ";", "|", "newline"])));
    let redirect = perhaps(random, 50, |_| "redirect = 'dev-null'".to_owned());
    let paths = perhaps(random, 50, |_| "paths = ['/bin']".to_owned());
    format!("shell = {{ cwd = '/ws', commands = [{commands}]{join}{redirect}{paths} }}")
}

fn url(random: &mut Random) -> String {
    let scheme =
        piece(random, &["https://", "https://", "https://", "http://"], &["HTTPS://", "ftp://", "//", "https:/"]);
    let host = piece(
        random,
        &["api.acme.org", "acme.org", "x.acme.org", "evil.com", "localhost", "10.0.0.1", "8.8.8.8", "[2600::1]"],
        &[
            "API.acme.org", "acme.org.", "metadata.internal", "0x7f.1", "127.1", "1.2.3.04", "[::1]", "[2001:db8::1]",
            "[2600:0::1]", "[::ffff:102:304]", "[::ffff:1.2.3.4]", "1.2.3.4.nip.io", "a_b.org", "-a.org", "a..org", "",
            "xacme.org", "u@acme.org", "u:p@acme.org", "größe.de", "acme.org%2f", "3fff:1::", "[3fff:1::]", "[2600::1",
        ],
    );
    let port = piece(random, &["", "", "", ":443", ":8443"], &[":80", ":", ":0", ":0443", ":70000", ":x"]);
    let path = piece(
        random,
        &["", "/", "/v1", "/v1/", "/v1/items", "/v1/items/5", "/v1/admin", "/v2/x", "/v1/../v2/x"],
        &[
            "/v1/Admin/x", "/v1/%61dmin", "/v1/%2e%2e/v2/x", "/v1//x", "/v1/a;b", "/v1/x/a;b", "/v1/%2fx", "/v1/%",
            "/v1/a%20b", "/v1/./x", "/v1/x/..", "/v1/x/.", "/v1\\x", "/v1/a b", "/v1/%00", "//v1/x", "/../v1/x",
        ],
    );
    let rest = piece(random, &["", "", "?q=1"], &["#f", "?a=%2f", "?a=\\b c", "?\u{7}", "#//"]);
    format!("{scheme}{host}{port}{path}{rest}")
}

fn url_matcher(random: &mut Random) -> String {
    let hosts = |random: &mut Random| list(random, &["api.acme.org", "*.acme.org", "acme.org", "evil.com"]);
    let host = match random.below(3) {
        0 => "addresses = 'public'".to_owned(),
        1 => format!("hosts = {}", hosts(random)),
        _ => format!("hosts = {}, addresses = 'public'", hosts(random)),
    };
    let schemes = perhaps(random, 40, |random| format!("schemes = {}", list(random, &["https", "http"])));
    let ports = perhaps(random, 50, |random| format!("ports = {}", random.of(&["'any'", "[443, 8443]", "'default'"])));
    let path = perhaps(random, 50, |random| {
        let under = list(random, &["/v1", "/v1/items", "/v2"]);
        let deny = list(random, &["/v1/admin", "/v1/items/5"]);
        format!(
            "path = {}",
            random.of(&[format!("{{ under = {under} }}"), format!("{{ under = {under}, deny = {deny} }}")].each_ref())
        )
    });
    format!("url = {{ {host}{schemes}{ports}{path} }}")
}

fn statement(random: &mut Random) -> String {
    let table =
        piece(random, &["orders", "orders", "customers"], &["Orders", "secrets", "archive.orders", "public.orders"]);
    let mut condition = String::new();
    for place in 0..random.below(4) {
        condition += if place == 0 { " WHERE " } else { " AND " };
        condition += piece(
            random,
            &["tenant = 'acme'", "tenant = 'acme'", "tenant = 'globex'", "id = 5", "id IN (1, 2)"],
            &["TENANT = 'acme'", "id IN (1, 9)", "name = 'x'", "tenant = 5", "tenant IN ('acme')", "id = 'x'"],
        );
    }
    let columns = ["id", "tenant", "name"];
    let text = match random.below(8) {
        0..4 => {
            let what =
                piece(random, &["*", "id", "id, name", "count(*)"], &["lower(name)", "max(id)", "pg_sleep(5)", "id,"]);
            let more = piece(random, &["", "", ""], &[", customers", ", secrets"]);
            format!("SELECT {what} FROM {table}{more}{condition}")
        }
        4 => format!("DELETE FROM {table}{condition}"),
        5 => {
            let set =
                piece(random, &["name = 'x'", "name = 'x', id = 5"], &["tenant = 'acme'", "name = 'x', tenant = 'b'"]);
            format!("UPDATE {table} SET {set}{condition}")
        }
        6 => {
            let mut columns = columns;
            random.shuffle(&mut columns);
            let row = |random: &mut Random| {
                let values = columns.iter().map(|column| match *column {
                    "id" => piece(random, &["1", "5"], &["'x'", "99"]),
                    "tenant" => piece(random, &["'acme'", "'acme'", "'globex'"], &["5", "''"]),
                    _ => "'x'",
                });
                format!("({})", values.collect::<Vec<_>>().join(", "))
            };
            let rows: Vec<String> = (0..=random.below(2)).map(|_| row(random)).collect();
            format!("INSERT INTO {table} ({}) VALUES {}", columns.join(", "), rows.join(", "))
        }
        _ => random
            .of(&["DROP TABLE orders", "SELECT", "TRUNCATE orders", "SELECT id FROM", "select id from orders"])
            .to_owned(),
    };
    text + piece(random, &["", "", ";"], &["; DROP TABLE orders", " ;", "; SELECT id FROM orders", " 5 5", " '"])
}

fn sql_matcher(random: &mut Random) -> String {
    let dialect = random.of(&["postgres", "mysql", "sqlite"]);
    let statements = random.some_of(&["select", "insert", "update", "delete"]);
    let tables =
        perhaps(random, 80, |random| format!("tables = {}", list(random, &["orders", "customers", "archive.orders"])));
    let schemas = perhaps(random, 40, |_| "schemas = ['public']".to_owned());
    let plain = perhaps(random, 30, |_| "plain = true".to_owned());
    let require = perhaps(random, 50, |random| {
        let tenant = random
            .of(&["equals = { fact = 'caller/tenant' }", "equals = { fact = 'context/mode' }", "equals = 'acme'"]);
        let id = random.of(&["integers = true", "one_of = [1, 2, 5]", "equals = 5"]);
        let on = perhaps(random, 60, |random| format!("on = {}", list(random, &statements)));
        match random.below(3) {
            0 => format!("require = [{{ column = 'tenant', {tenant} }}]"),
            1 => format!("require = [{{ column = 'id', {id}{on} }}]"),
            _ => format!("require = [{{ column = 'tenant', {tenant} }}, {{ column = 'id', {id}{on} }}]"),
        }
    });
    format!("sql = {{ dialect = '{dialect}', statements = {statements:?}{tables}{schemas}{plain}{require} }}")
}
