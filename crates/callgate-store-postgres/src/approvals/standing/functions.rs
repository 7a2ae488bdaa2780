//! What is asked about standing approvals, in the language of the server.

use callgate_approval::standing::MOST;

use crate::approvals::functions::{NOW, Table, settings};
use crate::tables::SCHEMA;

/// Standing approvals. How many uses are spent stays as it is where a step is taken.
pub(super) const STANDING: Table = Table {
    name: "standing_approval",
    parts: &["id", "terms", "approval", "used"],
    body: "approval",
    copies: &[
        ("approved", "boolean"),
        ("open", "boolean"),
        ("untold", "boolean"),
    ],
    end: "expires",
    alive: "a.open AND a.expires > at.moment AND a.used < a.uses",
};

const IN_FORCE: &str = "a.approved AND a.expires > at.moment AND a.used < a.uses";

/// The function that keeps a new one, unless there are as many as there may be.
///
/// Those who give one for the same calls wait for one another by a lock on a name for them: only then it looks
/// at the clock and counts.
pub(super) fn giving() -> String {
    let settings = settings();
    format!(
        "CREATE OR REPLACE FUNCTION {SCHEMA}.standing_approvals_give( \
           p_again boolean, p_lock bigint, p_id bytea, p_whose bytea, p_tenant bytea, p_revision bigint, \
           p_asked bigint, p_expires bigint, p_uses bigint, p_used bigint, p_approved boolean, \
           p_open boolean, p_untold boolean, p_terms bytea, p_approval bytea) \
         RETURNS TABLE (told text, held bytea) \
         LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$ \
         DECLARE \
           moment bigint; \
         BEGIN \
           {settings} \
           PERFORM pg_advisory_xact_lock(p_lock); \
           moment := {NOW}; \
           IF EXISTS (SELECT FROM {SCHEMA}.standing_approval a WHERE a.id = p_id) THEN \
             told := CASE WHEN p_again THEN 'new' ELSE 'known' END; \
           ELSIF moment >= p_expires THEN \
             told := 'late'; \
           ELSIF {MOST} <= ( \
             SELECT count(*) FROM {SCHEMA}.standing_approval a \
             WHERE a.whose = p_whose AND a.open AND a.expires > moment AND a.used < a.uses) THEN \
             told := 'many'; \
           ELSE \
             INSERT INTO {SCHEMA}.standing_approval (id, whose, tenant, revision, asked, expires, \
               uses, used, approved, open, untold, terms, approval) \
             VALUES (p_id, p_whose, p_tenant, p_revision, p_asked, p_expires, \
               p_uses, p_used, p_approved, p_open, p_untold, p_terms, p_approval); \
             told := 'new'; \
           END IF; \
           RETURN NEXT; \
         END $function$"
    )
}

/// The function that spends a use: it locks the row, and only then looks at the clock and at how many are left.
///
/// It gives what stood there before, so that whoever asked can tell that the columns did not lie.
pub(super) fn spending() -> String {
    let settings = settings();
    format!(
        "CREATE OR REPLACE FUNCTION {SCHEMA}.standing_approvals_spend(p_id bytea) \
         RETURNS TABLE (told text, held bytea, moment bigint, terms bytea, used bigint) \
         LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$ \
         DECLARE \
           there record; \
         BEGIN \
           {settings} \
           SELECT a.approved, a.expires, a.uses, a.used, a.terms, a.approval INTO there \
             FROM {SCHEMA}.standing_approval a WHERE a.id = p_id FOR UPDATE; \
           moment := {NOW}; \
           IF NOT FOUND THEN \
             told := 'none'; \
             RETURN NEXT; \
             RETURN; \
           END IF; \
           held := there.approval; \
           terms := there.terms; \
           used := there.used; \
           IF there.approved AND moment < there.expires AND there.used < there.uses THEN \
             UPDATE {SCHEMA}.standing_approval a SET used = there.used + 1 WHERE a.id = p_id; \
             told := 'spent'; \
           ELSE \
             told := 'left'; \
           END IF; \
           RETURN NEXT; \
         END $function$"
    )
}

pub(super) fn give() -> String {
    format!(
        "SELECT g.told, g.held FROM {SCHEMA}.standing_approvals_give( \
           $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS g"
    )
}

pub(super) fn spend() -> String {
    format!(
        "SELECT s.told, s.held, s.moment, s.terms, s.used \
         FROM {SCHEMA}.standing_approvals_spend($1) AS s"
    )
}

/// Those in force, then those of which the log does not know, of one moment.
pub(super) fn find() -> String {
    let (found, parts) = (STANDING.parts("l"), STANDING.parts("a"));
    format!(
        "WITH at AS MATERIALIZED (SELECT {NOW} AS moment) \
         SELECT at.moment, {found} \
         FROM at LEFT JOIN LATERAL ( \
           (SELECT 0 AS part, a.expires, {parts} FROM {SCHEMA}.standing_approval a \
            WHERE a.whose = $1::bytea AND {IN_FORCE} \
            ORDER BY a.expires, a.id LIMIT {MOST}) \
           UNION ALL \
           (SELECT 1 AS part, a.expires, {parts} FROM {SCHEMA}.standing_approval a \
            WHERE a.whose = $1::bytea AND a.untold AND NOT ({IN_FORCE}) \
            ORDER BY a.expires, a.id LIMIT {MOST})) l ON true \
         ORDER BY l.part, l.expires, l.id"
    )
}
