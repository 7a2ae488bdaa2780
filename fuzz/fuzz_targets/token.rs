//! Tokens and claims: whatever is shown, a principal or a code, and never a panic.
//!
//! The input is split at its line feeds: a header, claims, the pointer of a claim. They are signed
//! by a key of this program, so that the claims are reached; and the whole is shown as it is, too.

#![no_main]

use std::sync::LazyLock;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use callgate_identity::UnverifiedCredential;
use callgate_identity::jwt::{ClaimMap, JwtVerifier, KeySet};
use callgate_types::PrincipalKind;
use chrono::{DateTime, Utc};
use ed25519_dalek::{Signer as _, SigningKey};
use libfuzzer_sys::fuzz_target;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_bytes(&[7; 32]));

fn keys() -> KeySet {
    let point = Base64UrlUnpadded::encode_string(KEY.verifying_key().as_bytes());
    let text = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{point}"}}]}}"#);
    KeySet::parse(&text).expect("a key")
}

fuzz_target!(|text: &str| {
    let now: DateTime<Utc> = DateTime::from_timestamp(1_777_888_800, 0).expect("a time");
    let whole = UnverifiedCredential::new(text);
    let mut parts = text.splitn(3, '\n');
    let mut part = || parts.next().unwrap_or_default();
    let (header, claims, pointer) = (part(), part(), part());
    let map = ClaimMap::new()
        .id(pointer)
        .kind_where(pointer, "x", PrincipalKind::Service)
        .tenant(pointer)
        .roles(pointer)
        .scopes(pointer)
        .tools("/tools")
        .attribute("any", pointer);
    let encode = |part: &str| Base64UrlUnpadded::encode_string(part.as_bytes());
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = KEY.sign(message.as_bytes()).to_bytes();
    let signature = Base64UrlUnpadded::encode_string(&signature);
    let signed = UnverifiedCredential::new(&format!("{message}.{signature}"));
    let builders = [
        JwtVerifier::builder("i", "a", keys()),
        JwtVerifier::builder("i", "a", keys()).claims(map),
        JwtVerifier::spiffe("a.b", "a", keys()).path("/a/*"),
    ];
    for verifier in builders
        .into_iter()
        .filter_map(|builder| builder.build().ok())
    {
        let _ = verifier.verify(&whole, now);
        if let Ok(verified) = verifier.verify(&signed, now) {
            assert!(now < verified.expires());
            assert!(verified.actors().len() <= 8);
            let _ = verified.into_caller().without_tenant();
        }
    }
});
