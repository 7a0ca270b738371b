//! Text from strangers in every exit.

use stentor_domain::bulletin::{Section, StatusPage};

use super::sample::pages;
use super::sample::{FINGERPRINT, busy, section};
use crate::repository::Pages;
use crate::tests::support::now;

/// Puts `text` wherever text can stand.
pub(super) fn filled(text: &str) -> StatusPage {
    let mut page = busy();
    let parts = || -> Vec<Section> { vec![section(text, &format!("{text}\n\n{text}"))] };
    page.organisation = text.into();
    page.settings.website = Some(text.into());
    page.settings.mirrors.push(text.into());
    page.settings.theme.accent = Some(text.into());
    for component in &mut page.components {
        component.group = component.group.as_ref().map(|_| text.into());
    }
    page.components[0].name = text.into();
    for incident in page.current.iter_mut().chain(&mut page.past) {
        incident.components = vec![text.into()];
        for update in &mut incident.updates {
            update.title = format!("{text}\r\nX: y");
            update.sections = parts();
            for wording in update.translations.values_mut() {
                wording.title = text.into();
                wording.sections = parts();
            }
        }
    }
    for work in &mut page.maintenance {
        work.components = vec![text.into()];
        for update in &mut work.updates {
            update.wording.title = text.into();
            update.wording.sections = parts();
        }
    }
    for denial in &mut page.denials {
        denial.seen_at = vec![text.into(), format!("javascript:{text}")];
        for update in &mut denial.updates {
            update.wording.title = text.into();
            update.wording.sections = parts();
        }
    }
    let directory = &mut page.directory;
    for channel in directory
        .channels
        .iter_mut()
        .chain(&mut directory.emergency)
    {
        channel.kind = text.into();
        channel.name = text.into();
        channel.address = format!("javascript:{text}");
        channel.note = Some(text.into());
    }
    let security = directory.security.as_mut().unwrap();
    security.contact.push(format!("mailto:{text}"));
    security.policy = vec![format!(
        "https://example.org/{text}\nContact: mailto:evil@example.org"
    )];
    page
}

/// What no file may hold, whatever was put in.
pub(super) fn check(pages: &Pages) {
    for (path, bytes) in pages {
        let text = std::str::from_utf8(bytes).unwrap();
        let bad = |c: char| {
            (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
                || matches!(c, '\u{202a}'..='\u{202e}')
        };
        assert!(!text.contains(bad), "{path} holds a control");
        match path.rsplit('.').next().unwrap() {
            "html" => html(path, text),
            "json" => {
                serde_json::from_str::<serde_json::Value>(text)
                    .unwrap_or_else(|e| panic!("{path}: {e}"));
            }
            "ics" => calendar(text),
            "atom" | "rss" => assert!(!text.contains("<script") && !text.contains("]]>"), "{path}"),
            _ if path.ends_with("security.txt") => security(text),
            _ => {}
        }
    }
}

fn html(path: &str, text: &str) {
    let scripts = usize::from(path.starts_with("index."));
    assert_eq!(text.matches("<script").count(), scripts, "{path}");
    assert_eq!(text.matches("<style").count(), 1, "{path}");
    // Attributes begin after a blank; ours are these.
    assert!(
        !text.contains(" onload=\"") && !text.contains("href=\"javascript:"),
        "{path}"
    );
    let apart = text.matches(['\u{2066}', '\u{2067}', '\u{2068}']).count();
    assert_eq!(
        apart,
        text.matches('\u{2069}').count(),
        "{path}: what is set apart ends"
    );
}

fn calendar(text: &str) {
    for row in text.split("\r\n") {
        assert!(row.len() <= 75 && !row.contains(['\n', '\r']), "{row:?}");
    }
    let unfolded = text.replace("\r\n ", "");
    let names: Vec<_> = unfolded
        .split("\r\n")
        .filter(|row| row.starts_with("BEGIN:VEVENT"))
        .collect();
    assert_eq!(names.len(), 3, "{text}");
    let known = [
        "BEGIN",
        "END",
        "VERSION",
        "PRODID",
        "METHOD",
        "NAME",
        "X-WR-CALNAME",
        "REFRESH-INTERVAL",
        "X-PUBLISHED-TTL",
        "TZID",
        "DTSTART",
        "TZOFFSETFROM",
        "TZOFFSETTO",
        "TZNAME",
        "UID",
        "SEQUENCE",
        "DTSTAMP",
        "CREATED",
        "LAST-MODIFIED",
        "DTEND",
        "STATUS",
        "TRANSP",
        "SUMMARY",
        "DESCRIPTION",
        "CATEGORIES",
        "URL",
    ];
    for row in unfolded.split("\r\n").filter(|row| !row.is_empty()) {
        let name = row.split([':', ';']).next().unwrap();
        assert!(known.contains(&name), "{row:?}");
    }
}

fn security(text: &str) {
    let names: Vec<_> = text
        .lines()
        .filter(|l| !l.starts_with('#'))
        .map(|l| l.split(": ").next().unwrap())
        .collect();
    let known = [
        "Contact",
        "Encryption",
        "Policy",
        "Canonical",
        "Preferred-Languages",
        "Expires",
    ];
    assert!(names.iter().all(|name| known.contains(name)), "{text}");
    assert!(!text.contains("evil@"), "{text}");
}

#[test]
fn hostile_text_stays_text() {
    let evil = "</title></pre><script>alert(1)</script>\" onload='x' {{ 7*7 }} {% raw %} {n} ]]> &lt; \u{0}\u{1b}[2J\u{202e}";
    let pages = pages(&filled(evil), FINGERPRINT, now()).unwrap();
    check(&pages);
    for (path, bytes) in &pages {
        let text = std::str::from_utf8(bytes).unwrap();
        if path.ends_with("security.txt") {
            continue;
        }
        assert!(
            text.replace("\r\n ", "").contains("alert"),
            "{path} lost the text"
        );
        assert!(
            text.replace("\r\n ", "").contains("{{ 7*7 }}"),
            "{path} evaluated the text"
        );
    }
}

#[test]
fn text_in_any_script_and_any_order_stays_text() {
    use proptest::prelude::*;
    let piece = prop_oneof![
        "\\PC{0,12}",
        any::<char>().prop_map(String::from),
        prop_oneof![
            Just("\r\nEND:VCALENDAR\r\n"),
            Just("\nContact: mailto:evil@example.org\n"),
            Just("</script><script>"),
            Just("--><!--"),
            Just("\u{202e}\u{2066}\u{2069}\u{200f}"),
            Just("]]>"),
            Just("\\n\\;,"),
            Just("שלום مرحبا"),
        ]
        .prop_map(String::from),
    ];
    let texts = proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat());
    let config = ProptestConfig {
        cases: 24,
        ..ProptestConfig::default()
    };
    proptest!(config, |(text in texts)| {
        check(&pages(&filled(&text), FINGERPRINT, now()).unwrap());
    });
}
