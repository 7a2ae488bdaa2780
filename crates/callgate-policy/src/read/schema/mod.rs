//! The matcher `schema`.

#[cfg(feature = "schema")]
mod keywords;
#[cfg(feature = "schema")]
mod refused;
#[cfg(feature = "schema")]
mod values;

#[cfg(feature = "schema")]
pub(super) use present::schema;

#[cfg(not(feature = "schema"))]
pub(super) use absent::schema;

#[cfg(not(feature = "schema"))]
mod absent {
    use crate::DiagnosticCode as Code;
    use crate::document::Matcher;
    use crate::read::faults::Faults;
    use crate::read::node::{Node, Span};

    /// Reports a matcher that this build cannot judge.
    pub(in crate::read) fn schema(_: &Node<'_>, key: Span, faults: &Faults<'_>) -> Option<Matcher> {
        let message = "the matcher `schema` is not part of this build";
        let help = "build callgate-policy with its feature `schema`";
        faults.add_with_help(Code::UnknownKey, key, message, help);
        None
    }
}

#[cfg(feature = "schema")]
mod present {
    use std::collections::BTreeMap;

    use super::keywords::{ANNOTATIONS, DEFINITIONS, KEYS};
    use super::refused;
    use super::values::written;
    use crate::DiagnosticCode as Code;
    use crate::document::Matcher;
    use crate::document::schema::Schema;
    use crate::matcher::schema::{Id, Keywords, Node as Judged};
    use crate::read::faults::Faults;
    use crate::read::fields::{Fields, shown, wrong_type};
    use crate::read::node::{Node, Span, Value};

    /// The deepest nesting of schemas.
    const MAX_DEPTH: u32 = 32;
    /// The most schemas in one.
    const MAX_SCHEMAS: usize = 1024;

    /// Reads `schema`.
    pub(in crate::read) fn schema(
        node: &Node<'_>,
        _: Span,
        faults: &Faults<'_>,
    ) -> Option<Matcher> {
        let fields = Fields::open(node, "a schema", faults)?;
        let asks_nothing = fields
            .entries()
            .iter()
            .all(|entry| ANNOTATIONS.contains(&entry.key) || DEFINITIONS.contains(&entry.key));
        if asks_nothing {
            let message = "the schema asks nothing";
            let help = "say what the value has to be, as in `type = \"object\"`";
            faults.add_with_help(Code::EmptyCondition, node.span, message, help);
        }
        let mut reader = Reader {
            faults,
            judged: Vec::new(),
            spans: Vec::new(),
            depth: 0,
            defined: BTreeMap::new(),
            references: Vec::new(),
        };
        reader.one(node)?;
        reader.refer();
        let Reader { judged, spans, .. } = reader;
        match Schema::new(written(node), judged) {
            Ok(schema) => Some(Matcher::Schema(schema)),
            Err(Id(at)) => {
                let span = spans.get(at).copied().unwrap_or(node.span);
                let message = "the schema leads back to itself for the same value";
                let help = "let a `$ref` in a circle stand in a member or an item";
                faults.add_with_help(Code::MisplacedKey, span, message, help);
                None
            }
        }
    }

    /// Reads schemas into a list.
    pub(in crate::read::schema) struct Reader<'n, 't> {
        pub(in crate::read::schema) faults: &'n Faults<'n>,
        judged: Vec<Judged>,
        /// Where each of `judged` stands.
        spans: Vec<Span>,
        /// So many schemas are around.
        depth: u32,
        /// By table and name.
        defined: BTreeMap<(&'t str, &'t str), Id>,
        /// What refers, and to what.
        references: Vec<(Id, &'t str, Span)>,
    }

    impl<'n, 't> Reader<'n, 't> {
        /// Reads one schema; `None` where there is none, which has been reported.
        pub(in crate::read::schema) fn one(&mut self, node: &'n Node<'t>) -> Option<Id> {
            let id = Id(self.judged.len());
            if id.0 >= MAX_SCHEMAS {
                if id.0 == MAX_SCHEMAS {
                    let message = format!("more than {MAX_SCHEMAS} schemas in one");
                    self.faults.add(Code::TooMany, node.span, message);
                }
                return None;
            }
            self.spans.push(node.span);
            match node.value {
                Value::Boolean(answer) => {
                    self.judged.push(Judged::Boolean(answer));
                    return Some(id);
                }
                Value::Table(_) => {}
                _ => {
                    wrong_type(node, "a schema: a table, `true` or `false`", self.faults);
                    self.judged.push(Judged::Boolean(false));
                    return None;
                }
            }
            // Its place is taken before those of the schemas in it.
            self.judged.push(Judged::Boolean(false));
            if self.depth >= MAX_DEPTH {
                let message = format!("schemas are nested deeper than {MAX_DEPTH}");
                self.faults.add(Code::TooDeep, node.span, message);
                return None;
            }
            self.depth = self.depth.saturating_add(1);
            let keywords = self.table(node, id);
            self.depth = self.depth.saturating_sub(1);
            if let (Some(keywords), Some(place)) = (keywords, self.judged.get_mut(id.0)) {
                *place = Judged::Keywords(Box::new(keywords));
            }
            Some(id)
        }

        fn table(&mut self, node: &'n Node<'t>, id: Id) -> Option<Keywords> {
            let faults = self.faults;
            let fields = Fields::of_or(node, "a schema", KEYS, refused::is_known, faults)?;
            refused::report(&fields, faults);
            for table in DEFINITIONS {
                let Some(entry) = fields.entry(table) else {
                    continue;
                };
                if id != Id(0) {
                    fields.refuse(table, "stands at the top of a schema");
                    continue;
                }
                let tables = Fields::open(&entry.node, &format!("`{table}`"), faults);
                for entry in tables.map_or(&[][..], |tables| tables.entries()) {
                    if let Some(id) = self.one(&entry.node) {
                        self.defined.insert((table, entry.key), id);
                    }
                }
            }
            if let Some(node) = fields.get("$ref")
                && let Some(target) = crate::read::fields::text(node, "a reference", faults)
            {
                self.references.push((id, target, node.span));
            }
            Some(self.keywords(&fields))
        }

        /// Ties references to what they name.
        fn refer(&mut self) {
            for (from, target, span) in std::mem::take(&mut self.references) {
                let Some((table, name)) = parts(target) else {
                    let message = format!("`{}` is no place in this schema", shown(target));
                    let help = "write `#/$defs/` and a name: nothing is looked up elsewhere";
                    let code = Code::BadPointer;
                    self.faults.add_with_help(code, span, message, help);
                    continue;
                };
                let Some(to) = self.defined.get(&(table, name)).copied() else {
                    let message = format!("no schema is named `{}`", shown(target));
                    let known: Vec<String> = self.defined.keys().map(spelled).collect();
                    let known = known.iter().map(String::as_str);
                    let code = Code::UnknownNamed;
                    self.faults.add_unknown(code, span, message, target, known);
                    continue;
                };
                if let Some(Judged::Keywords(keywords)) = self.judged.get_mut(from.0) {
                    keywords.combined.all.push(to);
                }
            }
        }
    }

    /// The table and the name in a reference.
    fn parts(target: &str) -> Option<(&str, &str)> {
        let (table, name) = target.strip_prefix("#/")?.split_once('/')?;
        // Escapes would be one more way to write a name.
        let plain = !name.contains(['/', '~', '%']);
        (DEFINITIONS.contains(&table) && plain).then_some((table, name))
    }

    fn spelled((table, name): &(&str, &str)) -> String {
        format!("#/{table}/{name}")
    }
}
