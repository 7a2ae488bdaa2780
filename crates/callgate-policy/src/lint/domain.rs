//! Which values are left after several matchers, as far as that is easy to tell.

use std::cmp::Ordering;

use callgate_types::Decimal;

use crate::document::{Bounds, Matcher, Operand, Scalar};

/// The values that meet every matcher so far. It may hold too many, never too few.
#[derive(Clone, Default)]
pub(super) struct Domain<'m> {
    kind: Option<Kind>,
    listed: Option<Vec<&'m Scalar>>,
    bounds: Vec<&'m Bounds>,
    length: (u64, Option<u64>),
    present: Option<bool>,
    /// Whether a matcher asks for a value.
    valued: bool,
    /// Whether it must be both there and not there.
    torn: bool,
}

/// What sort of value a matcher speaks about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Boolean,
    Array,
}

impl Kind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Array => "an array",
        }
    }

    const fn of(scalar: &Scalar) -> Self {
        match scalar {
            Scalar::Text(_) => Self::Text,
            Scalar::Number(_) => Self::Number,
            Scalar::Boolean(_) => Self::Boolean,
        }
    }

    /// The sort of value that meets `matcher`, if it is only one. The nesting of the document
    /// bounds the recursion.
    pub(super) fn of_matcher(matcher: &Matcher) -> Option<Self> {
        match matcher {
            Matcher::All(matchers) => matchers.iter().find_map(Self::of_matcher),
            Matcher::Equals(Operand::Literal(scalar)) => Some(Self::of(scalar)),
            Matcher::OneOf(scalars) => {
                let mut kinds = scalars.iter().map(Self::of);
                let first = kinds.next()?;
                kinds.all(|kind| kind == first).then_some(first)
            }
            Matcher::Matches(_)
            | Matcher::Text { .. }
            | Matcher::Shell(_)
            | Matcher::ShellDeny(_) => Some(Self::Text),
            Matcher::Integer(_) | Matcher::Decimal { .. } => Some(Self::Number),
            Matcher::Boolean => Some(Self::Boolean),
            Matcher::Array { .. } => Some(Self::Array),
            _ => None,
        }
    }
}

impl<'m> Domain<'m> {
    /// Leaves out what does not meet `matcher`.
    pub(super) fn meet(&mut self, matcher: &'m Matcher) {
        if let Matcher::All(matchers) = matcher {
            for inner in matchers {
                self.meet(inner);
            }
            return;
        }
        self.kind = self.kind.or_else(|| Kind::of_matcher(matcher));
        match matcher {
            Matcher::Equals(Operand::Literal(scalar)) => self.list(std::slice::from_ref(scalar)),
            Matcher::OneOf(scalars) => self.list(scalars),
            Matcher::Integer(bounds) | Matcher::Decimal { bounds, .. } => self.bounds.push(bounds),
            Matcher::Text { chars } => self.count(chars.min, chars.max),
            Matcher::Length(span) => self.count(span.min, span.max),
            Matcher::Present(present) => {
                self.torn |= self.present.is_some_and(|before| before != *present);
                self.present = Some(*present);
            }
            _ => {}
        }
        self.valued |= !matches!(matcher, Matcher::Present(_));
    }

    /// Whether surely nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        let (min, max) = self.length;
        let absent = self.torn || (self.valued && self.present == Some(false));
        if absent || max.is_some_and(|max| max < min) {
            return true;
        }
        match &self.listed {
            Some(listed) => !listed.iter().any(|scalar| self.may_be(scalar)),
            None => self.is_between_nothing(),
        }
    }

    fn list(&mut self, scalars: &'m [Scalar]) {
        let known = self.listed.take();
        let inside = |scalar: &&Scalar| known.as_ref().is_none_or(|known| known.contains(scalar));
        self.listed = Some(scalars.iter().filter(inside).collect());
    }

    fn count(&mut self, min: u64, max: u64) {
        let (least, most) = self.length;
        self.length = (least.max(min), Some(most.map_or(max, |most| most.min(max))));
    }

    fn may_be(&self, scalar: &Scalar) -> bool {
        match scalar {
            Scalar::Number(number) => self.bounds.iter().all(|bounds| contains(bounds, number)),
            Scalar::Text(text) => {
                let chars = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
                let (min, max) = self.length;
                min <= chars && max.is_none_or(|max| chars <= max)
            }
            Scalar::Boolean(_) => true,
        }
    }

    /// Whether one lower bound is above one upper bound.
    fn is_between_nothing(&self) -> bool {
        let lower = self.bounds.iter().flat_map(|bounds| {
            let open = bounds.above.iter().map(|limit| (limit, true));
            open.chain(bounds.at_least.iter().map(|limit| (limit, false)))
        });
        lower.into_iter().any(|(low, open)| {
            self.bounds.iter().any(|bounds| {
                let below = bounds.below.as_ref();
                let most = bounds.at_most.as_ref();
                below.is_some_and(|high| compare(low, high) != Ordering::Less)
                    || most.is_some_and(|high| match compare(low, high) {
                        Ordering::Less => false,
                        Ordering::Equal => open,
                        Ordering::Greater => true,
                    })
            })
        })
    }
}

fn contains(bounds: &Bounds, number: &Decimal) -> bool {
    let meets = |limit: &Option<Decimal>, wanted: &[Ordering]| {
        let limit = limit.as_ref();
        limit.is_none_or(|limit| wanted.contains(&compare(number, limit)))
    };
    meets(&bounds.above, &[Ordering::Greater])
        && meets(&bounds.at_least, &[Ordering::Greater, Ordering::Equal])
        && meets(&bounds.below, &[Ordering::Less])
        && meets(&bounds.at_most, &[Ordering::Less, Ordering::Equal])
}

fn compare(one: &Decimal, other: &Decimal) -> Ordering {
    other.compare(one.as_number())
}
