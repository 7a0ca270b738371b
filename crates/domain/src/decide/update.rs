//! Publishing: an approved text with its blanks filled becomes a disclosure, and a promise of the next one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::draft::Draft;
use super::{Decision, Refusal};
use crate::bulletin::{PublicStatus, StatusUpdate};
use crate::calendar::Period;
use crate::command::Command;
use crate::event::{PromiseBroken, PromiseKept, UpdatePublished};
use crate::ids::PersonId;
use crate::incident::Incident;
use crate::organisation::PersonRole;
use crate::time_text::utc;

/// A promise of the next word lies at most this far ahead, in milliseconds: 30 days.
const MAX_PROMISE_MS: i64 = 30 * 86_400_000;

pub(super) fn publish(mut draft: Draft<'_>, command: &Command) -> Result<Decision, Refusal> {
    let Command::PublishUpdate {
        incident,
        template,
        values,
        status,
        next_update_ms,
        by,
    } = command
    else {
        return Err(Refusal::Invalid("not an update".into()));
    };
    let organisation = Arc::clone(draft.organisation);
    let incident = draft.incident(*incident)?.clone();
    may_speak(&draft, &incident, by)?;
    let template = organisation.templates.get(template).ok_or_else(|| {
        Refusal::NotFound(format!(
            "there is no template {template:?} in the configuration"
        ))
    })?;
    let said = draft.world.disclosed.get(&incident.id);
    let status = status.unwrap_or(template.status);
    let over = status == PublicStatus::Resolved;
    if over && incident.is_open() {
        return Err(Refusal::Conflict(format!(
            "{} is still open; resolve it before telling the public that it is over",
            incident.id
        )));
    }
    let next = if over {
        None
    } else {
        Some(next_word(&draft, &incident, *next_update_ms)?)
    };
    let service = organisation.services.get(&incident.service);
    let public_name = service.and_then(|s| s.public_name.clone());
    let given = BTreeMap::from([
        (
            "service".to_owned(),
            public_name
                .clone()
                .unwrap_or_else(|| organisation.name.clone()),
        ),
        ("organisation".to_owned(), organisation.name.clone()),
        ("next_update".to_owned(), next.map_or_else(String::new, utc)),
    ]);
    let text = template
        .render(values, &given)
        .map_err(|e| Refusal::Invalid(e.to_string()))?;
    let number = said.and_then(|s| s.updates.last()).map_or(0, |u| u.number) + 1;
    if let Some(promise) = incident.promise.filter(|p| !p.broken) {
        let (incident, due_ms) = (incident.id, promise.due_ms);
        if draft.now_ms <= promise.due_ms {
            draft.emit(PromiseKept { incident, due_ms });
        } else {
            draft.emit(PromiseBroken { incident, due_ms });
        }
    }
    let published_ms = draft.now_ms;
    draft.emit(UpdatePublished {
        incident: incident.id,
        template: template.id.clone(),
        components: public_name.into_iter().collect(),
        impact: incident.impact,
        update: StatusUpdate {
            number,
            published_ms,
            status,
            title: text.title,
            sections: text.sections,
            next_update_ms: next,
            translations: BTreeMap::new(),
            mends: None,
        },
        by: by.clone(),
    });
    Ok(draft.about(incident.id))
}

fn may_speak(draft: &Draft<'_>, incident: &Incident, by: &PersonId) -> Result<(), Refusal> {
    draft.responder(by)?;
    let speaks = incident.speaker() == Some(by)
        || incident.commander() == Some(by)
        || draft.organisation.has_role(by, PersonRole::Liaison)
        || draft.is_manager(by);
    if speaks {
        return Ok(());
    }
    Err(Refusal::NotAllowed(
        "only the incident commander or a liaison may speak in public; take the command first"
            .into(),
    ))
}

/// When the next word comes: as asked, or by the rule for the severity.
fn next_word(
    draft: &Draft<'_>,
    incident: &Incident,
    asked_ms: Option<i64>,
) -> Result<i64, Refusal> {
    if let Some(due_ms) = asked_ms {
        if due_ms <= draft.now_ms {
            return Err(Refusal::Invalid(
                "the next word is promised for a time that is past".into(),
            ));
        }
        if due_ms - draft.now_ms > MAX_PROMISE_MS {
            return Err(Refusal::Invalid(
                "the next word may be promised at most 30 days ahead".into(),
            ));
        }
        return Ok(due_ms);
    }
    let rules = &draft.organisation.rules;
    let period = rules
        .promise
        .get(&incident.severity)
        .copied()
        .unwrap_or(Period::Clock(3600));
    let due = period.after_ms(draft.now_ms, &draft.organisation.calendar());
    let due = due.ok_or_else(|| {
        Refusal::Conflict("the calendar holds no working time; say when the next word comes".into())
    })?;
    Ok(draft.now_ms + draft.world.paced(due - draft.now_ms))
}
