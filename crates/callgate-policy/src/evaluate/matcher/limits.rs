//! Bounds on a number, as `integer` and `decimal` share them.

use callgate_types::{Decimal, JsonRef, Number};

use super::Truth;
use crate::document::Bounds;

/// Bounds, compared by exact value.
#[derive(Debug)]
pub(crate) struct Limits {
    /// The least and the largest number of millionths. Where the first is above the other, a bound
    /// is no such number, or nothing is within.
    least: i64,
    most: i64,
    /// The bounds as they are stated, where the range of millionths does not say it all.
    exact: Option<Box<Exact>>,
}

#[derive(Debug)]
struct Exact(Box<[Limit]>);

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
        let exact: Box<[Limit]> = stated.into_iter().flatten().collect();
        let all = Some((i64::MIN, i64::MAX));
        let is_said = exact.iter().all(Limit::is_said);
        let within = exact.iter().fold(all, |all, limit| limit.within(all?));
        let (least, most) = within.unwrap_or((i64::MAX, i64::MIN));
        Self {
            least,
            most,
            exact: (!is_said).then(|| Box::new(Exact(exact))),
        }
    }

    /// Whether the number is within the bounds; unknown of what is no number.
    #[inline]
    pub(super) fn holds_of(&self, json: JsonRef<'_>) -> Truth {
        match json.in_millionths() {
            Some(number) if self.least <= number && number <= self.most => Truth::Yes,
            Some(_) if self.least <= self.most => Truth::No,
            _ => self.holds_exactly(json),
        }
    }

    #[cold]
    #[inline(never)]
    fn holds_exactly(&self, json: JsonRef<'_>) -> Truth {
        let Some(number) = json.as_number() else {
            return Truth::Unknown;
        };
        match &self.exact {
            Some(exact) => exact.0.iter().all(|limit| limit.admits(number)),
            None => {
                (self.least == i64::MIN || number.compare_with_millionths(self.least).is_ge())
                    && (self.most == i64::MAX || number.compare_with_millionths(self.most).is_le())
            }
        }
        .into()
    }
}

impl Limit {
    fn admits(&self, number: Number<'_>) -> bool {
        match self {
            Self::Above(limit) => limit.compare(number).is_gt(),
            Self::AtLeast(limit) => limit.compare(number).is_ge(),
            Self::Below(limit) => limit.compare(number).is_lt(),
            Self::AtMost(limit) => limit.compare(number).is_le(),
        }
    }

    /// Whether what it leaves of a range says all of it: the bound is part of the range, and not
    /// where a range without bounds ends.
    fn is_said(&self) -> bool {
        match self {
            Self::AtLeast(limit) => limit.in_millionths().is_some_and(|least| least != i64::MIN),
            Self::AtMost(limit) => limit.in_millionths().is_some_and(|most| most != i64::MAX),
            Self::Above(_) | Self::Below(_) => false,
        }
    }

    /// What it leaves of a range of whole millionths.
    fn within(&self, (least, most): (i64, i64)) -> Option<(i64, i64)> {
        Some(match self {
            Self::Above(limit) => (least.max(limit.in_millionths()?.checked_add(1)?), most),
            Self::AtLeast(limit) => (least.max(limit.in_millionths()?), most),
            Self::Below(limit) => (least, most.min(limit.in_millionths()?.checked_sub(1)?)),
            Self::AtMost(limit) => (least, most.min(limit.in_millionths()?)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callgate_types::Json;

    const NUMBERS: [&str; 29] = [
        "0",
        "-0",
        "0.0",
        "1",
        "-1",
        "1.000001",
        "0.999999",
        "0.9999999",
        "1.0000001",
        "100e-2",
        "1e3",
        "999.999999",
        "1000.000001",
        "4294967295",
        "4294967296",
        "4.294967295e12",
        "9223372036854.775807",
        "9223372036854.775808",
        "-9223372036854.775808",
        "1e13",
        "1e400",
        "1e-400",
        "0.00000000000000000001",
        "-0.00000000000000000001",
        "1.00000000000000000000",
        "1.0000009999999999999999",
        "9223372036854.77580700000001",
        "-9223372036854.77580800000001",
        "123456789012345678901234567890",
    ];

    #[test]
    fn the_quick_way_and_the_exact_way_agree() {
        let decimal = |text: &str| Some(Decimal::parse(text).unwrap());
        for bound in NUMBERS {
            for place in 0..4 {
                let at = |this: usize| if this == place { decimal(bound) } else { None };
                let limits = Limits::new(&Bounds {
                    above: at(0),
                    at_least: at(1),
                    below: at(2),
                    at_most: at(3),
                });
                let stated = Decimal::parse(bound).unwrap();
                for number in NUMBERS {
                    let json = Json::parse(number).unwrap();
                    let ordering = stated.compare(json.root().as_number().unwrap());
                    let within = [
                        ordering.is_gt(),
                        ordering.is_ge(),
                        ordering.is_lt(),
                        ordering.is_le(),
                    ];
                    assert_eq!(
                        limits.holds_exactly(json.root()),
                        Truth::from(within[place]),
                        "{number} against {bound}, bound {place}"
                    );
                    assert_eq!(
                        limits.holds_of(json.root()),
                        limits.holds_exactly(json.root()),
                        "{number} against {bound}, bound {place}"
                    );
                }
            }
        }
        let open = Limits::new(&Bounds::default());
        assert_eq!(
            open.holds_of(Json::parse("1e400").unwrap().root()),
            Truth::Yes
        );
        assert_eq!(
            open.holds_of(Json::parse("\"1\"").unwrap().root()),
            Truth::Unknown
        );
    }
}
