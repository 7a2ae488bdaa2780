//! The matcher `schema` and a validator of others say the same.
//!
//! The cases of the matcher first; then random schemas and values, small ones that meet often. The
//! validator sees numbers as `serde_json` has them: only such are compared as it keeps exactly.

use boon::{Compiler, Draft, Schemas};
use callgate_policy::Policy;
use callgate_policy::document::Matcher;
use callgate_policy::document::schema::Schema;
use callgate_policy_schema::Random;
use callgate_types::Json;
use serde_json::{Value, json};

const CASES: &str = include_str!("../../../crates/callgate-policy/tests/schema/cases.jsonl");

/// So many random schemas, each with so many values.
const SCHEMAS: u32 = 2_000;
const VALUES: u32 = 25;

#[test]
fn cases() {
    let mut count = 0;
    for line in CASES.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        if case.get("exact").is_some() {
            continue;
        }
        let other = validator(&case["schema"]);
        for (key, expected) in [("yes", true), ("no", false)] {
            for value in case[key].as_array().unwrap() {
                assert_eq!(other(value), expected, "{value} of {line}");
                count += 1;
            }
        }
    }
    assert!(count >= 250, "{count} cases are too few");
}

#[test]
fn random_schemas() {
    let mut random = Random::new(0x5eed);
    let mut answers = [0_u32; 2];
    for _ in 0..SCHEMAS {
        let schema = schema(&mut random, 3, true);
        let ours = matcher(&schema);
        let other = validator(&schema);
        for _ in 0..VALUES {
            let value = value(&mut random, 3);
            let json = Json::from_value(&value).unwrap();
            let answer = ours.admits(json.root());
            let expected = other(&value);
            assert_eq!(answer, Some(expected), "{value} of {schema}");
            answers[usize::from(expected)] += 1;
        }
    }
    // Neither answer is rare, so that agreeing means something.
    assert!(
        answers.iter().all(|count| *count > SCHEMAS * VALUES / 10),
        "{answers:?}"
    );
}

/// The schema as a policy has it: where it stands in an argument.
fn matcher(schema: &Value) -> Schema {
    let policy = json!({
        "format": 1,
        "name": "p",
        "tools": {"t": {"access": "read", "arguments": {"/v": {"schema": schema}}}},
        "rules": [{"id": "r", "effect": "permit"}],
    });
    let policy = Policy::parse_json(&policy.to_string(), "p");
    let policy = policy.unwrap_or_else(|found| panic!("{found}\n{schema}"));
    match &policy.document().tools["t"].arguments[0].matcher {
        Matcher::Schema(schema) => schema.clone(),
        other => panic!("{other:?}"),
    }
}

fn validator(schema: &Value) -> impl Fn(&Value) -> bool {
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V2020_12);
    let plain = with_numbers(schema);
    compiler.add_resource("schema.json", plain).unwrap();
    let mut schemas = Schemas::new();
    let index = compiler.compile("schema.json", &mut schemas);
    let index = index.unwrap_or_else(|error| panic!("{error:#}\n{schema}"));
    move |value| schemas.validate(value, index).is_ok()
}

/// Decimals that policies write as text, as numbers.
fn with_numbers(schema: &Value) -> Value {
    const NUMBERS: [&str; 5] = [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    ];
    match schema {
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| {
                let value = match value {
                    Value::String(text) if NUMBERS.contains(&&**key) => {
                        serde_json::from_str(text).unwrap()
                    }
                    // Values are taken as they are.
                    value if matches!(&**key, "enum" | "const" | "required") => value.clone(),
                    value => with_numbers(value),
                };
                (key.clone(), value)
            });
            Value::Object(members.collect())
        }
        Value::Array(items) => items.iter().map(with_numbers).collect(),
        plain => plain.clone(),
    }
}

const NAMES: [&str; 4] = ["a", "b", "ab", "x1"];
const PATTERNS: [&str; 8] = [
    "a",
    "^a",
    "b$",
    "^[a-z]+$",
    "[0-9]",
    "^a|b$",
    "^(?:ab)*$",
    "\\d\\w?",
];
const DECIMALS: [&str; 6] = ["0.5", "-1.5", "2.25", "1e1", "0.25", "3"];
const TYPES: [&str; 7] = [
    "null", "boolean", "integer", "number", "string", "array", "object",
];

fn schema(random: &mut Random, depth: u32, top: bool) -> Value {
    if !top && random.one_in(8) {
        return random.one_in(2).into();
    }
    let mut schema = serde_json::Map::new();
    for _ in 0..=random.below(3) {
        keyword(random, depth, &mut schema);
    }
    if top {
        // What refers to it leads into a value, or to what refers to nothing.
        schema.insert(
            "$defs".into(),
            json!({
                "plain": {"type": random.pick(&TYPES)},
                "deep": {"anyOf": [
                    {"type": random.pick(&TYPES)},
                    {"type": "array", "items": {"$ref": "#/$defs/deep"}},
                ]},
            }),
        );
    }
    Value::Object(schema)
}

fn keyword(random: &mut Random, depth: u32, schema: &mut serde_json::Map<String, Value>) {
    let inner = depth > 0;
    let below = depth.saturating_sub(1);
    let mut put = |key: &str, value: Value| schema.insert(key.to_owned(), value);
    match random.below(if inner { 25 } else { 13 }) {
        0 | 1 => put("type", random.pick(&TYPES).into()),
        2 => put("type", json!(["string", "integer"])),
        3 => put(
            "enum",
            json!([literal(random, 2), literal(random, 2), literal(random, 2)]),
        ),
        4 => put("const", literal(random, 2)),
        5 => {
            let key = random.pick(&["minimum", "exclusiveMinimum"]);
            // One bound alone: two may leave nothing between them, which does not load.
            schema.remove("maximum");
            schema.remove("exclusiveMaximum");
            schema.insert(key.into(), number(random))
        }
        6 => {
            let key = random.pick(&["maximum", "exclusiveMaximum"]);
            schema.remove("minimum");
            schema.remove("exclusiveMinimum");
            schema.insert(key.into(), number(random))
        }
        7 => put(
            "multipleOf",
            json!(random.pick(&["0.5", "0.25", "2", "3", "1e1"])),
        ),
        8 => {
            let least = random.below(3);
            put("minLength", least.into());
            put("maxLength", (least + random.below(3)).into())
        }
        9 => put("pattern", random.pick(&PATTERNS).into()),
        10 => put(
            "required",
            json!([random.pick(&NAMES[..2]), random.pick(&NAMES[2..])]),
        ),
        11 => {
            let least = random.below(2);
            let [min, max] =
                random.pick(&[["minItems", "maxItems"], ["minProperties", "maxProperties"]]);
            put(min, least.into());
            put(max, (least + random.below(3)).into())
        }
        12 => put("uniqueItems", random.one_in(2).into()),
        13 => put("items", self::schema(random, below, false)),
        14 => put("prefixItems", several(random, below)),
        15 => put("contains", self::schema(random, below, false)),
        16 | 17 => {
            let members = (0..2).map(|_| {
                (
                    random.pick(&NAMES).to_owned(),
                    self::schema(random, below, false),
                )
            });
            put("properties", Value::Object(members.collect()))
        }
        18 => put("additionalProperties", self::schema(random, below, false)),
        19 => {
            let one = self::schema(random, below, false);
            put("patternProperties", json!({random.pick(&PATTERNS): one}))
        }
        20 => put("propertyNames", self::schema(random, below, false)),
        21 => put(
            random.pick(&["allOf", "anyOf", "oneOf"]),
            several(random, below),
        ),
        22 => put("not", self::schema(random, below, false)),
        23 => {
            put("if", self::schema(random, below, false));
            put(
                random.pick(&["then", "else"]),
                self::schema(random, below, false),
            )
        }
        _ => put(
            "$ref",
            random.pick(&["#/$defs/plain", "#/$defs/deep"]).into(),
        ),
    };
}

fn several(random: &mut Random, depth: u32) -> Value {
    let count = random.below(3) + 1;
    (0..count).map(|_| schema(random, depth, false)).collect()
}

/// A bound: an integer, or a decimal as text.
fn number(random: &mut Random) -> Value {
    if random.one_in(2) {
        return random.pick(&DECIMALS).into();
    }
    (i64::from(random.below(5)) - 1).into()
}

/// A value that a policy can hold.
fn literal(random: &mut Random, depth: u32) -> Value {
    match random.below(if depth > 0 { 6 } else { 4 }) {
        0 => (i64::from(random.below(4)) - 1).into(),
        1 | 2 => random.pick(&["", "a", "ab", "b", "1", "é"]).into(),
        3 => random.one_in(2).into(),
        4 => (0..random.below(3))
            .map(|_| literal(random, depth - 1))
            .collect(),
        _ => {
            let count = random.below(3);
            let members =
                (0..count).map(|_| (random.pick(&NAMES).to_owned(), literal(random, depth - 1)));
            Value::Object(members.collect())
        }
    }
}

fn value(random: &mut Random, depth: u32) -> Value {
    match random.below(if depth > 0 { 11 } else { 7 }) {
        0 => Value::Null,
        1 => json!(random.pick(&[0.5, 1.0, -1.5, 2.25, 10.0, -0.25])),
        2..=4 => literal(random, 0),
        5 => (i64::from(random.below(14)) - 2).into(),
        6 => random
            .pick(&["abc", "a1", "bb", "\n", "\u{1f600}b", "9"])
            .into(),
        7 | 8 => (0..random.below(4))
            .map(|_| value(random, depth - 1))
            .collect(),
        _ => {
            let count = random.below(4);
            let members =
                (0..count).map(|_| (random.pick(&NAMES).to_owned(), value(random, depth - 1)));
            Value::Object(members.collect())
        }
    }
}
