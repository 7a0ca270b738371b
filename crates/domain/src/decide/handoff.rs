//! Handing over a role: offered, then accepted or declined, both on record (INC-3).

use super::draft::Draft;
use super::{Decision, Refusal};
use crate::event::{HandoffDeclined, HandoffOffered, RoleTaken};
use crate::ids::{HandoffId, IncidentId, PersonId};
use crate::incident::Role;
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
    let incident = draft.open_incident(id)?;
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
        let led = incident.commander().is_some();
        let stand_in = first_acknowledger(&draft, id).cloned();
        let reason = reason.trim().to_owned();
        draft.emit(HandoffDeclined {
            id: handoff,
            incident: id,
            person: by.clone(),
            reason,
        });
        // The steward will not: then whoever is awake leads, rather than nobody.
        if offer.role == Role::Commander
            && offer.by.is_none()
            && !led
            && let Some(person) = stand_in
        {
            draft.emit(RoleTaken {
                incident: id,
                role: Role::Commander,
                person,
                handoff: None,
            });
        }
    }
    Ok(draft.about(id))
}

fn first_acknowledger<'a>(draft: &'a Draft<'_>, incident: IncidentId) -> Option<&'a PersonId> {
    let answered = draft
        .world
        .pages
        .values()
        .filter(|page| page.incident == incident);
    let answered = answered.filter_map(|page| match (page.cause, &page.answer) {
        (PageCause::Escalation { .. }, PageAnswer::Acknowledged { at_ms }) => {
            Some((*at_ms, &page.person))
        }
        _ => None,
    });
    answered.min().map(|(_, person)| person)
}
