//! Whether the items of an array differ.

use callgate_types::JsonRef;

/// Up to so many items are compared with one another.
const FEW: usize = 8;

/// Whether no two items of `array` are equal. Takes time in proportion to the text.
pub(super) fn are_distinct(array: JsonRef<'_>) -> bool {
    if array.len() > FEW {
        return are_distinct_by_digest(array);
    }
    let mut items = array.items();
    while let Some(one) = items.next() {
        if items.clone().any(|other| one.equals(other)) {
            return false;
        }
    }
    true
}

/// Equal values have equal digests, and nobody finds two others that have.
fn are_distinct_by_digest(array: JsonRef<'_>) -> bool {
    let mut digests: Vec<[u8; 32]> = array
        .items()
        .map(|item| *item.digest().as_bytes())
        .collect();
    digests.sort_unstable();
    digests.is_sorted_by(|one, next| one < next)
}

#[cfg(test)]
mod tests {
    use callgate_types::Json;

    use super::*;

    #[track_caller]
    fn check(array: &str, expected: bool) {
        let json = Json::parse(array).unwrap();
        assert_eq!(are_distinct(json.root()), expected, "{array}");
        assert_eq!(are_distinct_by_digest(json.root()), expected, "{array}");
    }

    #[test]
    fn both_ways() {
        check("[]", true);
        check("[1]", true);
        check("[1, 2]", true);
        check("[1, 1.0]", false);
        check("[9007199254740993, 9007199254740992]", true);
        check("[1, true, \"1\", null, false, 0, [], {}]", true);
        check("[{\"a\": 1, \"b\": 2}, {\"b\": 2, \"a\": 1}]", false);
        check("[[1, 2], [2, 1]]", true);
        check("[\"a\", \"\\u0061\"]", false);
        check("[1,2,3,4,5,6,7,8,9,10]", true);
        check("[1,2,3,4,5,6,7,8,9,1e0]", false);
    }
}
