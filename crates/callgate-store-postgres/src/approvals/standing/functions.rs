//! What is asked about standing approvals, in the language of the server.

use callgate_approval::standing::MOST;

use crate::approvals::functions::{FORGOTTEN_AT_ONCE, NOW, settings};
use crate::tables::SCHEMA;

/// The columns that make one, of the row `a`.
const PARTS: &str = "a.id, a.terms, a.approval, a.used";
/// Those of which something may come.
pub(super) const ALIVE: &str = "a.open AND a.expires > at.moment AND a.used < a.uses";
/// Whatever has become of them.
pub(super) const ALL: &str = "true";
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

/// The function that takes a step: as for an approval of one call. How many uses are spent stays as it is.
pub(super) fn taking() -> String {
    let settings = settings();
    format!(
        "CREATE OR REPLACE FUNCTION {SCHEMA}.standing_approvals_take( \
           p_again boolean, p_from bigint, p_before bigint, p_id bytea, p_revision bigint, \
           p_approved boolean, p_open boolean, p_untold boolean, p_approval bytea) \
         RETURNS TABLE (told text, held bytea) \
         LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$ \
         DECLARE \
           there record; \
           moment bigint; \
         BEGIN \
           {settings} \
           SELECT a.revision, a.approval INTO there FROM {SCHEMA}.standing_approval a \
             WHERE a.id = p_id FOR UPDATE; \
           moment := {NOW}; \
           IF NOT FOUND THEN \
             told := CASE WHEN p_again THEN 'unknown' ELSE 'moved' END; \
           ELSIF there.revision <> p_revision - 1 THEN \
             told := CASE \
               WHEN NOT p_again OR there.revision < p_revision THEN 'moved' \
               WHEN there.revision > p_revision THEN 'unknown' \
               WHEN there.approval = p_approval THEN 'yes' \
               ELSE 'moved' END; \
           ELSIF moment < p_from OR moment >= p_before THEN \
             told := 'late'; \
           ELSE \
             UPDATE {SCHEMA}.standing_approval a SET revision = p_revision, \
               approved = p_approved, open = p_open, untold = p_untold, approval = p_approval \
             WHERE a.id = p_id; \
             told := 'yes'; \
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

pub(super) fn take() -> String {
    format!(
        "SELECT t.told, t.held FROM {SCHEMA}.standing_approvals_take( \
           $1, $2, $3, $4, $5, $6, $7, $8, $9) AS t"
    )
}

pub(super) fn spend() -> String {
    format!(
        "SELECT s.told, s.held, s.moment, s.terms, s.used \
         FROM {SCHEMA}.standing_approvals_spend($1) AS s"
    )
}

/// One that is changed meanwhile is looked at once more.
pub(super) fn forget() -> String {
    format!(
        "WITH past AS MATERIALIZED (SELECT {NOW} - $1::bigint AS moment), \
         gone AS ( \
           DELETE FROM {SCHEMA}.standing_approval a \
           WHERE a.expires <= (SELECT moment FROM past) AND a.id IN ( \
             SELECT d.id FROM {SCHEMA}.standing_approval d \
             WHERE d.expires <= (SELECT moment FROM past) \
             ORDER BY d.expires LIMIT {FORGOTTEN_AT_ONCE}) \
           RETURNING 1) \
         SELECT count(*) FROM gone"
    )
}

/// Those in force, then those of which the log does not know, of one moment.
pub(super) fn find() -> String {
    format!(
        "WITH at AS MATERIALIZED (SELECT {NOW} AS moment) \
         SELECT at.moment, l.id, l.terms, l.approval, l.used \
         FROM at LEFT JOIN LATERAL ( \
           (SELECT 0 AS part, a.expires, {PARTS} FROM {SCHEMA}.standing_approval a \
            WHERE a.whose = $1::bytea AND {IN_FORCE} \
            ORDER BY a.expires, a.id LIMIT {MOST}) \
           UNION ALL \
           (SELECT 1 AS part, a.expires, {PARTS} FROM {SCHEMA}.standing_approval a \
            WHERE a.whose = $1::bytea AND a.untold AND NOT ({IN_FORCE}) \
            ORDER BY a.expires, a.id LIMIT {MOST})) l ON true \
         ORDER BY l.part, l.expires, l.id"
    )
}

pub(super) fn load() -> String {
    format!(
        "SELECT {NOW}, {PARTS} FROM (VALUES ($1::bytea)) AS v (id) \
         LEFT JOIN {SCHEMA}.standing_approval a ON a.id = v.id"
    )
}

/// From behind a place on, of one tenant or all; `more` says which of them besides.
pub(super) fn list(more: &str) -> String {
    format!(
        "WITH at AS MATERIALIZED (SELECT {NOW} AS moment) \
         SELECT at.moment, l.id, l.terms, l.approval, l.used \
         FROM at LEFT JOIN LATERAL ( \
           SELECT a.asked, {PARTS} FROM {SCHEMA}.standing_approval a \
           WHERE (a.asked, a.id) > ($1::bigint, $2::bytea) \
             AND ($3::bytea IS NULL OR a.tenant = $3::bytea) AND {more} \
           ORDER BY a.asked, a.id LIMIT $4::bigint) l ON true \
         ORDER BY l.asked, l.id"
    )
}
