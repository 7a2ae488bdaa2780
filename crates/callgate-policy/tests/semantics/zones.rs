//! Windows by the clocks of a place, which are put forward and back.

use crate::at;

/// A window in a zone, at moments that its clocks show as the comments say.
#[track_caller]
fn check(window: &str, cases: &[(&str, &str)]) {
    for (now, expected) in cases {
        at(&format!("times = [{{ {window} }}]"), Some(now), expected);
    }
}

#[test]
fn office_hours_all_year() {
    let office = "days = ['mon', 'tue', 'wed', 'thu', 'fri'], from = '09:00', until = '17:00', zone = 'Europe/Berlin'";
    // A Friday in winter, and one in summer.
    check(office, &[("2026-11-20T07:59:59Z", "no"), ("2026-11-20T08:00:00Z", "yes")]);
    check(office, &[("2026-11-20T15:59:59Z", "yes"), ("2026-11-20T16:00:00Z", "no")]);
    check(office, &[("2026-07-17T06:59:59Z", "no"), ("2026-07-17T07:00:00Z", "yes")]);
    check(office, &[("2026-07-17T14:59:59Z", "yes"), ("2026-07-17T15:00:00Z", "no")]);
    check(office, &[("2026-07-18T10:00:00Z", "no")]);
    at(&format!("times = [{{ {office} }}]"), None, "unknown");
}

/// Berlin goes from 02:00 to 03:00 on 2026-03-29, at 01:00 UTC.
#[test]
fn hour_that_is_left_out_in_the_north() {
    check(
        "from = '02:15', until = '02:45', zone = 'Europe/Berlin'",
        // 01:59, 03:00, 03:30; 02:15 the day after.
        &[
            ("2026-03-29T00:59:59Z", "no"),
            ("2026-03-29T01:00:00Z", "no"),
            ("2026-03-29T01:30:00Z", "no"),
            ("2026-03-30T00:15:00Z", "yes"),
        ],
    );
    // A window that begins there is open as soon as clocks show a later time.
    check(
        "days = ['sun'], from = '02:30', until = '03:30', zone = 'Europe/Berlin'",
        &[
            ("2026-03-29T00:59:59Z", "no"),
            ("2026-03-29T01:00:00Z", "yes"),
            ("2026-03-29T01:29:59Z", "yes"),
            ("2026-03-29T01:30:00Z", "no"),
        ],
    );
    // One that ends there, when they are put forward.
    check(
        "days = ['sat'], from = '22:00', until = '02:30', zone = 'Europe/Berlin'",
        &[
            ("2026-03-28T20:59:59Z", "no"),
            ("2026-03-28T21:00:00Z", "yes"),
            ("2026-03-29T00:59:59Z", "yes"),
            ("2026-03-29T01:00:00Z", "no"),
        ],
    );
}

/// Berlin goes from 03:00 back to 02:00 on 2026-10-25, at 01:00 UTC.
#[test]
fn hour_that_comes_twice_in_the_north() {
    check(
        "from = '02:15', until = '02:45', zone = 'Europe/Berlin'",
        // 02:14, 02:15, 02:44, 02:45 in summer; then 02:00 to 02:45 in winter.
        &[
            ("2026-10-25T00:14:59Z", "no"),
            ("2026-10-25T00:15:00Z", "yes"),
            ("2026-10-25T00:44:59Z", "yes"),
            ("2026-10-25T00:45:00Z", "no"),
            ("2026-10-25T01:00:00Z", "no"),
            ("2026-10-25T01:15:00Z", "yes"),
            ("2026-10-25T01:44:59Z", "yes"),
            ("2026-10-25T01:45:00Z", "no"),
        ],
    );
    // 25 hours long.
    check(
        "days = ['sun'], zone = 'Europe/Berlin'",
        &[
            ("2026-10-24T21:59:59Z", "no"),
            ("2026-10-24T22:00:00Z", "yes"),
            ("2026-10-25T22:59:59Z", "yes"),
            ("2026-10-25T23:00:00Z", "no"),
        ],
    );
}

/// Sydney goes from 03:00 back to 02:00 on 2026-04-05, and from 02:00 to 03:00 on 2026-10-04,
/// both at 16:00 UTC of the day before.
#[test]
fn both_changes_in_the_south() {
    let night = "days = ['sat'], from = '22:00', until = '02:30', zone = 'Australia/Sydney'";
    check(
        night,
        // 21:59, 22:00, 02:29, 02:30 in summer; 02:00, 02:29, 02:30 in winter.
        &[
            ("2026-04-04T10:59:59Z", "no"),
            ("2026-04-04T11:00:00Z", "yes"),
            ("2026-04-04T15:29:59Z", "yes"),
            ("2026-04-04T15:30:00Z", "no"),
            ("2026-04-04T16:00:00Z", "yes"),
            ("2026-04-04T16:29:59Z", "yes"),
            ("2026-04-04T16:30:00Z", "no"),
        ],
    );
    check(
        night,
        // 22:00, 01:59 in winter; 03:00 in summer.
        &[
            ("2026-10-03T11:59:59Z", "no"),
            ("2026-10-03T12:00:00Z", "yes"),
            ("2026-10-03T15:59:59Z", "yes"),
            ("2026-10-03T16:00:00Z", "no"),
        ],
    );
}

/// Clocks that governments moved, and a day that nobody had.
#[test]
fn changes_by_decree() {
    // Samoa went from the evening of Thursday 2011-12-29 to the morning of Saturday.
    check(
        "days = ['fri'], zone = 'Pacific/Apia'",
        &[
            ("2011-12-30T09:59:59Z", "no"),
            ("2011-12-30T10:00:00Z", "no"),
            ("2012-01-06T00:00:00Z", "yes"),
        ],
    );
    // What would have begun on that Friday is over on Saturday as on others.
    check(
        "days = ['fri'], from = '22:00', until = '06:00', zone = 'Pacific/Apia'",
        &[
            ("2011-12-30T09:59:59Z", "no"),
            ("2011-12-30T15:59:59Z", "yes"),
            ("2011-12-30T16:00:00Z", "no"),
        ],
    );
    // Istanbul has kept its summer time since 2016.
    let morning = "from = '09:00', until = '10:00', zone = 'Europe/Istanbul'";
    check(morning, &[("2015-12-01T06:30:00Z", "no"), ("2015-12-01T07:30:00Z", "yes")]);
    check(morning, &[("2017-12-01T06:30:00Z", "yes"), ("2017-12-01T07:30:00Z", "no")]);
    // Half an hour in Lord Howe, and 45 minutes in Nepal.
    check(
        "from = '10:30', until = '10:31', zone = 'Australia/Lord_Howe'",
        &[
            ("2026-07-01T00:00:00Z", "yes"),
            ("2025-12-31T23:30:00Z", "yes"),
            ("2026-01-01T00:00:00Z", "no"),
        ],
    );
    check(
        "until = '05:45', zone = 'Asia/Kathmandu'",
        &[
            ("2026-01-01T00:00:00Z", "no"),
            ("2026-01-01T18:14:59Z", "no"),
            ("2026-01-01T18:15:00Z", "yes"),
            ("2026-01-01T23:59:59Z", "yes"),
        ],
    );
    // Clocks were 44 minutes and 30 seconds behind in Monrovia.
    check(
        "from = '00:00', until = '00:01', zone = 'Africa/Monrovia'",
        &[
            ("1971-06-01T00:44:29Z", "no"),
            ("1971-06-01T00:44:30Z", "yes"),
            ("1971-06-01T00:45:30Z", "no"),
        ],
    );
}

#[test]
fn far_years() {
    let noon = "from = '12:00', until = '13:00', zone = 'Europe/Berlin'";
    // Summer time in a year that no table lists, and in one beyond all calendars of the database.
    for year in ["2200", "9998", "+12000", "+262000"] {
        check(
            noon,
            &[
                (&format!("{year}-07-01T10:00:00Z"), "yes"),
                (&format!("{year}-07-01T11:00:00Z"), "no"),
            ],
        );
        check(
            noon,
            &[
                (&format!("{year}-01-10T10:00:00Z"), "no"),
                (&format!("{year}-01-10T11:00:00Z"), "yes"),
            ],
        );
    }
    // The sun told the time: 53 minutes and 28 seconds ahead.
    for year in ["1800", "-9000", "-12000", "-262000"] {
        check(
            noon,
            &[
                (&format!("{year}-07-01T11:06:31Z"), "no"),
                (&format!("{year}-07-01T11:06:32Z"), "yes"),
            ],
        );
    }
    // The same weekdays, too: 400 years on.
    check(
        "days = ['sun'], from = '02:30', until = '03:30', zone = 'Europe/Berlin'",
        &[
            ("+10026-03-29T01:00:00Z", "yes"),
            ("+10026-03-29T01:30:00Z", "no"),
            ("+10026-03-28T01:00:00Z", "no"),
        ],
    );
}

#[test]
fn names_that_are_zones() {
    for name in
        ["UTC", "Etc/UTC", "America/Argentina/ComodRivadavia", "US/Eastern", "Antarctica/Troll"]
    {
        check(
            &format!("days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], zone = '{name}'"),
            &[("2026-11-20T12:00:00Z", "yes")],
        );
    }
}
