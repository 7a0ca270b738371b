//! A false message circulates in our name: we say so, say more, and say that it is over (WORD-12).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::draft::Draft;
use super::{Decision, Refusal, mend, update};
use crate::announcement::{DenialWord, Reason};
use crate::bulletin::{DenialUpdate, Mends};
use crate::event::DenialSaid;
use crate::ids::{DenialId, PersonId};
use crate::state::Denied;
use crate::template::{Announces, Subject};
use crate::text::one_line;

/// Places where a false message was seen, at most.
const PLACES: usize = 20;

/// Longest description of a place, in characters.
const PLACE_CHARS: usize = 300;

pub(super) fn speak(mut draft: Draft<'_>, word: &DenialWord) -> Result<Decision, Refusal> {
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
    let template = update::template(&draft, &word.text.template, Subject::Denial)?;
    let own = match template.announces {
        Announces::Denial { circulates } => Some(circulates),
        _ => None,
    };
    let kept = said.last().filter(|_| mends.is_some());
    let circulates = word.circulates.or(kept.map(|u| u.circulates)).or(own);
    let circulates = circulates.unwrap_or(true);
    if said.is_empty() && !circulates {
        return Err(Refusal::Conflict(
            "nothing was said about this message yet, so it cannot be over; say first what is false".into(),
        ));
    }
    let seen_at = match (&known, word.seen_at.is_empty()) {
        (Some(known), true) => known.seen_at.clone(),
        _ => places(&word.seen_at)?,
    };
    let organisation = Arc::clone(draft.organisation);
    let given = BTreeMap::from([("organisation".to_owned(), organisation.name.clone())]);
    let text = template
        .render(&word.text.values, &given)
        .map_err(|e| Refusal::Invalid(e.to_string()))?;
    let id = word.id.unwrap_or(draft.world.next_denial());
    let update = DenialUpdate {
        number: mend::next_number(said),
        published_ms: draft.now_ms,
        circulates,
        wording: text.wording,
        translations: text.translations,
        mends,
    };
    draft.emit(DenialSaid {
        id,
        template: Some(template.id),
        seen_at,
        update,
        by: word.by.clone(),
    });
    draft.decision.denial = Some(id);
    Ok(draft.decision)
}

/// Takes a statement back. When none holds any more, nothing is denied.
pub(super) fn withdraw(
    mut draft: Draft<'_>,
    id: DenialId,
    number: u32,
    reason: &Reason,
    by: &PersonId,
) -> Result<Decision, Refusal> {
    mend::may_announce(&draft, by)?;
    let known = find(&draft, id)?.clone();
    let statement = mend::withdraw(&known.updates, number)?;
    let (wording, translations) = mend::words(&draft, statement, reason)?;
    let circulates = mend::left(&known.updates, number).is_some_and(|u| u.circulates);
    let update = DenialUpdate {
        number: mend::next_number(&known.updates),
        published_ms: draft.now_ms,
        circulates,
        wording,
        translations,
        mends: Some(Mends::Withdraws(number)),
    };
    draft.emit(DenialSaid {
        id,
        template: None,
        seen_at: known.seen_at,
        update,
        by: by.clone(),
    });
    draft.decision.denial = Some(id);
    Ok(draft.decision)
}

fn find<'d>(draft: &'d Draft<'_>, id: DenialId) -> Result<&'d Denied, Refusal> {
    draft.world.denials.get(&id).ok_or_else(|| {
        Refusal::NotFound(format!(
            "{id} is not on the page: it was never denied, or that ended more than 90 days ago"
        ))
    })
}

/// Each place on one line; they are shown as text, never as links.
fn places(seen_at: &[String]) -> Result<Vec<String>, Refusal> {
    if seen_at.len() > PLACES {
        return Err(Refusal::Invalid(format!(
            "at most {PLACES} places are named; name the most visible ones"
        )));
    }
    if seen_at.iter().any(|p| p.chars().count() > PLACE_CHARS) {
        return Err(Refusal::Invalid(format!(
            "a place has more than {PLACE_CHARS} characters; describe it shorter"
        )));
    }
    let lines = seen_at
        .iter()
        .map(|place| one_line(place.trim(), PLACE_CHARS));
    Ok(lines.filter(|place| !place.is_empty()).collect())
}
