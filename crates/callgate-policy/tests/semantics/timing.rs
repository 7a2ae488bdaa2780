//! When a statement takes part.

use crate::at;

#[test]
fn validity() {
    let both = "from = '2026-11-20T09:00:00+01:00'\nuntil = '2026-11-21T00:00:00Z'";
    at(both, Some("2026-11-20T07:59:59.999Z"), "no");
    at(both, Some("2026-11-20T08:00:00Z"), "yes");
    at(both, Some("2026-11-20T23:59:59.999Z"), "yes");
    at(both, Some("2026-11-21T00:00:00Z"), "no");
    at(both, None, "unknown");
    at("from = '2026-11-20T09:00:00Z'", Some("9999-01-01T00:00:00Z"), "yes");
    at("until = '2026-11-20T09:00:00Z'", Some("1969-01-01T00:00:00Z"), "yes");
    at("until = '2026-11-20T09:00:00Z'", None, "unknown");
    // What is no anyhow stays so.
    at(&format!("{both}\nroles = ['chief']"), None, "no");
}

#[test]
fn hours_of_the_week() {
    // 2026-11-20 is a Friday.
    let office =
        "times = [{ days = ['mon', 'fri'], from = '09:00', until = '17:00', offset = '+01:00' }]";
    at(office, Some("2026-11-20T07:59:59Z"), "no");
    at(office, Some("2026-11-20T08:00:00Z"), "yes");
    at(office, Some("2026-11-20T15:59:59.5Z"), "yes");
    at(office, Some("2026-11-20T16:00:00Z"), "no");
    at(office, Some("2026-11-19T10:00:00Z"), "no");
    at(office, Some("2026-11-23T10:00:00Z"), "yes");
    at(office, Some("1969-12-29T10:00:00Z"), "yes");
    at(office, None, "unknown");

    let night = "times = [{ days = ['fri'], from = '22:00', until = '06:00', offset = 'UTC' }]";
    at(night, Some("2026-11-20T05:00:00Z"), "no");
    at(night, Some("2026-11-20T22:00:00Z"), "yes");
    at(night, Some("2026-11-21T05:59:59Z"), "yes");
    at(night, Some("2026-11-21T06:00:00Z"), "no");
    at(night, Some("2026-11-21T22:00:00Z"), "no");

    // The day is that of the window's own clock.
    let far = "times = [{ days = ['sat'], offset = '+14:00' }]";
    at(far, Some("2026-11-20T09:59:00Z"), "no");
    at(far, Some("2026-11-20T10:00:00Z"), "yes");
    at(far, Some("2026-11-21T09:59:59Z"), "yes");
    let behind = "times = [{ days = ['sat'], until = '24:00', offset = '-08:30' }]";
    at(behind, Some("2026-11-21T08:29:00Z"), "no");
    at(behind, Some("2026-11-22T08:29:00Z"), "yes");

    let either =
        "times = [{ until = '06:00', offset = 'UTC' }, { from = '20:00', offset = 'UTC' }]";
    at(either, Some("2026-11-20T05:00:00Z"), "yes");
    at(either, Some("2026-11-20T12:00:00Z"), "no");
    at(either, Some("2026-11-20T23:00:00Z"), "yes");
    at(&format!("{either}\nfrom = '2026-11-21T00:00:00Z'"), Some("2026-11-20T23:00:00Z"), "no");
}
