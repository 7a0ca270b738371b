//! An alert as its sender describes it, then judged and given its times.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::date;
use jiff::fmt::temporal::Pieces;
use stentor_domain::alert::{Alert, Fingerprint};

use super::{Clock, FixedLabels, MAX_LABEL_VALUE, MAX_TEXT, Pairs};

/// What a sender says of one alert.
#[derive(Debug, Default)]
pub(crate) struct Draft<'a> {
    pub(crate) labels: Pairs<'a>,
    pub(crate) annotations: Pairs<'a>,
    /// Milliseconds since the epoch.
    pub(crate) starts_ms: Option<i64>,
    /// Milliseconds since the epoch.
    pub(crate) ends_ms: Option<i64>,
    pub(crate) generator_url: Cow<'a, str>,
    pub(crate) status: Status,
}

/// Whether it fires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Status {
    /// Its end tells.
    #[default]
    ByTimes,
    /// The sender says that it fires, whatever end it names.
    Firing,
    /// The sender says that it is over, whatever end it names.
    Resolved,
}

impl Draft<'_> {
    /// The alert, within the limits and with its times resolved.
    pub(crate) fn judge(self, clock: Clock, fixed: &FixedLabels) -> Result<Alert, String> {
        self.labels.judge("label", MAX_LABEL_VALUE)?;
        self.annotations.judge("annotation", MAX_TEXT)?;
        if self.labels.is_empty() {
            return Err("at least one label with a value is needed".into());
        }
        if self.generator_url.len() > MAX_TEXT {
            return Err(format!("generatorURL has more than {MAX_TEXT} bytes"));
        }
        let (starts_ms, ends) = self.times(clock);
        let ends_ms = ends.unwrap_or(clock.now_ms.saturating_add(clock.resolve_timeout_ms));
        if ends_ms < starts_ms {
            return Err("it ends before it starts".into());
        }
        let labels = self.labels.collect_with(fixed);
        let alert = Alert {
            fingerprint: Fingerprint::of(&labels),
            labels,
            annotations: self.annotations.collect(),
            starts_ms,
            ends_ms,
            generator_url: self.generator_url.into(),
            ends_by_timeout: ends.is_none(),
        };
        Ok(alert)
    }

    /// Begin, and the end if there is one. Alertmanager's rules where the status says nothing.
    fn times(&self, clock: Clock) -> (i64, Option<i64>) {
        let now = clock.now_ms;
        let (starts, ends) = (self.starts_ms, self.ends_ms);
        match self.status {
            Status::ByTimes => (starts.or(ends).unwrap_or(now), ends),
            // An end that is over contradicts it; an alert too many is better than one too few.
            Status::Firing => (starts.unwrap_or(now), ends.filter(|end| *end > now)),
            // A recovery is not lost because the sender's clock is ahead of ours.
            Status::Resolved => {
                let end = ends.filter(|end| *end <= now).unwrap_or(now);
                (starts.unwrap_or(end).min(end), Some(end))
            }
        }
    }
}

/// Go's zero time, which Go programs send for "none".
const ZERO_TIME: &str = "0001-01-01T00:00:00Z";

/// A time of a field, in milliseconds since the epoch; `None` when absent.
pub(crate) fn rfc3339(field: &str, text: Option<&str>) -> Result<Option<i64>, String> {
    let Some(text) = text.filter(|t| !t.is_empty() && *t != ZERO_TIME) else {
        return Ok(None);
    };
    let time =
        instant(text).ok_or_else(|| format!("{field} is not a time as RFC 3339 writes it"))?;
    // The same instant written otherwise is none too.
    const ZERO_SECOND: i64 = -62_135_596_800;
    Ok((time.as_second() != ZERO_SECOND).then(|| time.as_millisecond()))
}

/// A time as RFC 3339 writes it. The last days of the year 9999, which some send for "never", are later than the
/// latest time that can be told in every time zone, and become that.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| {
        let pieces = Pieces::parse(text).ok()?;
        let whole = pieces.time().is_some() && pieces.offset().is_some();
        (whole && pieces.date() >= date(9999, 12, 30)).then_some(Timestamp::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_calendar_is_a_time() {
        let latest = Some(Some(Timestamp::MAX.as_millisecond()));
        let check = |text: &str, expect: Option<Option<i64>>| {
            assert_eq!(rfc3339("endsAt", Some(text)).ok(), expect, "{text}");
        };
        check("9999-12-31T23:59:59Z", latest);
        check("9999-12-31T23:59:59.999999999-08:00", latest);
        check("9999-12-31T00:00:00+01:00", latest);
        check("9999-12-31", None);
        check("9999-12-31T23:59:59", None);
        check("9999-13-31T23:59:59Z", None);
        check("10000-01-01T00:00:00Z", None);
        check("1970-01-01T00:00:01Z", Some(Some(1_000)));
        check("0001-01-01T01:00:00+01:00", Some(None));
    }

    #[test]
    fn what_the_status_says_counts_above_the_end() {
        let check = |status, starts_ms, ends_ms, expect: (i64, i64)| {
            let mut labels = Pairs::default();
            labels.push("a", "b");
            let draft = Draft {
                labels,
                starts_ms,
                ends_ms,
                status,
                ..Draft::default()
            };
            let clock = Clock {
                now_ms: 1_000,
                resolve_timeout_ms: 300,
            };
            let read = draft.judge(clock, &FixedLabels::new()).unwrap();
            let times = (read.starts_ms, read.ends_ms);
            assert_eq!(times, expect, "{status:?} {starts_ms:?} {ends_ms:?}");
        };
        check(Status::Firing, Some(500), None, (500, 1_300));
        check(Status::Firing, Some(500), Some(700), (500, 1_300));
        check(Status::Firing, Some(500), Some(5_000), (500, 5_000));
        check(Status::Resolved, Some(500), Some(700), (500, 700));
        check(Status::Resolved, Some(500), None, (500, 1_000));
        check(Status::Resolved, None, Some(700), (700, 700));
        check(Status::Resolved, Some(500), Some(5_000), (500, 1_000));
        check(Status::Resolved, Some(3_000), Some(5_000), (1_000, 1_000));
        check(Status::ByTimes, None, Some(700), (700, 700));
    }

    #[test]
    fn labels_of_the_source_count_above_those_of_the_sender() {
        let mut labels = Pairs::default();
        labels.push("site", "mine");
        labels.push("job", "web");
        let draft = Draft {
            labels,
            ..Draft::default()
        };
        let clock = Clock {
            now_ms: 0,
            resolve_timeout_ms: 1,
        };
        let fixed = FixedLabels::from([("site".into(), "two".into())]);
        let alert = draft.judge(clock, &fixed).unwrap();
        let labels: Vec<_> = alert.labels.iter().collect();
        assert_eq!(labels, [("job", "web"), ("site", "two")]);
        assert_eq!(alert.fingerprint, Fingerprint::of(&alert.labels));
        let unlabelled = Draft::default().judge(clock, &fixed);
        assert!(unlabelled.is_err_and(|e| e.contains("at least one label")));
    }
}
