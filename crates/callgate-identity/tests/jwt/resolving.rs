//! From what was shown to callers, and what is remembered of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use callgate_identity::UnverifiedCredential;
use callgate_identity::jwt::{Presented, Resolver, RevokedCredentials, Verified};
use callgate_types::{Caller, Delegation};
use chrono::{DateTime, TimeDelta, Utc};

use crate::vectors::File;

/// Counts how often something was checked, and says what is revoked.
#[derive(Clone, Debug, Default)]
struct Counting {
    checked: Arc<AtomicUsize>,
    revoked: Arc<AtomicUsize>,
}

impl Counting {
    fn checked(&self) -> usize {
        self.checked.load(Ordering::Relaxed)
    }
}

impl RevokedCredentials for Counting {
    fn is_revoked(&self, credential: &Verified) -> Option<bool> {
        assert!(credential.expires() > DateTime::<Utc>::MIN_UTC);
        self.checked.fetch_add(1, Ordering::Relaxed);
        match self.revoked.load(Ordering::Relaxed) {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

/// The token of the first case of this verifier that is accepted.
fn token(file: &File, verifier: &str) -> (UnverifiedCredential, DateTime<Utc>) {
    let verifiers = file.verifier(verifier);
    let mut cases = file.cases.iter().filter(|case| case.verifier == verifier);
    let found = cases.find_map(|case| {
        let credential = UnverifiedCredential::new(&case.text());
        verifiers.verify(&credential, case.now).ok()?;
        Some((credential, case.now))
    });
    found.unwrap()
}

/// A case by what its text says of itself.
fn of_claims(file: &File, id: &str) -> UnverifiedCredential {
    let case = file.cases.iter().find(|case| case.id == id).unwrap();
    UnverifiedCredential::new(&case.text())
}

fn shown(caller: &Caller) -> String {
    if let Some(refusal) = caller.refusal() {
        return refusal.to_string();
    }
    let subject = caller.subject().into_iter();
    let chain: Vec<&str> = subject
        .chain(caller.actors())
        .map(|one| one.id().as_str())
        .collect();
    format!("{} in {:?}", chain.join(" < "), caller.tenant())
}

#[test]
fn remembered_until_the_token_ends() {
    let file = File::read();
    let (alice, now) = token(&file, "plain");
    let counting = Counting::default();
    let resolver = Resolver::new(100)
        .verifier(file.verifier("plain"))
        .max_age(Duration::from_secs(3600))
        .revoked_by(counting.clone());
    let presented = Presented::of(alice)
        .acting_as(
            "agent:bot".parse().unwrap(),
            Delegation::new().scopes(["s"]),
        )
        .without_tenant();
    let at = |seconds| shown(&resolver.caller(&presented, now + TimeDelta::seconds(seconds)));
    assert_eq!(at(0), "user:alice < agent:bot in None");
    assert_eq!(at(300), "user:alice < agent:bot in None");
    assert_eq!(at(359), "user:alice < agent:bot in None");
    assert_eq!(counting.checked(), 1);
    // With the skew, the token ends 360 s after.
    assert_eq!(at(360), "credential refused: expired");
    // And does not come back with a clock that is moved back.
    assert_eq!(at(298), "credential refused: clock_moved_back");
    resolver.trust_clock(now);
    assert_eq!(at(0), "user:alice < agent:bot in None");
    assert_eq!(counting.checked(), 1);
}

#[test]
fn remembered_for_the_most_time() {
    let file = File::read();
    let (alice, now) = token(&file, "plain");
    let counting = Counting::default();
    let resolver = Resolver::new(100)
        .verifier(file.verifier("plain"))
        .max_age(Duration::from_secs(10))
        .revoked_by(counting.clone());
    let presented = Presented::of(alice).without_tenant();
    for (seconds, checked) in [(0, 1), (9, 1), (10, 2), (19, 2), (21, 3)] {
        let caller = resolver.caller(&presented, now + TimeDelta::seconds(seconds));
        assert!(caller.refusal().is_none());
        assert_eq!(counting.checked(), checked, "at {seconds}");
    }
}

#[test]
fn the_same_caller_comes_back() {
    let file = File::read();
    let (alice, now) = token(&file, "plain");
    let resolver = Resolver::new(100).verifier(file.verifier("plain"));
    let presented = Presented::of(alice.clone()).without_tenant();
    let one = resolver.caller(&presented, now);
    // Numbers that a policy worked out stay with it: its roles stand at the same place.
    let other = resolver.caller(&Presented::of(alice.clone()).without_tenant(), now);
    assert!(std::ptr::eq(
        one.subject().unwrap(),
        other.subject().unwrap()
    ));

    let handed = Presented::of(alice)
        .acting_as("agent:bot".parse().unwrap(), Delegation::new())
        .without_tenant();
    assert_ne!(resolver.caller(&handed, now).digest(), one.digest());
}

#[test]
fn replaced_keys_are_asked_at_once() {
    let file = File::read();
    let (alice, now) = token(&file, "plain");
    let (nameless, _) = token(&file, "single");
    let resolver = Resolver::new(100).verifier(file.verifier("single"));
    let presented = Presented::of(alice).without_tenant();
    assert_eq!(
        shown(&resolver.caller(&presented, now)),
        "user:alice in None"
    );
    let keys = callgate_identity::jwt::KeySet::parse(&file.key_set("next")).unwrap();
    let idp = resolver.verifier_of("https://idp.example").unwrap();
    idp.replace_keys(keys.clone(), Some(now + TimeDelta::seconds(30)));
    let at = |seconds| shown(&resolver.caller(&presented, now + TimeDelta::seconds(seconds)));
    assert_eq!(at(0), "user:alice in None");
    assert_eq!(at(29), "user:alice in None");
    assert_eq!(at(30), "credential refused: unknown_key");
    // A token that names no key may be of the only one there was, while that is in force.
    let nameless = Presented::of(nameless).without_tenant();
    assert_eq!(
        shown(&resolver.caller(&nameless, now + TimeDelta::seconds(29))),
        "user:alice in None"
    );
    idp.replace_keys(keys, None);
    assert_eq!(at(29), "credential refused: unknown_key");
    assert_eq!(
        shown(&resolver.caller(&nameless, now + TimeDelta::seconds(29))),
        "credential refused: bad_signature"
    );
}

#[test]
fn revoked_and_forgotten() {
    let file = File::read();
    let (alice, now) = token(&file, "plain");
    let counting = Counting::default();
    let resolver = Resolver::new(100)
        .verifier(file.verifier("plain"))
        .revoked_by(counting.clone());
    let presented = Presented::of(alice.clone())
        .acting_as("agent:bot".parse().unwrap(), Delegation::new())
        .without_tenant();
    let ask = || shown(&resolver.caller(&presented, now));
    let good = "user:alice < agent:bot in None";
    assert_eq!(ask(), good);
    counting.revoked.store(1, Ordering::Relaxed);
    // What was resolved before stands until the resolver is told.
    assert_eq!(ask(), good);
    resolver.forget_credential(alice.digest());
    assert_eq!(ask(), "credential refused: revoked");
    // Nobody can tell: a refusal, too.
    counting.revoked.store(2, Ordering::Relaxed);
    assert_eq!(ask(), "credential refused: revoked");
    counting.revoked.store(0, Ordering::Relaxed);
    assert_eq!(ask(), good);
    let before = counting.checked();
    resolver.forget_principal(&"agent:nobody".parse().unwrap());
    assert_eq!(ask(), good);
    assert_eq!(counting.checked(), before);
    resolver.forget_principal(&"agent:bot".parse().unwrap());
    assert_eq!(ask(), good);
    assert_eq!(counting.checked(), before + 1);
}

#[test]
fn several_issuers() {
    let file = File::read();
    let (alice, now) = token(&file, "plain");
    let (bot, _) = token(&file, "svid");
    let resolver = Resolver::new(100)
        .verifier(file.verifier("plain"))
        .verifier(file.verifier("svid"));
    let presented = Presented::of(alice.clone())
        .acting(bot.clone(), Delegation::new())
        .without_tenant();
    assert_eq!(
        shown(&resolver.caller(&presented, now)),
        "user:alice < agent:spiffe://acme.example/agents/bot in None"
    );
    let alone = Resolver::new(100).verifier(file.verifier("svid-all"));
    let swapped = Presented::of(bot)
        .acting(alice, Delegation::new())
        .without_tenant();
    assert_eq!(
        shown(&alone.caller(&swapped, now)),
        "credential refused: unknown_key"
    );
    let nobody = Resolver::new(100);
    assert_eq!(
        shown(&nobody.caller(&presented, now)),
        "credential refused: unknown_issuer"
    );
}

#[test]
fn a_chain_that_cannot_be() {
    let file = File::read();
    let (alice, now) = token(&file, "plain");
    let resolver = Resolver::new(100).verifier(file.verifier("plain"));
    let ask = |presented: &Presented| shown(&resolver.caller(presented, now));
    let twice = Presented::of(alice.clone())
        .acting(alice.clone(), Delegation::new())
        .without_tenant();
    assert_eq!(ask(&twice), "`user:alice` is both the subject and an actor");
    assert_eq!(
        ask(&Presented::of(alice.clone()).in_own_tenant()),
        "credential refused: missing_tenant"
    );
    assert_eq!(
        ask(&Presented::of(alice.clone()).in_tenant("acme")),
        "`user:alice` does not belong to tenant `acme`"
    );
    let case = |about: &str| of_claims(&file, &file.id_of(about));
    let with_actor = case("one actor");
    let used_to_act = Presented::of(alice.clone())
        .acting(with_actor.clone(), Delegation::new())
        .without_tenant();
    assert_eq!(ask(&used_to_act), "credential refused: bad_actor");
    let grown = Presented::of(with_actor)
        .acting_as("agent:sub".parse().unwrap(), Delegation::new())
        .without_tenant();
    assert_eq!(ask(&grown), "user:alice < agent:bot < agent:sub in None");
    let may_act = case("who may act");
    let chosen = |id: &str| {
        Presented::of(may_act.clone())
            .acting_as(id.parse().unwrap(), Delegation::new())
            .without_tenant()
    };
    assert_eq!(ask(&chosen("agent:bot")), "user:alice < agent:bot in None");
    assert_eq!(
        ask(&chosen("agent:sub")),
        "`agent:sub` may not act for `user:alice`"
    );
}

/// However many callers there are, no more are kept than there is room for, and each is right.
#[test]
fn a_flood_of_callers() {
    let file = File::read();
    let (alice, now) = token(&file, "plain");
    let counting = Counting::default();
    let resolver = Resolver::new(128)
        .verifier(file.verifier("single"))
        .revoked_by(counting.clone());
    let presented: Vec<Presented> = (0..400)
        .map(|n| {
            let actor = format!("agent:b{n}").parse().unwrap();
            Presented::of(alice.clone())
                .acting_as(actor, Delegation::new())
                .without_tenant()
        })
        .collect();
    for _ in 0..2 {
        for (n, presented) in presented.iter().enumerate() {
            let caller = resolver.caller(presented, now);
            assert_eq!(shown(&caller), format!("user:alice < agent:b{n} in None"));
        }
    }
    // Of 400 in a row that come twice, 128 places can keep few.
    assert!(counting.checked() > 600, "{}", counting.checked());
    let before = counting.checked();
    for presented in presented.iter().rev().take(20) {
        resolver.caller(presented, now);
    }
    assert!(counting.checked() - before < 20);
}
