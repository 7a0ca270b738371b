//! One incident as the 3 a.m. screen shows it: what is broken, who leads, what comes next, what one may do.

use jiff::Timestamp;
use serde::Serialize;
use stentor_domain::bulletin::{PublicStatus, Standing, StatusUpdate};
use stentor_domain::command::Command;
use stentor_domain::decide::decide;
use stentor_domain::ids::{PageId, PersonId};
use stentor_domain::incident::{Handoff, Incident, Role};
use stentor_domain::organisation::{Organisation, PersonRole, UNMAPPED};
use stentor_domain::page::{Page, PageAnswer, PageCause};
use stentor_domain::state::{State, WorldState};
use stentor_domain::time_text::utc;
use stentor_domain::timeline;
use stentor_domain::world::World;

use super::people::{self, Next};
use super::{AlertView, ReportView};
use crate::console::words::{self, Choice, SeverityWords};
use crate::console::{paths, statement};

/// The state, and for whom and when it is read.
#[derive(Clone, Copy)]
pub(in crate::console) struct Moment<'a> {
    pub(in crate::console) state: &'a State,
    pub(in crate::console) organisation: &'a Organisation,
    pub(in crate::console) world: World,
    pub(in crate::console) of: &'a WorldState,
    pub(in crate::console) viewer: &'a PersonId,
    pub(in crate::console) now_ms: i64,
}

#[derive(Clone, Debug, Serialize)]
pub(in crate::console) struct IncidentView {
    id: String,
    url: String,
    title: String,
    severity: SeverityWords,
    service: String,
    /// The title begins with the service's name already.
    names_service: bool,
    loses: String,
    public_name: Option<String>,
    unmapped: bool,
    owner: String,
    impact: &'static str,
    cause: Choice,
    phase: &'static str,
    opened_ms: i64,
    resolved_ms: Option<i64>,
    closed_ms: Option<i64>,
    firing: u32,
    alerts_total: u32,
    alerts: Vec<AlertView>,
    more_alerts: usize,
    leader: Option<PersonView>,
    roles: Vec<RoleView>,
    leaderless_ms: i64,
    pages: Vec<PageView>,
    next: Next,
    next_level: String,
    handoffs: Vec<HandoffView>,
    offers_to_you: Vec<HandoffView>,
    promise: Option<PromiseView>,
    kept: u32,
    broken: u32,
    said: Vec<SaidView>,
    you: You,
    runbook: Option<String>,
    representatives: Vec<String>,
    confirmed_by: Vec<String>,
    report: ReportView,
    missing: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
struct PersonView {
    name: String,
    you: bool,
}

#[derive(Clone, Debug, Serialize)]
struct RoleView {
    title: &'static str,
    name: String,
    since_ms: i64,
}

#[derive(Clone, Debug, Serialize)]
struct PageView {
    name: String,
    why: String,
    at_ms: i64,
    answer: &'static str,
    answered_ms: Option<i64>,
    delivered: String,
}

#[derive(Clone, Debug, Serialize)]
struct HandoffView {
    id: String,
    number: u32,
    role: &'static str,
    to: String,
    by: String,
    reason: String,
    at_ms: i64,
    yours: bool,
    may_answer: bool,
}

#[derive(Clone, Debug, Serialize)]
struct PromiseView {
    due_ms: i64,
    broken: bool,
    /// What happens if nobody acts.
    default: String,
}

#[derive(Clone, Debug, Serialize)]
struct SaidView {
    number: u32,
    title: String,
    status: &'static str,
    at_ms: i64,
    next_ms: Option<i64>,
    fate: String,
    withdrawable: bool,
}

/// What the viewer may do.
#[derive(Clone, Copy, Debug, Serialize)]
struct You {
    leads: bool,
    can_have: bool,
    can_pass: bool,
}

impl IncidentView {
    pub(in crate::console) fn new(
        at: Moment<'_>,
        incident: &Incident,
        closed_ms: Option<i64>,
    ) -> Self {
        let Moment {
            organisation,
            of,
            viewer,
            now_ms,
            ..
        } = at;
        let id = incident.id;
        let service = organisation.services.get(&incident.service);
        let name = |person: &PersonId| organisation.person_name(person).to_owned();
        let leads = incident.commander() == Some(viewer);
        let (alerts, more_alerts) = AlertView::of_incident(of, id);
        let handoffs: Vec<HandoffView> =
            incident.handoffs.values().map(|h| handoff(at, h)).collect();
        let offers = handoffs.iter().filter(|h| h.yours).cloned().collect();
        let said = of.disclosed.get(&id).map_or(&[][..], |said| &said.updates);
        let mut pages: Vec<&Page> = of.pages.values().filter(|p| p.incident == id).collect();
        pages.sort_by_key(|p| std::cmp::Reverse((p.issued_ms, p.id)));
        Self {
            id: id.to_string(),
            url: paths::incident(at.world, id),
            title: incident.title.clone(),
            severity: words::severity(incident.severity),
            service: organisation.service_name(&incident.service).to_owned(),
            names_service: incident
                .title
                .starts_with(organisation.service_name(&incident.service)),
            loses: service.map_or_else(String::new, |s| s.description.clone()),
            public_name: service.and_then(|s| s.public_name.clone()),
            unmapped: incident.service.as_str() == UNMAPPED,
            owner: name(service.map_or(&organisation.rules.default_owner, |s| &s.owner)),
            impact: words::impact(incident.impact),
            cause: words::cause(incident.cause),
            phase: match (closed_ms, incident.is_open()) {
                (Some(_), _) => "closed",
                (None, true) => "open",
                (None, false) => "resolved",
            },
            opened_ms: incident.opened_ms,
            resolved_ms: incident.resolved_ms,
            closed_ms,
            firing: incident.firing,
            alerts_total: incident.alerts,
            alerts,
            more_alerts,
            leader: incident.commander().map(|p| PersonView {
                name: name(p),
                you: p == viewer,
            }),
            roles: roles(organisation, incident),
            leaderless_ms: incident.leaderless_until(now_ms),
            pages: pages.into_iter().map(|p| page(organisation, p)).collect(),
            next: people::next(organisation, of, incident),
            next_level: people::help(organisation, incident, now_ms),
            handoffs,
            offers_to_you: offers,
            promise: incident.promise.map(|p| PromiseView {
                due_ms: p.due_ms,
                broken: p.broken,
                default: default_of(organisation, incident, p.broken),
            }),
            kept: incident.kept,
            broken: incident.broken,
            said: said.iter().rev().map(|u| said_view(said, u)).collect(),
            you: You {
                leads,
                can_have: incident.commander().is_none()
                    || waiting_page(of, incident, viewer).is_some(),
                can_pass: page_to_pass(of, incident, viewer).is_some(),
            },
            runbook: service.and_then(|s| words::web_link(s.runbook.as_deref()?)),
            representatives: service.map_or_else(Vec::new, |s| s.representatives.clone()),
            confirmed_by: incident.confirmed_by.clone(),
            report: ReportView::new(organisation, &incident.report, closed_ms.is_none()),
            missing: if closed_ms.is_none() {
                missing(at, incident)
            } else {
                Vec::new()
            },
        }
    }
}

/// The viewer's page that waits for "I have it".
pub(in crate::console) fn waiting_page(
    of: &WorldState,
    incident: &Incident,
    viewer: &PersonId,
) -> Option<PageId> {
    let pages = of.waiting_pages(incident.id);
    newest_escalation(pages.filter(|p| p.person == *viewer))
}

/// The viewer's page that "not me" declines: one that waits, or the one by which they came to lead.
pub(in crate::console) fn page_to_pass(
    of: &WorldState,
    incident: &Incident,
    viewer: &PersonId,
) -> Option<PageId> {
    let leads = incident.commander() == Some(viewer);
    let pages = of.pages.values().filter(|p| {
        let acknowledged = matches!(p.answer, PageAnswer::Acknowledged { .. });
        p.incident == incident.id
            && p.person == *viewer
            && (p.is_waiting() || (leads && acknowledged))
    });
    newest_escalation(pages)
}

fn newest_escalation<'a>(pages: impl Iterator<Item = &'a Page>) -> Option<PageId> {
    let escalations = pages.filter(|p| matches!(p.cause, PageCause::Escalation { .. }));
    escalations.map(|p| p.id).max()
}

fn roles(organisation: &Organisation, incident: &Incident) -> Vec<RoleView> {
    let held = Role::ALL.into_iter().filter_map(|role| {
        let holder = incident.roles.get(&role)?;
        Some(RoleView {
            title: role.title(),
            name: organisation.person_name(&holder.person).to_owned(),
            since_ms: holder.since_ms,
        })
    });
    held.collect()
}

fn page(organisation: &Organisation, page: &Page) -> PageView {
    let (answer, answered_ms) = match page.answer {
        PageAnswer::None => ("no answer yet", None),
        PageAnswer::Acknowledged { at_ms } => ("acknowledged", Some(at_ms)),
        PageAnswer::Declined { at_ms } => ("declined", Some(at_ms)),
    };
    let delivered = if page.delivered_by.is_empty() {
        "no delivery confirmed".to_owned()
    } else {
        format!("delivered by {}", page.delivered_by.join(" and "))
    };
    PageView {
        name: organisation.person_name(&page.person).to_owned(),
        why: timeline::cause(&page.cause),
        at_ms: page.issued_ms,
        answer,
        answered_ms,
        delivered,
    }
}

fn handoff(at: Moment<'_>, handoff: &Handoff) -> HandoffView {
    let name = |person: &PersonId| at.organisation.person_name(person).to_owned();
    let manager = at.organisation.rules.project_manager.as_ref() == Some(at.viewer)
        || at.organisation.has_role(at.viewer, PersonRole::Manager);
    let yours = handoff.to == *at.viewer;
    HandoffView {
        id: handoff.id.to_string(),
        number: handoff.id.0,
        role: handoff.role.title(),
        to: name(&handoff.to),
        by: handoff.by.as_ref().map_or("a rule".to_owned(), name),
        reason: handoff.reason.clone(),
        at_ms: handoff.offered_ms,
        yours,
        may_answer: yours || manager,
    }
}

/// What happens if nobody speaks.
fn default_of(organisation: &Organisation, incident: &Incident, broken: bool) -> String {
    let owner = organisation
        .services
        .get(&incident.service)
        .map(|s| &s.owner);
    let owner = owner.unwrap_or(&organisation.rules.default_owner);
    let keeper = incident.speaker().unwrap_or(owner);
    let mut told = vec![organisation.person_name(keeper)];
    if let Some(manager) = &organisation.rules.project_manager
        && manager != keeper
    {
        told.push(organisation.person_name(manager));
    }
    let who = words::listed(&told);
    if broken {
        format!(
            "It is on record as broken, and {who} were told. Say something now, even that there is nothing new."
        )
    } else {
        let keeper = organisation.person_name(keeper);
        format!(
            "{keeper} keeps this promise. If nobody acts, it is recorded as broken then, and {who} will be paged."
        )
    }
}

fn said_view(said: &[StatusUpdate], u: &StatusUpdate) -> SaidView {
    let standing = Standing::of(u.number, said.iter().map(|u| (u.number, u.mends)));
    SaidView {
        number: u.number,
        title: u.title.clone(),
        status: u.status.name(),
        at_ms: u.published_ms,
        next_ms: u.next_update_ms,
        fate: statement::fate(standing, u.mends),
        withdrawable: statement::can_be_withdrawn(standing, u.mends),
    }
}

/// What must still be done before the incident may be closed.
fn missing(at: Moment<'_>, incident: &Incident) -> Vec<String> {
    let mut missing = Vec::new();
    if incident.is_open() {
        missing.push("it is still open".to_owned());
    }
    let said = at
        .of
        .disclosed
        .get(&incident.id)
        .and_then(|s| s.updates.last());
    if said.is_some_and(|u| u.status != PublicStatus::Resolved) {
        missing.push("the public word that it is over".to_owned());
    }
    let parts = incident.report.missing();
    if !parts.is_empty() {
        missing.push(format!("in the report: {}", parts.join(", ")));
    }
    let asked = at
        .organisation
        .services
        .get(&incident.service)
        .map_or(&[][..], |s| &s.representatives);
    if let Some(resolved_ms) = incident.resolved_ms
        && incident.confirmed_by.is_empty()
        && !asked.is_empty()
    {
        let calendar = at.organisation.calendar();
        let until = at
            .organisation
            .rules
            .close_after
            .after_ms(resolved_ms, &calendar);
        let until = until.map(|ms| resolved_ms + at.of.paced(ms - resolved_ms));
        if until.is_none_or(|ms| at.now_ms < ms) {
            let wait =
                until.map_or_else(String::new, |ms| format!(", or silence until {}", utc(ms)));
            missing.push(format!("a confirmation by {}{wait}", asked.join(" or ")));
        }
    }
    // The decision itself has the last word.
    if missing.is_empty() {
        let close = Command::Close {
            incident: incident.id,
            by: at.viewer.clone(),
        };
        if let Err(refusal) = decide(at.state, at.world, &close, at.now_ms) {
            missing.push(refusal.to_string());
        }
    }
    missing
}

/// The time as the calendars and rotas take it.
pub(in crate::console) fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or_default()
}
