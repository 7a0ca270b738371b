//! What is due: deadlines are derived from the state, never stored as timers.

use std::collections::BTreeMap;

use super::Decision;
use super::draft::Draft;
use crate::alert::Fingerprint;
use crate::calendar::Period;
use crate::event::{
    AlertsExpired, Ended, HandoffSuggested, IncidentUnsolved, PromiseBroken, PromiseReminded,
};
use crate::ids::{IncidentId, PersonId};
use crate::incident::{Incident, Progress, Role};
use crate::organisation::Organisation;
use crate::page::PageCause;
use crate::state::{State, WorldState};
use crate::world::World;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Duty {
    Escalate,
    Remind,
    Break,
    Unsolved,
    SuggestHandoff,
}

/// Every deadline of an incident that has not been met, in milliseconds since the epoch.
fn duties(
    organisation: &Organisation,
    world: &WorldState,
    incident: &Incident,
) -> Vec<(i64, Duty)> {
    let calendar = organisation.calendar();
    let rules = &organisation.rules;
    let after = |period: Period, start_ms: i64| {
        period
            .after_ms(start_ms, &calendar)
            .map(|end| start_ms + world.paced(end - start_ms))
    };
    let mut duties = Vec::new();
    if let Some(promise) = incident.promise.filter(|p| !p.broken) {
        if !promise.reminded {
            let early = match rules.remind_before {
                Period::Clock(s) | Period::Working(s) => world.paced(s * 1000),
            };
            // A short promise is reminded at half its time, not before it was made.
            let half = promise.made_ms + (promise.due_ms - promise.made_ms) / 2;
            duties.push(((promise.due_ms - early).max(half), Duty::Remind));
        }
        duties.push((promise.due_ms, Duty::Break));
    }
    if !incident.is_open() {
        return duties;
    }
    if let Some(e) = incident
        .escalation
        .as_ref()
        .filter(|e| e.progress == Progress::Running)
    {
        let policy = organisation.policies.get(&e.policy);
        let level = policy.and_then(|p| p.levels.get(e.level as usize));
        // A level that a new configuration removed has waited long enough.
        let wait_ms = level.map_or(0, |l| l.wait_seconds * 1000);
        duties.push((e.paged_ms + world.paced(wait_ms), Duty::Escalate));
    }
    if !incident.unsolved_told
        && let Some(at) = after(rules.unsolved_after, incident.opened_ms)
    {
        duties.push((at, Duty::Unsolved));
    }
    if let Some(holder) = incident
        .roles
        .get(&Role::Commander)
        .filter(|h| !h.handoff_suggested)
        && let Some(at) = after(rules.suggest_handoff_after, holder.since_ms)
    {
        duties.push((at, Duty::SuggestHandoff));
    }
    duties
}

/// When something becomes due in a world, in milliseconds since the epoch; past times are due now.
#[must_use]
pub fn next_due_ms(state: &State, world: World) -> Option<i64> {
    let organisation = state.organisation()?;
    // What is left of a finished drill is for practising; nobody is woken by it any more.
    let world = state.world(world).filter(|w| !w.is_over())?;
    let incidents = world.incidents.values();
    incidents
        .flat_map(|i| duties(organisation, world, i))
        .map(|(at, _)| at)
        .chain(super::maintenance::next_due_ms(world))
        .min()
}

/// Alerts whose end has come without word from their source, at most `limit` of them. `grace_ms` is how much later
/// than the known end another node may have been told.
#[must_use]
pub fn silent_alerts(
    state: &State,
    world: World,
    now_ms: i64,
    grace_ms: i64,
    limit: usize,
) -> Vec<Fingerprint> {
    let Some(world) = state.world(world).filter(|w| !w.is_over()) else {
        return Vec::new();
    };
    let ended = world
        .alerts
        .iter()
        .filter(|(_, a)| a.ends_ms.saturating_add(grace_ms) <= now_ms);
    let mut silent: Vec<_> = ended
        .map(|(fingerprint, _)| *fingerprint)
        .take(limit)
        .collect();
    silent.sort_unstable();
    silent
}

/// Does everything that is due.
pub(super) fn tick(
    mut draft: Draft<'_>,
    silent: &[Fingerprint],
    released: &[Fingerprint],
) -> Decision {
    // The drill may have been finished since the caller looked.
    if draft.world.is_over() {
        return draft.decision;
    }
    let ended = |f: &&Fingerprint| {
        draft
            .world
            .alerts
            .get(f)
            .is_some_and(|alert| alert.ends_ms <= draft.now_ms)
    };
    let alerts: Vec<Fingerprint> = silent.iter().filter(ended).copied().collect();
    let alerts_over = alerts.clone();
    if !alerts.is_empty() {
        let mut ended: BTreeMap<IncidentId, u32> = BTreeMap::new();
        let known = alerts
            .iter()
            .filter_map(|f| draft.world.alerts.get(f)?.incident);
        known.for_each(|incident| *ended.entry(incident).or_default() += 1);
        let ended = ended
            .into_iter()
            .map(|(incident, alerts)| Ended { incident, alerts });
        let ended = ended.collect();
        draft.emit(AlertsExpired { alerts, ended });
    }
    super::alerts::release(&mut draft, released, &alerts_over);
    super::maintenance::remind(&mut draft);
    let incidents: Vec<IncidentId> = draft.world.incidents.keys().copied().collect();
    for id in incidents {
        let Some(incident) = draft.world.incidents.get(&id).cloned() else {
            continue;
        };
        let mut due = duties(draft.organisation, &draft.world, &incident);
        due.retain(|(at, _)| *at <= draft.now_ms);
        due.sort_by_key(|(at, _)| *at);
        // A reminder of what is already broken would only confuse.
        let breaks = due.iter().any(|(_, duty)| *duty == Duty::Break);
        for (_, duty) in due
            .iter()
            .filter(|(_, duty)| !(breaks && *duty == Duty::Remind))
        {
            meet(&mut draft, &incident, *duty);
        }
    }
    draft.decision
}

fn meet(draft: &mut Draft<'_>, incident: &Incident, duty: Duty) {
    let id = incident.id;
    match duty {
        Duty::Escalate => {
            if let Some(e) = &incident.escalation {
                draft.escalate(id, &incident.service, e.round, e.level + 1);
            }
        }
        Duty::Remind => {
            let Some(promise) = incident.promise else {
                return;
            };
            draft.emit(PromiseReminded {
                incident: id,
                due_ms: promise.due_ms,
            });
            let cause = PageCause::PromiseDue {
                due_ms: promise.due_ms,
            };
            draft.page(id, &keeper(draft, incident), cause);
        }
        Duty::Break => {
            let Some(promise) = incident.promise else {
                return;
            };
            draft.emit(PromiseBroken {
                incident: id,
                due_ms: promise.due_ms,
            });
            let cause = PageCause::PromiseBroken {
                due_ms: promise.due_ms,
            };
            let manager = draft.organisation.rules.project_manager.clone();
            for person in once_each([keeper(draft, incident)].into_iter().chain(manager)) {
                draft.page(id, &person, cause);
            }
        }
        Duty::Unsolved => {
            draft.emit(IncidentUnsolved { incident: id });
            let team = team(draft, incident);
            let commander = incident.commander().cloned();
            let manager = draft.organisation.rules.project_manager.clone();
            for person in once_each(commander.into_iter().chain(manager).chain(team)) {
                draft.page(id, &person, PageCause::Unsolved);
            }
        }
        Duty::SuggestHandoff => {
            if let Some(person) = incident.commander().cloned() {
                draft.emit(HandoffSuggested {
                    incident: id,
                    person: person.clone(),
                });
                draft.page(id, &person, PageCause::HandoffSuggested);
            }
        }
    }
}

/// Who keeps the promise: whoever speaks, else whoever answers for the service.
fn keeper(draft: &Draft<'_>, incident: &Incident) -> PersonId {
    let owner = draft.organisation.owner_of(&incident.service);
    incident.speaker().unwrap_or(owner).clone()
}

/// Everybody who is on call for the service now, at any level; else whoever answers for it, who is paged in their
/// place.
fn team(draft: &Draft<'_>, incident: &Incident) -> Vec<PersonId> {
    let named = incident.policy.as_ref();
    let policy = named
        .and_then(|id| draft.organisation.policies.get(id))
        .or_else(|| draft.organisation.policy_of(&incident.service));
    let levels = policy.map_or(&[][..], |p| &p.levels);
    let schedules = &draft.organisation.schedules;
    let mut team: Vec<PersonId> = levels
        .iter()
        .flat_map(|level| level.people(schedules, draft.now()))
        .collect();
    if team.is_empty() {
        team.push(draft.organisation.owner_of(&incident.service).clone());
    }
    team
}

fn once_each(people: impl Iterator<Item = PersonId>) -> Vec<PersonId> {
    let mut each = Vec::new();
    for person in people {
        if !each.contains(&person) {
            each.push(person);
        }
    }
    each
}
