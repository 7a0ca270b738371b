//! A decision in the making: what it reads, and the events gathered so far.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Decision, Refusal};
use crate::event::{EscalationExhausted, EscalationMoved, Event, PageIssued};
use crate::ids::{IncidentId, PageId, PersonId, PolicyId, ServiceId};
use crate::incident::{Escalation, Incident, Progress};
use crate::oncall::EscalationPolicy;
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

/// A level to page, and who is there.
struct Step {
    policy: PolicyId,
    round: u32,
    level: u32,
    people: Vec<PersonId>,
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
        let step = organisation
            .policy_of(service)
            .and_then(|policy| self.step(policy, round, level));
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
        let step = organisation
            .policy_of(service)
            .and_then(|policy| match so_far {
                None => self.step(policy, 0, 0),
                Some(e) => {
                    let rounds = policy.rounds.max(1);
                    let afresh = (e.round / rounds + 1).saturating_mul(rounds);
                    let next = (e.progress != Progress::Exhausted)
                        .then(|| self.step(policy, e.round, e.level + 1));
                    next.flatten().or_else(|| self.step(policy, afresh, 0))
                }
            });
        self.take(incident, service, step);
    }

    /// The first level from `(round, level)` on that has anybody; `None` when the policy's rounds end before.
    fn step(&self, policy: &EscalationPolicy, mut round: u32, mut level: u32) -> Option<Step> {
        let levels = policy.levels.len() as u32;
        loop {
            if level >= levels {
                (round, level) = (round.checked_add(1)?, 0);
                // Rounds are counted on when a policy begins anew.
                if levels == 0 || round.is_multiple_of(policy.rounds.max(1)) {
                    return None;
                }
            }
            let here = &policy.levels[level as usize];
            let people = here.people(&self.organisation.schedules, self.now());
            if !people.is_empty() {
                return Some(Step {
                    policy: policy.id.clone(),
                    round,
                    level,
                    people,
                });
            }
            level += 1;
        }
    }

    fn take(&mut self, incident: IncidentId, service: &ServiceId, step: Option<Step>) {
        let Some(step) = step else {
            let rules = &self.organisation.rules;
            let policy = self.organisation.policy_of(service);
            let policy = policy.map_or(&rules.default_policy, |p| &p.id).clone();
            return self.emit(EscalationExhausted { incident, policy });
        };
        let (level, round) = (step.level, step.round);
        self.emit(EscalationMoved {
            incident,
            policy: step.policy,
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
