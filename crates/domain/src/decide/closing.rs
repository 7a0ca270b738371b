//! Resolving, asking those affected, reporting, closing (INC-11, INC-12).

use super::draft::Draft;
use super::{Decision, Refusal};
use crate::bulletin::PublicStatus;
use crate::event::{IncidentClosed, IncidentConfirmed, IncidentResolved, ReportWritten};
use crate::ids::{IncidentId, PersonId};
use crate::incident::Report;
use crate::time_text::utc;

pub(super) fn resolve(
    mut draft: Draft<'_>,
    id: IncidentId,
    by: &PersonId,
) -> Result<Decision, Refusal> {
    draft.responder(by)?;
    let incident = draft.incident(id)?;
    if !incident.is_open() {
        return Ok(draft.about(id));
    }
    if incident.commander() != Some(by) && !draft.is_manager(by) {
        return Err(Refusal::NotAllowed(format!(
            "only the incident commander or the project manager may resolve {id}; take the command first"
        )));
    }
    draft.emit(IncidentResolved {
        incident: id,
        by: by.clone(),
    });
    Ok(draft.about(id))
}

pub(super) fn confirm(
    mut draft: Draft<'_>,
    id: IncidentId,
    representative: &str,
    by: &PersonId,
) -> Result<Decision, Refusal> {
    draft.responder(by)?;
    let incident = draft.incident(id)?;
    if incident.is_open() {
        return Err(Refusal::Conflict(format!("{id} is not resolved yet")));
    }
    let name = representative.trim();
    if name.is_empty() {
        return Err(Refusal::Invalid(
            "say who confirmed that it is over for them".into(),
        ));
    }
    if !incident.confirmed_by.iter().any(|known| known == name) {
        let representative = name.to_owned();
        draft.emit(IncidentConfirmed {
            incident: id,
            representative,
            by: by.clone(),
        });
    }
    Ok(draft.about(id))
}

pub(super) fn write_report(
    mut draft: Draft<'_>,
    id: IncidentId,
    report: &Report,
    by: &PersonId,
) -> Result<Decision, Refusal> {
    draft.responder(by)?;
    let incident = draft.incident(id)?;
    for action in &report.actions {
        if !draft.organisation.people.contains_key(&action.owner) {
            return Err(Refusal::Invalid(format!(
                "action {:?} needs an owner from the configuration; there is no {:?}",
                action.what, action.owner
            )));
        }
        if action.due.parse::<jiff::civil::Date>().is_err() {
            return Err(Refusal::Invalid(format!(
                "action {:?} needs a day as YYYY-MM-DD, not {:?}",
                action.what, action.due
            )));
        }
    }
    if incident.report != *report {
        draft.emit(ReportWritten {
            incident: id,
            report: report.clone(),
            by: by.clone(),
        });
    }
    Ok(draft.about(id))
}

pub(super) fn close(
    mut draft: Draft<'_>,
    id: IncidentId,
    by: &PersonId,
) -> Result<Decision, Refusal> {
    draft.responder(by)?;
    let incident = draft.incident(id)?;
    let Some(resolved_ms) = incident.resolved_ms else {
        return Err(Refusal::Conflict(format!("{id} is not resolved yet")));
    };
    let missing = incident.report.missing();
    if !missing.is_empty() {
        return Err(Refusal::Conflict(format!(
            "fill the report first: {}",
            missing.join(", ")
        )));
    }
    let last_word = draft
        .world
        .disclosed
        .get(&id)
        .and_then(|said| said.updates.last());
    if last_word.is_some_and(|word| word.status != PublicStatus::Resolved) {
        return Err(Refusal::Conflict(
            "tell the public first that it is over".into(),
        ));
    }
    let by_silence = incident.confirmed_by.is_empty();
    let rules = &draft.organisation.rules;
    let asked = draft.organisation.services.get(&incident.service);
    if by_silence && asked.is_some_and(|s| !s.representatives.is_empty()) {
        let silent_ms = rules
            .close_after
            .after_ms(resolved_ms, &draft.organisation.calendar());
        let silent_ms = silent_ms.map(|ms| resolved_ms + draft.world.paced(ms - resolved_ms));
        if silent_ms.is_none_or(|ms| draft.now_ms < ms) {
            let when =
                silent_ms.map_or_else(String::new, |ms| format!(" or wait until {}", utc(ms)));
            return Err(Refusal::Conflict(format!(
                "nobody of those affected has confirmed that it is over; record who did{when}"
            )));
        }
    }
    draft.emit(IncidentClosed {
        incident: id,
        by: by.clone(),
        by_silence,
    });
    Ok(draft.about(id))
}
