//! What the desk knows: customers, accounts, tickets and mails, in one file that it keeps.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use callgate::{Authorized, Resource, ResourceDirectory, ResourceName, ToolError};
use serde::{Deserialize, Serialize};

/// Stands for the id of a call that has none.
pub const NO_ID: &str = "(no id)";

/// Everything in the file.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub customers: Vec<Customer>,
    pub accounts: Vec<Account>,
    pub tickets: Vec<Ticket>,
    pub outbox: Vec<Mail>,
}

/// A customer of one tenant.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    pub id: String,
    pub tenant: String,
    pub name: String,
    pub email: String,
    pub plan: String,
    pub accounts: Vec<String>,
}

/// An account, with its balance in hundredths.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub id: String,
    pub tenant: String,
    pub plan: String,
    pub status: String,
    pub currency: String,
    pub balance_cents: i64,
}

/// What a customer wrote: text that nobody has checked, and that a model will read.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    pub id: u64,
    pub tenant: String,
    pub customer: String,
    pub status: String,
    pub subject: String,
    pub text: String,
}

/// A mail that the desk sends.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub link: Option<String>,
}

/// The state in use: in memory, and in its file after every change.
#[derive(Debug)]
pub struct Desk {
    file: PathBuf,
    state: Mutex<State>,
    ran: Mutex<Vec<String>>,
}

impl Desk {
    /// Takes the state from `start`, and keeps it in `file` from now on.
    pub fn open(start: &Path, file: PathBuf) -> Result<Self, String> {
        let at = |error: &dyn fmt::Display| format!("{}: {error}", start.display());
        let text = fs::read_to_string(start).map_err(|error| at(&error))?;
        let state: State = serde_json::from_str(&text).map_err(|error| at(&error))?;
        let desk = Self {
            file,
            state: Mutex::new(state.clone()),
            ran: Mutex::default(),
        };
        let saved = desk.save(&state);
        saved.map_err(|error| format!("{}: {error}", desk.file.display()))?;
        Ok(desk)
    }

    /// The state as it is now.
    pub fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Makes a change, as a whole or not at all: in the file first, then in memory.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, ToolError>,
    ) -> Result<T, ToolError> {
        let mut state = lock(&self.state);
        let mut next = state.clone();
        let result = change(&mut next)?;
        self.save(&next)
            .map_err(|error| ToolError::new(format!("the desk cannot save: {error}")))?;
        *state = next;
        Ok(result)
    }

    /// Writes beside the file and renames: a reader sees the old state or the new one.
    fn save(&self, state: &State) -> io::Result<()> {
        let beside = self.file.with_extension("json.new");
        let mut file = File::create(&beside)?;
        serde_json::to_writer_pretty(&mut file, state)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&beside, &self.file)
    }

    /// Every tool says here that it runs, so that the desk can tell afterwards what has run.
    pub fn enter(&self, call: &Authorized<'_>) {
        let id = call.call().call_id().unwrap_or(NO_ID);
        lock(&self.ran).push(id.to_owned());
    }

    /// The ids of the calls that ran, in order.
    pub fn ran(&self) -> Vec<String> {
        lock(&self.ran).clone()
    }
}

/// What the desk vouches for: the gate asks it about every resource that arguments name.
#[derive(Debug)]
pub struct Directory(pub Arc<Desk>);

impl ResourceDirectory for Directory {
    fn look_up(&self, resource: ResourceName<'_>) -> Option<Resource> {
        let id = resource.id?;
        let state = self.0.state();
        match resource.kind {
            "customer" => {
                let customer = state.customers.iter().find(|one| one.id == id)?;
                Some(Resource::new("customer", id).tenant(customer.tenant.as_str()))
            }
            "account" => {
                let account = state.accounts.iter().find(|one| one.id == id)?;
                let facts = Resource::new("account", id).tenant(account.tenant.as_str());
                let facts = facts.fact("status", account.status.as_str());
                Some(facts.fact("plan", account.plan.as_str()))
            }
            // Spelled as the desk has it: a host that guesses here vouches for a guess.
            "mailbox" => {
                let customer = state.customers.iter().find(|one| one.email == id)?;
                Some(Resource::new("mailbox", id).tenant(customer.tenant.as_str()))
            }
            _ => None,
        }
    }
}

/// No change is half done where a tool panicked: the state is replaced as a whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
