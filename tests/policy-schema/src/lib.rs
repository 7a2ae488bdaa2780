//! Judges a policy by the JSON Schema of the format, as an editor does.

mod random;

pub use random::Random;

use std::path::Path;

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

/// The schema, compiled.
pub struct PolicySchema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl PolicySchema {
    /// The schema that the crate hands out.
    pub fn new() -> Self {
        let schema: Value = serde_json::from_str(callgate_policy::SCHEMA).unwrap();
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V7);
        compiler.add_resource("policy.schema.json", schema).unwrap();
        let mut schemas = Schemas::new();
        let index = compiler.compile("policy.schema.json", &mut schemas);
        let index = index.unwrap_or_else(|error| panic!("{error:#}"));
        Self { schemas, index }
    }

    /// What it has against a policy.
    pub fn refusal(&self, policy: &Value) -> Option<String> {
        let judge = || {
            let judged = self.schemas.validate(policy, self.index);
            judged.err().map(|error| format!("{error:#}"))
        };
        // The validator recurses as deep as the policy, with large frames.
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(256 << 20);
            thread.spawn_scoped(scope, judge).unwrap().join().unwrap()
        })
    }
}

impl Default for PolicySchema {
    fn default() -> Self {
        Self::new()
    }
}

/// The value that a text of TOML or JSON is; `None` where it is neither.
pub fn value_of(path: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    of_text(
        &text,
        path.extension().is_some_and(|ending| ending == "json"),
    )
}

/// The value that a text is; `None` where it is none.
pub fn of_text(text: &str, is_json: bool) -> Option<Value> {
    if is_json {
        return serde_json::from_str(text).ok();
    }
    let table = DeTable::parse(text).ok()?;
    Some(of_table(table.get_ref()))
}

fn of_table(table: &DeTable<'_>) -> Value {
    let members = table.iter();
    let members =
        members.map(|(key, value)| (key.get_ref().to_string(), of_value(value.get_ref())));
    Value::Object(members.collect::<Map<_, _>>())
}

fn of_value(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => text.to_string().into(),
        DeValue::Boolean(value) => (*value).into(),
        DeValue::Integer(integer) => {
            let number = i64::from_str_radix(integer.as_str(), integer.radix());
            number.map_or(Value::Null, Value::from)
        }
        DeValue::Float(float) => float
            .as_str()
            .parse::<f64>()
            .map_or(Value::Null, Value::from),
        // No key of a policy takes a date.
        DeValue::Datetime(_) => Value::Null,
        DeValue::Array(items) => items.iter().map(|item| of_value(item.get_ref())).collect(),
        DeValue::Table(members) => of_table(members),
    }
}
