//! `status.json`: the page for machines. A wire format of its own; fields are added, never changed.

use std::collections::BTreeMap;

use serde::Serialize;
use stentor_domain::bulletin::{
    Component, Denial, Impact, Language, Mends, PublicIncident, PublicMaintenance, Section,
    Standing, StatusPage, Wording,
};

use super::RenderError;
use super::directory::Contacts;
use super::edition::Edition;
use super::spans::Day;
use super::text::{clean, line, paragraphs};
use super::time::{iso, timestamp};
use super::view::{Clock, Records, headline, stem_of_incident, worst};

/// The version of the format.
const FORMAT: u32 = 1;
/// Of what ended, the newest is told whole and the rest is counted: this is the file that everybody loads.
const PAST: usize = 10;
/// Of what was said about one thing, the same; its own page has all.
const STATEMENTS: usize = 20;

// Structs rather than maps: the order of the fields is part of the signed bytes.

#[derive(Serialize)]
struct Status<'a> {
    format: u32,
    organisation: String,
    drill: Option<String>,
    as_of: String,
    stale_after: String,
    headline: String,
    impact: Option<Impact>,
    components: Vec<Part<'a>>,
    current: Vec<Affair<'a>>,
    past: Vec<Affair<'a>>,
    past_left_out: usize,
    languages: Vec<&'a str>,
    maintenance: Vec<Work<'a>>,
    maintenance_left_out: usize,
    denials: Vec<Denied>,
    denials_left_out: usize,
    directory: Contacts<'a>,
    /// Since when problems would have been published; days before are not recorded.
    recorded_since: Option<String>,
}

#[derive(Serialize)]
struct Part<'a> {
    name: String,
    impact: Option<Impact>,
    id: &'a str,
    group: Option<String>,
    /// One letter a day, the last being the day of `as_of` in UTC: `c` no problem published, `p` partly failing, `t` not
    /// usable, `w` announced work, `n` not recorded.
    days: String,
    /// Percent of these days without a published problem, rounded down to hundredths; absent if not all is recorded.
    share: Option<f64>,
}

#[derive(Serialize)]
struct Affair<'a> {
    id: String,
    page: String,
    impact: Impact,
    over: bool,
    components: Vec<String>,
    updates: Vec<Statement<'a>>,
    updates_left_out: usize,
}

#[derive(Serialize)]
struct Work<'a> {
    id: String,
    page: String,
    status: &'a str,
    over: bool,
    starts: String,
    ends: String,
    components: Vec<String>,
    updates: Vec<Statement<'a>>,
    updates_left_out: usize,
}

#[derive(Serialize)]
struct Denied {
    id: String,
    page: String,
    circulates: bool,
    seen_at: Vec<String>,
    updates: Vec<Statement<'static>>,
    updates_left_out: usize,
}

#[derive(Serialize)]
struct Statement<'a> {
    number: u32,
    published: String,
    status: &'a str,
    title: String,
    sections: Vec<Paragraphs>,
    next_update: Option<String>,
    translations: BTreeMap<String, Translation>,
    corrects: Option<u32>,
    withdraws: Option<u32>,
    corrected_by: Option<u32>,
    withdrawn_by: Option<u32>,
}

#[derive(Serialize)]
struct Translation {
    title: String,
    sections: Vec<Paragraphs>,
}

#[derive(Serialize)]
struct Paragraphs {
    heading: String,
    text: String,
}

pub(super) fn status(
    edition: &Edition<'_>,
    clock: Clock,
    directory: Contacts<'_>,
) -> Result<Vec<u8>, RenderError> {
    let page = edition.page;
    let records = Records::of(page, clock.now.as_millisecond());
    // What is over stands last, the newest first.
    let (ended, gone) = (
        page.maintenance.iter().filter(|m| m.is_over()).count(),
        page.denials.iter().filter(|d| d.is_over()).count(),
    );
    let maintenance_left_out = ended.saturating_sub(PAST);
    let denials_left_out = gone.saturating_sub(PAST);
    let maintenance = page.maintenance.iter().map(work);
    let maintenance = maintenance.take(page.maintenance.len() - maintenance_left_out);
    let denials = page.denials.iter().map(denial);
    let denials = denials.take(page.denials.len() - denials_left_out);
    let status = Status {
        format: FORMAT,
        organisation: clean(&page.organisation),
        drill: drill(page),
        as_of: iso(clock.now),
        stale_after: iso(clock.stale_after),
        headline: headline(page, clock, edition.words),
        impact: worst(page),
        components: page.components.iter().map(|c| part(c, &records)).collect(),
        current: page.current.iter().map(affair).collect::<Result<_, _>>()?,
        past: page
            .past
            .iter()
            .take(PAST)
            .map(affair)
            .collect::<Result<_, _>>()?,
        past_left_out: page.past.len().saturating_sub(PAST),
        languages: page
            .settings
            .languages
            .iter()
            .map(Language::as_str)
            .collect(),
        maintenance: maintenance.collect::<Result<_, _>>()?,
        maintenance_left_out,
        denials: denials.collect::<Result<_, _>>()?,
        denials_left_out,
        directory,
        recorded_since: page.recorded_since_ms.map(time).transpose()?,
    };
    json("status.json", &status)
}

/// The file's bytes, made to be read by people too.
pub(super) fn json(file: &str, value: &impl Serialize) -> Result<Vec<u8>, RenderError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|e| RenderError::new(file, e))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The drill's name, in a drill.
pub(super) fn drill(page: &StatusPage) -> Option<String> {
    page.world.is_drill().then(|| page.world.to_string())
}

fn time(ms: i64) -> Result<String, RenderError> {
    Ok(iso(timestamp(ms)?))
}

fn part<'a>(component: &'a Component, records: &Records) -> Part<'a> {
    let letter = |day: &Day| match day {
        Day::Unrecorded => 'n',
        Day::Calm => 'c',
        Day::Work => 'w',
        Day::Partial => 'p',
        Day::Total => 't',
    };
    Part {
        name: line(&component.name),
        impact: component.impact,
        id: component.id.as_str(),
        group: component.group.as_deref().map(line),
        days: records.days(component).days.iter().map(letter).collect(),
        share: records
            .share(component)
            .map(|share| f64::from(share) / 100.0),
    }
}

fn affair(incident: &PublicIncident) -> Result<Affair<'static>, RenderError> {
    let updates = incident.updates.iter().rev().take(STATEMENTS).map(|u| {
        let wording = (u.title.as_str(), u.sections.as_slice());
        let standing = incident.standing(u.number);
        let next = u.next_update_ms.map(time).transpose()?;
        let said = (u.number, u.published_ms, u.status.name());
        statement(said, wording, &u.translations, (u.mends, standing), next)
    });
    Ok(Affair {
        id: incident.id.to_string(),
        page: format!("{}.html", stem_of_incident(incident)?),
        impact: incident.impact,
        over: incident.is_over(),
        components: incident.components.iter().map(|c| line(c)).collect(),
        updates: updates.collect::<Result<_, _>>()?,
        updates_left_out: incident.updates.len().saturating_sub(STATEMENTS),
    })
}

fn work(work: &PublicMaintenance) -> Result<Work<'static>, RenderError> {
    let updates = work.updates.iter().rev().take(STATEMENTS).map(|u| {
        let wording = (u.wording.title.as_str(), u.wording.sections.as_slice());
        let standing = work.standing(u.number);
        let said = (u.number, u.published_ms, u.status.name());
        statement(said, wording, &u.translations, (u.mends, standing), None)
    });
    let latest = work.latest();
    Ok(Work {
        id: work.id.to_string(),
        page: format!("maintenance/{}.html", work.id),
        status: latest.status.name(),
        over: work.is_over(),
        starts: time(latest.starts_ms)?,
        ends: time(latest.ends_ms)?,
        components: work.components.iter().map(|c| line(c)).collect(),
        updates: updates.collect::<Result<_, _>>()?,
        updates_left_out: work.updates.len().saturating_sub(STATEMENTS),
    })
}

fn denial(denial: &Denial) -> Result<Denied, RenderError> {
    let updates = denial.updates.iter().rev().take(STATEMENTS).map(|u| {
        let wording = (u.wording.title.as_str(), u.wording.sections.as_slice());
        let standing = denial.standing(u.number);
        let status = if u.circulates { "circulates" } else { "over" };
        statement(
            (u.number, u.published_ms, status),
            wording,
            &u.translations,
            (u.mends, standing),
            None,
        )
    });
    Ok(Denied {
        id: denial.id.to_string(),
        page: format!("denials/{}.html", denial.id),
        circulates: !denial.is_over(),
        seen_at: denial.seen_at.iter().map(|s| line(s)).collect(),
        updates: updates.collect::<Result<_, _>>()?,
        updates_left_out: denial.updates.len().saturating_sub(STATEMENTS),
    })
}

fn statement(
    (number, published, status): (u32, i64, &'static str),
    (title, sections): (&str, &[Section]),
    translations: &BTreeMap<Language, Wording>,
    (mends, standing): (Option<Mends>, Standing),
    next_update: Option<String>,
) -> Result<Statement<'static>, RenderError> {
    let translation = |(language, wording): (&Language, &Wording)| {
        let translation = Translation {
            title: line(&wording.title),
            sections: told(&wording.sections),
        };
        (language.to_string(), translation)
    };
    let (corrects, withdraws) = match mends {
        None => (None, None),
        Some(Mends::Corrects(n)) => (Some(n), None),
        Some(Mends::Withdraws(n)) => (None, Some(n)),
    };
    let (corrected_by, withdrawn_by) = match standing {
        Standing::Holds => (None, None),
        Standing::CorrectedBy(n) => (Some(n), None),
        Standing::WithdrawnBy(n) => (None, Some(n)),
    };
    Ok(Statement {
        number,
        published: time(published)?,
        status,
        title: line(title),
        sections: told(sections),
        next_update,
        translations: translations.iter().map(translation).collect(),
        corrects,
        withdraws,
        corrected_by,
        withdrawn_by,
    })
}

fn told(sections: &[Section]) -> Vec<Paragraphs> {
    let part = |s: &Section| Paragraphs {
        heading: line(&s.heading),
        text: paragraphs(&s.text).join("\n\n"),
    };
    sections.iter().map(part).collect()
}
