//! A caller as a program reads it.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::{Caller, CallerError, Principal, PrincipalId, PrincipalKind};

/// A caller that some program names on its own account, read from JSON or TOML.
///
/// It carries no proof: whoever turns it into a [`Caller`] vouches for it, and records say
/// `asserted`. Roles are held in the tenant named beside them.
///
/// ```json
/// {"subject": {"kind": "user", "id": "alice", "roles": ["support"]},
///  "actors": ["agent:support-bot"], "tenant": "acme"}
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
}

impl AssertedCaller {
    /// `subject` alone, without actors, tenant or further roles.
    pub const fn new(subject: AssertedPrincipal) -> Self {
        Self {
            subject,
            actors: Vec::new(),
            tenant: None,
            roles: Vec::new(),
        }
    }

    /// The caller so named.
    ///
    /// # Errors
    ///
    /// Refuses what [`CallerBuilder::in_tenant`](crate::CallerBuilder::in_tenant) refuses.
    pub fn resolve(self) -> Result<Caller, CallerError> {
        let roles = self.subject.roles.into_iter().chain(self.roles);
        let subject = Principal::asserted(self.subject.id);
        let subject = match &self.tenant {
            Some(tenant) => subject.member_of(tenant.as_str(), roles),
            None => subject.crossing_tenants(roles),
        };
        let chain = self
            .actors
            .into_iter()
            .fold(Caller::of(subject), |chain, actor| {
                chain.acting(Principal::asserted(actor.id))
            });
        match self.tenant {
            Some(tenant) => chain.in_tenant(tenant),
            None => chain.without_tenant(),
        }
    }
}

/// A principal as a program names it: `{"kind", "id", "roles"?}` or `"kind:id"`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AssertedPrincipal {
    /// Kind and id.
    pub id: PrincipalId,
    /// The roles held in the tenant of the caller; an actor's have no effect.
    pub roles: Vec<String>,
}

impl AssertedPrincipal {
    /// The principal `id`, who holds `roles` in the tenant of the caller.
    pub const fn new(id: PrincipalId, roles: Vec<String>) -> Self {
        Self { id, roles }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Short(String),
    Long(Long),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Long {
    kind: String,
    id: String,
    #[serde(default)]
    roles: Vec<String>,
}

impl<'de> Deserialize<'de> for AssertedPrincipal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = Form::deserialize(deserializer).map_err(|_| {
            D::Error::custom("expected a principal: `kind:id`, or a table of kind, id and roles")
        })?;
        match form {
            Form::Short(text) => {
                let id = text.parse().map_err(D::Error::custom)?;
                Ok(Self {
                    id,
                    roles: Vec::new(),
                })
            }
            Form::Long(Long { kind, id, roles }) => {
                let kind = PrincipalKind::ALL
                    .into_iter()
                    .find(|known| known.as_str() == kind)
                    .ok_or_else(|| D::Error::custom("expected kind user, service or agent"))?;
                let id = PrincipalId::new(kind, &id).map_err(D::Error::custom)?;
                Ok(Self { id, roles })
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
