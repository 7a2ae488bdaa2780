//! When a statement takes part.

use chrono::{DateTime, Utc};

use super::faults::Faults;
use super::fields::{Fields, shown, text, word};
use super::node::Node;
use super::zone::Zones;
use crate::DiagnosticCode as Code;
use crate::document::{Clock, TimeWindow, Timing};

/// The most time windows of one statement.
const MAX_WINDOWS: usize = 100;
/// The farthest that a clock is from UTC, in minutes.
const MAX_OFFSET: i16 = 14 * 60;
const MIDNIGHT: u16 = 24 * 60;

const DAYS: &[(&str, usize)] = &[
    ("mon", 0),
    ("tue", 1),
    ("wed", 2),
    ("thu", 3),
    ("fri", 4),
    ("sat", 5),
    ("sun", 6),
];

/// Reads `from`, `until` and `times` of a statement.
pub(super) fn timing(
    fields: &Fields<'_, '_>,
    zones: &Zones,
    faults: &Faults<'_>,
) -> Option<Box<Timing>> {
    let (from, until) = (fields.get("from"), fields.get("until"));
    let times = fields.list("times", "time windows");
    if from.is_none() && until.is_none() && times.is_none() {
        return None;
    }
    let mut timing = Timing {
        from: from.and_then(|node| moment(node, faults)),
        until: until.and_then(|node| moment(node, faults)),
        times: Vec::new(),
    };
    if let (Some(from), Some(to), Some(node)) = (timing.from, timing.until, until)
        && from >= to
    {
        let message = "`until` is not after `from`: never in force";
        faults.add(Code::BadRange, node.span, message);
    }
    if let (Some(items), Some(node)) = (times, fields.get("times")) {
        if items.len() > MAX_WINDOWS {
            let message = format!("more than {MAX_WINDOWS} time windows");
            faults.add(Code::TooMany, node.span, message);
        } else {
            timing.times = items
                .iter()
                .filter_map(|item| window(item, zones, faults))
                .collect();
        }
    }
    Some(Box::new(timing))
}

/// Reads a moment.
pub(super) fn moment(node: &Node<'_>, faults: &Faults<'_>) -> Option<DateTime<Utc>> {
    let text = text(node, "a moment", faults)?;
    let moment = DateTime::parse_from_rfc3339(text).ok();
    if moment.is_none() {
        let message = format!("expected a moment with its offset, found `{}`", shown(text));
        let help = "write it as in `2026-11-20T09:00:00+01:00`";
        faults.add_with_help(Code::BadTime, node.span, message, help);
    }
    moment.map(|moment| moment.with_timezone(&Utc))
}

fn window(node: &Node<'_>, zones: &Zones, faults: &Faults<'_>) -> Option<TimeWindow> {
    const HOURS: [&str; 3] = ["days", "from", "until"];
    const KEYS: &[&str] = &["days", "from", "until", "offset", "zone"];
    let fields = Fields::of(node, "a time window", KEYS, faults)?;
    let clock = clock(&fields, zones, faults);
    if HOURS.iter().all(|key| fields.get(key).is_none()) {
        let help = "write `days`, `from` or `until`";
        let message = "a time window that is always open";
        faults.add_with_help(Code::EmptyCondition, node.span, message, help);
    }
    let mut days = [fields.get("days").is_none(); 7];
    for item in fields.list("days", "days").unwrap_or_default() {
        if let Some(day) = word(item, DAYS, faults).and_then(|day| days.get_mut(day)) {
            *day = true;
        }
    }
    let at = |key, least, most, otherwise| match fields.get(key) {
        None => Some(otherwise),
        Some(node) => time_of_day(node, least, most, faults),
    };
    let from = at("from", 0, MIDNIGHT.saturating_sub(1), 0);
    let until = at("until", 1, MIDNIGHT, MIDNIGHT);
    let (from, until) = (from?, until?);
    if from == until {
        let message = "`until` is `from`: no time lies between them";
        faults.add(Code::BadRange, node.span, message);
    }
    Some(TimeWindow {
        days,
        from,
        until,
        clock: clock?,
    })
}

/// Reads `HH:MM` as minutes.
fn time_of_day(node: &Node<'_>, least: u16, most: u16, faults: &Faults<'_>) -> Option<u16> {
    let text = text(node, "a time of day", faults)?;
    let minutes = hours_and_minutes(text).filter(|minutes| (least..=most).contains(minutes));
    if minutes.is_none() {
        let clock = |minutes: u16| {
            format!(
                "{:02}:{:02}",
                minutes.div_euclid(60),
                minutes.rem_euclid(60)
            )
        };
        let (least, most) = (clock(least), clock(most));
        let message = format!(
            "expected a time from `{least}` to `{most}`, found `{}`",
            shown(text)
        );
        faults.add(Code::BadTime, node.span, message);
    }
    minutes
}

/// Reads `offset` or `zone`, of which one is needed.
fn clock(fields: &Fields<'_, '_>, zones: &Zones, faults: &Faults<'_>) -> Option<Clock> {
    let Some(zone) = fields.entry("zone") else {
        let Some(node) = fields.get("offset") else {
            let message = "a time window says neither `zone` nor `offset`";
            let help = "write `zone = \"Europe/Berlin\"`, or an offset such as `+01:00`";
            faults.add_with_help(Code::MissingKey, fields.span(), message, help);
            return None;
        };
        return offset(node, faults).map(Clock::Offset);
    };
    fields.refuse("offset", "stands beside `zone`, which has its own");
    zones.clock(zone, faults)
}

fn offset(node: &Node<'_>, faults: &Faults<'_>) -> Option<i16> {
    let text = text(node, "an offset", faults)?;
    let minutes = |text| {
        let minutes = i16::try_from(hours_and_minutes(text)?).ok()?;
        (minutes <= MAX_OFFSET).then_some(minutes)
    };
    let offset = match text.split_at_checked(1) {
        _ if text == "UTC" => Some(0),
        Some(("+", ahead)) => minutes(ahead),
        Some(("-", behind)) => minutes(behind).and_then(i16::checked_neg),
        _ => None,
    };
    if offset.is_none() {
        let message = format!(
            "expected `UTC` or an offset such as `+01:00`, found `{}`",
            shown(text)
        );
        if text.contains('/') {
            let help = "a zone is named by `zone`";
            faults.add_with_help(Code::BadTime, node.span, message, help);
        } else {
            faults.add(Code::BadTime, node.span, message);
        }
    }
    offset
}

/// The minutes of `HH:MM`, two digits each.
fn hours_and_minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str, below: u16| {
        let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = plain.then(|| digits.parse::<u16>().ok())??;
        (number < below).then_some(number)
    };
    let hours = number(hours, 25)?.checked_mul(60)?;
    hours.checked_add(number(minutes, 60)?)
}
