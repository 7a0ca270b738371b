//! By when a heartbeat has to come.

use super::ON_RECORD;
use crate::heartbeat::{Known, Run, Trouble};
use crate::ids::SourceId;
use crate::source::Heartbeat;
use crate::state::{State, WorldState};
use crate::world::World;

/// How well senders are heard.
#[derive(Clone, Copy, Debug)]
pub struct Hearing {
    /// Since when, without a break, in milliseconds since the epoch.
    pub since_ms: i64,
    /// Whether other nodes hear too, of whose memory nothing is known here.
    pub shared: bool,
}

impl Hearing {
    /// Everything was heard, and here.
    const PERFECT: Self = Self {
        since_ms: i64::MIN,
        shared: false,
    };
}

/// When a source counts as not heard, in milliseconds since the epoch; `None` when it does already.
///
/// Our own outage never looks like a missing heartbeat. What was heard before it may have been forgotten when it was
/// not on record, so a quarter of the time between two is added. And when the next word was due while nobody was
/// heard, it may have come in vain: then one whole `every` and `grace` is waited from the end of the outage.
fn deadline_ms(
    world: &WorldState,
    known: &Known,
    heartbeat: &Heartbeat,
    hearing: Hearing,
) -> Option<i64> {
    let missed = known.fires(Trouble::Missed);
    if missed.is_some_and(|alert| world.alerts.contains_key(&alert)) {
        return None;
    }
    let span = heartbeat.every_ms + heartbeat.grace_ms;
    let since = known.waits_since_ms();
    let mut deadline = since + span;
    if since < hearing.since_ms || hearing.shared {
        deadline += heartbeat.every_ms / ON_RECORD;
    }
    let earliest = since + (heartbeat.every_ms - heartbeat.grace_ms).max(0);
    if hearing.since_ms > earliest {
        deadline = deadline.max(hearing.since_ms + span);
    }
    let ends = known.runs.iter().map(|run| {
        // Its end may have been told in vain.
        run.began_ms.max(hearing.since_ms) + span
    });
    Some(ends.fold(deadline, i64::min))
}

/// Whether a run should have ended by now (milliseconds since the epoch).
pub(super) fn is_lost(run: &Run, heartbeat: &Heartbeat, now_ms: i64) -> bool {
    run.began_ms + heartbeat.every_ms + heartbeat.grace_ms <= now_ms
}

/// Whether a source should have been heard by now (milliseconds since the epoch), for all that is known here.
pub(super) fn is_late(
    world: &WorldState,
    known: &Known,
    heartbeat: &Heartbeat,
    now_ms: i64,
) -> bool {
    deadline_ms(world, known, heartbeat, Hearing::PERFECT).is_some_and(|at| at <= now_ms)
}

/// Each source with the time from which it counts as not heard. A source that is no longer declared is due at once:
/// what fires of it has to end.
fn deadlines(
    state: &State,
    world: World,
    hearing: Hearing,
) -> impl Iterator<Item = (&SourceId, i64)> {
    let organisation = state.organisation();
    let world = state.world(world);
    let known = world.into_iter().flat_map(|w| &w.heartbeats);
    known.filter_map(move |(id, known)| {
        let source = organisation?.sources.get(id);
        let at = match source.and_then(|s| s.kind.heartbeat()) {
            Some(heartbeat) => deadline_ms(world?, known, heartbeat, hearing)?,
            None => i64::MIN,
        };
        Some((id, at))
    })
}

/// When the next source counts as not heard, in milliseconds since the epoch; past times are due now.
#[must_use]
pub fn heartbeat_due_ms(state: &State, world: World, hearing: Hearing) -> Option<i64> {
    deadlines(state, world, hearing).map(|(_, at)| at).min()
}

/// The sources that were not heard in time, and those no longer declared, at most `limit` of them (`now_ms`:
/// milliseconds since the epoch).
#[must_use]
pub fn missed_heartbeats(
    state: &State,
    world: World,
    now_ms: i64,
    hearing: Hearing,
    limit: usize,
) -> Vec<SourceId> {
    let missed = deadlines(state, world, hearing).filter(|(_, at)| *at <= now_ms);
    missed.map(|(id, _)| id.clone()).take(limit).collect()
}
