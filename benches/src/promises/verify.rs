//! Verifying logs and proofs.

use std::convert::Infallible;
use std::error::Error;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use callgate::audit::{
    Ed25519Signer, MemorySink, ProofMaker, SignedNote, Signer, VerifyOptions, verify_reader,
};
use callgate::{Decision, Digest, Gate};
use ed25519_dalek::{Signature, SigningKey};
use sha2::{Digest as _, Sha256};

use super::{Block, Promise, Scaling, Sides};
use crate::workload::{Calls, Kind, Recording, Size, Workload};

/// How often the calls of the workload are recorded in the log.
const PASSES: usize = 16;
const ORIGIN: &str = "example.org/log";

pub(super) fn promises() -> Vec<Promise> {
    vec![
        Promise::new("verify", sides).at_most(2.0).rounds(201, 11),
        Promise::scaling("verify/threads", scaling)
            .at_least(0.95)
            .rounds(101, 5),
        Promise::new("proof", proof).at_most(1.5),
    ]
}

/// A log of decisions and outcomes, and how many records it has.
fn log() -> Result<(Vec<u8>, usize), Box<dyn Error>> {
    let calls = Calls::new(Size::S1000, Kind::Allowed)?.ours;
    let sink = Arc::new(MemorySink::new());
    let gate = Gate::builder()
        .policy(Workload::new(Size::S1000, Recording::Text)?.snapshot)
        .audit_shared(sink.clone())
        .build()?;
    for _ in 0..PASSES {
        for asked in &calls {
            let answer = gate.authorize(&asked.caller, asked.call.clone(), &asked.context);
            if let Decision::Allow(permit) = answer {
                drop(permit.run(|_| Ok::<_, Infallible>("done")));
            }
        }
    }
    gate.flush()?;
    let bytes = sink.contents();
    let records = verify_reader(&*bytes, &VerifyOptions::new())?.records;
    Ok((bytes, usize::try_from(records)?))
}

/// Everything a verifier reports on, of every record; against the SHA-256 of the same bytes.
fn sides() -> Result<Sides, Box<dyn Error>> {
    let (bytes, records) = log()?;
    let same = bytes.clone();
    let ours = move |bytes: &[u8]| {
        let report = verify_reader(black_box(bytes), &VerifyOptions::new());
        black_box(report.is_ok_and(|report| report.is_good()));
    };
    let floor = move |bytes: &[u8]| {
        black_box(Sha256::digest(black_box(bytes)));
    };
    Ok(Sides::new(
        whole(bytes, records, ours),
        whole(same, records, floor),
    ))
}

fn whole(bytes: Vec<u8>, records: usize, mut one: impl FnMut(&[u8]) + 'static) -> Block {
    Box::new(move |meter| meter.measure(records, &mut || one(&bytes)))
}

/// How many times as much two threads verify as one; against two threads that hash.
fn scaling() -> Result<Scaling, Box<dyn Error>> {
    let (bytes, _) = log()?;
    let mut floor_first = false;
    Ok(Box::new(move || {
        floor_first = !floor_first;
        if floor_first {
            let floor = hashing(&bytes)?;
            return Some((verifying(&bytes)?, floor));
        }
        Some((verifying(&bytes)?, hashing(&bytes)?))
    }))
}

fn verifying(bytes: &[u8]) -> Option<f64> {
    let seconds = |threads: usize| {
        let options = VerifyOptions::new().threads(NonZeroUsize::new(threads)?);
        let start = Instant::now();
        let report = verify_reader(black_box(bytes), &options).ok()?;
        let seconds = start.elapsed().as_secs_f64();
        report.is_good().then_some(seconds)
    };
    Some(seconds(1)? / seconds(2)?)
}

fn hashing(bytes: &[u8]) -> Option<f64> {
    let start = Instant::now();
    black_box(Sha256::digest(black_box(bytes)));
    let alone = start.elapsed().as_secs_f64();
    let (left, right) = bytes.split_at_checked(bytes.len() / 2)?;
    let start = Instant::now();
    thread::scope(|scope| {
        for half in [left, right] {
            scope.spawn(move || black_box(Sha256::digest(black_box(half))));
        }
    });
    Some(alone / start.elapsed().as_secs_f64())
}

/// A record of a million, shown to be in a signed tree; against its hashes and the signature.
fn proof() -> Result<Sides, Box<dyn Error>> {
    const RECORDS: u64 = 1_000_000;
    const SEQ: u64 = 123_456;
    let leaf = |number: u64| Digest::of(&number.to_be_bytes());
    let mut maker = ProofMaker::new();
    (0..RECORDS).for_each(|number| maker.push(leaf(number)));
    let signer = Ed25519Signer::new(ORIGIN, [7; 32])?;
    let root = maker.root(RECORDS).ok_or("no root")?;
    let note = SignedNote::sign(ORIGIN, RECORDS, root, &[&signer])?;
    let proof = maker.inclusion(SEQ, RECORDS).ok_or("no proof")?;
    drop(maker);

    // The same by hand: as many hashes of two nodes, and one signature of a note's length.
    let path = vec![[7_u8; 32]; proof.to_string().lines().count().saturating_sub(1)];
    let secret = SigningKey::from_bytes(&[7; 32]);
    let message = vec![b'x'; note.as_str().find("\n\n").ok_or("no note")?];
    let signature: Signature = ed25519_dalek::Signer::sign(&secret, &message);
    let public = secret.verifying_key();
    Ok(Sides::new(
        once(move || {
            let shown = proof.verify(black_box(leaf(SEQ)), note.root()).is_ok();
            black_box(shown && note.is_signed_by(signer.key()));
        }),
        once(move || {
            let mut hash = [7_u8; 32];
            for sibling in black_box(&path) {
                let mut state = Sha256::new();
                state.update([1]);
                state.update(hash);
                state.update(sibling);
                hash = state.finalize().into();
            }
            black_box(hash);
            black_box(
                public
                    .verify_strict(black_box(&message), &signature)
                    .is_ok(),
            );
        }),
    ))
}

fn once(mut one: impl FnMut() + 'static) -> Block {
    Box::new(move |meter| meter.measure(1, &mut one))
}
