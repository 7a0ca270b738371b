//! Handing over a role: offered, then accepted or declined, both on record (INC-3).

use super::draft::Draft;
use super::{Decision, Refusal};
use crate::event::{HandoffDeclined, HandoffOffered, RoleTaken};
use crate::ids::{HandoffId, IncidentId, PersonId};
use crate::incident::{Incident, Progress, Role};
use crate::page::{PageAnswer, PageCause};

pub(super) fn offer(
    mut draft: Draft<'_>,
    id: IncidentId,
    role: Role,
    to: &PersonId,
    reason: &str,
    by: &PersonId,
) -> Result<Decision, Refusal> {
    draft.responder(by)?;
    draft.responder(to)?;
    let incident = draft.open_incident(id)?;
    let may = incident.holder(role) == Some(by)
        || incident.commander() == Some(by)
        || incident.commander().is_none()
        || draft.is_manager(by);
    if !may {
        return Err(Refusal::NotAllowed(format!(
            "only who is {}, the incident commander or the project manager may hand it over",
            role.title()
        )));
    }
    if incident.holder(role) == Some(to) {
        let name = draft.organisation.person_name(to);
        return Err(Refusal::Conflict(format!(
            "{name} is {} already",
            role.title()
        )));
    }
    if let Some(waiting) = incident
        .handoffs
        .values()
        .find(|h| h.role == role && h.to == *to)
    {
        return Err(Refusal::Conflict(format!(
            "{} waits for an answer already",
            waiting.id
        )));
    }
    let handoff = make(&mut draft, id, role, to, reason.trim(), Some(by));
    draft.decision.handoff = Some(handoff);
    Ok(draft.about(id))
}

/// Offers a role and tells the person.
pub(super) fn make(
    draft: &mut Draft<'_>,
    incident: IncidentId,
    role: Role,
    to: &PersonId,
    reason: &str,
    by: Option<&PersonId>,
) -> HandoffId {
    let id = draft.world.next_handoff();
    let reason = reason.to_owned();
    draft.emit(HandoffOffered {
        id,
        incident,
        role,
        to: to.clone(),
        by: by.cloned(),
        reason,
    });
    draft.page(incident, to, PageCause::Handoff { handoff: id });
    id
}

pub(super) fn answer(
    mut draft: Draft<'_>,
    id: IncidentId,
    handoff: HandoffId,
    accept: bool,
    reason: &str,
    by: &PersonId,
) -> Result<Decision, Refusal> {
    let incident = draft.open_incident(id)?.clone();
    let offer = incident.handoffs.get(&handoff).cloned().ok_or_else(|| {
        Refusal::NotFound(format!("{handoff} does not wait for an answer any more"))
    })?;
    if offer.to != *by && !draft.is_manager(by) {
        let name = draft.organisation.person_name(&offer.to);
        return Err(Refusal::NotAllowed(format!(
            "{handoff} was offered to {name}"
        )));
    }
    if accept {
        draft.responder(&offer.to)?;
        draft.emit(RoleTaken {
            incident: id,
            role: offer.role,
            person: offer.to,
            handoff: Some(handoff),
        });
    } else {
        let reason = reason.trim().to_owned();
        draft.emit(HandoffDeclined {
            id: handoff,
            incident: id,
            person: by.clone(),
            reason,
        });
        let by_rule = offer.role == Role::Commander && offer.by.is_none();
        if by_rule && incident.commander().is_none() {
            stand_in(&mut draft, &incident, &offer.to);
        }
    }
    Ok(draft.about(id))
}

/// The steward will not lead: then whoever is awake does. When nobody else is, the next are woken.
fn stand_in(draft: &mut Draft<'_>, incident: &Incident, steward: &PersonId) {
    let escalation = incident.escalation.as_ref();
    if let Some(person) = first_acknowledger(draft, incident.id, steward).cloned() {
        draft.emit(RoleTaken {
            incident: incident.id,
            role: Role::Commander,
            person,
            handoff: None,
        });
    } else if escalation.is_some_and(|e| e.progress == Progress::Stopped) {
        draft.call_for_help(incident.id, &incident.service, escalation);
    }
}

/// Who acknowledged first and may lead, but for the steward, who has just declined to.
fn first_acknowledger<'a>(
    draft: &'a Draft<'_>,
    incident: IncidentId,
    steward: &PersonId,
) -> Option<&'a PersonId> {
    let pages = draft.world.pages.values();
    let answered = pages.filter_map(|page| match (page.cause, &page.answer) {
        (PageCause::Escalation { .. }, PageAnswer::Acknowledged { at_ms })
            if page.incident == incident =>
        {
            Some((*at_ms, &page.person))
        }
        _ => None,
    });
    let may_lead = |person| person != steward && draft.responder(person).is_ok();
    let answered = answered.filter(|(_, person)| may_lead(*person));
    answered.min().map(|(_, person)| person)
}
