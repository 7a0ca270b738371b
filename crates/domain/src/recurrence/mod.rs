//! What comes back: an iCalendar rule (RFC 5545, section 3.3.10), how long each time lasts, and where the clock is read.
//!
//! The rule is read and computed here, on jiff. Of the libraries there are, `rrule` brings chrono and a second copy of
//! the time-zone data, which could disagree with ours, and walks from the first time to the one that is asked for, at
//! every question; `recurring` is built on jiff, but knows neither the text of a rule nor ordinals, COUNT and weeks that
//! are counted. Should jiff learn rules (its issue 408), this module can go. Until then python-dateutil judges
//! it in the tests.
//!
//! Each time keeps its wall clock across changes of the local time. Where the clock skips it, it comes as much later;
//! where the clock shows it twice, the first counts. What lasts is measured on the clock that never changes. The start
//! is one of the times only if the rule says so.

mod rule;
mod series;
mod words;

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use rule::{Rule, refuse};
use series::Series;

/// How long each time lasts at most, in milliseconds: a leap year.
const MAX_DURATION_MS: i64 = 366 * 86_400_000;

/// Longest name of a time zone, in bytes.
const MAX_ZONE: usize = 64;

/// The earliest and the latest start, in milliseconds since the epoch: the years 1970 to 2999.
const STARTS_MS: std::ops::Range<i64> = 0..32_503_680_000_000;

/// So many times that touch each other are followed to find their end: more than a year of whole days.
const MAX_JOINED: usize = 400;

/// When something holds again and again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Recurrence {
    written: Written,
    read: Arc<Read>,
}

/// What the texts mean, so that nothing is parsed again when it is asked.
#[derive(Debug)]
struct Read {
    rule: Rule,
    zone: TimeZone,
}

/// A recurrence as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Written {
    rule: String,
    duration_ms: i64,
    zone: String,
}

/// A rule that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the recurrence cannot be used: {0}")]
pub struct BadRecurrence(pub String);

impl Recurrence {
    /// A rule, for instance `FREQ=WEEKLY;BYDAY=SA,SU`, how long each time lasts (milliseconds), and the time zone by its
    /// IANA name.
    ///
    /// # Errors
    /// What is wrong or not supported, by its name, and what to do.
    pub fn new(
        rule: impl Into<String>,
        duration_ms: i64,
        zone: impl Into<String>,
    ) -> Result<Self, BadRecurrence> {
        let (rule, zone) = (rule.into(), zone.into());
        if duration_ms <= 0 {
            return refuse("each time must last for a while; give a duration");
        }
        if duration_ms > MAX_DURATION_MS {
            return refuse(
                "each time lasts 366 days at most; use a silence that does not come back",
            );
        }
        let found = Some(&zone).filter(|zone| zone.len() <= MAX_ZONE);
        let found = found.and_then(|zone| TimeZone::get(zone).ok());
        let Some(read_in) = found.filter(|zone| !zone.is_unknown()) else {
            let shown: String = zone.chars().take(MAX_ZONE).collect();
            return refuse(format!(
                "there is no time zone {shown:?}; write an IANA name such as Europe/Berlin or UTC"
            ));
        };
        Ok(Self {
            read: Arc::new(Read {
                rule: Rule::parse(&rule, &read_in)?,
                zone: read_in,
            }),
            written: Written {
                rule,
                duration_ms,
                zone,
            },
        })
    }

    /// The rule as it was written.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.written.rule
    }

    /// How long each time lasts, in milliseconds.
    #[must_use]
    pub fn duration_ms(&self) -> i64 {
        self.written.duration_ms
    }

    /// The time zone, as IANA names it.
    #[must_use]
    pub fn zone(&self) -> &str {
        self.read.zone.iana_name().unwrap_or(&self.written.zone)
    }

    /// Whether it can be used from `first_ms` on (milliseconds since the epoch).
    ///
    /// # Errors
    /// The start lies in no sensible year, or the rule never comes.
    pub fn check(&self, first_ms: i64) -> Result<(), BadRecurrence> {
        if !STARTS_MS.contains(&first_ms) {
            return refuse("it must start between the years 1970 and 2999");
        }
        match self.next_start_ms(first_ms, first_ms - 1) {
            Some(_) => Ok(()),
            None => refuse(
                "no time of the rule comes in the hundred years after the start; check its days, its UNTIL and the start",
            ),
        }
    }

    /// Whether `now_ms` lies in one of its times; the rule begins at `first_ms` (both in milliseconds since the epoch).
    #[must_use]
    pub fn covers(&self, first_ms: i64, now_ms: i64) -> bool {
        let series = self.series(first_ms);
        series.is_some_and(|series| self.end_of_latest(&series, now_ms).is_some())
    }

    /// When [`Self::covers`] changes next after `now_ms`; `None` when it does not in a hundred years, or when it holds
    /// and the next 400 times all touch each other. All in milliseconds since the epoch.
    #[must_use]
    pub fn next_change_ms(&self, first_ms: i64, now_ms: i64) -> Option<i64> {
        let series = self.series(first_ms)?;
        let Some(mut end_ms) = self.end_of_latest(&series, now_ms) else {
            return series.next(now_ms);
        };
        // Times may overlap: the end is where no other goes on.
        for _ in 0..MAX_JOINED {
            match self.end_of_latest(&series, end_ms) {
                Some(later_ms) => end_ms = later_ms,
                None => return Some(end_ms),
            }
        }
        None
    }

    /// When the next time begins after `after_ms`, in a hundred years at most; the rule begins at `first_ms` (all in
    /// milliseconds since the epoch).
    #[must_use]
    pub fn next_start_ms(&self, first_ms: i64, after_ms: i64) -> Option<i64> {
        self.series(first_ms)?.next(after_ms)
    }

    /// For people: `every Saturday and Sunday from 22:00 for 4 hours (Europe/Berlin)`. The start, in milliseconds since
    /// the epoch, says what the rule leaves open.
    #[must_use]
    pub fn in_words(&self, first_ms: i64) -> String {
        words::describe(self, first_ms)
    }

    fn series(&self, first_ms: i64) -> Option<Series<'_>> {
        Series::new(&self.read.rule, &self.read.zone, first_ms)
    }

    /// The end of the time that began last, when that is still to come.
    fn end_of_latest(&self, series: &Series<'_>, now_ms: i64) -> Option<i64> {
        let duration_ms = self.written.duration_ms;
        let began_ms = series.latest(now_ms, now_ms.saturating_sub(duration_ms))?;
        Some(began_ms + duration_ms)
    }
}

impl PartialEq for Recurrence {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Eq for Recurrence {}

impl TryFrom<Written> for Recurrence {
    type Error = BadRecurrence;

    fn try_from(written: Written) -> Result<Self, BadRecurrence> {
        Self::new(written.rule, written.duration_ms, written.zone)
    }
}

impl From<Recurrence> for Written {
    fn from(recurrence: Recurrence) -> Self {
        recurrence.written
    }
}
