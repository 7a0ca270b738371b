//! `security.txt` (RFC 9116): whom to tell about a vulnerability.

use jiff::{SignedDuration, Timestamp};
use stentor_domain::bulletin::{SecurityContact, StatusPage};

use super::text::line;
use super::time::{DAY, iso};
use crate::lives::later;

/// Where it lies.
pub(super) const FILE: &str = ".well-known/security.txt";
/// How long it holds at least. That a publisher is dead is noticed in four weeks; RFC 9116 advises less than a year.
const HOLDS: SignedDuration = SignedDuration::from_hours(28 * 24);
/// It is renewed with the first word of each week, so that mirrors do not get it every hour.
const STEP: i64 = 7 * DAY;

/// The file, if there is a contact that the format can carry. `fingerprint` is the SHA-256 of the first trusted root.
pub(super) fn file(page: &StatusPage, fingerprint: &str, now: Timestamp) -> Option<Vec<u8>> {
    let security: &SecurityContact = page.directory.security.as_ref()?;
    let mut rows = Vec::new();
    if page.world.is_drill() {
        rows.push(format!(
            "# DRILL. This is an exercise ({}). Nothing here is real.",
            page.world
        ));
    }
    rows.push(format!(
        "# Signed with TUF and minisign; SHA-256 of root.json: {fingerprint}"
    ));
    let mut fields = |name: &str, values: &[String], all: &[&str]| {
        let before = rows.len();
        let fits = |v: &&String| is_uri(v, all);
        rows.extend(values.iter().filter(fits).map(|v| format!("{name}: {v}")));
        rows.len() > before
    };
    const WEB: &[&str] = &["https://"];
    if !fields(
        "Contact",
        &security.contact,
        &["mailto:", "tel:", "https://"],
    ) {
        return None;
    }
    fields(
        "Encryption",
        &security.encryption,
        &["https://", "dns:", "openpgp4fpr:"],
    );
    fields("Acknowledgments", &security.acknowledgments, WEB);
    fields("Policy", &security.policy, WEB);
    fields("Hiring", &security.hiring, WEB);
    let place = |mirror: &String| format!("{}/{FILE}", mirror.trim_end_matches('/'));
    let places: Vec<String> = page.settings.mirrors.iter().map(place).collect();
    fields("Canonical", &places, WEB);
    let languages: Vec<_> = security
        .preferred_languages
        .iter()
        .map(|l| l.as_str())
        .collect();
    if !languages.is_empty() {
        rows.push(format!("Preferred-Languages: {}", languages.join(", ")));
    }
    rows.push(format!("Expires: {}", iso(expires(now))));
    Some((rows.join("\n") + "\n").into_bytes())
}

/// At least [`HOLDS`] ahead; the same for a week.
pub(super) fn expires(now: Timestamp) -> Timestamp {
    let at_least = later(now, HOLDS).as_millisecond();
    let week = at_least
        .div_euclid(STEP)
        .saturating_add(1)
        .saturating_mul(STEP);
    Timestamp::from_millisecond(week).unwrap_or(Timestamp::MAX)
}

/// One address of an allowed kind on one line of printable ASCII: nothing that could begin another field.
fn is_uri(value: &str, schemes: &[&str]) -> bool {
    let scheme = schemes.iter().find(|s| value.starts_with(**s));
    scheme.is_some_and(|s| value.len() > s.len())
        && value.len() <= 2_000
        && value.bytes().all(|b| b.is_ascii_graphic())
        && line(value) == value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_four_weeks_and_is_renewed_weekly() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let early = expires(at("2026-11-19T00:00:00Z"));
        assert_eq!(early, expires(at("2026-11-25T23:59:59Z")));
        for now in ["2026-11-19T00:00:00Z", "2026-11-25T12:00:00Z"] {
            let ahead = expires(at(now)).duration_since(at(now));
            assert!(ahead > HOLDS && ahead <= HOLDS + SignedDuration::from_hours(7 * 24));
        }
    }

    #[test]
    fn only_one_address_a_line() {
        for bad in [
            "mailto:",
            "https://a b",
            "https://a\r\nContact: mailto:evil@example.org",
            "javascript:alert(1)",
            "https://é.example",
            "http://example.org",
        ] {
            assert!(!is_uri(bad, &["mailto:", "https://"]), "{bad:?}");
        }
        assert!(is_uri("mailto:security@example.org", &["mailto:"]));
    }
}
