//! Writing TOML, in ASCII: whatever a server says stays inside its quotes.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// A key, quoted unless it is plain.
pub(super) fn key(text: &str) -> String {
    let plain = |byte: u8| byte == b'_' || byte == b'-' || byte.is_ascii_alphanumeric();
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        string(text)
    }
}

/// A basic string.
pub(super) fn string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len().saturating_add(2));
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' '..='~' => quoted.push(c),
            // A string takes whatever is written to it.
            c if u32::from(c) > 0xffff => drop(write!(quoted, "\\U{:08X}", u32::from(c))),
            c => drop(write!(quoted, "\\u{:04X}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}

/// A text as a value: within single quotes where that saves escapes.
fn quoted(text: &str) -> String {
    let plain = text.chars().all(|c| matches!(c, ' '..='~') && c != '\'');
    if plain && text.contains(['\\', '"']) {
        format!("'{text}'")
    } else {
        string(text)
    }
}

/// A value, on one line. `null` has no form in TOML, and none is ever made.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(self::value).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => table(members),
        other => other.to_string(),
    }
}

/// An inline table; what is said of the value as a whole comes last.
pub(super) fn table(members: &Map<String, Value>) -> String {
    if members.is_empty() {
        return "{}".to_owned();
    }
    let is_flag = |name: &str| matches!(name, "nullable" | "optional");
    let (flags, others): (Vec<_>, Vec<_>) = members.iter().partition(|(name, _)| is_flag(name));
    let members: Vec<String> = others
        .into_iter()
        .chain(flags)
        .map(|(name, member)| format!("{} = {}", key(name), value(member)))
        .collect();
    format!("{{ {} }}", members.join(", "))
}

/// A line of comment, of bounded length; what is no printable ASCII is made visible.
pub(super) fn comment(text: &str) -> String {
    const MAX: usize = 200;
    let mut line = String::from("# ");
    for (count, c) in text.trim().chars().enumerate() {
        if count == MAX {
            line.push_str("...");
            break;
        }
        match c {
            ' '..='~' => line.push(c),
            c => line.extend(c.escape_unicode()),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, quoted: &str, commented: &str) {
        assert_eq!(string(text), quoted);
        assert_eq!(comment(text), format!("# {commented}"));
        let read: toml_value::Read = toml_value::read(&format!("{} = {quoted}", key(text)));
        assert_eq!(read, (text.to_owned(), text.to_owned()));
    }

    /// What the reader of policies makes of a line, by way of a condition that names it.
    mod toml_value {
        pub(super) type Read = (String, String);

        /// The named value of a policy, read back from the policy's own JSON form.
        pub(super) fn read(line: &str) -> Read {
            let text = format!(
                "format = 1\nname = \"t\"\n[tools.t]\naccess = \"read\"\n[[rules]]\nid = \"r\"\n\
                 effect = \"permit\"\n[[examples]]\ncall = {{ tool = \"t\", arguments = {{ {line} }} }}\n\
                 gets = \"deny\"\n"
            );
            let policy = callgate::policy::Policy::parse(&text, "t.toml").unwrap();
            let arguments = &policy.document().examples[0].arguments;
            let arguments: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(arguments).unwrap();
            let (key, value) = arguments.into_iter().next().unwrap();
            (key, value.as_str().unwrap().to_owned())
        }
    }

    #[test]
    fn texts() {
        check("plain-key_1", "\"plain-key_1\"", "plain-key_1");
        check(
            "a\"b\\c\nd = 1",
            r#""a\"b\\c\u000Ad = 1""#,
            "a\"b\\c\\u{a}d = 1",
        );
        check(
            "x\u{202e}y\u{e0041}z",
            r#""x\u202Ey\U000E0041z""#,
            r"x\u{202e}y\u{e0041}z",
        );
        check(
            "\u{7f}\u{0}é",
            r#""\u007F\u0000\u00E9""#,
            r"\u{7f}\u{0}\u{e9}",
        );
    }

    #[test]
    fn long_comments_are_cut() {
        assert_eq!(comment(&"x".repeat(500)).len(), 2 + 200 + 3);
    }

    #[test]
    fn values() {
        let json = serde_json::json!({"a": [1, true, {"/b": {}}], "": "x", "text": r"\d'"});
        let expected = r#"{ "" = "x", a = [1, true, { "/b" = {} }], text = "\\d'" }"#;
        assert_eq!(value(&json), expected);
        let json = serde_json::json!({"matches": r#"\d""#, "optional": true, "text": {}});
        let expected = r#"{ matches = '\d"', text = {}, optional = true }"#;
        assert_eq!(value(&json), expected);
    }
}
