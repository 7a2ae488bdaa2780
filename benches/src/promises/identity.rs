//! Who is asking: a chain that is checked, and one that was before.
//!
//! The tokens are vectors of `docs/spec/identity.md`: a user by RS256, a workload by ES256, and one
//! more by Ed25519.

use std::collections::HashMap;
use std::error::Error;
use std::hint::black_box;
use std::time::Duration;

use callgate::identity::{Holdings, UnverifiedCredential};
use callgate::jwt::{JwtVerifier, KeySet, Presented, Resolver};
use callgate::standing::{Change, Revocation, Standing, Subject};
use callgate::{Caller, Delegation, PrincipalId};
use callgate_types::{CallerNumbers, TableId};
use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::Value;

use super::{Promise, Sides, each};

pub(super) fn promises() -> Vec<Promise> {
    vec![
        Promise::new("identity/cached", cached)
            .at_most(2.0)
            .allocating(0),
        Promise::new("identity/first", first).at_most(1.2),
    ]
}

/// The tokens, by what their cases are about, and the keys that have signed them.
const TOKENS: [(&str, &str, Algorithm, &str); 3] = [
    (
        "RS256, for an RSA key that names no algorithm",
        "main",
        Algorithm::RS256,
        "rs-256",
    ),
    ("a workload", "svid", Algorithm::ES256, "svid-1"),
    (
        "a subject that spells a kind stays a user",
        "main",
        Algorithm::EdDSA,
        "ed-1",
    ),
];

/// How many callers are asked for in turn.
const CALLERS: u32 = 64;

/// A resolver, what was shown to it, and when.
struct Desk {
    resolver: Resolver,
    now: DateTime<Utc>,
    tokens: Vec<String>,
    vectors: Value,
}

impl Desk {
    fn new(max_age: Duration) -> Result<Self, Box<dyn Error>> {
        let text = include_str!("../../../docs/spec/vectors/identity.json");
        let vectors: Value = serde_json::from_str(text)?;
        let keys = |name: &str| {
            vectors
                .pointer(&format!("/key_sets/{name}"))
                .map(Value::to_string)
        };
        let (main, svid) = (keys("main"), keys("svid"));
        let main = KeySet::parse(&main.ok_or("no keys")?)?;
        let svid = KeySet::parse_spiffe_bundle(&svid.ok_or("no keys")?)?;
        let idp = JwtVerifier::builder("https://idp.example", "support-desk", main).build()?;
        let workloads = JwtVerifier::spiffe("acme.example", "support-desk", svid).build()?;
        let resolver = Resolver::new(1024)
            .verifier(idp)
            .verifier(workloads)
            .max_age(max_age);
        let cases = vectors.get("cases").and_then(Value::as_array);
        let cases = cases.ok_or("no cases")?;
        let token = |about: &str| {
            let about = Some(about);
            let case = cases
                .iter()
                .find(|case| case.get("about").and_then(Value::as_str) == about)?;
            case.get("token")?.as_str().map(str::to_owned)
        };
        let tokens = TOKENS.iter().map(|(about, ..)| token(about));
        let tokens = tokens.collect::<Option<_>>().ok_or("a case is gone")?;
        Ok(Self {
            resolver,
            now: "2026-05-04T10:00:00Z".parse()?,
            tokens,
            vectors,
        })
    }

    /// The chain of three hops; with other numbers, other chains.
    fn presented(&self, number: u32) -> Result<Presented, Box<dyn Error>> {
        let mut tokens = self
            .tokens
            .iter()
            .map(|text| UnverifiedCredential::new(text));
        let mut next = || tokens.next().ok_or("a token is missing");
        let named = Delegation::new().scopes(["ticket:read".to_owned(), format!("s:{number}")]);
        Ok(Presented::of(next()?)
            .acting(next()?, named)
            .acting(next()?, Delegation::new())
            .without_tenant())
    }
}

/// A chain of three hops that was resolved before, that nothing is against it, and the scopes that it
/// may use; against one
/// look-up in a `HashMap` by a digest, and three intersections of the sets found there.
fn cached() -> Result<Sides, Box<dyn Error>> {
    let desk = Desk::new(Duration::from_secs(300))?;
    let shown: Vec<Presented> = (0..CALLERS)
        .map(|number| desk.presented(number))
        .collect::<Result<_, _>>()?;
    let holdings = Holdings::builder().role("any", ["ticket:read"]).build();
    let table = TableId::unique();
    let mut sets = HashMap::new();
    for (number, presented) in (0_u64..).zip(&shown) {
        let caller = desk.resolver.resolve(presented, desk.now)?;
        sets.insert(*caller.digest().as_bytes(), [[number | 1; 4]; 4]);
    }
    let keys: Vec<[u8; 32]> = sets.keys().copied().collect();
    let scopes = move |caller: &Caller| {
        let numbers = caller.numbers(table, || {
            let scopes = holdings.scopes(caller)?;
            Some(CallerNumbers {
                scopes,
                ..CallerNumbers::default()
            })
        });
        numbers.map(|numbers| numbers.scopes)
    };
    let (resolver, now) = (desk.resolver, desk.now);
    let standing = standing()?;
    Ok(Sides::new(
        each(shown, move |presented| {
            let caller = resolver.caller(black_box(presented), black_box(now));
            let subject = Subject::new(&caller).in_session(Some("s-17"));
            black_box(standing.look(&subject).is_ok());
            black_box(scopes(&caller));
        }),
        each(keys, move |key| {
            let held = sets.get(black_box(key)).map(|[first, rest @ ..]| {
                let mut held = *first;
                for set in rest {
                    for (word, other) in held.iter_mut().zip(set) {
                        *word &= other;
                    }
                }
                held
            });
            black_box(held);
        }),
    ))
}

/// A thousand principals and as many sessions that were revoked, none of them of these callers.
fn standing() -> Result<Standing, Box<dyn Error>> {
    let by = PrincipalId::user("officer")?;
    let mut standing = Standing::new();
    for number in 0..1_000 {
        let name = format!("r-{number}");
        let who = Revocation::principal(None, PrincipalId::user(&name)?)?;
        let session = Revocation::session(None, &name)?;
        for target in [who, session] {
            standing.restrict(&Change::revoke(target, by.clone()));
        }
    }
    Ok(standing)
}

/// A chain of three hops for the first time; against the three signatures, checked by the same
/// library with keys that were read before.
fn first() -> Result<Sides, Box<dyn Error>> {
    // Nothing is remembered, so every time is the first.
    let desk = Desk::new(Duration::ZERO)?;
    let mut bare = Vec::new();
    for (token, (_, set, algorithm, id)) in desk.tokens.iter().zip(TOKENS) {
        let keys = desk.vectors.pointer(&format!("/key_sets/{set}"));
        let keys: JwkSet = serde_json::from_value(keys.ok_or("no keys")?.clone())?;
        let key = DecodingKey::from_jwk(keys.find(id).ok_or("no key")?)?;
        let (message, signature) = token.rsplit_once('.').ok_or("no token")?;
        bare.push((message.to_owned(), signature.to_owned(), key, algorithm));
    }
    let shown: Vec<Presented> = (0..4)
        .map(|number| desk.presented(number))
        .collect::<Result<_, _>>()?;
    for presented in &shown {
        desk.resolver.resolve(presented, desk.now)?;
    }
    let chains = vec![(); shown.len()];
    let (resolver, now) = (desk.resolver, desk.now);
    Ok(Sides::new(
        each(shown, move |presented| {
            black_box(resolver.caller(black_box(presented), now));
        }),
        each(chains, move |()| {
            for (message, signature, key, algorithm) in &bare {
                let message = black_box(message.as_bytes());
                let good = crypto::verify(signature, message, key, *algorithm);
                black_box(good.is_ok_and(|good| good));
            }
        }),
    ))
}
