//! A gate whose log is signed.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use callgate::audit::{
    Anchor, AnchorError, Ed25519Signer, SignError, SignedNote, Signer, VerifyingKey,
};
use callgate::{AuditError, BuildError, Gate};

use crate::support::{Faulty, POLICY, alice, allowed, builder, context, look};

/// A signer that may refuse to sign.
struct Stamp {
    signer: Ed25519Signer,
    fails: Arc<AtomicBool>,
}

impl Stamp {
    fn new(seed: u8) -> (Self, Arc<AtomicBool>) {
        let fails = Arc::new(AtomicBool::new(false));
        let stamp = Self {
            signer: Ed25519Signer::new("desk.example/log", [seed; 32]).unwrap(),
            fails: Arc::clone(&fails),
        };
        (stamp, fails)
    }
}

impl Signer for Stamp {
    fn key(&self) -> &VerifyingKey {
        self.signer.key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(SignError::Failed(Arc::new(io::Error::other("no card"))));
        }
        self.signer.sign(message)
    }
}

/// Keeps nothing, and says so.
struct Closed;

impl Anchor for Closed {
    fn publish(&self, _note: &SignedNote) -> Result<(), AnchorError> {
        Err(AnchorError::Refused(Arc::new(io::Error::other("no post"))))
    }
}

fn signed(sink: &Arc<Faulty>, stamp: Stamp) -> Result<Gate, BuildError> {
    builder(POLICY, sink.clone()).signer(stamp).build()
}

#[test]
fn checkpoint_over_all_records() {
    let sink = Faulty::new();
    let gate = signed(&sink, Stamp::new(1).0).unwrap();
    drop(allowed(gate.authorize(&alice(), look(), &context())).run(|_| Ok::<_, String>(1)));
    let note = gate.checkpoint().unwrap();
    assert_eq!(note.origin(), "desk.example/log");
    let records = sink.records();
    let last = records.last().unwrap();
    assert_eq!(last["kind"], "checkpoint");
    assert_eq!(last["size"], note.size());
    assert_eq!(last["seq"], note.size());
    assert_eq!(last["note"], note.as_str());
    assert!(note.is_signed_by(Stamp::new(1).0.key()));
    assert_eq!(gate.sealed().unwrap().records, Some(note.size()));
    sink.verifies();
}

#[test]
fn signer_that_fails_stops_no_call() {
    let sink = Faulty::new();
    let (stamp, fails) = Stamp::new(1);
    let gate = signed(&sink, stamp).unwrap();
    fails.store(true, Ordering::SeqCst);
    let told = gate.checkpoint().unwrap_err();
    assert!(matches!(told, AuditError::NotSigned(_)), "{told}");
    let ran = allowed(gate.authorize(&alice(), look(), &context())).run(|_| Ok::<_, String>(1));
    assert!(ran.unwrap().recorded.is_ok());
    assert!(gate.sealed().unwrap().failed.is_some());
}

#[test]
fn no_signer() {
    let gate = builder(POLICY, Faulty::new()).build().unwrap();
    let told = gate.checkpoint().unwrap_err();
    assert!(
        matches!(told, AuditError::NotSigned(SignError::NoSigner)),
        "{told}"
    );
    assert!(gate.sealed().is_none());
}

#[test]
fn another_key_than_before() {
    let sink = Faulty::new();
    let gate = signed(&sink, Stamp::new(1).0).unwrap();
    gate.checkpoint().unwrap();
    drop(gate);
    let told = signed(&sink, Stamp::new(2).0).unwrap_err();
    assert!(matches!(told, BuildError::Signer(_)), "{told}");
    assert!(
        told.to_string()
            .starts_with("the audit log cannot be signed: the last checkpoint"),
        "{told}"
    );
    // The key in force names its successor, which goes on from there.
    let gate = signed(&sink, Stamp::new(1).0).unwrap();
    gate.change_key(Arc::new(Stamp::new(2).0)).unwrap();
    drop(gate);
    signed(&sink, Stamp::new(2).0).unwrap();
    sink.verifies();
}

#[test]
fn anchor_that_keeps_nothing() {
    let sink = Faulty::new();
    let gate = signed(&sink, Stamp::new(1).0).unwrap();
    let told = gate.anchor_to(&Closed).unwrap_err();
    assert!(matches!(told, AnchorError::Refused(_)), "{told}");
    // It is signed all the same.
    assert!(gate.sealed().unwrap().records.is_some());
}
