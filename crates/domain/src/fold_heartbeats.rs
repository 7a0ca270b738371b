//! The fold of what is heard, and not heard, of heartbeats.

use crate::event::{HeartbeatJudged, HeartbeatReceived};
use crate::heartbeat::{Known, MAX_RUNS, Run, Signal};
use crate::state::{State, WorldState};
use crate::world::World;

impl State {
    /// Waits from now on for what the configuration in force declares (`now_ms`: milliseconds since the epoch).
    pub(crate) fn expect_heartbeats(&mut self, now_ms: i64) {
        let Some(organisation) = self.organisation().cloned() else {
            return;
        };
        let declared = organisation.sources.values();
        let mut declared = declared
            .filter_map(|s| Some((&s.id, s.kind.heartbeat()?)))
            .peekable();
        // A world in which nothing happened yet stays unmade as long as nothing is waited for in it.
        if declared.peek().is_none() && !self.worlds.contains_key(&World::Live) {
            return;
        }
        let live = self.worlds.entry(World::Live).or_default();
        // What still fires of a source that is gone has to be ended first; that is decided, not folded.
        live.heartbeats.retain(|id, known| {
            let source = organisation.sources.get(id);
            source.is_some_and(|s| s.kind.heartbeat().is_some()) || !known.firing.is_empty()
        });
        for (id, heartbeat) in declared {
            let known = live.heartbeats.entry(id.clone()).or_default();
            let expected_ms = (heartbeat.every_ms, heartbeat.grace_ms);
            if known.expected_ms != expected_ms {
                known.expected_ms = expected_ms;
                known.since_ms = now_ms;
            }
        }
    }

    /// Notes in memory a heartbeat that told nothing new (`now_ms`: milliseconds since the epoch).
    pub fn hear(&mut self, world: World, now_ms: i64, heard: &HeartbeatReceived) {
        let world = self.worlds.get_mut(&world);
        let Some(known) = world.and_then(|w| w.heartbeats.get_mut(&heard.source)) else {
            return;
        };
        note(known, now_ms, heard);
    }
}

impl WorldState {
    pub(crate) fn fold_beat(&mut self, now_ms: i64, e: &HeartbeatReceived) {
        // An entry is missing when the configuration that declared the source was erased.
        let known = self.heartbeats.entry(e.source.clone()).or_default();
        note(known, now_ms, e);
        if e.beat.signal.succeeds() {
            known.journaled_ms = Some(now_ms);
        }
        known.firing.clone_from(&e.firing);
    }

    pub(crate) fn fold_judged(&mut self, e: &HeartbeatJudged) {
        if e.retired {
            self.heartbeats.remove(&e.source);
            return;
        }
        if let Some(known) = self.heartbeats.get_mut(&e.source) {
            known.runs.retain(|run| !e.lost.contains(&run.id));
            known.firing.clone_from(&e.firing);
        }
    }
}

fn note(known: &mut Known, now_ms: i64, e: &HeartbeatReceived) {
    let beat = &e.beat;
    known.last = Some((now_ms, beat.clone()));
    if beat.signal == Signal::Log {
        return;
    }
    // A run that begins anew has not gone on since it began first.
    known.runs.retain(|run| run.id != beat.run);
    if beat.signal == Signal::Start {
        if known.runs.len() == MAX_RUNS {
            known.runs.remove(0);
        }
        known.runs.push(Run {
            id: beat.run.clone(),
            began_ms: now_ms,
        });
    }
    if beat.signal.succeeds() {
        known.succeeded_ms = Some(now_ms);
    }
    if beat.signal.fails() {
        known.failed_ms = Some(now_ms);
    }
}
