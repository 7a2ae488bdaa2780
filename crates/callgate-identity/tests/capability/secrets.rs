//! What must not be seen.

use std::sync::Arc;

use callgate_identity::capability::{
    CapabilityToken, Grants, KeyError, RevokedInMemory, SecretKey,
};
use callgate_types::Digest;

use crate::tokens::{issue, key, now, reach, roots};

#[test]
fn nothing_secret_is_shown() {
    let token = issue(reach(), 2);
    let grants = Grants::new(roots(), Arc::new(RevokedInMemory::new()), 10);
    let grant = grants.resolve(token.as_str(), now()).unwrap();
    let shown = format!("{token:?} {grants:?} {grant:?} {:?}", key(2));
    assert!(!shown.contains(&token.as_str()[..24]));
    let seed = Digest::of(&2_u64.to_le_bytes());
    assert!(!shown.contains(&seed.to_string()));
    let bytes = format!("{:?}", &seed.as_bytes()[..8]);
    assert!(!shown.contains(bytes.trim_matches(['[', ']'])));
}

#[test]
fn errors_of_parsing_repeat_nothing() {
    let token = issue(reach(), 2);
    let text = token.as_str();
    for cut in [text.len() - 4, text.len() - 1] {
        let fault = CapabilityToken::parse(&text[..cut]).unwrap_err();
        let shown = format!("{fault} {fault:?}");
        assert!(!shown.contains(&text[..12]), "{shown}");
    }
}

#[test]
fn sources_of_randomness_that_failed() {
    for byte in [0, 1, 255] {
        assert_eq!(
            SecretKey::from_seed([byte; 32]).unwrap_err(),
            KeyError::NotRandom
        );
    }
}
