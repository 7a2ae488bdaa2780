//! A schema as it is judged: a list of schemas that name one another by place.

use callgate_types::{Json, JsonKind, JsonRef};

use super::Divisor;
use crate::document::{Bounds, Pattern, Span64};

/// The place of a schema in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id(pub(crate) usize);

/// One schema.
pub(crate) enum Node {
    /// `true` takes every value, `false` none.
    Boolean(bool),
    Keywords(Box<Keywords>),
}

/// What a schema asks; all of it has to hold.
#[derive(Default)]
pub(crate) struct Keywords {
    pub(crate) types: Option<Types>,
    /// The value is in each of these lists: `enum`, `const`.
    pub(crate) listed: Vec<Box<[Json]>>,
    pub(crate) number: NumberKeywords,
    pub(crate) text: TextKeywords,
    pub(crate) array: ArrayKeywords,
    pub(crate) object: ObjectKeywords,
    pub(crate) combined: Combined,
}

/// What is asked of a number.
#[derive(Default)]
pub(crate) struct NumberKeywords {
    pub(crate) bounds: Bounds,
    pub(crate) multiple_of: Option<Divisor>,
}

/// What is asked of a text.
pub(crate) struct TextKeywords {
    pub(crate) chars: Span64,
    pub(crate) pattern: Option<Pattern>,
}

/// What is asked of an array.
pub(crate) struct ArrayKeywords {
    pub(crate) count: Span64,
    pub(crate) unique: bool,
    /// For the first items, one each.
    pub(crate) prefix: Vec<Id>,
    /// For the items behind those.
    pub(crate) items: Option<Id>,
    pub(crate) contains: Option<Id>,
}

/// What is asked of an object.
pub(crate) struct ObjectKeywords {
    pub(crate) count: Span64,
    /// Members that are named, ordered by the bytes of the name.
    pub(crate) named: Vec<Named>,
    /// How many of `named` have to be there.
    pub(crate) required: usize,
    pub(crate) patterns: Vec<(Pattern, Id)>,
    /// For members that neither a schema of `named` nor one of `patterns` is for.
    pub(crate) others: Option<Id>,
    /// For every name.
    pub(crate) names: Option<Id>,
}

/// A member that `properties` or `required` names.
pub(crate) struct Named {
    pub(crate) name: Box<str>,
    pub(crate) schema: Option<Id>,
    pub(crate) required: bool,
}

/// What is asked of the same value by other schemas.
#[derive(Default)]
pub(crate) struct Combined {
    /// `$ref` and `allOf`.
    pub(crate) all: Vec<Id>,
    pub(crate) any: Option<Vec<Id>>,
    pub(crate) one: Option<Vec<Id>>,
    pub(crate) not: Option<Id>,
    /// `if`, `then`, `else`.
    pub(crate) branch: Option<(Id, Option<Id>, Option<Id>)>,
}

/// Types of values.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Types(u8);

impl Types {
    pub(crate) const NULL: Self = Self(1);
    pub(crate) const BOOLEAN: Self = Self(2);
    pub(crate) const INTEGER: Self = Self(4);
    /// Whole ones, too.
    pub(crate) const NUMBER: Self = Self(8 | 4);
    pub(crate) const TEXT: Self = Self(16);
    pub(crate) const ARRAY: Self = Self(32);
    pub(crate) const OBJECT: Self = Self(64);

    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `value` is of one of the types. A number is an integer by its value: `1.0` is.
    pub(super) fn contain(self, value: JsonRef<'_>) -> bool {
        let types = match value.kind() {
            JsonKind::Null => Self::NULL,
            JsonKind::Boolean => Self::BOOLEAN,
            JsonKind::Number if self.0 & Self::NUMBER.0 == Self::INTEGER.0 => {
                return value.has_scale(0) == Some(true);
            }
            JsonKind::Number => Self::NUMBER,
            JsonKind::Text => Self::TEXT,
            JsonKind::Array => Self::ARRAY,
            JsonKind::Object => Self::OBJECT,
            _ => return false,
        };
        self.0 & types.0 != 0
    }
}

impl Keywords {
    /// The schemas that are asked of the same value.
    pub(super) fn in_place(&self) -> impl Iterator<Item = Id> {
        let Combined {
            all,
            any,
            one,
            not,
            branch,
        } = &self.combined;
        let lists = any.iter().chain(one).flatten().copied();
        let branch = branch.map(|(condition, then, other)| [Some(condition), then, other]);
        let branch = branch.into_iter().flatten().flatten();
        all.iter().copied().chain(lists).chain(*not).chain(branch)
    }
}

impl ObjectKeywords {
    pub(super) fn find(&self, name: &str) -> Option<&Named> {
        let found = self.named.binary_search_by(|one| (*one.name).cmp(name));
        found.ok().and_then(|at| self.named.get(at))
    }
}

impl Default for TextKeywords {
    fn default() -> Self {
        Self {
            chars: Span64::ANY,
            pattern: None,
        }
    }
}

impl Default for ArrayKeywords {
    fn default() -> Self {
        Self {
            count: Span64::ANY,
            unique: false,
            prefix: Vec::new(),
            items: None,
            contains: None,
        }
    }
}

impl Default for ObjectKeywords {
    fn default() -> Self {
        Self {
            count: Span64::ANY,
            named: Vec::new(),
            required: 0,
            patterns: Vec::new(),
            others: None,
            names: None,
        }
    }
}
