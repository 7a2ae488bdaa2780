//! `schema`: what a value is as JSON. It speaks about values of every type, `null` too.

use callgate_types::Json;

use super::{Truth, Value, of_another_type};
use crate::document::schema::Schema;

pub(super) fn holds(schema: &Schema, value: Value<'_>) -> Truth {
    match value {
        Value::Json(json) => Truth::known(schema.admits(json)),
        Value::Text(text) => {
            // A name that the host gave: short, and rarely judged by a schema.
            let json = Json::from_value(&text.into()).ok();
            Truth::known(json.and_then(|json| schema.admits(json.root())))
        }
        other => of_another_type(other),
    }
}
