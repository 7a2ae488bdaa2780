//! The matchers: total functions from a value to yes, no or unknown.
//!
//! One file each, which says what the matcher protects. All of them agree on three things: an
//! unknown value is unknown; an absent one is no; and one of a type that the matcher does not
//! speak about, `null` included, is unknown, never coerced. Only `present` looks at absence, and
//! only `schema` speaks about every type.

mod array;
mod boolean;
mod closed;
mod decimal;
mod email;
mod equals;
mod integer;
mod length;
mod limits;
mod matches;
mod one_of;
mod path;
mod present;
mod same;
#[cfg(feature = "schema")]
mod schema;
mod sequence;
mod shell;
#[cfg(feature = "sql")]
mod sql;
mod text;
#[cfg(feature = "url")]
mod url;

pub(crate) use array::Array;
pub(crate) use closed::Closed;
pub(crate) use limits::Limits;
pub(crate) use one_of::Choice;
pub(crate) use path::PathTest;
pub(crate) use sequence::Sequence;
#[cfg(feature = "sql")]
pub(crate) use sql::SqlTest;

use callgate_types::{Json, JsonKind, JsonRef};

use super::{Scene, Truth, Value};
use crate::compile::Source;
use crate::document::email::EmailSpec;
#[cfg(feature = "schema")]
use crate::document::schema::Schema;
use crate::document::shell::Shell;
use crate::document::shell::deny::Deny;
#[cfg(feature = "url")]
use crate::document::url::UrlSpec;
use crate::document::{Pattern, Scalar, Span64};

/// A compiled matcher.
#[derive(Debug)]
pub(crate) enum Test {
    All(Box<[Test]>),
    Any(Box<[Test]>),
    Nullable(Box<Test>),
    Open,
    Object(Box<Closed>),
    Path(Box<PathTest>),
    #[cfg(feature = "url")]
    Url(Box<UrlSpec>),
    #[cfg(feature = "sql")]
    Sql(Box<SqlTest>),
    #[cfg(feature = "schema")]
    Schema(Schema),
    Email(Box<EmailSpec>),
    Equals(Box<Scalar>),
    Same(Source),
    OneOf(Box<Choice>),
    Matches(Pattern),
    /// As `Matches`, for an expression that is simple enough.
    Sequence(Box<Sequence>),
    Text(Span64),
    Integer(Limits),
    Decimal(Limits),
    /// As `Decimal`, with at most so many decimal places.
    Scaled(u32, Limits),
    Boolean,
    Length(Span64),
    Array(Box<Array>),
    Shell(Box<Shell>),
    ShellDeny(Box<Deny>),
    Present(bool),
}

impl Test {
    /// Whether `value` passes; operands are looked up in `scene`.
    #[inline(never)]
    pub(crate) fn holds(&self, value: Value<'_>, scene: &Scene<'_>) -> Truth {
        if let Value::Json(json) = value {
            return self.holds_of(json, scene);
        }
        self.holds_elsewhere(value, scene)
    }

    /// As [`Test::holds`], for what arguments mostly are, spelled out where it is called.
    #[expect(
        clippy::inline_always,
        reason = "where arguments and conditions are judged, values stay in registers"
    )]
    #[inline(always)]
    pub(super) fn holds_of(&self, json: JsonRef<'_>, scene: &Scene<'_>) -> Truth {
        match self {
            Self::Decimal(limits) => limits.holds_of(json),
            Self::Text(chars) | Self::Length(chars) if length::surely_within(*chars, json) => {
                Truth::Yes
            }
            Self::Scaled(places, limits) => decimal::holds_of(limits, *places, json),
            Self::Integer(limits) if json.is_integer() == Some(true) => limits.holds_of(json),
            Self::Same(Source::Tenant) => same::is_tenant(json, scene),
            Self::OneOf(choice) => choice.holds_of(json),
            Self::Sequence(sequence) => matches::simply_holds(sequence, json),
            // A value in two words stays in registers.
            _ => self.holds_at(json.json(), json.index(), scene),
        }
    }

    #[inline(never)]
    fn holds_at(&self, json: &Json, index: u32, scene: &Scene<'_>) -> Truth {
        match json.element(index) {
            Some(json) => self.holds_elsewhere(Value::Json(json), scene),
            None => Truth::Unknown,
        }
    }

    /// As [`Test::holds`], for what is too long to stand wherever a matcher is asked.
    #[inline(never)]
    fn holds_elsewhere(&self, value: Value<'_>, scene: &Scene<'_>) -> Truth {
        if let Value::Unknown = value {
            return Truth::Unknown;
        }
        match self {
            Self::All(tests) => Truth::all(tests.iter().map(|test| test.holds(value, scene))),
            Self::Any(tests) => Truth::any(tests.iter().map(|test| test.holds(value, scene))),
            Self::Nullable(_) if value.kind() == Some(JsonKind::Null) => Truth::Yes,
            Self::Nullable(inner) => inner.holds(value, scene),
            Self::Open => present::holds(true, value),
            Self::Object(closed) => closed.holds(value, scene),
            Self::Path(path) => path.holds(value, scene),
            #[cfg(feature = "url")]
            Self::Url(spec) => url::holds(spec, value),
            #[cfg(feature = "sql")]
            Self::Sql(sql) => sql.holds(value, scene),
            #[cfg(feature = "schema")]
            Self::Schema(schema) => schema::holds(schema, value),
            Self::Email(spec) => email::holds(spec, value),
            Self::Equals(scalar) => equals::holds(scalar, value),
            Self::Same(source) => same::holds(scene.read(*source), value),
            Self::OneOf(choice) => choice.holds(value),
            Self::Matches(pattern) => matches::holds(pattern, value),
            Self::Sequence(sequence) => match value {
                Value::Json(json) => matches::simply_holds(sequence, json),
                Value::Text(text) => sequence.is_match(text.as_bytes()).into(),
                other => of_another_type(other),
            },
            Self::Text(chars) => text::holds(*chars, value),
            Self::Integer(limits) => integer::holds(limits, value),
            Self::Decimal(limits) => decimal::holds(limits, None, value),
            Self::Scaled(places, limits) => decimal::holds(limits, Some(*places), value),
            Self::Boolean => boolean::holds(value),
            Self::Length(span) => length::holds(*span, value),
            Self::Array(array) => array.holds(value, scene),
            Self::Shell(shell) => shell::holds(shell, value),
            Self::ShellDeny(deny) => shell::denies(deny, value),
            Self::Present(expected) => present::holds(*expected, value),
        }
    }

    /// The word in policies for the matcher that `value` does not pass.
    pub(crate) fn refusing_word(&self, value: Value<'_>, scene: &Scene<'_>) -> &'static str {
        match self {
            Self::All(tests) => tests
                .iter()
                .find(|test| test.holds(value, scene) != Truth::Yes)
                .map_or("all", |test| test.refusing_word(value, scene)),
            Self::Any(_) => "any",
            Self::Nullable(inner) => inner.refusing_word(value, scene),
            Self::Open => "open",
            Self::Object(_) => "members",
            Self::Path(_) => "path",
            #[cfg(feature = "url")]
            Self::Url(_) => "url",
            #[cfg(feature = "sql")]
            Self::Sql(_) => "sql",
            #[cfg(feature = "schema")]
            Self::Schema(_) => "schema",
            Self::Email(_) => "email",
            Self::Equals(_) | Self::Same(_) => "equals",
            Self::OneOf(_) => "one_of",
            Self::Matches(_) | Self::Sequence(_) => "matches",
            Self::Text(_) => "text",
            Self::Integer(_) => "integer",
            Self::Decimal(_) | Self::Scaled(..) => "decimal",
            Self::Boolean => "boolean",
            Self::Length(_) => "length",
            Self::Array(_) => "array",
            Self::Shell(_) | Self::ShellDeny(_) => "shell",
            Self::Present(_) => "present",
        }
    }

    /// How much work the matcher is: of several, the cheap ones go first.
    pub(crate) fn cost(&self) -> u32 {
        match self {
            Self::Boolean | Self::Present(_) | Self::Open => 0,
            Self::Integer(_) | Self::Decimal(_) | Self::Scaled(..) | Self::Equals(_) => 1,
            Self::OneOf(_) | Self::Same(_) => 2,
            Self::Text(_) | Self::Length(_) => 3,
            Self::Sequence(_) => 4,
            Self::Matches(_) => 10,
            Self::Shell(_) => 20,
            Self::ShellDeny(_) => 40,
            Self::Email(_) => 6,
            Self::Path(_) => 12,
            #[cfg(feature = "url")]
            Self::Url(_) => 14,
            #[cfg(feature = "sql")]
            Self::Sql(_) => 50,
            #[cfg(feature = "schema")]
            Self::Schema(_) => 30,
            Self::Nullable(inner) => inner.cost(),
            Self::Object(closed) => closed.cost(),
            Self::All(tests) | Self::Any(tests) => {
                tests.iter().map(Self::cost).fold(1, u32::saturating_add)
            }
            Self::Array(array) => array.cost(),
        }
    }
}

/// No for what is absent, unknown for whatever else a matcher does not speak about.
#[inline]
fn of_another_type(value: Value<'_>) -> Truth {
    match value {
        Value::Absent => Truth::No,
        _ => Truth::Unknown,
    }
}

#[inline]
const fn kind_of(scalar: &Scalar) -> JsonKind {
    match scalar {
        Scalar::Text(_) => JsonKind::Text,
        Scalar::Number(_) => JsonKind::Number,
        Scalar::Boolean(_) => JsonKind::Boolean,
    }
}
