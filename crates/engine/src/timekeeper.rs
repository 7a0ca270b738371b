//! The clock of all worlds: does what is due when it is due, and notices when the wall clock jumps.

use std::time::Duration;

use stentor_domain::command::Command;
use stentor_domain::decide::{
    heartbeat_due_ms, missed_heartbeats, next_due_ms, released_alerts, silent_alerts,
};
use stentor_domain::state::State;
use stentor_domain::world::World;

use crate::engine::Engine;
use crate::shared::Shared;

/// Looks at the alerts' ends this often; deadlines of incidents are met to the millisecond.
const PERIOD: Duration = Duration::from_secs(2);

/// Alerts that expire in one entry at most.
const EXPIRE: usize = 10_000;

/// Heartbeats that are judged in one command at most.
const JUDGE: usize = 1_000;

/// A node that did not look for this long was stopped, and its sources were not heard.
const GAP: Duration = Duration::from_secs(15);

pub(crate) async fn run(engine: Engine) {
    let mut changes = engine.changes();
    let clock = engine.clock().clone();
    let mut last = clock.monotonic();
    let mut looked = Duration::ZERO;
    loop {
        changes.mark_unchanged();
        let monotonic = clock.monotonic();
        if monotonic.saturating_sub(last) > GAP {
            engine.shared.keep_quiet();
        }
        last = monotonic;
        if let Some(by_ms) = engine.shared.clock.compare() {
            tracing::error!(
                by_ms,
                "the wall clock jumped; going on by the monotonic clock"
            );
            tick(&engine, World::Live, Command::RecordClockJump { by_ms }).await;
        }
        // What keeps alerts quiet is looked through now and then, not at every change.
        let look = monotonic.saturating_sub(looked) >= PERIOD;
        if look {
            looked = monotonic;
        }
        let next = meet(&engine, clock.now_ms(), look).await;
        let wait_ms = next.map_or(i64::MAX, |due| (due - clock.now_ms()).max(0));
        let wait = Duration::from_millis(wait_ms.unsigned_abs()).min(PERIOD);
        tokio::select! {
            () = changes.changed() => {}
            () = clock.sleep(wait) => {}
        }
    }
}

/// Does what is due in every world; answers when something is due next.
async fn meet(engine: &Engine, now_ms: i64, look: bool) -> Option<i64> {
    let worlds: Vec<World> = engine.read(|state| state.worlds.keys().copied().collect());
    let mut next = heartbeats(engine, now_ms).await;
    for world in worlds {
        let due = engine.read(|state| next_due_ms(state, world));
        let silent = silent(engine, world, now_ms);
        let released = if look {
            engine.read(|state| released_alerts(state, world, now_ms, EXPIRE))
        } else {
            Vec::new()
        };
        let now = due.is_some_and(|at| at <= now_ms);
        if now || !silent.is_empty() || !released.is_empty() {
            tick(engine, world, Command::Tick { silent, released }).await;
        } else {
            next = [next, due].into_iter().flatten().min();
        }
    }
    next
}

/// Judges what was not heard in time; answers when the next is due.
async fn heartbeats(engine: &Engine, now_ms: i64) -> Option<i64> {
    let hearing = engine.shared.hearing();
    let due = engine.read(|state| heartbeat_due_ms(state, World::Live, hearing));
    if due.is_some_and(|at| at <= now_ms) {
        let missed =
            engine.read(|state| missed_heartbeats(state, World::Live, now_ms, hearing, JUDGE));
        tick(engine, World::Live, Command::JudgeHeartbeats(missed)).await;
        // Everything else waits no longer than for that.
        return Some(now_ms);
    }
    due
}

fn silent(engine: &Engine, world: World, now_ms: i64) -> Vec<stentor_domain::alert::Fingerprint> {
    if engine.shared.is_quiet(world) {
        return Vec::new();
    }
    let grace_ms = engine.shared.alert_grace_ms;
    engine.read(|state| silent_alerts(state, world, now_ms, grace_ms, EXPIRE))
}

/// What was asked for before it became known that nobody could have been heard.
pub(crate) fn look_again(
    shared: &Shared,
    state: &State,
    (world, now_ms): (World, i64),
    command: &mut Command,
) {
    match command {
        Command::Tick { silent, .. } if shared.is_quiet(world) => silent.clear(),
        Command::JudgeHeartbeats(sources) => {
            *sources = missed_heartbeats(state, world, now_ms, shared.hearing(), JUDGE);
        }
        _ => {}
    }
}

async fn tick(engine: &Engine, world: World, command: Command) {
    if let Err(error) = engine.submit(world, command).await {
        tracing::warn!(%world, %error, "what is due could not be recorded; it is tried again");
        engine.clock().sleep(Duration::from_millis(500)).await;
    }
}
