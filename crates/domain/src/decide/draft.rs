//! A decision in the making: what it reads, and the events gathered so far.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Decision, Refusal};
use crate::event::{EscalationExhausted, EscalationMoved, Event, PageIssued};
use crate::ids::{IncidentId, PageId, PersonId, ServiceId};
use crate::incident::{Escalation, Incident};
use crate::oncall::{EscalationPolicy, Step};
use crate::organisation::{Organisation, PersonRole};
use crate::page::PageCause;
use crate::state::{State, WorldState};
use crate::world::World;

pub(super) struct Draft<'a> {
    pub(super) organisation: &'a Arc<Organisation>,
    pub(super) world: std::borrow::Cow<'a, WorldState>,
    pub(super) now_ms: i64,
    pub(super) decision: Decision,
    pages: u32,
}

impl<'a> Draft<'a> {
    pub(super) fn new(state: &'a State, world: World, now_ms: i64) -> Result<Self, Refusal> {
        let organisation = state.organisation().ok_or_else(|| {
            Refusal::Conflict("no configuration is in force; apply one with `stentor apply`".into())
        })?;
        let world = match state.world(world) {
            Some(known) => std::borrow::Cow::Borrowed(known),
            None if world == World::Live => std::borrow::Cow::Owned(WorldState::default()),
            None => return Err(Refusal::NotFound(format!("there is no {world}"))),
        };
        let pages = world.last.page;
        Ok(Self {
            organisation,
            world,
            now_ms,
            decision: Decision::default(),
            pages,
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now_ms).unwrap_or_default()
    }

    pub(super) fn emit(&mut self, event: impl Into<Event>) {
        self.decision.events.push(event.into());
    }

    /// An incident that is not closed.
    pub(super) fn incident(&self, id: IncidentId) -> Result<&Incident, Refusal> {
        self.world.incidents.get(&id).ok_or_else(|| {
            Refusal::NotFound(format!(
                "{id} does not exist or is closed; closed incidents do not change"
            ))
        })
    }

    /// An incident that people still work on.
    pub(super) fn open_incident(&self, id: IncidentId) -> Result<&Incident, Refusal> {
        let incident = self.incident(id)?;
        if incident.is_open() {
            return Ok(incident);
        }
        Err(Refusal::Conflict(format!("{id} is resolved")))
    }

    /// A person who takes part in incidents.
    pub(super) fn responder(&self, person: &PersonId) -> Result<(), Refusal> {
        let known = self.organisation.people.get(person).ok_or_else(|| {
            Refusal::NotFound(format!(
                "there is no person {person:?} in the configuration"
            ))
        })?;
        if known.roles.is_empty() {
            return Err(Refusal::NotAllowed(format!(
                "{} has no role in incidents",
                known.name
            )));
        }
        Ok(())
    }

    /// Whether a person may delegate on anybody's behalf.
    pub(super) fn is_manager(&self, person: &PersonId) -> bool {
        self.organisation.rules.project_manager.as_ref() == Some(person)
            || self.organisation.has_role(person, PersonRole::Manager)
    }

    /// Pages a person once.
    pub(super) fn page(&mut self, incident: IncidentId, person: &PersonId, cause: PageCause) {
        self.pages += 1;
        let id = PageId(self.pages);
        self.emit(PageIssued {
            id,
            incident,
            person: person.clone(),
            cause,
        });
    }

    /// Pages the level at `(round, level)` of a service's policy, or the next one that has anybody. Says so when
    /// there is none left before the policy's rounds are over.
    pub(super) fn escalate(
        &mut self,
        incident: IncidentId,
        service: &ServiceId,
        round: u32,
        level: u32,
    ) {
        let organisation = Arc::clone(self.organisation);
        let policy = self.policy(&organisation, incident, service);
        let step = policy.and_then(|p| p.step(&organisation.schedules, self.now(), round, level));
        self.take(incident, service, step);
    }

    /// Pages somebody because somebody asks now: the next level, or the policy from its beginning when it is at its
    /// end. Rounds are counted on, so that no page is ever repeated under the same number.
    pub(super) fn call_for_help(
        &mut self,
        incident: IncidentId,
        service: &ServiceId,
        so_far: Option<&Escalation>,
    ) {
        let organisation = Arc::clone(self.organisation);
        let policy = self.policy(&organisation, incident, service);
        let step = policy.and_then(|p| p.help(&organisation.schedules, self.now(), so_far));
        self.take(incident, service, step);
    }

    /// Who is paged for an incident: as the routing said when it was opened, else as the service says.
    fn policy<'o>(
        &self,
        organisation: &'o Organisation,
        incident: IncidentId,
        service: &ServiceId,
    ) -> Option<&'o EscalationPolicy> {
        let opened = self.decision.events.iter().find_map(|event| match event {
            Event::IncidentOpened(e) if e.id == incident => Some(&e.policy),
            _ => None,
        });
        let known = || self.world.incidents.get(&incident).map(|i| &i.policy);
        let named = opened.or_else(known).and_then(Option::as_ref);
        named
            .and_then(|id| organisation.policies.get(id))
            .or_else(|| organisation.policy_of(service))
    }

    fn take(&mut self, incident: IncidentId, service: &ServiceId, step: Option<Step>) {
        let rules = &self.organisation.rules;
        let policy = self.policy(self.organisation, incident, service);
        let policy = policy.map_or(&rules.default_policy, |p| &p.id).clone();
        let known = self.world.incidents.get(&incident);
        let paged = known.is_some_and(|i| i.escalation.is_some());
        // Nobody at any level from the start: whoever answers for the service is woken rather than nobody.
        let owner = (!paged).then(|| Step {
            round: 0,
            level: 0,
            people: vec![self.organisation.owner_of(service).clone()],
        });
        let Some(step) = step.or(owner) else {
            return self.emit(EscalationExhausted { incident, policy });
        };
        let (level, round) = (step.level, step.round);
        self.emit(EscalationMoved {
            incident,
            policy,
            level,
            round,
        });
        for person in step.people {
            self.page(incident, &person, PageCause::Escalation { level, round });
        }
    }

    pub(super) fn about(mut self, incident: IncidentId) -> Decision {
        self.decision.incident = Some(incident);
        self.decision
    }
}
