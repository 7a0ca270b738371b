//! `calendars.toml`: working time.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, Weekday};

use super::problem::{instead, quoted};
use super::reader::{At, Table, Text};
use super::values::zone;
use crate::calendar::Calendar;
use crate::ids::CalendarId;

pub(super) const ROOT: &[&str] = &["calendars"];
const KEYS: &[&str] = &["zone", "days", "from", "until", "holidays"];

/// The calendar that is always there: Monday to Friday, round the clock, UTC.
pub(super) const AROUND_THE_CLOCK: &str = "around-the-clock";

const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// Reads all calendars. Without `days` a week is Monday to Friday, without `from` and `until` a day is whole.
pub(super) fn read(file: &Table<'_>) -> BTreeMap<CalendarId, Calendar> {
    let mut calendars = BTreeMap::new();
    for (id, table) in file.named("calendars", KEYS) {
        let usual = Calendar::around_the_clock();
        let days = if table.value("days").is_some() {
            table.lines("days").iter().filter_map(day).collect()
        } else {
            usual.days
        };
        if days.is_empty() {
            table.here().refuse(
                "no day of this calendar is worked, so no working time would ever pass",
                "write days = [\"monday\", \"tuesday\"]",
            );
        }
        let from = table.moment("from").and_then(|text| time(&text));
        let until_text = table.moment("until");
        let until = until_text.as_ref().and_then(time);
        let from = from.unwrap_or(usual.from);
        let until_or = until.unwrap_or(usual.until);
        if until_or != Time::midnight() && until_or <= from {
            let what = "work ends before it begins";
            let todo = "write an \"until\" later than \"from\", or \"24:00\"";
            match until_text {
                Some(text) => text.refuse(what, todo),
                None => table.here().refuse(what, todo),
            }
        }
        let holidays = table.moments("holidays");
        let calendar = Calendar {
            zone: zone(&table, "zone"),
            days,
            from,
            until: until_or,
            holidays: holidays.iter().filter_map(date).collect(),
        };
        calendars.insert(CalendarId::from(id), calendar);
    }
    calendars
}

fn day(name: &Text<'_>) -> Option<Weekday> {
    let lower = name.to_lowercase();
    let found = DAYS
        .iter()
        .find(|(day, _)| *day == lower || day[..3] == *lower);
    if found.is_none() {
        name.refuse(
            format!("{} is not a day of the week", quoted(name)),
            instead(&lower, DAYS.iter().map(|(day, _)| *day)),
        );
    }
    found.map(|(_, day)| *day)
}

fn time(text: &At<'_, String>) -> Option<Time> {
    if text.as_str() == "24:00" {
        return Some(Time::midnight());
    }
    let bare = text.bytes().all(|b| b.is_ascii_digit() || b == b':');
    let time = text.parse().ok().filter(|_| bare && text.contains(':'));
    if time.is_none() {
        text.refuse(
            format!("{} is not a time of day", quoted(text)),
            "write for instance \"09:00\"",
        );
    }
    time
}

fn date(text: &At<'_, String>) -> Option<Date> {
    let date = text.parse().ok().filter(|_| text.len() == 10);
    if date.is_none() {
        text.refuse(
            format!("{} is not a date", quoted(text)),
            "write for instance 2026-12-25",
        );
    }
    date
}
