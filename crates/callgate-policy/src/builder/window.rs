//! Hours of the week.

use super::written::{Table, names};

/// A time window of a rule. Some hours have to be said, and one clock that shows them.
#[derive(Clone, Debug)]
pub struct Window(Table);

impl Window {
    /// By the clocks of a place such as `Europe/Berlin`. Needs the feature `zones`.
    pub fn in_zone(zone: impl Into<String>) -> Self {
        Self(Table::of("zone", zone.into()))
    }

    /// By a clock so far ahead of UTC all year: `+01:00`, or `UTC`.
    pub fn at_offset(offset: impl Into<String>) -> Self {
        Self(Table::of("offset", offset.into()))
    }

    /// The days on which it begins; every day where nothing is said.
    #[must_use]
    pub fn days(self, days: impl IntoIterator<Item = Day>) -> Self {
        let days = days.into_iter().map(Day::as_str);
        Self(self.0.with("days", names(days)))
    }

    /// When it begins, as in `09:00`; at midnight where nothing is said.
    #[must_use]
    pub fn from(self, time: impl Into<String>) -> Self {
        Self(self.0.with("from", time.into()))
    }

    /// Before which time it ends, at midnight where nothing is said. Before it begins: on the next
    /// day.
    #[must_use]
    pub fn until(self, time: impl Into<String>) -> Self {
        Self(self.0.with("until", time.into()))
    }

    pub(super) fn into_table(self) -> Table {
        self.0
    }
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a week has no other days")]
pub enum Day {
    /// The first.
    Monday,
    /// The second.
    Tuesday,
    /// The third.
    Wednesday,
    /// The fourth.
    Thursday,
    /// The fifth.
    Friday,
    /// The sixth.
    Saturday,
    /// The last.
    Sunday,
}

impl Day {
    /// From Monday to Friday.
    pub const WEEKDAYS: [Self; 5] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Monday => "mon",
            Self::Tuesday => "tue",
            Self::Wednesday => "wed",
            Self::Thursday => "thu",
            Self::Friday => "fri",
            Self::Saturday => "sat",
            Self::Sunday => "sun",
        }
    }
}
