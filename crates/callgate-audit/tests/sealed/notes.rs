//! Notes and keys.

use callgate_audit::{
    Ed25519Signer, KeyAlgorithm, ParseKeyError, SignError, SignedNote, Signer, VerifyingKey,
};
use callgate_types::Digest;

const ORIGIN: &str = "example.org/log";

fn signer(seed: u8) -> Ed25519Signer {
    Ed25519Signer::new(ORIGIN, [seed; 32]).unwrap()
}

fn note() -> SignedNote {
    SignedNote::sign(ORIGIN, 3, Digest::of(b"root"), &[&signer(7)]).unwrap()
}

#[track_caller]
fn check(text: &str, expected: Result<(), &str>) {
    let read = text.parse::<SignedNote>().map(|note| {
        assert_eq!(note.as_str(), text);
    });
    let read = read.map_err(|error| error.to_string());
    assert_eq!(read, expected.map_err(str::to_owned), "{text}");
}

#[test]
fn note_is_three_lines_and_signatures() {
    let text = note().as_str().to_owned();
    let lines: Vec<_> = text.split('\n').collect();
    let root = "SBNJTRN+FjGkCBXOhPYpcMU3H/WTUAWhcPEZqVu4VjI=";
    assert_eq!(lines[0], ORIGIN);
    assert_eq!(lines[1], "3");
    assert_eq!(lines[2].len(), root.len());
    assert_eq!(lines[3], "");
    assert!(lines[4].starts_with("\u{2014} example.org/log "));
    assert_eq!(lines[5..], [""]);
    check(&text, Ok(()));
}

#[test]
fn texts_that_are_no_note() {
    let text = note().as_str().to_owned();
    let cases = [
        ("", "expected the name of a log in line 1 of the note"),
        (
            &*text.replacen(ORIGIN, "a log", 1),
            "expected the name of a log in line 1 of the note",
        ),
        (
            &*text.replacen(ORIGIN, &"x".repeat(129), 1),
            "expected the name of a log in line 1 of the note",
        ),
        (
            &*text.replacen("\n3\n", "\n03\n", 1),
            "expected a number of records in line 2 of the note",
        ),
        (
            &*text.replacen("\n3\n", "\n3\r\n", 1),
            "expected a number of records in line 2 of the note",
        ),
        (
            &*text.replacen("=\n\n", "\n\n", 1),
            "expected a root in base64 in line 3 of the note",
        ),
        (
            &*text.replacen("\n\n", "\nextension\n\n", 1),
            "expected an empty line as line 4 of the note",
        ),
        (
            &*text.replacen('\u{2014}', "-", 1),
            "expected a signature in line 5 of the note",
        ),
        (
            text.trim_end(),
            "expected a signature in line 5 of the note",
        ),
        (
            &*format!("{text}\n"),
            "expected a signature in line 6 of the note",
        ),
        (
            &*format!("{text}\u{2014} name AAAAAA==\n"),
            "expected a signature in line 6 of the note",
        ),
        (
            text.split_inclusive("\n\n").next().unwrap(),
            "expected 1 to 64 signatures",
        ),
        (
            &*format!("{text}{}", "\u{2014} name AAAAAAA=\n".repeat(64)),
            "expected 1 to 64 signatures",
        ),
        (
            &*"x".repeat(65_537),
            "expected a note of at most 65536 bytes",
        ),
    ];
    for (text, error) in cases {
        check(text, Err(error));
    }
    check(
        &format!("{text}{}", "\u{2014} name AAAAAAA=\n".repeat(63)),
        Ok(()),
    );
}

#[test]
fn signatures_are_of_one_key_over_one_text() {
    let note = note();
    assert!(note.is_signed_by(signer(7).key()));
    assert!(!note.is_signed_by(signer(8).key()));
    for (old, new) in [("\n3\n", "\n4\n"), ("example", "exemple")] {
        let other: SignedNote = note.as_str().replacen(old, new, 1).parse().unwrap();
        assert!(!other.is_signed_by(signer(7).key()), "{new}");
    }
    // Every bit of a signature counts.
    let line = note.as_str().lines().last().unwrap();
    let start = note.as_str().len() - 1 - (line.len() - line.rfind(' ').unwrap() - 1);
    for at in start..note.as_str().len() - 1 {
        let mut text = note.as_str().as_bytes().to_vec();
        text[at] = if text[at] == b'B' { b'C' } else { b'B' };
        let text = String::from_utf8(text).unwrap();
        if let Ok(other) = text.parse::<SignedNote>() {
            assert!(!other.is_signed_by(signer(7).key()), "{at}");
        }
    }
}

#[test]
fn first_line_of_a_key_counts() {
    let (note, other) = (note(), note_of(4));
    let line = other.as_str().lines().last().unwrap();
    let good = note.as_str().lines().last().unwrap();
    let twice: SignedNote = note
        .as_str()
        .replace(good, &format!("{line}\n{good}"))
        .parse()
        .unwrap();
    assert!(!twice.is_signed_by(signer(7).key()));
    let twice: SignedNote = format!("{}{line}\n", note.as_str()).parse().unwrap();
    assert!(twice.is_signed_by(signer(7).key()));
}

fn note_of(size: u64) -> SignedNote {
    SignedNote::sign(ORIGIN, size, Digest::of(b"root"), &[&signer(7)]).unwrap()
}

#[test]
fn witnesses_cosign_with_a_time() {
    let witness = Ed25519Signer::witness("witness.example", [9; 32]).unwrap();
    let stranger = Ed25519Signer::witness("witness.example", [10; 32]).unwrap();
    let cosigned = note().cosign(&witness, 1_795_000_000).unwrap();
    assert!(cosigned.is_signed_by(signer(7).key()));
    assert_eq!(cosigned.cosigned_by(witness.key()), Some(1_795_000_000));
    assert_eq!(cosigned.cosigned_by(stranger.key()), None);
    assert_eq!(note().cosigned_by(witness.key()), None);
    // A witness is no log, and a log no witness.
    assert!(!cosigned.is_signed_by(witness.key()));
    assert_eq!(cosigned.cosigned_by(signer(7).key()), None);
    let root = Digest::of(b"root");
    let signed = SignedNote::sign(ORIGIN, 3, root, &[&witness]).unwrap();
    assert!(!signed.is_signed_by(witness.key()));
    assert_eq!(signed.cosigned_by(witness.key()), None);
    let refused = note().cosign(&signer(7), 1);
    assert!(matches!(refused, Err(SignError::NotAWitness)));
    // The time is signed.
    let line = cosigned.as_str().lines().last().unwrap();
    let (start, bytes) = line.rsplit_once(' ').unwrap();
    let other = bytes.replacen("AAAABq", "AAAABr", 1);
    assert_ne!(bytes, other, "{bytes}");
    let changed = cosigned.as_str().replace(line, &format!("{start} {other}"));
    let changed: SignedNote = changed.parse().unwrap();
    assert_eq!(changed.cosigned_by(witness.key()), None);
}

#[test]
fn origin_that_can_be_no_name() {
    let refused = SignedNote::sign("a log", 0, Digest::ZERO, &[&signer(7)]);
    assert!(matches!(refused, Err(SignError::BadName)));
    let refused = SignedNote::sign(ORIGIN, 0, Digest::ZERO, &[]);
    assert!(matches!(refused, Err(SignError::NotANote)));
}

/// The key and the note that C2SP's specification and the Go project show.
#[test]
fn keys_of_others() {
    let private = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let signer = Ed25519Signer::from_private_text(private).unwrap();
    assert_eq!(signer.to_private_text(), private);
    assert_eq!(signer.key().to_string(), public);
    assert_eq!(public.parse(), Ok(signer.key().clone()));
    assert_eq!(signer.key().algorithm(), KeyAlgorithm::ED25519);
    // The secret does not show.
    let shown = format!("{signer:?}");
    assert!(
        shown.contains(public) && !shown.contains("AYEKFALV"),
        "{shown}"
    );
}

#[test]
fn texts_that_are_no_key() {
    let good = signer(7).key().to_string();
    let (_, base64) = good.rsplit_once('+').unwrap();
    let id = good.split('+').nth(1).unwrap();
    for (text, expected) in [
        (String::new(), ParseKeyError::Malformed),
        (
            good.replacen(id, &id.to_uppercase(), 1),
            ParseKeyError::Malformed,
        ),
        (format!("{good}="), ParseKeyError::Malformed),
        (good.replacen(ORIGIN, "a log", 1), ParseKeyError::BadName),
        (good.replacen(ORIGIN, "other", 1), ParseKeyError::WrongId),
        (good.replacen(id, "00000000", 1), ParseKeyError::WrongId),
        (
            // ML-DSA-44 may come.
            good.replacen(base64, "BgAA", 1),
            ParseKeyError::UnknownAlgorithm { algorithm: 6 },
        ),
        (good.replacen(base64, "AQAA", 1), ParseKeyError::BadKey),
        (
            // The neutral element: anybody signs for it.
            format!("{ORIGIN}+00000000+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            ParseKeyError::BadKey,
        ),
    ] {
        if id.to_uppercase() == id && text == good {
            continue;
        }
        assert_eq!(text.parse::<VerifyingKey>(), Err(expected), "{text}");
    }
    let private = signer(7).to_private_text();
    for (text, expected) in [
        (&*good, ParseKeyError::Malformed),
        (
            &*private.replacen(ORIGIN, "other", 1),
            ParseKeyError::WrongId,
        ),
        (&*format!("PRIVATE+KEY+{good}"), ParseKeyError::WrongId),
    ] {
        let read = Ed25519Signer::from_private_text(text).map(drop);
        assert_eq!(read, Err(expected), "{text}");
    }
}
