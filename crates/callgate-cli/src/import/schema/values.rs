//! Lists of values.

use callgate::{JsonKind, JsonRef};
use serde_json::Value;

use super::Reader;
use super::accepts::{Accepts, Rest, Table, one_of};
use super::words::Type;

impl<'a> Reader<'a> {
    /// The values that a schema lists, as far as they are of the types that it states; `None`
    /// where it lists none.
    pub(super) fn values(
        &mut self,
        schema: JsonRef<'a>,
        types: Option<&[Type]>,
    ) -> Option<Accepts> {
        let listed: Vec<JsonRef<'a>> = match (schema.get("const"), schema.get("enum")) {
            (Some(only), Some(list)) => {
                let both = list.items().any(|value| value.equals(only));
                if both { vec![only] } else { Vec::new() }
            }
            (Some(only), None) => vec![only],
            (None, Some(list)) if list.kind() == JsonKind::Array => list.items().collect(),
            (None, Some(_)) => {
                self.find(true, "`enum` is no array: it is not read");
                return None;
            }
            (None, None) => return None,
        };
        let mut plain: Vec<Value> = Vec::new();
        let mut alternatives = Vec::new();
        for value in listed {
            if types.is_some_and(|types| !types.iter().any(|one| one.holds(value))) {
                continue;
            }
            match self.value(value) {
                Some(Ok(one)) => plain.push(one),
                Some(Err(other)) => alternatives.push(other),
                None => {}
            }
        }
        if !plain.is_empty() {
            alternatives.push(Accepts::only(Rest::Table(one_of(plain))));
        }
        Some(Accepts::any(alternatives))
    }

    /// One value: as a policy lists it, or as what accepts it alone.
    fn value(&mut self, value: JsonRef<'a>) -> Option<Result<Value, Accepts>> {
        match value.kind() {
            JsonKind::Null => return Some(Err(Accepts::NULL)),
            JsonKind::Boolean => return value.as_bool().map(|value| Ok(value.into())),
            JsonKind::Text => return value.as_str().map(|text| Ok(text.into())),
            JsonKind::Number => {}
            _ => {
                self.find(false, "a listed array or object is left out: it is refused");
                return None;
            }
        }
        let number = value.as_number()?;
        if let Some(integer) = number.as_i64() {
            return Some(Ok(integer.into()));
        }
        let mut bounds = Table::new();
        for key in ["at_least", "at_most"] {
            bounds.insert(key.into(), number.as_str().into());
        }
        Some(Err(Accepts::table("decimal", bounds)))
    }
}
