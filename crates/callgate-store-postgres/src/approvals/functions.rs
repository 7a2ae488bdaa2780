//! What is asked, in the language of the server.

use crate::settings::SYNCHRONOUS;
use crate::tables::SCHEMA;

/// The time of the server, in microseconds since the beginning of 1970.
pub(super) const NOW: &str = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

/// Most that are forgotten in one transaction.
pub(super) const FORGOTTEN_AT_ONCE: u64 = 1_000;

/// What every function looks at before it does anything: whether the commit waits for the device, and whether
/// what it reads once it has waited for others is what they left behind.
pub(super) fn settings() -> String {
    let synchronous = SYNCHRONOUS.join(",");
    format!(
        "IF current_setting('synchronous_commit') <> ALL ('{{{synchronous}}}'::text[]) THEN \
           told := 'synchronous_commit'; \
         ELSIF current_setting('transaction_isolation') <> 'read committed' THEN \
           told := 'transaction_isolation'; \
         END IF; \
         IF told IS NOT NULL THEN \
           held := convert_to(current_setting(told), 'UTF8'); \
           RETURN NEXT; \
           RETURN; \
         END IF;"
    )
}

/// The function that opens an approval, unless another one holds its place or its caller has asked too often.
///
/// Whoever opens one for the same call, or for the same asker, waits for the locks: only then it looks at the
/// clock and at what is there.
pub(super) fn opening() -> String {
    let settings = settings();
    format!(
        "CREATE OR REPLACE FUNCTION {SCHEMA}.approvals_open( \
           p_again boolean, p_locks bigint[], p_at_most bigint, p_within bigint, \
           p_id bytea, p_revision bigint, p_binding bytea, p_asker bytea, p_tenant bytea, \
           p_asked bigint, p_expires bigint, p_open boolean, p_holds_until bigint, \
           p_dead_at bigint, p_body bytea) \
         RETURNS TABLE (told text, held bytea, id bytea) \
         LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$ \
         DECLARE \
           one bigint; \
           moment bigint; \
         BEGIN \
           {settings} \
           FOREACH one IN ARRAY p_locks LOOP \
             PERFORM pg_advisory_xact_lock(one); \
           END LOOP; \
           IF p_again AND EXISTS (SELECT FROM {SCHEMA}.approval a WHERE a.id = p_id) THEN \
             told := 'new'; \
             RETURN NEXT; \
             RETURN; \
           END IF; \
           moment := {NOW}; \
           SELECT a.body, a.id INTO held, id FROM {SCHEMA}.approval a \
             WHERE a.binding = p_binding AND a.holds_until > moment \
             ORDER BY a.opened DESC LIMIT 1; \
           IF FOUND THEN \
             told := 'there'; \
           ELSIF moment >= p_expires THEN \
             told := 'late'; \
           ELSIF EXISTS (SELECT FROM {SCHEMA}.approval a WHERE a.id = p_id) THEN \
             told := 'known'; \
           ELSIF p_at_most IS NOT NULL AND p_at_most <= ( \
             SELECT count(*) FROM {SCHEMA}.approval a \
             WHERE a.asker = p_asker AND a.asked > moment - p_within) THEN \
             told := 'many'; \
           ELSE \
             INSERT INTO {SCHEMA}.approval (id, revision, binding, asker, tenant, asked, open, \
               holds_until, dead_at, body) \
             VALUES (p_id, p_revision, p_binding, p_asker, p_tenant, p_asked, p_open, \
               p_holds_until, p_dead_at, p_body); \
             told := 'new'; \
           END IF; \
           RETURN NEXT; \
         END $function$"
    )
}

/// A table of approvals of one kind, as far as both are asked about alike.
pub(super) struct Table {
    /// Its name; the names of its functions begin with the plural.
    pub(super) name: &'static str,
    /// The columns that make one, the id first.
    pub(super) parts: &'static [&'static str],
    /// The column that holds what a step changes.
    pub(super) body: &'static str,
    /// What a step changes besides, and of which types: copies.
    pub(super) copies: &'static [(&'static str, &'static str)],
    /// The column that says from when on nothing comes of one.
    pub(super) end: &'static str,
    /// Of which of them something may come.
    pub(super) alive: &'static str,
}

impl Table {
    /// The parts, of the rows named `of`.
    pub(super) fn parts(&self, of: &str) -> String {
        let parts = self.parts.iter();
        parts
            .map(|part| format!("{of}.{part}"))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// Approvals of one call each.
pub(super) const APPROVAL: Table = Table {
    name: "approval",
    parts: &["id", "body"],
    body: "body",
    copies: &[
        ("open", "boolean"),
        ("holds_until", "bigint"),
        ("dead_at", "bigint"),
    ],
    end: "dead_at",
    alive: "a.open AND a.dead_at > at.moment",
};

/// Whatever has become of them.
pub(super) const ALL: &str = "true";

/// The function that takes a step: it locks the row, and only then looks at the revision and the clock.
///
/// One that is asked again, for the answer was lost, was taken where it stands there as it was meant; where the
/// approval has gone on since then, or is gone, nobody can tell.
pub(super) fn taking(table: &Table) -> String {
    let settings = settings();
    let Table {
        name, body, copies, ..
    } = table;
    let named = copies.iter().map(|(copy, of)| format!("p_{copy} {of}, "));
    let named: String = named.collect();
    let set = copies
        .iter()
        .map(|(copy, _)| format!("{copy} = p_{copy}, "));
    let set: String = set.collect();
    format!(
        "CREATE OR REPLACE FUNCTION {SCHEMA}.{name}s_take( \
           p_again boolean, p_from bigint, p_before bigint, p_id bytea, p_revision bigint, \
           {named}p_{body} bytea) \
         RETURNS TABLE (told text, held bytea) \
         LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$ \
         DECLARE \
           there record; \
           moment bigint; \
         BEGIN \
           {settings} \
           SELECT a.revision, a.{body} INTO there FROM {SCHEMA}.{name} a \
             WHERE a.id = p_id FOR UPDATE; \
           moment := {NOW}; \
           IF NOT FOUND THEN \
             told := CASE WHEN p_again THEN 'unknown' ELSE 'moved' END; \
           ELSIF there.revision <> p_revision - 1 THEN \
             told := CASE \
               WHEN NOT p_again OR there.revision < p_revision THEN 'moved' \
               WHEN there.revision > p_revision THEN 'unknown' \
               WHEN there.{body} = p_{body} THEN 'yes' \
               ELSE 'moved' END; \
           ELSIF moment < p_from OR moment >= p_before THEN \
             told := 'late'; \
           ELSE \
             UPDATE {SCHEMA}.{name} a SET revision = p_revision, {set}{body} = p_{body} \
             WHERE a.id = p_id; \
             told := 'yes'; \
           END IF; \
           RETURN NEXT; \
         END $function$"
    )
}

pub(super) fn open() -> String {
    format!(
        "SELECT o.told, o.held, o.id FROM {SCHEMA}.approvals_open( \
           $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS o"
    )
}

/// Nine parameters, as both kinds have three copies.
pub(super) fn take(table: &Table) -> String {
    let name = table.name;
    format!(
        "SELECT t.told, t.held FROM {SCHEMA}.{name}s_take( \
           $1, $2, $3, $4, $5, $6, $7, $8, $9) AS t"
    )
}

/// One that is changed meanwhile is looked at once more.
pub(super) fn forget(table: &Table) -> String {
    let Table { name, end, .. } = table;
    format!(
        "WITH past AS MATERIALIZED (SELECT {NOW} - $1::bigint AS moment), \
         gone AS ( \
           DELETE FROM {SCHEMA}.{name} a \
           WHERE a.{end} <= (SELECT moment FROM past) AND a.id IN ( \
             SELECT d.id FROM {SCHEMA}.{name} d \
             WHERE d.{end} <= (SELECT moment FROM past) \
             ORDER BY d.{end} LIMIT {FORGOTTEN_AT_ONCE}) \
           RETURNING 1) \
         SELECT count(*) FROM gone"
    )
}

/// One statement sees one moment, and tells a time that is not before it.
pub(super) fn find() -> String {
    format!(
        "WITH at AS MATERIALIZED (SELECT {NOW} AS moment) \
         SELECT at.moment, \
           (SELECT count(*) FROM {SCHEMA}.approval a \
            WHERE a.asker = $2 AND a.asked > at.moment - $3::bigint), \
           l.id, l.body \
         FROM at LEFT JOIN LATERAL ( \
           SELECT a.id, a.body FROM {SCHEMA}.approval a WHERE a.binding = $1 \
           ORDER BY a.opened DESC LIMIT 1) l ON true"
    )
}

pub(super) fn load(table: &Table) -> String {
    let (name, parts) = (table.name, table.parts("a"));
    format!(
        "SELECT {NOW}, {parts} \
         FROM (VALUES ($1::bytea)) AS v (id) LEFT JOIN {SCHEMA}.{name} a ON a.id = v.id"
    )
}

/// From behind a place on, of one tenant or all; `more` says which of them besides.
pub(super) fn list(table: &Table, more: &str) -> String {
    let name = table.name;
    let (found, parts) = (table.parts("l"), table.parts("a"));
    format!(
        "WITH at AS MATERIALIZED (SELECT {NOW} AS moment) \
         SELECT at.moment, {found} \
         FROM at LEFT JOIN LATERAL ( \
           SELECT a.asked, {parts} FROM {SCHEMA}.{name} a \
           WHERE (a.asked, a.id) > ($1::bigint, $2::bytea) \
             AND ($3::bytea IS NULL OR a.tenant = $3::bytea) AND {more} \
           ORDER BY a.asked, a.id LIMIT $4::bigint) l ON true \
         ORDER BY l.asked, l.id"
    )
}
