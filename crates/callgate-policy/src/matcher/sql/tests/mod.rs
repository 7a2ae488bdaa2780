//! What the matcher allows and refuses.

mod adversary;
mod benign;
mod bounds;
mod cases;
mod no_sql;
mod predicates;

use super::{Known, SqlDialect, SqlKind, SqlPin, SqlRequired, SqlSpec, SqlTable};
use crate::document::Scalar;

/// Reads only.
fn read_only(dialect: SqlDialect) -> SqlSpec {
    SqlSpec::new(
        dialect,
        vec![
            SqlKind::Select,
            SqlKind::Explain,
            SqlKind::Show,
            SqlKind::Describe,
            SqlKind::Pragma,
        ],
    )
}

/// Queries of three tables.
fn three_tables(dialect: SqlDialect) -> SqlSpec {
    let tables = ["orders", "customers", "products"];
    SqlSpec {
        tables: Some(tables.into_iter().filter_map(SqlTable::parse).collect()),
        schemas: Some(vec!["public".into()]),
        ..SqlSpec::new(dialect, vec![SqlKind::Select])
    }
}

/// Queries of one table, by one tenant.
fn one_tenant(dialect: SqlDialect) -> SqlSpec {
    SqlSpec {
        tables: Some(SqlTable::parse("orders").into_iter().collect()),
        schemas: Some(vec!["public".into()]),
        require: vec![SqlRequired {
            column: "tenant_id".into(),
            pin: SqlPin::Value(Scalar::Number(42.into())),
            on: None,
        }],
        ..SqlSpec::new(dialect, vec![SqlKind::Select])
    }
}

/// Changes of one table, row by row.
fn tickets(dialect: SqlDialect) -> SqlSpec {
    SqlSpec {
        tables: Some(SqlTable::parse("tickets").into_iter().collect()),
        schemas: Some(vec!["public".into()]),
        plain: true,
        require: vec![SqlRequired {
            column: "id".into(),
            pin: SqlPin::Integers,
            on: Some(vec![SqlKind::Update, SqlKind::Delete]),
        }],
        ..SqlSpec::new(
            dialect,
            vec![
                SqlKind::Select,
                SqlKind::Insert,
                SqlKind::Update,
                SqlKind::Delete,
            ],
        )
    }
}

/// The single place where these tests touch the API.
#[track_caller]
fn check(spec: &SqlSpec, text: &str, expected: Option<bool>) {
    assert_eq!(spec.test(text, &[]), expected, "{text}");
}

#[track_caller]
fn allowed(spec: &SqlSpec, texts: &[&str]) {
    let is_wrong = |text: &&&str| spec.test(text, &[]) != Some(true);
    let wrong: Vec<_> = texts.iter().filter(is_wrong).collect();
    assert!(wrong.is_empty(), "refused: {wrong:#?}");
}

#[track_caller]
fn denied(spec: &SqlSpec, texts: &[&str]) {
    let is_wrong = |text: &&&str| spec.test(text, &[]) == Some(true);
    let wrong: Vec<_> = texts.iter().filter(is_wrong).collect();
    assert!(wrong.is_empty(), "let through: {wrong:#?}");
}
