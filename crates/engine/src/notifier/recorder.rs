//! Puts on record what was told, many messages in one entry.

use std::sync::Arc;
use std::time::Duration;

use stentor_domain::command::Command;
use stentor_domain::told::Delivered;
use stentor_domain::world::World;
use tokio::sync::mpsc;

use super::lane::Lane;
use crate::engine::Engine;

/// Messages in one entry at most.
const BATCH: usize = 2_000;

/// How long to wait before what was told is handed in again.
const AGAIN: Duration = Duration::from_secs(1);

/// Records what lanes delivered.
#[derive(Clone)]
pub(crate) struct Recorder(mpsc::UnboundedSender<(Arc<Lane>, Delivered)>);

impl Recorder {
    pub(crate) fn start(engine: Engine) -> Self {
        // Bounded by the messages under way: a lane begins no other before one is on record.
        let (give, mut take) = mpsc::unbounded_channel::<(Arc<Lane>, Delivered)>();
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while take.recv_many(&mut batch, BATCH).await > 0 {
                let told: Vec<Delivered> = batch.iter().map(|(_, d)| d.clone()).collect();
                let command = Command::RecordNotifications(told);
                // Until it is on record, these groups count as under way and are not told again by this node.
                while let Err(error) = engine.submit(World::Live, command.clone()).await {
                    tracing::warn!(%error, "what receivers were told is not on record yet");
                    engine.clock().sleep(AGAIN).await;
                }
                for (lane, delivered) in batch.drain(..) {
                    lane.recorded(delivered.group);
                }
            }
        });
        Self(give)
    }

    pub(crate) fn give(&self, lane: Arc<Lane>, delivered: Delivered) {
        // The other end lives as long as the node.
        let _ = self.0.send((lane, delivered));
    }
}
