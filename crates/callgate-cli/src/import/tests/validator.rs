//! JSON Schema, in the plainest way: the keywords that random schemas are made of.

use regex_lite::is_match;
use serde_json::Value;

/// Whether `value` is valid.
pub(super) fn is_valid(schema: &Value, value: &Value, root: &Value) -> bool {
    let Value::Object(words) = schema else {
        return schema == true;
    };
    words
        .iter()
        .all(|(word, says)| holds(word, says, schema, value, root))
}

fn holds(word: &str, says: &Value, schema: &Value, value: &Value, root: &Value) -> bool {
    let all = || says.as_array().unwrap().iter();
    let number = || value.as_f64();
    let limit = || says.as_f64().unwrap();
    let chars = || value.as_str().map(|text| text.chars().count());
    let items = || value.as_array().map(Vec::len);
    let count = || usize::try_from(says.as_u64().unwrap()).unwrap();
    match word {
        "$ref" => {
            let pointer = says.as_str().unwrap().trim_start_matches('#');
            is_valid(root.pointer(pointer).unwrap(), value, root)
        }
        "type" if says.is_array() => all().any(|one| is_of(one.as_str().unwrap(), value)),
        "type" => is_of(says.as_str().unwrap(), value),
        "enum" => all().any(|one| equal(one, value)),
        "const" => equal(says, value),
        "minimum" => number().is_none_or(|number| number >= limit()),
        "maximum" => number().is_none_or(|number| number <= limit()),
        "exclusiveMinimum" => number().is_none_or(|number| number > limit()),
        "exclusiveMaximum" => number().is_none_or(|number| number < limit()),
        "multipleOf" => number().is_none_or(|number| {
            let times = number / limit();
            (times - times.round()).abs() < 1e-9
        }),
        "minLength" => chars().is_none_or(|chars| chars >= count()),
        "maxLength" => chars().is_none_or(|chars| chars <= count()),
        "pattern" => value
            .as_str()
            .is_none_or(|text| is_match(says.as_str().unwrap(), text)),
        "minItems" => items().is_none_or(|items| items >= count()),
        "maxItems" => items().is_none_or(|items| items <= count()),
        "uniqueItems" => value.as_array().is_none_or(|items| {
            let twice = |(place, one): (usize, &Value)| {
                items[..place].iter().any(|other| equal(one, other))
            };
            says != true || !items.iter().enumerate().any(twice)
        }),
        "items" => value
            .as_array()
            .is_none_or(|items| items.iter().all(|item| is_valid(says, item, root))),
        "required" => value
            .as_object()
            .is_none_or(|members| all().all(|key| members.contains_key(key.as_str().unwrap()))),
        "properties" => value.as_object().is_none_or(|members| {
            let mut known = members
                .iter()
                .filter_map(|(key, member)| Some((says.get(key)?, member)));
            known.all(|(schema, member)| is_valid(schema, member, root))
        }),
        "additionalProperties" => value.as_object().is_none_or(|members| {
            let known = |key: &str| {
                schema
                    .get("properties")
                    .is_some_and(|all| all.get(key).is_some())
            };
            let mut others = members.iter().filter(|(key, _)| !known(key));
            others.all(|(_, member)| is_valid(says, member, root))
        }),
        "minProperties" => value
            .as_object()
            .is_none_or(|members| members.len() >= count()),
        "maxProperties" => value
            .as_object()
            .is_none_or(|members| members.len() <= count()),
        "allOf" => all().all(|one| is_valid(one, value, root)),
        "anyOf" => all().any(|one| is_valid(one, value, root)),
        "oneOf" => all().filter(|one| is_valid(one, value, root)).count() == 1,
        "not" => !is_valid(says, value, root),
        "$defs" | "description" => true,
        other => panic!("no random schema holds `{other}`"),
    }
}

fn is_of(word: &str, value: &Value) -> bool {
    match word {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type `{other}`"),
    }
}

/// Numbers by value: `1` and `1.0` are one.
fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(_), Value::Number(_)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|other| equal(value, other)))
        }
        _ => one == other,
    }
}

/// The few patterns of random schemas, each in words of its own.
mod regex_lite {
    pub(super) const PATTERNS: [&str; 4] = ["^a+$", "b", "^[ab]|c$", r"^\S.?$"];

    pub(super) fn is_match(pattern: &str, text: &str) -> bool {
        match pattern {
            "^a+$" => !text.is_empty() && text.chars().all(|c| c == 'a'),
            "b" => text.contains('b'),
            "^[ab]|c$" => text.starts_with(['a', 'b']) || text.ends_with('c'),
            r"^\S.?$" => {
                let chars: Vec<char> = text.chars().collect();
                let blank = |c: char| c.is_whitespace() || c == '\u{feff}';
                match chars[..] {
                    [one] => !blank(one),
                    [one, other] => {
                        !blank(one) && !matches!(other, '\n' | '\r' | '\u{2028}' | '\u{2029}')
                    }
                    _ => false,
                }
            }
            other => panic!("no pattern `{other}`"),
        }
    }
}

pub(super) const PATTERNS: [&str; 4] = regex_lite::PATTERNS;
