//! What the blocks of a capability token say: whatever words and terms are signed, they are read or
//! refused, never a panic; and what is read allows no more than its first block names.

#![no_main]

use biscuit_auth::builder::{Algorithm, BlockBuilder};
use biscuit_auth::{Biscuit, KeyPair, PrivateKey};
use callgate_identity::capability::{CapabilityToken, PublicKey, Roots, Use};
use callgate_types::ToolCall;
use chrono::DateTime;
use libfuzzer_sys::fuzz_target;

/// What block 0 says where the input does not: an authority that is accepted.
const GOOD: &str = "callgate_capability(1, \"user:alice\"); check if tenant(\"acme\"); \
                    check if task(\"t\"); check if tools({\"pay\"}); \
                    check if before(2030-01-01T00:00:00Z);";

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    // Datalog of one block, or of two with a NUL between.
    let (first, second) = text.split_once('\0').unwrap_or((GOOD, text));
    check(first, second);
    check(text, "");
});

fn check(first: &str, second: &str) {
    let Some(token) = signed(first, second) else {
        return;
    };
    let now = DateTime::from_timestamp(1_796_115_600, 0).expect("a time");
    let Ok(token) = CapabilityToken::parse(&token) else {
        return;
    };
    let Ok(grant) = token.verify(&roots(), now) else {
        return;
    };
    let call = ToolCall::from_text("pay", r#"{"amount": 5, "to": "acc_1"}"#);
    let asked = Use::new(&call, now).in_tenant("acme").for_task("t");
    if grant.allows(&asked).is_ok() {
        assert!(grant.tools().any(|tool| tool == "pay"));
        assert_eq!((grant.tenant(), grant.task()), ("acme", "t"));
        assert!(now < grant.expires_at());
    }
    let elsewhere = Use::new(&call, now).in_tenant("other tenant").for_task("t");
    assert!(grant.tenant() == "other tenant" || grant.allows(&elsewhere).is_err());
}

/// A token of these blocks, as a program signs it that knows nothing of the vocabulary.
fn signed(first: &str, second: &str) -> Option<String> {
    let root = pair(7)?;
    let builder = Biscuit::builder().root_key_id(1).code(first).ok()?;
    let mut token = builder.build(&root).ok()?;
    if !second.is_empty() {
        let block = BlockBuilder::new().code(second).ok()?;
        token = token.append(block).ok()?;
    }
    token.to_base64().ok()
}

fn pair(number: u8) -> Option<KeyPair> {
    let private = PrivateKey::from_bytes(&[number; 32], Algorithm::Ed25519).ok()?;
    Some(KeyPair::from(&private))
}

fn roots() -> Roots {
    let key = pair(7).and_then(|pair| pair.public().to_bytes().try_into().ok());
    let key = key.and_then(|bytes: [u8; 32]| PublicKey::from_bytes(bytes).ok());
    Roots::new().trust(1, key.expect("a key"))
}
