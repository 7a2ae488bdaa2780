//! Whose tokens are believed.

use std::collections::{BTreeMap, BTreeSet};

use super::key::PublicKey;

/// The root keys that a verifier trusts, by their ids.
///
/// A key is replaced by trusting the next one under another id beside it, and leaving out the
/// old one when its tokens have expired.
#[derive(Clone, Debug, Default)]
pub struct Roots(BTreeMap<u32, Root>);

#[derive(Clone, Debug)]
pub(super) struct Root {
    pub(super) key: PublicKey,
    tenants: Option<BTreeSet<Box<str>>>,
}

impl Root {
    pub(super) fn may_sign_for(&self, tenant: &str) -> bool {
        let tenants = self.tenants.as_ref();
        tenants.is_none_or(|tenants| tenants.contains(tenant))
    }
}

impl Roots {
    /// Nobody is trusted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts `key` under `id` for every tenant. Said twice of an id, the later key counts.
    #[must_use]
    pub fn trust(mut self, id: u32, key: PublicKey) -> Self {
        self.0.insert(id, Root { key, tenants: None });
        self
    }

    /// Trusts `key` under `id` for these tenants alone.
    #[must_use]
    pub fn trust_in<T: Into<Box<str>>>(
        mut self,
        id: u32,
        key: PublicKey,
        tenants: impl IntoIterator<Item = T>,
    ) -> Self {
        let tenants = Some(tenants.into_iter().map(Into::into).collect());
        self.0.insert(id, Root { key, tenants });
        self
    }

    pub(super) fn get(&self, id: u32) -> Option<&Root> {
        self.0.get(&id)
    }
}
