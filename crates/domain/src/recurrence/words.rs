//! A recurrence in words.

use jiff::Timestamp;
use jiff::civil::{DateTime, Weekday};

use super::Recurrence;
use super::rule::{ByDay, Frequency, Limit, Rule};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) fn describe(recurrence: &Recurrence, first_ms: i64) -> String {
    let zone = recurrence.zone();
    let Some(series) = recurrence.series(first_ms) else {
        return format!("{} ({zone})", recurrence.rule());
    };
    let rule = &recurrence.read.rule;
    let times = series.times().iter().map(|time| match time.second() {
        0 => time.strftime("%H:%M").to_string(),
        _ => time.strftime("%H:%M:%S").to_string(),
    });
    let limit = match rule.limit {
        Limit::Never => String::new(),
        Limit::Count(1) => ", once".into(),
        Limit::Count(count) => format!(", {count} times"),
        Limit::Until(until_ms) => {
            let until = Timestamp::from_millisecond(until_ms).unwrap_or_default();
            let until = recurrence.read.zone.to_datetime(until);
            format!(", until {}", until.strftime("%Y-%m-%d %H:%M"))
        }
    };
    format!(
        "{} from {} for {}{limit} ({zone})",
        days(rule, series.first()),
        list(times),
        length(recurrence.duration_ms()),
    )
}

/// `every 2 weeks on Saturday and Sunday in May`.
fn days(rule: &Rule, first: DateTime) -> String {
    let period = match rule.frequency {
        Frequency::Daily => "day",
        Frequency::Weekly => "week",
        Frequency::Monthly => "month",
        Frequency::Yearly => "year",
    };
    let every = match rule.interval {
        1 => format!("every {period}"),
        n => format!("every {n} {period}s"),
    };
    let short = matches!(rule.frequency, Frequency::Daily | Frequency::Weekly);
    let weekdays = list(rule.weekdays.iter().map(|day| by_day(rule, *day)));
    let month_days = match rule.month_days.as_slice() {
        [] => None,
        days => Some(list(days.iter().map(|day| month_day(*day)))),
    };
    let mut days = match (rule.frequency, month_days, weekdays.as_str()) {
        (Frequency::Daily, None, "") => every,
        (Frequency::Weekly, None, "") if rule.interval == 1 => {
            format!("every {}", weekday(first.weekday()))
        }
        (Frequency::Weekly, None, "") => format!("{every} on {}", weekday(first.weekday())),
        (Frequency::Monthly, None, "") => format!("{every} on day {}", first.day()),
        (Frequency::Yearly, None, "") if rule.months.is_empty() => {
            return format!("{every} on {} {}", first.day(), month(first.month()));
        }
        (Frequency::Yearly, None, "") => format!("{every} on day {}", first.day()),
        (_, None, weekdays) if short && rule.interval == 1 => format!("every {weekdays}"),
        (Frequency::Daily, None, weekdays) => format!("{every} if it is {weekdays}"),
        (_, None, weekdays) => format!("{every} on {weekdays}"),
        (Frequency::Daily, Some(days), "") => format!("{every} if it is {days}"),
        (_, Some(days), "") => format!("{every} on {days}"),
        (_, Some(days), weekdays) => format!("{every} on {days} if it is {weekdays}"),
    };
    if !rule.months.is_empty() {
        days.push_str(" in ");
        days.push_str(&list(rule.months.iter().map(|m| month(*m).to_owned())));
    }
    days
}

fn by_day(rule: &Rule, day: ByDay) -> String {
    let name = weekday(day.weekday);
    let every = matches!(rule.frequency, Frequency::Monthly | Frequency::Yearly)
        && rule.month_days.is_empty();
    let of_year = if rule.counts_in_year() {
        " of the year"
    } else {
        ""
    };
    match day.nth {
        None if every => format!("every {name}"),
        None => name.to_owned(),
        Some(nth) => format!("the {} {name}{of_year}", ordinal(nth)),
    }
}

fn month_day(day: i8) -> String {
    match day {
        1.. => format!("day {day}"),
        _ => format!("the {} day", ordinal(day.into())),
    }
}

/// `2nd`, `last`, `2nd last`.
fn ordinal(nth: i64) -> String {
    let n = nth.abs();
    let ending = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    match nth {
        -1 => "last".into(),
        ..0 => format!("{n}{ending} last"),
        0.. => format!("{n}{ending}"),
    }
}

fn month(number: i8) -> &'static str {
    let at = usize::try_from(number - 1).unwrap_or_default();
    MONTHS.get(at).copied().unwrap_or_default()
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// `a, b and c`.
fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// Nothing is rounded: `1 hour 30 minutes`.
fn length(ms: i64) -> String {
    let seconds = ms / 1000;
    let parts = [
        (seconds / 86_400, "day"),
        (seconds / 3600 % 24, "hour"),
        (seconds / 60 % 60, "minute"),
        (seconds % 60, "second"),
        (ms % 1000, "millisecond"),
    ];
    let parts = parts.iter().filter(|(n, _)| *n != 0);
    let parts: Vec<String> = parts
        .map(|(n, unit)| format!("{n} {unit}{}", if *n == 1 { "" } else { "s" }))
        .collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_can_read_it() {
        let check = |rule: &str, minutes: i64, words: &str| {
            let recurrence = Recurrence::new(rule, minutes * 60_000, "Europe/Berlin").unwrap();
            // Sunday 2026-11-29T22:00 in Berlin.
            assert_eq!(recurrence.in_words(1_795_986_000_000), words, "{rule}");
        };
        let tail = "from 22:00 for 4 hours (Europe/Berlin)";
        check("FREQ=DAILY", 240, &format!("every day {tail}"));
        check(
            "FREQ=DAILY;INTERVAL=2",
            240,
            &format!("every 2 days {tail}"),
        );
        check(
            "FREQ=WEEKLY;BYDAY=SA,SU",
            240,
            &format!("every Saturday and Sunday {tail}"),
        );
        check("FREQ=WEEKLY", 240, &format!("every Sunday {tail}"));
        check(
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR;BYMONTH=5",
            240,
            &format!("every 2 weeks on Monday, Wednesday and Friday in May {tail}"),
        );
        check(
            "FREQ=MONTHLY",
            240,
            &format!("every month on day 29 {tail}"),
        );
        check(
            "FREQ=MONTHLY;BYDAY=-1FR,2MO",
            240,
            &format!("every month on the last Friday and the 2nd Monday {tail}"),
        );
        check(
            "FREQ=MONTHLY;BYMONTHDAY=1,-1,-2",
            240,
            &format!("every month on the 2nd last day, the last day and day 1 {tail}"),
        );
        check(
            "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR",
            240,
            &format!("every month on day 13 if it is Friday {tail}"),
        );
        check(
            "FREQ=YEARLY",
            240,
            &format!("every year on 29 November {tail}"),
        );
        check(
            "FREQ=YEARLY;BYDAY=20MO",
            240,
            &format!("every year on the 20th Monday of the year {tail}"),
        );
        check(
            "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24",
            240,
            &format!("every year on day 24 in December {tail}"),
        );
        check(
            "FREQ=DAILY;BYHOUR=2,14;BYMINUTE=30;COUNT=5",
            1530,
            "every day from 02:30 and 14:30 for 1 day 1 hour 30 minutes, 5 times (Europe/Berlin)",
        );
        check(
            "FREQ=DAILY;UNTIL=20270101T000000Z",
            1,
            "every day from 22:00 for 1 minute, until 2027-01-01 01:00 (Europe/Berlin)",
        );
    }
}
