//! Random schemas: whatever the imported arguments accept is valid, unless a finding says that
//! they are wider; and what is printed loads.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "the numbers of a test are small, and its random ones are meant to wrap"
)]

use callgate::Arguments;
use callgate::policy::Policy;
use serde_json::{Map, Value, json};

use super::super::{HEAD, entries, json as as_json, list::List, text};
use super::validator::{PATTERNS, is_valid};
use crate::Unusable;

/// How many schemas are tried, unless `CALLGATE_IMPORT_SCHEMAS` says otherwise.
const SCHEMAS: u64 = 600;
const CALLS: u64 = 40;

/// Numbers that look random, the same in every run (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        let place = usize::try_from(self.below(all.len() as u64)).unwrap();
        all[place].clone()
    }
}

const KEYS: [&str; 5] = ["a", "b", "c/d", "~", ""];
const TEXTS: [&str; 8] = ["", "a", "aa", "ab", "xc", "é b", "\n", "aaaa"];

fn numbers() -> Vec<Value> {
    let numbers = ["0", "1", "2", "5", "-1", "1.5", "0.25", "2.0", "1e1"];
    numbers
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .collect()
}

/// A scalar.
fn scalar(random: &mut Random) -> Value {
    match random.below(6) {
        0 => Value::Null,
        1 => random.chance(50).into(),
        2 | 3 => random.of(&TEXTS).into(),
        _ => random.of(&numbers()),
    }
}

fn value(random: &mut Random, depth: u32) -> Value {
    match random.below(if depth == 0 { 4 } else { 6 }) {
        0..=3 => scalar(random),
        4 => (0..random.below(3))
            .map(|_| value(random, depth - 1))
            .collect(),
        _ => {
            let members = (0..random.below(3)).map(|_| {
                let key = random.of(&KEYS).to_owned();
                (key, value(random, depth - 1))
            });
            Value::Object(members.collect())
        }
    }
}

fn put(
    random: &mut Random,
    schema: &mut Map<String, Value>,
    word: &str,
    says: impl FnOnce(&mut Random) -> Value,
) {
    if random.chance(30) {
        schema.insert(word.to_owned(), says(random));
    }
}

fn schema(random: &mut Random, depth: u32) -> Value {
    let mut schema = Map::new();
    let shallow = depth == 0;
    match random.below(if shallow { 8 } else { 14 }) {
        0 => return random.chance(70).into(),
        1 => {
            let values: Vec<Value> = (0..=random.below(3)).map(|_| scalar(random)).collect();
            schema.insert("enum".into(), values.into());
        }
        2 => {
            schema.insert("const".into(), value(random, 1));
        }
        3 => {
            schema.insert("$ref".into(), random.of(&["#/$defs/x", "#/$defs/y"]).into());
        }
        4 | 5 => text_schema(random, &mut schema),
        6 | 7 => number_schema(random, &mut schema),
        8 | 9 => array_schema(random, &mut schema, depth),
        10 | 11 => return object_schema(random, depth - 1),
        _ => {
            let word = random.of(&["anyOf", "oneOf", "allOf"]);
            let parts: Vec<Value> = (0..=random.below(2))
                .map(|_| self::schema(random, depth - 1))
                .collect();
            schema.insert(word.into(), parts.into());
        }
    }
    put(random, &mut schema, "description", |_| "what it is".into());
    if random.chance(10) {
        let types = [
            "null", "boolean", "string", "integer", "number", "array", "object",
        ];
        let types: Vec<&str> = (0..=random.below(3)).map(|_| random.of(&types)).collect();
        schema.insert("type".into(), types.into());
    }
    if random.chance(4) {
        schema.insert("not".into(), json!({ "const": scalar(random) }));
    }
    schema.into()
}

fn text_schema(random: &mut Random, schema: &mut Map<String, Value>) {
    if random.chance(85) {
        schema.insert("type".into(), "string".into());
    }
    put(random, schema, "minLength", |random| random.below(3).into());
    put(random, schema, "maxLength", |random| random.below(4).into());
    put(random, schema, "pattern", |random| {
        random.of(&PATTERNS).into()
    });
    if random.chance(15) {
        schema.insert("enum".into(), json!(["a", "ab", "xc"]));
    }
}

fn number_schema(random: &mut Random, schema: &mut Map<String, Value>) {
    if random.chance(85) {
        schema.insert("type".into(), random.of(&["integer", "number"]).into());
    }
    for word in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] {
        put(random, schema, word, |random| random.of(&numbers()));
    }
    let steps = [json!(1), json!(0.1), json!(0.01), json!(2), json!(0.5)];
    put(random, schema, "multipleOf", |random| random.of(&steps));
}

fn array_schema(random: &mut Random, schema: &mut Map<String, Value>, depth: u32) {
    schema.insert("type".into(), "array".into());
    put(random, schema, "minItems", |random| random.below(3).into());
    put(random, schema, "maxItems", |random| random.below(4).into());
    put(random, schema, "uniqueItems", |random| {
        random.chance(50).into()
    });
    if random.chance(80) {
        schema.insert("items".into(), self::schema(random, depth - 1));
    }
}

fn object_schema(random: &mut Random, depth: u32) -> Value {
    let mut all = Map::new();
    all.insert("type".into(), "object".into());
    let mut properties = Map::new();
    for _ in 0..random.below(4) {
        properties.insert(random.of(&KEYS).to_owned(), schema(random, depth));
    }
    let known: Vec<String> = properties.keys().cloned().collect();
    let mut needed: Vec<String> = known.into_iter().filter(|_| random.chance(50)).collect();
    if random.chance(5) {
        needed.push("z".into());
    }
    if !properties.is_empty() {
        all.insert("properties".into(), properties.into());
    }
    if !needed.is_empty() {
        all.insert("required".into(), needed.into());
    }
    if random.chance(40) {
        let additional = if random.chance(60) {
            false.into()
        } else {
            schema(random, 0)
        };
        all.insert("additionalProperties".into(), additional);
    }
    put(random, &mut all, "minProperties", |random| {
        random.below(3).into()
    });
    put(random, &mut all, "maxProperties", |random| {
        random.below(4).into()
    });
    all.into()
}

/// A value that is often valid.
fn instance(random: &mut Random, schema: &Value, root: &Value, depth: u32) -> Value {
    if random.chance(6) || depth == 0 {
        return value(random, 1);
    }
    let listed = |word: &str| {
        schema
            .get(word)
            .and_then(Value::as_array)
            .filter(|all| !all.is_empty())
    };
    if let Some(reference) = schema.get("$ref") {
        let pointer = reference.as_str().unwrap().trim_start_matches('#');
        return instance(random, root.pointer(pointer).unwrap(), root, depth - 1);
    }
    for word in ["anyOf", "oneOf", "allOf"] {
        if let Some(parts) = listed(word) {
            let part = random.of(parts);
            return instance(random, &part, root, depth - 1);
        }
    }
    if let Some(only) = schema.get("const") {
        return only.clone();
    }
    if let Some(values) = listed("enum") {
        return random.of(values);
    }
    let of = match schema.get("type") {
        Some(Value::Array(words)) => random.of(words),
        Some(word) => word.clone(),
        None => return value(random, 2),
    };
    match of.as_str().unwrap() {
        "string" => random.of(&TEXTS).into(),
        "integer" | "number" => random.of(&numbers()),
        "array" => {
            let any = Value::Bool(true);
            let items = schema.get("items").unwrap_or(&any);
            (0..random.below(4))
                .map(|_| instance(random, items, root, depth - 1))
                .collect()
        }
        "object" => {
            let needed = schema.get("required").and_then(Value::as_array);
            let mut members = Map::new();
            for (key, inner) in schema
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                let is_needed = needed.is_some_and(|all| all.iter().any(|one| one == key));
                if random.chance(if is_needed { 95 } else { 50 }) {
                    members.insert(key.clone(), instance(random, inner, root, depth - 1));
                }
            }
            if random.chance(10) {
                members.insert(random.of(&["z", "a"]).into(), scalar(random));
            }
            members.into()
        }
        _ => scalar(random),
    }
}

#[test]
fn accepted_is_valid() {
    let (mut accepted, mut exact, mut valid_refused) = (0_u64, 0_u64, 0_u64);
    let schemas = match std::env::var("CALLGATE_IMPORT_SCHEMAS") {
        Ok(count) => count.parse().unwrap(),
        Err(_) => SCHEMAS,
    };
    for seed in 1..=schemas {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut root = object_schema(&mut random, 3);
        // None leads back to itself: the validator would not come back.
        let named = schema(&mut random, 1).to_string();
        let named: Value = serde_json::from_str(&named.replace("$defs/x", "$defs/y")).unwrap();
        let definitions = json!({"x": named, "y": {"type": "integer", "minimum": 1}});
        root.as_object_mut()
            .unwrap()
            .insert("$defs".into(), definitions);
        let list = json!([{"name": "t", "inputSchema": root}]).to_string();
        let list = List::of(&list).unwrap();
        let entries =
            entries(&list).unwrap_or_else(|Unusable(why)| panic!("seed {seed}: {why}\n{root}"));
        let text = format!("{HEAD}{}", text(&entries));
        let policy = Policy::parse(&text, "t.toml").unwrap();
        let tool = policy.tool("t").unwrap();
        // The JSON form says the same.
        let mut document = as_json(&entries);
        let rest = json!({"format": 1, "name": "import", "friction": {"privileged": {}},
                          "rules": [{"id": "none", "effect": "forbid"}]});
        document
            .as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        let other = Policy::parse_json(&document.to_string(), "t.json").unwrap();
        let other = other.tool("t").unwrap();

        let wider = entries[0].is_wider();
        exact += u64::from(!wider);
        for _ in 0..CALLS {
            let arguments = instance(&mut random, &root, &root, 6);
            let Ok(read) = Arguments::from_value(&arguments) else {
                continue;
            };
            let takes = tool.bind(&read).is_ok();
            assert_eq!(
                takes,
                other.bind(&read).is_ok(),
                "seed {seed}: {arguments}\n{text}"
            );
            let valid = is_valid(&root, &arguments, &root);
            if takes && !wider {
                accepted += 1;
                assert!(
                    valid,
                    "seed {seed}: accepted, and not valid: {arguments}\n{root}\n{text}"
                );
            }
            valid_refused += u64::from(valid && !takes);
        }
    }
    println!(
        "{exact} of {schemas} not wider, {accepted} accepted, {valid_refused} valid and refused"
    );
    assert!(exact * 3 > schemas, "{exact} schemas say what they mean");
    assert!(accepted > schemas * 5, "{accepted} calls are accepted");
}
