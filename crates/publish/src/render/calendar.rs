//! `maintenance.ics` (RFC 5545): announced work in people's calendars. It changes only when something is said.

use jiff::Timestamp;
use stentor_domain::bulletin::{MaintenanceStatus, PublicMaintenance, StatusPage};

use super::RenderError;
use super::edition::{Edition, Part};
use super::feed::uuid;
use super::text::{is_link, line};
use super::time::timestamp;
use super::words::fill;

/// Bytes of a line before it is folded (RFC 5545, 3.1).
const LINE: usize = 75;

/// The calendar, in the words of the first edition. `base` is the address of the first mirror, with a slash, or empty.
pub(super) fn file(edition: &Edition<'_>, base: &str) -> Result<Vec<u8>, RenderError> {
    let page: &StatusPage = edition.page;
    let words = edition.words;
    let mut out = Calendar(String::new());
    out.raw("BEGIN", "VCALENDAR");
    out.raw("VERSION", "2.0");
    out.raw("PRODID", "-//Stentor//Status page//EN");
    out.raw("METHOD", "PUBLISH");
    let title = fill(words.title, &[("organisation", &line(&page.organisation))]);
    let drill = if page.world.is_drill() {
        format!("{}: ", words.drill)
    } else {
        String::new()
    };
    let name = format!("{drill}{title}, {}", words.maintenance);
    out.text("NAME", &name);
    out.text("X-WR-CALNAME", &name);
    out.raw("REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
    out.raw("X-PUBLISHED-TTL", "PT1H");
    // A calendar without any component is none (RFC 5545, 3.6): the zone that all its times are in is always there.
    for (name, value) in [
        ("BEGIN", "VTIMEZONE"),
        ("TZID", "Etc/UTC"),
        ("BEGIN", "STANDARD"),
        ("DTSTART", "19700101T000000"),
        ("TZOFFSETFROM", "+0000"),
        ("TZOFFSETTO", "+0000"),
        ("TZNAME", "UTC"),
        ("END", "STANDARD"),
        ("END", "VTIMEZONE"),
    ] {
        out.raw(name, value);
    }
    for work in &page.maintenance {
        event(&mut out, work, edition, base, &drill)?;
    }
    out.raw("END", "VCALENDAR");
    Ok(out.0.into_bytes())
}

fn event(
    out: &mut Calendar,
    work: &PublicMaintenance,
    edition: &Edition<'_>,
    base: &str,
    drill: &str,
) -> Result<(), RenderError> {
    let (latest, id) = (work.latest(), work.id.to_string());
    let first = work
        .updates
        .first()
        .map_or(latest.published_ms, |u| u.published_ms);
    let (title, sections) = edition.wording(
        (&latest.wording.title, &latest.wording.sections),
        &latest.translations,
    );
    let status = match latest.status {
        MaintenanceStatus::Cancelled => "CANCELLED",
        _ => "CONFIRMED",
    };
    let mut description = vec![format!("{drill}{}", edition.words.work(latest.status))];
    description.extend(sections.iter().map(
        |Part {
             heading,
             paragraphs,
         }| { format!("{heading}\n{}", paragraphs.join("\n\n")) },
    ));
    out.raw("BEGIN", "VEVENT");
    out.raw("UID", &uuid(&[edition.fingerprint, &id]));
    out.raw("SEQUENCE", &latest.number.saturating_sub(1).to_string());
    out.raw("DTSTAMP", &stamp(latest.published_ms)?);
    out.raw("CREATED", &stamp(first)?);
    out.raw("LAST-MODIFIED", &stamp(latest.published_ms)?);
    out.raw("DTSTART", &stamp(latest.starts_ms)?);
    out.raw(
        "DTEND",
        &stamp(latest.ends_ms.max(latest.starts_ms.saturating_add(60_000)))?,
    );
    out.raw("STATUS", status);
    out.raw("TRANSP", "TRANSPARENT");
    let lang = &title.tongue.lang;
    out.text(
        &format!("SUMMARY;LANGUAGE={lang}"),
        &format!("{drill}{id}: {}", title.text),
    );
    out.text(
        &format!("DESCRIPTION;LANGUAGE={lang}"),
        &description.join("\n\n"),
    );
    if !work.components.is_empty() {
        let list: Vec<_> = work.components.iter().map(|c| escaped(&line(c))).collect();
        out.raw("CATEGORIES", &list.join(","));
    }
    if is_link(base) {
        out.raw("URL", &format!("{base}maintenance/{id}.html"));
    }
    out.raw("END", "VEVENT");
    Ok(())
}

/// A time in UTC as calendars write it.
fn stamp(ms: i64) -> Result<String, RenderError> {
    let time: Timestamp = timestamp(ms)?;
    Ok(time.strftime("%Y%m%dT%H%M%SZ").to_string())
}

/// Rows of a calendar, folded.
struct Calendar(String);

impl Calendar {
    fn text(&mut self, name: &str, value: &str) {
        self.raw(name, &escaped(value));
    }

    /// A row whose value needs no escaping.
    fn raw(&mut self, name: &str, value: &str) {
        let mut used = 0;
        for c in name.chars().chain([':']).chain(value.chars()) {
            if used + c.len_utf8() > LINE {
                self.0.push_str("\r\n ");
                used = 1;
            }
            self.0.push(c);
            used += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// Text as a value (RFC 5545, 3.3.11); other controls were taken out before.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_folded_between_characters() {
        let mut calendar = Calendar(String::new());
        calendar.text("SUMMARY", &"é,".repeat(60));
        for row in calendar.0.lines() {
            assert!(row.len() <= LINE, "{row}");
        }
        let unfolded = calendar.0.replace("\r\n ", "");
        assert_eq!(unfolded, format!("SUMMARY:{}\r\n", "é\\,".repeat(60)));
    }

    #[test]
    fn text_cannot_begin_a_row() {
        assert_eq!(escaped("a\r\nEND:VEVENT;\\"), "a\\nEND:VEVENT\\;\\\\");
    }
}
