//! A call as a line of JSON.

use std::fmt;

use callgate::{
    AssertedCaller, Caller, Context, Digest, Facts, Json, JsonError, JsonKind, JsonRef, Resource,
    ToolCall,
};
use chrono::{DateTime, Utc};

/// A call with everything that was said about it.
#[derive(Debug)]
pub(crate) struct CallLine {
    pub(crate) caller: Caller,
    pub(crate) call: ToolCall,
    pub(crate) context: Context,
}

/// Why a line is not a call.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It is not acceptable JSON.
    Json(JsonError),
    /// It is not an object.
    NotAnObject,
    /// The tool is missing.
    NoTool,
    /// A key that nobody knows.
    UnknownKey(String),
    /// A value of the wrong sort, at this key.
    Expected(&'static str, &'static str),
    /// The caller is not one.
    Caller(String),
    /// Both forms of the arguments are there.
    TwoArguments,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(f, "the line is not acceptable JSON: {error}"),
            Self::NotAnObject => f.write_str("expected an object"),
            Self::NoTool => f.write_str("expected `tool`"),
            Self::UnknownKey(key) => write!(f, "unknown key `{key}`"),
            Self::Expected(key, what) => write!(f, "expected `{key}` to be {what}"),
            Self::Caller(error) => write!(f, "`caller` is not acceptable: {error}"),
            Self::TwoArguments => f.write_str("expected `arguments` or `arguments_text`, not both"),
        }
    }
}

impl CallLine {
    /// Reads a call from one line.
    pub(crate) fn read(line: &str) -> Result<Self, Refusal> {
        let json = Json::parse(line).map_err(|refused| Refusal::Json(refused.error().clone()))?;
        let root = json.root();
        if root.kind() != JsonKind::Object {
            return Err(Refusal::NotAnObject);
        }
        let (mut tool, mut id, mut definition, mut arguments) = (None, None, None, None);
        let mut caller = Caller::unknown();
        let mut context = Context::new();
        for (key, value) in root.members() {
            match key {
                "tool" => tool = Some(text("tool", value)?),
                "call" => id = Some(text("call", value)?),
                "definition" => definition = Some(digest(value)?),
                "caller" => caller = read_caller(value)?,
                // The bytes as they stand: numbers keep their spelling.
                "arguments" => put(&mut arguments, value.raw())?,
                "arguments_text" => put(&mut arguments, text("arguments_text", value)?)?,
                "environment" => context = context.environment(text("environment", value)?),
                "session" => context = context.session(text("session", value)?),
                "task" => context = context.task(text("task", value)?),
                "trace" => context = context.trace(text("trace", value)?),
                "time" => context = context.time(time(value)?),
                "context" => context = context.with_facts(facts(value, "context", &[])?),
                "resources" => {
                    for item in items("resources", value)? {
                        context = context.resource(resource(item)?);
                    }
                }
                unknown => return Err(Refusal::UnknownKey(unknown.to_owned())),
            }
        }
        let tool = tool.ok_or(Refusal::NoTool)?;
        let mut call = ToolCall::from_text(tool, arguments.unwrap_or("{}"));
        if let Some(id) = id {
            call = call.id(id);
        }
        if let Some(definition) = definition {
            call = call.definition(definition);
        }
        Ok(Self {
            caller,
            call,
            context,
        })
    }
}

fn put<'a>(place: &mut Option<&'a str>, text: &'a str) -> Result<(), Refusal> {
    match place.replace(text) {
        None => Ok(()),
        Some(_) => Err(Refusal::TwoArguments),
    }
}

fn text<'a>(key: &'static str, value: JsonRef<'a>) -> Result<&'a str, Refusal> {
    value.as_str().ok_or(Refusal::Expected(key, "a text"))
}

fn items<'a>(
    key: &'static str,
    value: JsonRef<'a>,
) -> Result<impl Iterator<Item = JsonRef<'a>>, Refusal> {
    match value.kind() {
        JsonKind::Array => Ok(value.items()),
        _ => Err(Refusal::Expected(key, "an array")),
    }
}

fn time(value: JsonRef<'_>) -> Result<DateTime<Utc>, Refusal> {
    let expected = Refusal::Expected("time", "a time such as `2026-11-20T12:00:00Z`");
    text("time", value)?.parse().map_err(|_| expected)
}

fn digest(value: JsonRef<'_>) -> Result<Digest, Refusal> {
    let expected = Refusal::Expected("definition", "64 lower-case hex digits");
    text("definition", value)?.parse().map_err(|_| expected)
}

fn read_caller(value: JsonRef<'_>) -> Result<Caller, Refusal> {
    let asserted: AssertedCaller =
        serde_json::from_str(value.raw()).map_err(|error| Refusal::Caller(error.to_string()))?;
    // A caller that contradicts itself is denied by the gate, with a code of its own.
    Ok(asserted.resolve().unwrap_or_else(Caller::refused))
}

/// The members of an object as facts, but for those named in `but`.
fn facts(value: JsonRef<'_>, key: &'static str, but: &[&str]) -> Result<Facts, Refusal> {
    if value.kind() != JsonKind::Object {
        return Err(Refusal::Expected(key, "an object"));
    }
    let mut facts = Facts::new();
    for (name, value) in value.members() {
        if !but.contains(&name) {
            let value = Json::parse(value.raw())
                .map_err(|refused| Refusal::Json(refused.error().clone()))?;
            facts.set_json(name, value);
        }
    }
    Ok(facts)
}

fn resource(value: JsonRef<'_>) -> Result<Resource, Refusal> {
    let further = facts(value, "resources", &["kind", "id", "tenant"])?;
    let word = |key: &'static str| match value.get(key) {
        Some(found) => found
            .as_str()
            .map(Some)
            .ok_or(Refusal::Expected(key, "a text")),
        None => Ok(None),
    };
    let kind = word("kind")?.ok_or(Refusal::Expected("kind", "there"))?;
    let id = word("id")?.ok_or(Refusal::Expected("id", "there"))?;
    let mut resource = Resource::new(kind, id).with_facts(further);
    if let Some(tenant) = word("tenant")? {
        resource = resource.tenant(tenant);
    }
    Ok(resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let got = match CallLine::read(line) {
            Err(refusal) => refusal.to_string(),
            Ok(read) => {
                let arguments = match read.call.arguments() {
                    Ok(arguments) => arguments.text().to_owned(),
                    Err(refused) => format!("refused {}", refused.text()),
                };
                let subject = read.caller.subject().map(|who| who.id().to_string());
                format!("{} {arguments} {subject:?}", read.call.tool())
            }
        };
        assert_eq!(got, expected);
    }

    #[test]
    fn calls() {
        check(r#"{"tool":"t"}"#, "t {} None");
        check(
            r#"{"tool":"t","arguments":{"n":1.50}}"#,
            r#"t {"n":1.50} None"#,
        );
        check(r#"{"tool":"t","arguments":[1]}"#, "t refused [1] None");
        check(
            r#"{"tool":"t","arguments_text":"{\"a\":1,\"a\":2}"}"#,
            r#"t refused {"a":1,"a":2} None"#,
        );
        check(
            r#"{"tool":"t","caller":{"subject":"user:a"}}"#,
            r#"t {} Some("user:a")"#,
        );
    }

    #[test]
    fn refused_lines() {
        check("[]", "expected an object");
        check("{}", "expected `tool`");
        check(r#"{"tool":1}"#, "expected `tool` to be a text");
        check(r#"{"tool":"t","tol":1}"#, "unknown key `tol`");
        check(
            r#"{"tool":"t","arguments":{},"arguments_text":"{}"}"#,
            "expected `arguments` or `arguments_text`, not both",
        );
        check(
            r#"{"tool":"t","time":"noon"}"#,
            "expected `time` to be a time such as `2026-11-20T12:00:00Z`",
        );
        check(
            r#"{"tool":"t","definition":"sha256:00"}"#,
            "expected `definition` to be 64 lower-case hex digits",
        );
        check(
            r#"{"tool":"t","resources":{}}"#,
            "expected `resources` to be an array",
        );
        check(
            r#"{"tool":"t","resources":[{"kind":"a"}]}"#,
            "expected `id` to be there",
        );
        check(
            r#"{"tool":"t","caller":{"subject":"alice"}}"#,
            "`caller` is not acceptable: expected `user:`, `service:` or `agent:` before the id at line 1 column 19",
        );
    }
}
