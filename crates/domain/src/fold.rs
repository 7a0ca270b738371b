//! The fold: how an entry changes the state. It never decides, and it accepts tombstones.

use std::sync::Arc;

use crate::alert::{Alert, AlertGroup, Fingerprint};
use crate::drill::Drill;
use crate::event::{DeliveryOutcome, Event, IncidentOpened, PageIssued, RoleTaken};
use crate::ids::IncidentId;
use crate::incident::{Escalation, Handoff, Holder, Incident, Progress, Report, Role};
use crate::marks::Marks;
use crate::page::{Page, PageAnswer};
use crate::routing::Routing;
use crate::state::{Configuration, OpenAlert, State, WorldState};
use crate::world::World;

impl State {
    /// Applies one entry of `world`, dated `now_ms` (milliseconds since the epoch).
    pub fn fold(&mut self, world: World, now_ms: i64, event: &Event) {
        self.began_ms.get_or_insert(now_ms);
        match event {
            Event::InstanceFounded(e) => self.key_fingerprint = Some(e.key_fingerprint.clone()),
            Event::BundleAccepted(e) => {
                self.configuration = Some(Configuration {
                    hash: e.hash.clone(),
                    bundle: e.bundle.clone(),
                    since_ms: now_ms,
                    by: e.by.clone(),
                    organisation: e.bundle.organisation().ok().map(Arc::new),
                });
                self.rebuild_inhibition();
                self.expect_heartbeats(now_ms);
            }
            _ => {
                let routing = self.routing().cloned();
                let world = self.worlds.entry(world).or_default();
                world.fold(now_ms, event, routing.as_deref());
            }
        }
    }

    fn rebuild_inhibition(&mut self) {
        let routing = self.routing().cloned();
        for world in self.worlds.values_mut() {
            world.rebuild_inhibition(routing.as_deref());
        }
    }

    /// Parses the configuration again after a snapshot was read.
    pub fn restore_organisation(&mut self) {
        if let Some(configuration) = &mut self.configuration {
            configuration.organisation = configuration.bundle.organisation().ok().map(Arc::new);
        }
        self.rebuild_inhibition();
    }
}

impl WorldState {
    fn fold(&mut self, now_ms: i64, event: &Event, routing: Option<&Routing>) {
        self.leave_page_in_time(now_ms);
        match event {
            Event::AlertsChanged(groups) => groups
                .iter()
                .for_each(|g| self.fold_alerts(now_ms, g, routing)),
            Event::NotificationsSent(all) => {
                all.iter().for_each(|one| self.fold_delivered(now_ms, one));
            }
            Event::SilenceSet(e) => self.fold_silence(now_ms, e.id, &e.wanted),
            Event::SilenceEnded(e) => self.fold_silence_ended(now_ms, e.id),
            Event::GroupAcknowledged(e) => {
                self.fold_acknowledged(now_ms, e.group, e.until_ms, &e.by);
            }
            Event::GroupAssigned(e) => self.noted(now_ms, e.group).assignee.clone_from(&e.to),
            Event::GroupCommented(e) => self.fold_comment(now_ms, e.group, &e.by, &e.text),
            Event::AlertsProlonged(e) => {
                for (fingerprint, ends_ms) in &e.ends {
                    if let Some(open) = self.alerts.get_mut(fingerprint) {
                        (open.journaled_ms, open.ends_ms) = (*ends_ms, *ends_ms);
                    }
                }
            }
            Event::AlertsExpired(e) => {
                for fingerprint in &e.alerts {
                    self.end_alert(*fingerprint, None, now_ms, routing);
                }
            }
            Event::HeartbeatReceived(e) => self.fold_beat(now_ms, e),
            Event::HeartbeatJudged(e) => self.fold_judged(e),
            Event::IncidentOpened(e) => self.fold_opened(now_ms, e),
            Event::SeverityChanged(e) => self.incident(e.incident, |i| i.severity = e.severity),
            Event::CauseRevised(e) => self.incident(e.incident, |i| i.cause = e.cause),
            Event::EscalationMoved(e) => self.incident(e.incident, |i| {
                i.escalation = Some(Escalation {
                    policy: e.policy.clone(),
                    level: e.level,
                    round: e.round,
                    paged_ms: now_ms,
                    progress: Progress::Running,
                });
            }),
            Event::EscalationExhausted(e) => self.incident(e.incident, |i| {
                // Without an escalation so far there was nobody to page: that is on record too.
                let escalation = i.escalation.get_or_insert_with(|| Escalation {
                    policy: e.policy.clone(),
                    level: 0,
                    round: 0,
                    paged_ms: now_ms,
                    progress: Progress::Exhausted,
                });
                escalation.progress = Progress::Exhausted;
            }),
            Event::PageIssued(e) => self.fold_page(now_ms, e),
            Event::PageAcknowledged(e) => {
                if let Some(page) = self.pages.get_mut(&e.id) {
                    page.answer = PageAnswer::Acknowledged { at_ms: now_ms };
                    if matches!(page.cause, crate::page::PageCause::Escalation { .. }) {
                        self.incident(e.incident, stop_escalation);
                    }
                }
            }
            Event::PageDeclined(e) => {
                if let Some(page) = self.pages.get_mut(&e.id) {
                    page.answer = PageAnswer::Declined { at_ms: now_ms };
                }
            }
            Event::DeliveryRecorded(e) => {
                if let Some(page) = self.pages.get_mut(&e.page)
                    && matches!(e.outcome, DeliveryOutcome::Delivered { .. })
                    && !page.delivered_by.contains(&e.channel)
                {
                    page.delivered_by.push(e.channel.clone());
                }
            }
            Event::RoleTaken(e) => self.fold_role_taken(now_ms, e),
            Event::RoleVacated(e) => self.incident(e.incident, |i| {
                i.roles.remove(&e.role);
                if e.role == Role::Commander && i.is_open() {
                    i.vacant_since_ms.get_or_insert(now_ms);
                }
            }),
            Event::HandoffOffered(e) => {
                self.last.handoff = self.last.handoff.max(e.id.0);
                let handoff = Handoff {
                    id: e.id,
                    role: e.role,
                    to: e.to.clone(),
                    by: e.by.clone(),
                    reason: e.reason.clone(),
                    offered_ms: now_ms,
                };
                self.incident(e.incident, |i| {
                    i.handoffs.insert(handoff.id, handoff);
                });
            }
            Event::HandoffDeclined(e) => self.incident(e.incident, |i| {
                i.handoffs.remove(&e.id);
            }),
            Event::HandoffSuggested(e) => self.incident(e.incident, |i| {
                if let Some(holder) = i.roles.get_mut(&Role::Commander) {
                    holder.handoff_suggested = true;
                }
            }),
            Event::UpdatePublished(e) => self.fold_update(now_ms, e),
            Event::UpdateWithdrawn(e) => self.fold_withdrawn(now_ms, e),
            Event::MaintenanceSaid(e) => self.fold_maintenance(now_ms, e),
            Event::MaintenanceReminded(e) => {
                if let Some(work) = self.maintenance.get_mut(&e.id) {
                    work.reminded_ms = Some(e.due_ms);
                }
            }
            Event::DenialSaid(e) => self.fold_denial(now_ms, e),
            Event::PromiseReminded(e) => self.incident(e.incident, |i| {
                if let Some(promise) = &mut i.promise {
                    promise.reminded = true;
                }
            }),
            Event::PromiseKept(e) => self.incident(e.incident, |i| i.kept += 1),
            Event::PromiseBroken(e) => self.incident(e.incident, |i| {
                i.broken += 1;
                if let Some(promise) = &mut i.promise {
                    promise.broken = true;
                }
            }),
            Event::IncidentUnsolved(e) => self.incident(e.incident, |i| i.unsolved_told = true),
            Event::IncidentResolved(e) => self.fold_resolved(now_ms, e.incident),
            Event::IncidentConfirmed(e) => self.incident(e.incident, |i| {
                i.confirmed_by.push(e.representative.clone());
            }),
            Event::ReportWritten(e) => self.incident(e.incident, |i| i.report = e.report.clone()),
            Event::IncidentClosed(e) => {
                self.incidents.remove(&e.incident);
                self.pages.retain(|_, page| page.incident != e.incident);
            }
            Event::DrillStarted(e) => {
                self.pace = e.pace;
                self.drill = Some(Drill {
                    scenario: e.scenario.clone(),
                    by: e.by.clone(),
                    started_ms: now_ms,
                    scorecard: None,
                });
            }
            Event::DrillFinished(e) => {
                if let Some(drill) = &mut self.drill {
                    drill.scorecard = Some(e.scorecard.clone());
                }
            }
            // On the timeline or for the audit only.
            Event::NoteAdded(_)
            | Event::WordPushed(_)
            | Event::PayloadErased(_)
            | Event::ClockJumped(_)
            | Event::InstanceFounded(_)
            | Event::BundleAccepted(_) => {}
        }
    }

    fn incident(&mut self, id: IncidentId, change: impl FnOnce(&mut Incident)) {
        // A missing incident means that the entry which opened it was erased.
        if let Some(incident) = self.incidents.get_mut(&id) {
            change(incident);
        }
    }

    fn fold_alerts(&mut self, now_ms: i64, group: &AlertGroup, routing: Option<&Routing>) {
        for alert in &group.alerts {
            if alert.ends_ms <= now_ms {
                self.end_alert(alert.fingerprint, Some(alert), now_ms, routing);
                continue;
            }
            // One that came back before anybody was told of its end never ended for them.
            let ended = self.ended.remove(&alert.fingerprint);
            let open = OpenAlert {
                alert: Arc::clone(alert),
                marks: Marks::of(&alert.labels),
                journaled_ms: alert.ends_ms,
                ends_ms: alert.ends_ms,
                service: group.service.clone(),
                incident: group.incident,
                updated_ms: now_ms,
                known_to: ended.map_or(0, |e| e.known_to),
            };
            let before = self.alerts.insert(alert.fingerprint, open);
            if let Some(before) = &before
                && let Some(open) = self.alerts.get_mut(&alert.fingerprint)
            {
                open.known_to = before.known_to;
            }
            if before.is_none()
                && let Some(routing) = routing
            {
                self.inhibition
                    .add(routing, alert.fingerprint, &alert.labels);
            }
            let before = before.and_then(|a| a.incident);
            if before == group.incident {
                continue;
            }
            if let Some(incident) = before.and_then(|id| self.incidents.get_mut(&id)) {
                incident.firing = incident.firing.saturating_sub(1);
            }
            if let Some(incident) = group.incident.and_then(|id| self.incidents.get_mut(&id)) {
                incident.firing += 1;
                incident.alerts += 1;
            }
        }
    }

    /// An alert is over: `last` is what its source said last, when it said so.
    fn end_alert(
        &mut self,
        fingerprint: Fingerprint,
        last: Option<&Arc<Alert>>,
        now_ms: i64,
        routing: Option<&Routing>,
    ) {
        let Some(mut open) = self.alerts.remove(&fingerprint) else {
            return;
        };
        if let Some(last) = last {
            open.alert = Arc::clone(last);
        }
        let ended_ms = last.map_or(open.ends_ms, |a| a.ends_ms).min(now_ms);
        if let Some(routing) = routing {
            self.inhibition
                .remove(routing, fingerprint, &open.alert.labels);
        }
        self.keep_ended(fingerprint, &open, ended_ms);
        if let Some(incident) = open.incident.and_then(|id| self.incidents.get_mut(&id)) {
            incident.firing = incident.firing.saturating_sub(1);
        }
    }

    fn fold_opened(&mut self, now_ms: i64, e: &IncidentOpened) {
        self.last.incident = self.last.incident.max(e.id.0);
        self.open_by_service.insert(e.service.clone(), e.id);
        self.incidents.insert(
            e.id,
            Incident {
                id: e.id,
                service: e.service.clone(),
                title: e.title.clone(),
                severity: e.severity,
                impact: e.impact,
                cause: e.cause,
                opened_ms: now_ms,
                declared_by: e.by.clone(),
                resolved_ms: None,
                firing: 0,
                alerts: 0,
                roles: std::collections::BTreeMap::new(),
                leaderless_ms: 0,
                vacant_since_ms: Some(now_ms),
                escalation: None,
                handoffs: std::collections::BTreeMap::new(),
                promise: None,
                kept: 0,
                broken: 0,
                unsolved_told: false,
                confirmed_by: Vec::new(),
                report: Report::default(),
                follows: e.follows,
                policy: e.policy.clone(),
            },
        );
    }

    fn fold_page(&mut self, now_ms: i64, e: &PageIssued) {
        self.last.page = self.last.page.max(e.id.0);
        self.pages.insert(
            e.id,
            Page {
                id: e.id,
                incident: e.incident,
                person: e.person.clone(),
                cause: e.cause,
                issued_ms: now_ms,
                answer: PageAnswer::None,
                delivered_by: Vec::new(),
            },
        );
    }

    fn fold_role_taken(&mut self, now_ms: i64, e: &RoleTaken) {
        self.incident(e.incident, |i| {
            // Whoever took the role ends every other offer of it: an old one must not take it away later.
            i.handoffs.retain(|_, offer| offer.role != e.role);
            if e.role == Role::Commander {
                // Whoever takes a command that nobody had answers for everybody who is being paged.
                if i.commander().is_none() {
                    stop_escalation(i);
                }
                i.leaderless_ms = i.leaderless_until(now_ms);
                i.vacant_since_ms = None;
            }
            let holder = Holder {
                person: e.person.clone(),
                since_ms: now_ms,
                handoff_suggested: false,
            };
            i.roles.insert(e.role, holder);
        });
    }

    fn fold_resolved(&mut self, now_ms: i64, id: IncidentId) {
        let Some(incident) = self.incidents.get_mut(&id) else {
            return;
        };
        stop_escalation(incident);
        incident.leaderless_ms = incident.leaderless_until(now_ms);
        incident.vacant_since_ms = None;
        incident.resolved_ms = Some(now_ms);
        incident.handoffs.clear();
        let service = incident.service.clone();
        if self.open_by_service.get(&service) == Some(&id) {
            self.open_by_service.remove(&service);
        }
    }
}

/// Somebody answered or it is over, be it after everybody was paged in vain: what is still on its way is not sent.
fn stop_escalation(incident: &mut Incident) {
    if let Some(escalation) = &mut incident.escalation {
        escalation.progress = Progress::Stopped;
    }
}
