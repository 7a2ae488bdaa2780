//! Tool lists that somebody made to do harm.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::{entries, list::List, text};
use crate::Unusable;

#[track_caller]
fn refused(list: &str, expected: &str) {
    let why = match List::of(list) {
        Err(why) => why,
        Ok(list) => match entries(&list) {
            Err(Unusable(why)) => why,
            Ok(entries) => panic!("expected a refusal, got {}", text(&entries)),
        },
    };
    assert_eq!(why, expected);
}

fn tool(name: &str) -> Value {
    json!({"name": name, "inputSchema": {"type": "object"}})
}

#[test]
fn names() {
    let all = |names: &[&str]| {
        let tools: Vec<Value> = names.iter().map(|name| tool(name)).collect();
        json!({ "tools": tools }).to_string()
    };
    refused(
        &all(&["a", "b", "a"]),
        "list: tool 2: a tool `a` stands twice",
    );
    refused(
        &all(&["read_file", "Read_FiIe"]),
        "the tools `Read_FiIe` and `read_file` look alike; rename one of them: a model or a \
         reviewer takes one for the other",
    );
    refused(
        &all(&["réad"]),
        "the name of a tool `réad` is not plain; write letters, digits and signs of ASCII, \
         without blanks",
    );
    refused(
        &all(&["a\nb"]),
        "the name of a tool holds a control character",
    );
    refused(&all(&[""]), "the name of a tool is empty");
    refused(
        &all(&["a*"]),
        "the name of a tool `a*` holds a `*`; a `*` stands in patterns only",
    );
    let long = "x".repeat(300);
    refused(
        &all(&[&long]),
        "the name of a tool has 300 bytes, at most 256 are allowed",
    );
    refused(&all(&[]), "there are no tools");
    refused("[{}]", "list: tool 0: expected a `name`, as text");
    refused(
        r#"[{"name": 1}]"#,
        "list: tool 0: expected a `name`, as text",
    );
    refused(
        "[1]",
        "list: tool 0: expected an object at byte 0, found number",
    );
    let many: Vec<Value> = (0..10_001).map(|n| tool(&format!("t{n}"))).collect();
    refused(
        &Value::from(many).to_string(),
        "list: tool 10000: more than 10000 tools",
    );
}

#[test]
fn not_a_list() {
    let expected = "list: expected the result of `tools/list`, with an array `tools`";
    for text in [
        "1",
        "{}",
        r#"{"result": {}}"#,
        r#"{"tools": {}}"#,
        r#""tools""#,
    ] {
        refused(text, expected);
    }
    refused("{", "list: text ends at byte 1, expected a key or `}`");
    refused(
        "{\"tools\": [], \"tools\": []}",
        "list: repeated key at byte 14",
    );
    refused(
        r#"{"error": {"code": -32601, "message": "no\nsuch `method`"}}"#,
        r"list: the server answers with an error: no\u{a}such 'method'",
    );
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    refused(&deep, "list: nested deeper than 64 at byte 64");
}

/// Loads what was imported, and returns it.
#[track_caller]
fn imported(tool: &Value) -> String {
    let list = List::of(&json!([tool]).to_string()).unwrap();
    let entries = entries(&list).unwrap_or_else(|Unusable(why)| panic!("{why}"));
    let text = text(&entries);
    let plain = |byte: u8| byte == b'\n' || (b' '..=b'~').contains(&byte);
    assert!(text.bytes().all(plain), "{text}");
    text
}

#[test]
fn texts_stay_inside_their_quotes() {
    let evil =
        "x\n[tools.evil]\naccess = \"read\"\r\u{85}\u{2028}\u{202e}\u{7f}\u{e0041}\"\"\"'''\\";
    let text = imported(&json!({
        "name": "a.b]\"'",
        "description": evil,
        "inputSchema": {"type": "object", "title": evil, "properties": {
            evil: {"enum": [evil, "'"], "description": evil},
            "p": {"type": "string", "pattern": format!("{evil}(?=")},
            "f": {"type": "string", "format": evil},
        }, evil: 1},
    }));
    let policy = format!("{}{text}", super::super::HEAD);
    let policy = callgate::policy::Policy::parse(&policy, "t.toml").unwrap();
    let tools: Vec<&str> = policy.document().tools.keys().map(|name| &**name).collect();
    assert_eq!(tools, ["a.b]\"'"]);
    let arguments = &policy.document().tools["a.b]\"'"].arguments;
    assert_eq!(arguments.len(), 3);
    let mut pointers = arguments.iter().map(|argument| argument.pointer.as_str());
    assert!(pointers.any(|pointer| pointer == format!("/{evil}")));
    assert!(
        text.lines().all(|line| !line.starts_with("[tools.evil")),
        "{text}"
    );
}

/// Each level in every way in which matchers can nest.
fn nested(levels: u32) -> Value {
    let mut schema = json!({"type": "string"});
    for _ in 0..levels {
        schema = json!({
            "type": ["array", "string"], "items": schema,
            "anyOf": [{"type": ["array", "string"], "items": {"type": ["integer", "boolean"]}}],
        });
    }
    schema
}

#[test]
fn nested_deep() {
    for levels in [1, 5, 9, 12, 18] {
        let schema = json!({"type": "object", "properties": {"a": nested(levels)}});
        let text = imported(&json!({"name": "t", "inputSchema": schema}));
        assert_eq!(
            text.contains("nested too deep"),
            levels > 8,
            "{levels} {text}"
        );
    }
    let mut schema = json!({"type": "string"});
    for _ in 0..25 {
        schema = json!({"type": "object", "properties": {"a": schema}, "required": ["a"]});
    }
    imported(&json!({"name": "t", "inputSchema": schema}));
}

/// A few definitions that name one another many times.
#[test]
fn references_that_multiply() {
    let mut definitions = serde_json::Map::new();
    for n in 0..40 {
        let next = json!({"$ref": format!("#/$defs/d{}", n + 1)});
        let many: Vec<Value> = vec![next; 12];
        definitions.insert(format!("d{n}"), json!({"anyOf": many}));
    }
    definitions.insert("d40".into(), json!({"type": "string"}));
    let text = imported(&json!({"name": "t", "inputSchema": {
        "type": "object", "properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": definitions,
    }}));
    assert!(
        text.contains("/a\" = { open = true, optional = true }"),
        "{text}"
    );
    assert!(text.len() < 2_000, "{}", text.len());
}

/// A chain of references, as long as a list allows.
#[test]
fn references_in_a_row() {
    let mut definitions = String::new();
    for n in 0..20_000 {
        write!(
            definitions,
            r##""d{n}": {{"$ref": "#/$defs/d{}"}}, "##,
            n + 1
        )
        .unwrap();
    }
    let list = format!(
        r##"[{{"name": "t", "inputSchema": {{"type": "object",
            "properties": {{"a": {{"$ref": "#/$defs/d0"}}}}, "$defs": {{{definitions}"d20000": true}}}}}}]"##
    );
    let list = List::of(&list).unwrap();
    let text = text(&entries(&list).unwrap());
    assert!(text.contains("there are too many schemas"), "{text}");
}

/// Long lists, and long schemas that are named many times, take no time to speak of.
#[test]
fn long_lists() {
    let values: Vec<String> = (0..60_000).map(|n| format!("v{n}")).collect();
    let (one, other) = values.split_at(30_000);
    let text = imported(
        &json!({"name": "t", "inputSchema": {"type": "object", "properties": {
        "a": {"oneOf": [{"enum": one}, {"enum": other}]},
        "b": {"anyOf": vec![json!({"$ref": "#/$defs/long"}); 2_000]},
    }, "$defs": {"long": {"enum": values[..5_000], "type": "string"}}}}),
    );
    assert!(text.contains("too many schemas"), "{}", text.len());
    assert!(text.contains("\"v59999\""), "{}", text.len());
}

#[test]
fn order_makes_no_difference() {
    let (one, other) = (tool("one"), tool("other"));
    let import = |tools: Vec<&Value>| {
        let list = List::of(&json!({ "tools": tools }).to_string()).unwrap();
        text(&entries(&list).unwrap())
    };
    assert_eq!(import(vec![&one, &other]), import(vec![&other, &one]));
}
