//! From and to `serde_json::Value`, whatever features its host has switched on.

use serde_json::{Map, Number as SerdeNumber, Value};

use super::canonical::put_text;
use super::number::{self, Number};
use super::{Json, JsonError, JsonKind, JsonRef, RefusedJson};

/// Writes `value` as text; gives it back as far as it was written where that fails.
pub(super) fn write(value: &Value) -> Result<String, RefusedJson> {
    let mut text = String::new();
    match put(value, 1, &mut text) {
        Ok(()) => Ok(text),
        Err(error) => Err(RefusedJson::new(text, error)),
    }
}

/// Writes a value whose containers would be at `depth`, which bounds the recursion.
fn put(value: &Value, depth: usize, out: &mut String) -> Result<(), JsonError> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => put_number(number, out)?,
        Value::String(text) => put_string(text, out)?,
        Value::Array(items) => {
            check_depth(depth, out)?;
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                put(item, depth.saturating_add(1), out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            check_depth(depth, out)?;
            out.push('{');
            for (place, (key, member)) in members.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                put_string(key, out)?;
                out.push(':');
                put(member, depth.saturating_add(1), out)?;
            }
            out.push('}');
        }
    }
    check_size(out, 0)
}

fn check_depth(depth: usize, out: &str) -> Result<(), JsonError> {
    if depth > Json::MAX_DEPTH {
        return Err(JsonError::TooDeep { at: out.len() });
    }
    Ok(())
}

/// Refuses before `more` bytes are written, so that no text grows far beyond the limit.
fn check_size(out: &str, more: usize) -> Result<(), JsonError> {
    if out.len().saturating_add(more) > Json::MAX_BYTES {
        return Err(JsonError::TooLarge {
            at: Json::MAX_BYTES,
        });
    }
    Ok(())
}

fn put_string(text: &str, out: &mut String) -> Result<(), JsonError> {
    check_size(out, text.len())?;
    put_text(text, out);
    Ok(())
}

/// With `arbitrary_precision` a host can make a number of any text: it must be a number's.
fn put_number(number: &SerdeNumber, out: &mut String) -> Result<(), JsonError> {
    let token = number.to_string();
    check_size(out, token.len())?;
    let at = out.len();
    let length = number::scan(token.as_bytes()).map_err(|fault| fault.at(at))?;
    if length as usize != token.len() {
        return Err(JsonError::BadNumber { at });
    }
    out.push_str(&token);
    Ok(())
}

/// Makes a `Value`; [`Json::MAX_DEPTH`] bounds the recursion.
pub(super) fn read(value: JsonRef<'_>) -> Result<Value, InexactNumber> {
    Ok(match value.kind() {
        JsonKind::Null => Value::Null,
        JsonKind::Boolean => Value::Bool(value.as_bool().unwrap_or_default()),
        JsonKind::Number => Value::Number(read_number(value)?),
        JsonKind::Text => Value::String(value.as_str().unwrap_or_default().to_owned()),
        JsonKind::Array => Value::Array(value.items().map(read).collect::<Result<_, _>>()?),
        JsonKind::Object => Value::Object(
            value
                .members()
                .map(|(key, member)| Ok((key.to_owned(), read(member)?)))
                .collect::<Result<Map<_, _>, _>>()?,
        ),
    })
}

/// The number, where writing it again gives the same value.
fn read_number(value: JsonRef<'_>) -> Result<SerdeNumber, InexactNumber> {
    let inexact = InexactNumber {
        at: value.start() as usize,
    };
    let number = value.as_number().ok_or(inexact)?;
    if let Some(integer) = number.as_u64() {
        return Ok(integer.into());
    }
    if let Some(integer) = number.as_i64() {
        return Ok(integer.into());
    }
    let binary: f64 = number.as_str().parse().map_err(|_| inexact)?;
    let converted = SerdeNumber::from_f64(binary).ok_or(inexact)?;
    if Number::of_token(&converted.to_string()) == number {
        Ok(converted)
    } else {
        Err(inexact)
    }
}

/// A number that a `serde_json::Value` cannot hold without changing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the number at byte {at} has no exact counterpart")]
#[non_exhaustive]
pub struct InexactNumber {
    /// The first byte of the number.
    pub at: usize,
}
