//! Reading a capability token never panics, nothing is accepted that was not signed, and what this
//! reader reads the crate for such tokens reads as well.

#![no_main]

use std::sync::LazyLock;

use base64ct::{Base64Url, Encoding as _};
use callgate_identity::capability::{CapabilityToken, PublicKey, Roots};
use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static VECTORS: LazyLock<Value> = LazyLock::new(|| {
    let vectors = include_str!("../../docs/spec/vectors/capability.json");
    serde_json::from_str(vectors).expect("the vectors are JSON")
});

/// Tokens that are well signed, and others.
static TOKENS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let read = VECTORS["read"].as_array().into_iter().flatten();
    read.filter_map(|entry| entry["token"].as_str()).collect()
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        check(text);
    }
    check(&Base64Url::encode_string(bytes));
    if let Some(changed) = changed(bytes) {
        check(&Base64Url::encode_string(&changed));
    }
    if let Some((which, block)) = bytes.split_first() {
        check(&Base64Url::encode_string(&with_block(*which, block)));
    }
});

/// Takes the bytes for a change to a known token: which one, from where (two bytes), how much is
/// replaced, and by what.
fn changed(bytes: &[u8]) -> Option<Vec<u8>> {
    let (&[which, high, low, much], put) = bytes.split_first_chunk()?;
    let token = TOKENS.get(usize::from(which) % TOKENS.len())?;
    let known = Base64Url::decode_vec(token).ok()?;
    let from = usize::from(u16::from_be_bytes([high, low])) % (known.len() + 1);
    let behind = (from + usize::from(much % 8)).min(known.len());
    Some([&known[..from], put, &known[behind..]].concat())
}

/// A container whose first block, or second, has the bytes as its content.
fn with_block(which: u8, content: &[u8]) -> Vec<u8> {
    let good = good_block();
    let (first, second) = match which % 2 {
        0 => (content, None),
        _ => (&good[..], Some(content)),
    };
    let mut container = vec![0x08, 1];
    field(&mut container, 2, &signed(first, 1));
    if let Some(second) = second {
        field(&mut container, 3, &signed(second, 2));
    }
    field(&mut container, 4, &[&[0x0a, 32][..], &[7; 32]].concat());
    container
}

/// The content of block 0 of a token that is accepted.
fn good_block() -> Vec<u8> {
    let token = VECTORS["issued"][0]["token"].as_str().unwrap_or_default();
    let bytes = Base64Url::decode_vec(token).expect("a vector is base64");
    // The id of the root key, then the block and its content, each with a length of two bytes.
    let length = usize::from(bytes[6] & 0x7f) | (usize::from(bytes[7]) << 7);
    bytes[8..8 + length].to_vec()
}

fn signed(content: &[u8], number: u8) -> Vec<u8> {
    let mut block = Vec::new();
    field(&mut block, 1, content);
    let key = [&[0x08, 0, 0x12, 32][..], &[number; 32]].concat();
    field(&mut block, 2, &key);
    field(&mut block, 3, &[number; 64]);
    block
}

fn field(message: &mut Vec<u8>, number: u8, bytes: &[u8]) {
    message.push((number << 3) | 2);
    let mut length = bytes.len();
    while length > 0x7f {
        message.push(0x80 | u8::try_from(length & 0x7f).unwrap_or_default());
        length >>= 7;
    }
    message.push(u8::try_from(length).unwrap_or_default());
    message.extend_from_slice(bytes);
}

fn check(text: &str) {
    let token = match CapabilityToken::parse(text) {
        Ok(token) => token,
        Err(fault) => {
            assert!(
                fault
                    .block()
                    .is_none_or(|block| block < CapabilityToken::MAX_BLOCKS)
            );
            return;
        }
    };
    assert_eq!(token.as_str(), text);
    // Keys that are no points of the curve are what a signature check finds.
    let theirs = biscuit_auth::UnverifiedBiscuit::from_base64(text);
    if let Ok(theirs) = &theirs {
        assert_eq!(theirs.block_count(), token.revocation_ids().len());
    }
    let now = DateTime::from_timestamp(1_796_115_600, 0).expect("a time");
    if token.verify(&roots(), now).is_ok() {
        assert!(theirs.is_ok());
        assert!(TOKENS.contains(&text), "a token that nobody signed");
    }
}

fn roots() -> Roots {
    let roots = VECTORS["roots"].as_array().into_iter().flatten();
    roots.zip(1..).fold(Roots::new(), |trusted, (root, id)| {
        let key: PublicKey = root["public"]
            .as_str()
            .unwrap_or_default()
            .parse()
            .expect("a vector is a key");
        trusted.trust(id, key)
    })
}
