//! What a schema accepts, in the words of a policy.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

/// Tables of matchers, and the tables in which they stand.
pub(in crate::import) type Table = Map<String, Value>;

/// What a schema accepts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Accepts {
    /// Whether `null` passes.
    pub(super) null: bool,
    pub(super) rest: Rest,
}

/// What passes beside `null`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rest {
    /// Nothing does.
    Nothing,
    /// Everything does.
    Anything,
    /// What has these matchers.
    Table(Table),
    /// An object in which these stand and nothing else.
    Object(Vec<Member>),
}

/// What may stand at a pointer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    pub(super) pointer: String,
    pub(super) table: Table,
    pub(super) optional: bool,
}

impl Accepts {
    pub(super) const NOTHING: Self = Self::only(Rest::Nothing);
    pub(super) const ANYTHING: Self = Self {
        null: true,
        rest: Rest::Anything,
    };
    pub(super) const NULL: Self = Self {
        null: true,
        rest: Rest::Nothing,
    };

    pub(super) const fn only(rest: Rest) -> Self {
        Self { null: false, rest }
    }

    pub(super) fn table(key: &str, value: impl Into<Value>) -> Self {
        let mut table = Table::new();
        table.insert(key.to_owned(), value.into());
        Self::only(Rest::Table(table))
    }

    pub(super) const fn is_anything(&self) -> bool {
        matches!(self.rest, Rest::Anything)
    }

    /// What both accept.
    pub(super) fn and(self, other: Self) -> Self {
        let null = self.null && other.null;
        let rest = match (self.rest, other.rest) {
            (Rest::Anything, rest) | (rest, Rest::Anything) => rest,
            (Rest::Nothing, _) | (_, Rest::Nothing) => Rest::Nothing,
            (one, other) => Rest::Table(all(matchers(one), matchers(other))),
        };
        Self { null, rest }
    }

    /// What any of them accepts.
    pub(super) fn any(all: Vec<Self>) -> Self {
        let null = all.iter().any(|one| one.null);
        if all.iter().any(Self::is_anything) {
            return Self::ANYTHING;
        }
        let mut some: Vec<Rest> = all.into_iter().map(|one| one.rest).collect();
        some.retain(|rest| *rest != Rest::Nothing);
        let rest = match some.pop() {
            None => Rest::Nothing,
            Some(only) if some.is_empty() => only,
            Some(last) => {
                some.push(last);
                let tables: Vec<Table> = some.into_iter().map(matchers).collect();
                Rest::Table(united(&tables).unwrap_or_else(|| any(tables)))
            }
        };
        Self { null, rest }
    }

    /// The table of matchers where `open` has a meaning: at a pointer.
    pub(super) fn declared(self) -> Table {
        match self.rest {
            Rest::Anything => object(json!({"open": true})),
            rest => nullable(matchers(rest), self.null),
        }
    }

    /// The table of matchers of an item; `None` where anything passes.
    pub(super) fn inner(self) -> Option<Table> {
        (!self.is_anything()).then(|| self.declared())
    }
}

/// The matchers that nothing meets: no value is of two types.
pub(super) fn never() -> Table {
    object(json!({"boolean": {}, "text": {}}))
}

/// The members of a literal.
pub(super) fn object(value: Value) -> Table {
    match value {
        Value::Object(table) => table,
        _ => Table::new(),
    }
}

/// The members of a closed table. One without any holds a member that is never accepted: then it
/// says that the object is empty.
pub(super) fn closed(members: Vec<Member>) -> Table {
    let mut table = Table::new();
    if members.is_empty() {
        let mut none = never();
        none.insert("optional".into(), true.into());
        table.insert("/".into(), none.into());
    }
    for member in members {
        let mut inner = member.table;
        if member.optional {
            inner.insert("optional".into(), true.into());
        }
        table.insert(member.pointer, inner.into());
    }
    table
}

fn matchers(rest: Rest) -> Table {
    match rest {
        Rest::Nothing => never(),
        // Alone it is written another way; beside others it asks nothing.
        Rest::Anything => Table::new(),
        Rest::Table(table) => table,
        Rest::Object(members) => closed(members),
    }
}

fn nullable(mut table: Table, null: bool) -> Table {
    if null {
        table.insert("nullable".into(), true.into());
    }
    table
}

fn any(tables: Vec<Table>) -> Table {
    let mut table = Table::new();
    table.insert("any".into(), tables.into());
    table
}

/// Matchers side by side; one within the other where they share a key, or where closed tables
/// would become one.
fn all(one: Table, other: Table) -> Table {
    let is_pointer = |table: &Table| {
        table
            .keys()
            .any(|key| key.is_empty() || key.starts_with('/'))
    };
    let apart = !other.keys().any(|key| one.contains_key(key));
    if apart && !(is_pointer(&one) && is_pointer(&other)) {
        return one.into_iter().chain(other).collect();
    }
    let mut table = Table::new();
    table.insert("all".into(), vec![one, other].into());
    table
}

/// One list of values in place of several.
fn united(tables: &[Table]) -> Option<Table> {
    let mut values = Vec::new();
    for table in tables {
        values.extend(listed(table)?.into_iter().cloned());
    }
    Some(one_of(values))
}

/// A matcher for one of these values, of which each is listed once.
pub(super) fn one_of(mut values: Vec<Value>) -> Table {
    let mut seen = HashSet::with_capacity(values.len());
    values.retain(|value| seen.insert(value.clone()));
    let mut table = Table::new();
    if values.len() == 1
        && let Some(only) = values.pop()
    {
        table.insert("equals".into(), only);
    } else {
        table.insert("one_of".into(), values.into());
    }
    table
}

/// The values that a table lists, where it does nothing else.
pub(super) fn listed(table: &Table) -> Option<Vec<&Value>> {
    let mut members = table.iter();
    let (Some((key, value)), None) = (members.next(), members.next()) else {
        return None;
    };
    match (key.as_str(), value) {
        ("equals", value) => Some(vec![value]),
        ("one_of", Value::Array(values)) => Some(values.iter().collect()),
        _ => None,
    }
}
