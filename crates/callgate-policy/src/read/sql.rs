//! The matcher `sql`.

#[cfg(feature = "sql")]
pub(super) use present::sql;

#[cfg(not(feature = "sql"))]
pub(super) use absent::sql;

#[cfg(not(feature = "sql"))]
mod absent {
    use crate::DiagnosticCode as Code;
    use crate::document::Matcher;
    use crate::read::fact::Place;
    use crate::read::node::{Node, Span};

    /// Reports a matcher that this build cannot judge.
    pub(in crate::read) fn sql(_: &Node<'_>, key: Span, place: &Place<'_>) -> Option<Matcher> {
        let message = "the matcher `sql` is not part of this build";
        let help = "build callgate-policy with its feature `sql`";
        place
            .faults
            .add_with_help(Code::UnknownKey, key, message, help);
        None
    }
}

#[cfg(feature = "sql")]
mod present {
    use crate::DiagnosticCode as Code;
    use crate::document::sql::{
        SqlDialect, SqlFunctions, SqlKind, SqlPin, SqlRequired, SqlSpec, SqlTable,
    };
    use crate::document::{Matcher, Scalar};
    use crate::read::fact::Place;
    use crate::read::faults::Faults;
    use crate::read::fields::{Fields, array, shown, text, word, wrong_type};
    use crate::read::node::{Node, Span, Value};

    const KEYS: &[&str] = &[
        "dialect",
        "statements",
        "tables",
        "schemas",
        "functions",
        "plain",
        "require",
    ];
    const REQUIRED: &[&str] = &["column", "equals", "one_of", "integers", "on"];
    /// The word for the functions that are pure in the dialect.
    const PURE: &str = "pure";
    /// The most items of any list.
    const MAX: usize = 1024;

    const DIALECTS: &[(&str, SqlDialect)] = &[
        ("postgres", SqlDialect::Postgres),
        ("mysql", SqlDialect::MySql),
        ("sqlite", SqlDialect::Sqlite),
    ];
    const KINDS: &[(&str, SqlKind)] = &[
        ("select", SqlKind::Select),
        ("insert", SqlKind::Insert),
        ("update", SqlKind::Update),
        ("delete", SqlKind::Delete),
        ("explain", SqlKind::Explain),
        ("show", SqlKind::Show),
        ("describe", SqlKind::Describe),
        ("pragma", SqlKind::Pragma),
    ];

    /// Reads `sql`.
    pub(in crate::read) fn sql(node: &Node<'_>, _: Span, place: &Place<'_>) -> Option<Matcher> {
        let faults = place.faults;
        let fields = Fields::of(node, "`sql`", KEYS, faults)?;
        let dialect = fields
            .need("dialect")
            .and_then(|node| word(node, DIALECTS, faults));
        fields.need("statements");
        let statements = kinds(&fields, "statements", dialect, faults);
        let functions = fields.get("functions");
        let tables = names(&fields, "tables", "tables", faults, |node, name| {
            let table = SqlTable::parse(name);
            if table.is_none() {
                let message = format!("`{}` is no name of a table", shown(name));
                let help = "write `name` or `schema.name`, as the database stores it";
                faults.add_with_help(Code::BadName, node.span, message, help);
            }
            table
        });
        let schemas = names(&fields, "schemas", "schemas", faults, |node, name| {
            plain_name(node, name, "a schema", faults)
        });
        let require = required(&fields, &statements, dialect, place);
        if fields.flag("plain") || !require.is_empty() {
            let commands = [SqlKind::Show, SqlKind::Describe, SqlKind::Pragma];
            if commands.iter().any(|kind| statements.contains(kind)) {
                let message = "`show`, `describe` and `pragma` have no one table to require";
                faults.add(Code::MisplacedKey, fields.span(), message);
            }
        }
        let dialect = dialect?;
        let functions = match functions {
            Some(node) => self::functions(node, dialect, faults)?,
            None => SqlFunctions::pure(dialect),
        };
        Some(Matcher::Sql(Box::new(SqlSpec {
            tables,
            schemas,
            functions,
            plain: fields.flag("plain"),
            require,
            ..SqlSpec::new(dialect, statements)
        })))
    }

    fn kinds(
        fields: &Fields<'_, '_>,
        key: &str,
        dialect: Option<SqlDialect>,
        faults: &Faults<'_>,
    ) -> Vec<SqlKind> {
        fields.list(key, "kinds of statement");
        fields.each(key, "kinds of statement", |node| {
            let kind = word(node, KINDS, faults)?;
            let known = match (kind, dialect) {
                (SqlKind::Show, Some(SqlDialect::Sqlite)) => false,
                (SqlKind::Describe, Some(dialect)) => dialect == SqlDialect::MySql,
                (SqlKind::Pragma, Some(dialect)) => dialect == SqlDialect::Sqlite,
                _ => true,
            };
            if !known {
                let message = "this dialect has no such statement";
                faults.add(Code::UnknownWord, node.span, message);
            }
            Some(kind)
        })
    }

    /// Reads a list of names; `None` where it is absent.
    fn names<T>(
        fields: &Fields<'_, '_>,
        key: &str,
        what: &str,
        faults: &Faults<'_>,
        read: impl Fn(&Node<'_>, &str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = fields.list(key, what)?;
        if items.len() > MAX {
            let message = format!("expected at most {MAX} in `{key}`, found {}", items.len());
            faults.add(Code::TooMany, fields.span(), message);
            return None;
        }
        let names = items
            .iter()
            .filter_map(|node| read(node, text(node, what, faults)?));
        Some(names.collect())
    }

    fn plain_name(
        node: &Node<'_>,
        name: &str,
        what: &str,
        faults: &Faults<'_>,
    ) -> Option<Box<str>> {
        if name.is_empty() || name.contains(['.', '"', '`', '[', ']', '(']) {
            let message = format!("`{}` is no name of {what}", shown(name));
            let help = "write it as the database stores it, without quotes";
            faults.add_with_help(Code::BadName, node.span, message, help);
            return None;
        }
        Some(name.into())
    }

    /// Reads `"pure"`, or a list of names in which `pure` stands for the pure ones.
    fn functions(
        node: &Node<'_>,
        dialect: SqlDialect,
        faults: &Faults<'_>,
    ) -> Option<SqlFunctions> {
        if let Value::Text(_) = node.value {
            word(node, &[(PURE, ())], faults)?;
            return Some(SqlFunctions::pure(dialect));
        }
        let items = array(node, "functions", faults)?;
        if items.len() > MAX {
            let message = format!(
                "expected at most {MAX} in `functions`, found {}",
                items.len()
            );
            faults.add(Code::TooMany, node.span, message);
            return None;
        }
        let mut pure = false;
        let mut named = Vec::new();
        for item in items {
            let Some(name) = text(item, "the name of a function", faults) else {
                continue;
            };
            if name == PURE {
                pure = true;
                continue;
            }
            let parts = name.split('.').take(3);
            if parts.clone().count() > 2 {
                plain_name(item, name, "a function", faults);
            }
            for part in parts {
                plain_name(item, part, "a function", faults);
            }
            named.push(name.into());
        }
        Some(SqlFunctions::only(dialect, named, pure))
    }

    fn required(
        fields: &Fields<'_, '_>,
        statements: &[SqlKind],
        dialect: Option<SqlDialect>,
        place: &Place<'_>,
    ) -> Vec<SqlRequired> {
        let faults = place.faults;
        fields.list("require", "predicates");
        fields.each("require", "predicates", |node| {
            let fields = Fields::of(node, "a predicate", REQUIRED, faults)?;
            let column = fields.need("column");
            let column = column.and_then(|node| {
                let column = text(node, "the name of a column", faults)?;
                plain_name(node, column, "a column", faults)
            });
            let on = fields.get("on").map(|node| {
                let on = kinds(&fields, "on", dialect, faults);
                if on.iter().any(|kind| !statements.contains(kind)) {
                    let message = "`on` names a kind that `statements` does not list";
                    faults.add(Code::MisplacedKey, node.span, message);
                }
                on
            });
            let pin = pin(&fields, place)?;
            Some(SqlRequired {
                column: column?,
                pin,
                on,
            })
        })
    }

    fn pin(fields: &Fields<'_, '_>, place: &Place<'_>) -> Option<SqlPin> {
        let faults = place.faults;
        if let Some(node) = fields.get("equals") {
            for key in ["one_of", "integers"] {
                fields.refuse(key, "stands beside `equals`: write one of them");
            }
            if !matches!(node.value, Value::Table(_)) {
                return literal(node, faults).map(SqlPin::Value);
            }
            let fields = Fields::of(node, "`equals`", &["fact"], faults)?;
            let node = fields.need("fact")?;
            let fact = text(node, "the place of a value", faults)?;
            return place.fact(fact, node.span).map(SqlPin::Fact);
        }
        if fields.get("one_of").is_some() {
            fields.refuse("integers", "stands beside `one_of`: write one of them");
            fields.list("one_of", "values");
            let values = fields.each("one_of", "values", |node| literal(node, faults));
            return Some(SqlPin::OneOf(values));
        }
        if fields.flag("integers") {
            return Some(SqlPin::Integers);
        }
        let help = "write `equals`, `one_of` or `integers = true`";
        let message = "expected what the column is compared with";
        faults.add_with_help(Code::MissingKey, fields.span(), message, help);
        None
    }

    fn literal(node: &Node<'_>, faults: &Faults<'_>) -> Option<Scalar> {
        match node.value {
            Value::Text(text) if text.contains(['\'', '\\']) => {
                let message = "a text with a quote or a backslash is never equal for sure";
                faults.add(Code::BadName, node.span, message);
                None
            }
            Value::Text(text) => Some(Scalar::Text(text.into())),
            Value::Integer(integer) => Some(Scalar::Number(integer.into())),
            _ => {
                wrong_type(node, "a text or an integer", faults);
                None
            }
        }
    }
}

#[cfg(all(test, feature = "sql"))]
mod tests {
    use crate::Policy;

    #[track_caller]
    fn check(keys: &str, expected: &str) {
        let text = format!(
            "format = 1\nname = \"p\"\n[tools.t]\naccess = \"write\"\n\
             [tools.t.arguments.\"/q\".sql]\n{keys}\n\
             [[rules]]\nid = \"r\"\neffect = \"permit\"\n"
        );
        let found = match Policy::parse(&text, "p") {
            Ok(_) => "loads".to_owned(),
            Err(found) => found.to_string(),
        };
        assert!(found.contains(expected), "{found}");
    }

    const SELECT: &str = "dialect = \"postgres\"\nstatements = [\"select\", \"update\"]\n";

    #[track_caller]
    fn check_with(keys: &str, expected: &str) {
        check(&format!("{SELECT}{keys}"), expected);
    }

    #[test]
    fn whole_specifications() {
        check(SELECT, "loads");
        check_with(
            "functions = []\ntables = [\"a\", \"b.c\"]\nplain = true",
            "loads",
        );
        check_with(
            "require = [{ column = \"a\", one_of = [1, \"x\"] }]",
            "loads",
        );
    }

    #[test]
    fn faulty_specifications() {
        check("statements = [\"select\"]", "missing key `dialect`");
        check("dialect = \"postgres\"", "missing key `statements`");
        check(
            "dialect = \"oracle\"\nstatements = [\"select\"]",
            "found `oracle`",
        );
        check(
            "dialect = \"mysql\"\nstatements = []",
            "`statements` is empty",
        );
        check(
            "dialect = \"mysql\"\nstatements = [\"pragma\"]",
            "this dialect has no such statement",
        );
        check_with("table = [\"a\"]", "unknown key `table` in `sql`");
        check_with("tables = [\"a.b.c\"]", "`a.b.c` is no name of a table");
        check_with("functions = \"any\"", "found `any`");
        check_with("functions = [\"f()\"]", "`f()` is no name of a function");
        check_with(
            "require = [{ column = \"a\" }]",
            "what the column is compared with",
        );
        check_with(
            "require = [{ column = \"a\", equals = 1, integers = true }]",
            "`integers` stands beside `equals`",
        );
        check_with(
            "require = [{ column = \"a\", equals = 1, on = [\"delete\"] }]",
            "`on` names a kind that `statements` does not list",
        );
        check_with(
            "require = [{ column = \"a\", equals = \"it's\" }]",
            "a text with a quote or a backslash",
        );
        check_with(
            "require = [{ column = \"a\", equals = { fact = \"caller/tenent\" } }]",
            "unknown fact `caller/tenent`",
        );
    }
}
