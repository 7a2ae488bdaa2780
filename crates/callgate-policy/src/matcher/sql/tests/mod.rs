//! What the matcher allows and refuses.

mod cases;

use super::{Dialect, Functions, Kind, Known, Pin, Required, Sql, Table};
use crate::document::Scalar;
use crate::evaluate::Truth;

/// Reads only.
fn read_only(dialect: Dialect) -> Sql {
    Sql::new(
        dialect,
        vec![
            Kind::Select,
            Kind::Explain,
            Kind::Show,
            Kind::Describe,
            Kind::Pragma,
        ],
    )
}

/// Queries of three tables.
fn three_tables(dialect: Dialect) -> Sql {
    let tables = ["orders", "customers", "products"];
    Sql {
        tables: Some(tables.into_iter().filter_map(Table::parse).collect()),
        schemas: Some(vec!["public".into()]),
        ..Sql::new(dialect, vec![Kind::Select])
    }
}

/// Queries of one table, by one tenant.
fn one_tenant(dialect: Dialect) -> Sql {
    Sql {
        tables: Some(Table::parse("orders").into_iter().collect()),
        schemas: Some(vec!["public".into()]),
        require: vec![Required {
            column: "tenant_id".into(),
            pin: Pin::Value(Scalar::Number(42.into())),
            on: None,
        }],
        ..Sql::new(dialect, vec![Kind::Select])
    }
}

/// Changes of one table, row by row.
fn tickets(dialect: Dialect) -> Sql {
    Sql {
        tables: Some(Table::parse("tickets").into_iter().collect()),
        schemas: Some(vec!["public".into()]),
        plain: true,
        require: vec![Required {
            column: "id".into(),
            pin: Pin::Integers,
            on: Some(vec![Kind::Update, Kind::Delete]),
        }],
        ..Sql::new(
            dialect,
            vec![Kind::Select, Kind::Insert, Kind::Update, Kind::Delete],
        )
    }
}

/// The single place where these tests touch the API.
#[track_caller]
fn check(spec: &Sql, text: &str, expected: Truth) {
    assert_eq!(spec.test(text, &[]), expected, "{text}");
}

#[track_caller]
fn allowed(spec: &Sql, texts: &[&str]) {
    for text in texts {
        check(spec, text, Truth::Yes);
    }
}

#[track_caller]
fn denied(spec: &Sql, texts: &[&str]) {
    for text in texts {
        assert_ne!(spec.test(text, &[]), Truth::Yes, "{text}");
    }
}
