//! The times of a rule that begins at a certain moment. Whether a day is one of them is known from the day alone, so
//! nothing is enumerated from the beginning, except to count.

use std::cell::Cell;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::rule::{ByDay, Frequency, Limit, Rule};

/// How far ahead the next time is sought, in years.
const HORIZON_YEARS: i64 = 100;

/// Where the local clock is set, a moment may move into a neighbouring day, and two may change their order. No zone ever
/// moved by more than a day.
const MARGIN_DAYS: i64 = 2;

/// One time of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Occurrence {
    /// What the wall clock was meant to show.
    local: DateTime,
    /// When it begins, in milliseconds since the epoch.
    at_ms: i64,
}

/// A rule, and where it begins.
pub(super) struct Series<'a> {
    rule: &'a Rule,
    zone: &'a TimeZone,
    first: DateTime,
    first_ms: i64,
    /// Months that may have times: a bit each, 1 for January.
    months: u16,
    /// Times of a day, in order.
    times: Vec<Time>,
    /// How far COUNT was followed.
    counted: Cell<Counted>,
}

/// Times that were counted.
#[derive(Clone, Copy, Debug)]
struct Counted {
    /// The first day that was not.
    from: Date,
    /// How many are left; 0 where nothing is counted.
    left: i64,
    /// The last that counts, once it is known.
    last: Option<DateTime>,
}

impl<'a> Series<'a> {
    /// `None` when the start is no time at all.
    pub(super) fn new(rule: &'a Rule, zone: &'a TimeZone, first_ms: i64) -> Option<Self> {
        let first = zone.to_datetime(Timestamp::from_millisecond(first_ms).ok()?);
        let whole_year = rule.frequency == Frequency::Yearly
            && rule.months.is_empty()
            && rule.month_days.is_empty()
            && rule.weekdays.is_empty();
        let months = match (rule.months.is_empty(), whole_year) {
            (false, _) => rule.months.iter().fold(0, |bits, m| bits | 1 << m),
            (true, true) => 1 << first.month(),
            (true, false) => u16::MAX,
        };
        let or_first = |list: &[i8], first: i8| match list {
            [] => vec![first],
            list => list.to_vec(),
        };
        let minutes = or_first(&rule.minutes, first.minute());
        let hours = or_first(&rule.hours, first.hour());
        let (second, fraction) = (first.second(), first.subsec_nanosecond());
        let times = hours.iter().flat_map(|h| {
            let times = minutes.iter().map(|m| Time::new(*h, *m, second, fraction));
            times.filter_map(Result::ok)
        });
        Some(Self {
            rule,
            zone,
            first,
            first_ms,
            months,
            times: times.collect(),
            counted: Cell::new(Counted {
                from: first.date(),
                left: match rule.limit {
                    Limit::Count(count) => count,
                    Limit::Never | Limit::Until(_) => 0,
                },
                last: None,
            }),
        })
    }

    /// Times of a day, in order.
    pub(super) fn times(&self) -> &[Time] {
        &self.times
    }

    /// The wall clock at the beginning.
    pub(super) fn first(&self) -> DateTime {
        self.first
    }

    /// The latest beginning at or before `now_ms` and after `floor_ms`, if the rule has not stopped by then.
    pub(super) fn latest(&self, now_ms: i64, floor_ms: i64) -> Option<i64> {
        let found = self.latest_until(now_ms, floor_ms, None)?;
        let last = self.last_counted(found.local.date());
        if last.is_none_or(|last| found.local <= last) {
            return Some(found.at_ms);
        }
        // The count was used up before; the last time that counts may be near enough still.
        self.latest_until(now_ms, floor_ms, last).map(|o| o.at_ms)
    }

    /// The earliest beginning after `after_ms`, in a hundred years at most.
    pub(super) fn next(&self, after_ms: i64) -> Option<i64> {
        let found = self.next_until(after_ms, None)?;
        let last = self.last_counted(found.local.date());
        if last.is_none_or(|last| found.local <= last) {
            return Some(found.at_ms);
        }
        self.next_until(after_ms, last).map(|o| o.at_ms)
    }

    /// As [`Self::next`], COUNT aside, and not after `last` on the wall clock.
    fn next_until(&self, after_ms: i64, last: Option<DateTime>) -> Option<Occurrence> {
        let after = self.day_of(after_ms)?.max(self.first.date());
        let mut end = after.saturating_add(HORIZON_YEARS.years());
        if let Limit::Until(until_ms) = self.rule.limit {
            end = end.min(moved(self.day_of(until_ms)?, MARGIN_DAYS));
        }
        if let Some(last) = last {
            end = end.min(last.date());
        }
        let mut from = moved(after, -MARGIN_DAYS);
        let mut best: Option<Occurrence> = None;
        while let Some(day) = self.day_from(from, end) {
            let later = self
                .of_day(day)
                .filter(|o| o.at_ms > after_ms)
                .filter(|o| last.is_none_or(|last| o.local <= last));
            best = later.chain(best).min_by_key(|o| o.at_ms);
            if let Some(best) = best {
                end = end.min(moved(best.local.date(), MARGIN_DAYS));
            }
            match day.tomorrow() {
                Ok(next) => from = next,
                Err(_) => break,
            }
        }
        best
    }

    /// As [`Self::latest`], COUNT aside, and not after `last` on the wall clock.
    fn latest_until(
        &self,
        now_ms: i64,
        floor_ms: i64,
        last: Option<DateTime>,
    ) -> Option<Occurrence> {
        let now_ms = match self.rule.limit {
            Limit::Until(until_ms) => now_ms.min(until_ms),
            _ => now_ms,
        };
        let floor_ms = floor_ms.max(self.first_ms.saturating_sub(1));
        if now_ms <= floor_ms {
            return None;
        }
        let mut end = moved(self.day_of(floor_ms)?, -MARGIN_DAYS);
        let mut from = moved(self.day_of(now_ms)?, MARGIN_DAYS);
        if let Some(last) = last {
            from = from.min(last.date());
        }
        let mut best: Option<Occurrence> = None;
        while let Some(day) = self.day_until(from, end) {
            let earlier = self
                .of_day(day)
                .filter(|o| o.at_ms <= now_ms && o.at_ms > floor_ms)
                .filter(|o| last.is_none_or(|last| o.local <= last));
            best = earlier.chain(best).max_by_key(|o| o.at_ms);
            if let Some(best) = best {
                end = end.max(moved(best.local.date(), -MARGIN_DAYS));
            }
            match day.yesterday() {
                Ok(before) => from = before,
                Err(_) => break,
            }
        }
        best
    }

    /// The last time that COUNT allows, when it lies on or before a day. Later questions go on where the first stopped.
    fn last_counted(&self, by: Date) -> Option<DateTime> {
        let mut counted = self.counted.get();
        while counted.left > 0
            && let Some(day) = self.day_from(counted.from, by)
        {
            for occurrence in self.of_day(day) {
                counted.left -= 1;
                if counted.left == 0 {
                    counted.last = Some(occurrence.local);
                    break;
                }
            }
            counted.from = day.tomorrow().ok()?;
        }
        self.counted.set(counted);
        counted.last
    }

    /// The times of a day of the rule, in the order of the wall clock, COUNT aside.
    fn of_day(&self, day: Date) -> impl Iterator<Item = Occurrence> + '_ {
        let times = self.times.iter().map(move |time| day.to_datetime(*time));
        let times = times.filter(|local| *local >= self.first);
        let occurrences = times.filter_map(|local| {
            // The start may lie in an hour that comes twice; then it knows which.
            let at_ms = if local == self.first {
                self.first_ms
            } else {
                self.zone.to_timestamp(local).ok()?.as_millisecond()
            };
            Some(Occurrence { local, at_ms })
        });
        occurrences.filter(|o| {
            let over = matches!(self.rule.limit, Limit::Until(until_ms) if o.at_ms > until_ms);
            o.at_ms >= self.first_ms && !over
        })
    }

    /// The first day of the rule from one day to another.
    fn day_from(&self, from: Date, to: Date) -> Option<Date> {
        let mut day = from.max(self.first.date());
        while day <= to {
            let period = self.period(day);
            let beyond = period.rem_euclid(self.rule.interval);
            day = if beyond != 0 {
                self.begin_of(period + self.rule.interval - beyond)?
            } else if self.months & 1 << day.month() == 0 {
                day.last_of_month().tomorrow().ok()?
            } else if self.fits(day) {
                return Some(day);
            } else {
                day.tomorrow().ok()?
            };
        }
        None
    }

    /// The last day of the rule from one day back to another.
    fn day_until(&self, from: Date, to: Date) -> Option<Date> {
        let (mut day, to) = (from, to.max(self.first.date()));
        while day >= to {
            let period = self.period(day);
            let beyond = period.rem_euclid(self.rule.interval);
            day = if beyond != 0 {
                self.begin_of(period - beyond + 1)?.yesterday().ok()?
            } else if self.months & 1 << day.month() == 0 {
                day.first_of_month().yesterday().ok()?
            } else if self.fits(day) {
                return Some(day);
            } else {
                day.yesterday().ok()?
            };
        }
        None
    }

    /// Whether a day of a period that counts, in a month that counts, is one of the rule.
    fn fits(&self, day: Date) -> bool {
        let rule = self.rule;
        if rule.month_days.is_empty() && rule.weekdays.is_empty() {
            return match rule.frequency {
                Frequency::Daily => true,
                Frequency::Weekly => day.weekday() == self.first.weekday(),
                Frequency::Monthly | Frequency::Yearly => day.day() == self.first.day(),
            };
        }
        let from_end = day.day() - day.days_in_month() - 1;
        let in_month = rule.month_days.is_empty()
            || rule
                .month_days
                .iter()
                .any(|d| *d == day.day() || *d == from_end);
        let in_week = rule.weekdays.is_empty() || rule.weekdays.iter().any(|d| self.is(day, *d));
        in_month && in_week
    }

    fn is(&self, day: Date, wanted: ByDay) -> bool {
        if day.weekday() != wanted.weekday {
            return false;
        }
        let (at, of) = if self.rule.counts_in_year() {
            (i64::from(day.day_of_year()), i64::from(day.days_in_year()))
        } else {
            (i64::from(day.day()), i64::from(day.days_in_month()))
        };
        let (nth, nth_last) = ((at - 1) / 7 + 1, -((of - at) / 7 + 1));
        wanted.nth.is_none_or(|n| n == nth || n == nth_last)
    }

    /// How many periods of the rule a day lies after the first one.
    fn period(&self, day: Date) -> i64 {
        let first = self.first.date();
        let years = i64::from(day.year()) - i64::from(first.year());
        match self.rule.frequency {
            Frequency::Daily => days_between(first, day),
            Frequency::Weekly => {
                let week_start = self.rule.week_start;
                let since = i64::from(first.weekday().since(week_start));
                (days_between(first, day) + since).div_euclid(7)
            }
            Frequency::Monthly => years * 12 + i64::from(day.month()) - i64::from(first.month()),
            Frequency::Yearly => years,
        }
    }

    /// The first day of a period.
    fn begin_of(&self, period: i64) -> Option<Date> {
        let first = self.first.date();
        let after = |days: i64| {
            let span = SignedDuration::from_hours(days.checked_mul(24)?);
            first.checked_add(span).ok()
        };
        let month = |months: i64| {
            let year = i16::try_from(months.div_euclid(12)).ok()?;
            let month = i8::try_from(months.rem_euclid(12) + 1).ok()?;
            Date::new(year, month, 1).ok()
        };
        let year = i64::from(first.year());
        match self.rule.frequency {
            Frequency::Daily => after(period),
            Frequency::Weekly => {
                let since = i64::from(first.weekday().since(self.rule.week_start));
                after(period * 7 - since)
            }
            Frequency::Monthly => month(year * 12 + i64::from(first.month()) - 1 + period),
            Frequency::Yearly => month((year + period) * 12),
        }
    }

    fn day_of(&self, ms: i64) -> Option<Date> {
        let (least, most) = (
            Timestamp::MIN.as_millisecond(),
            Timestamp::MAX.as_millisecond(),
        );
        let at = Timestamp::from_millisecond(ms.clamp(least, most)).ok()?;
        Some(self.zone.to_datetime(at).date())
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

/// A day so many days later, or the first or last there is.
fn moved(day: Date, days: i64) -> Date {
    day.saturating_add(days.days())
}
