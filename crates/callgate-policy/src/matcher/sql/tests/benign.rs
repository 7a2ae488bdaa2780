//! What people ask in earnest, and must not be refused.

use super::*;

#[test]
fn reading_postgres() {
    allowed(
        &read_only(SqlDialect::Postgres),
        &[
            "SELECT 1",
            "TABLE orders",
            "TABLE public.orders ORDER BY 1 LIMIT 5",
            "(TABLE a) UNION ALL TABLE b",
            "EXPLAIN TABLE orders",
            "WITH a AS (TABLE orders) TABLE a",
            "VALUES (1, 'a'), (2, 'b') ORDER BY 1",
            "SELECT * FROM (VALUES (1), (2)) AS v(x)",
            "SELECT * FROM a UNION SELECT * FROM b INTERSECT SELECT * FROM c EXCEPT SELECT * FROM d",
            "(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1 OFFSET 1 LIMIT 2",
            "SELECT 1 FETCH FIRST 3 ROWS ONLY",
            "SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b DESC NULLS LAST",
            "EXPLAIN ANALYZE SELECT 1",
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM t",
            "EXPLAIN (ANALYZE true, VERBOSE false, COSTS off) SELECT 1",
            "EXPLAIN VERBOSE SELECT 1",
            "EXPLAIN WITH t AS (SELECT 1) SELECT * FROM t",
            "WITH a AS (SELECT id FROM (SELECT * FROM t WHERE id IN (SELECT t_id FROM u WHERE EXISTS \
             (SELECT 1 FROM v WHERE NOT v.x AND v.y = coalesce(round((1 + (2 * v.z)) / 3, 2), 0)))) s) \
             SELECT CASE WHEN a.id > 1 AND (a.id < 5 OR NOT (a.id = 7)) THEN CASE WHEN true THEN \
             upper(trim(lower(substr('x', 1, (2 + (3 * 4)))))) END END FROM a",
            "SELECT ((((((((((1))))))))))",
            "SHOW search_path",
            "SHOW ALL",
            "SHOW TIME ZONE",
            "show server_version;",
            "SHOW transaction_read_only",
            "SHOW transaction isolation level",
            "SELECT rank() OVER (PARTITION BY a ORDER BY b DESC) FROM t",
            "SELECT sum(x) OVER w FROM t WINDOW w AS (ORDER BY y ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)",
            "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FROM orders",
            "SELECT mode() WITHIN GROUP (ORDER BY status) FROM orders",
            "SELECT string_agg(name, ', ' ORDER BY name) FROM t",
            "SELECT array_agg(DISTINCT a ORDER BY a) FROM t",
            "SELECT count(DISTINCT a), count(*) FROM t GROUP BY GROUPING SETS ((a), (b), ())",
            "SELECT a, b, sum(c) FROM t GROUP BY CUBE (a, b) HAVING sum(c) > 10",
            "SELECT date_trunc('day', now()) AT TIME ZONE 'UTC'",
            "SELECT extract(year FROM created_at)::int FROM t",
            "SELECT date_part('year', created_at) FROM t",
            "SELECT current_date, current_timestamp, now()",
            "SELECT CASE WHEN a > 1 THEN 'x' ELSE 'y' END FROM t",
            "SELECT CASE a WHEN 1 THEN 'x' END FROM t",
            "SELECT coalesce(a, 0), nullif(b, 0), greatest(1, 2), least(1, 2) FROM t",
            "SELECT substring(a from 1 for 2), substr(a, 1, 2), trim(both ' ' from a), position('a' in b) FROM t",
            "SELECT overlay(a placing 'x' from 1 for 2), trim(a), upper(a), left(a, 2), right(a, 2) FROM t",
            "SELECT ceil(a), floor(b), round(c, 2), abs(d), mod(a, 2), power(2, 3), sqrt(4) FROM t",
            "SELECT ARRAY[1,2,3], ARRAY(SELECT 1), (ARRAY[1,2])[1], a[1:2] FROM t",
            "SELECT ROW(1, 2), (1, 2) = (3, 4)",
            "SELECT data->'a'->>'b', data #>> '{a,b}', data @> '{}'::jsonb, data ? 'a' FROM t",
            "SELECT jsonb_build_object('a', 1), to_jsonb(t), row_to_json(t) FROM t",
            "SELECT * FROM a LEFT JOIN LATERAL (SELECT * FROM b WHERE b.a = a.id LIMIT 1) x ON true",
            "SELECT * FROM a NATURAL JOIN b CROSS JOIN c FULL OUTER JOIN d USING (id)",
            "SELECT * FROM a, b WHERE a.id = b.id",
            "SELECT * FROM generate_series(1, 10) AS g(n)",
            "SELECT * FROM unnest(ARRAY[1,2]) WITH ORDINALITY AS u(a, n)",
            "SELECT * FROM t WHERE a IN (SELECT id FROM u) AND EXISTS (SELECT 1 FROM v) AND b = ANY(SELECT 1)",
            "SELECT (SELECT max(id) FROM t)",
            "SELECT a ILIKE '%x%', a SIMILAR TO 'x', a ~* 'y', a NOT LIKE 'b' ESCAPE '!' FROM t",
            "SELECT a IS NOT DISTINCT FROM b, a IS TRUE, NOT a, -b, a BETWEEN 1 AND 2 FROM t",
            "SELECT pg_catalog.lower('A'), PG_CATALOG.COUNT(*) FROM t",
            "SELECT 'a'\n'b'",
            "SELECT E'a\\nb', $$it's$$, $t$ $$ $t$, B'01', X'1F'",
            "SELECT \"a\"\"b\", 'it''s' FROM \"My SqlTable\"",
            "SELECT /* a /* nested */ b */ 1 -- done",
            "SELECT $1::int",
            "SELECT stra\u{df}e FROM l\u{e4}nder",
            "SELECT 1;;",
            "SELECT date '2024-01-01', timestamp '2024-01-01 00:00', interval '1' day",
            "SELECT a COLLATE \"C\" FROM t ORDER BY a COLLATE \"de_DE\"",
            "SELECT 'x'::my_enum, '1.2.3.4'::inet, 'orders'::regclass, '{1}'::int[], CAST(a AS numeric(10, 2)) FROM t",
            "SELECT count(*) FILTER (WHERE a > 1), every(b) FROM t",
            "SELECT t FROM t",
            "SELECT FROM t",
            "WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) FROM t",
            "WITH a AS NOT MATERIALIZED (SELECT 1) SELECT * FROM a",
            "SELECT to_char(now(), 'YYYY'), to_date('1', 'J'), age(now()), make_date(2024, 1, 1)",
            "SELECT regexp_replace(a, 'x', 'y', 'g'), split_part(a, ',', 1), md5(a), concat_ws(',', a, b) FROM t",
            "SELECT ntile(4) OVER (ORDER BY a), lag(a, 1, 0) OVER (), first_value(a) OVER (ORDER BY b) FROM t",
            "SELECT a <-> b, a && b, a || b, a % 2, a ^ 2, |/ a, @ b, ~ c, a # b, a << 1 FROM t",
            "SELECT a IS JSON, a NOTNULL FROM t",
            "select * from information_schema.tables where table_schema = 'public'",
            "SELECT relname FROM pg_catalog.pg_class",
        ],
    );
}

#[test]
fn reading_mysql() {
    allowed(
        &read_only(SqlDialect::MySql),
        &[
            "SELECT `a`, `t`.`b` FROM `db`.`t` WHERE `c` = \"x\" LIMIT 5, 10",
            "SELECT 'it''s', 'a\\'b', \"a\\\"b\", _utf8mb4'x', N'y'",
            "SELECT 1 -- comment",
            "SELECT 1 # comment",
            "SELECT /* comment */ 1",
            "SHOW DATABASES",
            "SHOW FULL TABLES FROM db LIKE 'a%'",
            "SHOW COLUMNS FROM t",
            "SHOW CREATE TABLE `t`",
            "SHOW INDEX FROM t",
            "SHOW VARIABLES LIKE 'max%'",
            "SHOW TABLE STATUS WHERE Name = 't'",
            "DESCRIBE t",
            "DESC db.t",
            "DESCRIBE t name",
            "EXPLAIN t",
            "DESCRIBE SELECT 1",
            "EXPLAIN FORMAT=JSON SELECT * FROM t",
            "EXPLAIN ANALYZE SELECT * FROM t",
            "TABLE t",
            "SELECT IFNULL(a, 0), JSON_EXTRACT(b, '$.a'), DATE(c) FROM t",
            "SELECT GROUP_CONCAT(DISTINCT a ORDER BY b SEPARATOR ', ') FROM t",
            "SELECT a, COUNT(*) FROM t GROUP BY a WITH ROLLUP",
            "SELECT DISTINCT a FROM t STRAIGHT_JOIN u ON t.id = u.id",
            "SELECT a FROM t WHERE a REGEXP 'x' AND b <=> NULL AND c XOR d OR e && f",
            "SELECT a DIV b, a % b FROM t",
            "SELECT CAST(a AS SIGNED), CAST(b AS CHAR(10)), CAST(c AS UNSIGNED) FROM t",
            "SELECT @@version, @a",
            "SELECT 0x1F, x'1F', b'01'",
            "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT * FROM n",
            "SELECT MATCH (a, b) AGAINST ('x' IN BOOLEAN MODE) FROM t",
            "SELECT a FROM t USE INDEX (i) WHERE a = 1",
            "SELECT a->'$.b', a->>'$.c' FROM t",
            "SELECT NOW(), CURRENT_TIMESTAMP, CURRENT_DATE()",
            "SELECT user FROM t",
            "SELECT DATE '2024-01-01', created_at + INTERVAL 1 DAY FROM t",
        ],
    );
}

#[test]
fn reading_sqlite() {
    allowed(
        &read_only(SqlDialect::Sqlite),
        &[
            "SELECT \"a\", [b c], `d` FROM main.t",
            "PRAGMA table_info('t')",
            "PRAGMA table_info(\"t\");",
            "PRAGMA main.table_xinfo(t)",
            "PRAGMA database_list",
            "pragma table_list;",
            "PRAGMA foreign_key_list(t)",
            "PRAGMA index_info(i)",
            "EXPLAIN QUERY PLAN SELECT * FROM t",
            "EXPLAIN SELECT 1",
            "SELECT a || b, a == b, a GLOB '*' FROM t",
            "SELECT ifnull(a, 0), group_concat(a, ','), json_extract(b, '$.a'), date('now') FROM t",
            "SELECT CAST(a AS TEXT), CAST(b AS INTEGER), CAST(c AS REAL) FROM t",
            "SELECT count(*) FILTER (WHERE a > 1) FROM t",
            "SELECT x'1F', 'a\\' FROM t",
            "VALUES (1), (2)",
            "SELECT 1 -- x\n/* y */;",
            "SELECT a FROM t WHERE b = ?1 AND c = :c",
            "SELECT current_timestamp",
            "SELECT * FROM t LEFT JOIN u USING (id) ORDER BY a COLLATE NOCASE LIMIT 1 OFFSET 2",
            "SELECT a NOTNULL, b ISNULL, c NOT NULL FROM t",
        ],
    );
}

#[test]
fn three_tables_in_postgres() {
    allowed(
        &three_tables(SqlDialect::Postgres),
        &[
            "SELECT * FROM orders o, LATERAL (SELECT * FROM products p WHERE p.id = o.id) x",
            "SELECT * FROM \"orders\" JOIN PUBLIC.Customers c USING (id)",
            "WITH users AS (SELECT * FROM customers) SELECT * FROM users JOIN Users u2 ON true",
            "WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT * FROM orders) SELECT * FROM a",
            "WITH x AS (SELECT 1) SELECT * FROM (SELECT * FROM x) y WHERE EXISTS (SELECT * FROM x)",
            "SELECT * FROM orders WHERE id IN (WITH z AS (SELECT 1 AS i) SELECT i FROM z)",
            "WITH a AS (WITH b AS (SELECT 1) SELECT * FROM b) SELECT * FROM a",
            "SELECT * FROM generate_series(1, 3) g, orders",
            "SELECT x.users FROM (SELECT 1 AS users) x",
            "TABLE orders",
            "SELECT extract(year FROM created_at) FROM orders",
            "SELECT trim(leading 'x' FROM name), substring(name FROM 2) FROM customers",
        ],
    );
}

#[test]
fn tickets_in_postgres() {
    allowed(
        &tickets(SqlDialect::Postgres),
        &[
            "SELECT * FROM public.tickets t WHERE t.a = 1 GROUP BY a ORDER BY 1 LIMIT 2",
            "INSERT INTO tickets (a, b) VALUES (1, lower('X')), (2, DEFAULT) RETURNING id",
            "UPDATE tickets AS t SET a = a + 1, b = now() WHERE t.id IN (1, 2, 3) AND a > 5 RETURNING *",
            "UPDATE public.tickets SET (a, b) = (1, 2) WHERE tickets.id = 5",
            "UPDATE tickets SET a = 1 WHERE a > 2 AND (b = 1 AND (id = 7))",
            "DELETE FROM tickets WHERE 5 = id",
            "DELETE FROM tickets t WHERE (id = 5) AND (a OR b);",
        ],
    );
}
