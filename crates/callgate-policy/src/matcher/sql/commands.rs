//! The commands that the parser does not know, or knows too loosely: `SHOW`, `DESCRIBE`, `PRAGMA`.
//!
//! All of them are judged by their tokens: words, names, literals, and no parentheses behind which
//! a function could be called.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use super::names::{Part, same};
use super::{Breach, Checked, SqlDialect, SqlKind, SqlSpec, allowed, tokens, understood};

/// What `SHOW` may show in `MySQL`.
const SHOWN: &[&str] = &[
    "BINARY",
    "BINLOG",
    "CHARACTER",
    "CHARSET",
    "COLLATION",
    "COLUMNS",
    "CREATE",
    "DATABASES",
    "ENGINE",
    "ENGINES",
    "ERRORS",
    "EVENTS",
    "EXTENDED",
    "FIELDS",
    "FULL",
    "FUNCTION",
    "GLOBAL",
    "GRANTS",
    "INDEX",
    "INDEXES",
    "KEYS",
    "LOCAL",
    "MASTER",
    "OPEN",
    "PLUGINS",
    "PRIVILEGES",
    "PROCEDURE",
    "PROCESSLIST",
    "PROFILE",
    "PROFILES",
    "REPLICA",
    "REPLICAS",
    "SCHEMAS",
    "SESSION",
    "SLAVE",
    "STATUS",
    "STORAGE",
    "TABLE",
    "TABLES",
    "TRIGGERS",
    "VARIABLES",
    "WARNINGS",
];

/// The `PRAGMA`s that describe; the second value: which tables they name.
const PRAGMAS: &[(&str, Described)] = &[
    ("database_list", Described::Nothing),
    ("foreign_key_list", Described::Table),
    ("index_info", Described::Index),
    ("index_list", Described::Table),
    ("table_info", Described::Table),
    ("table_list", Described::AnyTable),
    ("table_xinfo", Described::Table),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Described {
    Nothing,
    Table,
    AnyTable,
    /// An index, whose table is not named.
    Index,
}

/// `None`: a statement for the parser.
pub(super) fn judge(spec: &SqlSpec, tokens: &[TokenWithSpan]) -> Option<Checked> {
    let mut words = tokens.iter().map(|token| &token.token);
    let first = words.by_ref().find(|token| tokens::speaks(token))?;
    let Token::Word(first) = first else {
        return None;
    };
    let rest: Vec<&Token> = words.filter(|token| tokens::speaks(token)).collect();
    let command = Command {
        spec,
        rest: ended(&rest),
    };
    match (first.keyword, spec.dialect) {
        (Keyword::SHOW, _) => Some(command.show()),
        (Keyword::PRAGMA, _) => Some(command.pragma()),
        (Keyword::DESC | Keyword::DESCRIBE, SqlDialect::Postgres | SqlDialect::Sqlite) => {
            Some(Err(Breach::Unclear))
        }
        (Keyword::DESC | Keyword::DESCRIBE | Keyword::EXPLAIN, SqlDialect::MySql) => {
            command.describe()
        }
        _ => None,
    }
}

/// Without the semicolons at the end.
fn ended<'s, 'a>(mut tokens: &'s [&'a Token]) -> &'s [&'a Token] {
    while let [before @ .., Token::SemiColon] = tokens {
        tokens = before;
    }
    tokens
}

#[derive(Debug)]
struct Command<'s, 'a> {
    spec: &'s SqlSpec,
    rest: &'s [&'a Token],
}

impl Command<'_, '_> {
    fn show(&self) -> Checked {
        let of_words = |tokens: &[&Token]| {
            tokens.iter().all(|token| {
                matches!(token, Token::Word(word) if word.keyword != Keyword::INTO)
                    || matches!(token, Token::Period)
            })
        };
        match self.spec.dialect {
            SqlDialect::Postgres => understood(!self.rest.is_empty() && of_words(self.rest))?,
            SqlDialect::MySql => {
                let known = self.rest.first().is_some_and(|token| {
                    matches!(token, Token::Word(word) if word.quote_style.is_none()
                        && SHOWN.iter().any(|known| known.eq_ignore_ascii_case(&word.value)))
                });
                let plain = |token: &&Token| {
                    matches!(
                        token,
                        Token::Period
                            | Token::Comma
                            | Token::Eq
                            | Token::Number(..)
                            | Token::SingleQuotedString(_)
                            | Token::DoubleQuotedString(_)
                    )
                };
                let rest = self.rest.iter();
                let harmless = rest
                    .clone()
                    .all(|token| plain(token) || of_words(&[*token]));
                understood(known && harmless)?;
                // What is shown may be another table, its statement of creation included.
                allowed(self.spec.tables.is_none() && self.spec.schemas.is_none())?;
            }
            SqlDialect::Sqlite => return Err(Breach::Unclear),
        }
        allowed(self.spec.allows(SqlKind::Show))
    }

    /// `DESCRIBE t`, `DESCRIBE t column`; `None`: an explained statement.
    fn describe(&self) -> Option<Checked> {
        let name = |token: &Token| matches!(token, Token::Word(_));
        let (schema, table, rest) = match *self.rest {
            [
                Token::Word(schema),
                Token::Period,
                Token::Word(table),
                ref rest @ ..,
            ] => (Some(schema), table, rest),
            [Token::Word(table), ref rest @ ..] => (None, table, rest),
            _ => return None,
        };
        match rest {
            [] => {}
            [column] if name(column) || matches!(column, Token::SingleQuotedString(_)) => {
                // Statements begin with words, too: `EXPLAIN TABLE t`.
                if table.quote_style.is_none() && table.keyword != Keyword::NoKeyword {
                    return None;
                }
            }
            _ => return None,
        }
        let named = self.table(schema, table);
        Some(named.and_then(|()| allowed(self.spec.allows(SqlKind::Describe))))
    }

    fn pragma(&self) -> Checked {
        understood(self.spec.dialect == SqlDialect::Sqlite)?;
        let (schema, pragma, rest) = match *self.rest {
            [
                Token::Word(schema),
                Token::Period,
                Token::Word(pragma),
                ref rest @ ..,
            ] => (Some(schema), pragma, rest),
            [Token::Word(pragma), ref rest @ ..] => (None, pragma, rest),
            _ => return Err(Breach::Unclear),
        };
        let described = PRAGMAS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(&pragma.value));
        // Others may set what they name.
        let (_, described) = described.ok_or(Breach::Refused)?;
        let free = self.spec.tables.is_none() && self.spec.schemas.is_none();
        match rest {
            [] => allowed(free || *described == Described::Nothing)?,
            [Token::LParen, Token::Word(table), Token::RParen] => match described {
                Described::Table | Described::AnyTable => self.table(schema, table)?,
                Described::Index | Described::Nothing => allowed(free)?,
            },
            [Token::LParen, Token::SingleQuotedString(_), Token::RParen] => allowed(free)?,
            _ => return Err(Breach::Unclear),
        }
        allowed(self.spec.allows(SqlKind::Pragma))
    }

    fn table(&self, schema: Option<&Word>, table: &Word) -> Checked {
        let part = |word| Part::of_word(word, self.spec.dialect);
        let schema = schema.map(part).transpose()?;
        allowed(names_table(self.spec, schema.as_ref(), &part(table)?))
    }
}

/// Whether the policy allows this table.
pub(super) fn names_table(spec: &SqlSpec, schema: Option<&Part<'_>>, name: &Part<'_>) -> bool {
    let dialect = spec.dialect;
    let in_schemas = |schema: &Part<'_>| match &spec.schemas {
        Some(schemas) => schemas.iter().any(|known| same(dialect, schema, known)),
        None => spec.tables.is_none(),
    };
    let Some(tables) = &spec.tables else {
        return schema.is_none_or(in_schemas);
    };
    let mut named = tables
        .iter()
        .filter(|table| same(dialect, name, &table.name));
    named.any(|table| match (&table.schema, schema) {
        (None, None) => true,
        (None, Some(schema)) => in_schemas(schema),
        (Some(known), Some(schema)) => same(dialect, schema, known),
        (Some(_), None) => false,
    })
}
