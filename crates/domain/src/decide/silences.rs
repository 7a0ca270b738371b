//! Silences are set, changed and ended (DET-4).

use super::draft::Draft;
use super::{Decision, Refusal};
use crate::command::Command;
use crate::event::{SilenceEnded, SilenceSet};
use crate::silence::{SilenceId, SilenceState, Wanted};

/// Matchers of one silence at most.
const MAX_MATCHERS: usize = 64;

/// Longest text of a silence, in bytes.
const MAX_TEXT: usize = 8 * 1024;

/// Silences that have not ended, at most.
const MAX_SILENCES: usize = 20_000;

pub(super) fn decide(draft: Draft<'_>, command: &Command) -> Result<Decision, Refusal> {
    match command {
        Command::SetSilence {
            id,
            fresh,
            wanted,
            by,
        } => set(draft, *id, *fresh, wanted.clone(), by),
        Command::EndSilence { id, by } => end(draft, *id, by),
        _ => Err(Refusal::Invalid("not about a silence".into())),
    }
}

fn set(
    mut draft: Draft<'_>,
    id: Option<SilenceId>,
    fresh: SilenceId,
    mut wanted: Wanted,
    by: &str,
) -> Result<Decision, Refusal> {
    check(&wanted, draft.now_ms)?;
    let now_ms = draft.now_ms;
    let known = match id {
        Some(id) => {
            let known = draft.world.silences.get(&id).cloned();
            Some(known.ok_or_else(|| Refusal::NotFound(format!("there is no silence {id}")))?)
        }
        None => None,
    };
    let id = match known {
        Some(known) if keeps_history(&known.wanted, &wanted, now_ms) => known.id,
        Some(known) => {
            // What was must stay readable: the old one ends, a new one begins.
            if known.wanted.state(now_ms) != SilenceState::Expired {
                draft.emit(SilenceEnded {
                    id: known.id,
                    by: by.to_owned(),
                });
            }
            fresh
        }
        None => fresh,
    };
    let is_new = id == fresh;
    if is_new && active(&draft) >= MAX_SILENCES {
        return Err(Refusal::Conflict(format!(
            "there are {MAX_SILENCES} silences that have not ended; end some first"
        )));
    }
    // What comes back reads the time of day, and what it counts from, in its start.
    if is_new && wanted.recurrence.is_none() {
        wanted.starts_ms = wanted.starts_ms.max(now_ms);
    }
    draft.emit(SilenceSet {
        id,
        wanted,
        by: by.to_owned(),
    });
    draft.decision.silence = Some(id);
    Ok(draft.decision)
}

fn active(draft: &Draft<'_>) -> usize {
    let silences = draft.world.silences.values();
    silences
        .filter(|s| s.wanted.state(draft.now_ms) != SilenceState::Expired)
        .count()
}

fn check(wanted: &Wanted, now_ms: i64) -> Result<(), Refusal> {
    let invalid = |text: &str| Err(Refusal::Invalid(text.to_owned()));
    if wanted.matchers.is_empty() {
        return invalid("a silence needs at least one matcher");
    }
    if wanted.matchers.len() > MAX_MATCHERS {
        return invalid("a silence has at most 64 matchers");
    }
    if wanted.matchers.iter().all(|m| m.fits_text("")) && !wanted.fits_everything() {
        return invalid("at least one matcher must not match the empty string");
    }
    if wanted.ends_ms < wanted.starts_ms {
        return invalid("the end must not be before the start");
    }
    if wanted.ends_ms < now_ms {
        return invalid("the end is in the past; give one in the future");
    }
    let texts = wanted.comment.len() + wanted.created_by.len();
    let conditions = wanted
        .matchers
        .iter()
        .map(|m| m.name().len() + m.value().len());
    if texts + conditions.sum::<usize>() > MAX_TEXT {
        return invalid("the texts of a silence have at most 8192 bytes in all");
    }
    if wanted.created_by.trim().is_empty() {
        return invalid("say whose silence it is (createdBy)");
    }
    if wanted.comment.trim().is_empty() {
        return invalid("say why (comment)");
    }
    if let Some(recurrence) = &wanted.recurrence {
        recurrence
            .check(wanted.starts_ms)
            .map_err(|e| Refusal::Invalid(e.to_string()))?;
        let next_ms = recurrence.next_start_ms(wanted.starts_ms, now_ms);
        if !wanted.holds(now_ms) && next_ms.is_none_or(|next_ms| next_ms > wanted.ends_ms) {
            return invalid("the recurrence does not come again before the end; give a later end");
        }
    }
    Ok(())
}

/// Whether a change leaves what was silenced so far as it was (silence/silence.go).
fn keeps_history(old: &Wanted, new: &Wanted, now_ms: i64) -> bool {
    if old.matchers != new.matchers || old.recurrence != new.recurrence {
        return false;
    }
    match old.state(now_ms) {
        SilenceState::Active => {
            old.starts_ms / 1000 == new.starts_ms / 1000 && new.ends_ms >= now_ms
        }
        SilenceState::Pending => new.starts_ms >= now_ms,
        SilenceState::Expired => false,
    }
}

fn end(mut draft: Draft<'_>, id: SilenceId, by: &str) -> Result<Decision, Refusal> {
    let Some(known) = draft.world.silences.get(&id) else {
        return Err(Refusal::NotFound(format!("there is no silence {id}")));
    };
    if known.wanted.state(draft.now_ms) != SilenceState::Expired {
        draft.emit(SilenceEnded {
            id,
            by: by.to_owned(),
        });
    }
    draft.decision.silence = Some(id);
    Ok(draft.decision)
}
