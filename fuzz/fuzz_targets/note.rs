//! What is read as a note or key is written the same, and no change to a signed note stays valid.

#![no_main]

use std::sync::LazyLock;

use callgate_audit::{Ed25519Signer, SignedNote, Signer, Trusted, VerifyingKey};
use callgate_types::Digest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    if let Ok(note) = text.parse::<SignedNote>() {
        assert_eq!(note.as_str(), text);
        check(&note);
    }
    if let Ok(key) = text.parse::<VerifyingKey>() {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(trusted) = text.parse::<Trusted>() {
        assert_eq!(trusted.to_string(), text);
        if let Some(tree) = trusted.tree() {
            assert_eq!(tree.size(), trusted.head().records);
        }
    }
    let _refused = Ed25519Signer::from_private_text(text);
    if let Some(note) = changed(bytes).and_then(|text| text.parse::<SignedNote>().ok()) {
        check(&note);
    }
});

static SIGNER: LazyLock<Ed25519Signer> =
    LazyLock::new(|| Ed25519Signer::new("example.org/log", [7; 32]).expect("a name"));

static NOTE: LazyLock<SignedNote> = LazyLock::new(|| {
    let root = Digest::of(b"root");
    SignedNote::sign("example.org/log", 7, root, &[&*SIGNER]).expect("a note")
});

/// A note that is signed says what was signed.
fn check(note: &SignedNote) {
    if note.is_signed_by(SIGNER.key()) {
        let signed = (NOTE.origin(), NOTE.size(), NOTE.root());
        assert_eq!((note.origin(), note.size(), note.root()), signed);
    }
    assert_eq!(note.cosigned_by(SIGNER.key()), None);
}

/// Takes the bytes for a change to the note: from where, how much is replaced, and by what.
fn changed(bytes: &[u8]) -> Option<String> {
    let (&[from, length, ref by @ ..], note) = (bytes, NOTE.as_str().as_bytes()) else {
        return None;
    };
    let from = usize::from(from) % (note.len() + 1);
    let end = (from + usize::from(length)).min(note.len());
    String::from_utf8([&note[..from], by, &note[end..]].concat()).ok()
}
