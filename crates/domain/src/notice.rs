//! What a page says to its person, by whatever channel (INC-14).

use serde_json::{Value, json};

use crate::duty::PageAbout;
use crate::ids::MaintenanceId;
use crate::incident::Incident;
use crate::organisation::Organisation;
use crate::page::{Page, PageCause};
use crate::state::Announced;
use crate::time_text::utc;
use crate::timeline;
use crate::world::World;

/// A message before a channel gives it its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// One line: what is broken, how bad. May quote strangers.
    pub subject: String,
    /// Plain text, smallest first: what, why you, the link, the rest.
    pub text: String,
    /// The same for machines.
    pub event: Value,
}

/// Words what `page` tells its person; `link` opens the page for answering it.
#[must_use]
pub fn compose(
    organisation: &Organisation,
    world: World,
    about: PageAbout<'_>,
    page: &Page,
    link: &str,
) -> Notice {
    match about {
        PageAbout::Incident(incident) => of_incident(organisation, world, incident, page, link),
        PageAbout::Maintenance(id, work) => of_work(world, id, work, page, link),
    }
}

/// Nobody is woken by work: it is said what passed and where to speak.
fn of_work(world: World, id: MaintenanceId, work: &Announced, page: &Page, link: &str) -> Notice {
    let drill = if world.is_drill() { "[DRILL] " } else { "" };
    let why = timeline::cause(&page.cause);
    let title = work.updates.last().map_or("", |u| &u.wording.title);
    let mut text = String::new();
    if world.is_drill() {
        text += "THIS IS A DRILL. Nothing is broken.\n\n";
    }
    text += &format!("{title}\n\n{why}. The status page does not say so by itself.\n\n");
    text += "Open this link to say that you have seen it, and to get to the work. Opening it changes nothing:\n";
    text += &format!("{link}\n\n");
    if !work.components.is_empty() {
        text += &format!("Affected: {}\n", work.components.join(", "));
    }
    let at = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    let window = work
        .updates
        .last()
        .map(|u| (at(u.starts_ms), at(u.ends_ms)));
    let event = json!({
        "world": world.to_string(),
        "drill": world.is_drill(),
        "page": page.id.to_string(),
        "cause": cause(&page.cause),
        "person": page.person,
        "maintenance": {
            "id": id.to_string(),
            "title": title,
            "components": work.components,
            "starts_at": window.map(|(starts, _)| starts),
            "ends_at": window.map(|(_, ends)| ends),
        },
        "link": link,
    });
    Notice {
        subject: format!("{drill}{id}: {why}"),
        text,
        event,
    }
}

fn of_incident(
    organisation: &Organisation,
    world: World,
    incident: &Incident,
    page: &Page,
    link: &str,
) -> Notice {
    let drill = if world.is_drill() { "[DRILL] " } else { "" };
    let service = organisation.service_name(&incident.service);
    let subject = match page.cause {
        PageCause::Escalation { .. } => {
            format!(
                "{drill}{} {}: {}",
                incident.id, incident.severity, incident.title
            )
        }
        cause => format!("{drill}{}: {}", incident.id, timeline::cause(&cause)),
    };
    let leader = incident
        .commander()
        .map_or("nobody leads yet".to_owned(), |person| {
            format!("{} leads", organisation.person_name(person))
        });
    let ask = match page.cause {
        PageCause::Escalation { .. } => {
            "Open this link and press \"I have it\" or \"Not me\". Opening it changes nothing:"
        }
        PageCause::Handoff { .. } => {
            "Open this link to accept or decline. Opening it changes nothing:"
        }
        _ => "Open this link to say that you have seen it. Opening it changes nothing:",
    };
    let mut text = String::new();
    if world.is_drill() {
        text += "THIS IS A DRILL. Nothing is broken.\n\n";
    }
    text += &format!("{}\n\n{ask}\n{link}\n\n", incident.title);
    text += &format!("Why you: {}\n", timeline::cause(&page.cause));
    text += &format!("Service: {service}\nSeverity: {}\n", incident.severity);
    text += &format!("Since: {}\nNow: {leader}\n", utc(incident.opened_ms));
    if let Some(runbook) = organisation
        .services
        .get(&incident.service)
        .and_then(|s| s.runbook.as_ref())
    {
        text += &format!("Runbook: {runbook}\n");
    }
    let event = json!({
        "world": world.to_string(),
        "drill": world.is_drill(),
        "page": page.id.to_string(),
        "cause": cause(&page.cause),
        "person": page.person,
        "incident": {
            "id": incident.id.to_string(),
            "title": incident.title,
            "service": incident.service,
            "severity": incident.severity,
            "opened_at": jiff::Timestamp::from_millisecond(incident.opened_ms).unwrap_or_default(),
            "commander": incident.commander(),
        },
        "link": link,
    });
    Notice {
        subject,
        text,
        event,
    }
}

/// The cause as webhooks carry it: its name in `cause`, its numbers beside it.
fn cause(cause: &PageCause) -> Value {
    let name = cause.name();
    match cause {
        PageCause::Escalation { level, round } => {
            json!({ "cause": name, "level": level, "round": round })
        }
        PageCause::Handoff { handoff } => json!({ "cause": name, "handoff": handoff }),
        PageCause::PromiseDue { due_ms } | PageCause::PromiseBroken { due_ms } => {
            json!({ "cause": name, "due_ms": due_ms })
        }
        PageCause::Unsolved | PageCause::HandoffSuggested => json!({ "cause": name }),
        PageCause::MaintenanceDue {
            maintenance,
            due_ms,
        } => json!({ "cause": name, "maintenance": maintenance, "due_ms": due_ms }),
    }
}
