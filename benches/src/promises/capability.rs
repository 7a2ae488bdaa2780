//! Capability tokens: looking a grant up, and verifying a token for the first time.

use std::collections::HashMap;
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;

use callgate::Digest;
use callgate::capability::{
    Bound, Capability, CapabilityToken, Grant, Grants, Restrictions, RevokedInMemory, Roots,
    SecretKey,
};
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::{Promise, Sides, each};

/// How many tokens are in use.
const TOKENS: u64 = 1000;
/// Blocks of each: the issuer's, and two copies.
const BLOCKS: u64 = 3;

pub(super) fn promises() -> Vec<Promise> {
    vec![
        Promise::new("capability/cached", cached)
            .at_most(2.0)
            .allocating(0),
        Promise::new("capability/text", text)
            .at_most(2.0)
            .allocating(0),
        Promise::new("capability/first", first).rounds(201, 11),
    ]
}

/// The grant of a token whose digest the host has kept, still valid and not revoked; against a
/// look-up of that digest in a `HashMap`.
fn cached() -> Result<Sides, Box<dyn Error>> {
    let made = Made::new(TOKENS)?;
    let digests: Vec<Digest> = made.tokens.iter().map(CapabilityToken::digest).collect();
    let now = made.now;
    let (grants, table) = (made.grants()?, made.table()?);
    Ok(Sides::new(
        each(digests.clone(), move |digest| {
            let _ = black_box(grants.seen(*black_box(digest), now));
        }),
        each(digests, move |digest| {
            black_box(table.get(black_box(digest)));
        }),
    ))
}

/// The same from the token's text; against SHA-256 of the text, and the look-up.
fn text() -> Result<Sides, Box<dyn Error>> {
    let made = Made::new(TOKENS)?;
    let tokens = made.tokens.iter();
    let texts: Vec<String> = tokens.map(|token| token.as_str().to_owned()).collect();
    let now = made.now;
    let (grants, table) = (made.grants()?, made.table()?);
    Ok(Sides::new(
        each(texts.clone(), move |text| {
            drop(black_box(grants.resolve(black_box(text), now)));
        }),
        each(texts, move |text| {
            let digest = Sha256::digest(black_box(text.as_bytes()));
            black_box(table.get(&Digest::from_bytes(digest.into())));
        }),
    ))
}

/// A token that was never seen; against the bare checks of as many signatures of such length.
fn first() -> Result<Sides, Box<dyn Error>> {
    let made = Made::new(20)?;
    let texts: Vec<String> = made
        .tokens
        .iter()
        .map(|token| token.as_str().to_owned())
        .collect();
    let (now, roots) = (made.now, made.roots);
    let signed: Vec<Signed> = (0..60).map(Signed::new).collect();
    let signed = signed.chunks(3).map(<[Signed]>::to_vec).collect();
    Ok(Sides::new(
        each(texts, move |text| {
            let token = CapabilityToken::parse(black_box(text));
            drop(black_box(token.and_then(|token| token.verify(&roots, now))));
        }),
        each(signed, |blocks| {
            for block in black_box::<&Vec<Signed>>(blocks) {
                black_box(block.is_good());
            }
        }),
    ))
}

/// A signature as a verifier gets it: a key as bytes, and a block's worth of bytes.
#[derive(Clone)]
struct Signed {
    key: [u8; 32],
    message: Vec<u8>,
    signature: [u8; 64],
}

impl Signed {
    fn new(number: u64) -> Self {
        let key = SigningKey::from_bytes(&seed(number));
        let message = vec![b'm'; 200];
        Self {
            key: key.verifying_key().to_bytes(),
            signature: key.sign(&message).to_bytes(),
            message,
        }
    }

    fn is_good(&self) -> bool {
        let signature = Signature::from_bytes(&self.signature);
        VerifyingKey::from_bytes(&self.key)
            .is_ok_and(|key| key.verify_strict(&self.message, &signature).is_ok())
    }
}

struct Made {
    tokens: Vec<CapabilityToken>,
    roots: Roots,
    now: DateTime<Utc>,
}

impl Made {
    fn new(tokens: u64) -> Result<Self, Box<dyn Error>> {
        let now = DateTime::from_timestamp(1_796_115_600, 0).ok_or("no such time")?;
        let root = SecretKey::from_seed(seed(u64::MAX))?;
        let tokens = (0..tokens).map(|number| token(number, &root, now));
        Ok(Self {
            tokens: tokens.collect::<Result<_, _>>()?,
            roots: Roots::new().trust(1, root.public()),
            now,
        })
    }

    /// All grants, kept.
    fn grants(&self) -> Result<Grants, Box<dyn Error>> {
        let revoked = Arc::new(RevokedInMemory::new());
        let grants = Grants::new(self.roots.clone(), revoked, 100_000);
        for token in &self.tokens {
            grants.resolve(token.as_str(), self.now)?;
        }
        Ok(grants)
    }

    /// The same in a table of the standard library.
    fn table(&self) -> Result<HashMap<Digest, Grant>, Box<dyn Error>> {
        let entry = |token: &CapabilityToken| {
            let grant = token.verify(&self.roots, self.now)?;
            Ok((token.digest(), grant))
        };
        self.tokens.iter().map(entry).collect()
    }
}

fn token(
    number: u64,
    root: &SecretKey,
    now: DateTime<Utc>,
) -> Result<CapabilityToken, Box<dyn Error>> {
    let next = |block: u64| {
        let number = number.saturating_mul(BLOCKS).saturating_add(block);
        SecretKey::from_seed(seed(number))
    };
    let end = |hours| now.checked_add_signed(TimeDelta::hours(hours));
    let most = |amount: &str| amount.parse().map(Bound::AtMost);
    let reach = Restrictions::new()
        .tool("adjust_billing")
        .tool("read_account")
        .argument("adjust_billing", "/amount", most("50")?)
        .resource("account", "acc_1")
        .before(end(3).ok_or("no such time")?);
    let capability = Capability::new("user:alice".parse()?, "acme", "task-7", reach);
    let token = capability.issue(1, root, &next(0)?)?;
    let less = Restrictions::new().tool("adjust_billing");
    let token = token.attenuate(&less, &next(1)?)?;
    let less = Restrictions::new()
        .argument("adjust_billing", "/amount", most("20")?)
        .before(end(1).ok_or("no such time")?);
    Ok(token.attenuate(&less, &next(2)?)?)
}

/// 32 bytes that are the same in every run.
fn seed(number: u64) -> [u8; 32] {
    Sha256::digest(number.to_le_bytes()).into()
}
