//! Judging an address never panics, and what is accepted is one address for any reader.

#![no_main]

use callgate_policy::document::email::{DomainPattern, EmailSpec};
use libfuzzer_sys::fuzz_target;

const ADDRESS: &[u8] = b"alice.b+c_d'e-f@company.com";

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        check(text);
    }
    // Also as a change to an address: from where, how much is replaced, and by what.
    if let Some((&[from, much], put)) = bytes.split_first_chunk() {
        let from = usize::from(from) % (ADDRESS.len() + 1);
        let behind = (from + usize::from(much % 4)).min(ADDRESS.len());
        let changed = [&ADDRESS[..from], put, &ADDRESS[behind..]].concat();
        if let Ok(text) = str::from_utf8(&changed) {
            check(text);
        }
    }
});

fn check(text: &str) {
    let any = EmailSpec::new([]).admits(text);
    let domains = ["company.com", "*.company.com"].map(DomainPattern::parse);
    let domains = domains.map(|domain| domain.expect("a domain"));
    let ours = EmailSpec::new(domains).admits(text);
    assert_eq!(any.is_some(), ours.is_some(), "{text:?}");
    assert_ne!(any, Some(false), "{text:?}");
    if any == Some(true) {
        assert_eq!(text.matches('@').count(), 1, "{text:?}");
        assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?}");
        assert!(
            !text.contains([
                ',', ';', '<', '>', '(', ')', '"', '[', ':', '%', '!', '/', '\\'
            ]),
            "{text:?}"
        );
    }
    if ours == Some(true) {
        assert!(
            text.to_ascii_lowercase().ends_with("company.com"),
            "{text:?}"
        );
    }
}
