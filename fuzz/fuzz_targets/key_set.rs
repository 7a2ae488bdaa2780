//! Key sets: keys that can check, or what is wrong, and never a panic.

#![no_main]

use callgate_identity::UnverifiedCredential;
use callgate_identity::jwt::{JwtVerifier, KeySet};
use chrono::DateTime;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for keys in [KeySet::parse(text), KeySet::parse_spiffe_bundle(text)] {
        let Ok(keys) = keys else { continue };
        assert!(!keys.is_empty() && keys.len() <= KeySet::MAX_KEYS);
        let verifier = JwtVerifier::builder("i", "a", keys)
            .build()
            .expect("a verifier");
        let now = DateTime::from_timestamp(1_777_888_800, 0).expect("a time");
        // A header that names each algorithm, and no signature to speak of.
        for header in [
            "eyJhbGciOiJFZERTQSJ9",
            "eyJhbGciOiJSUzI1NiJ9",
            "eyJhbGciOiJFUzI1NiJ9",
        ] {
            let token = UnverifiedCredential::new(&format!("{header}.e30.AAAA"));
            assert!(verifier.verify(&token, now).is_err());
        }
    }
});
