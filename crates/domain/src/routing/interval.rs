//! Times of the week, month and year, as Alertmanager's `time_intervals` declare them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// All conditions of one entry of `time_intervals`; an empty list asks for nothing.
#[derive(Clone, Debug, Default)]
pub struct TimeInterval {
    /// Minutes of the day: from the first to before the second.
    pub times: Vec<(u16, u16)>,
    /// Days of the week, 0 for Sunday: from the first to the second, both included.
    pub weekdays: Vec<(u8, u8)>,
    /// Days of the month; negative ones count from its end. Both included.
    pub days_of_month: Vec<(i8, i8)>,
    /// Months, 1 for January. Both included.
    pub months: Vec<(u8, u8)>,
    /// Years. Both included.
    pub years: Vec<(i16, i16)>,
    /// Where the clock is read; `None` for UTC.
    pub zone: Option<TimeZone>,
}

impl TimeInterval {
    /// Whether the moment lies in it.
    #[must_use]
    pub fn contains(&self, moment: Timestamp) -> bool {
        let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
        let at = moment.to_zoned(zone);
        let minute = i32::from(at.hour()) * 60 + i32::from(at.minute());
        let day = i32::from(at.day());
        let days = i32::from(at.days_in_month());
        let weekday = i32::from(at.weekday().to_sunday_zero_offset());
        let any = |ranges: Vec<(i32, i32)>, value: i32| {
            ranges.is_empty() || ranges.iter().any(|(a, b)| (*a..=*b).contains(&value))
        };
        let widen = |ranges: &[(u8, u8)]| -> Vec<(i32, i32)> {
            ranges
                .iter()
                .map(|(a, b)| (i32::from(*a), i32::from(*b)))
                .collect()
        };
        let times = self
            .times
            .iter()
            .map(|(a, b)| (i32::from(*a), i32::from(*b) - 1));
        // A negative day counts from the end of the month; what lies outside of the month is cut to it.
        let in_month = |d: i8| {
            let d = i32::from(d);
            if d < 0 { days + 1 + d } else { d }
        };
        let of_month = self.days_of_month.iter().map(|(a, b)| {
            let (a, b) = (in_month(*a), in_month(*b));
            (a.max(1), b.min(days))
        });
        let years = self
            .years
            .iter()
            .map(|(a, b)| (i32::from(*a), i32::from(*b)));
        any(times.collect(), minute)
            && any(widen(&self.weekdays), weekday)
            && any(of_month.collect(), day)
            && any(widen(&self.months), i32::from(at.month()))
            && any(years.collect(), i32::from(at.year()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(interval: &TimeInterval, moments: &[(&str, bool)]) {
        for (text, expected) in moments {
            let moment: Timestamp = text.parse().unwrap();
            assert_eq!(interval.contains(moment), *expected, "{text}");
        }
    }

    #[test]
    fn what_asks_for_nothing_is_always() {
        check(&TimeInterval::default(), &[("2030-01-01T00:00:00Z", true)]);
    }

    #[test]
    fn times_end_before_their_second_minute() {
        let interval = TimeInterval {
            times: vec![(0, 1), (9 * 60, 17 * 60), (23 * 60, 24 * 60)],
            ..TimeInterval::default()
        };
        check(
            &interval,
            &[
                ("2030-01-01T00:00:59Z", true),
                ("2030-01-01T00:01:00Z", false),
                ("2030-01-01T08:59:59.999Z", false),
                ("2030-01-01T09:00:00Z", true),
                ("2030-01-01T16:59:59.999Z", true),
                ("2030-01-01T17:00:00Z", false),
                ("2030-01-01T23:59:59.999Z", true),
            ],
        );
    }

    #[test]
    fn negative_days_count_from_the_end_of_the_month() {
        let days = |from: i8, to: i8| TimeInterval {
            days_of_month: vec![(from, to)],
            ..TimeInterval::default()
        };
        check(
            &days(-1, -1),
            &[
                ("2030-02-27T12:00:00Z", false),
                ("2030-02-28T12:00:00Z", true),
                ("2028-02-28T12:00:00Z", false),
                ("2028-02-29T12:00:00Z", true),
                ("2030-04-30T23:59:59Z", true),
                ("2030-05-01T00:00:00Z", false),
            ],
        );
        check(
            &days(25, -1),
            &[
                ("2030-02-24T12:00:00Z", false),
                ("2030-02-25T12:00:00Z", true),
                ("2030-01-31T12:00:00Z", true),
            ],
        );
        // The 31st day before the end is before the month, and what is left is all of it.
        check(
            &days(-31, -28),
            &[
                ("2030-02-01T12:00:00Z", true),
                ("2030-02-02T12:00:00Z", false),
                ("2030-01-04T12:00:00Z", true),
                ("2030-01-05T12:00:00Z", false),
            ],
        );
        // A day that the month does not have is no other day instead.
        check(
            &days(31, 31),
            &[
                ("2030-04-30T12:00:00Z", false),
                ("2030-05-31T12:00:00Z", true),
            ],
        );
        check(&days(29, 31), &[("2030-02-28T12:00:00Z", false)]);
    }

    #[test]
    fn all_that_is_asked_for_must_hold() {
        let interval = TimeInterval {
            weekdays: vec![(1, 5)],
            months: vec![(1, 3), (12, 12)],
            years: vec![(2030, 2031)],
            ..TimeInterval::default()
        };
        check(
            &interval,
            &[
                // A Friday, a Saturday, a Sunday, a Monday.
                ("2030-03-01T12:00:00Z", true),
                ("2030-03-02T12:00:00Z", false),
                ("2030-03-03T12:00:00Z", false),
                ("2030-03-04T12:00:00Z", true),
                ("2030-04-01T12:00:00Z", false),
                ("2031-12-31T12:00:00Z", true),
                ("2032-01-01T12:00:00Z", false),
                ("2029-12-31T12:00:00Z", false),
            ],
        );
        let sunday = TimeInterval {
            weekdays: vec![(0, 0)],
            ..TimeInterval::default()
        };
        check(&sunday, &[("2030-03-03T12:00:00Z", true)]);
    }

    #[test]
    fn the_clock_is_read_where_the_zone_says_on_both_sides_of_its_changes() {
        let interval = TimeInterval {
            times: vec![(2 * 60, 3 * 60)],
            zone: Some(TimeZone::get("Europe/Berlin").unwrap()),
            ..TimeInterval::default()
        };
        check(
            &interval,
            &[
                // Winter and summer.
                ("2030-01-15T01:30:00Z", true),
                ("2030-01-15T02:30:00Z", false),
                ("2030-07-15T00:30:00Z", true),
                ("2030-07-15T01:30:00Z", false),
                // In spring the hour does not exist, in autumn it comes twice.
                ("2030-03-31T00:59:59Z", false),
                ("2030-03-31T01:00:00Z", false),
                ("2030-10-27T00:30:00Z", true),
                ("2030-10-27T01:30:00Z", true),
                ("2030-10-27T02:00:00Z", false),
            ],
        );
        let last_day = TimeInterval {
            days_of_month: vec![(-1, -1)],
            zone: Some(TimeZone::get("Asia/Tokyo").unwrap()),
            ..TimeInterval::default()
        };
        check(
            &last_day,
            &[
                ("2030-01-30T14:59:59Z", false),
                ("2030-01-30T15:00:00Z", true),
                ("2030-01-31T14:59:59Z", true),
                ("2030-01-31T15:00:00Z", false),
            ],
        );
    }
}
