//! JSON Schemas in the words of a policy.
//!
//! What is made of a schema accepts the same values, or fewer; where it accepts more, a finding
//! says so. How each keyword is read is written in `docs/guides/import-mcp-tools.md`.

mod accepts;
mod combined;
mod number;
mod object;
mod overlap;
mod text;
mod values;
mod words;

use std::collections::HashSet;

use callgate::{JsonKind, JsonRef};

use accepts::{Accepts, Rest, closed, never, object};
use words::Type;

pub(super) use accepts::Table;

/// The deepest nesting of schemas. Matchers nest three times as deep at most, of which a policy
/// takes 32.
const MAX_DEPTH: u32 = 9;
/// The most schemas that are read of one tool; references can name one many times. For every 16
/// keys and items a schema counts once more.
const MAX_SCHEMAS: u32 = 10_000;

/// What was noticed about a schema.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Finding {
    /// The argument, as a pointer; `[]` stands for the items of an array.
    pub(super) place: String,
    pub(super) message: String,
    /// Whether more is accepted than the schema accepts.
    pub(super) wider: bool,
}

/// Reads the schema of a tool's arguments: the table of its arguments by pointer, and what was
/// noticed.
pub(super) fn arguments(schema: JsonRef<'_>) -> (Table, Vec<Finding>) {
    let mut reader = Reader {
        root: schema,
        place: String::new(),
        findings: Vec::new(),
        noticed: HashSet::new(),
        found: 0,
        depth: 0,
        within: Vec::new(),
        left: MAX_SCHEMAS,
    };
    let rest = reader.arguments(schema);
    let table = match rest {
        Rest::Object(members) if members.is_empty() => Table::new(),
        Rest::Object(members) => closed(members),
        Rest::Anything => object(serde_json::json!({"": {"open": true}})),
        Rest::Nothing | Rest::Table(_) => {
            reader.find(false, "no arguments are acceptable");
            let mut table = Table::new();
            table.insert("/".into(), never().into());
            table
        }
    };
    (table, reader.findings)
}

/// Reads schemas, and remembers what it could not say.
struct Reader<'a> {
    root: JsonRef<'a>,
    /// Where the schema that is being read stands.
    place: String,
    findings: Vec<Finding>,
    noticed: HashSet<Finding>,
    /// How often something was noticed.
    found: u64,
    depth: u32,
    /// The schemas that are being read and were named by reference.
    within: Vec<u32>,
    /// How many schemas may still be read.
    left: u32,
}

impl<'a> Reader<'a> {
    fn find(&mut self, wider: bool, message: impl Into<String>) {
        let finding = Finding {
            place: self.place.clone(),
            message: message.into(),
            wider,
        };
        self.found = self.found.saturating_add(1);
        // A schema that is named many times is noticed once at each place.
        if self.noticed.insert(finding.clone()) {
            self.findings.push(finding);
        }
    }

    /// Everything is accepted, because of something that cannot be said.
    fn give_up(&mut self, message: impl Into<String>) -> Accepts {
        self.find(true, message);
        Accepts::ANYTHING
    }

    /// Reads a schema at a place within the present one.
    fn at(&mut self, token: &str, schema: JsonRef<'a>) -> Accepts {
        let length = self.place.len();
        self.place.push_str(token);
        let accepts = self.accepts(schema);
        self.place.truncate(length);
        accepts
    }

    /// What a schema accepts.
    fn accepts(&mut self, schema: JsonRef<'a>) -> Accepts {
        if self.depth >= MAX_DEPTH {
            return self.give_up("schemas are nested too deep: anything is accepted");
        }
        self.depth = self.depth.saturating_add(1);
        let within = self.within.len();
        let accepts = match self.resolved(schema) {
            Ok(schema) => self.resolved_accepts(schema),
            Err(why) => self.give_up(why),
        };
        self.within.truncate(within);
        self.depth = self.depth.saturating_sub(1);
        accepts
    }

    /// Follows references to the schema that is meant.
    fn resolved(&mut self, schema: JsonRef<'a>) -> Result<JsonRef<'a>, &'static str> {
        let mut schema = schema;
        loop {
            self.charge(schema)?;
            let Some(reference) = schema.get("$ref") else {
                return Ok(schema);
            };
            if schema
                .members()
                .any(|(key, _)| key != "$ref" && words::asserts(key))
            {
                self.find(true, "what stands beside `$ref` is not read");
            }
            let target = reference.as_str().and_then(|text| text.strip_prefix('#'));
            let target = target.filter(|pointer| !pointer.contains('%'));
            schema = target
                .and_then(|pointer| self.root.pointer(pointer))
                .ok_or("`$ref` names nothing in this schema: anything is accepted")?;
            if schema.index() == self.root.index() || self.within.contains(&schema.index()) {
                return Err("`$ref` leads back to itself: anything is accepted");
            }
            self.within.push(schema.index());
        }
    }

    /// Counts a schema, by its length: a long one that is named many times costs as much as many.
    fn charge(&mut self, schema: JsonRef<'a>) -> Result<(), &'static str> {
        const SHARE: usize = 16;
        let enough = (self.left > 0).then(|| {
            let inner = schema.members().map(|(_, value)| value.len());
            let length = inner.fold(schema.len(), usize::saturating_add);
            u32::try_from(length.div_euclid(SHARE).saturating_add(1)).ok()
        });
        let cost = enough.flatten().unwrap_or(u32::MAX);
        let left = self.left.checked_sub(cost);
        self.left = left.unwrap_or(0);
        left.map(|_| ())
            .ok_or("there are too many schemas: anything is accepted")
    }

    fn resolved_accepts(&mut self, schema: JsonRef<'a>) -> Accepts {
        match (schema.kind(), schema.as_bool()) {
            (_, Some(true)) => return Accepts::ANYTHING,
            (_, Some(false)) => return Accepts::NOTHING,
            (JsonKind::Object, _) => {}
            _ => return self.give_up("expected a schema: anything is accepted"),
        }
        self.look_at_words(schema);
        let base = self.base(schema);
        self.combined(schema, base)
    }

    /// Notices the keywords that are not read.
    fn look_at_words(&mut self, schema: JsonRef<'a>) {
        for (key, value) in schema.members() {
            if words::is_unread(key, value) {
                let key = super::shown_word(key);
                self.find(true, format!("`{key}` is not read"));
            }
        }
    }

    /// What is accepted by type, values and their bounds.
    fn base(&mut self, schema: JsonRef<'a>) -> Accepts {
        let stated = match Type::stated(schema) {
            Ok(stated) => stated,
            Err(why) => return self.give_up(why),
        };
        if let Some(values) = self.values(schema, stated.as_deref()) {
            return self.bounded(schema, stated.as_deref(), values);
        }
        let types = match stated {
            Some(types) => types,
            None => match Type::implied(schema)[..] {
                [] => return Accepts::ANYTHING,
                [only] => {
                    let word = only.as_str();
                    self.find(false, format!("no type is stated: read as {word}"));
                    vec![only]
                }
                _ => return self.give_up("no type is stated: anything is accepted"),
            },
        };
        let alternatives = types.iter().map(|one| self.typed(schema, *one)).collect();
        Accepts::any(alternatives)
    }

    /// Values that a schema lists, with the bounds that it states beside them.
    fn bounded(
        &mut self,
        schema: JsonRef<'a>,
        stated: Option<&[Type]>,
        values: Accepts,
    ) -> Accepts {
        let bounding = Type::implied(schema);
        match (&bounding[..], stated) {
            ([], _) => values,
            ([only @ (Type::Text | Type::Number)], Some([of])) if only.includes(*of) => {
                let null = values.null;
                let bounds = self.typed(schema, *of);
                let mut both = values.and(bounds);
                both.null = null;
                both
            }
            _ => {
                self.find(true, "bounds beside a list of values are not read");
                values
            }
        }
    }

    fn typed(&mut self, schema: JsonRef<'a>, of: Type) -> Accepts {
        match of {
            Type::Null => Accepts::NULL,
            Type::Boolean => Accepts::table("boolean", Table::new()),
            Type::Text => self.text(schema),
            Type::Integer => self.number(schema, true),
            Type::Number => self.number(schema, false),
            Type::Array => self.array(schema),
            Type::Object => Accepts::only(self.object(schema)),
        }
    }

    fn array(&mut self, schema: JsonRef<'a>) -> Accepts {
        let mut table = Table::new();
        let min = self.count(schema, "minItems");
        let mut max = self.count(schema, "maxItems");
        if let Some(items) = schema.get("items") {
            if items.kind() == JsonKind::Array {
                self.find(true, "`items` of single places are not read");
            } else {
                let each = self.at("[]", items);
                if each == Accepts::NOTHING {
                    max = Some(0);
                } else if let Some(each) = each.inner() {
                    table.insert("each".into(), each.into());
                }
            }
        }
        if min > max && max.is_some() {
            return Accepts::NOTHING;
        }
        for (key, bound) in [("min_items", min), ("max_items", max)] {
            if let Some(bound) = bound {
                table.insert(key.into(), bound.into());
            }
        }
        Accepts::table("array", table)
    }

    /// A count that a schema states; one that is no count is noticed and left out.
    fn count(&mut self, schema: JsonRef<'a>, key: &str) -> Option<i64> {
        let value = schema.get(key)?;
        let count = value
            .as_number()
            .and_then(number::whole)
            .filter(|count| *count >= 0);
        if count.is_none() {
            self.find(true, format!("`{key}` is no count: it is not read"));
        }
        count
    }
}
