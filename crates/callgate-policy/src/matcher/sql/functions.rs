//! Which functions may be called.

use super::names::{Name, Part, same};
use super::{SqlDialect, pure};

/// The functions that a statement may call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SqlFunctions {
    dialect: SqlDialect,
    pure: bool,
    named: Vec<Box<str>>,
}

impl SqlFunctions {
    /// The functions that are pure in `dialect`.
    pub const fn pure(dialect: SqlDialect) -> Self {
        Self {
            dialect,
            pure: true,
            named: Vec::new(),
        }
    }

    /// Those of `named` only, as the database stores their names: `f`, or `schema.f`.
    ///
    /// `pure`: the pure ones, too.
    pub const fn only(dialect: SqlDialect, named: Vec<Box<str>>, pure: bool) -> Self {
        Self {
            dialect,
            pure,
            named,
        }
    }

    /// Whether a statement may call `name`.
    pub(super) fn allow(&self, name: &Name<'_>) -> bool {
        match name.parts() {
            [function] => self.is_pure(function) || self.is_named(&[function]),
            [schema, function] => {
                (self.dialect == SqlDialect::Postgres
                    && same(self.dialect, schema, "pg_catalog")
                    && self.is_pure(function))
                    || self.is_named(&[schema, function])
            }
            _ => false,
        }
    }

    /// Whether a statement may call what the dialect writes with a syntax of its own.
    pub(super) fn allow_special(&self, name: &str) -> bool {
        (self.pure && pure::is_pure(self.dialect, name))
            || self.named.iter().any(|named| **named == *name)
    }

    fn is_pure(&self, function: &Part<'_>) -> bool {
        if !self.pure {
            return false;
        }
        match (self.dialect, function.quoted) {
            // A quoted name is exact in PostgreSQL.
            (SqlDialect::Postgres, true) => pure::is_pure(self.dialect, function.text),
            // A quoted name is never that of a built-in function in MySQL.
            (SqlDialect::MySql, true) => false,
            _ => pure::is_pure(self.dialect, &function.text.to_ascii_lowercase()),
        }
    }

    fn is_named(&self, parts: &[&Part<'_>]) -> bool {
        self.named.iter().any(|named| {
            let mut expected = named.split('.');
            parts.iter().all(|part| {
                expected
                    .next()
                    .is_some_and(|name| same(self.dialect, part, name))
            }) && expected.next().is_none()
        })
    }
}
