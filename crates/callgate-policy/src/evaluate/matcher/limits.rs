//! Bounds on a number, as `integer` and `decimal` share them.

use callgate_types::{Decimal, Number};

use crate::document::Bounds;

/// Bounds, compared by exact value.
#[derive(Debug)]
pub(crate) struct Limits(Box<[Limit]>);

#[derive(Debug)]
enum Limit {
    Above(Decimal),
    AtLeast(Decimal),
    Below(Decimal),
    AtMost(Decimal),
}

impl Limits {
    pub(crate) fn new(bounds: &Bounds) -> Self {
        let stated = [
            bounds.above.clone().map(Limit::Above),
            bounds.at_least.clone().map(Limit::AtLeast),
            bounds.below.clone().map(Limit::Below),
            bounds.at_most.clone().map(Limit::AtMost),
        ];
        Self(stated.into_iter().flatten().collect())
    }

    #[inline]
    pub(super) fn admit(&self, number: Number<'_>) -> bool {
        self.0.iter().all(|limit| match limit {
            Limit::Above(limit) => limit.compare(number).is_gt(),
            Limit::AtLeast(limit) => limit.compare(number).is_ge(),
            Limit::Below(limit) => limit.compare(number).is_lt(),
            Limit::AtMost(limit) => limit.compare(number).is_le(),
        })
    }
}
