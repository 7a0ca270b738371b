//! Silences of the live world, for everything that tells or sets them.

use stentor_domain::silence::{Silence, SilenceId};
use stentor_domain::world::World;

use crate::App;

/// All that are known, ended ones among them.
pub(crate) fn all(app: &App) -> Vec<Silence> {
    app.engine.read(|state| {
        let world = state.world(World::Live);
        let all = world.map(|w| w.silences.values().cloned());
        all.into_iter().flatten().collect()
    })
}

/// The name of a new silence.
pub(crate) fn fresh() -> SilenceId {
    let mut bytes = [0; 16];
    if let Err(error) = getrandom::fill(&mut bytes) {
        unreachable!("the operating system gives random bytes: {error}");
    }
    SilenceId::from_random(bytes)
}

/// A time as RFC 3339 writes it, in milliseconds since the epoch.
///
/// # Errors
/// A sentence that says what is wrong.
pub(crate) fn time(text: &str) -> Result<i64, String> {
    let time: Result<jiff::Timestamp, _> = text.parse();
    time.map(jiff::Timestamp::as_millisecond)
        .map_err(|_| format!("{text:?} is not a time such as 2026-11-21T02:10:00Z"))
}
