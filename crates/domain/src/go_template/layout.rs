//! Go's way to write a time: by an example, which stands for Monday the 2nd of January 2006, 15:04:05.

use jiff::fmt::strtime;

use super::moment::Moment;

/// Parts of a layout, longer ones before their beginnings, and what writes them with `strftime`.
const PARTS: &[(&str, &str)] = &[
    ("January", "%B"),
    ("Jan", "%b"),
    ("Monday", "%A"),
    ("Mon", "%a"),
    ("MST", "%Z"),
    ("2006", "%Y"),
    ("-07:00", "%:z"),
    ("-0700", "%z"),
    ("-07", "+hh"),
    ("Z07:00", "Z%:z"),
    ("Z0700", "Z%z"),
    ("002", "%j"),
    ("01", "%m"),
    ("02", "%d"),
    ("03", "%I"),
    ("04", "%M"),
    ("05", "%S"),
    ("06", "%y"),
    ("15", "%H"),
    ("PM", "%p"),
    ("pm", "%P"),
    ("_2", "%e"),
    ("1", "%-m"),
    ("2", "%-d"),
    ("3", "%-I"),
    ("4", "%-M"),
    ("5", "%-S"),
];

/// How Go shows a time on its own.
pub(super) const PLAIN: &str = "2006-01-02 15:04:05.999999999 -0700 MST";

/// The time in its zone in the layout; `None` when it is beyond the calendar.
pub(super) fn format(moment: &Moment, layout: &str) -> Option<String> {
    let time = moment.zoned()?;
    let mut text = String::new();
    let mut rest = layout;
    while let Some(c) = rest.chars().next() {
        if let Some((part, written)) = PARTS.iter().find(|(part, _)| rest.starts_with(part)) {
            rest = &rest[part.len()..];
            match *written {
                "Z%:z" | "Z%z" if time.offset().is_zero() => text.push('Z'),
                "Z%:z" | "Z%z" => text.push_str(&strtime::format(&written[1..], &time).ok()?),
                "+hh" => text.push_str(strtime::format("%z", &time).ok()?.get(..3)?),
                // The engine's two-digit year knows only the years around ours.
                "%y" => text.push_str(&format!("{:02}", time.year().rem_euclid(100))),
                directive => text.push_str(&strtime::format(directive, &time).ok()?),
            }
            continue;
        }
        let digits = fraction(rest);
        if digits > 0 {
            let zeros = rest[1..].starts_with('0');
            let nanoseconds = format!("{:09}", moment.ns.rem_euclid(1_000_000_000));
            let mut shown = &nanoseconds[..digits.min(9)];
            if !zeros {
                shown = shown.trim_end_matches('0');
            }
            if !shown.is_empty() {
                text.push(c);
                text.push_str(shown);
            }
            rest = &rest[1 + digits..];
            continue;
        }
        text.push(c);
        rest = &rest[c.len_utf8()..];
    }
    Some(text)
}

/// How many digits of a second's fraction are asked for here: `.000` or `.999`, and no digit after it.
fn fraction(rest: &str) -> usize {
    let Some(after) = rest.strip_prefix(['.', ',']) else {
        return 0;
    };
    let Some(digit) = after.chars().next().filter(|c| matches!(c, '0' | '9')) else {
        return 0;
    };
    let length = after.len() - after.trim_start_matches(digit).len();
    let more = after[length..].starts_with(|c: char| c.is_ascii_digit());
    if more { 0 } else { length }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::go_template::data::ZERO_TIME_MS;
    use jiff::tz::TimeZone;

    #[test]
    fn every_part_of_a_layout_is_written_for_every_time() {
        let layout: Vec<&str> = PARTS.iter().map(|(part, _)| *part).collect();
        let layout = layout.join(" ");
        let check = |ms: i64, expect: &str| {
            assert_eq!(format(&Moment::at_ms(ms), &layout).as_deref(), Some(expect));
        };
        check(
            ZERO_TIME_MS,
            "January Jan Monday Mon UTC 0001 +00:00 +0000 +00 Z Z 001 01 01 12 00 00 01 00 AM am  1 1 1 12 0 0",
        );
        check(
            1_791_903_909_000,
            "October Oct Tuesday Tue UTC 2026 +00:00 +0000 +00 Z Z 286 10 13 03 05 09 26 15 PM pm 13 10 13 3 5 9",
        );
        assert_eq!(format(&Moment::at_ms(i64::MAX), PLAIN), None);
        assert_eq!(
            format(&Moment::at_ms(1_120), ".000 .999 .99 ,000000 .9 .0001"),
            Some(".120 .12 .12 ,120000 .1 .0001".to_owned())
        );
        let there = Moment::at_ms(1_791_903_909_000);
        let there = there.within(TimeZone::get("America/New_York").unwrap());
        assert_eq!(
            format(
                &there,
                "2006-01-02 15:04:05 MST -07:00 -0700 -07 Z07:00 Z0700"
            )
            .as_deref(),
            Some("2026-10-13 11:05:09 EDT -04:00 -0400 -04 -04:00 -0400")
        );
    }
}
