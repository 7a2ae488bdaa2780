//! What the mail server says of its tools: the result of its `tools/list`.
//!
//! The policy pins the definition that a person has read. The host names the one that is listed
//! now with each call, and judges nothing: where the two differ, the gate denies.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use callgate::{Definition, Digest, ToolCall};
use serde::Deserialize;
use serde_json::Value;

/// The digests of the definitions that the server lists, by the name of the tool.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Listed")]
pub struct Listing(BTreeMap<String, Digest>);

/// As the server sends it.
#[derive(Debug, Deserialize)]
struct Listed {
    tools: Vec<Value>,
}

impl Listing {
    /// Reads what the server lists at the start.
    pub fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let text = fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
        serde_json::from_str(&text).map_err(|error| format!("{shown}: {error}"))
    }

    /// The call with the definition of its tool, if that is one of the server.
    pub fn name_definition(&self, call: ToolCall) -> ToolCall {
        match self.0.get(call.tool()) {
            Some(digest) => call.definition(*digest),
            None => call,
        }
    }
}

impl TryFrom<Listed> for Listing {
    type Error = String;

    fn try_from(listed: Listed) -> Result<Self, String> {
        let tools = listed.tools.iter().map(|tool| {
            let name = tool.get("name").and_then(Value::as_str);
            let name = name.ok_or("a tool without a name is listed")?;
            let definition = Definition::from_value(tool).map_err(|error| error.to_string())?;
            Ok((name.to_owned(), definition.digest()))
        });
        tools.collect::<Result<_, String>>().map(Self)
    }
}
