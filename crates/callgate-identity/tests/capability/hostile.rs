//! Bytes of somebody else's making.

use callgate_identity::capability::{CapabilityToken, Restrictions, TokenFault};

use crate::tokens::{issue, key, later, now, reach, roots};

fn outcome(text: &str) -> Result<(), TokenFault> {
    let token = CapabilityToken::parse(text)?;
    token.verify(&roots(), now()).map(|_| ())
}

/// A token of three blocks.
fn token() -> CapabilityToken {
    let token = issue(reach(), 2);
    let token = token.attenuate(&Restrictions::new().tool("read_account"), &key(3));
    let token = token.unwrap();
    let end = Restrictions::new().before(later(60));
    token.attenuate(&end, &key(4)).unwrap()
}

#[test]
fn cut_off_at_every_letter() {
    let token = token();
    assert_eq!(outcome(token.as_str()), Ok(()));
    for length in 0..token.as_str().len() {
        let fault = outcome(&token.as_str()[..length]).unwrap_err();
        assert!(
            matches!(fault.as_str(), "not_base64" | "malformed"),
            "{length}"
        );
    }
}

#[test]
fn every_letter_changed() {
    let token = token();
    for place in 0..token.as_str().len() {
        for letter in ["A", "_", "="] {
            let mut text = token.as_str().to_owned();
            text.replace_range(place..=place, letter);
            if text != token.as_str() {
                assert!(outcome(&text).is_err(), "{place} {letter}");
            }
        }
    }
}

#[test]
fn a_million_letters() {
    assert_eq!(outcome(&"A".repeat(1_000_000)), Err(TokenFault::TooLarge));
    assert_eq!(outcome(&"A".repeat(16_385)), Err(TokenFault::TooLarge));
    assert_eq!(outcome(&"A".repeat(16_384)), Err(TokenFault::Malformed));
}

#[test]
fn too_many_blocks() {
    let mut token = issue(reach(), 2);
    let less = Restrictions::new().before(later(60));
    for next in 3..18 {
        token = token.attenuate(&less, &key(next)).unwrap();
    }
    assert_eq!(token.revocation_ids().len(), CapabilityToken::MAX_BLOCKS);
    assert_eq!(outcome(token.as_str()), Ok(()));
    let fault = token.attenuate(&less, &key(18)).unwrap_err();
    assert_eq!(fault.to_string(), "expected at most 16 blocks, found 17");
}

/// Blocks of another implementation, which stops nobody.
#[test]
fn a_hundred_blocks() {
    let token = issue(reach(), 2);
    let mut token = biscuit_auth::UnverifiedBiscuit::from_base64(token.as_str()).unwrap();
    for _ in 1..100 {
        token = token
            .append(biscuit_auth::builder::BlockBuilder::new())
            .unwrap();
    }
    let text = token.to_base64().unwrap();
    assert_eq!(
        outcome(&text),
        Err(TokenFault::TooManyBlocks { found: 100 })
    );
}

/// Rules that would keep an evaluator busy for years are not even looked at.
#[test]
fn rules_that_never_end() {
    let rule = |n| format!("n{n}($a, $b) <- n{n}($b, $c), n{n}($a, $c), n{n}($c, $b);\n");
    let bomb = (0..60).map(rule).collect::<Vec<_>>().concat();
    let token = biscuit_auth::UnverifiedBiscuit::from_base64(issue(reach(), 2).as_str()).unwrap();
    let block = biscuit_auth::builder::BlockBuilder::new()
        .code(&bomb)
        .unwrap();
    let text = token.append(block).unwrap().to_base64().unwrap();
    assert_eq!(outcome(&text), Err(TokenFault::UnknownContent { block: 1 }));
}
