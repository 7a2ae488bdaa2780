//! `callgate --version`.

use crate::run::{callgate, folder};

#[test]
fn names_the_release_of_its_zone_data() {
    let ran = callgate(folder().path(), &["--version"], b"");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let version = ran.out.strip_prefix("callgate 0.1.0 (time zones 20");
    let release = version.unwrap().trim_end();
    // The year, a letter, a bracket.
    assert!(release.len() == 4 && release.ends_with(')'), "{}", ran.out);
}
