//! Reading the text of a change.
//!
//! Strictly: a key that is missing, unknown or twice, and a value of another form, is a fault. A store
//! that holds what this version cannot read has to be taken for one that cannot be reached.

use callgate_types::{Json, JsonKind, JsonRef, Number, PrincipalId};
use chrono::{DateTime, Utc};

use super::change::{Change, What};
use super::store::Position;
use super::target::{Lift, Quarantine, Quarantined, Revocation};
use super::task::Task;

/// Why a text is no change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeFault {
    /// It is too long.
    #[error("expected a change of at most {} bytes", Change::MAX_BYTES)]
    TooLong,
    /// It is not acceptable JSON, or no object.
    #[error("expected an object of JSON")]
    NotJson,
    /// A later version wrote it.
    #[error("expected a change of version 1")]
    Version,
    /// A key is missing, or another one is there.
    #[error("the keys of a change are not those of its kind")]
    Keys,
    /// The value of this key is not of the form that it has to be.
    #[error("the value of `{key}` is not as it has to be")]
    Value {
        /// Which key.
        key: &'static str,
    },
}

impl Change {
    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    ///
    /// Refuses any other text, that of a later version included.
    pub fn parse(text: &str) -> Result<Self, ChangeFault> {
        if text.len() > Self::MAX_BYTES {
            return Err(ChangeFault::TooLong);
        }
        let json = Json::parse(text).map_err(|_| ChangeFault::NotJson)?;
        let root = json.root();
        if root.kind() != JsonKind::Object {
            return Err(ChangeFault::NotJson);
        }
        if root.get("v").is_none_or(|version| version.raw() != "1") {
            return Err(ChangeFault::Version);
        }
        let object = Object(root);
        let by = object.principal("by")?;
        let what = match object.text("change")? {
            "begun" => What::Begun(object.task()?),
            "revoked" => What::Revoked(object.revocation()?),
            "quarantined" => What::Quarantined(object.quarantine()?),
            "lifted" => What::Lifted(object.lift()?),
            _ => return Err(ChangeFault::Value { key: "change" }),
        };
        Ok(Self { what, by })
    }
}

/// An object whose keys are asked for.
#[derive(Clone, Copy)]
struct Object<'a>(JsonRef<'a>);

impl<'a> Object<'a> {
    fn task(self) -> Result<Task, ChangeFault> {
        let keys = [
            "tenant",
            "id",
            "subject",
            "tools",
            "resources",
            "scopes",
            "expires",
        ];
        self.has_only(&keys)?;
        let fault = |key| move |_| ChangeFault::Value { key };
        let expires = self.text("expires")?.parse::<DateTime<Utc>>();
        let expires = expires.map_err(|_| ChangeFault::Value { key: "expires" })?;
        let mut builder = Task::builder(self.text("id")?, expires);
        if let Some(tools) = self.list("tools")? {
            builder = builder.tools(tools);
        }
        if let Some(resources) = self.optional("resources")? {
            builder = builder.no_resources();
            for resource in items("resources", resources)? {
                let resource = Object(resource);
                if resource.0.len() != 2 {
                    return Err(ChangeFault::Keys);
                }
                let kind = resource.text("kind")?;
                builder = match resource.optional_text("id")? {
                    Some(id) => builder.resource(kind, id),
                    None => builder.resources_of(kind),
                };
            }
        }
        if let Some(scopes) = self.list("scopes")? {
            builder = builder.scopes(scopes);
        }
        let subject = self.principal("subject")?;
        let tenant = self.optional_text("tenant")?.map(Into::into);
        builder.build(tenant, subject).map_err(fault("change"))
    }

    fn revocation(self) -> Result<Revocation, ChangeFault> {
        self.has_only(&["of", "tenant", "id"])?;
        let tenant = self.optional_text("tenant")?;
        let id = self.text("id")?;
        let target = match (self.text("of")?, tenant) {
            ("principal", _) => Revocation::principal(tenant, self.principal("id")?),
            ("session", _) => Revocation::session(tenant, id),
            ("task", _) => Revocation::task(tenant, id),
            ("token", Some(tenant)) => Revocation::token(tenant, id),
            _ => return Err(ChangeFault::Value { key: "of" }),
        };
        target.map_err(|_| ChangeFault::Value { key: "id" })
    }

    fn quarantine(self) -> Result<Quarantine, ChangeFault> {
        self.has_only(&["of", "tenant", "id", "lifters"])?;
        let quarantine = Quarantine::of(self.quarantined()?);
        let Some(lifters) = self.list("lifters")? else {
            return Ok(quarantine);
        };
        let fault = ChangeFault::Value { key: "lifters" };
        let lifters = lifters.into_iter().map(str::parse::<PrincipalId>);
        let lifters: Vec<_> = lifters.collect::<Result<_, _>>().map_err(|_| fault)?;
        quarantine.lifted_by_only(lifters).map_err(|_| fault)
    }

    fn lift(self) -> Result<Lift, ChangeFault> {
        self.has_only(&["of", "tenant", "id", "upto"])?;
        let upto = self.member("upto")?.as_number();
        let upto = upto.filter(|number| number.is_integer());
        let upto = upto.and_then(Number::as_u64);
        let upto = upto.ok_or(ChangeFault::Value { key: "upto" })?;
        Ok(Lift::new(self.quarantined()?, Position::new(upto)))
    }

    fn quarantined(self) -> Result<Quarantined, ChangeFault> {
        let tenant = self.optional_text("tenant")?;
        let id = self.text("id")?;
        let target = match (self.text("of")?, tenant) {
            ("principal", _) => Quarantined::principal(tenant, self.principal("id")?),
            ("tenant", Some(tenant)) if tenant == id => Quarantined::tenant(tenant),
            _ => return Err(ChangeFault::Value { key: "of" }),
        };
        target.map_err(|_| ChangeFault::Value { key: "id" })
    }

    /// Beside `v`, `change` and `by`.
    fn has_only(self, keys: &[&'static str]) -> Result<(), ChangeFault> {
        let all = keys.iter().all(|key| self.0.get(key).is_some());
        // No key stands twice: that is no acceptable JSON.
        if all && self.0.len() == keys.len().saturating_add(3) {
            Ok(())
        } else {
            Err(ChangeFault::Keys)
        }
    }

    fn member(self, key: &'static str) -> Result<JsonRef<'a>, ChangeFault> {
        self.0.get(key).ok_or(ChangeFault::Keys)
    }

    fn text(self, key: &'static str) -> Result<&'a str, ChangeFault> {
        let text = self.member(key)?.as_str();
        text.ok_or(ChangeFault::Value { key })
    }

    fn principal(self, key: &'static str) -> Result<PrincipalId, ChangeFault> {
        let id = self.text(key)?.parse();
        id.map_err(|_| ChangeFault::Value { key })
    }

    fn optional(self, key: &'static str) -> Result<Option<JsonRef<'a>>, ChangeFault> {
        let value = self.member(key)?;
        Ok((value.kind() != JsonKind::Null).then_some(value))
    }

    fn optional_text(self, key: &'static str) -> Result<Option<&'a str>, ChangeFault> {
        let value = self.optional(key)?;
        let text = value.map(|value| value.as_str().ok_or(ChangeFault::Value { key }));
        text.transpose()
    }

    fn list(self, key: &'static str) -> Result<Option<Vec<&'a str>>, ChangeFault> {
        let Some(list) = self.optional(key)? else {
            return Ok(None);
        };
        let texts = items(key, list)?.map(JsonRef::as_str);
        let texts: Option<Vec<_>> = texts.collect();
        texts.map(Some).ok_or(ChangeFault::Value { key })
    }
}

fn items<'a>(
    key: &'static str,
    list: JsonRef<'a>,
) -> Result<impl Iterator<Item = JsonRef<'a>>, ChangeFault> {
    let is_list = list.kind() == JsonKind::Array;
    is_list
        .then(|| list.items())
        .ok_or(ChangeFault::Value { key })
}
