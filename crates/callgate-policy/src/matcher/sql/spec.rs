//! What the author of a policy writes about SQL.

use super::functions::SqlFunctions;
use crate::document::{Fact, Scalar};

/// What a text of SQL may be.
///
/// Everything that is not said here is refused: the text is one statement of a listed kind, made
/// of constructs that are known to do nothing else.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SqlSpec {
    /// Whose SQL it is. The wrong dialect reads another statement than the database runs.
    pub dialect: SqlDialect,
    /// The kinds of statement, at least one.
    pub statements: Vec<SqlKind>,
    /// The tables that may be named, as the database stores the names: `orders`, or
    /// `archive.orders` for one of another schema. `None`: any.
    pub tables: Option<Vec<SqlTable>>,
    /// The schemas that may be written before a table of `tables` that names none. `None` beside
    /// `tables`: a name with a schema is refused unless `tables` lists it so; without `tables`: any.
    pub schemas: Option<Vec<Box<str>>>,
    /// The functions that may be called.
    pub functions: SqlFunctions,
    /// One table, and neither joins, set operations, `WITH` nor sub-queries.
    pub plain: bool,
    /// Predicates that the statement must have. Where there are any, it must be plain.
    pub require: Vec<SqlRequired>,
}

/// Whose SQL a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SqlDialect {
    /// `PostgreSQL`, with `standard_conforming_strings` on.
    Postgres,
    /// `MySQL` and `MariaDB`, in the default `sql_mode`.
    MySql,
    /// `SQLite`.
    Sqlite,
}

/// A kind of statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SqlKind {
    /// `SELECT`, `VALUES`, `TABLE` and their set operations, with or without `WITH`.
    Select,
    /// `INSERT`, without conflict clauses.
    Insert,
    /// `UPDATE`.
    Update,
    /// `DELETE`.
    Delete,
    /// `EXPLAIN` of a statement that is itself of a listed kind.
    Explain,
    /// `SHOW`.
    Show,
    /// `DESCRIBE`.
    Describe,
    /// The `PRAGMA`s of `SQLite` that describe tables.
    Pragma,
}

/// A table, by the name that the database stores.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqlTable {
    /// The schema; `None`: not written, or one of `schemas`.
    pub schema: Option<Box<str>>,
    /// The name in it.
    pub name: Box<str>,
}

/// A predicate that a statement must have.
///
/// For `SELECT`, `UPDATE` and `DELETE`: one of the conjuncts of `WHERE`. For `INSERT`: the value
/// of the column in every row.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SqlRequired {
    /// The column, as the database stores its name.
    pub column: Box<str>,
    /// What it is compared with.
    pub pin: SqlPin,
    /// The kinds of statement that need it; `None`: all.
    pub on: Option<Vec<SqlKind>>,
}

/// What a column is compared with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SqlPin {
    /// `column = value`, a text or an integer.
    Value(Scalar),
    /// `column = value`, the value supplied by the host or the call, of the same type.
    Fact(Fact),
    /// `column = value` or `column IN (…)`, with values of this list only.
    OneOf(Vec<Scalar>),
    /// `column = integer` or `column IN (integer, …)`, whichever they are.
    Integers,
}

impl SqlSpec {
    /// Any table, pure functions and no predicate.
    pub const fn new(dialect: SqlDialect, statements: Vec<SqlKind>) -> Self {
        Self {
            dialect,
            statements,
            tables: None,
            schemas: None,
            functions: SqlFunctions::pure(dialect),
            plain: false,
            require: Vec::new(),
        }
    }

    /// The facts that predicates are compared with, in the order of `require`.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.require
            .iter()
            .filter_map(|required| match &required.pin {
                SqlPin::Fact(fact) => Some(fact),
                _ => None,
            })
    }

    pub(super) fn allows(&self, kind: SqlKind) -> bool {
        self.statements.contains(&kind)
    }

    pub(super) fn is_plain(&self) -> bool {
        self.plain || !self.require.is_empty()
    }
}

impl SqlTable {
    /// Reads `name` or `schema.name`.
    pub fn parse(text: &str) -> Option<Self> {
        let (schema, name) = match text.split_once('.') {
            Some((schema, name)) => (Some(schema), name),
            None => (None, text),
        };
        let fits = |part: &str| !part.is_empty() && !part.contains(['.', '"', '`', '[', ']']);
        (schema.is_none_or(fits) && fits(name)).then(|| Self {
            schema: schema.map(Into::into),
            name: name.into(),
        })
    }
}
