//! Statuspage's public interface, version 2, as static files: programs that read other status pages read ours.
//!
//! The shapes are theirs, by what their clients expect; `stentor` is added beside them and says what theirs cannot: until
//! when to believe it, and where the signatures are. What we call partial is `minor` and `partial_outage` there, total is
//! `major` and `major_outage`, and `critical` says that every component is out of use.

mod rows;

use serde::Serialize;
use stentor_domain::bulletin::{Impact, MaintenanceStatus};

use super::edition::Edition;
use super::machine::{drill, json};
use super::text::{clean, is_link};
use super::time::iso;
use super::view::{Clock, headline, in_progress, worst};
use super::{RenderError, time};
use crate::repository::Pages;
use rows::{Component, Incident, Rows};

/// Incidents and maintenance in one file, as there.
const LISTED: usize = 50;
/// The folder.
const FOLDER: &str = "api/v2";

#[derive(Clone, Serialize)]
struct Page {
    id: String,
    name: String,
    url: String,
    time_zone: &'static str,
    updated_at: String,
}

#[derive(Clone, Serialize)]
struct Status {
    indicator: &'static str,
    description: String,
}

/// What their format has no word for.
#[derive(Clone, Serialize)]
struct Stentor<'a> {
    drill: Option<String>,
    as_of: Option<String>,
    stale_after: Option<String>,
    root_sha256: &'a str,
    /// Where the signatures over this file begin.
    timestamp: &'static str,
}

/// A file: the page, what it is about, and what we add.
#[derive(Serialize)]
struct File<'a> {
    page: &'a Page,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<&'a [Component]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incidents: Option<&'a [Incident]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_maintenances: Option<&'a [Incident]>,
    stentor: &'a Stentor<'a>,
}

/// Adds the files to `pages`. `base` is the address of the first mirror, with a slash, or empty.
pub(super) fn files(
    pages: &mut Pages,
    edition: &Edition<'_>,
    base: &str,
    clock: Clock,
) -> Result<(), RenderError> {
    let page = edition.page;
    let rows = Rows::of(edition, base)?;
    let website = page
        .settings
        .website
        .as_deref()
        .filter(|w| is_link(w))
        .unwrap_or_default();
    let quiet_page = Page {
        id: rows.page_id.clone(),
        name: match drill(page) {
            Some(_) => format!("{}: {}", edition.words.drill, clean(&page.organisation)),
            None => clean(&page.organisation),
        },
        url: if base.is_empty() {
            website.to_owned()
        } else {
            base.to_owned()
        },
        time_zone: "Etc/UTC",
        updated_at: iso(time::timestamp(rows.spoken)?),
    };
    let quiet = Stentor {
        drill: drill(page),
        as_of: None,
        stale_after: None,
        root_sha256: edition.fingerprint,
        timestamp: "metadata/timestamp.json",
    };
    // Only what speaks of the present changes from hour to hour.
    let timed_page = Page {
        updated_at: iso(clock.now),
        ..quiet_page.clone()
    };
    let timed = Stentor {
        as_of: Some(iso(clock.now)),
        stale_after: Some(iso(clock.stale_after)),
        ..quiet.clone()
    };
    let status = Status {
        indicator: indicator(edition),
        description: headline(page, clock, edition.words),
    };
    let components = rows.components()?;
    let current = incidents(page.current.iter().map(|i| rows.incident(i)))?;
    let all = incidents(
        page.current
            .iter()
            .chain(&page.past)
            .map(|i| rows.incident(i)),
    )?;
    let works = |kept: &dyn Fn(MaintenanceStatus) -> bool| {
        let kept = page.maintenance.iter().filter(|m| kept(m.latest().status));
        incidents(kept.map(|m| rows.maintenance(m)))
    };
    let goes_on = |s| {
        matches!(
            s,
            MaintenanceStatus::InProgress | MaintenanceStatus::Verifying
        )
    };
    let every = works(&|_| true)?;
    let unfinished = works(&|s| !s.is_over())?;
    let active = works(&goes_on)?;
    let upcoming = works(&|s| s == MaintenanceStatus::Scheduled)?;
    let blank = File {
        page: &quiet_page,
        status: None,
        components: None,
        incidents: None,
        scheduled_maintenances: None,
        stentor: &quiet,
    };
    let mut add = |name: &str, file: File<'_>| {
        let path = format!("{FOLDER}/{name}.json");
        let bytes = json(&path, &file)?;
        pages.insert(path, bytes);
        Ok::<_, RenderError>(())
    };
    add(
        "summary",
        File {
            page: &timed_page,
            status: Some(&status),
            components: Some(&components),
            incidents: Some(&current),
            scheduled_maintenances: Some(&unfinished),
            stentor: &timed,
        },
    )?;
    add(
        "status",
        File {
            page: &timed_page,
            status: Some(&status),
            stentor: &timed,
            ..blank
        },
    )?;
    add(
        "components",
        File {
            components: Some(&components),
            ..blank
        },
    )?;
    add(
        "incidents",
        File {
            incidents: Some(&all),
            ..blank
        },
    )?;
    add(
        "incidents/unresolved",
        File {
            incidents: Some(&current),
            ..blank
        },
    )?;
    add(
        "scheduled-maintenances",
        File {
            scheduled_maintenances: Some(&every),
            ..blank
        },
    )?;
    add(
        "scheduled-maintenances/active",
        File {
            scheduled_maintenances: Some(&active),
            ..blank
        },
    )?;
    add(
        "scheduled-maintenances/upcoming",
        File {
            scheduled_maintenances: Some(&upcoming),
            ..blank
        },
    )
}

fn incidents(
    rows: impl Iterator<Item = Result<Incident, RenderError>>,
) -> Result<Vec<Incident>, RenderError> {
    rows.take(LISTED).collect()
}

/// The page in one word.
fn indicator(edition: &Edition<'_>) -> &'static str {
    let page = edition.page;
    let all_out = !page.components.is_empty()
        && page
            .components
            .iter()
            .all(|c| c.impact == Some(Impact::Total));
    match worst(page) {
        Some(Impact::Total) if all_out => "critical",
        Some(Impact::Total) => "major",
        Some(Impact::Partial) => "minor",
        None if in_progress(page) => "maintenance",
        None => "none",
    }
}
