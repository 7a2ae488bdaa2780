//! No text of a token stands in anything that is shown.

use std::collections::BTreeMap;

use callgate_identity::UnverifiedCredential;
use callgate_identity::jwt::{Presented, Resolver};
use callgate_types::{CallerError, Delegation};

use crate::vectors::File;

/// Fails where `shown` has sixteen bytes in a row of a part of the token.
#[track_caller]
fn check(token: &str, shown: &str, id: &str) {
    let parts = token.split('.').filter(|part| part.is_ascii());
    for piece in parts.flat_map(|part| part.as_bytes().chunks_exact(16)) {
        let piece = std::str::from_utf8(piece).unwrap();
        assert!(!shown.contains(piece), "{id}: {shown}");
    }
}

#[test]
fn nothing_shows_a_token() {
    let file = File::read();
    let mut known = BTreeMap::new();
    for case in file.cases.iter().filter(|case| case.text().len() < 10_000) {
        let (verifier, resolver) = known.entry(&case.verifier).or_insert_with(|| {
            let resolver = Resolver::new(8).verifier(file.verifier(&case.verifier));
            (file.verifier(&case.verifier), resolver)
        });
        let text = case.text();
        let credential = UnverifiedCredential::new(&text);
        let mut shown = vec![format!("{credential:?} {verifier:?}")];
        shown.push(match verifier.verify(&credential, case.now) {
            Ok(said) => format!("{said:?}"),
            Err(error) => format!("{error:?} {error} {}", CallerError::from(error)),
        });
        let presented = Presented::of(credential.clone())
            .acting(credential, Delegation::new())
            .without_tenant();
        let caller = resolver.caller(&presented, case.now);
        shown.push(format!("{presented:?} {caller:?} {resolver:?}"));
        check(&text, &shown.join(" "), &case.id);
    }
}
