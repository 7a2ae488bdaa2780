//! What is asked, in the language of the server.

use crate::tables::SCHEMA;

/// The time of the server, in milliseconds since the beginning of 1970.
const NOW: &str = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/// The function that reserves, all or nothing: one trip for any number of keys.
///
/// The accounts of the keys are locked in the order of their bytes, and only then it looks at the clock and
/// at what is used: so nobody else changes it before the commit. An account that was removed by somebody
/// else meanwhile is made anew.
pub(super) fn reserving() -> String {
    format!(
        "CREATE OR REPLACE FUNCTION {SCHEMA}.limits_reserve( \
           p_id bytea, p_time bigint, p_keys bytea[], p_steps bigint[], p_kept bigint[], \
           p_amounts numeric[], p_at_most numeric[], p_may_exceed boolean[]) \
         RETURNS TABLE (place integer, used numeric) \
         LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$ \
         DECLARE \
           n integer := coalesce(array_length(p_keys, 1), 0); \
           locked integer; \
           moment bigint; \
           latest bigint; \
           slices bigint[] := '{{}}'; \
           fits boolean := true; \
         BEGIN \
           IF EXISTS (SELECT FROM {SCHEMA}.limit_reservation r WHERE r.id = p_id) THEN RETURN; END IF; \
           LOOP \
             INSERT INTO {SCHEMA}.limit_account (key, newest, over_at) \
               SELECT k, 0, 0 FROM unnest(p_keys) AS k ORDER BY k ON CONFLICT (key) DO NOTHING; \
             SELECT count(*) INTO locked FROM ( \
               SELECT FROM {SCHEMA}.limit_account a WHERE a.key = ANY (p_keys) \
               ORDER BY a.key FOR UPDATE) AS held; \
             EXIT WHEN locked = n; \
           END LOOP; \
           moment := {NOW}; \
           WITH gone AS ( \
             DELETE FROM {SCHEMA}.limit_reservation r \
             WHERE r.key = ANY (p_keys) AND r.lapses_at <= moment \
             RETURNING r.key, r.slice, r.amount, r.counted), \
           freed AS ( \
             SELECT g.key, g.slice, sum(g.amount) AS amount FROM gone g \
             WHERE NOT g.counted GROUP BY g.key, g.slice) \
           UPDATE {SCHEMA}.limit_sum s SET used = s.used - f.amount \
             FROM freed f WHERE s.key = f.key AND s.slice = f.slice; \
           FOR i IN 1 .. n LOOP \
             SELECT greatest(a.newest, CASE p_steps[i] WHEN 0 THEN 0 ELSE moment / p_steps[i] END) \
               INTO latest FROM {SCHEMA}.limit_account a WHERE a.key = p_keys[i]; \
             slices[i] := latest; \
             DELETE FROM {SCHEMA}.limit_sum s \
               WHERE s.key = p_keys[i] AND s.slice < latest - p_kept[i]; \
             SELECT coalesce(sum(s.used), 0) INTO used FROM {SCHEMA}.limit_sum s \
               WHERE s.key = p_keys[i]; \
             IF used + p_amounts[i] > 100000000000000000000 \
                OR (used + p_amounts[i] > p_at_most[i] AND NOT p_may_exceed[i]) THEN \
               fits := false; \
               place := i - 1; \
               RETURN NEXT; \
             END IF; \
           END LOOP; \
           IF NOT fits THEN RETURN; END IF; \
           INSERT INTO {SCHEMA}.limit_sum AS s (key, slice, used) \
             SELECT w.key, w.slice, w.amount \
               FROM unnest(p_keys, slices, p_amounts) AS w (key, slice, amount) ORDER BY w.key \
             ON CONFLICT (key, slice) DO UPDATE SET used = s.used + excluded.used; \
           UPDATE {SCHEMA}.limit_account a SET newest = w.slice, \
             over_at = CASE w.step WHEN 0 THEN 9223372036854775807 \
                       ELSE (w.slice + w.kept + 1) * w.step END \
             FROM unnest(p_keys, slices, p_steps, p_kept) AS w (key, slice, step, kept) \
             WHERE a.key = w.key; \
           INSERT INTO {SCHEMA}.limit_reservation (id, key, slice, amount, lapses_at) \
             SELECT p_id, w.key, w.slice, w.amount, moment + p_time \
               FROM unnest(p_keys, slices, p_amounts) AS w (key, slice, amount); \
           WITH ended AS ( \
             DELETE FROM {SCHEMA}.limit_account a WHERE a.key IN ( \
               SELECT o.key FROM {SCHEMA}.limit_account o WHERE o.over_at <= moment \
               ORDER BY o.over_at LIMIT 8 FOR UPDATE SKIP LOCKED) \
             RETURNING a.key), \
           unused AS (DELETE FROM {SCHEMA}.limit_sum s USING ended o WHERE s.key = o.key) \
           DELETE FROM {SCHEMA}.limit_reservation r USING ended o \
             WHERE r.key = o.key AND r.lapses_at <= moment; \
         END $function$"
    )
}

/// Asks the function.
pub(super) fn reserve() -> String {
    format!(
        "SELECT r.place, trim_scale(r.used)::text FROM {SCHEMA}.limits_reserve( \
           $1::bytea, $2::bigint, $3::bytea[], $4::bigint[], $5::bigint[], \
           $6::text[]::numeric[], $7::text[]::numeric[], $8::boolean[]) AS r"
    )
}

/// What has lapsed is not counted, and what is counted is not freed: whoever comes second sees what
/// the first one did to the row.
pub(super) fn count() -> String {
    format!(
        "UPDATE {SCHEMA}.limit_reservation SET counted = true \
         WHERE id = $1 AND lapses_at > {NOW}"
    )
}

/// The accounts are locked in the order of their keys, as for a reservation: nobody waits for one
/// another in a circle.
pub(super) fn give_back() -> String {
    format!(
        "WITH held AS ( \
           SELECT a.key FROM {SCHEMA}.limit_account a WHERE a.key IN ( \
             SELECT r.key FROM {SCHEMA}.limit_reservation r WHERE r.id = ANY ($1::bytea[])) \
           ORDER BY a.key FOR UPDATE), \
         gone AS ( \
           DELETE FROM {SCHEMA}.limit_reservation r \
           WHERE (SELECT count(*) FROM held) >= 0 \
             AND r.id = ANY ($1::bytea[]) AND NOT r.counted \
           RETURNING r.key, r.slice, r.amount), \
         freed AS ( \
           SELECT key, slice, sum(amount) AS amount FROM gone GROUP BY key, slice) \
         UPDATE {SCHEMA}.limit_sum s SET used = s.used - f.amount \
           FROM freed f WHERE s.key = f.key AND s.slice = f.slice"
    )
}

/// What is used under a key, without what has lapsed.
pub(super) fn used() -> String {
    format!(
        "WITH at AS ( \
           SELECT greatest(coalesce(max(a.newest), 0), \
             CASE $2::bigint WHEN 0 THEN 0 ELSE {NOW} / $2::bigint END) - $3::bigint AS oldest \
           FROM {SCHEMA}.limit_account a WHERE a.key = $1::bytea) \
         SELECT trim_scale( \
           coalesce((SELECT sum(s.used) FROM {SCHEMA}.limit_sum s, at \
             WHERE s.key = $1::bytea AND s.slice >= at.oldest), 0) \
           - coalesce((SELECT sum(r.amount) FROM {SCHEMA}.limit_reservation r, at \
             WHERE r.key = $1::bytea AND r.slice >= at.oldest AND NOT r.counted \
               AND r.lapses_at <= {NOW}), 0))::text"
    )
}
