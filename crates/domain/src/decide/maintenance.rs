//! Work that is announced before it is done. The page never says by itself that work has begun or is over: somebody
//! does, and is reminded when the announced time passes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::draft::Draft;
use super::{Decision, Refusal, mend, update};
use crate::announcement::{MaintenanceWord, Reason};
use crate::bulletin::{MaintenanceStatus, MaintenanceUpdate, Mends};
use crate::event::{MaintenanceReminded, MaintenanceSaid};
use crate::ids::{IncidentId, MaintenanceId, PersonId, ServiceId};
use crate::page::PageCause;
use crate::state::{Announced, WorldState};
use crate::template::{Announces, Subject};
use crate::time_text::utc;

/// Work is announced at most this far ahead, in milliseconds: two years.
const FARTHEST_MS: i64 = 2 * 366 * 86_400_000;

/// Work lasts at most this long, in milliseconds: 30 days.
const LONGEST_MS: i64 = 30 * 86_400_000;

pub(super) fn speak(mut draft: Draft<'_>, word: &MaintenanceWord) -> Result<Decision, Refusal> {
    mend::may_announce(&draft, &word.by)?;
    let known = match word.id {
        Some(id) => Some(find(&draft, id)?.clone()),
        None => None,
    };
    let said = known.as_ref().map_or(&[][..], |k| &k.updates);
    let mends = match word.corrects {
        Some(number) => Some(mend::correct(said, number)?),
        None => None,
    };
    let template = update::template(&draft, &word.text.template, Subject::Maintenance)?;
    let own = match template.announces {
        Announces::Maintenance(status) => Some(status),
        _ => None,
    };
    let kept = said.last().filter(|_| mends.is_some()).map(|u| u.status);
    let status = word.status.or(kept).or(own);
    let status = status.unwrap_or(MaintenanceStatus::Scheduled);
    if mends.is_none() {
        may_follow(said.last().map(|u| u.status), status)?;
    }
    let (starts_ms, ends_ms) = window(&draft, said.last(), status, mends.is_some(), word)?;
    let components = components(&draft, known.as_ref(), &word.services)?;
    let organisation = Arc::clone(draft.organisation);
    let named = if components.is_empty() {
        organisation.name.clone()
    } else {
        components.join(", ")
    };
    let given = BTreeMap::from([
        ("services".to_owned(), named),
        ("organisation".to_owned(), organisation.name.clone()),
        ("begins".to_owned(), utc(starts_ms)),
        ("ends".to_owned(), utc(ends_ms)),
    ]);
    let text = template
        .render(&word.text.values, &given)
        .map_err(|e| Refusal::Invalid(e.to_string()))?;
    let id = word.id.unwrap_or(draft.world.next_maintenance());
    let update = MaintenanceUpdate {
        number: mend::next_number(said),
        published_ms: draft.now_ms,
        status,
        starts_ms,
        ends_ms,
        wording: text.wording,
        translations: text.translations,
        mends,
    };
    draft.emit(MaintenanceSaid {
        id,
        template: Some(template.id),
        components,
        update,
        by: word.by.clone(),
    });
    draft.decision.maintenance = Some(id);
    Ok(draft.decision)
}

/// Takes a statement back: what was said before it and still holds is where the work stands again. When nothing holds
/// any more, no work is announced.
pub(super) fn withdraw(
    mut draft: Draft<'_>,
    id: MaintenanceId,
    number: u32,
    reason: &Reason,
    by: &PersonId,
) -> Result<Decision, Refusal> {
    mend::may_announce(&draft, by)?;
    let known = find(&draft, id)?.clone();
    let statement = mend::withdraw(&known.updates, number)?;
    let (wording, translations) = mend::words(&draft, statement, reason)?;
    let left = mend::left(&known.updates, number);
    let window = left.unwrap_or(statement);
    let update = MaintenanceUpdate {
        number: mend::next_number(&known.updates),
        published_ms: draft.now_ms,
        status: left.map_or(MaintenanceStatus::Cancelled, |u| u.status),
        starts_ms: window.starts_ms,
        ends_ms: window.ends_ms,
        wording,
        translations,
        mends: Some(Mends::Withdraws(number)),
    };
    draft.emit(MaintenanceSaid {
        id,
        template: None,
        components: known.components,
        update,
        by: by.clone(),
    });
    draft.decision.maintenance = Some(id);
    Ok(draft.decision)
}

fn find<'d>(draft: &'d Draft<'_>, id: MaintenanceId) -> Result<&'d Announced, Refusal> {
    draft.world.maintenance.get(&id).ok_or_else(|| {
        Refusal::NotFound(format!(
            "{id} is not on the page: it was never announced, or ended more than 90 days ago"
        ))
    })
}

/// Work goes from announced to begun to watched to over. What was said by mistake is corrected, not undone.
fn may_follow(last: Option<MaintenanceStatus>, next: MaintenanceStatus) -> Result<(), Refusal> {
    use MaintenanceStatus::{Cancelled, Completed, InProgress, Scheduled, Verifying};
    let may = match last {
        None => matches!(next, Scheduled | InProgress),
        Some(Scheduled) => matches!(next, Scheduled | InProgress | Cancelled),
        Some(InProgress) => matches!(next, InProgress | Verifying | Completed),
        Some(Verifying) => matches!(next, Verifying | InProgress | Completed),
        Some(Completed) => next == Completed,
        Some(Cancelled) => next == Cancelled,
    };
    if may {
        return Ok(());
    }
    let what = next.name().replace('_', " ");
    Err(Refusal::Conflict(match last {
        None => format!("new work is announced as scheduled or in progress, not as {what}"),
        Some(last) => format!(
            "the work is {}, so it cannot be {what} next; if something was said by mistake, correct that statement",
            last.name().replace('_', " ")
        ),
    }))
}

/// When it begins and ends.
fn window(
    draft: &Draft<'_>,
    last: Option<&MaintenanceUpdate>,
    status: MaintenanceStatus,
    mends: bool,
    word: &MaintenanceWord,
) -> Result<(i64, i64), Refusal> {
    let now_ms = draft.now_ms;
    let before = last.map(|u| u.status);
    let begins = status == MaintenanceStatus::InProgress
        && !mends
        && !matches!(
            before,
            Some(MaintenanceStatus::InProgress | MaintenanceStatus::Verifying)
        );
    let ends = status == MaintenanceStatus::Completed
        && !mends
        && before != Some(MaintenanceStatus::Completed);
    let starts_ms = word.starts_ms;
    let starts_ms = starts_ms.or_else(|| match last {
        _ if begins => Some(now_ms),
        last => last.map(|u| u.starts_ms),
    });
    let starts_ms = starts_ms.ok_or_else(|| Refusal::Invalid("say when the work begins".into()))?;
    let ends_ms = word.ends_ms.or_else(|| match last {
        _ if ends => Some(now_ms.max(starts_ms + 1)),
        last => last.map(|u| u.ends_ms),
    });
    let ends_ms =
        ends_ms.ok_or_else(|| Refusal::Invalid("say when the work should be over".into()))?;
    let invalid = |what: &str| Err(Refusal::Invalid(what.to_owned()));
    if begins && ends_ms <= now_ms {
        return invalid("the announced end is past; say when the work should be over");
    }
    if ends_ms <= starts_ms {
        return invalid("the work ends before it begins; give another end");
    }
    if ends_ms.saturating_sub(starts_ms) > LONGEST_MS {
        return invalid("the work lasts longer than 30 days; announce parts of it");
    }
    if starts_ms.saturating_sub(now_ms) > FARTHEST_MS {
        return invalid("the work begins more than two years from now; announce it later");
    }
    let moves = last.is_none_or(|u| u.starts_ms != starts_ms);
    if status == MaintenanceStatus::Scheduled && moves && starts_ms <= now_ms {
        return invalid("the begin is past; give a later one, or say that the work is in progress");
    }
    if begins && starts_ms > now_ms {
        return invalid("the work is in progress but begins in the future; leave the begin out");
    }
    Ok((starts_ms, ends_ms))
}

/// The users' names of what is affected.
fn components(
    draft: &Draft<'_>,
    known: Option<&Announced>,
    services: &[ServiceId],
) -> Result<Vec<String>, Refusal> {
    if let (Some(known), true) = (known, services.is_empty()) {
        return Ok(known.components.clone());
    }
    let mut components: Vec<String> = Vec::new();
    for id in services {
        let service = draft.organisation.services.get(id).ok_or_else(|| {
            Refusal::NotFound(format!("there is no service {id:?} in the configuration"))
        })?;
        let name = service.public_name.as_ref().ok_or_else(|| {
            Refusal::Invalid(format!(
                "{id} has no public_name, so it is not on the status page; give it one or leave it out"
            ))
        })?;
        if !components.contains(name) {
            components.push(name.clone());
        }
    }
    Ok(components)
}

/// The announced time that passed without a word, or will, in milliseconds since the epoch; `None` when nothing is to be
/// expected, or when the reminder was given.
fn due(work: &Announced) -> Option<i64> {
    let last = work.updates.last()?;
    let due_ms = match last.status {
        MaintenanceStatus::Scheduled => last.starts_ms,
        MaintenanceStatus::InProgress | MaintenanceStatus::Verifying => last.ends_ms,
        MaintenanceStatus::Completed | MaintenanceStatus::Cancelled => return None,
    };
    (work.reminded_ms != Some(due_ms)).then_some(due_ms)
}

/// When the next announced time passes, in milliseconds since the epoch.
pub(super) fn next_due_ms(world: &WorldState) -> Option<i64> {
    world.maintenance.values().filter_map(due).min()
}

/// Whoever spoke of the work last, or who answers for everything once they have left.
fn keeper(draft: &Draft<'_>, id: MaintenanceId) -> PersonId {
    let work = draft.world.maintenance.get(&id);
    let last = work.and_then(|w| w.authors.last());
    let known = last.filter(|person| draft.organisation.people.contains_key(*person));
    let owner = &draft.organisation.rules.default_owner;
    known.unwrap_or(owner).clone()
}

/// Reminds of every announced time that passed.
pub(super) fn remind(draft: &mut Draft<'_>) {
    let all = draft.world.maintenance.iter();
    let passed = all.filter_map(|(id, work)| Some((*id, due(work)?)));
    let passed: Vec<_> = passed.filter(|(_, due)| *due <= draft.now_ms).collect();
    for (id, due_ms) in passed {
        draft.emit(MaintenanceReminded { id, due_ms });
        let person = keeper(draft, id);
        let cause = PageCause::MaintenanceDue {
            maintenance: id,
            due_ms,
        };
        draft.page(IncidentId::NONE, &person, cause);
    }
}
