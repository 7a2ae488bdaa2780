//! The keywords of one schema.

use std::collections::BTreeMap;

use callgate_types::Decimal;

use super::present::Reader;
use super::values;
use crate::DiagnosticCode as Code;
use crate::document::{Bounds, Pattern};
use crate::matcher::schema::{
    ArrayKeywords, Combined, Divisor, Id, Keywords, Named, NumberKeywords, ObjectKeywords,
    TextKeywords, Types,
};
use crate::read::faults::Faults;
use crate::read::fields::{Fields, array, shown, text, word};
use crate::read::matcher::{decimal, within};
use crate::read::node::{Entry, Node, Span, Value};

/// Keywords that are read.
pub(super) const KEYS: &[&str] = &[
    "title",
    "description",
    "default",
    "examples",
    "$comment",
    "$ref",
    "$defs",
    "definitions",
    "type",
    "enum",
    "const",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "prefixItems",
    "items",
    "contains",
    "minProperties",
    "maxProperties",
    "required",
    "properties",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
];
/// Those that say nothing of a value, and are passed over whatever they hold.
pub(super) const ANNOTATIONS: &[&str] =
    &["title", "description", "default", "examples", "$comment"];
/// Those that hold schemas for `$ref`.
pub(super) const DEFINITIONS: &[&str] = &["$defs", "definitions"];

const TYPES: &[(&str, Types)] = &[
    ("null", Types::NULL),
    ("boolean", Types::BOOLEAN),
    ("integer", Types::INTEGER),
    ("number", Types::NUMBER),
    ("string", Types::TEXT),
    ("array", Types::ARRAY),
    ("object", Types::OBJECT),
];

impl<'n, 't> Reader<'n, 't> {
    pub(super) fn keywords(&mut self, fields: &Fields<'n, 't>) -> Keywords {
        Keywords {
            types: types(fields, self.faults),
            listed: values::listed(fields, self.faults),
            number: number(fields, self.faults),
            text: of_text(fields, self.faults),
            array: self.array(fields),
            object: self.object(fields),
            combined: self.combined(fields),
        }
    }

    fn array(&mut self, fields: &Fields<'n, 't>) -> ArrayKeywords {
        if let Some(node) = fields.get("items")
            && let Value::Array(_) = node.value
        {
            let message = "expected one schema in `items`, found an array";
            let help = "schemas for the first items stand in `prefixItems`";
            let code = Code::WrongType;
            self.faults.add_with_help(code, node.span, message, help);
            return ArrayKeywords::default();
        }
        ArrayKeywords {
            count: within(fields, ["minItems", "maxItems"], self.faults),
            unique: fields.flag("uniqueItems"),
            prefix: self.several(fields, "prefixItems").unwrap_or_default(),
            items: self.at(fields, "items"),
            contains: self.at(fields, "contains"),
        }
    }

    fn object(&mut self, fields: &Fields<'n, 't>) -> ObjectKeywords {
        let faults = self.faults;
        let mut members: BTreeMap<&str, (Option<Id>, bool)> = BTreeMap::new();
        for entry in self.members(fields, "properties") {
            members.insert(entry.key, (self.one(&entry.node), false));
        }
        let names = fields.get("required");
        let names = names.and_then(|node| array(node, "names", faults));
        for node in names.unwrap_or_default() {
            let Some(name) = text(node, "the name of a member", faults) else {
                continue;
            };
            let (_, required) = members.entry(name).or_default();
            if std::mem::replace(required, true) {
                let message = format!("`{}` stands twice in `required`", shown(name));
                faults.add(Code::DuplicateKey, node.span, message);
            }
        }
        let mut patterns = Vec::new();
        for entry in self.members(fields, "patternProperties") {
            let pattern = expression(entry.key, entry.key_span, faults);
            let id = self.one(&entry.node);
            patterns.extend(pattern.zip(id));
        }
        ObjectKeywords {
            count: within(fields, ["minProperties", "maxProperties"], faults),
            required: members.values().filter(|(_, required)| *required).count(),
            named: members
                .into_iter()
                .map(|(name, (schema, required))| Named {
                    name: name.into(),
                    schema,
                    required,
                })
                .collect(),
            patterns,
            others: self.at(fields, "additionalProperties"),
            names: self.at(fields, "propertyNames"),
        }
    }

    fn combined(&mut self, fields: &Fields<'n, 't>) -> Combined {
        let branch = self.at(fields, "if");
        let (then, other) = (self.at(fields, "then"), self.at(fields, "else"));
        match fields.entry("if") {
            None => {
                for key in ["then", "else"] {
                    fields.refuse(key, "stands beside `if`");
                }
            }
            Some(_) if fields.get("then").is_none() && fields.get("else").is_none() => {
                fields.refuse("if", "asks nothing without `then` or `else`");
            }
            Some(_) => {}
        }
        Combined {
            all: self.several(fields, "allOf").unwrap_or_default(),
            any: self.several(fields, "anyOf"),
            one: self.several(fields, "oneOf"),
            not: self.at(fields, "not"),
            branch: branch.map(|condition| (condition, then, other)),
        }
    }

    /// The schema at `key`.
    fn at(&mut self, fields: &Fields<'n, 't>, key: &str) -> Option<Id> {
        fields.get(key).and_then(|node| self.one(node))
    }

    /// The schemas in the array at `key`, which names one at least.
    fn several(&mut self, fields: &Fields<'n, 't>, key: &str) -> Option<Vec<Id>> {
        let items = fields.list(key, "schemas")?;
        Some(items.iter().filter_map(|node| self.one(node)).collect())
    }

    /// The members of the table at `key`, whose keys are the author's.
    fn members(&self, fields: &Fields<'n, 't>, key: &str) -> &'n [Entry<'t>] {
        let node = fields.get(key);
        let table = node.and_then(|node| Fields::open(node, &format!("`{key}`"), self.faults));
        table.map_or(&[], |table| table.entries())
    }
}

fn types(fields: &Fields<'_, '_>, faults: &Faults<'_>) -> Option<Types> {
    let node = fields.get("type")?;
    let Value::Array(_) = node.value else {
        return word(node, TYPES, faults);
    };
    let types = fields.list("type", "types")?.iter();
    let types = types.filter_map(|node| word(node, TYPES, faults));
    types.reduce(Types::with)
}

fn number(fields: &Fields<'_, '_>, faults: &Faults<'_>) -> NumberKeywords {
    let read = |key| {
        fields
            .get(key)
            .and_then(|node| decimal(node, false, faults))
    };
    let bounds = Bounds {
        above: read("exclusiveMinimum"),
        at_least: read("minimum"),
        below: read("exclusiveMaximum"),
        at_most: read("maximum"),
    };
    if is_empty(&bounds) {
        let message = "no number lies between these bounds";
        faults.add(Code::BadRange, fields.span(), message);
    }
    NumberKeywords {
        bounds,
        multiple_of: fields
            .get("multipleOf")
            .and_then(|node| divisor(node, faults)),
    }
}

fn is_empty(bounds: &Bounds) -> bool {
    let low = [(&bounds.above, true), (&bounds.at_least, false)];
    let high = [(&bounds.below, true), (&bounds.at_most, false)];
    low.iter().any(|(low, above)| {
        high.iter().any(|(high, below)| match (low, high) {
            (Some(low), Some(high)) => low > high || ((*above || *below) && low == high),
            _ => false,
        })
    })
}

fn divisor(node: &Node<'_>, faults: &Faults<'_>) -> Option<Divisor> {
    let number: Decimal = decimal(node, false, faults)?;
    let divisor = Divisor::new(&number);
    if divisor.is_none() {
        let digits = Divisor::MAX_DIGITS;
        let message =
            format!("expected a number above 0 of at most {digits} digits in `multipleOf`");
        faults.add(Code::BadNumber, node.span, message);
    }
    divisor
}

fn of_text(fields: &Fields<'_, '_>, faults: &Faults<'_>) -> TextKeywords {
    let source = fields.get("pattern");
    let source = source.and_then(|node| Some((text(node, "a regular expression", faults)?, node)));
    TextKeywords {
        chars: within(fields, ["minLength", "maxLength"], faults),
        pattern: source.and_then(|(source, node)| expression(source, node.span, faults)),
    }
}

fn expression(source: &str, span: Span, faults: &Faults<'_>) -> Option<Pattern> {
    let pattern = Pattern::of_ecma(source);
    if pattern.is_none() {
        let message = format!("`{}` is not read as a regular expression", shown(source));
        let help = "look-around, back-references, `\\p`, flags and what is too large are left out";
        faults.add_with_help(Code::BadPattern, span, message, help);
    }
    pattern
}
