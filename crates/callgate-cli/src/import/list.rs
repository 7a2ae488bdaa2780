//! The tools of one or several pages of a list.

use std::collections::BTreeMap;
use std::path::PathBuf;

use callgate::policy::Policy;
use callgate::{Definition, Json, JsonKind, JsonRef};
use serde_json::{Map, Value, json};

use super::{about, shown_word};
use crate::{Unusable, lines};

/// The longest page, in bytes.
const MAX_BYTES: usize = 8 << 20;
/// The most tools.
const MAX_TOOLS: usize = 10_000;

/// All tools of a server.
pub(super) struct List {
    /// By name, so that the order of the server makes no difference.
    pub(super) tools: BTreeMap<String, Definition>,
    /// What was noticed about the list as a whole.
    pub(super) notes: Vec<String>,
}

impl List {
    /// Reads the pages of a list.
    pub(super) fn read(pages: &[PathBuf]) -> Result<Self, Unusable> {
        let mut list = Self {
            tools: BTreeMap::new(),
            notes: Vec::new(),
        };
        let mut goes_on = false;
        for page in pages {
            let max = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
            let file = page.display().to_string();
            let text = lines::read_text(page, max).map_err(|error| about(&file, &error))?;
            goes_on = list.add(&file, text)?;
        }
        if goes_on {
            let note = "the list goes on: `nextCursor` names a page that is not here";
            list.notes.push(note.into());
        }
        list.check_names()?;
        Ok(list)
    }

    /// Adds a page; says whether another one follows.
    fn add(&mut self, file: &str, text: String) -> Result<bool, Unusable> {
        let json =
            Json::parse_within(MAX_BYTES, text).map_err(|refused| about(file, refused.error()))?;
        let root = json.root();
        if let Some(error) = root.get("error") {
            let message = error.get("message").and_then(JsonRef::as_str);
            let message = shown_word(message.unwrap_or_default());
            return Err(Unusable(format!(
                "{file}: the server answers with an error: {message}"
            )));
        }
        let result = root.get("result").unwrap_or(root);
        let tools = match result.kind() {
            JsonKind::Array => Some(result),
            _ => result
                .get("tools")
                .filter(|tools| tools.kind() == JsonKind::Array),
        };
        let Some(tools) = tools else {
            let expected = "expected the result of `tools/list`, with an array `tools`";
            return Err(Unusable(format!("{file}: {expected}")));
        };
        for (place, tool) in tools.items().enumerate() {
            self.add_tool(tool)
                .map_err(|why| Unusable(format!("{file}: tool {place}: {why}")))?;
        }
        let cursor = result.get("nextCursor").and_then(JsonRef::as_str);
        Ok(cursor.is_some_and(|cursor| !cursor.is_empty()))
    }

    fn add_tool(&mut self, tool: JsonRef<'_>) -> Result<(), String> {
        let definition = Definition::parse(tool.raw()).map_err(|why| why.to_string())?;
        let name = definition.root().get("name").and_then(JsonRef::as_str);
        let name = name.ok_or("expected a `name`, as text")?.to_owned();
        if self.tools.contains_key(&name) {
            return Err(format!("a tool `{}` stands twice", shown_word(&name)));
        }
        if self.tools.len() >= MAX_TOOLS {
            return Err(format!("more than {MAX_TOOLS} tools"));
        }
        self.tools.insert(name, definition);
        Ok(())
    }

    /// Checks the names as the reader of policies does: what they hold, and that none looks like
    /// another.
    fn check_names(&self) -> Result<(), Unusable> {
        if self.tools.is_empty() {
            return Err(Unusable("there are no tools".into()));
        }
        let entry = json!({"access": "write"});
        let tools: Map<String, Value> = self
            .tools
            .keys()
            .map(|name| (name.clone(), entry.clone()))
            .collect();
        let rules = json!([{"id": "none", "effect": "forbid"}]);
        let policy = json!({"format": 1, "name": "import", "tools": tools, "rules": rules});
        let Err(all) = Policy::parse_json(&policy.to_string(), "import") else {
            return Ok(());
        };
        let lines = all.iter().map(|one| match &one.help {
            Some(help) => format!("{}; {help}", one.message),
            None => one.message.clone(),
        });
        Err(Unusable(lines.collect::<Vec<_>>().join("\ncallgate: ")))
    }

    /// A list of one page, for tests.
    #[cfg(test)]
    pub(super) fn of(text: &str) -> Result<Self, String> {
        let mut list = Self {
            tools: BTreeMap::new(),
            notes: Vec::new(),
        };
        let all = list.add("list", text.to_owned());
        let all = all.and_then(|_| list.check_names());
        all.map(|()| list).map_err(|Unusable(why)| why)
    }
}
