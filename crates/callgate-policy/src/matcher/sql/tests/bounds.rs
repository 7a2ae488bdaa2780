//! Whatever is sent, the answer comes soon and on a small stack.

use std::time::{Duration, Instant};

use super::*;

/// Texts that nest or chain `unit`, from short ones to those over the limit.
fn check_shape(open: &str, unit: &str, middle: &str, close: &str) {
    for count in [1, 8, 16, 24, 31, 33, 64, 256, 900, 1_200, 4_000, 50_000] {
        let text = format!(
            "SELECT {open}{}{middle}{}",
            unit.repeat(count),
            close.repeat(count)
        );
        let began = Instant::now();
        for dialect in [SqlDialect::Postgres, SqlDialect::MySql, SqlDialect::Sqlite] {
            for spec in [read_only(dialect), one_tenant(dialect)] {
                spec.test(&text, &[]);
            }
        }
        let took = began.elapsed();
        assert!(took < Duration::from_secs(10), "{unit} x {count}: {took:?}");
    }
}

#[test]
fn deep_and_long_texts() {
    let shapes = [
        ("", "(", "1", ")"),
        ("", "(", "", ""),
        ("", "((", "1", ") + 1)"),
        ("", "(SELECT ", "1", ")"),
        ("* FROM ", "(", "t", ")"),
        ("* FROM ", "(", "t JOIN u ON true", ")"),
        ("* FROM ", "(SELECT * FROM ", "t", ") x"),
        ("* FROM ", "(((SELECT 1) UNION ", "(SELECT 1", "))"),
        ("", "lower(", "1", ")"),
        ("", "f(", "", ""),
        ("", "if(current_time(", "", ""),
        ("", "CASE WHEN ", "1", " THEN 1 END"),
        ("", "CASE ", "", ""),
        ("", "case-", "c", ""),
        ("", "NOT ", "1", ""),
        ("", "- ", "1", ""),
        ("", "+", "1", ""),
        ("1", " + 1", "", ""),
        ("1", "::int", "", ""),
        ("a", " IS NULL", "", ""),
        ("a", " COLLATE x", "", ""),
        ("a", " AT TIME ZONE 'x'", "", ""),
        ("a", "[1]", "", ""),
        ("a", ".a", "", ""),
        ("a", " AND a", "", ""),
        ("a", " BETWEEN 1 AND a", "", ""),
        ("1", " UNION SELECT 1", "", ""),
        ("1", " UNION (SELECT 1", "", ")"),
        ("1", ", 1", "", ""),
        ("a IN (1", ", 1", ")", ""),
        ("* FROM t", " JOIN t ON true", "", ""),
        ("* FROM t", ", t", "", ""),
        ("", "ARRAY[", "1", "]"),
        ("", "[", "1", "]"),
        ("", "CAST(", "1", " AS int)"),
        ("1::", "int[]", "", ""),
        ("", "EXISTS(SELECT ", "1", ")"),
        ("", "/*", "", "*/"),
        ("", "'", "", ""),
        ("", "\"", "", ""),
        ("", "$$", "", ""),
        ("", "-- \n", "1", ""),
        ("", "EXPLAIN ", "", ""),
        ("1", ";", "", ""),
        ("", "INTERVAL ", "'1'", ""),
        ("", "interval(", "1", ")"),
        ("", "{fn lower(", "1", ")}"),
        ("", "WITH a AS (", "SELECT 1", ") SELECT 1"),
        ("", "(WITH a AS (SELECT 1) SELECT ", "1", ")"),
        ("sum(1) OVER (ORDER BY ", "sum(1) OVER (ORDER BY ", "1", ")"),
        ("", "\u{e4}", "", ""),
        (
            "* FROM (SELECT * FROM (SELECT * FROM (SELECT * FROM (SELECT ",
            "NOT ",
            "1) a) b) c) d",
            "",
        ),
        (
            "* FROM (SELECT * FROM (SELECT * FROM (SELECT ",
            "lower(",
            "1",
            ")",
        ),
    ];
    for (open, unit, middle, close) in shapes {
        check_shape(open, unit, middle, close);
    }
}

#[test]
fn text_over_the_limit() {
    let spec = read_only(SqlDialect::Postgres);
    let fits = format!("SELECT '{}'", "x".repeat(super::super::scan::MAX_BYTES - 9));
    check(&spec, &fits, Some(true));
    check(&spec, &format!("{fits} "), None);
    let list = vec!["1"; 3_000].join(",");
    check(
        &spec,
        &format!("SELECT a FROM t WHERE a IN ({list})"),
        Some(true),
    );
}
