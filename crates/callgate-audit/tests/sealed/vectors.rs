//! The vectors of `docs/spec/checkpoints.md`.

use callgate_audit::{
    ConsistencyProof, InclusionProof, ParseKeyError, SignedNote, Tree, VerifyingKey,
};
use callgate_types::Digest;
use serde::Deserialize;

const VECTORS: &str = include_str!("../../../../docs/spec/vectors/checkpoints.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    #[serde(rename = "about")]
    _about: String,
    key: String,
    witness: String,
    keys: Vec<Key>,
    notes: Vec<Note>,
    trees: Vec<Shape>,
    inclusion: Vec<Inclusion>,
    consistency: Vec<Consistency>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    text: String,
    error: Option<String>,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
    well_formed: bool,
    signed: bool,
    cosigned_at: Option<u64>,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    leaves: Vec<String>,
    root: String,
    peaks: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inclusion {
    proof: String,
    record: String,
    root: String,
    verifies: bool,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Consistency {
    proof: String,
    old_root: String,
    new_root: String,
    verifies: bool,
    why: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(VECTORS).unwrap()
}

fn digest(hex: &str) -> Digest {
    hex.parse().unwrap()
}

#[test]
fn keys() {
    for key in vectors().keys {
        let error = key.text.parse::<VerifyingKey>().err();
        let word = error.map(|error| match error {
            ParseKeyError::Malformed => "malformed",
            ParseKeyError::BadName => "name",
            ParseKeyError::WrongId => "id",
            ParseKeyError::UnknownAlgorithm { .. } => "algorithm",
            _ => "key",
        });
        assert_eq!(word, key.error.as_deref(), "{}", key.why);
    }
}

#[test]
fn notes() {
    let vectors = vectors();
    let key: VerifyingKey = vectors.key.parse().unwrap();
    let witness: VerifyingKey = vectors.witness.parse().unwrap();
    for note in vectors.notes {
        let read = note.text.parse::<SignedNote>();
        assert_eq!(read.is_ok(), note.well_formed, "{}", note.why);
        let signed = read.as_ref().is_ok_and(|read| read.is_signed_by(&key));
        assert_eq!(signed, note.signed, "{}", note.why);
        let at = read.ok().and_then(|read| read.cosigned_by(&witness));
        assert_eq!(at, note.cosigned_at, "{}", note.why);
    }
}

#[test]
fn trees() {
    for shape in vectors().trees {
        let mut tree = Tree::new();
        for leaf in &shape.leaves {
            tree.push(digest(leaf));
        }
        assert_eq!(tree.root().to_string(), shape.root);
        let peaks: Vec<_> = tree.peaks().iter().map(ToString::to_string).collect();
        assert_eq!(peaks, shape.peaks);
    }
}

#[test]
fn proofs() {
    let vectors = vectors();
    for case in vectors.inclusion {
        let proof: InclusionProof = case.proof.parse().unwrap();
        let verified = proof.verify(digest(&case.record), digest(&case.root));
        assert_eq!(verified.is_ok(), case.verifies, "{}", case.why);
    }
    for case in vectors.consistency {
        let proof: ConsistencyProof = case.proof.parse().unwrap();
        let verified = proof.verify(digest(&case.old_root), digest(&case.new_root));
        assert_eq!(verified.is_ok(), case.verifies, "{}", case.why);
    }
}
