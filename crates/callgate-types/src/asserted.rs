//! A caller as a program reads it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::{AssertedBy, Caller, CallerError, Delegation, Principal, PrincipalId, PrincipalKind};

/// A caller that some program names on its own account, read from JSON or TOML.
///
/// It carries no proof: whoever turns it into a [`Caller`] vouches for it, and records say
/// `asserted`. Roles are held in the tenant named beside them. A principal of several tenants names
/// them, each with the roles held there (`tenants`), and those that it holds in every one
/// (`crossing_roles`); it then belongs to the tenant of the caller only where that is among them, or
/// `roles` are named beside it.
///
/// ```json
/// {"subject": {"kind": "user", "id": "alice", "roles": ["support"]},
///  "actors": ["agent:support-bot",
///             {"kind": "agent", "id": "reader", "delegated": {"tools": ["read_ticket"]}}],
///  "tenant": "acme"}
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AssertedCaller {
    /// Whose authority is used.
    pub subject: AssertedPrincipal,
    /// Who acts for the subject, nearest to the subject first.
    #[serde(default)]
    pub actors: Vec<AssertedPrincipal>,
    /// The tenant; absent is unknown.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Further roles of the subject, for the short form of a subject.
    #[serde(default)]
    pub roles: Vec<String>,
    /// The most that any actor behind the first may use.
    #[serde(default)]
    pub sub_agents_at_most: Option<Delegation>,
}

impl AssertedCaller {
    /// `subject` alone, without actors, tenant or further roles.
    pub const fn new(subject: AssertedPrincipal) -> Self {
        Self {
            subject,
            actors: Vec::new(),
            tenant: None,
            roles: Vec::new(),
            sub_agents_at_most: None,
        }
    }

    /// The caller so named.
    ///
    /// # Errors
    ///
    /// Refuses what [`CallerBuilder::in_tenant`](crate::CallerBuilder::in_tenant) refuses.
    pub fn resolve(self) -> Result<Caller, CallerError> {
        let names_tenants = self.subject.tenants.is_some() || self.subject.crossing_roles.is_some();
        let (mut subject, _, mut roles) = self.subject.into_parts();
        roles.extend(self.roles);
        if !names_tenants || !roles.is_empty() {
            subject = match &self.tenant {
                Some(tenant) => subject.member_of(tenant.as_str(), roles),
                None => subject.crossing_tenants(roles),
            };
        }
        let chain = self
            .actors
            .into_iter()
            .fold(Caller::of(subject), |chain, actor| {
                let (actor, delegated, _) = actor.into_parts();
                chain.acting_with(actor, delegated)
            });
        let chain = chain.sub_agents_at_most(self.sub_agents_at_most.unwrap_or_default());
        match self.tenant {
            Some(tenant) => chain.in_tenant(tenant),
            None => chain.without_tenant(),
        }
    }
}

/// A principal as a program names it: `{"kind", "id", "roles"?, "tenants"?, "crossing_roles"?,
/// "verified"?, "limit"?, "delegated"?, "lets_act"?}` or `"kind:id"`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AssertedPrincipal {
    /// Kind and id.
    pub id: PrincipalId,
    /// The roles held in the tenant of the caller; an actor's have no effect.
    pub roles: Vec<String>,
    /// The tenants to which the principal belongs, with the roles held there.
    pub tenants: Option<BTreeMap<String, Vec<String>>>,
    /// The roles held in every tenant; with them, the principal belongs to every one.
    pub crossing_roles: Option<Vec<String>>,
    /// By whom the principal was checked and when: `{"by", "at", "until"}`, each optional. The
    /// program vouches for it.
    pub verified: Option<AssertedBy>,
    /// What the credential of the principal confines it to.
    pub limit: Option<Delegation>,
    /// What an actor was handed; a subject's has no effect.
    pub delegated: Option<Delegation>,
    /// The only ones that may act for the principal.
    pub lets_act: Option<Vec<PrincipalId>>,
}

impl AssertedPrincipal {
    /// The principal `id`, who holds `roles` in the tenant of the caller.
    pub const fn new(id: PrincipalId, roles: Vec<String>) -> Self {
        Self {
            id,
            roles,
            tenants: None,
            crossing_roles: None,
            verified: None,
            limit: None,
            delegated: None,
            lets_act: None,
        }
    }

    fn into_parts(self) -> (Principal, Delegation, Vec<String>) {
        let mut principal = Principal::asserted(self.id);
        for (tenant, roles) in self.tenants.into_iter().flatten() {
            principal = principal.member_of(tenant, roles);
        }
        if let Some(roles) = self.crossing_roles {
            principal = principal.crossing_tenants(roles);
        }
        if let Some(verified) = self.verified {
            principal = principal.by(verified);
        }
        if let Some(limit) = self.limit {
            principal = principal.limited_to(limit);
        }
        if let Some(actors) = self.lets_act {
            principal = principal.lets_act(actors);
        }
        (principal, self.delegated.unwrap_or_default(), self.roles)
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Short(String),
    Long(Box<Long>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Long {
    kind: String,
    id: String,
    #[serde(default)]
    roles: Vec<String>,
    tenants: Option<BTreeMap<String, Vec<String>>>,
    crossing_roles: Option<Vec<String>>,
    verified: Option<Verified>,
    limit: Option<Delegation>,
    delegated: Option<Delegation>,
    lets_act: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verified {
    by: Option<String>,
    at: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

impl From<Verified> for AssertedBy {
    fn from(said: Verified) -> Self {
        let mut verified = said.by.map_or_else(Self::host, Self::verifier);
        if let Some(time) = said.at {
            verified = verified.at(time);
        }
        if let Some(time) = said.until {
            verified = verified.until(time);
        }
        verified
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Conferred {
    scopes: Option<Vec<String>>,
    tools: Option<Vec<String>>,
    until: Option<DateTime<Utc>>,
}

impl<'de> Deserialize<'de> for Delegation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let said = Conferred::deserialize(deserializer)?;
        let mut delegation = Self::new();
        if let Some(names) = said.scopes {
            delegation = delegation.scopes(names);
        }
        if let Some(names) = said.tools {
            delegation = delegation.tools(names);
        }
        if let Some(time) = said.until {
            delegation = delegation.until(time);
        }
        Ok(delegation)
    }
}

impl<'de> Deserialize<'de> for AssertedPrincipal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = Form::deserialize(deserializer).map_err(|_| {
            D::Error::custom("expected a principal: `kind:id`, or a table of kind, id and roles")
        })?;
        match form {
            Form::Short(text) => {
                let id = text.parse().map_err(D::Error::custom)?;
                Ok(Self::new(id, Vec::new()))
            }
            Form::Long(said) => {
                let kind = PrincipalKind::ALL
                    .into_iter()
                    .find(|known| known.as_str() == said.kind)
                    .ok_or_else(|| D::Error::custom("expected kind user, service or agent"))?;
                let id = PrincipalId::new(kind, &said.id).map_err(D::Error::custom)?;
                let actors = said.lets_act.map(|actors| {
                    let ids = actors.iter().map(|actor| actor.parse());
                    ids.collect::<Result<Vec<PrincipalId>, _>>()
                });
                Ok(Self {
                    tenants: said.tenants,
                    crossing_roles: said.crossing_roles,
                    verified: said.verified.map(AssertedBy::from),
                    limit: said.limit,
                    delegated: said.delegated,
                    lets_act: actors.transpose().map_err(D::Error::custom)?,
                    ..Self::new(id, said.roles)
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expected: &str) {
        let got = match serde_json::from_str::<AssertedCaller>(json) {
            Err(error) => error.to_string(),
            Ok(asserted) => match asserted.resolve() {
                Err(error) => error.to_string(),
                Ok(caller) => format!(
                    "{} {:?} {} actors {:?}",
                    caller.subject().unwrap().id(),
                    caller.roles().collect::<Vec<_>>(),
                    caller.actors().len(),
                    caller.tenant(),
                ),
            },
        };
        assert!(got.starts_with(expected), "{got}");
    }

    #[test]
    fn forms() {
        check(
            r#"{"subject":{"kind":"user","id":"a","roles":["r"]},"actors":["agent:b"],"tenant":"t"}"#,
            r#"user:a ["r"] 1 actors Some("t")"#,
        );
        check(
            r#"{"subject":"user:a","roles":["r","q"]}"#,
            r#"user:a ["q", "r"] 0 actors None"#,
        );
        let several = |rest: &str, tenant: &str| {
            let subject = format!(r#"{{"kind":"user","id":"a",{rest}}}"#);
            format!(r#"{{"subject":{subject},"tenant":"{tenant}"}}"#)
        };
        let of_two = r#""tenants":{"t":["r"],"u":["q"]}"#;
        check(&several(of_two, "u"), r#"user:a ["q"] 0 actors Some("u")"#);
        check(
            &several(of_two, "v"),
            "`user:a` does not belong to tenant `v`",
        );
        let crossing = r#""tenants":{"t":["r"]},"crossing_roles":["x"]"#;
        check(
            &several(crossing, "t"),
            r#"user:a ["r", "x"] 0 actors Some("t")"#,
        );
        check(
            &several(crossing, "v"),
            r#"user:a ["x"] 0 actors Some("v")"#,
        );
        let nowhere = several(of_two, "t").replace(r#","tenant":"t""#, "");
        check(&nowhere, "user:a [] 0 actors None");
        check(
            r#"{"subject":"user:a","actors":[{"kind":"agent","id":"b","tenants":{"u":[]}}],"tenant":"t"}"#,
            "`agent:b` does not belong to tenant `t`",
        );
        check(r#"{"subject":"alice"}"#, "expected `user:`");
        check(
            r#"{"subject":{"kind":"robot","id":"a"}}"#,
            "expected kind user",
        );
        check(r#"{"subject":{"kind":"user"}}"#, "expected a principal");
        check(
            r#"{"subject":"user:a","tenants":"t"}"#,
            "unknown field `tenants`",
        );
        check(
            r#"{"subject":"user:a","actors":["user:a"]}"#,
            "`user:a` is both",
        );
    }
}
