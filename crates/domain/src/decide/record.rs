//! Commands that are put on record as they are: notes and judgements, outcomes, configuration, drills, erasure.

use super::draft::Draft;
use super::{Decision, Refusal};
use crate::command::Command;
use crate::event::{
    BundleAccepted, CauseRevised, ClockJumped, DeliveryOutcome, DeliveryRecorded, DrillFinished,
    DrillStarted, Event, InstanceFounded, NoteAdded, PayloadErased, SeverityChanged, WordPushed,
};
use crate::state::State;
use crate::world::World;

/// Longest note, in characters.
const MAX_NOTE: usize = 10_000;

pub(super) fn judge(mut draft: Draft<'_>, command: &Command) -> Result<Decision, Refusal> {
    match command {
        Command::SetSeverity {
            incident,
            severity,
            reason,
            by,
        } => {
            draft.responder(by)?;
            let known = draft.open_incident(*incident)?;
            let (service, before) = (known.service.clone(), known.severity);
            let silent = known.escalation.is_none();
            if before == *severity {
                return Ok(draft.about(*incident));
            }
            draft.emit(SeverityChanged {
                incident: *incident,
                severity: *severity,
                by: Some(by.clone()),
                reason: reason.trim().to_owned(),
            });
            if silent && severity.at_least(draft.organisation.rules.page_at) {
                draft.escalate(*incident, &service, 0, 0);
            }
            Ok(draft.about(*incident))
        }
        Command::SetCause {
            incident,
            cause,
            by,
        } => {
            draft.responder(by)?;
            if draft.incident(*incident)?.cause != *cause {
                let event = CauseRevised {
                    incident: *incident,
                    cause: *cause,
                    by: by.clone(),
                };
                draft.emit(event);
            }
            Ok(draft.about(*incident))
        }
        Command::AddNote { incident, text, by } => {
            draft.responder(by)?;
            draft.incident(*incident)?;
            let text = text.trim();
            if text.is_empty() {
                return Err(Refusal::Invalid("the note is empty".into()));
            }
            if text.chars().count() > MAX_NOTE {
                return Err(Refusal::Invalid(format!(
                    "a note has at most {MAX_NOTE} characters"
                )));
            }
            draft.emit(NoteAdded {
                incident: *incident,
                text: text.to_owned(),
                by: by.clone(),
            });
            Ok(draft.about(*incident))
        }
        _ => Err(Refusal::Invalid("not a judgement".into())),
    }
}

pub(super) fn outcome(mut draft: Draft<'_>, command: &Command) -> Result<Decision, Refusal> {
    match command {
        Command::RecordDelivery {
            page,
            key,
            channel,
            outcome,
        } => {
            // The incident may have been closed while the message was on its way: then there is nothing to tell.
            let Some(known) = draft.world.pages.get(page) else {
                return Ok(draft.decision);
            };
            let repeated = known.delivered_by.contains(channel)
                && matches!(outcome, DeliveryOutcome::Delivered { .. });
            if !repeated {
                let incident = known.incident;
                let (key, channel) = (key.clone(), channel.clone());
                let outcome = outcome.clone();
                draft.emit(DeliveryRecorded {
                    page: *page,
                    incident,
                    key,
                    channel,
                    outcome,
                });
            }
            Ok(draft.decision)
        }
        Command::RecordPush {
            mirror,
            snapshot,
            error,
        } => {
            let (mirror, error) = (mirror.clone(), error.clone());
            draft.emit(WordPushed {
                mirror,
                snapshot: *snapshot,
                error,
            });
            Ok(draft.decision)
        }
        Command::FinishDrill { scorecard } => {
            match &draft.world.drill {
                None => return Err(Refusal::Conflict("this world is not a drill".into())),
                Some(drill) if drill.scorecard.is_some() => return Ok(draft.decision),
                Some(_) => {}
            }
            draft.emit(DrillFinished {
                scorecard: scorecard.clone(),
            });
            Ok(draft.decision)
        }
        Command::RecordClockJump { by_ms } => {
            draft.emit(ClockJumped { by_ms: *by_ms });
            Ok(draft.decision)
        }
        _ => Err(Refusal::Invalid("not an outcome".into())),
    }
}

/// What concerns the node rather than a world; it is journaled in the live world.
pub(super) fn decide_node(
    state: &State,
    world: World,
    command: &Command,
) -> Result<Decision, Refusal> {
    if world.is_drill() {
        return Err(Refusal::NotAllowed(
            "a drill changes neither configuration nor journal".into(),
        ));
    }
    let event: Event = match command {
        Command::Found { key_fingerprint } => match &state.key_fingerprint {
            Some(known) if known == key_fingerprint => return Ok(Decision::default()),
            Some(_) => {
                return Err(Refusal::Conflict(
                        "this database belongs to another instance key; copy keys/instance.key from the node \
                         that founded it"
                            .into(),
                    ));
            }
            None => InstanceFounded {
                key_fingerprint: key_fingerprint.clone(),
            }
            .into(),
        },
        Command::Apply { bundle, by, reason } => {
            let hash = bundle.hash();
            if state.configuration.as_ref().is_some_and(|c| c.hash == hash) {
                return Ok(Decision::default());
            }
            if bundle.organisation().is_err() {
                return Err(Refusal::Invalid(
                    "the configuration has problems; `stentor check` lists them".into(),
                ));
            }
            let (bundle, by, reason) = (bundle.clone(), by.clone(), reason.clone());
            BundleAccepted {
                hash,
                bundle,
                by,
                reason,
            }
            .into()
        }
        Command::Erase { seq, reason, by } => PayloadErased {
            seq: *seq,
            reason: reason.clone(),
            by: by.clone(),
        }
        .into(),
        _ => return Err(Refusal::Invalid("not a command to the node".into())),
    };
    Ok(Decision {
        events: vec![event],
        ..Decision::default()
    })
}

/// A drill begins with its own first entry; nothing of the live world is copied into it but the configuration.
pub(super) fn start_drill(
    state: &State,
    world: World,
    command: &Command,
) -> Result<Decision, Refusal> {
    let Command::StartDrill { scenario, by, pace } = command else {
        return Err(Refusal::Invalid("not the start of a drill".into()));
    };
    let organisation = state.organisation().ok_or_else(|| {
        Refusal::Conflict("no configuration is in force; apply one with `stentor apply`".into())
    })?;
    if !organisation.people.contains_key(by) {
        return Err(Refusal::NotFound(format!(
            "there is no person {by:?} in the configuration"
        )));
    }
    let World::Drill(number) = world else {
        return Err(Refusal::NotAllowed(
            "the live world cannot become a drill".into(),
        ));
    };
    if number != state.last_drill() + 1 {
        return Err(Refusal::Conflict(format!(
            "{world} was started already; try again"
        )));
    }
    let (scenario, by, pace) = (scenario.clone(), by.clone(), (*pace).clamp(1, 1000));
    let event = DrillStarted {
        number,
        scenario,
        by,
        pace,
    };
    Ok(Decision {
        events: vec![event.into()],
        ..Decision::default()
    })
}
