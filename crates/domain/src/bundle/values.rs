//! Values with a form of their own: periods, zones, severities, addresses.

use jiff::tz::TimeZone;

use super::problem::{instead, quoted};
use super::reader::{Table, Text};
use crate::calendar::Period;
use crate::severity::Severity;

/// A period, on the clock or of working time.
pub(super) fn period(text: &Text<'_>) -> Option<Period> {
    let period = text.parse().ok();
    if period.is_none() {
        text.refuse(
            format!("{} is not a period", quoted(text)),
            "write for instance \"30s\", \"15m\", \"2h\", \"1d\" or \"3 working hours\"",
        );
    }
    period
}

/// A period on the clock, in seconds.
pub(super) fn clock_seconds(text: &Text<'_>) -> Option<i64> {
    match period(text)? {
        Period::Clock(seconds) => Some(seconds),
        Period::Working(_) => {
            text.refuse(
                "working time does not fit here",
                "write a period on the clock, for instance \"10m\"",
            );
            None
        }
    }
}

/// The period at `key`, or `default`.
pub(super) fn period_or(table: &Table<'_>, key: &str, default: Period) -> Period {
    let found = table.line(key).and_then(|text| period(&text));
    found.unwrap_or(default)
}

/// Units of size, in bytes: decimal ones as disks are sold, binary ones as programs count.
const UNITS: [(&str, u64); 11] = [
    ("B", 1),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("PB", 1_000_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// A size in bytes.
pub(super) fn size(text: &Text<'_>) -> Option<u64> {
    let size = bytes(text);
    if size.is_none() {
        text.refuse(
            format!("{} is not a size", quoted(text)),
            "write a whole number and a unit, for instance \"500 MB\", \"20 GiB\" or \"5 TB\"",
        );
    }
    size
}

fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit.trim())?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

/// A severity by its name.
pub(super) fn severity(text: &Text<'_>) -> Option<Severity> {
    let severity = Severity::named(text);
    if severity.is_none() {
        text.refuse(
            format!("{} is not a severity", quoted(text)),
            instead(text, Severity::ALL.iter().map(|s| s.name())),
        );
    }
    severity
}

/// The severity at `key`, or `default`.
pub(super) fn severity_or(table: &Table<'_>, key: &str, default: Severity) -> Severity {
    let found = table.line(key).and_then(|text| severity(&text));
    found.unwrap_or(default)
}

/// The time zone at `key`; UTC when it was refused.
pub(super) fn zone(table: &Table<'_>, key: &str) -> TimeZone {
    let Some(name) = table.need(key, &format!("{key} = \"Europe/Berlin\"")) else {
        return TimeZone::UTC;
    };
    TimeZone::get(&name).unwrap_or_else(|_| {
        let known: Vec<_> = jiff::tz::db()
            .available()
            .map(|name| name.to_string())
            .filter(|known| known.contains('/'))
            .collect();
        let like = instead(&name, known.iter().map(String::as_str));
        let todo = if like.starts_with("did") {
            like
        } else {
            "write a name of the IANA database, for instance \"Europe/Berlin\" or \"UTC\"".into()
        };
        name.refuse(format!("there is no time zone {}", quoted(&name)), todo);
        TimeZone::UTC
    })
}

/// Whether a text is an address of the web that people can follow and that carries no credentials.
pub(super) fn is_web_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let ordinary = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c);
        !authority.is_empty() && !authority.contains('@') && text.chars().all(ordinary)
    })
}

/// The address of the web at `key`, when there is one.
pub(super) fn web_url(table: &Table<'_>, key: &str) -> Option<String> {
    let text = table.line(key)?;
    if !is_web_url(&text) {
        text.refuse(
            "this is not an address of the web",
            "write http:// or https://, a host, and no user name or password",
        );
        return None;
    }
    Some(text.to_string())
}

/// Whether a text is a host name: labels of letters, digits and hyphens (RFC 1123), or an IP address.
pub(super) fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label) || text.parse::<std::net::IpAddr>().is_ok()
}

/// Whether a text is a plain mail address: `local@host`, without a display name.
pub(super) fn is_mail_address(text: &str) -> bool {
    let ordinary = |c: char| c.is_ascii_graphic() && !"\"(),:;<>@[\\]".contains(c);
    text.len() <= 254
        && text.split_once('@').is_some_and(|(local, host)| {
            (1..=64).contains(&local.len()) && local.chars().all(ordinary) && is_host(host)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let check = |text: &str, expected| assert_eq!(bytes(text), expected, "{text:?}");
        check("1 GB", Some(1_000_000_000));
        check(" 20GiB ", Some(20 << 30));
        check("0 B", Some(0));
        check("7", None);
        check("GB", None);
        check("1.5 GB", None);
        check("1 gb", None);
        check("-1 GB", None);
        check("99999999999 TB", None);
    }

    #[test]
    fn addresses_of_the_web_and_of_mail() {
        let web = |text: &str, expected: bool| assert_eq!(is_web_url(text), expected, "{text:?}");
        web("https://stentor.example.org", true);
        web("http://127.0.0.1:8080/console", true);
        web("http://[::1]:8080", true);
        web("https://", false);
        web("https:///path", false);
        web("https://user:pass@example.org", false);
        web("ftp://example.org", false);
        web("https://example.org/a b", false);
        web("https://example.org/\"onclick", false);
        let mail =
            |text: &str, expected: bool| assert_eq!(is_mail_address(text), expected, "{text:?}");
        mail("ada@example.org", true);
        mail("ada+pages@mail.example.org", true);
        mail("ada", false);
        mail("@example.org", false);
        mail("ada@example.org\r\nBcc: x@example.org", false);
        mail("Ada <ada@example.org>", false);
        mail("ada@exa mple.org", false);
    }
}
