//! Tokens that were revoked, for those who resolve them.

use std::sync::Arc;

use callgate_identity::capability::{RevocationDoubt, RevocationId, Revoked};

use crate::Gate;

impl Gate {
    /// What tells [`Grants`](crate::capability::Grants) which tokens were revoked, from the store of
    /// standing that this gate looks at. Where the last look is too old, nobody can tell, and tokens
    /// are refused. `None` for a gate without a store.
    pub fn revoked(&self) -> Option<Arc<dyn Revoked>> {
        self.inner().watch.as_ref()?;
        Some(Arc::new(RevokedHere(self.clone())))
    }
}

struct RevokedHere(Gate);

impl RevokedHere {
    fn is_informed(&self) -> bool {
        let inner = self.0.inner();
        let check = |watch: &super::Watch| watch.check(inner.clock.elapsed(), || true);
        inner
            .watch
            .as_ref()
            .is_some_and(|watch| check(watch).is_ok())
    }
}

impl Revoked for RevokedHere {
    fn is_revoked(&self, tenant: &str, id: &RevocationId) -> Result<bool, RevocationDoubt> {
        if !self.is_informed() {
            return Err(RevocationDoubt::new("the standing store does not answer"));
        }
        let id = id.to_string();
        let revoked = self.0.inner().current.with_standing(|_, _, standing| {
            standing.is_some_and(|standing| standing.is_token_revoked(tenant, &id))
        });
        Ok(revoked)
    }

    fn epoch(&self) -> Option<u64> {
        self.is_informed().then(|| self.0.inner().current.version())
    }
}
