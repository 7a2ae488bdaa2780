//! Names, as each dialect compares them.

use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};
use sqlparser::tokenizer::Word;

use super::reserved::is_reserved;
use super::{Breach, SqlDialect};

/// A name of one to three parts.
#[derive(Debug)]
pub(super) struct Name<'a> {
    parts: [Part<'a>; 3],
    count: usize,
}

/// One part of a name, or an identifier.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
    pub(super) quoted: bool,
}

impl<'a> Name<'a> {
    /// Refuses a name with more parts, with parts that are calculated, or quoted in a way that
    /// is no identifier in `dialect`.
    pub(super) fn of(name: &'a ObjectName, dialect: SqlDialect) -> Result<Self, Breach> {
        let none = Part {
            text: "",
            quoted: false,
        };
        let mut parts = [none; 3];
        if name.0.is_empty() || name.0.len() > parts.len() {
            return Err(Breach::Unclear);
        }
        for (part, slot) in name.0.iter().zip(&mut parts) {
            let ObjectNamePart::Identifier(ident) = part else {
                return Err(Breach::Unclear);
            };
            *slot = Part::of(ident, dialect)?;
        }
        Ok(Self {
            parts,
            count: name.0.len(),
        })
    }

    pub(super) fn parts(&self) -> &[Part<'a>] {
        self.parts.get(..self.count).unwrap_or_default()
    }
}

impl<'a> Part<'a> {
    pub(super) fn of(ident: &'a Ident, dialect: SqlDialect) -> Result<Self, Breach> {
        Self::quoted(&ident.value, ident.quote_style, dialect)
    }

    pub(super) fn of_word(word: &'a Word, dialect: SqlDialect) -> Result<Self, Breach> {
        Self::quoted(&word.value, word.quote_style, dialect)
    }

    fn quoted(text: &'a str, quote: Option<char>, dialect: SqlDialect) -> Result<Self, Breach> {
        let known = match (quote, dialect) {
            (None, _)
            | (Some('"'), SqlDialect::Postgres | SqlDialect::Sqlite)
            | (Some('`'), SqlDialect::MySql | SqlDialect::Sqlite)
            | (Some('['), SqlDialect::Sqlite) => true,
            (Some(_), _) => false,
        };
        if !known || text.is_empty() || (quote.is_none() && is_reserved(dialect, text)) {
            return Err(Breach::Unclear);
        }
        Ok(Self {
            text,
            quoted: quote.is_some(),
        })
    }
}

/// Whether `part` is the name of a table, schema or function that is stored as `name`.
///
/// `PostgreSQL` folds what is not quoted to lower case; `SQLite` ignores case; `MySQL` does so or
/// not by the file system it runs on, so that only the exact name is sure.
pub(super) fn same(dialect: SqlDialect, part: &Part<'_>, name: &str) -> bool {
    match (dialect, part.quoted) {
        (SqlDialect::Postgres, false) => is_folded(part.text, name),
        (SqlDialect::Sqlite, _) => part.text.eq_ignore_ascii_case(name),
        (SqlDialect::Postgres, true) | (SqlDialect::MySql, _) => part.text == name,
    }
}

/// Whether two names written in a statement mean the same.
pub(super) fn same_parts(dialect: SqlDialect, one: &Part<'_>, other: &Part<'_>) -> bool {
    match dialect {
        SqlDialect::Postgres => {
            let fold = |part: &Part<'_>, byte: u8| {
                if part.quoted {
                    byte
                } else {
                    byte.to_ascii_lowercase()
                }
            };
            let left = one.text.bytes().map(|byte| fold(one, byte));
            left.eq(other.text.bytes().map(|byte| fold(other, byte)))
        }
        SqlDialect::Sqlite => one.text.eq_ignore_ascii_case(other.text),
        SqlDialect::MySql => one.text == other.text,
    }
}

/// Whether `part` is the name of a column that is stored as `name`.
pub(super) fn same_column(dialect: SqlDialect, part: &Part<'_>, name: &str) -> bool {
    match dialect {
        // Names of columns ignore case in MySQL, too.
        SqlDialect::MySql => part.text.eq_ignore_ascii_case(name),
        SqlDialect::Postgres | SqlDialect::Sqlite => same(dialect, part, name),
    }
}

fn is_folded(text: &str, name: &str) -> bool {
    let folded = text.bytes().map(|byte| byte.to_ascii_lowercase());
    folded.eq(name.bytes())
}
