//! What comes back: tables for the edges of the calendar and the clock. Ordinary rules are judged by python-dateutil, in
//! the tests of the testkit.

use jiff::Zoned;
use stentor_domain::recurrence::Recurrence;

const HOUR: i64 = 3_600_000;

fn ms(at: &str) -> i64 {
    at.parse::<Zoned>().unwrap().timestamp().as_millisecond()
}

/// The first times of a rule that begins then, as the wall clock shows them.
fn starts(rule: &str, first: &str, limit: usize) -> Vec<String> {
    let first: Zoned = first.parse().unwrap();
    let zone = first.time_zone().iana_name().unwrap();
    let recurrence = Recurrence::new(rule, HOUR, zone).unwrap();
    let first_ms = first.timestamp().as_millisecond();
    let mut after_ms = i64::MIN;
    let mut times = Vec::new();
    while let Some(at_ms) = recurrence.next_start_ms(first_ms, after_ms) {
        if times.len() == limit {
            times.push("more".into());
            break;
        }
        let at = jiff::Timestamp::from_millisecond(at_ms).unwrap();
        let at = at.to_zoned(first.time_zone().clone());
        times.push(at.strftime("%Y-%m-%dT%H:%M%:z").to_string());
        after_ms = at_ms;
    }
    times
}

fn check(rule: &str, first: &str, times: &[&str]) {
    let limit = times.iter().filter(|t| **t != "more").count();
    assert_eq!(starts(rule, first, limit), times, "{rule} from {first}");
}

#[test]
fn the_wall_clock_is_kept_when_summer_begins_and_ends() {
    check(
        "FREQ=DAILY",
        "2026-03-28T02:30[Europe/Berlin]",
        &[
            "2026-03-28T02:30+01:00",
            // 02:30 does not exist.
            "2026-03-29T03:30+02:00",
            "2026-03-30T02:30+02:00",
            "more",
        ],
    );
    check(
        "FREQ=DAILY",
        "2026-10-24T02:30[Europe/Berlin]",
        &[
            "2026-10-24T02:30+02:00",
            // 02:30 comes twice.
            "2026-10-25T02:30+02:00",
            "2026-10-26T02:30+01:00",
            "more",
        ],
    );
    check(
        "FREQ=WEEKLY;BYDAY=SU",
        "2026-03-01T02:00[America/New_York]",
        &[
            "2026-03-01T02:00-05:00",
            "2026-03-08T03:00-04:00",
            "2026-03-15T02:00-04:00",
            "more",
        ],
    );
    check(
        "FREQ=WEEKLY;BYDAY=SU",
        "2026-10-25T01:30[America/New_York]",
        &[
            "2026-10-25T01:30-04:00",
            "2026-11-01T01:30-04:00",
            "2026-11-08T01:30-05:00",
            "more",
        ],
    );
    // Two times become one where the clock skips the first; and they may change their order.
    check(
        "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30;COUNT=6",
        "2026-03-29T00:00[Europe/Berlin]",
        &[
            "2026-03-29T03:00+02:00",
            "2026-03-29T03:30+02:00",
            "2026-03-30T02:00+02:00",
            "2026-03-30T02:30+02:00",
        ],
    );
    // A start in the second of two equal hours is its own first time.
    check(
        "FREQ=DAILY;COUNT=2",
        "2026-10-25T02:30+01:00[Europe/Berlin]",
        &["2026-10-25T02:30+01:00", "2026-10-26T02:30+01:00"],
    );
    // A whole day that never was.
    check(
        "FREQ=DAILY;COUNT=4",
        "2011-12-28T10:00[Pacific/Apia]",
        &[
            "2011-12-28T10:00-10:00",
            "2011-12-29T10:00-10:00",
            "2011-12-31T10:00+14:00",
        ],
    );
}

#[test]
fn months_and_years_are_as_long_as_they_are() {
    check(
        "FREQ=MONTHLY",
        "2026-12-31T08:00[UTC]",
        &[
            "2026-12-31T08:00+00:00",
            "2027-01-31T08:00+00:00",
            "2027-03-31T08:00+00:00",
            "more",
        ],
    );
    check(
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "2028-01-01T08:00[UTC]",
        &[
            "2028-01-31T08:00+00:00",
            "2028-02-29T08:00+00:00",
            "2028-03-31T08:00+00:00",
            "more",
        ],
    );
    check(
        "FREQ=YEARLY",
        "2028-02-29T08:00[UTC]",
        &["2028-02-29T08:00+00:00", "2032-02-29T08:00+00:00", "more"],
    );
    check(
        "FREQ=YEARLY",
        "2096-02-29T08:00[UTC]",
        // 2100 is no leap year.
        &["2096-02-29T08:00+00:00", "2104-02-29T08:00+00:00", "more"],
    );
    check(
        "FREQ=MONTHLY;BYDAY=-1FR",
        "2026-11-21T22:00[UTC]",
        &[
            "2026-11-27T22:00+00:00",
            "2026-12-25T22:00+00:00",
            "2027-01-29T22:00+00:00",
            "more",
        ],
    );
    check(
        "FREQ=MONTHLY;BYDAY=5SU",
        "2026-11-01T22:00[UTC]",
        &["2026-11-29T22:00+00:00", "2027-01-31T22:00+00:00", "more"],
    );
    // Either of them, as RFC 5545 says.
    check(
        "FREQ=MONTHLY;BYDAY=MO,1FR",
        "2026-11-01T22:00[UTC]",
        &[
            "2026-11-02T22:00+00:00",
            "2026-11-06T22:00+00:00",
            "2026-11-09T22:00+00:00",
            "more",
        ],
    );
    check(
        "FREQ=YEARLY;BYDAY=-1MO",
        "2026-01-01T22:00[UTC]",
        &["2026-12-28T22:00+00:00", "2027-12-27T22:00+00:00", "more"],
    );
    check(
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU",
        "1997-08-05T09:00[America/New_York]",
        &[
            "1997-08-05T09:00-04:00",
            "1997-08-17T09:00-04:00",
            "1997-08-19T09:00-04:00",
            "more",
        ],
    );
}

#[test]
fn the_last_time_is_the_last() {
    check(
        "FREQ=DAILY;UNTIL=20261123T220000Z",
        "2026-11-22T22:00[UTC]",
        &["2026-11-22T22:00+00:00", "2026-11-23T22:00+00:00"],
    );
    check(
        "FREQ=DAILY;UNTIL=20261123T215959Z",
        "2026-11-22T22:00[UTC]",
        &["2026-11-22T22:00+00:00"],
    );
    // Without the Z it is read in the zone.
    check(
        "FREQ=DAILY;UNTIL=20261123T220000",
        "2026-11-22T22:00[America/New_York]",
        &["2026-11-22T22:00-05:00", "2026-11-23T22:00-05:00"],
    );
    check(
        "FREQ=WEEKLY;BYDAY=SA,SU;COUNT=3",
        "2026-11-22T22:00[UTC]",
        &[
            "2026-11-22T22:00+00:00",
            "2026-11-28T22:00+00:00",
            "2026-11-29T22:00+00:00",
        ],
    );
}

#[test]
fn a_time_lasts_as_long_as_it_is_said_to() {
    let check = |rule: &str, hours: i64, now: &str, covers: bool, change: Option<&str>| {
        let first_ms = ms("2026-11-21T22:00[Europe/Berlin]");
        let recurrence = Recurrence::new(rule, hours * HOUR, "Europe/Berlin").unwrap();
        let now_ms = ms(now);
        assert_eq!(recurrence.covers(first_ms, now_ms), covers, "{rule} {now}");
        let found = recurrence.next_change_ms(first_ms, now_ms);
        assert_eq!(found, change.map(ms), "{rule} {now}");
    };
    let weekend = "FREQ=WEEKLY;BYDAY=SA,SU";
    let (saturday, sunday) = (
        "2026-11-21T22:00[Europe/Berlin]",
        "2026-11-22T22:00[Europe/Berlin]",
    );
    check(
        weekend,
        4,
        "2026-11-21T21:59[Europe/Berlin]",
        false,
        Some(saturday),
    );
    check(
        weekend,
        4,
        saturday,
        true,
        Some("2026-11-22T02:00[Europe/Berlin]"),
    );
    check(
        weekend,
        4,
        "2026-11-22T02:00[Europe/Berlin]",
        false,
        Some(sunday),
    );
    check(
        weekend,
        4,
        "2026-11-23T02:00[Europe/Berlin]",
        false,
        Some("2026-11-28T22:00[Europe/Berlin]"),
    );
    // Longer than the time to the next: they join.
    check(
        weekend,
        30,
        saturday,
        true,
        Some("2026-11-24T04:00[Europe/Berlin]"),
    );
    check(
        weekend,
        24,
        saturday,
        true,
        Some("2026-11-23T22:00[Europe/Berlin]"),
    );
    check(
        "FREQ=DAILY;COUNT=3",
        24,
        saturday,
        true,
        Some("2026-11-24T22:00[Europe/Berlin]"),
    );
    check(
        "FREQ=DAILY;COUNT=3",
        48,
        "2026-11-25T21:59[Europe/Berlin]",
        true,
        Some("2026-11-25T22:00[Europe/Berlin]"),
    );
    check(
        "FREQ=DAILY;COUNT=3",
        48,
        "2026-11-25T22:00[Europe/Berlin]",
        false,
        None,
    );
    // A day of 24 hours leaves an hour open where the clock is set back.
    check(
        "FREQ=DAILY",
        24,
        saturday,
        true,
        Some("2027-10-31T21:00[Europe/Berlin]"),
    );
    check("FREQ=DAILY", 25, saturday, true, None);
    check("FREQ=YEARLY", 366 * 24, saturday, true, None);
}

#[test]
fn a_time_is_found_in_the_day_into_which_the_clock_moved_it() {
    let check = |rule: &str, first: &str, now: &str, covers: bool, change: &str| {
        let first: Zoned = first.parse().unwrap();
        let zone = first.time_zone().iana_name().unwrap();
        let recurrence = Recurrence::new(rule, HOUR, zone).unwrap();
        let first_ms = first.timestamp().as_millisecond();
        assert_eq!(recurrence.covers(first_ms, ms(now)), covers, "{now}");
        let found = recurrence.next_change_ms(first_ms, ms(now));
        assert_eq!(found, Some(ms(change)), "{now}");
    };
    // Samoa left out Friday 2011-12-30.
    let (fridays, first) = ("FREQ=WEEKLY;BYDAY=FR", "2011-12-23T10:00[Pacific/Apia]");
    let (begin, end) = (
        "2011-12-31T10:00[Pacific/Apia]",
        "2011-12-31T11:00[Pacific/Apia]",
    );
    check(
        fridays,
        first,
        "2011-12-31T09:00[Pacific/Apia]",
        false,
        begin,
    );
    check(fridays, first, "2011-12-31T10:30[Pacific/Apia]", true, end);
    // Newfoundland set its clocks back a minute after midnight, into the day before.
    let (daily, first) = ("FREQ=DAILY", "2010-11-01T00:00[America/St_Johns]");
    let (now, end) = (
        "2010-11-06T23:30-03:30[America/St_Johns]",
        "2010-11-07T00:00-03:30[America/St_Johns]",
    );
    check(daily, first, now, true, end);
}

#[test]
fn what_cannot_be_used_is_refused_in_words() {
    let check = |rule: &str, duration_ms: i64, zone: &str, first_ms: i64, words: &str| {
        let made = Recurrence::new(rule, duration_ms, zone);
        let refusal = made
            .and_then(|r| r.check(first_ms))
            .unwrap_err()
            .to_string();
        assert!(refusal.contains(words), "{refusal}");
    };
    check("FREQ=DAILY", 0, "UTC", 0, "give a duration");
    check("FREQ=DAILY", i64::MAX, "UTC", 0, "366 days at most");
    check(
        "FREQ=DAILY",
        HOUR,
        "Mars/Olympus",
        0,
        "no time zone \"Mars/Olympus\"; write an IANA name",
    );
    check(
        "FREQ=DAILY",
        HOUR,
        &"x".repeat(9999),
        0,
        "there is no time zone \"xxx",
    );
    check("FREQ=DAILY", HOUR, "", 0, "there is no time zone \"\"");
    check(
        "FREQ=DAILY",
        HOUR,
        "UTC",
        -1,
        "between the years 1970 and 2999",
    );
    check(
        "FREQ=DAILY",
        HOUR,
        "UTC",
        i64::MAX,
        "between the years 1970 and 2999",
    );
    check(
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        HOUR,
        "UTC",
        0,
        "no time of the rule comes",
    );
    check(
        "FREQ=DAILY;UNTIL=20200101T000000Z",
        HOUR,
        "UTC",
        1_800_000_000_000,
        "no time of the rule comes",
    );
}

#[test]
fn it_is_stored_as_it_was_written() {
    let made = Recurrence::new("freq=daily;count=3", HOUR, "europe/berlin").unwrap();
    let json = serde_json::to_string(&made).unwrap();
    let written = r#"{"rule":"freq=daily;count=3","duration_ms":3600000,"zone":"europe/berlin"}"#;
    assert_eq!(json, written);
    assert_eq!(made.zone(), "Europe/Berlin");
    assert_eq!(serde_json::from_str::<Recurrence>(&json).unwrap(), made);
    let bytes = postcard::to_stdvec(&Some(made.clone())).unwrap();
    assert_eq!(
        postcard::from_bytes::<Option<Recurrence>>(&bytes).unwrap(),
        Some(made)
    );
    let bad = written.replace("daily", "hourly");
    let refusal = serde_json::from_str::<Recurrence>(&bad)
        .unwrap_err()
        .to_string();
    assert!(
        refusal.contains("FREQ=HOURLY is not supported"),
        "{refusal}"
    );
}
