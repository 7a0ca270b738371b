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
