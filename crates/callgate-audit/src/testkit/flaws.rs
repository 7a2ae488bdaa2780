//! Checks of both kits' own tests: flaws that are planted, and what is said of them.

use std::fmt;

use super::Broken;

/// Each flaw breaks its rule, and none before it.
#[track_caller]
pub(super) fn check_flaws<F: Copy + fmt::Debug, R: PartialEq + fmt::Debug>(
    flaws: impl IntoIterator<Item = (F, R)>,
    check: impl Fn(F) -> Result<(), Broken<R>>,
) where
    Broken<R>: fmt::Display,
{
    for (flaw, rule) in flaws {
        let broken = check(flaw).unwrap_err();
        assert_eq!(broken.rule, rule, "{flaw:?}: {broken}");
    }
}

/// What is found reads so, printed either way.
#[track_caller]
pub(super) fn check_text<R>(found: Result<(), Broken<R>>, expected: &str)
where
    Broken<R>: fmt::Display,
{
    let broken = found.unwrap_err();
    assert_eq!(broken.to_string(), expected);
    assert_eq!(format!("{broken:?}"), expected);
}
