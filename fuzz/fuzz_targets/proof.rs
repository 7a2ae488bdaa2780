//! What is read as a proof is written the same, and shows no record that is not in the tree.

#![no_main]

use callgate_audit::{ConsistencyProof, InclusionProof, ProofMaker};
use callgate_types::Digest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        if let Ok(proof) = text.parse::<InclusionProof>() {
            assert_eq!(proof.to_string(), text);
            let _shown = proof.verify(Digest::ZERO, Digest::ZERO);
        }
        if let Ok(proof) = text.parse::<ConsistencyProof>() {
            assert_eq!(proof.to_string(), text);
            let _shown = proof.verify(Digest::ZERO, Digest::ZERO);
        }
    }
    // A proof of a small tree, one byte of which is changed.
    let &[size, seq, at, by, ..] = bytes else {
        return;
    };
    let size = u64::from(size % 40) + 1;
    let seq = u64::from(seq) % size;
    let leaf = |number: u64| Digest::of(&number.to_be_bytes());
    let mut maker = ProofMaker::new();
    (0..size).for_each(|number| maker.push(leaf(number)));
    let root = maker.root(size).expect("a root");
    let proof = maker.inclusion(seq, size).expect("a proof");
    assert!(proof.verify(leaf(seq), root).is_ok());
    assert!(proof.verify(leaf(seq + 1), root).is_err());
    let mut text = proof.to_string().into_bytes();
    let start = text.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    if start < text.len() {
        let at = start + usize::from(at) % (text.len() - start);
        text[at] ^= by.max(1);
        let changed = str::from_utf8(&text)
            .ok()
            .and_then(|text| text.parse::<InclusionProof>().ok());
        if let Some(changed) = changed {
            assert!(changed == proof || changed.verify(leaf(seq), root).is_err());
        }
    }
});
