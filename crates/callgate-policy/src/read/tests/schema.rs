//! The schema knows the keys that readers know, no fewer and no more.
//!
//! Each table of the schema says in `$comment` what messages call it. Every policy of the tests is
//! read, and the keys that readers know are noted as they open tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use callgate_types::Code;
use serde_json::Value;

use super::super::fields::known_keys;
use super::super::matcher::MATCHERS;
use super::read;

type Keys = BTreeMap<String, BTreeSet<String>>;

/// Keys that readers know in order to say where they stand instead.
const REFUSED: &[(&str, &str)] = &[("a rule", "expires_in")];
/// Tables that are a policy under another name, or no part of one.
const ELSEWHERE: &[&str] = &["an included file", "a file of tests"];
/// How the schema says of a definition which table it is.
const COMMENT: &str = "read as: ";

#[test]
fn keys_of_every_table() {
    let mut read = known();
    for (what, key) in REFUSED {
        assert!(read.get_mut(*what).unwrap().remove(*key), "{what}: {key}");
    }
    for what in ELSEWHERE {
        read.remove(*what);
    }
    let stated = stated();
    let names = |keys: &Keys| keys.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&read), names(&stated));
    for (what, keys) in &read {
        assert_eq!(Some(keys), stated.get(what), "{what}");
    }
}

#[test]
fn words() {
    let schema = schema();
    let enumerated = |name: &str| -> BTreeSet<String> {
        let words = schema["definitions"][name]["enum"].as_array().unwrap();
        words
            .iter()
            .map(|word| word.as_str().unwrap().to_owned())
            .collect()
    };
    let codes = Code::ALL.iter().map(|code| code.as_str().to_owned());
    assert_eq!(enumerated("code"), codes.collect());
    let table = &schema["definitions"]["value"]["properties"];
    for matcher in MATCHERS.iter().filter(|matcher| **matcher != "open") {
        assert!(table.get(matcher).is_some(), "{matcher}");
    }
}

/// taplo never comes to the end of an `allOf` without properties beside it: completion overflows
/// its stack, and takes the server with it. `$ref` and `anyOf` say the same.
#[test]
fn no_reference_in_all_of() {
    for node in nodes() {
        let parts = node["allOf"].as_array().into_iter().flatten();
        for part in parts {
            assert!(node["properties"].is_object(), "{node}");
            assert!(part["$ref"].is_null(), "{node}");
        }
    }
}

/// The keys that readers know of each table of the policies in the tests.
fn known() -> Keys {
    known_keys::noted();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for folder in ["policies", "intents", "lints", "diagnostics"] {
        for entry in fs::read_dir(tests.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                // Broken ones are read as far as they go.
                read(&fs::read_to_string(path).unwrap(), "p").ok();
            }
        }
    }
    known_keys::noted()
}

/// The keys that the schema states of each table. Tables of one name are taken together: what
/// stands where is for policies to show.
fn stated() -> Keys {
    let mut stated = Keys::new();
    for node in nodes() {
        if let Some(what) = node["$comment"]
            .as_str()
            .and_then(|it| it.strip_prefix(COMMENT))
        {
            let properties = node["properties"].as_object().unwrap();
            // It stands in every table, and readers never see it.
            let keys = properties.keys().filter(|key| *key != "use").cloned();
            stated.entry(what.to_owned()).or_default().extend(keys);
        }
    }
    stated
}

/// Every value in the schema.
fn nodes() -> Vec<Value> {
    let (mut nodes, mut open) = (Vec::new(), vec![schema()]);
    while let Some(node) = open.pop() {
        match &node {
            Value::Object(members) => open.extend(members.values().cloned()),
            Value::Array(items) => open.extend(items.iter().cloned()),
            _ => {}
        }
        nodes.push(node);
    }
    nodes
}

fn schema() -> Value {
    serde_json::from_str(crate::SCHEMA).unwrap()
}
