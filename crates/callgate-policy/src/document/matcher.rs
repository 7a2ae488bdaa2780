//! Typed predicates on one value.

use callgate_types::Decimal;

use super::email::EmailSpec;
use super::path::PathSpec;
#[cfg(feature = "schema")]
use super::schema::Schema;
use super::shell::Shell;
use super::shell::deny::Deny;
#[cfg(feature = "sql")]
use super::sql::SqlSpec;
#[cfg(feature = "url")]
use super::url::UrlSpec;
use super::{Argument, Fact, Pattern};

/// A predicate on one value: yes, no or unknown.
///
/// A value of another type than the matcher speaks about is unknown, and so is `null`; but a
/// schema speaks about all.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Matcher {
    /// Every one holds; written as several matchers in one table.
    All(Vec<Matcher>),
    /// At least one holds.
    Any(Vec<Matcher>),
    /// The value is `null`, or this holds.
    Nullable(Box<Matcher>),
    /// Any value that is there, also `null`. Around other arguments: an object that may hold what
    /// is not declared.
    Open,
    /// An object in which these stand and nothing else. Ordered by the bytes of the pointer.
    Object(Vec<Argument>),
    /// The value is this one, of the same type; numbers by exact value.
    Equals(Operand),
    /// The value is one of these.
    OneOf(Vec<Scalar>),
    /// The whole text matches.
    Matches(Pattern),
    /// A text of so many characters.
    Text {
        /// Bounds on the number of Unicode scalar values.
        chars: Span64,
    },
    /// A number written as an integer, within bounds.
    Integer(Box<Bounds>),
    /// A number within bounds, by exact value.
    Decimal {
        /// The bounds.
        bounds: Box<Bounds>,
        /// How many decimal places the value may need.
        scale: Option<u32>,
    },
    /// `true` or `false`.
    Boolean,
    /// So many characters of a text, or items of an array.
    Length(Span64),
    /// An array.
    Array {
        /// Bounds on the number of items.
        items: Span64,
        /// Must hold of every item; yes for an empty array.
        each: Option<Box<Matcher>>,
        /// Must hold of at least one item; no for an empty array.
        some: Option<Box<Matcher>>,
    },
    /// A path of a POSIX file system.
    Path(Box<PathSpec>),
    /// An `http` or `https` URL.
    #[cfg(feature = "url")]
    Url(Box<UrlSpec>),
    /// A statement of SQL that does no more than this.
    #[cfg(feature = "sql")]
    Sql(Box<SqlSpec>),
    /// A value that a JSON Schema describes, of any type.
    #[cfg(feature = "schema")]
    Schema(Schema),
    /// One bare address.
    Email(Box<EmailSpec>),
    /// A command line for `bash -c` of which every command is listed.
    Shell(Box<Shell>),
    /// A command line for `bash -c` in which no listed command is seen to run.
    ShellDeny(Box<Deny>),
    /// Whether the value is there at all: the only matcher that tells absent from present.
    Present(bool),
}

/// What a value is compared with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Operand {
    /// A value written in the policy.
    Literal(Scalar),
    /// A value that the host or the call supplies, with its type.
    Fact(Fact),
}

/// A value written in a policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scalar {
    /// Text.
    Text(Box<str>),
    /// A number.
    Number(Decimal),
    /// `true` or `false`.
    Boolean(bool),
}

/// Bounds on a number, compared by exact value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounds {
    /// Greater than this.
    pub above: Option<Decimal>,
    /// This or greater.
    pub at_least: Option<Decimal>,
    /// Less than this.
    pub below: Option<Decimal>,
    /// This or less.
    pub at_most: Option<Decimal>,
}

/// Bounds on a count; both ends count as inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Span64 {
    /// At least so many.
    pub min: u64,
    /// At most so many.
    pub max: u64,
}

impl Span64 {
    /// Any count.
    pub const ANY: Self = Self {
        min: 0,
        max: u64::MAX,
    };

    /// Whether `count` is inside.
    pub const fn contains(self, count: u64) -> bool {
        self.min <= count && count <= self.max
    }
}
