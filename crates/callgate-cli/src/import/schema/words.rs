//! The keywords of JSON Schema.

use callgate::{JsonKind, JsonRef};

/// Keywords that say nothing about values, some of them as `OpenAPI` writes schemas.
const NOTES: &[&str] = &[
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$id",
    "$schema",
    "$vocabulary",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "default",
    "definitions",
    "deprecated",
    "description",
    "discriminator",
    "example",
    "examples",
    "externalDocs",
    "id",
    "nullable",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];
/// Keywords of each type.
const TEXT: &[&str] = &["format", "maxLength", "minLength", "pattern"];
const NUMBER: &[&str] = &[
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maximum",
    "minimum",
    "multipleOf",
];
const ARRAY: &[&str] = &[
    "additionalItems",
    "contains",
    "items",
    "maxContains",
    "maxItems",
    "minContains",
    "minItems",
    "prefixItems",
    "unevaluatedItems",
    "uniqueItems",
];
const OBJECT: &[&str] = &[
    "additionalProperties",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "maxProperties",
    "minProperties",
    "patternProperties",
    "properties",
    "propertyNames",
    "required",
    "unevaluatedProperties",
];
/// Keywords that are read, or noticed where they are read.
const READ: &[&str] = &[
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "oneOf",
    "pattern",
    "patternProperties",
    "properties",
    "required",
    "type",
];

/// Whether a keyword may say something about values.
pub(super) fn asserts(key: &str) -> bool {
    !NOTES.contains(&key) && !key.starts_with("x-")
}

/// Whether a keyword says something about values that nobody reads.
pub(super) fn is_unread(key: &str, value: JsonRef<'_>) -> bool {
    let says_nothing = match key {
        "uniqueItems" => value.as_bool() == Some(false),
        "additionalItems" | "unevaluatedItems" => value.as_bool() == Some(true),
        // The world of arguments is closed in any case.
        "unevaluatedProperties" => value.as_bool().is_some(),
        "dependentRequired" | "dependentSchemas" | "dependencies" => {
            value.kind() == JsonKind::Object && value.is_empty()
        }
        _ => false,
    };
    asserts(key) && !READ.contains(&key) && !says_nothing
}

/// A type of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Null,
    Boolean,
    Text,
    Integer,
    Number,
    Array,
    Object,
}

impl Type {
    const fn of(word: &str) -> Option<Self> {
        Some(match word.as_bytes() {
            b"null" => Self::Null,
            b"boolean" => Self::Boolean,
            b"string" => Self::Text,
            b"integer" => Self::Integer,
            b"number" => Self::Number,
            b"array" => Self::Array,
            b"object" => Self::Object,
            _ => return None,
        })
    }

    /// The word for this type in a schema.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    /// Whether every value of the other type is of this one.
    pub(super) fn includes(self, other: Self) -> bool {
        self == other || (self == Self::Number && other == Self::Integer)
    }

    /// Whether `value` is of this type.
    pub(super) fn holds(self, value: JsonRef<'_>) -> bool {
        match value.kind() {
            JsonKind::Null => self == Self::Null,
            JsonKind::Boolean => self == Self::Boolean,
            JsonKind::Text => self == Self::Text,
            JsonKind::Number => {
                let whole = value.as_number().is_some_and(|number| number.has_scale(0));
                self == Self::Number || (self == Self::Integer && whole)
            }
            JsonKind::Array => self == Self::Array,
            JsonKind::Object => self == Self::Object,
            _ => false,
        }
    }

    /// The types that a schema states, each once; `None` where it states none.
    pub(super) fn stated(schema: JsonRef<'_>) -> Result<Option<Vec<Self>>, &'static str> {
        const UNKNOWN: &str = "the type is not known: anything is accepted";
        let mut types = match schema.get("type") {
            None => return Ok(None),
            Some(one) if one.kind() == JsonKind::Text => {
                vec![one.as_str().and_then(Self::of).ok_or(UNKNOWN)?]
            }
            Some(several) if several.kind() == JsonKind::Array && !several.is_empty() => {
                let mut types = Vec::new();
                for word in several.items() {
                    let one = word.as_str().and_then(Self::of).ok_or(UNKNOWN)?;
                    if !types.contains(&one) {
                        types.push(one);
                    }
                }
                types
            }
            Some(_) => return Err(UNKNOWN),
        };
        if types.contains(&Self::Number) {
            types.retain(|one| *one != Self::Integer);
        }
        Ok(Some(types))
    }

    /// The types that the keywords of a schema are about.
    pub(super) fn implied(schema: JsonRef<'_>) -> Vec<Self> {
        let families = [
            (Self::Text, TEXT),
            (Self::Number, NUMBER),
            (Self::Array, ARRAY),
            (Self::Object, OBJECT),
        ];
        let mut implied = Vec::new();
        for (one, words) in families {
            if schema.members().any(|(key, _)| words.contains(&key)) {
                implied.push(one);
            }
        }
        implied
    }
}
