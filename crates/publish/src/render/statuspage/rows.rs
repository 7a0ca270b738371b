//! Components, incidents and maintenance in Statuspage's shapes.

use serde::Serialize;
use stentor_domain::bulletin::{
    self, Impact, MaintenanceStatus, PublicIncident, PublicMaintenance, PublicStatus,
};

use super::super::RenderError;
use super::super::edition::{Edition, Part};
use super::super::feed::uuid;
use super::super::text::line;
use super::super::time::{iso, timestamp};
use super::super::view::{Affair, Statement, grouped};
use super::super::words::fill;

/// A component, or a group of them.
#[derive(Clone, Serialize)]
pub(super) struct Component {
    id: String,
    name: String,
    status: &'static str,
    created_at: String,
    updated_at: String,
    position: usize,
    description: Option<String>,
    showcase: bool,
    start_date: Option<String>,
    group_id: Option<String>,
    page_id: String,
    group: bool,
    only_show_if_degraded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<Vec<String>>,
}

/// An incident, or announced work.
#[derive(Serialize)]
pub(super) struct Incident {
    id: String,
    name: String,
    status: &'static str,
    created_at: String,
    updated_at: String,
    monitoring_at: Option<String>,
    resolved_at: Option<String>,
    impact: &'static str,
    shortlink: String,
    started_at: String,
    page_id: String,
    incident_updates: Vec<Update>,
    components: Vec<Component>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_for: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_until: Option<String>,
}

#[derive(Serialize)]
struct Update {
    id: String,
    status: &'static str,
    body: String,
    incident_id: String,
    created_at: String,
    updated_at: String,
    display_at: String,
    affected_components: Option<()>,
    deliver_notifications: bool,
    custom_tweet: Option<()>,
    tweet_id: Option<()>,
    stentor: Mended,
}

/// Whether the statement still holds.
#[derive(Serialize)]
struct Mended {
    corrected_by: Option<String>,
    withdrawn_by: Option<String>,
}

/// What the rows need to know of the page.
pub(super) struct Rows<'a> {
    edition: &'a Edition<'a>,
    base: &'a str,
    pub(super) page_id: String,
    /// When something was said last, in milliseconds since the epoch.
    pub(super) spoken: i64,
    /// Since when there is something to say about components.
    begun: i64,
}

impl<'a> Rows<'a> {
    pub(super) fn of(edition: &'a Edition<'_>, base: &'a str) -> Result<Self, RenderError> {
        let page = edition.page;
        let incidents = page.current.iter().chain(&page.past);
        let times = incidents
            .flat_map(|i| i.updates.iter().map(|u| u.published_ms))
            .chain(
                page.maintenance
                    .iter()
                    .flat_map(|m| m.updates.iter().map(|u| u.published_ms)),
            )
            .collect::<Vec<_>>();
        let begun = page
            .recorded_since_ms
            .or(times.iter().min().copied())
            .unwrap_or(0);
        Ok(Self {
            edition,
            base,
            page_id: edition.fingerprint.chars().take(12).collect(),
            spoken: times.iter().max().copied().unwrap_or(begun),
            begun,
        })
    }

    /// Every component; a group's row stands before those of its members.
    pub(super) fn components(&self) -> Result<Vec<Component>, RenderError> {
        let mut rows = Vec::new();
        for (name, parts) in grouped(self.edition.page) {
            let Some(name) = name else {
                for part in parts {
                    rows.push(self.component(part, rows.len() + 1)?);
                }
                continue;
            };
            let members: Vec<Component> = parts
                .iter()
                .enumerate()
                .map(|(n, part)| self.component(part, n + 1))
                .collect::<Result<_, _>>()?;
            let worst = members
                .iter()
                .map(|m| m.status)
                .max_by_key(|s| rank(s))
                .unwrap_or("operational");
            rows.push(Component {
                id: self.group_id(name),
                name: line(name),
                status: worst,
                position: rows.len() + 1,
                group_id: None,
                group: true,
                components: Some(members.iter().map(|m| m.id.clone()).collect()),
                created_at: iso(timestamp(self.begun)?),
                updated_at: members
                    .iter()
                    .map(|m| m.updated_at.clone())
                    .max()
                    .unwrap_or_default(),
                description: None,
                showcase: false,
                start_date: None,
                page_id: self.page_id.clone(),
                only_show_if_degraded: false,
            });
            rows.extend(members);
        }
        Ok(rows)
    }

    fn group_id(&self, name: &str) -> String {
        uuid(&[self.edition.fingerprint, "group", name])
    }

    fn component(
        &self,
        part: &bulletin::Component,
        position: usize,
    ) -> Result<Component, RenderError> {
        let page = self.edition.page;
        let named = |names: &[String]| names.contains(&part.name);
        let incidents = page
            .current
            .iter()
            .chain(&page.past)
            .filter(|i| named(&i.components));
        let works = page.maintenance.iter().filter(|m| named(&m.components));
        let goes_on = |m: &&PublicMaintenance| {
            matches!(
                m.latest().status,
                MaintenanceStatus::InProgress | MaintenanceStatus::Verifying
            )
        };
        let status = match part.impact {
            Some(Impact::Total) => "major_outage",
            Some(Impact::Partial) => "partial_outage",
            None if works.clone().any(|m| goes_on(&m)) => "under_maintenance",
            None => "operational",
        };
        let said = incidents
            .map(|i| i.latest().published_ms)
            .chain(works.map(|m| m.latest().published_ms));
        Ok(Component {
            id: part.id.to_string(),
            name: line(&part.name),
            status,
            created_at: iso(timestamp(self.begun)?),
            updated_at: iso(timestamp(said.max().unwrap_or(self.begun))?),
            position,
            description: None,
            showcase: true,
            start_date: None,
            group_id: part.group.as_deref().map(|name| self.group_id(name)),
            page_id: self.page_id.clone(),
            group: false,
            only_show_if_degraded: false,
            components: None,
        })
    }

    pub(super) fn incident(&self, incident: &PublicIncident) -> Result<Incident, RenderError> {
        let affair = Affair::of_incident(incident, self.edition)?;
        let at = |status| {
            incident
                .updates
                .iter()
                .find(|u| u.status == status)
                .map(|u| u.published_ms)
        };
        let resolved = at(PublicStatus::Resolved).filter(|_| incident.is_over());
        let statuses = |n: u32| {
            let update = incident.updates.iter().find(|u| u.number == n);
            update.map_or("investigating", |u| u.status.name())
        };
        let impact = match incident.impact {
            Impact::Partial => "minor",
            Impact::Total => "major",
        };
        let mut row = self.row(&affair, &incident.components, impact, &statuses)?;
        let time = |ms: Option<i64>| ms.map(timestamp).transpose().map(|t| t.map(iso));
        row.monitoring_at = time(at(PublicStatus::Monitoring))?;
        row.resolved_at = time(resolved)?;
        Ok(row)
    }

    pub(super) fn maintenance(&self, work: &PublicMaintenance) -> Result<Incident, RenderError> {
        let affair = Affair::of_maintenance(work, self.edition)?;
        let statuses = |n: u32| {
            let update = work.updates.iter().find(|u| u.number == n);
            // They have no word for work that was called off; it is not to be expected any more.
            update.map_or("scheduled", |u| match u.status {
                MaintenanceStatus::Cancelled => "completed",
                status => status.name(),
            })
        };
        let mut row = self.row(&affair, &work.components, "maintenance", &statuses)?;
        let latest = work.latest();
        if work.is_over() {
            row.resolved_at = Some(iso(timestamp(latest.published_ms)?));
        }
        row.scheduled_for = Some(iso(timestamp(latest.starts_ms)?));
        row.scheduled_until = Some(iso(timestamp(latest.ends_ms)?));
        row.started_at
            .clone_from(row.scheduled_for.as_ref().unwrap_or(&row.created_at));
        Ok(row)
    }

    fn row(
        &self,
        affair: &Affair,
        names: &[String],
        impact: &'static str,
        status: &dyn Fn(u32) -> &'static str,
    ) -> Result<Incident, RenderError> {
        let iso_of = |s: Option<&Statement>| s.map(|s| s.at.iso.clone()).unwrap_or_default();
        let (newest, oldest) = (affair.statements.first(), affair.statements.last());
        let parts = self
            .edition
            .page
            .components
            .iter()
            .filter(|c| names.contains(&c.name));
        let update = |s: &Statement| Update {
            id: format!("{}-{}", affair.id, s.number),
            status: status(s.number),
            body: self.body(s),
            incident_id: affair.id.clone(),
            created_at: s.at.iso.clone(),
            updated_at: s.at.iso.clone(),
            display_at: s.at.iso.clone(),
            affected_components: None,
            deliver_notifications: true,
            custom_tweet: None,
            tweet_id: None,
            stentor: Mended {
                corrected_by: s
                    .corrected
                    .as_ref()
                    .map(|m| format!("{}-{}", affair.id, m.number)),
                withdrawn_by: s
                    .withdrawn
                    .as_ref()
                    .map(|m| format!("{}-{}", affair.id, m.number)),
            },
        };
        Ok(Incident {
            id: affair.id.clone(),
            name: affair.title.text.clone(),
            status: newest.map_or("investigating", |s| status(s.number)),
            created_at: iso_of(oldest),
            updated_at: iso_of(newest),
            monitoring_at: None,
            resolved_at: None,
            impact,
            shortlink: format!("{}{}", self.base, affair.path),
            started_at: iso_of(oldest),
            page_id: self.page_id.clone(),
            incident_updates: affair.statements.iter().map(update).collect(),
            components: parts
                .enumerate()
                .map(|(n, c)| self.component(c, n + 1))
                .collect::<Result<_, _>>()?,
            scheduled_for: None,
            scheduled_until: None,
        })
    }

    /// The text of a statement. That it was mended stands before it: their clients show nothing else.
    fn body(&self, s: &Statement) -> String {
        let words = self.edition.words;
        let by = |pattern: &str, time: &str, n: u32| {
            let statement = fill(words.statement, &[("n", &n.to_string())]);
            fill(pattern, &[("time", time), ("statement", &statement)])
        };
        let mut parts = Vec::new();
        parts.extend(
            s.corrected
                .as_ref()
                .map(|m| by(words.corrected, &m.at.full, m.number)),
        );
        parts.extend(
            s.withdrawn
                .as_ref()
                .map(|m| by(words.withdrawn, &m.at.full, m.number)),
        );
        parts.extend(s.corrects.map(|n| by(words.corrects, "", n)));
        parts.extend(s.withdraws.map(|n| by(words.withdraws, "", n)));
        let told = |Part {
                        heading,
                        paragraphs,
                    }: &Part| format!("{heading}\n{}", paragraphs.join("\n\n"));
        parts.extend(s.sections.iter().map(told));
        parts.join("\n\n")
    }
}

fn rank(status: &str) -> u8 {
    match status {
        "major_outage" => 3,
        "partial_outage" => 2,
        "under_maintenance" => 1,
        _ => 0,
    }
}
