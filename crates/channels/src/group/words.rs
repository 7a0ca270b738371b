//! Our own words about a group, for the text part of a mail.

use std::fmt::Write as _;

use jiff::Timestamp;
use stentor_domain::labels::Labels;
use stentor_domain::notification::{Notification, NotifiedAlert};

use crate::clean;

/// Characters of one value.
const MAX_VALUE: usize = 2_000;
/// Alerts that are written out.
const MAX_ALERTS: usize = 500;

/// Whether a text may be shown as a link: nothing that runs, and nothing with blanks in it.
pub(super) fn is_web_address(text: &str) -> bool {
    let begins = |scheme: &str| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    (begins("https://") || begins("http://"))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// The group in plain text.
pub(super) fn text(of: &Notification) -> String {
    let firing = of.alerts.iter().filter(|a| a.ended_ms.is_none());
    let resolved = of.alerts.iter().filter(|a| a.ended_ms.is_some());
    let mut text = String::new();
    pairs(&mut text, "", &of.group_labels);
    for (what, alerts) in [
        ("firing", firing.collect::<Vec<_>>()),
        ("resolved", resolved.collect()),
    ] {
        if alerts.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{} {what}:", alerts.len());
        for alert in alerts.iter().take(MAX_ALERTS) {
            text.push('\n');
            one(&mut text, alert);
        }
        if alerts.len() > MAX_ALERTS {
            let _ = writeln!(text, "\nand {} more", alerts.len() - MAX_ALERTS);
        }
    }
    if is_web_address(&of.external_url) {
        let _ = writeln!(text, "\nLook at the alerts: {}", of.external_url);
    }
    text
}

fn one(text: &mut String, notified: &NotifiedAlert) {
    let alert = &notified.alert;
    pairs(text, "  ", &alert.labels);
    pairs(text, "  ", &alert.annotations);
    let time = |ms: i64| {
        let time = Timestamp::from_millisecond(ms).unwrap_or_default();
        time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
    };
    let _ = match notified.ended_ms {
        None => writeln!(text, "  since {}", time(alert.starts_ms)),
        Some(end) => writeln!(text, "  {} until {}", time(alert.starts_ms), time(end)),
    };
    if is_web_address(&alert.generator_url) {
        let _ = writeln!(text, "  {}", alert.generator_url);
    }
}

fn pairs(text: &mut String, indent: &str, labels: &Labels) {
    for (name, value) in labels.iter() {
        let (name, value) = (clean::line(name, 200), clean::line(value, MAX_VALUE));
        let _ = writeln!(text, "{indent}{name}: {value}");
    }
}
