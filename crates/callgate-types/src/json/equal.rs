//! Equality of values.

use super::sorted::Sorted;
use super::{JsonKind, JsonRef};

/// Whether two values are equal; [`Json::MAX_DEPTH`](super::Json::MAX_DEPTH) bounds the recursion.
pub(super) fn equal(one: JsonRef<'_>, other: JsonRef<'_>) -> bool {
    let kind = one.kind();
    if kind != other.kind() || one.len() != other.len() {
        return false;
    }
    match kind {
        JsonKind::Null => true,
        JsonKind::Boolean => one.as_bool() == other.as_bool(),
        JsonKind::Number => one.as_number() == other.as_number(),
        JsonKind::Text => one.as_str() == other.as_str(),
        JsonKind::Array => one
            .items()
            .zip(other.items())
            .all(|(one, other)| equal(one, other)),
        JsonKind::Object => Sorted::of(one)
            .zip(Sorted::of(other))
            .all(|(one, other)| one.0.as_str() == other.0.as_str() && equal(one.1, other.1)),
    }
}
