//! Whether two schemas can accept the same value.

use std::collections::HashSet;

use serde_json::Value;

use super::accepts::{Accepts, Member, Rest, Table, listed};

/// Types of values, as a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Types(u8);

impl Types {
    const NONE: Self = Self(0);
    const NULL: Self = Self(1);
    const TEXT: Self = Self(2);
    const NUMBER: Self = Self(4);
    const BOOLEAN: Self = Self(8);
    const ARRAY: Self = Self(16);
    const OBJECT: Self = Self(32);
    const ALL: Self = Self(63);

    const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    fn of(accepts: &Accepts) -> Self {
        let rest = match &accepts.rest {
            Rest::Nothing => Self::NONE,
            Rest::Anything => Self::ALL,
            Rest::Table(table) => Self::of_table(table),
            Rest::Object(_) => Self::OBJECT,
        };
        rest.with(if accepts.null { Self::NULL } else { Self::NONE })
    }

    /// The types that every matcher of a table can accept.
    fn of_table(table: &Table) -> Self {
        let each = table.iter().map(|(key, value)| match key.as_str() {
            "text" | "matches" | "email" | "url" => Self::TEXT,
            "integer" | "decimal" => Self::NUMBER,
            "boolean" => Self::BOOLEAN,
            "array" => Self::ARRAY,
            "equals" => Self::of_value(value),
            "one_of" => of_each(value, Self::of_value),
            "any" => of_each(value, |one| {
                one.as_object().map_or(Self::ALL, Self::of_table)
            }),
            key if key.is_empty() || key.starts_with('/') => Self::OBJECT,
            _ => Self::ALL,
        });
        each.fold(Self::ALL, Self::both)
    }

    const fn of_value(value: &Value) -> Self {
        match value {
            Value::String(_) => Self::TEXT,
            Value::Number(_) => Self::NUMBER,
            Value::Bool(_) => Self::BOOLEAN,
            _ => Self::ALL,
        }
    }
}

fn of_each(values: &Value, of: impl Fn(&Value) -> Types) -> Types {
    let values = values.as_array().into_iter().flatten();
    values.map(of).fold(Types::NONE, Types::with)
}

/// Whether surely no value is accepted by two of them.
pub(super) fn apart(all: &[Accepts]) -> bool {
    all.iter().enumerate().all(|(place, one)| {
        let mut others = all.iter().skip(place.saturating_add(1));
        others.all(|other| are_apart(one, other))
    })
}

fn are_apart(one: &Accepts, other: &Accepts) -> bool {
    if Types::of(one).both(Types::of(other)) == Types::NONE {
        return true;
    }
    if one.null && other.null {
        return false;
    }
    match (&one.rest, &other.rest) {
        (Rest::Table(one), Rest::Table(other)) => list_others(one, other),
        (Rest::Object(one), Rest::Object(other)) => tell(one, other),
        _ => false,
    }
}

/// Whether both list values, and no value twice.
fn list_others(one: &Table, other: &Table) -> bool {
    match (listed(one), listed(other)) {
        (Some(one), Some(other)) => {
            let one: HashSet<&Value> = one.into_iter().collect();
            !other.into_iter().any(|value| one.contains(value))
        }
        _ => false,
    }
}

/// Whether a member that both need tells the objects apart.
fn tell(one: &[Member], other: &[Member]) -> bool {
    let needed = |all: &[Member]| -> Vec<Member> {
        let needed = all.iter().filter(|member| !member.optional);
        needed.cloned().collect()
    };
    let others = needed(other);
    needed(one).iter().any(|member| {
        let mut same = others
            .iter()
            .filter(|other| other.pointer == member.pointer);
        same.any(|other| list_others(&member.table, &other.table))
    })
}
