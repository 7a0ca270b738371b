//! A report in plain words, for somebody who was woken at 3 a.m.

use std::fmt::{self, Display, Write};

use jiff::Timestamp;

use crate::verdict::{Report, Rollback, Verdict};

impl Report {
    /// The verdict, why, and what it means, several lines long.
    #[must_use]
    pub fn explain(&self) -> String {
        self.to_string()
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let now = utc(self.checked_at);
        let mirror = &self.mirror;
        match &self.verdict {
            Verdict::Fresh => writeln!(
                f,
                "FRESH. {mirror} is authentic, and was up to date when checked at {now}."
            )?,
            Verdict::Stale { since, age_seconds } => {
                writeln!(
                    f,
                    "STALE since {}, that is for {}. Checked at {now}.",
                    utc(*since),
                    words(*age_seconds)
                )?;
                writeln!(
                    f,
                    "What {mirror} shows is authentic, but it is old. Things may have changed since."
                )?;
            }
            Verdict::NotAuthentic { what } => {
                writeln!(
                    f,
                    "NOT AUTHENTIC. Do not rely on {mirror}. Checked at {now}."
                )?;
                for problem in what {
                    writeln!(f, "  - {problem}")?;
                }
                writeln!(
                    f,
                    "If an update is being published at this moment, this passes within a minute: check again."
                )?;
            }
            Verdict::Unreachable { reason } => {
                writeln!(f, "COULD NOT CHECK {mirror}: {reason}. Tried at {now}.")?;
                writeln!(
                    f,
                    "This says nothing about whether it is authentic. Try another mirror."
                )?;
            }
        }
        if self.rollback == Rollback::CannotBeExcluded {
            writeln!(
                f,
                "Nothing is remembered from an earlier visit, so an older state put back cannot be excluded."
            )?;
        }
        f.write_str(&self.evidence())
    }
}

impl Report {
    fn evidence(&self) -> String {
        let mut out = String::new();
        for role in &self.roles {
            let (verb, distance) = if role.expired {
                (
                    "expired",
                    format!(
                        "{} ago",
                        words(self.checked_at.as_second() - role.expires.as_second())
                    ),
                )
            } else {
                (
                    "expires",
                    format!(
                        "in {}",
                        words(role.expires.as_second() - self.checked_at.as_second())
                    ),
                )
            };
            // Writing to a string cannot fail.
            let _ = writeln!(
                out,
                "  {} version {}, {verb} {} ({distance})",
                role.name,
                role.version,
                utc(role.expires)
            );
        }
        if self.files > 0 {
            let _ = writeln!(out, "  {} files compared with what was signed", self.files);
        }
        let _ = writeln!(out, "  trusted root: SHA-256 {}", self.trusted_root);
        out
    }
}

/// A time as people read it, to the minute, always UTC.
fn utc(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A span in its two largest units.
fn words(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let unit = |n: i64, name: &str| {
        if n == 1 {
            format!("1 {name}")
        } else {
            format!("{n} {name}s")
        }
    };
    match (days, hours, minutes) {
        (0, 0, 0) => "less than a minute".to_owned(),
        (0, 0, m) => unit(m, "minute"),
        (0, h, 0) => unit(h, "hour"),
        (0, h, m) => format!("{} {}", unit(h, "hour"), unit(m, "minute")),
        (d, 0, _) => unit(d, "day"),
        (d, h, _) => format!("{} {}", unit(d, "day"), unit(h, "hour")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_words() {
        #[track_caller]
        fn check(seconds: i64, expect: &str) {
            assert_eq!(words(seconds), expect);
        }
        check(-5, "less than a minute");
        check(59, "less than a minute");
        check(60, "1 minute");
        check(3_600, "1 hour");
        check(3 * 3_600 + 12 * 60 + 9, "3 hours 12 minutes");
        check(86_400 + 30, "1 day");
        check(49 * 3_600, "2 days 1 hour");
    }
}
