//! Proofs, against trees of every shape and everything that could be changed about them.

use callgate_audit::{ConsistencyProof, InclusionProof, ProofError, ProofMaker, Tree};
use callgate_types::Digest;
use proptest::prelude::*;

fn leaf(number: u64) -> Digest {
    Digest::of(&number.to_be_bytes())
}

fn maker(size: u64) -> ProofMaker {
    let mut maker = ProofMaker::new();
    (0..size).for_each(|number| maker.push(leaf(number)));
    maker
}

fn root(size: u64) -> Digest {
    let mut tree = Tree::new();
    (0..size).for_each(|number| tree.push(leaf(number)));
    tree.root()
}

#[test]
fn every_record_of_every_small_tree() {
    let maker = maker(40);
    let roots: Vec<_> = (0..=40).map(root).collect();
    for size in 0..=40_u64 {
        let root = roots[size as usize];
        assert_eq!(maker.root(size), Some(root));
        for seq in 0..size {
            let proof = maker.inclusion(seq, size).unwrap();
            assert_eq!(proof.verify(leaf(seq), root), Ok(()));
            assert_eq!(
                proof.verify(leaf(seq + 1), root),
                Err(ProofError::WrongRoot)
            );
            assert_eq!(
                proof.verify(leaf(seq), leaf(0).max(leaf(1))),
                Err(ProofError::WrongRoot)
            );
            assert_eq!(proof.to_string().parse(), Ok(proof));
        }
        assert_eq!(maker.inclusion(size, size), None);
        for old in 0..=size {
            let proof = maker.consistency(old, size).unwrap();
            let old_root = roots[old as usize];
            assert_eq!(proof.verify(old_root, root), Ok(()), "{old} {size}");
            if old > 0 {
                let wrong = proof.verify(leaf(99), root);
                assert_eq!(wrong, Err(ProofError::WrongRoot));
                let wrong = proof.verify(old_root, leaf(99));
                assert_eq!(wrong, Err(ProofError::WrongRoot));
            } else {
                let wrong = proof.verify(leaf(99), root);
                assert_eq!(wrong, Err(ProofError::WrongRoot));
            }
            assert_eq!(proof.to_string().parse(), Ok(proof));
        }
    }
    assert_eq!(maker.root(41), None);
    assert_eq!(maker.inclusion(0, 41), None);
    assert_eq!(maker.consistency(3, 41), None);
    assert_eq!(maker.consistency(4, 3), None);
}

#[test]
fn proofs_of_another_shape() {
    let maker = maker(7);
    let (root, old) = (root(7), root(3));
    let inclusion = maker.inclusion(2, 7).unwrap().to_string();
    let consistency = maker.consistency(3, 7).unwrap().to_string();
    for (from, to) in [
        ("v1 2 7", "v1 2 9"),
        ("v1 2 7", "v1 7 7"),
        ("v1 2 7", "v1 0 0"),
        ("v1 2 7", "v1 2 3"),
    ] {
        let proof: InclusionProof = inclusion.replace(from, to).parse().unwrap();
        let wrong = proof.verify(leaf(2), root);
        assert_eq!(wrong, Err(ProofError::WrongShape), "{to}");
    }
    for (from, to) in [
        ("v1 3 7", "v1 3 19"),
        ("v1 3 7", "v1 7 3"),
        ("v1 3 7", "v1 7 7"),
        ("v1 3 7", "v1 0 7"),
        ("v1 3 7", "v1 3 4"),
    ] {
        let proof: ConsistencyProof = consistency.replace(from, to).parse().unwrap();
        let wrong = proof.verify(old, root);
        assert_eq!(wrong, Err(ProofError::WrongShape), "{to}");
    }
    let more = format!("{inclusion}{root}\n")
        .parse::<InclusionProof>()
        .unwrap();
    assert_eq!(more.verify(leaf(2), root), Err(ProofError::WrongShape));
    let none: ConsistencyProof = "callgate-consistency/v1 3 7\n".parse().unwrap();
    assert_eq!(none.verify(old, root), Err(ProofError::WrongShape));
    let other: ConsistencyProof = "callgate-consistency/v1 7 7\n".parse().unwrap();
    assert_eq!(other.verify(old, root), Err(ProofError::WrongRoot));
}

#[test]
fn texts_that_are_no_proof() {
    let check = |text: &str, expected: &str| {
        let read = text.parse::<InclusionProof>();
        assert_eq!(read.unwrap_err().to_string(), expected, "{text}");
    };
    let start = "expected the name of the proof and two numbers in the first line";
    check("", start);
    check("callgate-inclusion/v1 2 7", start);
    check("callgate-inclusion/v2 2 7\n", start);
    check("callgate-consistency/v1 2 7\n", start);
    check("callgate-inclusion/v1 2 07\n", start);
    check("callgate-inclusion/v1 2 7 \n", start);
    check(
        "callgate-inclusion/v1 2 7\n\n",
        "expected a digest in line 2",
    );
    let line = format!("{}\n", leaf(1));
    let text = format!("callgate-inclusion/v1 2 7\n{line}");
    check(text.trim_end(), "expected a digest in line 2");
    check(
        &format!("{text}{}", line.repeat(64)),
        "expected at most 64 digests",
    );
}

/// The size of what somebody is handed who asks for one record of a million.
#[test]
fn proof_at_a_million_records() {
    let peaks: Vec<_> = (0..999_000_u64.count_ones())
        .map(|n| leaf(n.into()))
        .collect();
    let start = Tree::from_peaks(999_000, &peaks).unwrap();
    let mut maker = ProofMaker::after(&start);
    (999_000..1_000_000).for_each(|number| maker.push(leaf(number)));
    let proof = maker.inclusion(999_456, 1_000_000).unwrap();
    let text = proof.to_string();
    let digests = text.lines().count() - 1;
    assert!((15..=20).contains(&digests));
    // In binary; as text every byte is two digits.
    assert!(digests * 32 + 16 <= 1024);
    let root = maker.root(1_000_000).unwrap();
    assert_eq!(proof.verify(leaf(999_456), root), Ok(()));
}

#[test]
fn proofs_behind_records_that_were_removed() {
    let roots: Vec<_> = (0..34).map(root).collect();
    for start in 0..20_u64 {
        let mut tree = Tree::new();
        (0..start).for_each(|number| tree.push(leaf(number)));
        let mut maker = ProofMaker::after(&tree);
        (start..33).for_each(|number| maker.push(leaf(number)));
        for size in start..=33 {
            assert_eq!(
                maker.root(size),
                Some(roots[size as usize]),
                "{size} from {start}"
            );
            for seq in start..size {
                let proof = maker.inclusion(seq, size).unwrap();
                assert_eq!(proof.verify(leaf(seq), roots[size as usize]), Ok(()));
            }
            for old in start..=size {
                let proof = maker.consistency(old, size).unwrap();
                assert_eq!(
                    proof.verify(roots[old as usize], roots[size as usize]),
                    Ok(())
                );
            }
        }
        if start > 0 {
            assert_eq!(maker.inclusion(start - 1, 33), None);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn changed_proofs_show_nothing(
        size in 2_u64..300,
        seq in any::<prop::sample::Index>(),
        flip in any::<prop::sample::Index>(),
        bit in 0_u8..4,
    ) {
        let seq = seq.index(usize::try_from(size).unwrap()) as u64;
        let maker = maker(size);
        let text = maker.inclusion(seq, size).unwrap().to_string();
        // Any digit of any digest.
        let start = text.find('\n').unwrap() + 1;
        let at = start + flip.index(text.len() - start);
        let mut bytes = text.into_bytes();
        bytes[at] ^= 1 << bit;
        if let Ok(proof) = String::from_utf8(bytes).unwrap().parse::<InclusionProof>() {
            prop_assert!(proof.verify(leaf(seq), maker.root(size).unwrap()).is_err());
        }
    }
}
