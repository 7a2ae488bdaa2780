//! Who may say something of a tenant.

use callgate_identity::standing::{Quarantined, Revocation};
use callgate_types::Principal;

use crate::Gate;

impl Gate {
    /// Whether `by` may say something of `tenant`: it belongs there, or a role that it holds in every
    /// tenant crosses into this one. `None` is of none in particular.
    pub(super) fn may_speak_for(&self, by: &Principal, tenant: Option<&str>) -> bool {
        match tenant {
            Some(tenant) => by.is_member_of(tenant) || self.crosses(by, Some(tenant)),
            None => by.crosses_tenants() || by.is_tenantless(),
        }
    }

    pub(super) fn may_revoke(&self, by: &Principal, target: &Revocation) -> bool {
        match (target, target.tenant()) {
            // In every tenant.
            (Revocation::Principal { .. }, None) => self.crosses(by, None),
            (_, tenant) => self.may_speak_for(by, tenant),
        }
    }

    pub(super) fn may_order(&self, by: &Principal, target: &Quarantined) -> bool {
        match target.within() {
            Some(tenant) => self.may_speak_for(by, Some(tenant)),
            None => self.crosses(by, None),
        }
    }

    /// Whether the policy in force lets a role of `by` cross into `tenant`; `None` is every one.
    fn crosses(&self, by: &Principal, tenant: Option<&str>) -> bool {
        self.inner().current.with(|snapshot, _| {
            // Where no tenant is named, the roles are those that are held in every one.
            let mut roles = by.roles_in(None);
            roles.any(|role| snapshot.crosses(role, tenant))
        })
    }
}
