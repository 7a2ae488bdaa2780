//! Labelled statements of four intents.

use super::*;

const CASES: &str = include_str!("../../../../tests/intents/cases/sql.jsonl");

#[test]
fn labelled_cases() {
    let mut wrong = Vec::new();
    for line in CASES.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let dialect = match case["dialect"].as_str().unwrap() {
            "mysql" => SqlDialect::MySql,
            "sqlite" => SqlDialect::Sqlite,
            _ => SqlDialect::Postgres,
        };
        let spec = match case["intent"].as_str().unwrap() {
            "SQL-RO" => read_only(dialect),
            "SQL-TABLES" => three_tables(dialect),
            "SQL-TENANT" => one_tenant(dialect),
            "SQL-DML" => tickets(dialect),
            intent => panic!("no policy for {intent}"),
        };
        let text = case["input"].as_str().unwrap();
        let allowed = spec.test(text, &[]) == Some(true);
        if allowed != (case["expect"] == "allow") {
            wrong.push(line);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
