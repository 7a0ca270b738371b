//! Times and durations, with the methods that Go gives them.

use std::fmt;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use minijinja::Value;
use minijinja::value::Object;

use super::data::ZERO_TIME_MS;

/// A moment, in nanoseconds since the epoch, and the zone in which it is shown.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) ns: i128,
    zone: TimeZone,
}

/// A duration, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span(pub(super) i64);

impl Object for Moment {}
impl Object for Span {}

impl Moment {
    pub(super) fn at_ms(ms: i64) -> Self {
        Self {
            ns: i128::from(ms) * 1_000_000,
            zone: TimeZone::UTC,
        }
    }

    pub(super) fn value(self) -> Value {
        Value::from_object(self)
    }

    /// The same moment, shown in another zone.
    pub(super) fn within(&self, zone: TimeZone) -> Self {
        Self { ns: self.ns, zone }
    }

    pub(super) fn plus(&self, ns: i64) -> Self {
        Self {
            ns: self.ns + i128::from(ns),
            zone: self.zone.clone(),
        }
    }

    /// `None` when it is beyond the calendar.
    pub(super) fn zoned(&self) -> Option<Zoned> {
        let timestamp = Timestamp::from_nanosecond(self.ns).ok()?;
        Some(timestamp.to_zoned(self.zone.clone()))
    }

    /// A method without arguments.
    pub(super) fn field(&self, name: &str) -> Option<Value> {
        // Where this program runs says nothing about its readers: what is local is UTC.
        match name {
            "UTC" | "Local" => return Some(self.within(TimeZone::UTC).value()),
            "Unix" => {
                return i64::try_from(self.ns.div_euclid(1_000_000_000))
                    .ok()
                    .map(Value::from);
            }
            "UnixMilli" => {
                return i64::try_from(self.ns.div_euclid(1_000_000))
                    .ok()
                    .map(Value::from);
            }
            "UnixNano" => return i64::try_from(self.ns).ok().map(Value::from),
            "IsZero" => return Some((self.ns == i128::from(ZERO_TIME_MS) * 1_000_000).into()),
            _ => {}
        }
        let time = self.zoned()?;
        Some(match name {
            "Year" => time.year().into(),
            "Day" => time.day().into(),
            "Hour" => time.hour().into(),
            "Minute" => time.minute().into(),
            "Second" => time.second().into(),
            "YearDay" => time.day_of_year().into(),
            "Month" => time.strftime("%B").to_string().into(),
            "Weekday" => time.strftime("%A").to_string().into(),
            _ => return None,
        })
    }

    /// A method that takes another moment.
    pub(super) fn with_moment(&self, name: &str, other: &Self) -> Option<Value> {
        Some(match name {
            "Sub" => Span::between(self.ns, other.ns).value(),
            "Before" => (self.ns < other.ns).into(),
            "After" => (self.ns > other.ns).into(),
            "Equal" => (self.ns == other.ns).into(),
            _ => return None,
        })
    }
}

impl Span {
    /// From the second to the first, as far as a duration reaches: 292 years.
    pub(super) fn between(later: i128, earlier: i128) -> Self {
        let ns = (later - earlier).clamp(i64::MIN.into(), i64::MAX.into());
        Self(i64::try_from(ns).unwrap_or_default())
    }

    pub(super) fn value(self) -> Value {
        Value::from_object(self)
    }

    #[expect(clippy::cast_precision_loss, reason = "as Go counts")]
    pub(super) fn seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// A method without arguments.
    pub(super) fn field(self, name: &str) -> Option<Value> {
        Some(match name {
            "Hours" => (self.seconds() / 3600.0).into(),
            "Minutes" => (self.seconds() / 60.0).into(),
            "Seconds" => self.seconds().into(),
            "Milliseconds" => (self.0 / 1_000_000).into(),
            "Microseconds" => (self.0 / 1_000).into(),
            "Nanoseconds" => self.0.into(),
            "Abs" => Self(self.0.saturating_abs()).value(),
            "String" => self.to_string().into(),
            _ => return None,
        })
    }

    /// A method that takes another duration.
    pub(super) fn with_span(self, name: &str, ns: i64) -> Option<Value> {
        let rounded = match name {
            "Truncate" | "Round" if ns <= 0 => self.0,
            "Truncate" => self.0 - self.0 % ns,
            "Round" => {
                let rest = self.0 % ns;
                let down = self.0 - rest;
                // Half of it is rounded away from zero.
                if rest.unsigned_abs() >= ns.unsigned_abs().div_ceil(2) {
                    down.saturating_add(ns * self.0.signum())
                } else {
                    down
                }
            }
            _ => return None,
        };
        Some(Self(rounded).value())
    }
}

impl fmt::Display for Span {
    /// As Go writes it, for instance `1h30m0.5s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ns = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let fraction = |whole: u64, part: u64, digits: usize| {
            let text = format!("{whole}.{part:0digits$}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        match ns {
            0 => f.write_str("0s"),
            1..1_000 => write!(f, "{ns}ns"),
            1_000..1_000_000 => write!(f, "{}µs", fraction(ns / 1_000, ns % 1_000, 3)),
            1_000_000..1_000_000_000 => {
                write!(f, "{}ms", fraction(ns / 1_000_000, ns % 1_000_000, 6))
            }
            _ => {
                let (seconds, rest) = (ns / 1_000_000_000, ns % 1_000_000_000);
                let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
                if hours > 0 {
                    write!(f, "{hours}h")?;
                }
                if hours > 0 || minutes > 0 {
                    write!(f, "{minutes}m")?;
                }
                write!(f, "{}s", fraction(seconds % 60, rest, 9))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_and_rounded_as_go_does_it() {
        for (ns, expect) in [
            (0, "0s"),
            (7, "7ns"),
            (1_500, "1.5µs"),
            (250_000_000, "250ms"),
            (90_500_000_000, "1m30.5s"),
            (3_600_000_000_000, "1h0m0s"),
            (-5_000_000_000, "-5s"),
        ] {
            assert_eq!(Span(ns).to_string(), expect);
        }
        let rounded = |ns, name, to| {
            let value = Span(ns).with_span(name, to).unwrap();
            value.downcast_object_ref::<Span>().unwrap().0
        };
        assert_eq!(rounded(1_499, "Round", 1_000), 1_000);
        assert_eq!(rounded(1_500, "Round", 1_000), 2_000);
        assert_eq!(rounded(-1_500, "Round", 1_000), -2_000);
        assert_eq!(rounded(1_999, "Truncate", 1_000), 1_000);
        assert_eq!(rounded(i64::MIN, "Round", i64::MAX), -i64::MAX);
        assert_eq!(Span::between(i128::MAX / 2, 0).0, i64::MAX);
    }
}
