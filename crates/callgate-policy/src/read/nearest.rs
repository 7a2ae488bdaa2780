//! The known word that somebody probably meant.

/// Longer words are not compared: nobody mistypes just a little of them.
const MAX_WORD: usize = 64;

/// The word among `known` that is nearest to `word`, where one is near.
pub(super) fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let mut limit = match word.len() {
        0 => return None,
        1..=2 => 1,
        3..=5 => 2,
        6..=MAX_WORD => 3,
        _ => return None,
    };
    let mut best = None;
    for candidate in known {
        if let Some(distance) = distance(word.as_bytes(), candidate.as_bytes(), limit) {
            best = Some(candidate);
            match distance.checked_sub(1) {
                Some(less) => limit = less,
                None => break,
            }
        }
    }
    best
}

/// How many edits lead from one word to the other, if at most `limit`; swapped neighbours are
/// one edit, and case does not count.
fn distance(from: &[u8], to: &[u8], limit: usize) -> Option<usize> {
    if from.len().abs_diff(to.len()) > limit {
        return None;
    }
    // Two words with nothing in common are as many edits apart as they are long.
    let limit = limit.min(from.len().max(to.len()).saturating_sub(1));
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = Vec::with_capacity(above.len());
        row.push(i.saturating_add(1));
        for (j, b) in to.iter().enumerate() {
            let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX);
            let change = usize::from(!a.eq_ignore_ascii_case(b));
            let mut cost = at(&above, j).saturating_add(change);
            cost = cost.min(at(&above, j.saturating_add(1)).saturating_add(1));
            cost = cost.min(at(&row, j).saturating_add(1));
            let previous =
                |word: &[u8], index: usize| index.checked_sub(1).and_then(|k| word.get(k).copied());
            if previous(from, i) == Some(*b) && previous(to, j) == Some(*a) {
                let two_back = j.checked_sub(1).map_or(usize::MAX, |k| at(&before, k));
                cost = cost.min(two_back.saturating_add(1));
            }
            row.push(cost);
        }
        if row.iter().min().is_some_and(|least| *least > limit) {
            return None;
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: Option<&str>) {
        let known = ["tools", "roles", "principals", "adjust_billing", "id"];
        assert_eq!(nearest(word, known), expected, "{word}");
    }

    #[test]
    fn near_words() {
        check("tool", Some("tools"));
        check("rols", Some("roles"));
        check("TOOLS", Some("tools"));
        check("principlas", Some("principals"));
        check("ajust-biling", Some("adjust_billing"));
        check("di", Some("id"));
    }

    #[test]
    fn far_words() {
        check("", None);
        check("xy", None);
        check("frobnicate", None);
        check(&"tools".repeat(50), None);
    }
}
