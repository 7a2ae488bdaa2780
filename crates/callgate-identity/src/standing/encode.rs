//! The text of a change.

use std::fmt::Write as _;

use callgate_types::{NamePattern, PrincipalId};
use chrono::{DateTime, SecondsFormat, Utc};

use super::change::{Change, What};
use super::target::{Quarantined, Revocation};
use super::task::Task;

impl Change {
    /// The text that stores keep: one object of JSON, as `docs/spec/standing.md` has it.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate_identity::standing::{Change, Revocation};
    ///
    /// let session = Revocation::session(Some("acme"), "s-17")?;
    /// let change = Change::revoke(session, "user:officer".parse()?);
    /// let text = r#"{"v":1,"change":"revoked","by":"user:officer","of":"session","tenant":"acme","id":"s-17"}"#;
    /// assert_eq!(change.encode(), text);
    /// assert_eq!(Change::parse(text)?, change);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn encode(&self) -> String {
        let mut out = Writer(String::from("{\"v\":1"));
        match &self.what {
            What::Begun(task) => {
                out.text("change", "begun");
                out.text("by", self.by.as_str());
                write_task(&mut out, task);
            }
            What::Revoked(revocation) => {
                out.text("change", "revoked");
                out.text("by", self.by.as_str());
                let of = match revocation {
                    Revocation::Principal { .. } => "principal",
                    Revocation::Session { .. } => "session",
                    Revocation::Task { .. } => "task",
                    Revocation::Token { .. } => "token",
                };
                out.text("of", of);
                out.optional("tenant", revocation.tenant());
                out.text("id", revocation.id());
            }
            What::Quarantined(quarantine) => {
                out.text("change", "quarantined");
                out.text("by", self.by.as_str());
                write_quarantined(&mut out, quarantine.target());
                let lifters = quarantine.lifters();
                let named = (!lifters.is_empty()).then_some(lifters);
                out.list(
                    "lifters",
                    named.map(|ids| ids.iter().map(PrincipalId::as_str)),
                );
            }
            What::Lifted(lift) => {
                out.text("change", "lifted");
                out.text("by", self.by.as_str());
                write_quarantined(&mut out, &lift.target);
                out.key("upto");
                out.put(&lift.upto.number().to_string());
            }
        }
        out.0.push('}');
        out.0
    }
}

fn write_task(out: &mut Writer, task: &Task) {
    out.optional("tenant", task.tenant());
    out.text("id", task.id());
    out.text("subject", task.subject().as_str());
    let tools = task.tools();
    out.list(
        "tools",
        tools.map(|tools| tools.iter().map(NamePattern::as_str)),
    );
    out.key("resources");
    match task.resources() {
        None => out.put("null"),
        Some(resources) => {
            out.put("[");
            for (place, resource) in resources.iter().enumerate() {
                out.put(if place == 0 {
                    "{\"kind\":"
                } else {
                    ",{\"kind\":"
                });
                out.string(&resource.kind);
                out.optional("id", resource.id.as_ref().map(NamePattern::as_str));
                out.put("}");
            }
            out.put("]");
        }
    }
    out.list("scopes", task.scopes());
    out.text("expires", &moment(task.expires()));
}

fn write_quarantined(out: &mut Writer, target: &Quarantined) {
    let of = match target {
        Quarantined::Principal { .. } => "principal",
        Quarantined::Tenant(_) => "tenant",
    };
    out.text("of", of);
    out.optional("tenant", target.within());
    out.text("id", target.id());
}

/// To a microsecond: what is finer is cut off.
fn moment(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Writes members behind others.
struct Writer(String);

impl Writer {
    fn put(&mut self, text: &str) {
        self.0.push_str(text);
    }

    fn key(&mut self, key: &str) {
        self.put(",\"");
        self.put(key);
        self.put("\":");
    }

    fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        self.string(value);
    }

    fn optional(&mut self, key: &str, value: Option<&str>) {
        self.key(key);
        match value {
            Some(value) => self.string(value),
            None => self.put("null"),
        }
    }

    fn list<'a>(&mut self, key: &str, values: Option<impl Iterator<Item = &'a str>>) {
        self.key(key);
        let Some(values) = values else {
            return self.put("null");
        };
        self.put("[");
        for (place, value) in values.enumerate() {
            if place > 0 {
                self.put(",");
            }
            self.string(value);
        }
        self.put("]");
    }

    /// Control characters cannot stand in what is written, and are escaped all the same.
    fn string(&mut self, value: &str) {
        self.put("\"");
        for c in value.chars() {
            match c {
                '"' => self.put("\\\""),
                '\\' => self.put("\\\\"),
                c if c.is_control() => {
                    let written = write!(self.0, "\\u{:04x}", u32::from(c));
                    debug_assert!(written.is_ok(), "a string takes what is written to it");
                }
                c => self.0.push(c),
            }
        }
        self.put("\"");
    }
}
