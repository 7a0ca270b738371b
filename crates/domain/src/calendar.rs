//! Working time: promises and closing rules count hours in which people work, on a declared calendar (INC-5, INC-11).

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// Working days and hours in a time zone, less holidays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The zone the hours are meant in.
    pub zone: TimeZone,
    /// Days that are worked.
    pub days: Vec<Weekday>,
    /// First minute of work in the day.
    pub from: Time,
    /// End of work; midnight means the end of the day.
    pub until: Time,
    /// Days that are not worked.
    pub holidays: Vec<Date>,
}

impl Calendar {
    /// A working day that is the whole of Monday to Friday in UTC: right for a team spread over time zones.
    #[must_use]
    pub fn around_the_clock() -> Self {
        use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
        Self {
            zone: TimeZone::UTC,
            days: vec![Monday, Tuesday, Wednesday, Thursday, Friday],
            from: Time::midnight(),
            until: Time::midnight(),
            holidays: Vec::new(),
        }
    }

    /// The working interval of a day, if it is worked.
    fn hours_of(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        if !self.days.contains(&day.weekday()) || self.holidays.contains(&day) {
            return None;
        }
        let until_day = if self.until == Time::midnight() {
            day.tomorrow().ok()?
        } else {
            day
        };
        let from = self.zone.to_timestamp(day.to_datetime(self.from)).ok()?;
        let until = self
            .zone
            .to_timestamp(until_day.to_datetime(self.until))
            .ok()?;
        (from < until).then_some((from, until))
    }

    /// The instant at which `seconds` of working time have passed since `start`. `None` when ten years do not hold
    /// that much working time (a calendar of holidays only).
    #[must_use]
    pub fn after(&self, start: Timestamp, seconds: i64) -> Option<Timestamp> {
        let mut left = seconds;
        // The interval of the day before may reach into the start's day.
        let mut day = self.zone.to_datetime(start).date().yesterday().ok()?;
        for _ in 0..3660 {
            if let Some((from, until)) = self.hours_of(day) {
                let from = from.max(start);
                let available = until.as_second() - from.as_second();
                if available > 0 {
                    if left <= available {
                        return from.checked_add(left.seconds()).ok();
                    }
                    left -= available;
                }
            }
            day = day.tomorrow().ok()?;
        }
        None
    }
}

/// A length of time as people write it: `30m`, `2h`, `3 working hours`, `2 working days`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Period {
    /// Seconds on the clock.
    Clock(i64),
    /// Seconds of working time.
    Working(i64),
}

impl Period {
    /// When the period that begins at `start_ms` ends, in milliseconds since the epoch.
    #[must_use]
    pub fn after_ms(self, start_ms: i64, calendar: &Calendar) -> Option<i64> {
        match self {
            Self::Clock(seconds) => start_ms.checked_add(seconds.checked_mul(1000)?),
            Self::Working(seconds) => {
                let start = Timestamp::from_millisecond(start_ms).ok()?;
                calendar
                    .after(start, seconds)
                    .map(Timestamp::as_millisecond)
            }
        }
    }
}

/// The text is not a period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a period; write for instance \"30s\", \"15m\", \"2h\", \"1d\" or \"3 working hours\""
)]
pub struct NotAPeriod(String);

impl FromStr for Period {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || NotAPeriod(text.to_owned());
        let trimmed = text.trim();
        let digits = trimmed
            .find(|c: char| !c.is_ascii_digit())
            .ok_or_else(refuse)?;
        let number: i64 = trimmed[..digits].parse().map_err(|_| refuse())?;
        let unit = trimmed[digits..].trim();
        let (working, unit) = match unit.strip_prefix("working ") {
            Some(rest) => (true, rest.trim()),
            None => (false, unit),
        };
        let seconds = match unit {
            "s" | "second" | "seconds" => 1,
            "m" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" => 3600,
            "d" | "day" | "days" => 86_400,
            "w" | "week" | "weeks" if !working => 604_800,
            _ => return Err(refuse()),
        };
        // A hundred years are enough for anybody, and keep later sums from overflowing.
        let total = number
            .checked_mul(seconds)
            .filter(|s| (1..=3_155_760_000).contains(s));
        let total = total.ok_or_else(refuse)?;
        Ok(if working {
            Self::Working(total)
        } else {
            Self::Clock(total)
        })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, working) = match *self {
            Self::Clock(seconds) => (seconds, ""),
            Self::Working(seconds) => (seconds, " working"),
        };
        let (n, unit) = match seconds {
            s if s % 86_400 == 0 => (s / 86_400, "day"),
            s if s % 3600 == 0 => (s / 3600, "hour"),
            s if s % 60 == 0 => (s / 60, "minute"),
            s => (s, "second"),
        };
        write!(f, "{n}{working} {unit}{}", if n == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office() -> Calendar {
        Calendar {
            zone: TimeZone::get("Europe/Berlin").unwrap(),
            from: Time::constant(9, 0, 0, 0),
            until: Time::constant(17, 0, 0, 0),
            holidays: vec![Date::constant(2026, 12, 25)],
            ..Calendar::around_the_clock()
        }
    }

    #[test]
    fn working_time_skips_nights_weekends_holidays_and_summer_time() {
        let check = |calendar: &Calendar, start: &str, hours: i64, end: &str| {
            let start: Timestamp = start.parse().unwrap();
            let found = calendar.after(start, hours * 3600).unwrap();
            assert_eq!(found.to_string(), end, "{hours} h after {start}");
        };
        let office = office();
        check(&office, "2026-11-20T08:00:00Z", 3, "2026-11-20T11:00:00Z");
        check(&office, "2026-11-20T15:00:00Z", 3, "2026-11-23T10:00:00Z");
        check(&office, "2026-12-24T15:00:00Z", 2, "2026-12-28T09:00:00Z");
        // Summer time begins on Sunday 2026-03-29: nine o'clock moves from 08:00 to 07:00 UTC.
        check(&office, "2026-03-27T15:30:00Z", 1, "2026-03-30T07:30:00Z");
        // 48 working hours of a round-the-clock team are two days of Monday to Friday.
        let team = Calendar::around_the_clock();
        check(&team, "2026-11-20T18:00:00Z", 48, "2026-11-24T18:00:00Z");
    }

    #[test]
    fn a_calendar_without_working_time_has_no_end() {
        let never = Calendar {
            days: Vec::new(),
            ..Calendar::around_the_clock()
        };
        assert_eq!(never.after(Timestamp::UNIX_EPOCH, 1), None);
    }

    #[test]
    fn periods_are_read_and_shown() {
        let check = |text: &str, shown: &str| {
            assert_eq!(text.parse::<Period>().unwrap().to_string(), shown);
        };
        check("30m", "30 minutes");
        check("1h", "1 hour");
        check("48 working hours", "2 working days");
        check("90 seconds", "90 seconds");
        for bad in [
            "",
            "h",
            "0s",
            "-1h",
            "3 working weeks",
            "1 fortnight",
            "99999999999999999999s",
        ] {
            assert!(bad.parse::<Period>().is_err(), "{bad:?}");
        }
    }
}
