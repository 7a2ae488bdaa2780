//! What roles confer.

use super::written::{Table, names};

/// A role.
#[derive(Clone, Debug)]
pub struct Role {
    pub(super) name: String,
    pub(super) table: Table,
}

impl Role {
    /// A role that confers nothing yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            table: Table::default(),
        }
    }

    /// What its holders may use.
    #[must_use]
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.table.put("scopes", names(scopes));
        self
    }

    /// The roles that its holders hold, too.
    #[must_use]
    pub fn includes(mut self, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.table.put("includes", names(roles));
        self
    }

    /// The tenants, as patterns, in which it counts for those who hold it in every tenant.
    #[must_use]
    pub fn crosses(mut self, tenants: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.table.put("crosses", names(tenants));
        self
    }
}
