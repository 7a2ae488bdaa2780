//! A gate with everything that tenants could share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use callgate::standing::MemoryStanding;
use callgate::{
    BrokerError, CredentialBroker, CredentialRequest, Gate, MemoryApprovals, Secret, ToolCredential,
};
use chrono::DateTime;

use crate::support::{Faulty, Hands, Ticking, builder};

/// Two tools that run, one with a credential; one that is counted; one that is asked about.
const POLICY: &str = r#"
format = 1
name = "desk"
isolation = "tenant"

[roles]
support = { scopes = ["write"] }
lead = {}

[actors.bot]
scopes = ["write"]

[tools.change]
access = "write"
scope = "write"
credential = "accounts"
resources = [{ kind = "account", id = "/account" }]
[tools.change.arguments]
"/account" = { text = { max_chars = 20 } }

[tools.ping]
access = "read"
scope = "none"

[tools.spend]
access = "write"
scope = "none"

[tools.pay]
access = "write"
scope = "none"
[tools.pay.arguments]
"/to" = { integer = { at_least = 0 } }

[[rules]]
id = "support"
effect = "permit"
roles = ["support"]

[[rules]]
id = "asked"
effect = "ask"
tools = ["pay"]
approval = { all_of = [{ from = ["role:lead"] }] }

[[limits]]
id = "in-a-session"
count = 2
tools = ["spend"]
per = ["context/session"]

[[limits]]
id = "for-a-task"
count = 3
tools = ["spend"]
per = ["context/task"]

[[limits]]
id = "in-a-tenant"
count = 5
tools = ["spend"]
per = ["caller/tenant", "caller/subject"]
"#;

/// Issues credentials, which it counts for each tenant.
#[derive(Clone, Default)]
pub(super) struct Vault(Arc<Mutex<Issued>>);

#[derive(Default)]
struct Issued {
    counts: BTreeMap<String, u32>,
    alive: BTreeSet<String>,
}

impl Vault {
    /// Those that are out in a tenant.
    pub(super) fn alive(&self, tenant: Option<&str>) -> String {
        let alive = &self.0.lock().unwrap().alive;
        let prefix = format!("{}-", tenant.unwrap_or("none"));
        let ours = alive.iter().filter(|id| id.starts_with(&prefix));
        ours.cloned().collect::<Vec<_>>().join(" ")
    }
}

impl CredentialBroker for Vault {
    fn knows(&self, _: &str) -> bool {
        true
    }

    fn issue(&self, request: &CredentialRequest) -> Result<ToolCredential, BrokerError> {
        let tenant = request.caller().tenant().unwrap_or("none");
        let issued = &mut *self.0.lock().unwrap();
        let count = issued.counts.entry(tenant.to_owned()).or_default();
        *count = count.saturating_add(1);
        let id = format!("{tenant}-{count}");
        issued.alive.insert(id.clone());
        let secret = Secret::new(format!("the secret of {id}, which nobody guesses"));
        Ok(ToolCredential::new(id, "vault", secret, request.expires()))
    }

    fn revoke(&self, id: &str) -> Result<(), BrokerError> {
        self.0.lock().unwrap().alive.remove(id);
        Ok(())
    }
}

/// A gate with all of its stores.
pub(super) struct Place {
    pub(super) gate: Gate,
    pub(super) vault: Vault,
}

impl Place {
    pub(super) fn new() -> Self {
        let vault = Vault::default();
        let epoch = || DateTime::UNIX_EPOCH;
        let gate = builder(POLICY, Faulty::new())
            .clock(Ticking(Arc::<Hands>::default()))
            .approvals(MemoryApprovals::new(epoch))
            .standing(MemoryStanding::new(epoch))
            .limits_in_memory()
            .broker(vault.clone())
            .build();
        let gate = gate.unwrap();
        Self { gate, vault }
    }
}
