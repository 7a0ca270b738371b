//! Instants: for machines, and in the words of each language. Always in UTC, so that a page is the same for everybody.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::RenderError;
use super::words::{Words, fill};

/// Milliseconds of a day.
pub(super) const DAY: i64 = 86_400_000;

/// An instant.
#[derive(Clone, Serialize)]
pub(super) struct Time {
    /// For machines.
    pub(super) iso: String,
    /// The time of day.
    pub(super) clock: String,
    /// Date and time of day.
    pub(super) full: String,
}

impl Time {
    pub(super) fn of(time: Timestamp, words: &Words) -> Self {
        let bare = bare_clock(time);
        let clock = fill(words.clock, &[("clock", &bare)]);
        let date = date(civil(time), words);
        Self {
            iso: iso(time),
            full: fill(words.moment, &[("date", &date), ("clock", &clock)]),
            clock,
        }
    }

    pub(super) fn of_ms(ms: i64, words: &Words) -> Result<Self, RenderError> {
        Ok(Self::of(timestamp(ms)?, words))
    }
}

/// An instant from milliseconds since the epoch.
pub(super) fn timestamp(ms: i64) -> Result<Timestamp, RenderError> {
    Timestamp::from_millisecond(ms).map_err(|e| RenderError::new("a time", e))
}

/// As RFC 3339 has it, to the second.
pub(super) fn iso(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The calendar day in UTC.
pub(super) fn civil(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// The number of the day since the epoch.
pub(super) fn day_number(ms: i64) -> i64 {
    ms.div_euclid(DAY)
}

/// The calendar day of that number.
pub(super) fn day_of(number: i64) -> Result<Date, RenderError> {
    Ok(civil(timestamp(number.saturating_mul(DAY))?))
}

/// Hours and minutes alone.
pub(super) fn bare_clock(time: Timestamp) -> String {
    time.strftime("%H:%M").to_string()
}

/// Day, month, year.
pub(super) fn date(date: Date, words: &Words) -> String {
    parts(words.date, date, &words.months)
}

/// Day and month.
pub(super) fn day(date: Date, words: &Words) -> String {
    parts(words.day, date, &words.months)
}

/// Month and year, as a heading.
pub(super) fn month(date: Date, words: &Words) -> String {
    parts(words.month_heading, date, &words.month_names)
}

fn parts(pattern: &str, date: Date, months: &[&'static str; 12]) -> String {
    let month = usize::try_from(date.month() - 1).unwrap_or(0);
    let values = [
        ("day", date.day().to_string()),
        ("month", months.get(month).copied().unwrap_or("").to_owned()),
        ("year", date.year().to_string()),
    ];
    fill(
        pattern,
        &values
            .each_ref()
            .map(|(name, value)| (*name, value.as_str())),
    )
}

#[cfg(test)]
mod tests {
    use stentor_domain::bulletin::Language;

    use super::*;

    #[test]
    fn every_language_has_its_way_with_dates() {
        #[track_caller]
        fn check(language: &str, expect: &str) {
            let words = Words::of(&Language::try_from(language.to_owned()).unwrap());
            let time = "2026-03-01T02:05:00Z".parse().unwrap();
            assert_eq!(Time::of(time, words).full, expect);
        }
        check("en", "1 March 2026, 02:05 UTC");
        check("de", "1. März 2026, 02:05 UTC");
        check("es", "1 de marzo de 2026, 02:05 UTC");
        check("ar", "1 مارس 2026، \u{2066}02:05 UTC\u{2069}");
        check("he", "1 במרץ 2026, \u{2066}02:05 UTC\u{2069}");
    }
}
