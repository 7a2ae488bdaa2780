//! One tool as an entry of the catalogue.

use callgate::policy::document::Hints;
use callgate::{Definition, Digest, JsonRef, RiskTier};
use serde_json::{Value, json};

use super::schema::{self, Finding, Table};
use super::{shown_word, toml};

/// An entry, and what was noticed about it.
pub(super) struct Entry {
    pub(super) name: String,
    definition: Digest,
    description: Option<String>,
    hints: Hints,
    arguments: Table,
    findings: Vec<Finding>,
}

impl Entry {
    pub(super) fn of(name: &str, definition: &Definition) -> Self {
        let tool = definition.root();
        let (arguments, findings) = match tool.get("inputSchema") {
            Some(schema) => schema::arguments(schema),
            None => (Table::new(), vec![no_schema()]),
        };
        let description = tool.get("description").and_then(JsonRef::as_str);
        Self {
            name: name.to_owned(),
            definition: definition.digest(),
            description: description.map(str::to_owned),
            hints: hints(tool),
            arguments,
            findings,
        }
    }

    pub(super) fn is_privileged(&self) -> bool {
        let mut factors = self.hints.factors();
        factors.any(|factor| factor.tier == RiskTier::Privileged)
    }

    /// What was noticed, a line each.
    pub(super) fn notes(&self) -> impl Iterator<Item = String> {
        self.findings
            .iter()
            .map(|finding| format!("tool `{}`: {}", shown_word(&self.name), said(finding)))
    }

    /// Writes the entry as TOML.
    pub(super) fn write(&self, out: &mut String) {
        let name = toml::key(&self.name);
        let mut line = |text: &str| {
            out.push_str(text);
            out.push('\n');
        };
        line(&format!("[tools.{name}]"));
        if let Some(description) = &self.description {
            let first = description.trim().lines().next().unwrap_or_default();
            line(&toml::comment(first));
        }
        line("access = \"write\"");
        let hints: Vec<String> = (self.stated())
            .map(|(key, hint)| format!("{key} = {hint}"))
            .collect();
        if !hints.is_empty() {
            line(&format!("hints = {{ {} }}", hints.join(", ")));
        }
        line(&format!("definition = \"{}\"", self.definition));
        for finding in &self.findings {
            line(&toml::comment(&format!("NOTE: {}", said(finding))));
        }
        if !self.arguments.is_empty() {
            line("");
            line(&format!("[tools.{name}.arguments]"));
            for (pointer, matchers) in &self.arguments {
                let (pointer, matchers) = (toml::key(pointer), toml::value(matchers));
                line(&format!("{pointer} = {matchers}"));
            }
        }
    }

    /// The entry as JSON.
    pub(super) fn json(&self) -> Value {
        let mut entry = Table::new();
        entry.insert("access".into(), "write".into());
        entry.insert("definition".into(), self.definition.to_string().into());
        let hints: serde_json::Map<String, Value> = (self.stated())
            .map(|(key, hint)| (key.to_owned(), hint.into()))
            .collect();
        if !hints.is_empty() {
            entry.insert("hints".into(), hints.into());
        }
        if !self.arguments.is_empty() {
            entry.insert("arguments".into(), json!(self.arguments));
        }
        entry.into()
    }

    /// The hints that the server states.
    fn stated(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let all = [
            ("read_only", self.hints.read_only),
            ("destructive", self.hints.destructive),
            ("open_world", self.hints.open_world),
        ];
        all.into_iter().filter_map(|(key, hint)| Some((key, hint?)))
    }

    /// Whether more is accepted than the schema accepts.
    #[cfg(test)]
    pub(super) fn is_wider(&self) -> bool {
        self.findings.iter().any(|finding| finding.wider)
    }
}

/// What the server says of the tool: what that raises, the policy language says.
fn hints(tool: JsonRef<'_>) -> Hints {
    let hint = |name| tool.get("annotations")?.get(name)?.as_bool();
    let mut hints = Hints::default();
    hints.read_only = hint("readOnlyHint");
    hints.destructive = hint("destructiveHint");
    hints.open_world = hint("openWorldHint");
    hints
}

fn said(finding: &Finding) -> String {
    let place = if finding.place.is_empty() {
        "arguments".to_owned()
    } else {
        format!("argument `{}`", shown_word(&finding.place))
    };
    let wider = if finding.wider {
        " (wider than the schema)"
    } else {
        ""
    };
    format!("{place}: {}{wider}", finding.message)
}

fn no_schema() -> Finding {
    Finding {
        place: String::new(),
        message: "there is no `inputSchema`: no arguments are accepted".into(),
        wider: false,
    }
}
