//! Answers to pages, and what follows from them: who commands, who is paged next (REACH-2, INC-2).

use super::draft::Draft;
use super::{Decision, Refusal, handoff};
use crate::event::{PageAcknowledged, PageDeclined, RoleTaken, RoleVacated};
use crate::ids::{IncidentId, PageId, PersonId};
use crate::incident::{Incident, Progress, Role};
use crate::organisation::DefaultCommander;
use crate::page::{Page, PageAnswer, PageCause, Via};

pub(super) fn answer(
    draft: Draft<'_>,
    id: PageId,
    accept: bool,
    reason: &str,
    via: Via,
) -> Result<Decision, Refusal> {
    let page =
        draft.world.pages.get(&id).cloned().ok_or_else(|| {
            Refusal::NotFound("this page is over: its incident was closed".into())
        })?;
    if let PageCause::MaintenanceDue { maintenance, .. } = page.cause {
        let mut draft = draft;
        if page.is_waiting() {
            record(&mut draft, &page, accept, reason, via);
        }
        draft.decision.maintenance = Some(maintenance);
        return Ok(draft.decision);
    }
    draft.incident(page.incident)?;
    if let PageCause::Handoff { handoff } = page.cause
        && draft
            .incident(page.incident)?
            .handoffs
            .contains_key(&handoff)
    {
        let mut draft = draft;
        record(&mut draft, &page, accept, reason, via);
        return handoff::answer(draft, page.incident, handoff, accept, reason, &page.person);
    }
    if accept {
        acknowledge(draft, &page, via)
    } else {
        decline(draft, &page, reason, via)
    }
}

fn record(draft: &mut Draft<'_>, page: &Page, accept: bool, reason: &str, via: Via) {
    let (id, incident, person) = (page.id, page.incident, page.person.clone());
    if accept {
        draft.emit(PageAcknowledged {
            id,
            incident,
            person,
            via,
        });
    } else {
        let reason = reason.trim().to_owned();
        draft.emit(PageDeclined {
            id,
            incident,
            person,
            reason,
            via,
        });
    }
}

fn acknowledge(mut draft: Draft<'_>, page: &Page, via: Via) -> Result<Decision, Refusal> {
    let incident = draft.incident(page.incident)?;
    let leads = incident.commander().is_some() || !incident.is_open();
    let offered = incident
        .handoffs
        .values()
        .any(|h| h.role == Role::Commander);
    // "I have it" after "not me" counts: it is what the person says now.
    let repeated = matches!(page.answer, PageAnswer::Acknowledged { .. });
    if !repeated {
        record(&mut draft, page, true, "", via);
    }
    let answers_escalation = matches!(page.cause, PageCause::Escalation { .. });
    if answers_escalation && !leads && !offered && !repeated {
        appoint(&mut draft, page)?;
    }
    Ok(draft.about(page.incident))
}

/// The default commander: whoever acknowledges first, or the steward on duty is offered it.
fn appoint(draft: &mut Draft<'_>, page: &Page) -> Result<(), Refusal> {
    let by_rule = draft.organisation.rules.default_commander;
    let steward = draft.organisation.steward(draft.now()).cloned();
    match (by_rule, steward) {
        (DefaultCommander::SupportSteward, Some(steward)) if steward != page.person => {
            let reason = "the support steward on duty commands by default";
            handoff::make(
                draft,
                page.incident,
                Role::Commander,
                &steward,
                reason,
                None,
            );
        }
        _ => draft.emit(RoleTaken {
            incident: page.incident,
            role: Role::Commander,
            person: page.person.clone(),
            handoff: None,
        }),
    }
    Ok(())
}

fn decline(mut draft: Draft<'_>, page: &Page, reason: &str, via: Via) -> Result<Decision, Refusal> {
    let incident = draft.incident(page.incident)?.clone();
    if matches!(page.answer, PageAnswer::Declined { .. }) {
        return Ok(draft.about(page.incident));
    }
    record(&mut draft, page, false, reason, via);
    let PageCause::Escalation { .. } = page.cause else {
        return Ok(draft.about(page.incident));
    };
    if !incident.is_open() {
        return Ok(draft.about(page.incident));
    }
    if incident.commander() == Some(&page.person) {
        draft.emit(RoleVacated {
            incident: incident.id,
            role: Role::Commander,
            person: page.person.clone(),
            reason: reason.trim().to_owned(),
        });
    }
    if abandoned(&draft, &incident, page) {
        draft.call_for_help(incident.id, &incident.service, incident.escalation.as_ref());
        return Ok(draft.about(page.incident));
    }
    let Some(escalation) = incident.escalation.as_ref() else {
        return Ok(draft.about(page.incident));
    };
    let here = PageCause::Escalation {
        level: escalation.level,
        round: escalation.round,
    };
    let others_may_answer = draft
        .world
        .waiting_pages(incident.id)
        .any(|other| other.id != page.id && other.cause == here);
    if escalation.progress == Progress::Running && page.cause == here && !others_may_answer {
        draft.escalate(
            incident.id,
            &incident.service,
            escalation.round,
            escalation.level + 1,
        );
    }
    Ok(draft.about(page.incident))
}

/// Whether nobody has the incident any more when the page's person declines: they led it, or they alone had
/// acknowledged and nobody leads (a handoff that is merely offered leads nothing).
fn abandoned(draft: &Draft<'_>, incident: &Incident, page: &Page) -> bool {
    let acknowledged = |p: &Page| matches!(p.answer, PageAnswer::Acknowledged { .. });
    match incident.commander() {
        Some(commander) => *commander == page.person,
        None => {
            acknowledged(page)
                && !draft.world.pages.values().any(|other| {
                    other.incident == incident.id
                        && other.id != page.id
                        && matches!(other.cause, PageCause::Escalation { .. })
                        && acknowledged(other)
                })
        }
    }
}

pub(super) fn take_command(
    mut draft: Draft<'_>,
    id: IncidentId,
    by: &PersonId,
) -> Result<Decision, Refusal> {
    draft.responder(by)?;
    let incident = draft.open_incident(id)?;
    match incident.commander() {
        Some(commander) if commander == by => return Ok(draft.about(id)),
        Some(commander) => {
            let name = draft.organisation.person_name(commander).to_owned();
            return Err(Refusal::Conflict(format!(
                "{name} commands {id}; ask them, or the project manager, for a handoff"
            )));
        }
        None => {}
    }
    let waiting: Vec<Page> = draft
        .world
        .waiting_pages(id)
        .filter(|p| p.person == *by)
        .cloned()
        .collect();
    for page in waiting
        .iter()
        .filter(|p| matches!(p.cause, PageCause::Escalation { .. }))
    {
        record(&mut draft, page, true, "", Via::Console);
    }
    draft.emit(RoleTaken {
        incident: id,
        role: Role::Commander,
        person: by.clone(),
        handoff: None,
    });
    Ok(draft.about(id))
}

/// "Get help": the level after the one that was paged last is paged now, or everybody anew after the last.
pub(super) fn get_help(
    mut draft: Draft<'_>,
    id: IncidentId,
    by: &PersonId,
) -> Result<Decision, Refusal> {
    draft.responder(by)?;
    let incident = draft.open_incident(id)?.clone();
    draft.call_for_help(id, &incident.service, incident.escalation.as_ref());
    Ok(draft.about(id))
}
