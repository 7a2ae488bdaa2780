//! Single matchers, each against what reads the same texts.

use std::error::Error;
use std::hint::black_box;

use callgate::policy::document::path::LinkFact;
use callgate::policy::document::sql::SqlDialect;
use path_clean::PathClean as _;
use sqlparser::dialect::{Dialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;
use url::Url;

use super::{Promise, Sides, each};
use crate::workload::Matching;

pub(super) fn promises() -> Vec<Promise> {
    vec![
        Promise::new("matcher/url", urls).at_most(1.5),
        Promise::new("matcher/path", paths).at_most(2.0),
        Promise::new("matcher/shell", command_lines).at_most(10.0),
        Promise::new("matcher/sql", statements).at_most(1.3),
    ]
}

/// Against the parser of the crate `url`.
fn urls() -> Result<Sides, Box<dyn Error>> {
    let cases = Matching::urls()?;
    Ok(Sides::new(
        each(cases.clone(), |case| {
            black_box(case.spec.admits(black_box(&case.text)));
        }),
        each(cases, |case| {
            drop(black_box(Url::parse(black_box(&case.text))));
        }),
    ))
}

/// Against the lexical cleaning of the crate `path-clean`.
fn paths() -> Result<Sides, Box<dyn Error>> {
    let cases = Matching::paths()?;
    Ok(Sides::new(
        each(cases.clone(), |case| {
            black_box(case.spec.admits(black_box(&case.text), LinkFact::None));
        }),
        each(cases, |case| {
            drop(black_box(
                std::path::Path::new(black_box(&case.text)).clean(),
            ));
        }),
    ))
}

/// Against one look at every byte.
fn command_lines() -> Result<Sides, Box<dyn Error>> {
    let cases = Matching::command_lines()?;
    Ok(Sides::new(
        each(cases.clone(), |case| {
            black_box(case.spec.test(black_box(&case.text)));
        }),
        each(cases, |case| {
            black_box(specials(black_box(&case.text)));
        }),
    ))
}

/// How many bytes of `text` mean something to a shell: a loop over the bytes, each of which is
/// looked up in a table of 256.
fn specials(text: &str) -> usize {
    let mut count = 0_usize;
    for byte in text.bytes() {
        count = count.wrapping_add(SPECIAL.get(byte as usize).copied().unwrap_or(0).into());
    }
    count
}

const SPECIAL: [u8; 256] = {
    let mut table = [0; 256];
    let mut bytes: &[u8] = b" \t\n|&;()<>$`\\\"'*?[]{}#~=%!^";
    while let [byte, rest @ ..] = bytes {
        #[expect(clippy::indexing_slicing, reason = "a byte is less than 256")]
        {
            table[*byte as usize] = 1;
        }
        bytes = rest;
    }
    table
};

/// Against the parser of the crate `sqlparser`, by the dialect of each text.
fn statements() -> Result<Sides, Box<dyn Error>> {
    let cases = Matching::statements()?;
    Ok(Sides::new(
        each(cases.clone(), |case| {
            black_box(case.spec.test(black_box(&case.text), &[]));
        }),
        each(cases, |case| {
            let dialect: &dyn Dialect = match case.spec.dialect {
                SqlDialect::MySql => &MySqlDialect {},
                SqlDialect::Sqlite => &SQLiteDialect {},
                _ => &PostgreSqlDialect {},
            };
            drop(black_box(Parser::parse_sql(dialect, black_box(&case.text))));
        }),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_bytes() {
        assert_eq!(specials("ls -la /tmp"), 2);
        assert_eq!(specials("echo \"$(id)\" | cat"), 9);
        assert_eq!(specials(""), 0);
    }
}
