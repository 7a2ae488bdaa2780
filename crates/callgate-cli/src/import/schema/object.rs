//! Objects: closed tables, and what stands around arguments.

use std::collections::{BTreeMap, BTreeSet};

use callgate::policy::document::Pointer;
use callgate::{JsonKind, JsonRef};
use serde_json::json;

use super::Reader;
use super::accepts::{Accepts, Member, Rest, Table, object};
use crate::import::shown_word;

/// The longest pointer of a policy, in bytes.
const MAX_POINTER: usize = 1024;

impl<'a> Reader<'a> {
    /// The arguments of a tool as a whole.
    pub(super) fn arguments(&mut self, schema: JsonRef<'a>) -> Rest {
        let resolved = match self.resolved(schema) {
            Ok(resolved) if resolved.kind() == JsonKind::Object => resolved,
            Ok(_) => return self.give_up("expected a schema: anything is accepted").rest,
            Err(why) => return self.give_up(why).rest,
        };
        self.look_at_words(resolved);
        let is_object = |value: JsonRef<'_>| match value.kind() {
            JsonKind::Array => value.items().any(|one| one.as_str() == Some("object")),
            _ => value.as_str() == Some("object"),
        };
        if resolved.get("type").is_some_and(|value| !is_object(value)) {
            return Rest::Nothing;
        }
        let mut combining = false;
        for key in ["allOf", "anyOf", "oneOf", "const", "enum"] {
            if resolved.get(key).is_some() {
                self.find(true, format!("`{key}` of all arguments is not read"));
                combining = true;
            }
        }
        let named = |key| resolved.get(key).is_some_and(|value| !value.is_empty());
        if !named("properties") && !named("required") {
            let additional = resolved.get("additionalProperties");
            let opens = additional.is_some_and(|value| value.as_bool() != Some(false));
            if !opens && !combining {
                self.look_at_counts(resolved, 0, 0);
                return Rest::Object(Vec::new());
            }
        }
        self.object(resolved)
    }

    pub(super) fn object(&mut self, schema: JsonRef<'a>) -> Rest {
        let additional = schema.get("additionalProperties");
        let kinds = [
            ("properties", JsonKind::Object),
            ("required", JsonKind::Array),
        ];
        for (key, kind) in kinds {
            if schema.get(key).is_some_and(|value| value.kind() != kind) {
                self.find(true, format!("`{key}` is no {kind}: it is not read"));
            }
        }
        let list = schema.get("required").into_iter().flat_map(JsonRef::items);
        let needed: BTreeSet<&'a str> = list.filter_map(JsonRef::as_str).collect();
        // In order of keys, so that what is found comes in order, too.
        let mut properties: BTreeMap<&'a str, Option<JsonRef<'a>>> = BTreeMap::new();
        if let Some(all) = schema.get("properties") {
            properties.extend(all.members().map(|(key, value)| (key, Some(value))));
        }
        for key in &needed {
            properties.entry(key).or_insert(additional);
        }
        self.look_at_counts(schema, properties.len(), needed.len());
        if properties.is_empty() {
            return self.without_members(additional);
        }
        if additional.is_some_and(|value| value.as_bool() != Some(false)) {
            self.find(
                false,
                "further members are refused, although the schema takes them",
            );
        }
        let mut members = Vec::new();
        for (key, value) in properties {
            let is_needed = needed.contains(key);
            match self.member(key, value, is_needed) {
                Ok(more) => members.extend(more),
                Err(whole) => return whole,
            }
        }
        Rest::Object(members)
    }

    /// One member, or those inside it; instead of all members what is accepted as a whole.
    fn member(
        &mut self,
        key: &str,
        value: Option<JsonRef<'a>>,
        is_needed: bool,
    ) -> Result<Vec<Member>, Rest> {
        let pointer = Pointer::to_member(key).as_str().to_owned();
        let digits = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
        if digits || self.place.len().saturating_add(pointer.len()) > MAX_POINTER {
            let name = shown_word(key);
            if is_needed {
                self.find(
                    true,
                    format!("member `{name}` has no pointer: any object is accepted"),
                );
                return Err(Rest::Object(vec![any_members()]));
            }
            self.find(
                false,
                format!("member `{name}` has no pointer: it is refused"),
            );
            return Ok(Vec::new());
        }
        let accepts = match value {
            Some(value) => self.at(&pointer, value),
            None => Accepts::ANYTHING,
        };
        if accepts == Accepts::NOTHING {
            return if is_needed {
                Err(Rest::Nothing)
            } else {
                Ok(Vec::new())
            };
        }
        if accepts.is_anything() {
            let length = self.place.len();
            self.place.push_str(&pointer);
            self.find(false, "any value is accepted");
            self.place.truncate(length);
        }
        match accepts {
            Accepts {
                null: false,
                rest: Rest::Object(inner),
            } if spreads(&inner, is_needed) => {
                let outward = inner.into_iter().map(|member| Member {
                    pointer: format!("{pointer}{}", member.pointer),
                    ..member
                });
                Ok(outward.collect())
            }
            accepts => Ok(vec![Member {
                pointer,
                table: accepts.declared(),
                optional: !is_needed,
            }]),
        }
    }

    /// An object of which no member is named.
    fn without_members(&mut self, additional: Option<JsonRef<'a>>) -> Rest {
        match additional.map(JsonRef::as_bool) {
            Some(Some(false)) => return Rest::Object(Vec::new()),
            None | Some(Some(true)) => self.find(false, "any members are accepted"),
            Some(None) => self.find(true, "any members are accepted, of any value"),
        }
        Rest::Object(vec![any_members()])
    }

    /// Notices bounds on the number of members, and on their names, that say more than the names.
    fn look_at_counts(&mut self, schema: JsonRef<'a>, named: usize, needed: usize) {
        let beyond =
            |count: i64, known: usize| usize::try_from(count).is_ok_and(|count| count > known);
        if let Some(min) = self.count(schema, "minProperties")
            && beyond(min, needed)
        {
            self.find(true, "`minProperties` is not read");
        }
        if let Some(max) = self.count(schema, "maxProperties")
            && (named == 0 || !beyond(max.saturating_add(1), named))
        {
            self.find(true, "`maxProperties` is not read");
        }
        if schema
            .get("patternProperties")
            .is_some_and(|all| !all.is_empty())
        {
            self.find(true, "`patternProperties` is not read");
        }
    }
}

/// Whether the members of an object that stands at a pointer can be declared by pointers of their
/// own: such an object is there exactly where one that is needed is.
fn spreads(members: &[Member], is_needed: bool) -> bool {
    let has_needed = members.iter().any(|member| !member.optional);
    let opens = members.iter().any(|member| member.pointer.is_empty());
    let too_long = members
        .iter()
        .any(|member| member.pointer.len() > MAX_POINTER / 2);
    !members.is_empty() && !opens && !too_long && has_needed == is_needed
}

/// What makes a closed table take any members.
fn any_members() -> Member {
    let table: Table = object(json!({"open": true}));
    Member {
        pointer: String::new(),
        table,
        optional: false,
    }
}
