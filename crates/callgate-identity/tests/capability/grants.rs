//! Grants that are kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use callgate_identity::capability::{
    Grants, Restrictions, RevocationDoubt, RevocationId, Revoked, RevokedInMemory, TokenFault,
};

use crate::tokens::{issue, key, later, now, reach, roots};

fn with(revoked: Arc<dyn Revoked>) -> Grants {
    Grants::new(roots(), revoked, 160)
}

/// Counts how often it is asked, and can fail.
#[derive(Default)]
struct Store {
    asked: AtomicU64,
    down: AtomicBool,
}

impl Revoked for Store {
    fn is_revoked(&self, _: &str, _: &RevocationId) -> Result<bool, RevocationDoubt> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.down.load(Ordering::SeqCst) {
            return Err(RevocationDoubt::new("the store is down"));
        }
        Ok(false)
    }
}

#[test]
fn a_token_is_verified_once() {
    let grants = with(Arc::new(RevokedInMemory::new()));
    let token = issue(reach(), 2);
    assert!(grants.seen(token.digest(), now()).is_none());
    let first = grants.resolve(token.as_str(), now()).unwrap();
    let second = grants.resolve(token.as_str(), later(5)).unwrap();
    let third = grants.seen(token.digest(), later(5)).unwrap().unwrap();
    assert!(Arc::ptr_eq(&first, &second) && Arc::ptr_eq(&first, &third));
    assert_eq!(grants.len(), 1);
}

#[test]
fn kept_grants_expire() {
    let grants = with(Arc::new(RevokedInMemory::new()));
    let token = issue(reach().not_before(now()), 2);
    grants.resolve(token.as_str(), now()).unwrap();
    let at = |seconds| {
        let outcome = grants.resolve(token.as_str(), later(seconds));
        outcome.map_or_else(TokenFault::as_str, |_| "ok")
    };
    assert_eq!(at(10_799), "ok");
    assert_eq!(at(10_800), "expired");
    // The clock moved back.
    assert_eq!(at(-1), "not_yet_valid");
}

#[test]
fn refused_tokens_are_not_kept() {
    let grants = with(Arc::new(RevokedInMemory::new()));
    let token = issue(reach(), 2);
    assert!(grants.resolve(token.as_str(), later(10_800)).is_err());
    assert!(grants.resolve("AAAA", now()).is_err());
    assert!(grants.resolve(&"A".repeat(1_000_000), now()).is_err());
    assert!(grants.is_empty());
}

#[test]
fn revoking_a_block_revokes_its_copies() {
    let revoked = Arc::new(RevokedInMemory::new());
    let grants = with(Arc::clone(&revoked) as _);
    let token = issue(reach(), 2);
    let copy = token.attenuate(&Restrictions::new().before(later(60)), &key(3));
    let copy = copy.unwrap();
    let both = || {
        [&token, &copy].map(|token| {
            let outcome = grants.resolve(token.as_str(), now());
            outcome.map_or_else(|fault| (fault.as_str(), fault.block()), |_| ("ok", None))
        })
    };
    assert_eq!(both(), [("ok", None); 2]);
    revoked.revoke(copy.revocation_ids()[1]);
    assert_eq!(both(), [("ok", None), ("revoked", Some(1))]);
    revoked.revoke(token.revocation_ids()[0]);
    assert_eq!(both(), [("revoked", Some(0)); 2]);
}

#[test]
fn revoked_before_it_was_seen() {
    let revoked = Arc::new(RevokedInMemory::new());
    let token = issue(reach(), 2);
    revoked.revoke(token.revocation_ids()[0]);
    let grants = with(revoked);
    let fault = grants.resolve(token.as_str(), now()).unwrap_err();
    assert_eq!(fault.as_str(), "revoked");
    assert!(grants.is_empty());
}

#[test]
fn a_doubt_is_a_refusal() {
    let store = Arc::new(Store::default());
    let grants = with(Arc::clone(&store) as _);
    let token = issue(reach(), 2);
    grants.resolve(token.as_str(), now()).unwrap();
    grants.resolve(token.as_str(), now()).unwrap();
    assert_eq!(
        store.asked.load(Ordering::SeqCst),
        2,
        "asked with every use"
    );
    store.down.store(true, Ordering::SeqCst);
    let fault = grants.resolve(token.as_str(), now()).unwrap_err();
    assert_eq!(
        (fault.as_str(), fault.block()),
        ("revocation_unknown", Some(0))
    );
    store.down.store(false, Ordering::SeqCst);
    assert!(grants.resolve(token.as_str(), now()).is_ok());
}

#[test]
fn what_is_kept_is_bounded() {
    let grants = Grants::new(roots(), Arc::new(RevokedInMemory::new()), 32);
    let tokens: Vec<_> = (100..400).map(|next| issue(reach(), next)).collect();
    for token in &tokens {
        grants.resolve(token.as_str(), now()).unwrap();
        assert!(grants.len() <= 32);
    }
    // What is left out is verified again.
    assert!(
        tokens
            .iter()
            .all(|token| grants.resolve(token.as_str(), now()).is_ok())
    );
    let none = Grants::new(roots(), Arc::new(RevokedInMemory::new()), 0);
    assert!(none.resolve(tokens[0].as_str(), now()).is_ok());
    assert!(none.is_empty());
}

#[test]
fn a_kept_grant_allocates_nothing() {
    let grants = with(Arc::new(RevokedInMemory::new()));
    let token = issue(reach(), 2);
    grants.resolve(token.as_str(), now()).unwrap();
    let counted = allocation_counter::measure(|| {
        assert!(grants.resolve(token.as_str(), now()).is_ok());
    });
    assert_eq!(counted.count_total, 0);
}

/// Threads use a token while another revokes it: once that has returned, nobody gets a grant.
#[test]
fn no_use_after_a_revocation() {
    for round in 0..200 {
        let revoked = Arc::new(RevokedInMemory::new());
        let grants = with(Arc::clone(&revoked) as _);
        let token = issue(reach(), 1000 + round);
        grants.resolve(token.as_str(), now()).unwrap();
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        // Read before: what was over then is refused now.
                        let was_over = over.load(Ordering::SeqCst);
                        let allowed = grants.resolve(token.as_str(), now()).is_ok();
                        assert!(!(was_over && allowed));
                    }
                });
            }
            scope.spawn(|| {
                revoked.revoke(token.revocation_ids()[0]);
                over.store(true, Ordering::SeqCst);
            });
        });
        assert!(grants.resolve(token.as_str(), now()).is_err());
    }
}
