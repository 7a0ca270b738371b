//! Functions over times and durations.

use jiff::tz::TimeZone;
use minijinja::Value;

use super::{describe, text_of, wrong};
use crate::go_template::data::{Moment, Span};
use crate::go_template::{Wrong, layout};

pub(super) fn call(name: &str, arguments: &[Value], now_ms: i64) -> Result<Value, Wrong> {
    match (name, arguments) {
        ("since", [moment]) => {
            let moment = moment_of(name, moment)?;
            Ok(Span::between(Moment::at_ms(now_ms).ns, moment.ns).value())
        }
        ("date", [layout, moment]) => {
            let text = layout::format(moment_of(name, moment)?, text_of(name, layout)?);
            text.map(Value::from)
                .ok_or_else(|| wrong("the time is beyond the calendar"))
        }
        ("tz", [zone, moment]) => {
            let zone = text_of(name, zone)?;
            let known = match zone {
                "" | "UTC" => Ok(TimeZone::UTC),
                "Local" => Ok(TimeZone::UTC),
                zone => TimeZone::get(zone),
            };
            let known = known.map_err(|_| wrong(format!("the time zone {zone:?} is not known")))?;
            Ok(moment_of(name, moment)?.within(known).value())
        }
        ("humanizeDuration", [value]) => humanized(value).map(Value::from),
        _ => Err(wrong(format!("{name} is not called this way"))),
    }
}

fn moment_of<'a>(name: &str, value: &'a Value) -> Result<&'a Moment, Wrong> {
    value
        .downcast_object_ref::<Moment>()
        .ok_or_else(|| wrong(format!("{name} wants a time, not {}", describe(value))))
}

/// Seconds as people say them.
fn humanized(value: &Value) -> Result<String, Wrong> {
    let seconds = if let Some(span) = value.downcast_object_ref::<Span>() {
        Some(span.seconds())
    } else if let Some(text) = value.as_str() {
        text.parse().ok()
    } else {
        f64::try_from(value.clone())
            .ok()
            .filter(|_| value.is_number())
    };
    let seconds = seconds.filter(|seconds: &f64| seconds.abs() < 1e15);
    let mut seconds = seconds.ok_or_else(|| {
        wrong(format!(
            "humanizeDuration does not take {}",
            describe(value)
        ))
    })?;
    if seconds == 0.0 {
        return Ok("0s".to_owned());
    }
    let sign = if seconds < 0.0 { "-" } else { "" };
    seconds = seconds.abs();
    if seconds < 1.0 {
        let mut prefix = "";
        for smaller in ["m", "u", "n", "p"] {
            if seconds >= 1.0 {
                break;
            }
            prefix = smaller;
            seconds *= 1000.0;
        }
        return Ok(format!("{sign}{}{prefix}s", four_digits(seconds)));
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    let full = seconds as i64;
    let (days, hours, minutes, rest) =
        (full / 86_400, full / 3_600 % 24, full / 60 % 60, full % 60);
    Ok(match (days, hours, minutes) {
        (0, 0, 0) => format!("{sign}{}s", four_digits(seconds)),
        (0, 0, _) => format!("{sign}{minutes}m {rest}s"),
        (0, ..) => format!("{sign}{hours}h {minutes}m {rest}s"),
        _ => format!("{sign}{days}d {hours}h {minutes}m {rest}s"),
    })
}

/// Four significant digits of a number from 0 to 1000.
fn four_digits(number: f64) -> String {
    let digits = match number {
        _ if number < 10.0 => 3,
        _ if number < 100.0 => 2,
        _ => 1,
    };
    let text = format!("{number:.digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_as_alertmanager_says_them() {
        for (seconds, expect) in [
            (0.0, "0s"),
            (0.0005, "500us"),
            (0.25, "250ms"),
            (1.5, "1.5s"),
            (59.987, "59.99s"),
            (60.0, "1m 0s"),
            (3_661.0, "1h 1m 1s"),
            (-90_061.0, "-1d 1h 1m 1s"),
        ] {
            assert_eq!(humanized(&Value::from(seconds)).unwrap(), expect);
        }
        assert_eq!(humanized(&Value::from("61")).unwrap(), "1m 1s");
        assert_eq!(humanized(&Span(61_000_000_000).value()).unwrap(), "1m 1s");
        assert!(humanized(&Value::from("soon")).is_err());
    }
}
