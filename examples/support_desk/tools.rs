//! The five tools. None can be called without an [`Authorized`], which only the gate hands out.
//!
//! The gate has checked the arguments against the policy before a tool sees them. A tool still
//! reads them with care: it says what it misses instead of guessing.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use callgate::{Authorized, JsonRef, Tool, ToolError};
use serde_json::{Map, Value, json};

use super::money::{cents, shown};
use super::state::{Account, Desk, Mail, State};

/// The tools by their names: itself a tool, which runs the one that the call names.
pub struct Tools(BTreeMap<&'static str, Box<dyn Tool>>);

impl Tools {
    /// The tools of `desk`.
    pub fn new(desk: &Arc<Desk>) -> Self {
        let desk = || Arc::clone(desk);
        let lookup: Box<dyn Tool> = Box::new(LookupProfile(desk()));
        let search: Box<dyn Tool> = Box::new(SearchTickets(desk()));
        let adjust: Box<dyn Tool> = Box::new(AdjustBilling(desk()));
        let suspend: Box<dyn Tool> = Box::new(SuspendAccount(desk()));
        let mail: Box<dyn Tool> = Box::new(SendMail(desk()));
        Self(BTreeMap::from([
            ("lookup_profile", lookup),
            ("search_tickets", search),
            ("adjust_billing", adjust),
            ("suspend_account", suspend),
            ("send_mail", mail),
        ]))
    }
}

impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Tool for Tools {
    fn run(&self, call: &Authorized<'_>) -> Result<Value, ToolError> {
        match self.0.get(call.tool()) {
            Some(tool) => tool.run(call),
            None => Err(ToolError::new("the desk has no such tool")),
        }
    }
}

/// Reads the profile of one customer.
#[derive(Debug)]
struct LookupProfile(Arc<Desk>);

impl Tool for LookupProfile {
    fn run(&self, call: &Authorized<'_>) -> Result<Value, ToolError> {
        self.0.enter(call);
        let id = text(call, "customer_id")?;
        let state = self.0.state();
        let customer = state.customers.iter().find(|one| one.id == id);
        let customer = customer.ok_or_else(|| ToolError::new("there is no such customer"))?;
        let profile = json!({
            "name": customer.name,
            "email": customer.email,
            "plan": customer.plan,
            "accounts": customer.accounts,
        });
        let Some(fields) = call.arguments().get("fields") else {
            return Ok(profile);
        };
        let names = fields.items().filter_map(JsonRef::as_str);
        let chosen = names.filter_map(|name| Some((name.to_owned(), profile.get(name)?.clone())));
        Ok(Value::Object(chosen.collect::<Map<_, _>>()))
    }
}

/// Searches the tickets of the caller's tenant.
#[derive(Debug)]
struct SearchTickets(Arc<Desk>);

impl Tool for SearchTickets {
    fn run(&self, call: &Authorized<'_>) -> Result<Value, ToolError> {
        self.0.enter(call);
        let tenant = call.caller().tenant();
        let tenant = tenant.ok_or_else(|| ToolError::new("the caller is in no tenant"))?;
        let query = text(call, "query")?.to_lowercase();
        let status = call.arguments().get("status").and_then(JsonRef::as_str);
        let limit = call.arguments().get("limit");
        let limit = limit.and_then(|limit| limit.raw().parse().ok());
        let state = self.0.state();
        let found = state.tickets.iter().filter(|ticket| {
            let words = format!("{} {}", ticket.subject, ticket.text).to_lowercase();
            ticket.tenant == tenant
                && status.is_none_or(|status| ticket.status == status)
                && query.split_whitespace().all(|word| words.contains(word))
        });
        let found = found.take(limit.unwrap_or(10));
        serde_json::to_value(found.collect::<Vec<_>>())
            .map_err(|error| ToolError::new(error.to_string()))
    }
}

/// Credits an account.
#[derive(Debug)]
struct AdjustBilling(Arc<Desk>);

impl Tool for AdjustBilling {
    fn run(&self, call: &Authorized<'_>) -> Result<Value, ToolError> {
        self.0.enter(call);
        let id = text(call, "account_id")?;
        let currency = text(call, "currency")?;
        let amount = call.arguments().get("amount");
        let credit = amount.and_then(|amount| cents(amount.raw()));
        let credit = credit.ok_or_else(|| ToolError::new("argument amount is no sum of money"))?;
        self.0.change(|state| {
            let account = account(state, id)?;
            if account.currency != currency {
                let message = format!("account {id} is kept in {}", account.currency);
                return Err(ToolError::new(message));
            }
            let balance = account.balance_cents.checked_add(credit);
            account.balance_cents = balance.ok_or_else(|| ToolError::new("the account is full"))?;
            Ok(json!({
                "account_id": id,
                "credited": shown(credit),
                "balance": shown(account.balance_cents),
                "currency": currency,
            }))
        })
    }
}

/// Suspends an account.
#[derive(Debug)]
struct SuspendAccount(Arc<Desk>);

impl Tool for SuspendAccount {
    fn run(&self, call: &Authorized<'_>) -> Result<Value, ToolError> {
        self.0.enter(call);
        let id = text(call, "account_id")?;
        self.0.change(|state| {
            "suspended".clone_into(&mut account(state, id)?.status);
            Ok(json!({"account_id": id, "status": "suspended"}))
        })
    }
}

/// Sends a mail: puts it in the outbox, for the server to fetch.
#[derive(Debug)]
struct SendMail(Arc<Desk>);

impl Tool for SendMail {
    fn run(&self, call: &Authorized<'_>) -> Result<Value, ToolError> {
        self.0.enter(call);
        let mail = Mail {
            to: text(call, "to")?.to_owned(),
            subject: text(call, "subject")?.to_owned(),
            text: text(call, "text")?.to_owned(),
            link: match call.arguments().get("link") {
                Some(_) => Some(text(call, "link")?.to_owned()),
                None => None,
            },
        };
        let sent = json!({"sent_to": mail.to});
        self.0.change(|state| {
            state.outbox.push(mail);
            Ok(sent)
        })
    }
}

fn account<'s>(state: &'s mut State, id: &str) -> Result<&'s mut Account, ToolError> {
    let mut accounts = state.accounts.iter_mut();
    accounts
        .find(|one| one.id == id)
        .ok_or_else(|| ToolError::new("there is no such account"))
}

fn text<'a>(call: &Authorized<'a>, name: &str) -> Result<&'a str, ToolError> {
    let argument = call.arguments().get(name).and_then(JsonRef::as_str);
    argument.ok_or_else(|| ToolError::new(format!("argument {name} is not a text")))
}
