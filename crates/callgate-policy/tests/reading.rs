//! Texts that nobody meant to write: reading them never panics, and whatever is said about them
//! has a place in them.

use callgate_policy::{Diagnostics, Policy, Position};
use proptest::prelude::*;

const SUPPORT_DESK: &str = include_str!("policies/support-desk.toml");

/// Pieces that mean something to a policy, or to TOML.
const PIECES: &[&str] = &[
    "",
    "\n",
    "\"",
    "'",
    "'''",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "#",
    "\\",
    "\u{0}",
    "é",
    "\u{1f600}",
    "0",
    "-1",
    "1.5",
    "true",
    "2026-11-20",
    "99999999999999999999",
    "fact",
    "not",
    "all",
    "any",
    "when",
    "tools",
    "roles",
    "rules",
    "*",
    "user:",
    "arguments/",
    "resource/",
    "caller/tenant",
    "equals",
    "one_of",
    "matches",
    "present",
    "array",
    "each",
    "(?i)",
    "isolation",
    "[rules.when]\n",
    "[[rules]]\n",
    "[[raise]]\n",
    "[friction.privileged]\n",
    "privileged",
    "ask",
];

fn check(text: &str) -> Result<(), TestCaseError> {
    let Err(found) = Policy::parse(text, "p") else {
        return Ok(());
    };
    let lines: Vec<&str> = text.split('\n').collect();
    let is_inside = |Position { line, column }: Position| {
        let line = (line as usize)
            .checked_sub(1)
            .and_then(|index| lines.get(index));
        line.is_some_and(|line| {
            (1..=line.chars().count().saturating_add(1)).contains(&(column as usize))
        })
    };
    let mut last = Position { line: 1, column: 1 };
    for one in found.iter() {
        prop_assert!(is_inside(one.start) && is_inside(one.end), "{one}");
        prop_assert!(last <= one.start && one.start <= one.end, "{one}");
        prop_assert!(
            !one.message.contains('\n') && !one.message.ends_with('.'),
            "{one}"
        );
        last = one.start;
    }
    prop_assert!(found.iter().count() <= Diagnostics::MAX);
    Ok(())
}

/// The text with a part of it replaced; places are parts of the whole, so that they shrink well.
fn changed(text: &str, (from, length, piece): (prop::sample::Index, usize, &str)) -> String {
    let chars: Vec<char> = text.chars().collect();
    let from = from.index(chars.len().max(1)).min(chars.len());
    let (head, tail) = chars.split_at(from);
    let rest = tail.iter().skip(length);
    head.iter()
        .copied()
        .chain(piece.chars())
        .chain(rest.copied())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn changed_policies(
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), 0_usize..12, prop::sample::select(PIECES)),
            1..5,
        ),
    ) {
        check(&changes.into_iter().fold(SUPPORT_DESK.to_owned(), |text, change| changed(&text, change)))?;
    }

    #[test]
    fn pieces(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        check(&pieces.concat())?;
    }

    #[test]
    fn any_text(text in any::<String>()) {
        check(&text)?;
    }
}
