//! A store in a file.

use std::thread;

use crate::desk::{BOUND, Desk, Other, takes_back};
use crate::{Tried, UNKNOWN};

#[test]
fn what_one_process_takes_back_the_other_knows_in_time() -> Tried {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("standing.db");
    takes_back(&format!("sqlite {}", file.display()))
}

#[test]
fn a_store_that_is_gone_denies_everything() -> Tried {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("standing.db");
    let store = format!("sqlite {}", file.display());
    let here = Desk::over(&store)?;
    let mut there = Other::start(&store)?;
    assert_eq!(there.asked("s")?, "permitted");
    let gone = folder.path().join("gone");
    std::fs::rename(&file, &gone)?;
    // It may have looked just before; then that look counts for as long as any.
    let last = there.reaches("s", "permitted", "standing_unknown")?;
    assert!(last <= BOUND.saturating_mul(2), "{last:?}");
    assert_eq!(there.asked("s")?, UNKNOWN);
    thread::sleep(BOUND);
    assert_eq!(here.both("s")?, UNKNOWN);
    // It comes back, and so does everybody.
    std::fs::rename(&gone, &file)?;
    there.reaches("s", "standing_unknown", "permitted")?;
    Ok(())
}
