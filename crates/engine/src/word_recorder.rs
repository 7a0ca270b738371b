//! Puts on record what came of pushes, apart from publishing: that must not wait for the database.

use stentor_domain::command::Command;
use stentor_domain::world::World;
use tokio::sync::mpsc;

use crate::engine::Engine;

/// Outcomes that may wait to be recorded. More are made only while the database is away for long, and then the newest
/// say nothing that the oldest do not.
const WAITING: usize = 256;

/// Records outcomes, one after the other.
pub(crate) struct Recorder(mpsc::Sender<Command>);

impl Recorder {
    pub(crate) fn start(engine: Engine, world: World) -> Self {
        let (give, mut take) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            while let Some(command) = take.recv().await {
                if let Err(error) = engine.submit(world, command).await {
                    tracing::warn!(%error, "the outcome of a push was not recorded");
                }
            }
        });
        Self(give)
    }

    pub(crate) fn give(&self, command: Command) {
        if self.0.try_send(command).is_err() {
            tracing::warn!(
                "the outcome of a push was not recorded: too many wait for the database"
            );
        }
    }
}
