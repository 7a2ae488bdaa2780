//! Texts: their length, patterns and formats.

use callgate::JsonRef;
use callgate::policy::document::Pattern;
use serde_json::json;

use super::Reader;
use super::accepts::{Accepts, Rest, Table, object};
use crate::import::shown_word;

/// A UUID as RFC 9562 spells it.
const UUID: &str =
    "[0-9A-Fa-f]{8}\\-[0-9A-Fa-f]{4}\\-[0-9A-Fa-f]{4}\\-[0-9A-Fa-f]{4}\\-[0-9A-Fa-f]{12}";

impl<'a> Reader<'a> {
    pub(super) fn text(&mut self, schema: JsonRef<'a>) -> Accepts {
        let (min, max) = (
            self.count(schema, "minLength"),
            self.count(schema, "maxLength"),
        );
        if min > max && max.is_some() {
            return Accepts::NOTHING;
        }
        let mut chars = Table::new();
        for (key, bound) in [("min_chars", min), ("max_chars", max)] {
            if let Some(bound) = bound {
                chars.insert(key.into(), bound.into());
            }
        }
        let mut all = Vec::new();
        all.extend(self.pattern(schema));
        all.extend(self.format(schema));
        if all.is_empty() || !chars.is_empty() {
            all.push(Accepts::table("text", chars));
        }
        let mut text = Accepts::only(Rest::Anything);
        for one in all {
            text = text.and(one);
        }
        text
    }

    fn pattern(&mut self, schema: JsonRef<'a>) -> Option<Accepts> {
        let source = schema.get("pattern")?;
        let translated = source.as_str().and_then(Pattern::of_ecma);
        if translated.is_none() {
            let source = shown_word(source.as_str().unwrap_or_default());
            self.find(
                true,
                format!("pattern `{source}` is left out: it cannot be said in `matches`"),
            );
        }
        Some(Accepts::table("matches", translated?.source()))
    }

    fn format(&mut self, schema: JsonRef<'a>) -> Option<Accepts> {
        let format = schema.get("format")?.as_str().unwrap_or_default();
        match format {
            "email" => {
                self.find(false, "format `email` is read as one plain address");
                Some(Accepts::table("email", Table::new()))
            }
            "uri" | "url" => {
                self.find(false, "format `uri` is read as a URL of http or https");
                let any = json!({"schemes": ["http", "https"], "ports": "any", "addresses": "any"});
                Some(Accepts::table("url", object(any)))
            }
            "uuid" => Some(Accepts::table("matches", UUID)),
            other => {
                let other = shown_word(other);
                self.find(true, format!("format `{other}` is not read"));
                None
            }
        }
    }
}
