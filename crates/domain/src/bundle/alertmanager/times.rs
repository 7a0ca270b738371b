//! Named times, and the ranges in them.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::view::View;
use crate::bundle::problem::{instead, quoted};
use crate::routing::TimeInterval;

/// Most ranges in one entry.
const MAX_RANGES: usize = 500;

const WEEKDAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Reads all named times, those under the old name included.
pub(super) fn read(file: &View<'_>) -> BTreeMap<String, Vec<TimeInterval>> {
    let mut named = BTreeMap::new();
    let old = file.list("mute_time_intervals").into_iter();
    for view in old.chain(file.list("time_intervals")) {
        let Some(name) = view.text("name") else {
            continue;
        };
        let list = view.list("time_intervals");
        let intervals = list.iter().map(interval).collect();
        if named.insert(name.to_owned(), intervals).is_some() {
            let key = view.key("name");
            let what = format!("the time interval {} stands here twice", quoted(name));
            key.refuse(what, "choose another name");
        }
    }
    named
}

fn interval(view: &View<'_>) -> TimeInterval {
    let zone = view.get("location");
    let zone = zone.and_then(|at| {
        let name = at.scalar()?;
        // As Go reads it: no name is UTC.
        if name.is_empty() {
            return None;
        }
        let zone = TimeZone::get(name).ok();
        if zone.is_none() {
            let what = format!("there is no time zone {}", quoted(name));
            let todo = "write a name of the IANA database, for instance Europe/Berlin or UTC";
            at.refuse(what, todo);
        }
        zone
    });
    TimeInterval {
        times: view.list("times").iter().filter_map(times).collect(),
        weekdays: ranges(view, "weekdays", weekday),
        days_of_month: ranges(view, "days_of_month", day_of_month),
        months: ranges(view, "months", month),
        years: ranges(view, "years", year),
        zone,
    }
}

fn times(view: &View<'_>) -> Option<(u16, u16)> {
    let time = |key: &str| {
        let at = view.get(key)?;
        let text = at.scalar().filter(|text| !text.is_empty())?;
        let minute = minute_of_day(text);
        if minute.is_none() {
            let what = format!("{} is not a time of the day", quoted(text));
            at.refuse(what, "write it as 09:00, from 00:00 to 24:00");
        }
        minute
    };
    let (start, end) = (time("start_time")?, time("end_time")?);
    if start >= end {
        let todo = "write two ranges when it goes over midnight";
        view.key("end_time")
            .refuse("the end is not after the start", todo);
        return None;
    }
    Some((start, end))
}

fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| {
        let digits = part.len() == 2 && part.chars().all(|c| c.is_ascii_digit());
        digits.then(|| part.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    let fits = hour < 24 && minute < 60 || (hour, minute) == (24, 0);
    fits.then_some(hour * 60 + minute)
}

/// Reads a list of ranges like `monday:friday`, or of single values.
fn ranges<T>(view: &View<'_>, key: &str, bounds: fn(&View<'_>, &str, &str) -> Option<T>) -> Vec<T> {
    let Some(at) = view.get(key) else {
        return Vec::new();
    };
    let items = at.items();
    let is_list = matches!(at.node().value, super::tree::Value::List(_));
    if !is_list || items.len() > MAX_RANGES {
        at.refuse(
            "a list of ranges is expected here",
            "write for instance ['1:5', '10']",
        );
        return Vec::new();
    }
    let ranges = items.iter().filter_map(|item| {
        let Some(text) = item.scalar() else {
            item.refuse("a range is expected here", "write for instance '1:5'");
            return None;
        };
        let small = text.to_lowercase();
        let (first, last) = small.split_once(':').unwrap_or((&small, &small));
        bounds(item, first, last)
    });
    ranges.collect()
}

fn weekday(at: &View<'_>, first: &str, last: &str) -> Option<(u8, u8)> {
    let day = |name: &str| {
        let found = WEEKDAYS.iter().position(|day| *day == name);
        if found.is_none() {
            let what = format!("{} is not a day of the week", quoted(name));
            at.refuse(what, instead(name, WEEKDAYS.into_iter()));
        }
        u8::try_from(found?).ok()
    };
    let range = (day(first)?, day(last)?);
    ordered(at, range)
}

fn month(at: &View<'_>, first: &str, last: &str) -> Option<(u8, u8)> {
    let month = |name: &str| {
        let found = MONTHS.iter().position(|month| *month == name);
        let found = found.map(|i| i + 1).or_else(|| name.parse().ok());
        let found = found.filter(|number| (1..=12).contains(number));
        if found.is_none() {
            let what = format!("{} is not a month", quoted(name));
            at.refuse(what, "write a name in English or a number from 1 to 12");
        }
        u8::try_from(found?).ok()
    };
    let range = (month(first)?, month(last)?);
    ordered(at, range)
}

fn year(at: &View<'_>, first: &str, last: &str) -> Option<(i16, i16)> {
    let year = |text: &str| {
        let found = text.parse().ok();
        if found.is_none() {
            let what = format!("{} is not a year", quoted(text));
            at.refuse(what, "write for instance 2030 or '2030:2032'");
        }
        found
    };
    let range = (year(first)?, year(last)?);
    ordered(at, range)
}

fn day_of_month(at: &View<'_>, first: &str, last: &str) -> Option<(i8, i8)> {
    let day = |text: &str| {
        let found = text.parse().ok();
        let found = found.filter(|day: &i8| *day != 0 && (-31..=31).contains(day));
        if found.is_none() {
            let what = format!("{} is not a day of the month", quoted(text));
            at.refuse(what, "write 1 to 31, or -1 to -31 to count from the end");
        }
        found
    };
    let (first, last) = (day(first)?, day(last)?);
    if first < 0 && last > 0 {
        let what = "a range that begins with a negative day must end with one";
        at.refuse(what, "write for instance '-7:-1'");
        return None;
    }
    // In the shortest month; what is empty there only is cut to the month.
    let in_shortest = |day: i8| if day < 0 { 28 + day } else { day };
    if in_shortest(first) > in_shortest(last) {
        at.refuse("the range ends before it begins", "exchange its ends");
        return None;
    }
    Some((first, last))
}

fn ordered<T: PartialOrd>(at: &View<'_>, range: (T, T)) -> Option<(T, T)> {
    if range.0 > range.1 {
        let todo = "exchange its ends, or write two ranges";
        at.refuse("the range ends before it begins", todo);
        return None;
    }
    Some(range)
}
