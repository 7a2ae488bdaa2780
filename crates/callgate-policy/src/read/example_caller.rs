//! The callers of examples, as if they had been verified as they say.

use std::collections::BTreeMap;

use callgate_types::{
    AssertedBy, AssertedCaller, AssertedPrincipal, Delegation, Method, PrincipalId, PrincipalKind,
    Verification,
};
use chrono::{DateTime, Utc};

use super::faults::Faults;
use super::fields::{Fields, text, word, wrong_type};
use super::known::Known;
use super::names::{duration, key, name, principal, scope};
use super::node::{Node, Value};
use super::timing::moment;
use crate::DiagnosticCode as Code;

const CALLER: &[&str] = &["subject", "roles", "actors", "tenant", "sub_agents_at_most"];
const PRINCIPAL: &[&str] = &[
    "kind",
    "id",
    "roles",
    "tenants",
    "crossing_roles",
    "verified",
    "limit",
    "delegated",
    "lets_act",
];
const KINDS: &[(&str, PrincipalKind)] = &[
    (PrincipalKind::User.as_str(), PrincipalKind::User),
    (PrincipalKind::Service.as_str(), PrincipalKind::Service),
    (PrincipalKind::Agent.as_str(), PrincipalKind::Agent),
];

/// What the callers of examples are read with.
#[derive(Clone, Copy)]
struct Reader<'r> {
    /// The time of the example, from which ages are counted back.
    time: Option<DateTime<Utc>>,
    known: &'r Known<'r>,
    faults: &'r Faults<'r>,
}

/// Reads the caller of an example that is made at `time`.
pub(super) fn caller(
    node: &Node<'_>,
    time: Option<DateTime<Utc>>,
    known: &Known<'_>,
    faults: &Faults<'_>,
) -> Option<AssertedCaller> {
    let reader = Reader {
        time,
        known,
        faults,
    };
    let fields = Fields::of(node, "a caller", CALLER, faults)?;
    let subject = fields
        .need("subject")
        .and_then(|node| reader.principal(node));
    let actors = fields.each("actors", "actors", |node| reader.principal(node));
    let tenant = fields
        .get("tenant")
        .and_then(|node| name(node, "the tenant", faults));
    let roles = reader.roles(&fields, "roles");
    let ceiling = fields
        .get("sub_agents_at_most")
        .and_then(|node| reader.delegation(node));
    let mut caller = AssertedCaller::new(subject?);
    caller.actors = actors;
    caller.tenant = tenant.map(String::from);
    caller.roles = roles;
    caller.sub_agents_at_most = ceiling;
    if let Err(error) = caller.clone().resolve() {
        faults.add(Code::BadCaller, node.span, error.to_string());
    }
    Some(caller)
}

impl Reader<'_> {
    fn principal(self, node: &Node<'_>) -> Option<AssertedPrincipal> {
        match node.value {
            Value::Table(_) => {}
            Value::Text(text) => {
                let id = principal(text, node.span, self.faults)?;
                return Some(AssertedPrincipal::new(id, Vec::new()));
            }
            _ => {
                let expected = "a principal, as `kind:id` or as a table";
                wrong_type(node, expected, self.faults);
                return None;
            }
        }
        let fields = Fields::of(node, "a principal", PRINCIPAL, self.faults)?;
        let kind = fields
            .need("kind")
            .and_then(|node| word(node, KINDS, self.faults));
        let id = fields
            .need("id")
            .and_then(|node| name(node, "the id of a principal", self.faults));
        let roles = self.roles(&fields, "roles");
        let tenants = fields.get("tenants").map(|node| self.tenants(node));
        let crossing = fields.get("crossing_roles");
        let crossing = crossing.map(|_| self.roles(&fields, "crossing_roles"));
        let verified = fields.get("verified").and_then(|node| self.verified(node));
        let part = |key| fields.get(key).and_then(|node| self.delegation(node));
        let (limit, delegated) = (part("limit"), part("delegated"));
        let lets_act = fields.get("lets_act").map(|_| {
            fields.each("lets_act", "principals", |node| {
                principal(
                    text(node, "a principal", self.faults)?,
                    node.span,
                    self.faults,
                )
            })
        });
        match PrincipalId::new(kind?, &id?) {
            Ok(id) => {
                let mut read = AssertedPrincipal::new(id, roles);
                read.tenants = tenants;
                read.crossing_roles = crossing;
                read.verified = verified;
                read.limit = limit;
                read.delegated = delegated;
                read.lets_act = lets_act;
                Some(read)
            }
            Err(error) => {
                self.faults
                    .add(Code::BadPrincipal, node.span, error.to_string());
                None
            }
        }
    }

    fn roles(self, fields: &Fields<'_, '_>, key: &str) -> Vec<String> {
        fields.each(key, "roles", |node| self.role(node))
    }

    fn role(self, node: &Node<'_>) -> Option<String> {
        let role = name(node, "the name of a role", self.faults)?;
        self.known.role(&role, node.span, self.faults);
        Some(role.into())
    }

    /// The roles that are held in several tenants.
    fn tenants(self, node: &Node<'_>) -> BTreeMap<String, Vec<String>> {
        let Some(table) = Fields::open(node, "tenants", self.faults) else {
            return BTreeMap::new();
        };
        let read = table.entries().iter().map(|entry| {
            let tenant = key(entry, "the tenant", self.faults);
            let roles = super::fields::array(&entry.node, "roles", self.faults);
            let roles = roles.into_iter().flatten();
            let roles = roles.filter_map(|node| self.role(node));
            (String::from(tenant), roles.collect())
        });
        read.collect()
    }

    /// How, by whom and when a principal is supposed to have been verified.
    fn verified(self, node: &Node<'_>) -> Option<AssertedBy> {
        const KEYS: &[&str] = &["method", "issuer", "age", "until"];
        let fields = Fields::of(node, "`verified`", KEYS, self.faults)?;
        let methods = Method::ALL.map(|method| (method.as_str(), method));
        let method = fields
            .need("method")
            .and_then(|node| word(node, &methods, self.faults));
        let issuer = fields
            .get("issuer")
            .and_then(|node| name(node, "the issuer", self.faults));
        let at = fields.get("age").and_then(|node| self.before(node));
        let until = fields
            .get("until")
            .and_then(|node| moment(node, self.faults));
        let mut verification = Verification::supposed(method?, issuer);
        if let Some(at) = at {
            verification = verification.at(at);
        }
        if let Some(until) = until {
            verification = verification.until(until);
        }
        Some(AssertedBy::supposed(verification))
    }

    /// So long before the time of the example.
    fn before(self, node: &Node<'_>) -> Option<DateTime<Utc>> {
        let age = duration(node, self.faults)?;
        let before = self.time.and_then(|time| {
            let age = chrono::TimeDelta::from_std(age).ok()?;
            time.checked_sub_signed(age)
        });
        if before.is_none() {
            let message = "an age counts back from the `time` of the example";
            let help = "say when the call is made";
            self.faults
                .add_with_help(Code::MissingKey, node.span, message.to_owned(), help);
        }
        before
    }

    /// What a credential, a delegation or a ceiling confers.
    fn delegation(self, node: &Node<'_>) -> Option<Delegation> {
        const KEYS: &[&str] = &["scopes", "tools", "until"];
        let fields = Fields::of(node, "a delegation", KEYS, self.faults)?;
        let mut delegation = Delegation::new();
        if fields.get("scopes").is_some() {
            let scopes = fields.each("scopes", "scopes", |node| scope(node, self.faults));
            delegation = delegation.scopes(scopes);
        }
        if fields.get("tools").is_some() {
            let tools = fields.each("tools", "tools", |node| {
                let tool = name(node, "the name of a tool", self.faults)?;
                self.known.tool(&tool, node.span, self.faults);
                Some(tool)
            });
            delegation = delegation.tools(tools);
        }
        if let Some(until) = fields.get("until") {
            delegation = delegation.until(moment(until, self.faults)?);
        }
        Some(delegation)
    }
}
