//! Periods as Prometheus and as Go write them.

/// Milliseconds of a period as Prometheus writes it: units from years to milliseconds, each once, the larger first.
pub(super) fn prometheus(text: &str) -> Option<i64> {
    if text == "0" {
        return Some(0);
    }
    let mut units = [
        ("y", 365 * 86_400_000),
        ("w", 7 * 86_400_000),
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1_000),
        ("ms", 1),
    ]
    .into_iter();
    let mut rest = text;
    let mut sum: i64 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..end].parse().ok()?;
        let unit_end = rest[end..].find(|c: char| c.is_ascii_digit());
        let unit_end = unit_end.map_or(rest.len(), |length| end + length);
        let unit = &rest[end..unit_end];
        // Units that were passed do not come again.
        let (_, size) = units.find(|(name, _)| *name == unit)?;
        sum = sum.checked_add(number.checked_mul(size)?)?;
        rest = &rest[unit_end..];
    }
    // As many nanoseconds as Go can count.
    (!text.is_empty() && sum <= i64::MAX / 1_000_000).then_some(sum)
}

/// Milliseconds of a period as Go writes it, not negative; what is shorter than a millisecond is cut off.
pub(super) fn go(text: &str) -> Option<i64> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(0);
    }
    let mut sum = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        let after = &rest[end..];
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.');
        let unit_end = unit_end.unwrap_or(after.len());
        sum += number
            * match &after[..unit_end] {
                "ns" => 1e-6,
                "us" | "µs" | "μs" => 1e-3,
                "ms" => 1.0,
                "s" => 1e3,
                "m" => 6e4,
                "h" => 3.6e6,
                _ => return None,
            };
        rest = &after[unit_end..];
    }
    // The range is looked at before; what is shorter than a millisecond goes.
    (sum <= 9.2e12).then_some(sum as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_of_prometheus() {
        let check =
            |text: &str, expect: Option<i64>| assert_eq!(prometheus(text), expect, "{text}");
        check("0", Some(0));
        check("0s", Some(0));
        check("5m", Some(300_000));
        check("1h30m", Some(5_400_000));
        check("1d", Some(86_400_000));
        check("1w", Some(604_800_000));
        check("1y2w3d4h5m6s7ms", Some(33_019_506_007));
        check("30s500ms", Some(30_500));
        for bad in [
            "",
            "5",
            "m",
            "5 m",
            "1.5h",
            "30m1h",
            "1h1h",
            "-1h",
            "1H",
            "300y",
            "9999999999999999999s",
        ] {
            check(bad, None);
        }
    }

    #[test]
    fn periods_of_go() {
        let check = |text: &str, expect: Option<i64>| assert_eq!(go(text), expect, "{text}");
        check("0", Some(0));
        check("10s", Some(10_000));
        check("1.5h", Some(5_400_000));
        check("1m30s", Some(90_000));
        check("500us", Some(0));
        check(".5s", Some(500));
        for bad in ["", "5", "s", "1d", "-1s", "1..5s", "1s ", "99999999999h"] {
            check(bad, None);
        }
    }
}
