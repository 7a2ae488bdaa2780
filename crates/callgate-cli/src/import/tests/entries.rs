//! What is made of each keyword of a schema.

use std::fmt::Display;

use serde_json::json;

use super::super::{entries, json as written_json, list::List, text};

/// The lines that an import of one tool with this schema gives: arguments, then findings.
#[track_caller]
fn check(schema: &impl Display, expected: &[&str]) {
    let list = format!(r#"[{{"name": "t", "inputSchema": {schema}}}]"#);
    let list = List::of(&list).unwrap();
    let entries = entries(&list).unwrap();
    let text = text(&entries);
    let arguments = text
        .split_once("[tools.t.arguments]\n")
        .map_or("", |(_, rest)| rest);
    let notes: Vec<String> = entries[0].notes().collect();
    let notes = notes
        .iter()
        .map(|note| note.strip_prefix("tool `t`: ").unwrap());
    let got: Vec<&str> = arguments.lines().chain(notes).collect();
    assert_eq!(got, expected, "{schema}");
}

/// As `check`, for the one argument `a`, which is needed.
#[track_caller]
fn check_one(schema: &impl Display, expected: &str, notes: &[&str]) {
    let all =
        format!(r#"{{"type": "object", "properties": {{"a": {schema}}}, "required": ["a"]}}"#);
    let line = format!("\"/a\" = {expected}");
    let notes = notes.iter().map(|note| format!("argument `/a{note}"));
    let lines: Vec<String> = std::iter::once(line).chain(notes).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    check(&all, &lines);
}

const WIDER: &str = "(wider than the schema)";

#[test]
fn texts() {
    check_one(&json!({"type": "string"}), "{ text = {} }", &[]);
    check_one(
        &json!({"type": "string", "minLength": 1, "maxLength": 1e1}),
        "{ text = { max_chars = 10, min_chars = 1 } }",
        &[],
    );
    check_one(
        &json!({"type": "string", "pattern": "^a+$"}),
        r#"{ matches = "a+" }"#,
        &[],
    );
    check_one(
        &json!({"type": "string", "pattern": "^(?=a)", "maxLength": 3}),
        "{ text = { max_chars = 3 } }",
        &[
            "`: pattern `^(?=a)` is left out: it cannot be said in `matches` (wider than the schema)",
        ],
    );
    check_one(
        &json!({"type": "string", "format": "email"}),
        "{ email = {} }",
        &["`: format `email` is read as one plain address"],
    );
    check_one(
        &json!({"type": "string", "format": "date"}),
        "{ text = {} }",
        &["`: format `date` is not read (wider than the schema)"],
    );
    check_one(
        &json!({"type": "string", "format": "uuid", "pattern": "^[0-9a-f-]+$"}),
        r"{ all = [{ matches = '[0-9a-f\-]+' }, { matches = '[0-9A-Fa-f]{8}\-[0-9A-Fa-f]{4}\-[0-9A-Fa-f]{4}\-[0-9A-Fa-f]{4}\-[0-9A-Fa-f]{12}' }] }",
        &[],
    );
    let never = "{ boolean = {}, text = {} }";
    let nothing = json!({"type": "string", "minLength": 2, "maxLength": 1});
    let all = json!({"type": "object", "properties": {"a": {"type": "array", "items": nothing}}});
    check(
        &all,
        &[r#""/a" = { array = { max_items = 0 }, optional = true }"#],
    );
    let needed = json!({"type": "object", "properties": {"a": nothing}, "required": ["a"]});
    let line = format!("\"/\" = {never}");
    check(&needed, &[&line, "arguments: no arguments are acceptable"]);
}

#[test]
fn numbers() {
    check_one(&json!({"type": "integer"}), "{ integer = {} }", &[]);
    let text =
        r#"{"type": "integer", "minimum": 9007199254740993, "maximum": 99999999999999999999}"#;
    check_one(
        &text,
        r#"{ integer = { at_least = 9007199254740993, at_most = "99999999999999999999" } }"#,
        &[],
    );
    check_one(
        &json!({"type": "integer", "minimum": 0.5, "exclusiveMaximum": 3}),
        r#"{ decimal = { at_least = "0.5", below = 3 }, integer = {} }"#,
        &[],
    );
    check_one(
        &json!({"type": "number", "minimum": 1, "exclusiveMinimum": 1, "maximum": 5, "exclusiveMaximum": 9}),
        "{ decimal = { above = 1, at_most = 5 } }",
        &[],
    );
    check_one(
        &json!({"type": "number", "minimum": 0, "exclusiveMinimum": true, "multipleOf": 0.01}),
        "{ decimal = { above = 0, scale = 2 } }",
        &[],
    );
    check_one(
        &json!({"type": "integer", "multipleOf": 1}),
        "{ integer = {} }",
        &[],
    );
    check_one(
        &json!({"type": "number", "multipleOf": 5}),
        "{ decimal = {} }",
        &["`: `multipleOf` is not read, but for 1, 0.1, 0.01 and so on (wider than the schema)"],
    );
    check_one(
        &json!({"type": "number", "minimum": "0"}),
        "{ decimal = {} }",
        &["`: `minimum` is no number: it is not read (wider than the schema)"],
    );
}

#[test]
fn values() {
    check_one(
        &json!({"enum": ["a", "b", "a"]}),
        r#"{ one_of = ["a", "b"] }"#,
        &[],
    );
    check_one(&json!({"const": 3}), "{ equals = 3 }", &[]);
    check_one(
        &json!({"type": "integer", "enum": [1, "2", true, 3]}),
        "{ one_of = [1, 3] }",
        &[],
    );
    check_one(
        &json!({"enum": ["a", null]}),
        r#"{ equals = "a", nullable = true }"#,
        &[],
    );
    check_one(
        &json!({"enum": [1.5, "a"]}),
        r#"{ any = [{ decimal = { at_least = "1.5", at_most = "1.5" } }, { equals = "a" }] }"#,
        &[],
    );
    check_one(
        &json!({"enum": ["a", {"b": 1}]}),
        r#"{ equals = "a" }"#,
        &["`: a listed array or object is left out: it is refused"],
    );
    check_one(
        &json!({"type": "string", "enum": ["a", "bb"], "maxLength": 1}),
        r#"{ one_of = ["a", "bb"], text = { max_chars = 1 } }"#,
        &[],
    );
    check_one(
        &json!({"type": "null"}),
        "{ boolean = {}, text = {}, nullable = true }",
        &[],
    );
    check_one(
        &json!({"type": ["string", "null"], "maxLength": 2}),
        "{ text = { max_chars = 2 }, nullable = true }",
        &[],
    );
}

#[test]
fn alternatives() {
    check_one(
        &json!({"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]}),
        "{ any = [{ integer = {} }, { text = {} }], nullable = true }",
        &[],
    );
    check_one(
        &json!({"oneOf": [{"const": "a"}, {"const": "b"}]}),
        r#"{ one_of = ["a", "b"] }"#,
        &[],
    );
    let one = json!({"type": "object", "properties": {"k": {"const": "x"}, "n": {"type": "integer"}}, "required": ["k"]});
    let other = json!({"type": "object", "properties": {"k": {"const": "y"}}, "required": ["k"]});
    check_one(
        &json!({"oneOf": [one, other]}),
        r#"{ any = [{ "/k" = { equals = "x" }, "/n" = { integer = {}, optional = true } }, { "/k" = { equals = "y" } }] }"#,
        &[],
    );
    check_one(
        &json!({"oneOf": [{"type": "number"}, {"type": "integer"}]}),
        "{ any = [{ decimal = {} }, { integer = {} }] }",
        &["`: `oneOf` is read as `anyOf`: its schemas may overlap (wider than the schema)"],
    );
    check_one(
        &json!({"allOf": [{"type": "string"}, {"minLength": 2, "type": "string"}]}),
        "{ all = [{ text = {} }, { text = { min_chars = 2 } }] }",
        &[],
    );
    check_one(
        &json!({"anyOf": [{"type": "string"}, {}]}),
        "{ open = true }",
        &["`: any value is accepted"],
    );
    check_one(
        &json!({"type": "string", "not": {"const": "a"}}),
        "{ text = {} }",
        &["`: `not` is not read (wider than the schema)"],
    );
}

#[test]
fn objects() {
    let inner = json!({"type": "object", "properties": {"b/c": {"type": "string"}, "~": {"type": "boolean"}}, "required": ["b/c"]});
    check(
        &json!({"type": "object", "properties": {"a": inner}, "required": ["a"]}),
        &[
            r#""/a/b~1c" = { text = {} }"#,
            r#""/a/~0" = { boolean = {}, optional = true }"#,
        ],
    );
    // One that may be absent, and needs a member where it is there.
    check(
        &json!({"type": "object", "properties": {"a": inner}}),
        &[
            r#""/a" = { "/b~1c" = { text = {} }, "/~0" = { boolean = {}, optional = true }, optional = true }"#,
        ],
    );
    check_one(
        &json!({"type": "object"}),
        r#"{ "" = { open = true } }"#,
        &["`: any members are accepted"],
    );
    check_one(
        &json!({"type": "object", "additionalProperties": false}),
        r#"{ "/" = { boolean = {}, text = {}, optional = true } }"#,
        &[],
    );
    check(
        &json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": true, "required": ["b"]}),
        &[
            r#""/a" = { text = {}, optional = true }"#,
            r#""/b" = { open = true }"#,
            "arguments: further members are refused, although the schema takes them",
            "argument `/b`: any value is accepted",
        ],
    );
    check(
        &json!({"type": "object", "properties": {"0": {"type": "string"}, "a": false}}),
        &["arguments: member `0` has no pointer: it is refused"],
    );
    check(
        &json!({"type": "object", "properties": {"0": {"type": "string"}}, "required": ["0"]}),
        &[
            r#""" = { open = true }"#,
            "arguments: member `0` has no pointer: any object is accepted (wider than the schema)",
        ],
    );
    check(
        &json!({"type": "object", "additionalProperties": {"type": "string"}}),
        &[
            r#""" = { open = true }"#,
            "arguments: any members are accepted, of any value (wider than the schema)",
        ],
    );
    check(&json!({"type": "object"}), &[]);
    check(
        &json!({"type": "string"}),
        &[
            r#""/" = { boolean = {}, text = {} }"#,
            "arguments: no arguments are acceptable",
        ],
    );
    check(
        &json!(true),
        &[
            r#""" = { open = true }"#,
            "arguments: expected a schema: anything is accepted (wider than the schema)",
        ],
    );
}

#[test]
fn references() {
    let user =
        json!({"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]});
    check(
        &json!({"type": "object", "properties": {"by": {"$ref": "#/$defs/user", "description": "who"}},
                "required": ["by"], "$defs": {"user": user}}),
        &[r#""/by/id" = { integer = {} }"#],
    );
    let tree = json!({"type": "object", "properties": {"next": {"$ref": "#/definitions/tree"}}});
    check(
        &json!({"type": "object", "properties": {"a": {"$ref": "#/definitions/tree"}}, "definitions": {"tree": tree}}),
        &[
            r#""/a/next" = { open = true, optional = true }"#,
            "argument `/a/next`: `$ref` leads back to itself: anything is accepted (wider than the schema)",
            "argument `/a/next`: any value is accepted",
        ],
    );
    for reference in [
        "#/$defs/nope",
        "https://example.com/x.json",
        "#x",
        "#/a%2Fb",
    ] {
        check_one(
            &json!({"$ref": reference}),
            "{ open = true }",
            &[
                "`: `$ref` names nothing in this schema: anything is accepted (wider than the schema)",
                "`: any value is accepted",
            ],
        );
    }
    let note = format!("argument `/a`: `$ref` leads back to itself: anything is accepted {WIDER}");
    check(
        &json!({"type": "object", "properties": {"a": {"$ref": "#"}}}),
        &[
            r#""/a" = { open = true, optional = true }"#,
            &note,
            "argument `/a`: any value is accepted",
        ],
    );
}

#[test]
fn no_type() {
    check_one(&json!({}), "{ open = true }", &["`: any value is accepted"]);
    check_one(
        &json!({"minLength": 1}),
        "{ text = { min_chars = 1 } }",
        &["`: no type is stated: read as string"],
    );
    check_one(
        &json!({"minLength": 1, "minimum": 1}),
        "{ open = true }",
        &[
            "`: no type is stated: anything is accepted (wider than the schema)",
            "`: any value is accepted",
        ],
    );
    check_one(
        &json!({"type": "str"}),
        "{ open = true }",
        &[
            "`: the type is not known: anything is accepted (wider than the schema)",
            "`: any value is accepted",
        ],
    );
}

/// Hints raise a tier, and never lower access or tier.
#[test]
fn hints() {
    for (hints, privileged) in [
        (json!({}), false),
        (json!({"readOnlyHint": true}), false),
        (json!({"readOnlyHint": false}), true),
        (
            json!({"readOnlyHint": false, "destructiveHint": false}),
            false,
        ),
        (json!({"destructiveHint": false}), false),
        (json!({"destructiveHint": true}), true),
        (json!({"readOnlyHint": true, "destructiveHint": true}), true),
        (json!({"destructiveHint": "yes"}), false),
        (json!([]), false),
    ] {
        let list = json!([{"name": "t", "inputSchema": {"type": "object"}, "annotations": hints}]);
        let list = List::of(&list.to_string()).unwrap();
        let text = text(&entries(&list).unwrap());
        assert!(text.contains("access = \"write\"\n"), "{text}");
        assert!(!text.contains("\ntier"), "{text}");
        let needs = text.contains("needs [friction.privileged]");
        assert_eq!(needs, privileged, "{hints}");
    }
    let hints = json!({"destructiveHint": false, "readOnlyHint": true, "openWorldHint": true, "idempotentHint": true});
    let list = json!([{"name": "t", "inputSchema": {"type": "object"}, "annotations": hints}]);
    let entries = entries(&List::of(&list.to_string()).unwrap()).unwrap();
    let expected = "hints = { read_only = true, destructive = false, open_world = true }\n";
    assert!(text(&entries).contains(expected), "{}", text(&entries));
    assert_eq!(
        written_json(&entries)["tools"]["t"]["hints"],
        json!({"read_only": true, "destructive": false, "open_world": true})
    );
}
