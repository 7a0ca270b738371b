//! A recurrence rule as it is read (RFC 5545, section 3.3.10).

use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;

use super::BadRecurrence;

/// Longest rule, in bytes.
const MAX_RULE: usize = 512;

/// Largest INTERVAL, and largest COUNT: times are counted one by one.
const MAX_NUMBER: i64 = 1000;

/// Most times in one day.
const MAX_TIMES: usize = 48;

/// How long a period of the rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// When a rule stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Never,
    /// After so many times.
    Count(i64),
    /// The last time begins no later, in milliseconds since the epoch.
    Until(i64),
}

/// A day of the week, perhaps the first, second, last … one of its month or year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ByDay {
    pub(super) nth: Option<i64>,
    pub(super) weekday: Weekday,
}

/// A rule; an empty list asks for nothing.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) frequency: Frequency,
    pub(super) interval: i64,
    pub(super) limit: Limit,
    pub(super) months: Vec<i8>,
    pub(super) month_days: Vec<i8>,
    pub(super) weekdays: Vec<ByDay>,
    pub(super) hours: Vec<i8>,
    pub(super) minutes: Vec<i8>,
    pub(super) week_start: Weekday,
}

pub(super) fn refuse<T>(text: impl Into<String>) -> Result<T, BadRecurrence> {
    Err(BadRecurrence(text.into()))
}

impl Rule {
    /// Reads a rule; an UNTIL without a zone is meant in `zone`.
    pub(super) fn parse(text: &str, zone: &TimeZone) -> Result<Self, BadRecurrence> {
        if text.len() > MAX_RULE {
            return refuse(format!("a rule has at most {MAX_RULE} bytes"));
        }
        let text = text.trim().to_ascii_uppercase();
        let text = text.strip_prefix("RRULE:").unwrap_or(&text);
        let mut rule = Self {
            frequency: Frequency::Daily,
            interval: 1,
            limit: Limit::Never,
            months: Vec::new(),
            month_days: Vec::new(),
            weekdays: Vec::new(),
            hours: Vec::new(),
            minutes: Vec::new(),
            week_start: Weekday::Monday,
        };
        let mut seen = Vec::new();
        for part in text.split(';') {
            let Some((name, value)) = part.split_once('=') else {
                return refuse(format!(
                    "{part:?} is not of the form NAME=VALUE; write for instance FREQ=WEEKLY;BYDAY=SA,SU"
                ));
            };
            if seen.contains(&name) {
                return refuse(format!("{name:?} is there twice; write it once"));
            }
            seen.push(name);
            rule.take(name, value, zone)?;
        }
        if !seen.contains(&"FREQ") {
            return refuse(
                "FREQ is missing; begin the rule with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY",
            );
        }
        if seen.contains(&"COUNT") && seen.contains(&"UNTIL") {
            return refuse("COUNT and UNTIL exclude each other; leave one of them out");
        }
        rule.agrees()?;
        Ok(rule)
    }

    fn take(&mut self, name: &str, value: &str, zone: &TimeZone) -> Result<(), BadRecurrence> {
        match name {
            "FREQ" => self.frequency = frequency(value)?,
            "INTERVAL" => self.interval = number(name, value, 1, MAX_NUMBER)?,
            "COUNT" => self.limit = Limit::Count(number(name, value, 1, MAX_NUMBER)?),
            "UNTIL" => self.limit = Limit::Until(until(value, zone)?),
            "BYMONTH" => self.months = numbers(name, value, 1, 12)?,
            "BYMONTHDAY" => {
                self.month_days = numbers(name, value, -31, 31)?;
                if self.month_days.contains(&0) {
                    return refuse("BYMONTHDAY=0 is no day; count from 1, or from the end with -1");
                }
            }
            "BYDAY" => self.weekdays = value.split(',').map(by_day).collect::<Result<_, _>>()?,
            "BYHOUR" => self.hours = numbers(name, value, 0, 23)?,
            "BYMINUTE" => self.minutes = numbers(name, value, 0, 59)?,
            "WKST" => self.week_start = weekday(value)?,
            _ => return refuse(unknown(name)),
        }
        Ok(())
    }

    /// Whether its parts may stand together.
    fn agrees(&self) -> Result<(), BadRecurrence> {
        let weekly = self.frequency == Frequency::Weekly;
        if weekly && !self.month_days.is_empty() {
            return refuse("BYMONTHDAY does not go with FREQ=WEEKLY; use FREQ=MONTHLY");
        }
        let in_year = self.frequency == Frequency::Yearly && self.months.is_empty();
        let most = if in_year { 53 } else { 5 };
        for nth in self.weekdays.iter().filter_map(|day| day.nth) {
            if weekly || self.frequency == Frequency::Daily {
                return refuse(format!(
                    "BYDAY counts days ({nth}) only within months and years; use FREQ=MONTHLY, or leave the number out"
                ));
            }
            if nth.abs() > most {
                return refuse(format!(
                    "BYDAY counts up to {most} here, not to {nth}; a month has at most 5 of a weekday, a year 53"
                ));
            }
        }
        if self.hours.len().max(1) * self.minutes.len().max(1) > MAX_TIMES {
            return refuse(format!(
                "BYHOUR and BYMINUTE name more than {MAX_TIMES} times a day; let each time last longer instead"
            ));
        }
        Ok(())
    }

    /// Whether ordinals count within the year, not within the month.
    pub(super) fn counts_in_year(&self) -> bool {
        self.frequency == Frequency::Yearly && self.months.is_empty()
    }
}

fn unknown(name: &str) -> String {
    let instead = match name {
        "BYSETPOS" => "write BYDAY with a number, for instance BYDAY=-1FR, or BYMONTHDAY=-1",
        "BYWEEKNO" => "use FREQ=WEEKLY with INTERVAL, or BYMONTH",
        "BYYEARDAY" => "use BYMONTH and BYMONTHDAY",
        "BYSECOND" => "the start of the silence says the second",
        "RSCALE" | "SKIP" => {
            "leave it out; the calendar is the Gregorian one, and days that do not exist are left out"
        }
        _ => {
            "a rule is made of FREQ, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYHOUR, BYMINUTE and WKST"
        }
    };
    format!("{name:?} is not supported; {instead}")
}

fn frequency(value: &str) -> Result<Frequency, BadRecurrence> {
    Ok(match value {
        "DAILY" => Frequency::Daily,
        "WEEKLY" => Frequency::Weekly,
        "MONTHLY" => Frequency::Monthly,
        "YEARLY" => Frequency::Yearly,
        "HOURLY" | "MINUTELY" | "SECONDLY" => {
            return refuse(format!(
                "FREQ={value} is not supported; use FREQ=DAILY with BYHOUR and BYMINUTE"
            ));
        }
        _ => {
            return refuse(format!(
                "FREQ={value:?} is not known; use DAILY, WEEKLY, MONTHLY or YEARLY"
            ));
        }
    })
}

/// A whole number. A sign is allowed where negative ones are.
fn number(name: &str, value: &str, least: i64, most: i64) -> Result<i64, BadRecurrence> {
    let digits = value
        .strip_prefix(['+', '-'])
        .filter(|_| least < 0)
        .unwrap_or(value);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let read: Option<i64> = value.parse().ok().filter(|_| plain);
    match read.filter(|n| (least..=most).contains(n)) {
        Some(n) => Ok(n),
        None => refuse(format!(
            "{name} takes whole numbers from {least} to {most}, not {value:?}"
        )),
    }
}

/// Numbers in order, each once.
fn numbers(name: &str, value: &str, least: i8, most: i8) -> Result<Vec<i8>, BadRecurrence> {
    let read = value
        .split(',')
        .map(|one| number(name, one, least.into(), most.into()));
    let read: Result<Vec<i64>, _> = read.collect();
    let mut list: Vec<i8> = read?
        .into_iter()
        .filter_map(|n| n.try_into().ok())
        .collect();
    list.sort_unstable();
    list.dedup();
    Ok(list)
}

fn weekday(value: &str) -> Result<Weekday, BadRecurrence> {
    Ok(match value {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => {
            return refuse(format!(
                "{value:?} is not a day of the week; use MO, TU, WE, TH, FR, SA or SU"
            ));
        }
    })
}

fn by_day(value: &str) -> Result<ByDay, BadRecurrence> {
    let at = value.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(0);
    let (nth, day) = value.split_at(at);
    let weekday = weekday(day)?;
    let nth = match nth {
        "" => None,
        nth => Some(number("BYDAY", nth, -53, 53)?),
    };
    if nth == Some(0) {
        return refuse("BYDAY counts from 1, or from the end with -1; there is no day 0");
    }
    Ok(ByDay { nth, weekday })
}

fn until(value: &str, zone: &TimeZone) -> Result<i64, BadRecurrence> {
    let bad = || {
        BadRecurrence(format!(
            "UNTIL takes a date with a time, in UTC as 20270101T220000Z or without the Z in the zone of the silence, not {value:?}"
        ))
    };
    let (local, zone) = match value.strip_suffix('Z') {
        Some(local) => (local, &TimeZone::UTC),
        None => (value, zone),
    };
    let shaped = local.len() == 15
        && local.bytes().enumerate().all(|(i, b)| match i {
            8 => b == b'T',
            _ => b.is_ascii_digit(),
        });
    let read: Option<DateTime> = local.parse().ok().filter(|_| shaped);
    let instant = zone.to_timestamp(read.ok_or_else(bad)?);
    Ok(instant.map_err(|_| bad())?.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_supported_is_refused_by_name() {
        let check = |text: &str, words: &str| {
            let refusal = Rule::parse(text, &TimeZone::UTC).unwrap_err().to_string();
            assert!(refusal.contains(words), "{text}: {refusal}");
        };
        check("", "\"\" is not of the form NAME=VALUE");
        check("FREQ", "\"FREQ\" is not of the form");
        check("FREQ=DAILY;", "\"\" is not of the form");
        check("INTERVAL=2", "FREQ is missing");
        check("FREQ=DAILY;FREQ=DAILY", "\"FREQ\" is there twice");
        check("FREQ=HOURLY", "use FREQ=DAILY with BYHOUR");
        check("FREQ=FORTNIGHTLY", "use DAILY, WEEKLY, MONTHLY or YEARLY");
        check(
            "FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO",
            "\"BYSETPOS\" is not supported; write BYDAY",
        );
        check("FREQ=YEARLY;BYWEEKNO=20", "\"BYWEEKNO\" is not supported");
        check("FREQ=YEARLY;BYYEARDAY=200", "use BYMONTH and BYMONTHDAY");
        check("FREQ=DAILY;BYSECOND=3", "\"BYSECOND\" is not supported");
        check("RSCALE=CHINESE;FREQ=YEARLY", "\"RSCALE\" is not supported");
        check(
            "FREQ=DAILY;X-MINE=1",
            "\"X-MINE\" is not supported; a rule is made of",
        );
        check(
            "FREQ=DAILY;INTERVAL=0",
            "INTERVAL takes whole numbers from 1 to 1000, not \"0\"",
        );
        check("FREQ=DAILY;INTERVAL=+2", "INTERVAL takes");
        check(
            "FREQ=DAILY;COUNT=1001",
            "COUNT takes whole numbers from 1 to 1000",
        );
        check("FREQ=DAILY;COUNT=99999999999999999999", "COUNT takes");
        check(
            "FREQ=DAILY;COUNT=2;UNTIL=20270101T000000Z",
            "exclude each other",
        );
        check(
            "FREQ=DAILY;UNTIL=20270101",
            "UNTIL takes a date with a time",
        );
        check("FREQ=DAILY;UNTIL=20270230T000000Z", "UNTIL takes");
        check(
            "FREQ=DAILY;BYHOUR=24",
            "BYHOUR takes whole numbers from 0 to 23",
        );
        check("FREQ=DAILY;BYHOUR=", "BYHOUR takes");
        check("FREQ=DAILY;BYDAY=XX", "\"XX\" is not a day of the week");
        check("FREQ=DAILY;BYDAY=1MO", "use FREQ=MONTHLY");
        check("FREQ=MONTHLY;BYDAY=6MO", "BYDAY counts up to 5 here");
        check("FREQ=MONTHLY;BYDAY=0MO", "there is no day 0");
        check("FREQ=YEARLY;BYDAY=54MO", "BYDAY takes whole numbers");
        check("FREQ=YEARLY;BYMONTH=3;BYDAY=6MO", "up to 5");
        check("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0 is no day");
        check("FREQ=MONTHLY;BYMONTHDAY=32", "from -31 to 31");
        check("FREQ=WEEKLY;BYMONTHDAY=3", "use FREQ=MONTHLY");
        check(
            "FREQ=DAILY;BYHOUR=1,2,3,4,5,6,7;BYMINUTE=0,5,10,15,20,25,30",
            "more than 48 times a day",
        );
        check(
            &format!("FREQ=DAILY;BYHOUR={}", "1,".repeat(300)),
            "at most 512 bytes",
        );
    }

    #[test]
    fn what_is_supported_is_read() {
        let rule = "rrule:freq=yearly;bymonth=3,1,3;byday=-1fr,MO;wkst=SU;until=20270101T000000";
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let rule = Rule::parse(rule, &zone).unwrap();
        assert_eq!(rule.frequency, Frequency::Yearly);
        assert_eq!(rule.months, [1, 3]);
        assert_eq!(rule.week_start, Weekday::Sunday);
        assert_eq!(rule.limit, Limit::Until(1_798_758_000_000));
        let last_friday = ByDay {
            nth: Some(-1),
            weekday: Weekday::Friday,
        };
        assert_eq!(rule.weekdays[0], last_friday);
        assert_eq!(rule.weekdays[1].nth, None);
    }
}
