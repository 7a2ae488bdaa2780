//! What somebody tries next.

use super::*;

#[test]
fn writing_in_postgres() {
    denied(
        &read_only(SqlDialect::Postgres),
        &[
            "INSERT INTO t VALUES (1)",
            "WITH a AS (UPDATE t SET a = 1 RETURNING *) SELECT * FROM a",
            "WITH a AS (INSERT INTO t VALUES (1) RETURNING *) SELECT 1",
            "WITH a AS (MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE RETURNING *) SELECT 1",
            "SELECT (WITH a AS (DELETE FROM t RETURNING 1) SELECT * FROM a)",
            "SELECT * FROM t WHERE EXISTS (WITH a AS (DELETE FROM t RETURNING 1) SELECT * FROM a)",
            "SELECT 1 UNION (SELECT * INTO x FROM t)",
            "SELECT INTO x FROM t",
            "SELECT * INTO TEMP x FROM t",
            "SELECT * FROM t FOR UPDATE",
            "SELECT * FROM t FOR NO KEY UPDATE",
            "SELECT * FROM t FOR KEY SHARE NOWAIT",
            "SELECT * FROM (SELECT * FROM t FOR UPDATE) x",
            "TABLE t FOR UPDATE",
            "CREATE TABLE x AS SELECT 1",
            "CREATE TABLE x AS TABLE y",
            "COPY t TO PROGRAM 'id'",
            "COPY (SELECT 1) TO '/tmp/x'",
            "EXPLAIN ANALYZE CREATE TABLE x AS SELECT 1",
            "EXPLAIN EXECUTE p",
            "EXPLAIN (ANALYZE pg_sleep(1)) SELECT 1",
            "EXPLAIN EXPLAIN SELECT 1",
            "EXPLAIN ANALYZE DECLARE c CURSOR FOR SELECT 1",
            "EXECUTE p",
            "PREPARE p AS DELETE FROM t",
            "DECLARE c CURSOR FOR SELECT 1",
            "FETCH 1 FROM c",
            "CALL p()",
            "SET ROLE admin",
            "SET search_path = x",
            "SET TRANSACTION READ WRITE",
            "SELECT set_config('a', 'b', false)",
            "SELECT nextval('s')",
            "SELECT pg_sleep(1)",
            "SELECT pg_catalog.pg_read_file('/x')",
            "SELECT \"pg_read_file\"('/x')",
        ],
    );
}

#[test]
fn calls_and_sequences_in_postgres() {
    denied(
        &read_only(SqlDialect::Postgres),
        &[
            "SELECT lower(pg_read_file('/x'))",
            "SELECT count(*) FILTER (WHERE pg_sleep(1) IS NULL) FROM t",
            "SELECT sum(1) OVER (ORDER BY pg_sleep(1))",
            "SELECT sum(1) OVER w FROM t WINDOW w AS (PARTITION BY pg_sleep(1))",
            "SELECT string_agg(a, ',' ORDER BY pg_sleep(1)) FROM t",
            "SELECT 1 LIMIT (SELECT pg_sleep(1))",
            "SELECT 1 OFFSET pg_backend_pid()",
            "SELECT 1 ORDER BY pg_sleep(1)",
            "SELECT 1 GROUP BY pg_sleep(1)",
            "SELECT 1 HAVING pg_sleep(1) IS NULL",
            "SELECT DISTINCT ON (pg_sleep(1)) 1",
            "SELECT CASE WHEN true THEN pg_sleep(1) END",
            "SELECT ARRAY[pg_backend_pid()]",
            "SELECT (ARRAY[1])[pg_backend_pid()]",
            "VALUES (pg_sleep(1))",
            "SELECT * FROM a JOIN b ON pg_sleep(1) IS NULL",
            "SELECT * FROM a, LATERAL pg_sleep(1)",
            "SELECT * FROM pg_ls_dir('/')",
            "SELECT * FROM ROWS FROM (pg_ls_dir('/'))",
            "SELECT * FROM unnest(ARRAY[pg_backend_pid()])",
            "SELECT * FROM t TABLESAMPLE system(pg_backend_pid())",
            "SELECT extract(epoch FROM pg_postmaster_start_time())",
            "SELECT x AT TIME ZONE current_setting('a') FROM t",
            "SELECT current_user",
            "SELECT session_user",
            "SELECT current_schema",
            "SELECT CURRENT_CATALOG",
            "SELECT 1 UNION SELECT 2 INTO x",
            "SELECT (SELECT 1) INTO x",
            "SELECT set_config/**/('a', 'b', false)",
            "SELECT set_config ('a', 'b', false)",
            "SELECT * FROM t WHERE a IN (VALUES (1), (pg_backend_pid()))",
            "SELECT * FROM t ORDER BY a USING OPERATOR(evil.>)",
            "SELECT * FROM t FETCH FIRST (SELECT pg_backend_pid()) ROWS ONLY",
            "SELECT 'a' LIKE 'b' ESCAPE pg_read_file('x')",
            "SELECT * FROM t LIMIT ALL FOR UPDATE",
            "WITH x AS (SELECT 1) TABLE x FOR SHARE",
            "SELECT * FROM t WHERE CURRENT OF c",
            "SELECT * FROM (DELETE FROM t RETURNING 1) x",
            "SELECT 'x'::evil.domain",
            "SELECT * FROM XMLTABLE('/a' PASSING pg_read_file('x') COLUMNS b text)",
            "SELECT lower(a) FROM t, pg_sleep(1)",
            "SELECT evil.lower('x')",
            "SELECT db.pg_catalog.lower('x')",
            "SELECT \"LOWER\"('x')",
            "SELECT \"PG_CATALOG\".lower('x')",
            "SELECT 1 OPERATOR(evil.+) 2",
            "SELECT 1; SELECT 2",
            "SELECT 1; ; SELECT 2",
            "SELECT 1 END; DROP TABLE t",
            "SELECT 1 FROM t END; DROP TABLE t",
            "SELECT 1 END DROP TABLE t",
            "BEGIN; SELECT 1",
            "SELECT 1\0",
            "SELECT '\0'",
            "SELECT 1 \\gexec",
            "\\! id",
            "SELECT {fn now()}",
            "SELECT json_object('a': pg_sleep(1))",
            "SELECT xmlelement(name a)",
            "SELECT lower(variadic ARRAY['a'], b := 1)",
            "SHOW",
            "SHOW a; DROP TABLE t",
            "SHOW a(b)",
            "DESCRIBE t",
            "PRAGMA table_info(t)",
            "SELECT * FROM pg_user_mapping FOR UPDATE OF t",
            "SELECT 1 WHERE a = 1 FOR UPDATE",
            ";",
            "-- x",
        ],
    );
}

/// The two lexers must see the same strings, names and comments.
#[test]
fn strings_and_comments_in_postgres() {
    denied(
        &read_only(SqlDialect::Postgres),
        &[
            // The second string has escapes, too.
            "SELECT e'a'\n'\\'', pg_sleep(1) --'",
            "SELECT E'a' /* x */\n'\\'', pg_sleep(1) --'",
            "SELECT 'a\\', pg_sleep(1), '",
            "SELECT E'a\\'', pg_sleep(1), '",
            "SELECT U&'\\0027' , pg_sleep(1)",
            "SELECT u&\"d\\0061ta\" FROM t",
            "SELECT U&\"!0070g\" UESCAPE '!'",
            "SELECT $a$ $A$, pg_sleep(1), $a$ $A$",
            "SELECT $a$ $b$ $a, pg_sleep(1)",
            "SELECT a$b$, pg_sleep(1), $b$",
            "SELECT 1$a$, pg_sleep(1), $a$",
            "SELECT $1$a$, pg_sleep(1), $a$",
            "SELECT 1 -- x\r, pg_sleep(1)",
            "SELECT 1 /* /* */, pg_sleep(1)",
            "SELECT 1 /* */ */, pg_sleep(1)",
            "SELECT 1 <-- x\n, pg_sleep(1)",
            "SELECT 1 +/* x */ pg_sleep(1)",
            "SELECT `a`",
            "SELECT b\"a\"",
            "SELECT 1\u{a0}",
            "SELECT\u{3000}1",
            "SELECT \u{feff}1",
            "\u{feff}SELECT 1",
            "SELECT 1\u{b}",
            "SELECT 1\u{7f}",
            "SELECT \u{2018}a\u{2019}",
            "SELECT 1\u{ff1b} DROP TABLE t",
            "SELECT 1OR 2",
            "\u{17f}ELECT 1",
            "SELECT 1 un\u{131}on select 2",
            "SELECT 1 OFF\u{17f}ET 1",
            "SELECT 1_0",
            "SELECT 0X1F",
            "SELECT 1..2",
            "SELECT 1e",
            "SELECT x'\\' , pg_sleep(1) --'",
        ],
    );
}

#[test]
fn writing_in_mysql() {
    denied(
        &read_only(SqlDialect::MySql),
        &[
            "SELECT 1 INTO @a",
            "SELECT 1 INTO@a",
            "SELECT a INTO @x FROM t",
            "SELECT @a := 1",
            "SELECT @a:=1",
            "SELECT 1 FROM t INTO OUTFILE '/tmp/x'",
            "SELECT 1 FROM t LIMIT 1 INTO DUMPFILE '/tmp/x'",
            "SELECT 1 /*! , sleep(1) */",
            "SELECT 1 /*!50000 , sleep(1) */",
            "SELECT 1 /*!*/",
            "SELECT 1 /*M!, sleep(1) */",
            "SELECT 1 /*m!, sleep(1) */",
            "SELECT /*+ SET_VAR(sql_mode='') */ 1",
            "SELECT 1 /* /*! */, sleep(1) */",
            "SELECT * FROM t FOR UPDATE",
            "SELECT * FROM t LOCK IN SHARE MODE",
            "SELECT * FROM t FOR SHARE",
            "SELECT SLEEP(1)",
            "SELECT SLEEP/**/(1)",
            "SELECT IF(1, SLEEP(1), 0)",
            "(SELECT 1) INTO OUTFILE '/tmp/x'",
            "SELECT 1 UNION SELECT 2 INTO OUTFILE '/tmp/x'",
            "SELECT * FROM t INTO @a, @b",
            "TABLE t INTO OUTFILE '/tmp/x'",
            "VALUES ROW(1) INTO OUTFILE '/tmp/x'",
            "SELECT BINARY SLEEP(1)",
            "SELECT 1 FROM t WINDOW w AS (ORDER BY SLEEP(1))",
            "SELECT * FROM JSON_TABLE('[]', '$' COLUMNS (a INT PATH '$'))",
            "SELECT CHAR(65 USING utf8)",
            "WITH x AS (SELECT 1) UPDATE t, x SET a = 1",
            "SELECT a FROM t WHERE a = SLEEP(1)",
            "SELECT `lower`('x')",
            "SELECT db.lower('x')",
            "SELECT LOAD_FILE('/etc/passwd')",
            "SELECT BENCHMARK(1, MD5('x'))",
            "SELECT USER()",
            "SELECT CURRENT_USER",
            "SELECT UUID()",
            "SELECT CONVERT(SLEEP(1), CHAR)",
            "SHOW TABLES WHERE SLEEP(1)",
            "SHOW INDEX FROM t WHERE sleep(1)",
            "SHOW x; DROP TABLE t",
            "SHOW TABLES INTO OUTFILE '/x'",
            "DESCRIBE t; DROP TABLE t",
            "DESCRIBE DELETE FROM t",
            "EXPLAIN DELETE FROM t",
            "EXPLAIN FOR CONNECTION 5",
            "EXPLAIN INTO @x SELECT 1",
            "DESC t `a` b",
            "HANDLER t OPEN",
            "LOAD DATA INFILE '/x' INTO TABLE t",
            "CALL p()",
            "DO SLEEP(1)",
            "SET @a = 1",
            "LOCK TABLES t READ",
            "USE db",
            "KILL 1",
            "FLUSH TABLES",
            "SELECT 1--1",
            "SELECT 1 --, sleep(1)",
            "SELECT 'a\\\\', sleep(1), '",
            "SELECT 1 /* x */ */",
            "SELECT * FROM t PROCEDURE ANALYSE()",
            "SELECT 1; SELECT 2",
            "INSERT INTO t VALUES (1)",
            "REPLACE INTO t VALUES (1)",
            "SELECT * FROM \"users\"",
            "SELECT 1 $x",
            "SELECT 1a",
            "PRAGMA table_info(t)",
        ],
    );
}

#[test]
fn writing_in_sqlite() {
    denied(
        &read_only(SqlDialect::Sqlite),
        &[
            "PRAGMA table_info = 1",
            "PRAGMA journal_mode = WAL",
            "PRAGMA journal_mode",
            "PRAGMA writable_schema(1)",
            "PRAGMA main.user_version(5)",
            "PRAGMA table_info(t) ; PRAGMA user_version = 1",
            "PRAGMA table_info(lower(x))",
            "PRAGMA",
            "PRAGMA table_info(t) x",
            "PRAGMA table_info(t, u)",
            "WITH x AS (SELECT 1) DELETE FROM t",
            "SELECT RAISE(ABORT, 'x')",
            "SELECT sqlite_version()",
            "EXPLAIN PRAGMA user_version = 1",
            "EXPLAIN QUERY PLAN DELETE FROM t",
            "EXPLAIN DELETE FROM t",
            "ATTACH 'x' AS y",
            "DETACH y",
            "VACUUM",
            "ANALYZE",
            "BEGIN",
            "SELECT writefile('/x', 'y')",
            "SELECT edit('x')",
            "SELECT fts3_tokenizer('a', 'b')",
            "SELECT random()",
            "SELECT datetime('now')",
            "SELECT * FROM pragma_table_info('t')",
            "SELECT * FROM json_each('[]')",
            "INSERT OR REPLACE INTO t VALUES (1)",
            "SELECT 'a\\', load_extension('x'), '\\'",
            "SELECT [a]], load_extension('x'), [b]",
            "SELECT 1 /* unterminated",
            "SELECT 1 /* /* */ , load_extension('x') */",
            "SELECT $a::b(1)",
            "SELECT #x",
            "SELECT 'a' e'b\\', load_extension('x') --'",
            "SELECT n'a'",
            "SHOW TABLES",
            "DESCRIBE t",
            "TABLE t",
        ],
    );
}

#[test]
fn other_tables_in_postgres() {
    denied(
        &three_tables(SqlDialect::Postgres),
        &[
            "SELECT * FROM \"Orders\"",
            "SELECT * FROM \"ORDERS\"",
            "SELECT * FROM private.orders",
            "SELECT * FROM \"PUBLIC\".orders",
            "SELECT * FROM db.public.orders",
            "SELECT * FROM ONLY users",
            "SELECT * FROM ONLY (users)",
            "SELECT * FROM orders, users",
            "SELECT * FROM (orders CROSS JOIN users)",
            "SELECT * FROM ((orders CROSS JOIN users) CROSS JOIN products)",
            "SELECT (SELECT 1 FROM users)",
            "SELECT * FROM orders WHERE id = ANY (SELECT id FROM users)",
            "SELECT * FROM orders WHERE (id, 1) IN (SELECT id, 1 FROM users)",
            "SELECT ARRAY(SELECT pw FROM users)",
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM users) THEN 1 END",
            "SELECT * FROM orders LIMIT (SELECT count(*) FROM users)",
            "SELECT * FROM orders UNION TABLE users",
            "TABLE users",
            "WITH a AS (TABLE users) SELECT * FROM a",
            "SELECT * FROM orders ORDER BY (SELECT 1 FROM users)",
            "SELECT sum(1) OVER (ORDER BY (SELECT 1 FROM users)) FROM orders",
            "SELECT count(*) FILTER (WHERE EXISTS (SELECT 1 FROM users)) FROM orders",
            "WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a",
            "WITH a AS (SELECT 1) SELECT * FROM \"A\"",
            "WITH \"A\" AS (SELECT 1) SELECT * FROM A",
            "SELECT * FROM orders WHERE id IN (WITH z AS (SELECT 1) SELECT 1 FROM z) AND EXISTS (SELECT 1 FROM z)",
            "(WITH z AS (SELECT 1) SELECT * FROM z) UNION SELECT * FROM z",
            "WITH a AS (WITH b AS (SELECT 1) SELECT * FROM b) SELECT * FROM b",
            "WITH a AS (WITH a AS (SELECT * FROM a) SELECT * FROM a) SELECT * FROM a",
            "SELECT * FROM pg_catalog.pg_class",
            "SELECT * FROM pg_class",
            "SELECT * FROM orders, LATERAL (SELECT * FROM users) x",
            "SELECT NULL::users",
            "SELECT row_to_json(u) FROM users u",
            "VALUES ((SELECT pw FROM users))",
            "EXPLAIN SELECT * FROM orders",
            "SHOW ALL",
            "SELECT query_to_json('select * from users')",
        ],
    );
}

/// `MySQL` shows a query of `WITH RECURSIVE` the names up to its own, not those behind it.
#[test]
fn names_behind_in_mysql() {
    let spec = three_tables(SqlDialect::MySql);
    let text = "WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a";
    check(&spec, text, Some(false));
    let text = "WITH RECURSIVE b AS (SELECT 1), a AS (SELECT * FROM b) SELECT * FROM a";
    check(&spec, text, Some(true));
    denied(
        &spec,
        &["SELECT * FROM ORDERS", "DESCRIBE orders", "SHOW TABLES"],
    );
}

#[test]
fn tables_in_commands() {
    let all = vec![SqlKind::Describe, SqlKind::Pragma, SqlKind::Show];
    let with = |dialect| SqlSpec {
        statements: all.clone(),
        ..three_tables(dialect)
    };
    let mysql = with(SqlDialect::MySql);
    allowed(&mysql, &["DESCRIBE orders", "DESC public.orders"]);
    denied(
        &mysql,
        &["DESCRIBE users", "DESCRIBE x.orders", "SHOW TABLES"],
    );
    let sqlite = with(SqlDialect::Sqlite);
    allowed(
        &sqlite,
        &["PRAGMA table_info(Orders)", "PRAGMA database_list"],
    );
    denied(
        &sqlite,
        &[
            "PRAGMA table_info(users)",
            "PRAGMA table_info('users')",
            "PRAGMA table_list",
            "PRAGMA index_info(i)",
        ],
    );
}

#[test]
fn sure_and_unsure_refusals() {
    let spec = three_tables(SqlDialect::Postgres);
    check(&spec, "SELECT * FROM users", Some(false));
    check(&spec, "DELETE FROM orders", Some(false));
    check(&spec, "SELECT pg_sleep(1)", Some(false));
    check(&spec, "SELECT 1; SELECT 2", None);
    check(&spec, "SELECT", None);
    check(&spec, "", None);
}
