//! Things the host vouches for.

use crate::{Json, JsonError};

/// Named values that the host vouches for.
///
/// A fact that is not here is unknown: it restricts and never grants.
#[derive(Clone, Debug, Default)]
pub struct Facts(Vec<(Box<str>, Fact)>);

/// The value of one fact.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fact {
    /// The value.
    Known(Json),
    /// The host gave a value that is too large or too deep, or a number out of range. To rules
    /// the fact is unknown.
    Unusable(JsonError),
}

impl Facts {
    /// No facts at all.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Sets the fact `name`; a second value replaces the first.
    pub fn set(&mut self, name: impl Into<Box<str>>, value: &serde_json::Value) {
        let fact = Json::from_value(value).map_or_else(Fact::Unusable, Fact::Known);
        self.put(name.into(), fact);
    }

    /// Sets the fact `name` to a value that was parsed before.
    pub fn set_json(&mut self, name: impl Into<Box<str>>, value: Json) {
        self.put(name.into(), Fact::Known(value));
    }

    fn put(&mut self, name: Box<str>, fact: Fact) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = fact,
            None => self.0.push((name, fact)),
        }
    }

    /// The value of the fact `name`; `None` where it is unknown.
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self.0.iter().find(|(known, _)| &**known == name) {
            Some((_, Fact::Known(value))) => Some(value),
            _ => None,
        }
    }

    /// All facts, in the order in which they were first set.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Fact)> {
        self.0.iter().map(|(name, fact)| (&**name, fact))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn last_value_stands() {
        let mut facts = Facts::new();
        facts.set("owner", &json!("alice"));
        facts.set("owner", &json!("bob"));
        assert_eq!(facts.iter().len(), 1);
        assert_eq!(facts.get("owner").unwrap().root().as_str(), Some("bob"));
        assert!(facts.get("tenant").is_none());
    }

    #[test]
    fn value_out_of_bounds_is_unknown() {
        let deep = (0..=Json::MAX_DEPTH).fold(Value::Null, |inner, _| json!([inner]));
        let mut facts = Facts::new();
        facts.set("deep", &deep);
        assert!(facts.get("deep").is_none());
        assert!(matches!(
            facts.iter().next(),
            Some(("deep", Fact::Unusable(_)))
        ));
    }
}
