//! Heartbeats: what comes, what does not come in time, and the alerts that say so.

mod told;
mod waiting;

use std::sync::Arc;

pub use waiting::{Hearing, heartbeat_due_ms, missed_heartbeats};

use super::draft::Draft;
use super::{Decision, Refusal, alerts};
use crate::alert::Alert;
use crate::event::{HeartbeatJudged, HeartbeatReceived};
use crate::heartbeat::{Beat, Firing, Known, Signal, Trouble};
use crate::ids::SourceId;
use crate::source::Heartbeat;

/// A success is journaled when the last one on record is older than this part of the time between two.
pub(super) const ON_RECORD: i64 = 4;

/// Takes a word of a source.
pub(super) fn receive(
    mut draft: Draft<'_>,
    source: &SourceId,
    beat: &Beat,
    heard_since_ms: i64,
) -> Result<Decision, Refusal> {
    let organisation = Arc::clone(draft.organisation);
    let declared = organisation.sources.get(source);
    let found = declared.and_then(|s| Some((s, s.kind.heartbeat()?)));
    let (declared, heartbeat) = found.ok_or_else(|| {
        Refusal::NotFound(format!("there is no heartbeat {source:?} in sources.toml"))
    })?;
    if draft.world.drill.is_some() {
        let reason = "a drill hears no heartbeats; they belong to the live world";
        return Err(Refusal::Conflict(reason.into()));
    }
    let now_ms = draft.now_ms;
    let known = draft.world.heartbeats.get(source).cloned();
    let known = known.unwrap_or_default();
    let run = known.run(beat.run.as_deref());
    let beat = Beat {
        duration_ms: beat
            .duration_ms
            .or_else(|| run.map(|run| (now_ms - run.began_ms).max(0)))
            .filter(|_| beat.signal.succeeds() || beat.signal.fails()),
        ..beat.clone()
    };
    let told = told::About {
        organisation: &organisation,
        source: declared,
        heartbeat,
        now_ms,
    };
    let fires: Option<(Trouble, Arc<Alert>)> = if beat.signal.fails() {
        Some((Trouble::Failed, told.failed(&beat)))
    } else if beat.signal.succeeds() {
        let excused = excused(heartbeat, now_ms, heard_since_ms);
        let wrong = told.out_of_range(&beat, excused);
        wrong.map(|alert| (Trouble::OutOfRange, alert))
    } else {
        None
    };
    let ends = beat.signal.succeeds() || beat.signal.fails();
    let firing = match &fires {
        Some((trouble, alert)) => vec![Firing {
            trouble: *trouble,
            alert: alert.fingerprint,
        }],
        None if ends => Vec::new(),
        None => known.firing.clone(),
    };
    let event = HeartbeatReceived {
        source: source.clone(),
        beat,
        firing,
    };
    if !is_new(&known, heartbeat, &event, now_ms) {
        draft.decision.heard = Some(event);
        return Ok(draft.decision);
    }
    let fires: Vec<_> = fires.into_iter().map(|(_, alert)| alert).collect();
    let changed = changed(&draft, &known, &event.firing, fires);
    draft.emit(event);
    alerts::take(&mut draft, &changed);
    Ok(draft.decision)
}

/// Whether the length of a run may be missing because of us: its beginning came when nobody was heard.
fn excused(heartbeat: &Heartbeat, now_ms: i64, heard_since_ms: i64) -> bool {
    let longest = heartbeat.expect_duration_ms.map_or(0, |(_, most)| most);
    now_ms - heard_since_ms < longest
}

/// Whether a word changes what is on record.
fn is_new(known: &Known, heartbeat: &Heartbeat, event: &HeartbeatReceived, now_ms: i64) -> bool {
    let beat = &event.beat;
    match beat.signal {
        Signal::Log => false,
        Signal::Start | Signal::Fail | Signal::Exit(1..) => true,
        Signal::Success | Signal::Exit(0) => {
            let recent =
                |at: i64| now_ms - at < heartbeat.every_ms / ON_RECORD && at >= known.since_ms;
            let well = known.firing.is_empty() && event.firing.is_empty();
            let failed_since = known.failed_ms > known.journaled_ms;
            let ends_run = known.run(beat.run.as_deref()).is_some();
            !well || failed_since || ends_run || !known.journaled_ms.is_some_and(recent)
        }
    }
}

/// Alerts that fire from now on, and those that are over because they do no longer.
fn changed(
    draft: &Draft<'_>,
    known: &Known,
    firing: &[Firing],
    mut fires: Vec<Arc<Alert>>,
) -> Vec<Arc<Alert>> {
    let over = known
        .firing
        .iter()
        .filter(|before| firing.iter().all(|f| f.alert != before.alert))
        .filter_map(|before| draft.world.alerts.get(&before.alert));
    fires.extend(over.map(|open| {
        Arc::new(Alert {
            ends_ms: draft.now_ms,
            ..Alert::clone(&open.alert)
        })
    }));
    fires
}

/// Says of each source that was not heard in time that it was not; ends what fires of those no longer declared.
pub(super) fn judge(mut draft: Draft<'_>, sources: &[SourceId]) -> Decision {
    let organisation = Arc::clone(draft.organisation);
    let now_ms = draft.now_ms;
    let mut all = Vec::new();
    for source in sources {
        let Some(known) = draft.world.heartbeats.get(source).cloned() else {
            continue;
        };
        let declared = organisation.sources.get(source);
        let declared = declared.and_then(|s| Some((s, s.kind.heartbeat()?)));
        let (firing, fires) = match declared {
            None => (Vec::new(), Vec::new()),
            // It may have been heard since the caller looked.
            Some((_, heartbeat)) if !waiting::is_late(&draft.world, &known, heartbeat, now_ms) => {
                continue;
            }
            Some((source, heartbeat)) => {
                let told = told::About {
                    organisation: &organisation,
                    source,
                    heartbeat,
                    now_ms,
                };
                let alert = told.missed(&known);
                let mut firing = known.firing.clone();
                firing.retain(|f| f.trouble != Trouble::Missed);
                firing.push(Firing {
                    trouble: Trouble::Missed,
                    alert: alert.fingerprint,
                });
                (firing, vec![alert])
            }
        };
        all.extend(changed(&draft, &known, &firing, fires));
        let lost = declared.map_or_else(Vec::new, |(_, heartbeat)| {
            let late = known
                .runs
                .iter()
                .filter(|run| waiting::is_lost(run, heartbeat, now_ms));
            late.map(|run| run.id.clone()).collect()
        });
        draft.emit(HeartbeatJudged {
            source: source.clone(),
            firing,
            lost,
            retired: declared.is_none(),
        });
    }
    alerts::take(&mut draft, &all);
    draft.decision
}
