//! What the templates see: text that is safe to place, times already in words.

use jiff::Timestamp;
use serde::Serialize;
use stentor_domain::bulletin::{Impact, PublicIncident, StatusPage, StatusUpdate};

use super::{RenderError, feed};
use crate::lives::{self, later};

/// The whole page.
#[derive(Serialize)]
pub(super) struct View {
    pub(super) organisation: String,
    /// The drill's name, in a drill.
    pub(super) drill: Option<String>,
    pub(super) as_of: Time,
    pub(super) stale_after: Time,
    /// The sentence everybody came for.
    pub(super) headline: String,
    /// Which look the headline has: `calm`, `partial` or `total`.
    pub(super) look: &'static str,
    pub(super) components: Vec<Part>,
    pub(super) current: Vec<Incident>,
    pub(super) past: Vec<Incident>,
    pub(super) fingerprint: String,
    pub(super) feed_id: String,
    /// When something was last said; the feed does not change otherwise.
    pub(super) spoken: Time,
}

/// An incident on a page of its own.
#[derive(Serialize)]
pub(super) struct IncidentPage<'a> {
    pub(super) page: &'a View,
    pub(super) incident: &'a Incident,
}

/// A component and its state in words.
#[derive(Serialize)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) impact: Option<&'static str>,
    pub(super) words: &'static str,
}

/// An incident.
#[derive(Serialize)]
pub(super) struct Incident {
    pub(super) id: String,
    pub(super) path: String,
    /// Of its first word, in UTC.
    pub(super) year: String,
    pub(super) impact: &'static str,
    pub(super) impact_words: &'static str,
    pub(super) over: bool,
    pub(super) components: Vec<String>,
    /// Newest first.
    pub(super) updates: Vec<Update>,
}

/// One statement.
#[derive(Serialize)]
pub(super) struct Update {
    pub(super) id: String,
    pub(super) number: u32,
    pub(super) at: Time,
    pub(super) status: &'static str,
    pub(super) title: String,
    pub(super) sections: Vec<Section>,
    pub(super) next: Option<Time>,
}

/// A headed text, in paragraphs.
#[derive(Serialize)]
pub(super) struct Section {
    pub(super) heading: String,
    pub(super) paragraphs: Vec<String>,
}

/// An instant: for machines, and for people.
#[derive(Serialize)]
pub(super) struct Time {
    pub(super) iso: String,
    pub(super) clock: String,
    pub(super) full: String,
}

impl Time {
    fn of(time: Timestamp) -> Self {
        let show = |format: &str| time.strftime(format).to_string();
        Self {
            iso: show("%Y-%m-%dT%H:%M:%SZ"),
            clock: show("%H:%M UTC"),
            full: show("%-d %B %Y, %H:%M UTC"),
        }
    }

    fn of_ms(ms: i64) -> Result<Self, RenderError> {
        Timestamp::from_millisecond(ms)
            .map(Self::of)
            .map_err(|e| RenderError::new("a time", e))
    }
}

impl View {
    pub(super) fn of(
        page: &StatusPage,
        fingerprint: &str,
        now: Timestamp,
    ) -> Result<Self, RenderError> {
        let incident = |i: &PublicIncident| Incident::of(i, fingerprint);
        let current = page
            .current
            .iter()
            .map(incident)
            .collect::<Result<Vec<_>, _>>()?;
        let past = page
            .past
            .iter()
            .map(incident)
            .collect::<Result<Vec<_>, _>>()?;
        let stale_after = later(now, lives::TIMESTAMP);
        let worst = page
            .current
            .iter()
            .map(|i| i.impact)
            .chain(page.components.iter().filter_map(|c| c.impact))
            .max();
        let spoken = page
            .current
            .iter()
            .chain(&page.past)
            .flat_map(|i| &i.updates)
            .map(|u| u.published_ms)
            .max();
        Ok(Self {
            organisation: clean(&page.organisation),
            drill: page.world.is_drill().then(|| page.world.to_string()),
            headline: headline(worst, current.len(), now, stale_after),
            look: worst.map_or("calm", impact_name),
            as_of: Time::of(now),
            stale_after: Time::of(stale_after),
            components: page
                .components
                .iter()
                .map(|c| Part {
                    name: clean(&c.name),
                    impact: c.impact.map(impact_name),
                    words: c.impact.map_or("no known problem", impact_words),
                })
                .collect(),
            current,
            past,
            fingerprint: fingerprint.to_owned(),
            feed_id: feed::id(&[fingerprint]),
            // A feed that never said anything is dated by the epoch rather than by a moment that would move.
            spoken: Time::of_ms(spoken.unwrap_or(0))?,
        })
    }

    /// Every incident that has a page.
    pub(super) fn incidents(&self) -> impl Iterator<Item = &Incident> {
        self.current.iter().chain(&self.past)
    }
}

impl Incident {
    fn of(incident: &PublicIncident, fingerprint: &str) -> Result<Self, RenderError> {
        let id = incident.id.to_string();
        let updates = incident
            .updates
            .iter()
            .rev()
            .map(|u| Update::of(u, &id, fingerprint));
        // Readers find it there for ever: the year of the first word (UTC), which never changes.
        let first = incident.updates.first().map_or(0, |u| u.published_ms);
        let first =
            Timestamp::from_millisecond(first).map_err(|e| RenderError::new("a time", e))?;
        let year = first.strftime("%Y").to_string();
        Ok(Self {
            path: format!("incidents/{year}/{id}.html"),
            year,
            impact: impact_name(incident.impact),
            impact_words: impact_words(incident.impact),
            over: incident.is_over(),
            components: incident.components.iter().map(|c| clean(c)).collect(),
            updates: updates.collect::<Result<_, _>>()?,
            id,
        })
    }
}

impl Update {
    fn of(update: &StatusUpdate, incident: &str, fingerprint: &str) -> Result<Self, RenderError> {
        Ok(Self {
            id: feed::id(&[fingerprint, incident, &update.number.to_string()]),
            number: update.number,
            at: Time::of_ms(update.published_ms)?,
            status: update.status.name(),
            title: line(&update.title),
            sections: update
                .sections
                .iter()
                .map(|s| Section {
                    heading: line(&s.heading),
                    paragraphs: paragraphs(&s.text),
                })
                .collect(),
            next: update.next_update_ms.map(Time::of_ms).transpose()?,
        })
    }
}

/// Says what was known when, and until when to believe it. Never what is so now: nobody knows when it is read.
fn headline(
    worst: Option<Impact>,
    incidents: usize,
    now: Timestamp,
    stale_after: Timestamp,
) -> String {
    let what = match (worst, incidents) {
        (None, 0) => "No known problem".to_owned(),
        (_, 0 | 1) => "A known problem".to_owned(),
        (_, n) => format!("{n} known problems"),
    };
    let (clock, date) = ("%H:%M UTC", "%-d %B %Y");
    let until = if now.strftime(date).to_string() == stale_after.strftime(date).to_string() {
        stale_after.strftime("%H:%M").to_string()
    } else {
        stale_after.strftime("%H:%M on %-d %B").to_string()
    };
    format!(
        "{what} at {}; after {until} treat this page as old.",
        now.strftime(clock)
    )
}

fn impact_name(impact: Impact) -> &'static str {
    match impact {
        Impact::Partial => "partial",
        Impact::Total => "total",
    }
}

fn impact_words(impact: Impact) -> &'static str {
    match impact {
        Impact::Partial => "partly failing",
        Impact::Total => "not usable",
    }
}

/// Text without what XML 1.0 cannot hold and without direction overrides, which make text read as what it is not.
fn clean(text: &str) -> String {
    let unwanted = |c: &char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
    };
    text.chars().filter(|c| !unwanted(c)).collect()
}

/// [`clean`] text on one line.
fn line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Blank lines separate paragraphs.
fn paragraphs(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    for row in clean(text).lines().map(str::trim) {
        match (row.is_empty(), out.last_mut()) {
            (true, _) => out.push(String::new()),
            (false, Some(paragraph)) => {
                if !paragraph.is_empty() {
                    paragraph.push('\n');
                }
                paragraph.push_str(row);
            }
            (false, None) => {}
        }
    }
    out.retain(|p| !p.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_split_and_cleaned() {
        #[track_caller]
        fn check(text: &str, expect: &[&str]) {
            assert_eq!(paragraphs(text), expect);
        }
        check("", &[]);
        check("one\ntwo\r\n\r\n\n three ", &["one\ntwo", "three"]);
        check("a\u{0}b\u{1b}[2Jc\u{202e}d", &["ab[2Jcd"]);
        assert_eq!(line(" a\r\nSubject: b\t c "), "a Subject: b c");
    }
}
