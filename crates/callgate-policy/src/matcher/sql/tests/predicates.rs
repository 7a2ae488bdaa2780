//! Required predicates.

use super::*;
use callgate_types::Decimal;

use crate::document::{Fact, FactRoot, Pointer};

#[test]
fn predicate_in_another_form() {
    allowed(
        &one_tenant(SqlDialect::Postgres),
        &[
            "SELECT * FROM public.orders AS o WHERE 42 = o.tenant_id",
            "SELECT * FROM orders WHERE (((tenant_id = 42)))",
            "SELECT * FROM orders WHERE \"tenant_id\" = 42 AND NOT a",
            "SELECT * FROM orders WHERE orders.TENANT_ID = 42",
            "SELECT * FROM orders WHERE a BETWEEN 1 AND 2 AND tenant_id = 42",
            "SELECT * FROM orders WHERE tenant_id = 42 GROUP BY a HAVING count(*) > 1 ORDER BY 1 LIMIT 5;",
        ],
    );
    denied(
        &one_tenant(SqlDialect::Postgres),
        &[
            "SELECT * FROM orders",
            "SELECT * FROM orders WHERE tenant_id = 42 OR true",
            "SELECT * FROM orders WHERE NOT tenant_id = 42",
            "SELECT * FROM orders WHERE NOT (tenant_id = 42 AND a)",
            "SELECT * FROM orders WHERE (tenant_id = 42) IS NOT NULL",
            "SELECT * FROM orders WHERE tenant_id = 42 IS NOT FALSE",
            "SELECT * FROM orders WHERE tenant_id >= 42",
            "SELECT * FROM orders WHERE tenant_id = 42 + 0",
            "SELECT * FROM orders WHERE tenant_id = 42.0",
            "SELECT * FROM orders WHERE tenant_id = '42'",
            "SELECT * FROM orders WHERE tenant_id = -42",
            "SELECT * FROM orders WHERE tenant_id = 420",
            "SELECT * FROM orders WHERE tenant_id = $1",
            "SELECT * FROM orders WHERE tenant_id IN (42, 43)",
            "SELECT * FROM orders WHERE tenant_id = ANY(ARRAY[42])",
            "SELECT * FROM orders WHERE \"TENANT_ID\" = 42",
            "SELECT * FROM orders WHERE x.tenant_id = 42",
            "SELECT * FROM orders o WHERE orders.tenant_id = 42",
            "SELECT * FROM orders WHERE tenant_id = tenant_id AND 42 = 42",
            "SELECT * FROM orders WHERE a BETWEEN 1 AND tenant_id = 42",
            "SELECT * FROM orders WHERE CASE WHEN true THEN tenant_id = 42 END",
            "SELECT * FROM orders WHERE tenant_id = 42 UNION SELECT * FROM orders",
            "SELECT * FROM orders o(a, tenant_id) WHERE tenant_id = 42",
            "SELECT * FROM orders, orders b WHERE tenant_id = 42",
            "SELECT * FROM orders JOIN orders b ON true WHERE orders.tenant_id = 42",
            "SELECT * FROM (SELECT 42 AS tenant_id) orders WHERE tenant_id = 42",
            "SELECT *, (SELECT count(*) FROM orders) FROM orders WHERE tenant_id = 42",
            "SELECT * FROM orders WHERE tenant_id = 42 AND EXISTS (SELECT 1 FROM orders)",
            "WITH orders AS (SELECT 42 AS tenant_id) SELECT * FROM orders WHERE tenant_id = 42",
            "SELECT count(*) FILTER (WHERE tenant_id = 42) FROM orders",
            "SELECT * FROM orders HAVING tenant_id = 42",
            "SELECT * FROM orders -- WHERE tenant_id = 42",
            "SELECT 'WHERE tenant_id = 42' FROM orders",
            "SELECT 1",
            "TABLE orders",
            "VALUES (1)",
            "SELECT * FROM users WHERE tenant_id = 42",
            "SELECT * FROM private.orders WHERE tenant_id = 42",
            "SELECT * FROM orders WHERE tenant_id = 42OR true",
            "SELECT * FROM orders TABLESAMPLE system (1) WHERE tenant_id = 42",
            "SELECT * FROM orders WHERE tenant_id = 42 AND pg_sleep(1) IS NULL",
            "(SELECT * FROM orders WHERE tenant_id = 42)",
        ],
    );
}

/// `||` may be `OR` and `XOR` binds less than `AND`.
#[test]
fn operators_of_mysql() {
    denied(
        &one_tenant(SqlDialect::MySql),
        &[
            "SELECT * FROM orders WHERE tenant_id = 42 AND a || 1",
            "SELECT * FROM orders WHERE a XOR b AND tenant_id = 42",
            "SELECT * FROM orders WHERE tenant_id = 42 AND a XOR b",
            "SELECT * FROM orders WHERE tenant_id = 42 && 1 OR 1",
        ],
    );
}

#[test]
fn pinned_rows() {
    denied(
        &tickets(SqlDialect::Postgres),
        &[
            "UPDATE tickets SET a = 1",
            "UPDATE tickets SET a = 1 WHERE id > 5",
            "UPDATE tickets SET a = 1 WHERE id = 5 OR true",
            "UPDATE tickets SET a = 1 WHERE id = id",
            "UPDATE tickets SET a = 1 WHERE id = '5'",
            "UPDATE tickets SET a = 1 WHERE id NOT IN (5)",
            "UPDATE tickets SET a = 1 WHERE id IN ()",
            "UPDATE tickets SET a = 1 WHERE id IN (1, (SELECT 2))",
            "UPDATE tickets SET a = 1 FROM users WHERE id = 5",
            "UPDATE tickets t SET a = 1 FROM users t2 WHERE t.id = 5",
            "UPDATE ONLY users SET a = 1 WHERE id = 5",
            "UPDATE users SET a = 1 WHERE id = 5",
            "UPDATE tickets SET a = pg_sleep(1) WHERE id = 5",
            "UPDATE tickets SET a = 1 WHERE id = 5 RETURNING pg_sleep(1)",
            "UPDATE tickets SET (a, b) = (SELECT 1, 2) WHERE id = 5",
            "DELETE FROM tickets",
            "DELETE FROM tickets USING users WHERE tickets.id = 5",
            "DELETE FROM tickets WHERE id = 5 AND EXISTS (SELECT 1)",
            "DELETE FROM tickets WHERE CURRENT OF c",
            "DELETE FROM tickets WHERE id = 5 RETURNING (SELECT 1)",
            "DELETE FROM tickets AS t(id) WHERE id = 5",
            "INSERT INTO tickets SELECT * FROM tickets",
            "INSERT INTO tickets TABLE tickets",
            "INSERT INTO tickets DEFAULT VALUES",
            "INSERT INTO tickets VALUES (1) ON CONFLICT DO NOTHING",
            "INSERT INTO tickets VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1",
            "INSERT INTO tickets VALUES ((SELECT 1))",
            "INSERT INTO tickets VALUES (pg_sleep(1))",
            "INSERT INTO users VALUES (1)",
            "WITH a AS (SELECT 1) INSERT INTO tickets VALUES (1)",
            "WITH a AS (SELECT 1) DELETE FROM tickets WHERE id = 5",
            "INSERT INTO tickets WITH a AS (SELECT 1) VALUES (1)",
            "SELECT * FROM tickets UNION SELECT * FROM tickets",
            "SELECT * FROM tickets JOIN users ON true",
            "SELECT * INTO x FROM tickets",
            "TRUNCATE tickets",
            "EXPLAIN ANALYZE DELETE FROM tickets WHERE id = 5",
        ],
    );
    let mysql = tickets(SqlDialect::MySql);
    allowed(&mysql, &["DELETE FROM tickets WHERE id = 5 LIMIT 1"]);
    denied(
        &mysql,
        &[
            "REPLACE INTO tickets VALUES (1)",
            "INSERT IGNORE INTO tickets VALUES (1)",
            "INSERT INTO tickets SET a = 1",
            "INSERT INTO tickets VALUES (1) ON DUPLICATE KEY UPDATE a = 1",
            "DELETE tickets FROM tickets WHERE id = 5",
            "UPDATE tickets, users SET a = 1 WHERE id = 5",
        ],
    );
    denied(
        &tickets(SqlDialect::Sqlite),
        &[
            "INSERT OR REPLACE INTO tickets VALUES (1)",
            "REPLACE INTO tickets VALUES (1)",
            "UPDATE OR IGNORE tickets SET a = 1 WHERE id = 5",
        ],
    );
}

/// Whose row it is can neither be left out nor changed.
#[test]
fn rows_of_a_tenant() {
    let pin = SqlPin::Fact(Fact {
        root: FactRoot::Caller,
        pointer: Pointer::parse("/tenant").unwrap(),
    });
    let spec = SqlSpec {
        require: vec![SqlRequired {
            column: "tenant".into(),
            pin,
            on: None,
        }],
        ..SqlSpec::new(
            SqlDialect::Postgres,
            vec![
                SqlKind::Select,
                SqlKind::Insert,
                SqlKind::Update,
                SqlKind::Delete,
            ],
        )
    };
    let acme = |text| spec.test(text, &[Known::Text("acme")]);
    for text in [
        "SELECT * FROM t WHERE tenant = 'acme'",
        "DELETE FROM t WHERE 'acme' = tenant AND id = 1",
        "UPDATE t SET a = 1 WHERE tenant = 'acme'",
        "INSERT INTO t (a, tenant) VALUES (1, 'acme'), (2, 'acme')",
    ] {
        assert_eq!(acme(text), Some(true), "{text}");
    }
    for text in [
        "SELECT * FROM t WHERE tenant = 'ACME'",
        "SELECT * FROM t WHERE tenant = 'acme '",
        "SELECT * FROM t WHERE tenant = E'acme'",
        "SELECT * FROM t WHERE tenant = 'ac''me'",
        "SELECT * FROM t WHERE tenant = acme",
        "UPDATE t SET tenant = 'other' WHERE tenant = 'acme'",
        "UPDATE t SET (a, tenant) = (1, 'other') WHERE tenant = 'acme'",
        "UPDATE t SET \"tenant\" = 'other' WHERE tenant = 'acme'",
        "INSERT INTO t VALUES (1, 'acme')",
        "INSERT INTO t (a) VALUES (1)",
        "INSERT INTO t (a, tenant) VALUES (1, 'acme'), (2, 'other')",
        "INSERT INTO t (tenant, tenant) VALUES ('acme', 'other')",
        "INSERT INTO t (a, tenant) SELECT 1, 'acme'",
    ] {
        assert_eq!(acme(text), Some(false), "{text}");
    }
    let [one, seven, decimal] = ["1", "7", "7.0"].map(|text| Decimal::parse(text).unwrap());
    let text = "SELECT * FROM t WHERE tenant = 'acme'";
    assert_eq!(spec.test(text, &[Known::Unknown]), None);
    for text in [
        "DELETE FROM t WHERE tenant = 'acme' AND pg_sleep(1) = 1",
        "SELECT pg_sleep(1) FROM t WHERE tenant = 'acme'",
    ] {
        assert_eq!(spec.test(text, &[Known::Unknown]), Some(false), "{text}");
    }
    assert_eq!(spec.test(text, &[Known::Absent]), Some(false));
    assert_eq!(
        spec.test(text, &[Known::Number(one.as_number())]),
        Some(false)
    );
    let text = "SELECT * FROM t WHERE tenant = 7";
    assert_eq!(
        spec.test(text, &[Known::Number(seven.as_number())]),
        Some(true)
    );
    assert_eq!(
        spec.test(text, &[Known::Number(decimal.as_number())]),
        Some(true)
    );
    assert_eq!(spec.test(text, &[Known::Text("7")]), Some(false));
}
