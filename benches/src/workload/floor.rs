//! The floor of a decision: what one would write by hand, and no less.

use std::collections::HashMap;

use toml::{Table, Value};

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
    pub arguments: serde_json::Value,
}

/// All entries in one `HashMap`, with the standard hasher. Its texts are constants of the program,
/// or where they were read from a policy, its own.
#[derive(Debug)]
pub struct Floor<T = &'static str> {
    tenants: HashMap<String, u32>,
    tools: HashMap<String, u32>,
    entries: HashMap<(u32, u32, u32, u32), Entry<T>>,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    limit: f64,
    currencies: [T; 3],
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
}

impl Floor<String> {
    /// Reads the entries out of a policy; `None` where it is no policy of a workload.
    pub fn of_table(policy: &Table) -> Option<Self> {
        let mut floor = Self {
            tenants: HashMap::new(),
            tools: HashMap::new(),
            entries: HashMap::new(),
        };
        let mut roles = HashMap::new();
        let mut environments = HashMap::new();
        for rule in policy.get("rules")?.as_array()? {
            if rule.get("effect")?.as_str()? != "permit" {
                continue;
            }
            let role = number(&mut roles, only(rule, "roles")?);
            let tool = number(&mut floor.tools, only(rule, "tools")?);
            let environment = number(&mut environments, only(rule, "environments")?);
            let when = rule.get("when")?;
            let bounds = when.get("arguments/amount/value")?.get("decimal")?;
            let currencies = when.get("arguments/amount/currency")?.get("one_of")?;
            let [one, two, three] = &**currencies.as_array()? else {
                return None;
            };
            let entry = Entry {
                limit: bounds.get("at_most")?.as_str()?.parse().ok()?,
                currencies: [text(one)?, text(two)?, text(three)?],
            };
            for tenant in rule.get("tenants")?.as_array()? {
                let tenant = number(&mut floor.tenants, tenant.as_str()?);
                let key = (tenant, role, tool, environment);
                floor.entries.insert(key, entry.clone());
            }
        }
        Some(floor)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// The only text of the array `key`.
fn only<'t>(rule: &'t Value, key: &str) -> Option<&'t str> {
    match &**rule.get(key)?.as_array()? {
        [one] => one.as_str(),
        _ => None,
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The number of a name; a new name gets the next one.
fn number(numbers: &mut HashMap<String, u32>, name: &str) -> u32 {
    if let Some(known) = numbers.get(name) {
        return *known;
    }
    let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    numbers.insert(name.to_owned(), next);
    next
}

impl<T: AsRef<str>> Floor<T> {
    /// Whether the call is allowed.
    pub fn decide(&self, call: &FloorCall) -> bool {
        let Some(&tenant) = self.tenants.get(&*call.tenant) else {
            return false;
        };
        let Some(&tool) = self.tools.get(&*call.tool) else {
            return false;
        };
        let mut best: Option<&Entry<T>> = None;
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

impl<T: AsRef<str>> Entry<T> {
    /// Three comparisons.
    fn allows(&self, call: &FloorCall) -> bool {
        let (account, amount) = (call.arguments.get("account"), call.arguments.get("amount"));
        let tenant = account.and_then(|account| account.get("tenant")?.as_str());
        let value = amount.and_then(|amount| amount.get("value")?.as_f64());
        let currency = amount.and_then(|amount| amount.get("currency")?.as_str());
        tenant == Some(&*call.tenant)
            && value.is_some_and(|value| value <= self.limit)
            && currency
                .is_some_and(|currency| self.currencies.iter().any(|one| one.as_ref() == currency))
    }
}
