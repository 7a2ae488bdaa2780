//! The functions that are called pure: they read their arguments and change nothing.
//!
//! Left out on purpose, though harmless at first sight: whatever runs SQL given as text, reads
//! files or settings, takes locks, sleeps, draws sequence or random values. A database in which
//! somebody defined another function of one of these names, in a schema that is searched first,
//! runs that one: the list cannot know.

use super::SqlDialect;

/// Whether `name`, in lower case, is pure in `dialect`.
pub(super) fn is_pure(dialect: SqlDialect, name: &str) -> bool {
    COMMON.binary_search(&name).is_ok()
        || match dialect {
            SqlDialect::Postgres => false,
            SqlDialect::MySql => MYSQL.binary_search(&name).is_ok(),
            SqlDialect::Sqlite => SQLITE.binary_search(&name).is_ok(),
        }
}

/// Of every dialect that has them; sorted.
const COMMON: &[&str] = &[
    "abs",
    "age",
    "array_agg",
    "array_length",
    "array_to_string",
    "avg",
    "bool_and",
    "bool_or",
    "btrim",
    "cardinality",
    "ceil",
    "ceiling",
    "char_length",
    "coalesce",
    "concat",
    "concat_ws",
    "corr",
    "count",
    "cume_dist",
    "current_date",
    "current_timestamp",
    "date_part",
    "date_trunc",
    "dense_rank",
    "every",
    "extract",
    "first_value",
    "floor",
    "generate_series",
    "greatest",
    "initcap",
    "json_agg",
    "json_build_object",
    "json_extract_path",
    "jsonb_agg",
    "jsonb_build_object",
    "jsonb_extract_path",
    "lag",
    "last_value",
    "lead",
    "least",
    "left",
    "length",
    "lower",
    "lpad",
    "ltrim",
    "make_date",
    "max",
    "md5",
    "min",
    "mod",
    "mode",
    "now",
    "nth_value",
    "ntile",
    "nullif",
    "overlay",
    "percent_rank",
    "percentile_cont",
    "percentile_disc",
    "position",
    "power",
    "rank",
    "regexp_match",
    "regexp_replace",
    "replace",
    "right",
    "round",
    "row_number",
    "row_to_json",
    "rpad",
    "rtrim",
    "sign",
    "split_part",
    "sqrt",
    "stddev",
    "string_agg",
    "strpos",
    "substr",
    "substring",
    "sum",
    "timezone",
    "to_char",
    "to_date",
    "to_json",
    "to_jsonb",
    "to_number",
    "to_timestamp",
    "trim",
    "unnest",
    "upper",
    "variance",
];

/// Of `MySQL` besides; sorted.
const MYSQL: &[&str] = &["date", "group_concat", "ifnull", "json_extract"];

/// Of `SQLite` besides; sorted.
const SQLITE: &[&str] = &["date", "group_concat", "ifnull", "json_extract"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_lower_case() {
        for list in [COMMON, MYSQL, SQLITE] {
            assert!(list.is_sorted_by(|one, next| one < next));
            assert!(list.iter().all(|name| name.to_ascii_lowercase() == *name));
        }
    }

    #[test]
    fn extras_belong_to_their_dialect() {
        assert!(is_pure(SqlDialect::Sqlite, "ifnull"));
        assert!(is_pure(SqlDialect::MySql, "group_concat"));
        assert!(!is_pure(SqlDialect::Postgres, "ifnull"));
        assert!(!is_pure(SqlDialect::Postgres, "pg_sleep"));
    }
}
