//! Times as people read them.

use jiff::Timestamp;

/// `2026-11-21 02:10 UTC`, from milliseconds since the epoch.
#[must_use]
pub fn utc(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .unwrap_or_default()
        .strftime("%Y-%m-%d %H:%M UTC")
        .to_string()
}

/// A length of time in its two largest units, from milliseconds: `2 h 5 min`, `40 s`.
#[must_use]
pub fn length(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, m) => format!("{m} min"),
        (0, h, 0) => format!("{h} h"),
        (0, h, m) => format!("{h} h {m} min"),
        (d, 0, _) => format!("{d} d"),
        (d, h, _) => format!("{d} d {h} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_easily() {
        assert_eq!(utc(1_795_227_000_000), "2026-11-21 02:10 UTC");
        let check = |ms: i64, text: &str| assert_eq!(length(ms), text);
        check(-5, "0 s");
        check(59_999, "59 s");
        check(90_000, "1 min");
        check(7_500_000, "2 h 5 min");
        check(90_000_000, "1 d 1 h");
    }
}
