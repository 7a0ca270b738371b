//! Alerts become incidents; so do declarations by people (DET-4, INC-1).

use std::sync::Arc;

use super::draft::Draft;
use super::quiet::{Admission, Admissions};
use super::{Decision, Refusal};
use crate::alert::{Alert, AlertGroup, Fingerprint};
use crate::bulletin::Impact;
use crate::command::Command;
use crate::event::{AlertsProlonged, Event, IncidentOpened, SeverityChanged};
use crate::ids::{IncidentId, PolicyId, ServiceId};
use crate::incident::CauseClass;
use crate::organisation::Organisation;
use crate::severity::Severity;
use crate::state::OpenAlert;
use crate::text::one_line;

/// An alert's end moves this far beyond the journaled one before it is journaled again, in milliseconds.
const JOURNAL_END_AFTER_MS: i64 = 600_000;

/// Longest title, in characters.
const MAX_TITLE: usize = 160;

/// Alerts that fire anew, of one service and one policy.
struct Fresh {
    service: ServiceId,
    policy: Option<PolicyId>,
    /// The incident each will belong to is known only after the worst severity is.
    worst: Severity,
    alerts: Vec<Arc<Alert>>,
}

/// What a batch comes to.
#[derive(Default)]
struct Sorted {
    fresh: Vec<Fresh>,
    /// Changes that open nothing.
    known: Vec<AlertGroup>,
}

impl Sorted {
    fn add_fresh(
        &mut self,
        organisation: &Organisation,
        policy: Option<PolicyId>,
        alert: &Arc<Alert>,
    ) {
        let service = organisation.service_of(alert);
        let severity = organisation.severity_of(alert);
        let same = |f: &&mut Fresh| f.service == service && f.policy == policy;
        match self.fresh.iter_mut().rfind(same) {
            Some(fresh) => {
                fresh.worst = severity.min(fresh.worst);
                fresh.alerts.push(Arc::clone(alert));
            }
            None => self.fresh.push(Fresh {
                service,
                policy,
                worst: severity,
                alerts: vec![Arc::clone(alert)],
            }),
        }
    }

    fn add_known(&mut self, service: &ServiceId, incident: Option<IncidentId>, alert: Arc<Alert>) {
        let same = |g: &&mut AlertGroup| g.service == *service && g.incident == incident;
        match self.known.iter_mut().rfind(same) {
            Some(group) => group.alerts.push(alert),
            None => self.known.push(AlertGroup {
                service: service.clone(),
                incident,
                alerts: vec![alert],
            }),
        }
    }
}

pub(super) fn receive(mut draft: Draft<'_>, alerts: &[Arc<Alert>]) -> Decision {
    take(&mut draft, alerts);
    draft.decision
}

/// Takes alerts, whoever sent them: also our own, behind what the decision says so far.
pub(super) fn take(draft: &mut Draft<'_>, alerts: &[Arc<Alert>]) {
    let organisation = Arc::clone(draft.organisation);
    let mut sorted = Sorted::default();
    let mut prolonged: Vec<(Fingerprint, i64)> = Vec::new();
    let admissions = Admissions::new(&organisation, &draft.world, draft.now_ms);
    for alert in alerts {
        let firing = alert.ends_ms > draft.now_ms;
        match draft.world.alerts.get(&alert.fingerprint) {
            Some(open) if firing && says_the_same(open, alert) => {
                let cut_short = open.ends_ms > alert.ends_ms && !open.alert.ends_by_timeout;
                let ends_ms = if cut_short {
                    open.ends_ms
                } else {
                    alert.ends_ms
                };
                let end = (alert.fingerprint, ends_ms);
                if ends_ms - open.journaled_ms > JOURNAL_END_AFTER_MS {
                    prolonged.push(end);
                } else {
                    draft.decision.resent.push(end);
                }
            }
            // It stays where it was attached until it ends, even when people resolved the incident meanwhile.
            Some(open) => {
                let mut alert = Alert::clone(alert);
                alert.go_on_from(&open.alert, open.ends_ms, draft.now_ms);
                sorted.add_known(&open.service, open.incident, alert.into());
            }
            // A resolve for an alert that we do not know changes nothing.
            None if !firing => {}
            None => match admissions.of(&alert.labels) {
                Admission::Now(policy) => sorted.add_fresh(&organisation, policy, alert),
                Admission::Held | Admission::Never => {
                    let service = organisation.service_of(alert);
                    sorted.add_known(&service, None, Arc::clone(alert));
                }
            },
        }
    }
    admit(draft, sorted);
    if !prolonged.is_empty() {
        draft.emit(AlertsProlonged { ends: prolonged });
    }
}

/// Opens incidents for alerts that were kept quiet until now, but for those that are `over`.
pub(super) fn release(draft: &mut Draft<'_>, released: &[Fingerprint], over: &[Fingerprint]) {
    if released.is_empty() {
        return;
    }
    let organisation = Arc::clone(draft.organisation);
    let mut sorted = Sorted::default();
    let admissions = Admissions::new(&organisation, &draft.world, draft.now_ms);
    for fingerprint in released.iter().filter(|f| !over.contains(f)) {
        let waiting = draft.world.alerts.get(fingerprint);
        let waiting = waiting.filter(|o| o.incident.is_none() && o.ends_ms > draft.now_ms);
        let Some(open) = waiting else {
            continue;
        };
        if let Admission::Now(policy) = admissions.of(&open.alert.labels) {
            let alert = Alert {
                ends_ms: open.ends_ms,
                ..Alert::clone(&open.alert)
            };
            sorted.add_fresh(&organisation, policy, &Arc::new(alert));
        }
    }
    admit(draft, sorted);
}

/// Attaches fresh alerts to incidents, and emits everything in the order in which it must be folded.
fn admit(draft: &mut Draft<'_>, sorted: Sorted) {
    let Sorted { fresh, mut known } = sorted;
    let before = std::mem::take(&mut draft.decision.events);
    let mut opened = draft.world.last.incident;
    let mut after: Vec<Event> = Vec::new();
    for fresh in fresh {
        let incident = attach(draft, &mut opened, &fresh, &mut after);
        known.push(AlertGroup {
            service: fresh.service,
            incident,
            alerts: fresh.alerts,
        });
    }
    if !known.is_empty() {
        // The alerts stand before what follows from them, after the incidents that they name.
        let follow_up = draft
            .decision
            .events
            .iter()
            .position(|e| !matches!(e, Event::IncidentOpened(_)));
        let at = follow_up.unwrap_or(draft.decision.events.len());
        draft
            .decision
            .events
            .insert(at, Event::AlertsChanged(known));
    }
    draft.decision.events.extend(after);
    draft.decision.events.splice(0..0, before);
}

fn says_the_same(open: &OpenAlert, alert: &Alert) -> bool {
    let said = &open.alert;
    said.annotations == alert.annotations
        && said.generator_url == alert.generator_url
        && said.ends_by_timeout == alert.ends_by_timeout
}

/// The incident that new alerts of a service attach to: the open one, or a new one when they are severe enough.
fn attach(
    draft: &mut Draft<'_>,
    opened: &mut u32,
    fresh: &Fresh,
    after: &mut Vec<Event>,
) -> Option<IncidentId> {
    let (service, severity, alerts) = (&fresh.service, fresh.worst, &fresh.alerts);
    let organisation = Arc::clone(draft.organisation);
    let rules = &organisation.rules;
    if let Some(id) = draft.world.open_by_service.get(service).copied() {
        let Some(incident) = draft.world.incidents.get(&id) else {
            return Some(id);
        };
        // What nobody was woken for so far may have become worth it, also by a new configuration.
        let pages = incident.escalation.is_none() && severity.at_least(rules.page_at);
        if severity < incident.severity {
            let reason = "a more severe alert was attached".to_owned();
            after.push(
                SeverityChanged {
                    incident: id,
                    severity,
                    by: None,
                    reason,
                }
                .into(),
            );
        }
        if pages {
            let before = draft.decision.events.len();
            draft.escalate(id, service, 0, 0);
            after.extend(draft.decision.events.drain(before..));
        }
        return Some(id);
    }
    if !severity.at_least(rules.open_at) {
        return None;
    }
    *opened += 1;
    let id = IncidentId(*opened);
    let headline = alerts.first().map_or("", |a| a.headline());
    let title = one_line(
        &format!("{}: {headline}", organisation.service_name(service)),
        MAX_TITLE,
    );
    let follows = previous(draft, service);
    let event = IncidentOpened {
        id,
        service: service.clone(),
        title,
        severity,
        impact: Impact::Partial,
        cause: CauseClass::Unknown,
        by: None,
        follows,
        policy: fresh.policy.clone(),
    };
    // Incidents come first in the decision, so that the alerts find them.
    let at = draft
        .decision
        .events
        .iter()
        .position(|e| !matches!(e, Event::IncidentOpened(_)));
    let at = at.unwrap_or(draft.decision.events.len());
    draft.decision.events.insert(at, event.into());
    if severity.at_least(rules.page_at) {
        draft.escalate(id, service, 0, 0);
    }
    Some(id)
}

/// The newest incident of a service that is resolved but not closed.
fn previous(draft: &Draft<'_>, service: &ServiceId) -> Option<IncidentId> {
    let mut newest_first = draft.world.incidents.values().rev();
    newest_first
        .find(|i| i.service == *service && !i.is_open())
        .map(|i| i.id)
}

pub(super) fn declare(mut draft: Draft<'_>, command: &Command) -> Result<Decision, Refusal> {
    let Command::Declare {
        service,
        title,
        severity,
        impact,
        cause,
        by,
    } = command
    else {
        return Err(Refusal::Invalid("not a declaration".into()));
    };
    draft.responder(by)?;
    let organisation = Arc::clone(draft.organisation);
    if !organisation.services.contains_key(service) {
        return Err(Refusal::NotFound(format!(
            "there is no service {service:?} in the catalogue"
        )));
    }
    if title.trim().is_empty() {
        return Err(Refusal::Invalid("say in one line what is broken".into()));
    }
    if let Some(id) = draft.world.open_by_service.get(service) {
        let name = organisation.service_name(service);
        return Err(Refusal::Conflict(format!(
            "{id} is already open for {name}; add a note there"
        )));
    }
    let id = draft.world.next_incident();
    // Unsure means the higher severity.
    let severity = severity.unwrap_or(Severity::Sev1);
    let follows = previous(&draft, service);
    draft.emit(IncidentOpened {
        id,
        service: service.clone(),
        title: one_line(title.trim(), MAX_TITLE),
        severity,
        impact: *impact,
        cause: *cause,
        by: Some(by.clone()),
        follows,
        policy: None,
    });
    if severity.at_least(organisation.rules.page_at) {
        draft.escalate(id, service, 0, 0);
    }
    Ok(draft.about(id))
}
