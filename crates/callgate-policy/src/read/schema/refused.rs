//! Keywords of JSON Schema that are not read, and what to write instead.
//!
//! A validator passes over what it does not know. Here that would be a demand of the author that
//! nobody holds, so each is an error.

use crate::DiagnosticCode as Code;
use crate::read::faults::Faults;
use crate::read::fields::{Fields, shown};
use crate::read::node::Value;

const DRAFT: &str = "leave it out: schemas are read as draft 2020-12, and stand alone";
const NAMED: &str = "put the schema in `$defs`, and name it in `$ref`";
const CLOSED: &str = "name all members in one schema with `additionalProperties`";
const BRANCH: &str = "write `if` with `required`, and `then`";
const NOTHING: &str = "leave it out: it asks nothing of a value";

const REFUSED: &[(&str, &str)] = &[
    ("$anchor", NAMED),
    ("$dynamicAnchor", NAMED),
    ("$dynamicRef", NAMED),
    ("$id", DRAFT),
    ("$recursiveAnchor", NAMED),
    ("$recursiveRef", NAMED),
    ("$schema", DRAFT),
    ("$vocabulary", DRAFT),
    ("additionalItems", "write `items` beside `prefixItems`"),
    ("contentEncoding", NOTHING),
    ("contentMediaType", NOTHING),
    ("contentSchema", NOTHING),
    ("dependencies", BRANCH),
    ("dependentRequired", BRANCH),
    ("dependentSchemas", BRANCH),
    ("deprecated", NOTHING),
    ("id", DRAFT),
    ("maxContains", "only `contains` counts items: one at least"),
    ("minContains", "only `contains` counts items: one at least"),
    (
        "nullable",
        "write the types, as in `type = [\"string\", \"null\"]`",
    ),
    ("readOnly", NOTHING),
    ("unevaluatedItems", "write `items` beside `prefixItems`"),
    ("unevaluatedProperties", CLOSED),
    ("writeOnly", NOTHING),
];

const FORMAT: &str = "format";

/// Whether `key` is one of them.
pub(super) fn is_known(key: &str) -> bool {
    key == FORMAT || REFUSED.iter().any(|(word, _)| *word == key)
}

/// Reports each that stands in a schema.
pub(super) fn report(fields: &Fields<'_, '_>, faults: &Faults<'_>) {
    for entry in fields.entries() {
        let message = format!("`{}` is not read in a schema", shown(entry.key));
        let help = if entry.key == FORMAT {
            of_format(&entry.node.value)
        } else if let Some((_, help)) = REFUSED.iter().find(|(word, _)| *word == entry.key) {
            help
        } else {
            continue;
        };
        faults.add_with_help(Code::UnknownKey, entry.key_span, message, help);
    }
}

/// What to write in place of a format: readers differ on what formats ask.
const fn of_format(value: &Value<'_>) -> &'static str {
    let Value::Text(format) = value else {
        return "write a `pattern`, or a matcher that reads the text";
    };
    match format.as_bytes() {
        b"uri" | b"url" | b"iri" => "the matcher `url` reads addresses of the web",
        b"email" | b"idn-email" => "the matcher `email` reads addresses of mail",
        b"hostname" | b"idn-hostname" | b"ipv4" | b"ipv6" => {
            "the matcher `url` reads hosts in a URL; write a `pattern` for one alone"
        }
        b"regex" => "an expression of a caller is bounded by `maxLength` alone",
        _ => "write a `pattern`, or a matcher that reads the text",
    }
}
