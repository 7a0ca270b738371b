//! Publishing: an approved text with its blanks filled becomes a disclosure, and a promise of the next one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::draft::Draft;
use super::{Decision, Refusal, mend};
use crate::announcement::{Filled, Reason};
use crate::bulletin::{Impact, Mends, PublicStatus, StatusUpdate};
use crate::calendar::Period;
use crate::command::Command;
use crate::event::{PromiseBroken, PromiseKept, UpdatePublished, UpdateWithdrawn};
use crate::ids::{IncidentId, PersonId, TemplateId};
use crate::incident::Incident;
use crate::severity::Severity;
use crate::template::{Subject, UpdateTemplate};
use crate::time_text::utc;

/// A promise of the next word lies at most this far ahead, in milliseconds: 30 days.
const MAX_PROMISE_MS: i64 = 30 * 86_400_000;

pub(super) fn decide(draft: Draft<'_>, command: &Command) -> Result<Decision, Refusal> {
    match command {
        Command::PublishUpdate {
            incident,
            template,
            values,
            status,
            next_update_ms,
            by,
        } => {
            let known = draft.incident(*incident)?.clone();
            let text = Filled {
                template: template.clone(),
                values: values.clone(),
            };
            let word = Word {
                incident: *incident,
                text: &text,
                status: *status,
                next_update_ms: *next_update_ms,
                corrects: None,
                by,
            };
            say(draft, Some(&known), &word)
        }
        Command::CorrectUpdate {
            incident,
            number,
            text,
            status,
            next_update_ms,
            by,
        } => {
            let known = draft.world.incidents.get(incident).cloned();
            let word = Word {
                incident: *incident,
                text,
                status: *status,
                next_update_ms: *next_update_ms,
                corrects: Some(*number),
                by,
            };
            say(draft, known.as_ref(), &word)
        }
        Command::WithdrawUpdate {
            incident,
            number,
            reason,
            by,
        } => withdraw(draft, *incident, *number, reason, by),
        _ => Err(Refusal::Invalid("not an update".into())),
    }
}

/// What is to be said about an incident.
struct Word<'a> {
    incident: IncidentId,
    text: &'a Filled,
    status: Option<PublicStatus>,
    next_update_ms: Option<i64>,
    corrects: Option<u32>,
    by: &'a PersonId,
}

/// Says a word. Only a correction may be about an incident that is closed, which `incident` does not hold any more.
fn say(
    mut draft: Draft<'_>,
    incident: Option<&Incident>,
    word: &Word<'_>,
) -> Result<Decision, Refusal> {
    let organisation = Arc::clone(draft.organisation);
    let said = draft.world.disclosed.get(&word.incident).cloned();
    let updates = said.as_ref().map_or(&[][..], |s| &s.updates);
    let mends = match word.corrects {
        Some(_) if updates.is_empty() => return Err(nothing_said(word.incident)),
        Some(number) => Some(mend::correct(updates, number)?),
        None => None,
    };
    mend::may_speak(&draft, incident, word.by)?;
    let template = template(&draft, &word.text.template, Subject::Incident)?;
    let last = updates.last().filter(|_| mends.is_some());
    let status = word.status.or(last.map(|u| u.status));
    let status = status
        .or(template.status())
        .unwrap_or(PublicStatus::Investigating);
    let over = status == PublicStatus::Resolved;
    match incident {
        Some(open) if over && open.is_open() => {
            return Err(Refusal::Conflict(format!(
                "{} is still open; resolve it before telling the public that it is over",
                open.id
            )));
        }
        None if !over => {
            return Err(Refusal::Conflict(format!(
                "{} is closed; a correction of what was said about it says that it is over",
                word.incident
            )));
        }
        _ => {}
    }
    let next = match incident {
        Some(incident) if !over => Some(next_word(&draft, incident.severity, word.next_update_ms)?),
        _ => None,
    };
    let service = incident.and_then(|i| organisation.services.get(&i.service));
    let (components, impact) = match (incident, &said) {
        (Some(incident), _) => {
            let name = service.and_then(|s| s.public_name.clone());
            (name.into_iter().collect(), incident.impact)
        }
        (None, Some(said)) => (said.components.clone(), said.impact),
        (None, None) => (Vec::new(), Impact::Partial),
    };
    let name = components.first().unwrap_or(&organisation.name);
    let given = BTreeMap::from([
        ("service".to_owned(), name.clone()),
        ("organisation".to_owned(), organisation.name.clone()),
        ("next_update".to_owned(), next.map_or_else(String::new, utc)),
    ]);
    let text = template
        .render(&word.text.values, &given)
        .map_err(|e| Refusal::Invalid(e.to_string()))?;
    let number = mend::next_number(updates);
    if let Some(incident) = incident {
        settle(&mut draft, incident);
    }
    let published_ms = draft.now_ms;
    draft.emit(UpdatePublished {
        incident: word.incident,
        template: template.id.clone(),
        components,
        impact,
        update: StatusUpdate {
            number,
            published_ms,
            status,
            title: text.wording.title,
            sections: text.wording.sections,
            next_update_ms: next,
            translations: text.translations,
            mends,
        },
        by: word.by.clone(),
    });
    Ok(draft.about(word.incident))
}

/// Takes a statement back. What was said before it and still holds is where the incident stands again; when nothing
/// holds any more, nothing is known to be wrong. It tells nothing new, so a promise of the next word stands as it is.
fn withdraw(
    mut draft: Draft<'_>,
    id: IncidentId,
    number: u32,
    reason: &Reason,
    by: &PersonId,
) -> Result<Decision, Refusal> {
    let said = draft.world.disclosed.get(&id).cloned();
    let said = said.ok_or_else(|| nothing_said(id))?;
    let incident = draft.world.incidents.get(&id).cloned();
    mend::may_speak(&draft, incident.as_ref(), by)?;
    let statement = mend::withdraw(&said.updates, number)?;
    let (wording, translations) = mend::words(&draft, statement, reason)?;
    let left = mend::left(&said.updates, number).map(|u| u.status);
    let status = match &incident {
        Some(_) => left.unwrap_or(PublicStatus::Resolved),
        None => PublicStatus::Resolved,
    };
    let running = incident.as_ref().and_then(|i| i.promise);
    let next_update_ms = match &incident {
        Some(incident) if status != PublicStatus::Resolved => Some(match running {
            Some(promise) if !promise.broken && promise.due_ms > draft.now_ms => promise.due_ms,
            _ => next_word(&draft, incident.severity, None)?,
        }),
        _ => None,
    };
    if let (Some(incident), Some(promise)) = (&incident, running)
        && next_update_ms != Some(promise.due_ms)
    {
        settle(&mut draft, incident);
    }
    let update = StatusUpdate {
        number: mend::next_number(&said.updates),
        published_ms: draft.now_ms,
        status,
        title: wording.title,
        sections: wording.sections,
        next_update_ms,
        translations,
        mends: Some(Mends::Withdraws(number)),
    };
    draft.emit(UpdateWithdrawn {
        incident: id,
        update,
        by: by.clone(),
    });
    Ok(draft.about(id))
}

fn nothing_said(id: IncidentId) -> Refusal {
    Refusal::NotFound(format!(
        "nothing that was said in public about {id} is on the page, so there is nothing to put right"
    ))
}

/// The approved text of that name, when it is about what it is used for.
pub(super) fn template(
    draft: &Draft<'_>,
    id: &TemplateId,
    subject: Subject,
) -> Result<UpdateTemplate, Refusal> {
    let template = draft.organisation.templates.get(id).ok_or_else(|| {
        Refusal::NotFound(format!("there is no template {id:?} in the configuration"))
    })?;
    if template.subject() == subject {
        return Ok(template.clone());
    }
    let about = match template.subject() {
        Subject::Incident => "an incident",
        Subject::Maintenance => "announced work",
        Subject::Denial => "a false message",
    };
    Err(Refusal::Invalid(format!(
        "the template {id:?} is about {about}; choose another one"
    )))
}

/// A promise ends with the word that comes, in time or late.
fn settle(draft: &mut Draft<'_>, incident: &Incident) {
    let Some(promise) = incident.promise.filter(|p| !p.broken) else {
        return;
    };
    let (incident, due_ms) = (incident.id, promise.due_ms);
    if draft.now_ms <= due_ms {
        draft.emit(PromiseKept { incident, due_ms });
    } else {
        draft.emit(PromiseBroken { incident, due_ms });
    }
}

/// When the next word comes: as asked, or by the rule for the severity.
fn next_word(draft: &Draft<'_>, severity: Severity, asked_ms: Option<i64>) -> Result<i64, Refusal> {
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
        .get(&severity)
        .copied()
        .unwrap_or(Period::Clock(3600));
    let due = period.after_ms(draft.now_ms, &draft.organisation.calendar());
    let due = due.ok_or_else(|| {
        Refusal::Conflict("the calendar holds no working time; say when the next word comes".into())
    })?;
    Ok(draft.now_ms + draft.world.paced(due - draft.now_ms))
}
