//! The floor of a decision: what one would write by hand, and no less.

use std::collections::HashMap;

use serde_json::Value;

use super::policy::{self, Size};

/// A call as the floor takes it: roles and environment are numbers already.
#[derive(Clone, Debug)]
pub struct FloorCall {
    /// The caller's tenant.
    pub tenant: String,
    /// The caller's roles.
    pub roles: Vec<u32>,
    /// The tool.
    pub tool: String,
    /// The environment.
    pub environment: u32,
    /// The arguments.
    pub arguments: Value,
}

/// All entries in one `HashMap`, with the standard hasher.
#[derive(Debug)]
pub struct Floor {
    tenants: HashMap<String, u32>,
    tools: HashMap<String, u32>,
    entries: HashMap<(u32, u32, u32, u32), Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    limit: f64,
    currencies: [&'static str; 3],
}

impl Floor {
    pub(super) fn new(size: Size) -> Self {
        let mut entries = HashMap::new();
        for tenant in 0..size.tenants {
            for role in 0..size.roles {
                for tool in 0..size.tools {
                    for environment in 0..2 {
                        let cents = policy::limit(size, tenant, role, tool, environment);
                        let entry = Entry {
                            limit: f64::from(cents) / 100.0,
                            currencies: policy::currencies(tool),
                        };
                        entries.insert((tenant, role, tool, environment), entry);
                    }
                }
            }
        }
        let numbered = |count, name: fn(u32) -> String| {
            (0..count).map(|number| (name(number), number)).collect()
        };
        Self {
            tenants: numbered(size.tenants, policy::tenant_name),
            tools: numbered(size.tools, policy::tool_name),
            entries,
        }
    }

    /// Whether the call is allowed.
    pub fn decide(&self, call: &FloorCall) -> bool {
        let Some(&tenant) = self.tenants.get(&*call.tenant) else {
            return false;
        };
        let Some(&tool) = self.tools.get(&*call.tool) else {
            return false;
        };
        let mut best: Option<&Entry> = None;
        for role in &call.roles {
            let key = (tenant, *role, tool, call.environment);
            if let Some(entry) = self.entries.get(&key)
                && best.is_none_or(|best| best.limit < entry.limit)
            {
                best = Some(entry);
            }
        }
        best.is_some_and(|entry| entry.allows(call))
    }
}

impl Entry {
    /// Three comparisons.
    fn allows(&self, call: &FloorCall) -> bool {
        let (account, amount) = (call.arguments.get("account"), call.arguments.get("amount"));
        let tenant = account.and_then(|account| account.get("tenant")?.as_str());
        let value = amount.and_then(|amount| amount.get("value")?.as_f64());
        let currency = amount.and_then(|amount| amount.get("currency")?.as_str());
        tenant == Some(&*call.tenant)
            && value.is_some_and(|value| value <= self.limit)
            && currency.is_some_and(|currency| self.currencies.contains(&currency))
    }
}
